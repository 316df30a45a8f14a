"""`twistd chat … COMMAND`, run to its end in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from sqlalchemy import Connection

from chatproto.account import Account
from chatproto.events import Joined, Said, Stamp, Whispered, Who
from chatproto.stores import writing
from chatproto.stores.accounts import SqlAccounts
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.schema import markers, records
from tests.command_line import CommandLine

CHEAP = ("--hash-passes", "1", "--hash-memory", "8", "--hash-lanes", "1", "--scram-iterations", "4096")
PASSWORD = "correct horse"

ADA, BOB = Who("Ada", "ada", "h.example", "Ada"), Who("bob", "bob", "h.example", "bob")
LINES = [
    ("#garden", Joined("#garden", ADA), Stamp(5, 1, 1000.5)),
    ("#garden", Said("#garden", ADA, "grün 🐴"), Stamp(5, 2, 1001.25)),
    ("#garden", Said("#garden", BOB, "spam"), Stamp(5, 3, 1002.0)),
    ("#garden", Said("#garden", BOB, "with tags", tags=(("+a", "\0"), ("+b", ""))), Stamp(5, 4, 1003.0)),
    ("ada bob", Whispered(ADA, "bob", "hush"), Stamp(6, 1, 1004.1)),
    ("#dropped", Said("#dropped", BOB, "gone"), Stamp(7, 1, 1005.0)),
]


class Ended(NamedTuple):
    """How a command ended, and what it told."""

    status: object
    """0, 1, or the sentence that means 1."""
    lines: Sequence[str]
    errors: str

    @property
    def refusal(self) -> str:
        """The sentence, without what stands before each."""
        assert isinstance(self.status, str), self
        return self.status.removeprefix("twistd chat: ")


class Commanding(CommandLine):
    """A state directory with nothing in it."""

    def run_command(self, *words: str, typed: bytes = b"", options: Sequence[str] = ()) -> Ended:
        """Run `twistd chat` with these words behind the options; what is not typed comes from a file."""
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        out, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            chosen = ("--state-dir", str(self.directory), *CHEAP, *options)
            error = self.assertRaises(SystemExit, self.options, *chosen, *words)
        out.seek(0)
        return Ended(error.code, out.read().splitlines(), errors.getvalue())

    def done(self, *words: str, typed: bytes = b"", options: Sequence[str] = ()) -> Sequence[str]:
        """The lines of one that must end well."""
        ended = self.run_command(*words, typed=typed, options=options)
        self.assertEqual(ended.status, 0, ended)
        return ended.lines

    def refused(self, *words: str, typed: bytes = b"", options: Sequence[str] = ()) -> str:
        """The sentence of one that is refused."""
        return self.run_command(*words, typed=typed, options=options).refusal

    def make(self, *names: str) -> None:
        """Make accounts."""
        for name in names:
            self.done("accounts", "add", name, typed=PASSWORD.encode())

    @property
    def url(self) -> str:
        """The store in the state directory."""
        return f"sqlite:///{self.directory}/chat.sqlite"

    def opened(self, url: str = "") -> DirectDatabase:
        """The store, until the end of the test."""
        database = DirectDatabase(url or self.url)
        database.open()
        self.addCleanup(lambda: directly(database.close()))
        return database

    def account(self, key: str, url: str = "") -> Account | None:
        """What the store has under that key."""
        return directly(SqlAccounts(self.opened(url)).find(key))

    def fill(self, database: DirectDatabase) -> None:
        """A little of all that a store holds."""
        directly(database.write(filled))
        directly(SqlAccounts(database).add(Account("Ada", "ada", 1.5, 2.5, settings={"a": "ö"})))
        certified = Account("bob", "bob", certificates=("11" * 32, "22" * 32), suspended="spam")
        directly(SqlAccounts(database).add(certified))


def filled(connection: Connection) -> None:
    """Lines, one of them taken back and one dropped; records; markers."""
    writing.append(connection, LINES)
    writing.redact(connection, "#garden", LINES[2][2].id)
    writing.drop(connection, "#dropped")
    connection.execute(records.insert().values(kind="room", key="#garden", record={"founder": "ada", "n": [1.5]}))
    connection.execute(records.insert().values(kind="presence", key="ada", record={"away": "🐴"}))
    connection.execute(markers.insert().values(reader="ada", buffer="#garden", time=1002.5))


def spoken(number: int) -> writing.Line:
    """A line in a room of its own time and place."""
    return "#x", Said("#x", Who("ada"), "words"), Stamp(1, number, float(number))
