"""A command: how it is given, and how it ends."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from typing import Any, ClassVar, NoReturn

from twisted.python import usage

from chatproto import __version__
from chatproto.config import Settings
from chatproto.errors import ChatError
from chatproto.stores.database import StoreFailed, StoreRefused


class Refused(Exception):
    """What was asked for is not done; `str(error)` is one sentence."""


class Enough(Exception):
    """Nobody reads any more what is printed."""


class WithVersion(usage.Options):
    """Options that know which program they belong to."""

    def opt_version(self) -> None:
        """Print the version and exit."""
        print(f"chatproto {__version__}")  # noqa: T201
        sys.exit(0)

    def getSynopsis(self) -> str:
        """Without two blanks for what is empty."""
        return " ".join(super().getSynopsis().split())


class Command(WithVersion, ABC):
    """One command: what stands behind its word is taken by `parseArgs`."""

    synopsis = ""
    longdesc = ""

    @abstractmethod
    def run(self, settings: Settings) -> bool:
        """Do it, and tell whether all is well. Blocks. Raises what `carry_out` has a sentence for."""


class Commands(WithVersion):
    """Several commands, of which one has to be given."""

    longdesc = ""
    subCommands: ClassVar[list[tuple[str, None, type[Command], str]]]  # noqa: N815

    @property
    def synopsis(self) -> str:
        """What can stand behind its word."""
        return "" if self.subCommand else "COMMAND"

    def parseArgs(self, *words: str) -> None:  # noqa: D102  # There is no command, or Twisted would not ask.
        raise usage.UsageError(f"say which of these: {', '.join(each for each, *_ in self.subCommands)}")


def carry_out(command: Command, settings: Settings) -> NoReturn:
    """Run it, and exit: with status 0, or with status 1 and, where something was refused, one sentence."""
    try:
        sound = command.run(settings)
        sys.stdout.flush()
    except (Enough, BrokenPipeError):  # As `head` does. It is flushed once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit("\ntwistd chat: interrupted.")
    except StoreFailed as failed:
        sys.exit(f"twistd chat: the store fails: {failed}.")
    except (ChatError, Refused, StoreRefused) as refused:
        sys.exit(f"twistd chat: {refused}")
    sys.exit(0 if sound else 1)


def command_given(options: usage.Options) -> Command | None:
    """The command that a command line ends with, if it has one."""
    found: Any = options
    while getattr(found, "subCommand", None) is not None:
        found = found.subOptions
    return found if isinstance(found, Command) else None


def words_of(options: usage.Options) -> str:
    """What was typed of commands, after the program's own name; with a blank before each."""
    words = ""
    found: Any = options
    while getattr(found, "subCommand", None) is not None:
        words += f" {found.subCommand}"
        found = getattr(found, "subOptions", None)
    return words


def tell(text: str) -> None:
    """A line of what was asked for. Raises `Enough`."""
    try:
        print(text.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding))  # noqa: T201
    except BrokenPipeError:  # In a transaction it would seem to be the database's.
        raise Enough from None
