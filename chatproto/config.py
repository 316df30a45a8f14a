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

from chatproto.accounts.settings import AccountSettings
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.passwords import is_hash
from chatproto.rooms.limits import RoomLimits
from chatproto.setting import declared, setting
from chatproto.stores.settings import StoreSettings
from chatproto.transports.limits import LinkLimits
from chatproto.transports.listeners import ListenSettings


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
class Settings:
    """All settings, a field per section of `chat.toml`."""

    server: ServerSettings = field(default_factory=ServerSettings)
    listen: ListenSettings = field(default_factory=ListenSettings)
    rooms: RoomLimits = field(default_factory=RoomLimits)
    connections: LinkLimits = field(default_factory=LinkLimits)
    irc: IrcSettings = field(default_factory=IrcSettings)
    accounts: AccountSettings = field(default_factory=AccountSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    operators: Mapping[str, str] = field(default_factory=dict)
    """Names and the argon2 hashes of their passwords. It stands in the file only."""


SECTIONS: Mapping[str, type[Any]] = {
    "server": ServerSettings,
    "listen": ListenSettings,
    "rooms": RoomLimits,
    "connections": LinkLimits,
    "irc": IrcSettings,
    "accounts": AccountSettings,
    "store": StoreSettings,
}

OPERATORS = "operators"
"""The one section whose keys are not ours: the names of people."""


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
    made = {section: _made(section, origin[section], chosen[section]) for section in SECTIONS}
    settings = Settings(**made, operators=tables.get(OPERATORS, {}))
    _check_tls(settings, origin)
    return settings


def _check_tls(settings: Settings, origin: Mapping[str, set[str]]) -> None:
    """What is asked for by other sections than `listen`, and nobody could have."""
    listen, policy = settings.listen, settings.irc.sts_seconds
    if policy and not listen.takes_tls():
        raise BadSetting(f"{_places(origin['irc'])}: [irc] sts_seconds is for TLS, which no listener takes.")
    in_vain = bool(policy or listen.cert) and not listen.takes_tls(beside_plain=False)
    if not settings.connections.sniff_seconds and (in_vain or listen.names_tls_beside_plain()):
        where = _places(origin["listen"] | origin["connections"])
        raise BadSetting(
            f"{where}: [connections] sniff_seconds = 0 leaves TLS no time: it needs a listener without plain lines."
        )


def _places(origin: set[str]) -> str:
    return " and ".join(sorted(origin))


def state_dir(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path:
    """Where what lasts is kept. The directory need not exist."""
    chosen = settings.server.state_dir or environment.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(chosen) if chosen else platformdirs.user_state_path("chatproto")


def _made(section: str, origin: set[str], values: dict[str, Any]) -> Any:
    try:
        return SECTIONS[section](**values)
    except ValueError as error:  # Two settings that are allowed, but not together.
        raise BadSetting(f"{_places(origin)}: [{section}] {error}.") from None


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"{file}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadSetting(f"{file}: is not UTF-8.") from None
    except (ValueError, RecursionError) as error:  # Broken TOML; thousands of digits or brackets.
        raise BadSetting(f"{file}: is not TOML: {error}.") from None
    for section, table in tables.items():
        _check_section(file, section, table)
        if section == OPERATORS:
            _check_operators(file, table)
        else:
            _check_keys(file, section, table)
    return tables


def _check_section(file: Path, section: str, table: object) -> None:
    known = section in SECTIONS or section == OPERATORS
    home = _home(section)
    if not known and home and not isinstance(table, dict):
        raise BadSetting(f"{file}: {section} stands in no section: it belongs into [{home}].")
    if not known:
        raise BadSetting(f"{file}: [{section}] is no section{_hint(section, [*SECTIONS, OPERATORS], '[{}]')}")
    if not isinstance(table, dict):
        raise BadSetting(f"{file}: {section} = {table!r}: must be a section, begun by a line [{section}].")


def _check_keys(file: Path, section: str, table: dict[str, Any]) -> None:
    known = [each.name for each in dataclasses.fields(SECTIONS[section])]
    for key in table:
        home = _home(key)
        if key not in known and home:
            raise BadSetting(f"{file}: {key} stands in [{section}]: it belongs into [{home}].")
        if key not in known:
            raise BadSetting(f"{file}: [{section}] {key} is no setting{_hint(key, known)}")


def _home(key: str) -> str | None:
    """The section that a setting belongs into; None if there is no such setting."""
    return next((section for section, each, _ in all_settings() if each.name == key), None)


def _check_operators(file: Path, table: dict[str, Any]) -> None:
    for name, value in table.items():
        if len(name.split()) != 1 or name.startswith(":") or name != name.strip():  # OPER could not give it.
            raise BadSetting(f"{file}: [{OPERATORS}] {name!r}: must be one word, and not begin with a colon.")
        if not isinstance(value, str) or not is_hash(value):  # It may be a password: the sentence does not repeat it.
            raise BadSetting(f"{file}: [{OPERATORS}] {name}: must be what twistd chat --hash-password prints.")


def _hint(wrong: str, known: Any, form: str = "{}") -> str:
    close = difflib.get_close_matches(wrong, known, 1)
    return (
        f"; did you mean {form.format(close[0])}?" if close else f"; there are: {', '.join(map(form.format, known))}."
    )


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
        if limits.choices and not set(texts) <= set(limits.choices):
            allowed = f"{'one' if kind is str else 'some'} of {', '.join(limits.choices)}"
            raise BadSetting(f"{where} = {value!r}: must be {allowed}.")
        return value if kind is str else tuple(value)
    wanted = float if kind is float else int
    low, high = limits.least, limits.most
    if not isinstance(value, wanted) or isinstance(value, bool) or not low <= value <= high:  # type: ignore[operator]
        noun = "a number" if wanted is float else "a whole number"
        raise BadSetting(f"{where} = {value!r}: must be {noun} from {low} to {high}.")
    return value
