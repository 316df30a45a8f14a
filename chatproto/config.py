"""`chat.toml` and the command line, as frozen settings. Every error is one sentence: where, which key, what is allowed.

The settings are declared beside what they govern (see `setting.py`); here they are only read. A flag of the command
line has the name of its key, with dashes, and wins over the file.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from chatproto.rooms.limits import RoomLimits
from chatproto.setting import declared, setting
from chatproto.transports.limits import LinkLimits

DEFAULT_PORT = 7000


class BadSetting(Exception):
    """A setting that cannot be used; `str(error)` is one sentence that says where it stands and what is allowed."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the server is."""

    greeting: str = setting("Welcome to chat.", "What everyone reads first; may have several lines.")
    state_dir: str = setting(
        "", "Directory for what lasts. Empty: $STATE_DIRECTORY, which systemd sets, else the user's own."
    )


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """Where connections come from."""

    port: int | None = setting(
        None,
        f"TCP port, for IPv6 and IPv4; 0 lets the system choose. {DEFAULT_PORT} if no listener is given at all.",
        least=0,
        most=65_535,
    )
    tls_port: int | None = setting(None, "The same with TLS 1.2 and later.", least=0, most=65_535)
    cert: str = setting(
        "", "Certificate chain for tls_port, a PEM file. Empty: a self-signed one is made once, in state_dir."
    )
    key: str = setting("", "Key of that certificate, a PEM file. Empty: it stands in the file of the certificate.")
    listen: tuple[str, ...] = setting(
        (), "Twisted endpoint to listen on as well, such as unix:/run/chat.sock; may be given many times."
    )

    def __post_init__(self) -> None:
        if (self.cert or self.key) and self.tls_port is None:
            raise ValueError("cert and key are for tls_port, which is not set")
        if self.key and not self.cert:
            raise ValueError("key needs the cert that it is the key of")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, a field per section of `chat.toml`."""

    server: ServerSettings = field(default_factory=ServerSettings)
    listen: ListenSettings = field(default_factory=ListenSettings)
    rooms: RoomLimits = field(default_factory=RoomLimits)
    connections: LinkLimits = field(default_factory=LinkLimits)


SECTIONS: Mapping[str, type[Any]] = {
    "server": ServerSettings,
    "listen": ListenSettings,
    "rooms": RoomLimits,
    "connections": LinkLimits,
}


def all_settings() -> Iterator[tuple[str, dataclasses.Field[Any], Any]]:
    """Every setting as (section, field, type), in the order of documentation."""
    for section, kind in SECTIONS.items():
        hints = get_type_hints(kind)
        for each in dataclasses.fields(kind):
            yield section, each, hints[each.name]


def load(file: Path | None, flags: Mapping[str, str | tuple[str, ...]]) -> Settings:
    """The settings of `file`, if one is given, with `flags` (by key) over them. Blocks to read the file.
    Raises `BadSetting`."""
    tables = _read(file) if file else {}
    chosen: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    origin = {section: {str(file)} if tables.get(section) else set() for section in SECTIONS}
    for section, each, kind in all_settings():
        if each.name in tables.get(section, {}):
            value = tables[section][each.name]
            chosen[section][each.name] = _checked(f"{file}: [{section}] {each.name}", each, kind, value)
        if each.name in flags:
            flag = f"--{each.name.replace('_', '-')}"
            chosen[section][each.name] = _checked(flag, each, kind, _from_text(flags[each.name], kind))
            origin[section].add("the command line")
    return Settings(**{section: _made(section, origin[section], chosen[section]) for section in SECTIONS})


def state_dir(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path:
    """Where what lasts is kept. The directory need not exist."""
    chosen = settings.server.state_dir or environment.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(chosen) if chosen else platformdirs.user_state_path("chatproto")


def _made(section: str, origin: set[str], values: dict[str, Any]) -> Any:
    try:
        return SECTIONS[section](**values)
    except ValueError as error:  # Two settings that are allowed, but not together.
        raise BadSetting(f"{' and '.join(sorted(origin))}: [{section}] {error}.") from None


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"{file}: cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:  # Broken TOML or UTF-8; thousands of digits or brackets.
        raise BadSetting(f"{file}: is not TOML: {error}.") from None
    for section, table in tables.items():
        if section not in SECTIONS:
            raise BadSetting(f"{file}: [{section}] is no section{_hint(section, SECTIONS)}.")
        if not isinstance(table, dict):
            raise BadSetting(f"{file}: {section} = {table!r}: must be a section, begun by a line [{section}].")
        known = [each.name for each in dataclasses.fields(SECTIONS[section])]
        for key in table:
            if key not in known:
                raise BadSetting(f"{file}: [{section}] {key} is no setting{_hint(key, known)}.")
    return tables


def _hint(wrong: str, known: Any) -> str:
    close = difflib.get_close_matches(wrong, known, 1)
    return f"; did you mean {close[0]}" if close else f"; there are: {', '.join(known)}"


def _from_text(text: str | tuple[str, ...], kind: Any) -> Any:
    """What a flag says, as the type that its setting has; the text itself where it is none."""
    if isinstance(text, tuple):
        return list(text)
    try:
        if kind == tuple[str, ...]:
            return [each for each in text.split(",") if each]
        return float(text) if kind is float else text if kind is str else int(text)
    except ValueError:
        return text


def _checked(where: str, each: dataclasses.Field[Any], kind: Any, value: Any) -> Any:
    """`value` if the setting can have it; the sentence that says what it can have if not."""
    limits = declared(each)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        with suppress(OverflowError):  # Then it is refused as it is.
            value = float(value)
    if kind is str or kind == tuple[str, ...]:
        texts = value if kind is not str else [value]
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise BadSetting(f"{where} = {value!r}: must be {'a text' if kind is str else 'a list of texts'}.")
        return value if kind is str else tuple(value)
    wanted = float if kind is float else int
    low, high = limits.least, limits.most
    if not isinstance(value, wanted) or isinstance(value, bool) or not low <= value <= high:  # type: ignore[operator]
        noun = "a number" if wanted is float else "a whole number"
        raise BadSetting(f"{where} = {value!r}: must be {noun} from {low} to {high}.")
    return value
