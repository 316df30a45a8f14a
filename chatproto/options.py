"""The command line of `twistd chat`."""

from __future__ import annotations

import sys
from dataclasses import Field
from pathlib import Path
from typing import Any, ClassVar

from twisted.cred.credentials import IUsernamePassword
from twisted.cred.strcred import AuthOptionMixin
from twisted.python import usage

from chatproto.admin.accounts import AccountsCommands
from chatproto.admin.command import WithVersion, carry_out, command_given, words_of
from chatproto.admin.passwords import new_password
from chatproto.admin.store import StoreCommands
from chatproto.config import BadSetting, Settings, all_settings, load
from chatproto.passwords import hashed
from chatproto.setting import declared


def _doc(each: Field[Any]) -> str:
    shown = ", ".join(each.default) if isinstance(each.default, tuple) else each.default
    return declared(each).meaning + (f" [default: {shown}]" if shown not in (None, "") else "")


_MANY = {each.name: each for _, each, _ in all_settings() if each.name in {"listen", "auth"}}
"""Those whose flags can be given many times, for there may be commas in them."""
_FIELDS = [each for _, each, _ in all_settings() if each.name not in _MANY]


def _flag(each: Field[Any]) -> str:
    return each.name.replace("_", "-")


class Options(AuthOptionMixin, WithVersion):
    """The command line of `twistd chat`: a flag for each setting, --config for a file that holds them, and commands
    that are done in the place of starting the server.

    Whatever is wrong ends the program with one sentence and status 1; twistd itself would print its help and exit 0.
    """

    supportedInterfaces = (IUsernamePassword,)  # noqa: N815
    longdesc = (
        "A chat server that every line-speaking program can join: nc, telnet, openssl s_client, IRC clients. "
        "Connect to it, give a name, and talk; /help lists the commands. "
        "Every option can stand in a file (see --config and etc/chat.toml), and a flag wins over the file. "
        "A command, behind the options, is done in the place of starting the server; COMMAND --help tells of it."
    )
    subCommands: ClassVar[list[tuple[str, None, type[WithVersion], str]]] = [  # noqa: N815
        ("accounts", None, AccountsCommands, "Make and change accounts."),
        ("store", None, StoreCommands, "Check, upgrade, export and import what is kept."),
    ]
    optParameters: ClassVar[list[list[str | None]]] = [  # noqa: N815
        ["config", "c", None, "A TOML file with settings; etc/chat.toml shows all of them."],
        *([_flag(each), None, None, _doc(each)] for each in _FIELDS),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.many: dict[str, list[str]] = {}
        self.settings = Settings()

    @property
    def synopsis(self) -> str:
        """What can stand behind `chat`."""
        return "[options]" if self.subCommand else "[options] [COMMAND]"

    def opt_listen(self, description: str) -> None:  # noqa: D102  # The docstring comes from the setting.
        self.many.setdefault("listen", []).append(description)

    opt_listen.__doc__ = _doc(_MANY["listen"])

    def opt_auth(self, description: str) -> None:  # noqa: D102
        self.many.setdefault("auth", []).append(description)

    opt_auth.__doc__ = _doc(_MANY["auth"])

    def opt_help_auth(self) -> None:
        """List what --auth can name, and exit."""
        self.authOutput = sys.stdout
        super().opt_help_auth()

    def opt_help_auth_type(self, kind: str) -> None:
        """Explain one of these, and exit."""
        self.authOutput = sys.stdout
        super().opt_help_auth_type(kind)

    def opt_hash_password(self) -> None:
        """Ask for a password, or read a line of the standard input, print what [operators] needs of it, and exit."""
        try:
            print(hashed(new_password()))  # noqa: T201
        except ValueError as error:
            sys.exit(f"twistd chat: {error}.")
        except (EOFError, KeyboardInterrupt):
            sys.exit("\ntwistd chat: no password was given.")  # After what it asked.
        sys.exit(0)

    def parseOptions(self, options: Any = None) -> None:
        """Parse, and check the settings against each other and the file. Where there is a command, do it and exit."""
        try:
            super().parseOptions(options)
            self.settings = load(Path(self["config"]) if self["config"] else None, self._flags())
        except usage.UsageError as error:
            sys.exit(f"twistd chat: {str(error).rstrip('.')}; see twistd chat{words_of(self)} --help")
        except BadSetting as error:
            sys.exit(f"twistd chat: {error}")
        if (command := command_given(self)) is not None:
            carry_out(command, self.settings)

    def _flags(self) -> dict[str, str | tuple[str, ...]]:
        flags: dict[str, str | tuple[str, ...]] = {
            each.name: self[_flag(each)] for each in _FIELDS if self[_flag(each)] is not None
        }
        return {**flags, **{name: tuple(given) for name, given in self.many.items()}}
