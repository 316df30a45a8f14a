"""Commands about a whole store."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar

from chatproto.admin.checking import check
from chatproto.admin.command import Command, Commands, Refused, tell
from chatproto.admin.export import read_export, write_export
from chatproto.admin.opened import opened, version_of
from chatproto.admin.progress import Progress
from chatproto.config import Settings
from chatproto.stores.versions import newest

STANDARD = "-"
"""In the place of a file: the standard output, or input."""


class CheckCommand(Command):
    """`store check`."""

    longdesc = (
        "Tells what the store is and what it holds, and looks whether it is sound, which takes minutes where it is "
        "large. Exits with status 1 if it is not. While a server runs on it, one thing cannot be looked at."
    )

    def run(self, settings: Settings) -> bool:
        """See `Command.run`."""
        with opened(settings, every_version=True) as database:
            return check(database)


class UpgradeCommand(Command):
    """`store upgrade`."""

    longdesc = "Brings a store that an older version of this program wrote up to date, as the server does at its start."

    def run(self, settings: Settings) -> bool:
        """See `Command.run`."""
        with opened(settings, writes=True, every_version=True) as database:
            before = version_of(database)
            if before == newest():
                tell(f"{database} is up to date: its version is {before}.")
                return True
            database.open()
            tell(f"{database} is brought from version {before} to {version_of(database)}.")
        return True


class WithFile(Command):
    """A command about a file beside the store."""

    synopsis = "FILE"

    def __init__(self) -> None:
        super().__init__()
        self.file = ""

    def parseArgs(self, file: str) -> None:  # type: ignore[override]
        """The file's name."""
        self.file = file


class ExportCommand(WithFile):
    """`store export`."""

    longdesc = (
        "Writes all that the store holds to a file, as lines of JSON: accounts with the hashes of their passwords, "
        "what rooms and people are, how far somebody has read, and what was said. FILE may be -, the standard output. "
        "A server may run meanwhile; what comes after the beginning is not in the file."
    )

    def run(self, settings: Settings) -> bool:
        """See `Command.run`."""
        progress = Progress("entries")
        with opened(settings) as database, _written(self.file) as out:
            count = write_export(database, out, progress)
        progress.end()
        _report(f"{database} is exported:", count)
        return True


class ImportCommand(WithFile):
    """`store import`."""

    longdesc = (
        "Takes what `store export` wrote into a store, which is made if there is none: so one comes from SQLite to "
        "PostgreSQL, or back. FILE may be -, the standard input. What is in the store already stays, and is not there "
        "twice; to do it again does no harm. Take it into a store that is empty, or of the same people: to who has an "
        "account there belongs what another of that name said and read."
    )

    def run(self, settings: Settings) -> bool:
        """See `Command.run`."""
        progress = Progress("entries")
        with _read(self.file) as file, opened(settings, makes=True, writes=True) as database:
            taken = read_export(database, file, self.file, progress)
        progress.end()
        _report(f"{self.file} is imported into {database}:", taken.read)
        _report("of which were new:", taken.new)
        return True


class StoreCommands(Commands):
    """`twistd chat store`."""

    longdesc = "Looks after the store that --store names, or the settings, or else the one in the state directory."
    subCommands: ClassVar[list[tuple[str, None, type[Command], str]]] = [  # noqa: N815
        ("check", None, CheckCommand, "Look whether it is sound."),
        ("upgrade", None, UpgradeCommand, "Bring an older one up to date."),
        ("export", None, ExportCommand, "Write all that it holds to a file."),
        ("import", None, ImportCommand, "Take such a file into it."),
    ]


def _report(what: str, count: Mapping[str, int]) -> None:
    """On the standard error: the result is the file."""
    numbers = ", ".join(f"{number:,} {kind}{'' if number == 1 else 's'}" for kind, number in count.items())
    sys.stderr.write(f"{what} {numbers or 'nothing'}\n")


@contextmanager
def _written(name: str) -> Iterator[BinaryIO]:
    """The file, for its owner alone; it has its name when all is in it."""
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        if Path(name).exists() and not Path(name).is_file():  # A pipe, a device.
            with Path(name).open("wb") as out:
                yield out
        else:
            with _replacing(Path(name), Path(f"{name}.part")) as out:
                yield out
    except OSError as error:
        raise Refused(f"{name} cannot be written: {error.strerror}.") from None


@contextmanager
def _replacing(file: Path, half: Path) -> Iterator[BinaryIO]:
    half.unlink(missing_ok=True)
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123
            yield out
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def _read(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115
    except OSError as error:
        raise Refused(f"{name} cannot be read: {error.strerror}.") from None
    with file:
        yield file
