"""The command line of `twistd chat`."""

from __future__ import annotations

import getpass
import sys
from dataclasses import Field
from pathlib import Path
from typing import Any, ClassVar

from twisted.python import usage

from chatproto import __version__
from chatproto.config import BadSetting, Settings, all_settings, load
from chatproto.passwords import hashed
from chatproto.setting import declared


def _doc(each: Field[Any]) -> str:
    shown = ", ".join(each.default) if isinstance(each.default, tuple) else each.default
    return declared(each).meaning + (f" [default: {shown}]" if shown not in (None, "") else "")


_FIELDS = [each for _, each, _ in all_settings() if each.name != "listen"]
_LISTEN = next(each for _, each, _ in all_settings() if each.name == "listen")


def _flag(each: Field[Any]) -> str:
    return each.name.replace("_", "-")


class Options(usage.Options):
    """The command line of `twistd chat`: a flag for each setting, and --config for a file that holds them.

    Whatever is wrong ends the program with one sentence and status 1; twistd itself would print its help and exit 0.
    """

    synopsis = "[options]"
    longdesc = (
        "A chat server that every line-speaking program can join: nc, telnet, openssl s_client, IRC clients. "
        "Connect to it, give a name, and talk; /help lists the commands. "
        "Every option can stand in a file (see --config and etc/chat.toml), and a flag wins over the file."
    )
    optParameters: ClassVar[list[list[str | None]]] = [  # noqa: N815
        ["config", "c", None, "A TOML file with settings; etc/chat.toml shows all of them."],
        *([_flag(each), None, None, _doc(each)] for each in _FIELDS),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listen: list[str] = []
        self.settings = Settings()

    def opt_listen(self, description: str) -> None:  # noqa: D102  # The docstring comes from the setting.
        self.listen.append(description)

    opt_listen.__doc__ = _doc(_LISTEN)

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatproto {__version__}")  # noqa: T201
        sys.exit(0)

    def opt_hash_password(self) -> None:
        """Ask for a password, or read a line of the standard input, print what [operators] needs of it, and exit."""
        try:
            print(hashed(_new_password()))  # noqa: T201
        except ValueError as error:
            sys.exit(f"twistd chat: {error}.")
        except (EOFError, KeyboardInterrupt):
            sys.exit("\ntwistd chat: no password was given.")  # After what it asked.
        sys.exit(0)

    def parseOptions(self, options: Any = None) -> None:
        """Parse, and check the settings against each other and the file."""
        try:
            super().parseOptions(options)
            self.settings = load(Path(self["config"]) if self["config"] else None, self._flags())
        except usage.UsageError as error:
            sys.exit(f"twistd chat: {str(error).rstrip('.')}; see twistd chat --help")
        except BadSetting as error:
            sys.exit(f"twistd chat: {error}")

    def _flags(self) -> dict[str, str | tuple[str, ...]]:
        flags: dict[str, str | tuple[str, ...]] = {
            each.name: self[_flag(each)] for each in _FIELDS if self[_flag(each)] is not None
        }
        if self.listen:
            flags["listen"] = tuple(self.listen)
        return flags


def _new_password() -> str:
    """From whoever sits at the terminal, unseen and twice; or from a program. Raises `ValueError`, or `EOFError`."""
    if not sys.stdin.isatty():
        try:
            return sys.stdin.buffer.readline().rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            raise ValueError("a password is text in UTF-8") from None
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise ValueError("these were two different passwords")
    return password
