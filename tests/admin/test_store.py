"""`twistd chat store …`."""

from __future__ import annotations

import gzip
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from chatproto.stores import writing
from chatproto.stores.direct import directly
from chatproto.stores.versions import newest
from tests.admin.commanding import Commanding, spoken

OLDER = Path(__file__).parent.parent / "stores" / "files" / "0001.sqlite.gz"


def more_lines(connection: Connection) -> None:
    """So many that they have pages of their own."""
    writing.append(connection, [spoken(number) for number in range(1000)])


class CheckTests(Commanding):
    """`store check`."""

    def setUp(self) -> None:
        """A store with something in it."""
        super().setUp()
        self.file = self.directory / "chat.sqlite"
        self.database = self.opened()
        self.fill(self.database)

    def checked(self) -> list[str]:
        """What it tells of a sound one."""
        return list(self.done("store", "check"))

    def test_sound(self) -> None:
        """It tells what there is, and that all is well."""
        size = f"{self.file.stat().st_size / 1e6:,.1f} MB"
        self.assertEqual(
            self.checked(),
            [
                f"store: {self.file}, {size}",
                f"version: {newest()}",
                "pages and indexes: sound",
                "references: sound",
                "index of words: sound",
                "keys and hashes: sound",
                "accounts: 2",
                "records of rooms and people: 2",
                "markers of what was read: 1",
                "lines: 5 in 2 streams, 3 of them said",
            ],
        )

    def test_in_use(self) -> None:
        """While a server runs, it looks at all that does not keep that one waiting."""
        self.database.claim()
        self.assertIn("index of words: not looked at, for a server runs", self.checked())

    def bad(self, statement: str) -> list[str]:
        """What it tells, with status 1, when that was done to the file."""
        directly(self.database.close())
        with closing(sqlite3.connect(self.file)) as file:
            for each in statement.split(";"):
                file.execute(each)
            file.commit()
        ended = self.run_command("store", "check")
        self.assertEqual(ended.status, 1)
        return [line for line in ended.lines if "BAD" in line]

    def test_words(self) -> None:
        """An index of words that lacks some."""
        [told] = self.bad("INSERT INTO words (words, rowid, text, stream) VALUES ('delete', 2, 'grün 🐴', 's1')")
        self.assertTrue(told.startswith("index of words: BAD: "), told)

    def test_references(self) -> None:
        """A certificate of nobody."""
        told = self.bad("PRAGMA foreign_keys = OFF; DELETE FROM accounts WHERE key = 'bob'")
        self.assertEqual(len(told), 2)
        self.assertIn("of certificates belongs to one of accounts that is not there", told[0])

    def test_accounts(self) -> None:
        """An account that nobody could log in to."""
        told = self.bad("UPDATE accounts SET name = 'Eve', password = 'plain' WHERE key = 'ada'")
        self.assertEqual(
            told,
            ["keys and hashes: BAD: Eve has the key ada", "keys and hashes: BAD: Eve has no hash of a password"],
        )

    def test_pages(self) -> None:
        """An index that lacks a row."""
        told = self.bad(
            "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'lines_spoken'; "
            "PRAGMA writable_schema = OFF"
        )
        self.assertTrue(told, told)
        self.assertTrue(told[0].startswith("pages and indexes: BAD: "), told)

    def test_overwritten(self) -> None:
        """Where a part of the file is overwritten, all the rest is looked at all the same."""
        directly(self.database.write(more_lines))
        directly(self.database.close())
        with closing(sqlite3.connect(self.file)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            number = "SELECT rootpage FROM sqlite_master WHERE name = ?"
            roots = [file.execute(number, (name,)).fetchone()[0] for name in ("lines_spoken", "accounts")]
            [size] = file.execute("PRAGMA page_size").fetchone()
        with self.file.open("r+b") as pages:
            for root in roots:
                pages.seek((root - 1) * size)
                pages.write(b"x" * 1000)
        ended = self.run_command("store", "check")
        self.assertEqual(ended.status, 1)
        malformed = "BAD: database disk image is malformed"
        for line in (f"keys and hashes: {malformed}", "references: ", "index of words: ", "what there is cannot be"):
            self.assertIn(line, "\n".join(ended.lines))

    def test_read_only(self) -> None:
        """Where nobody may write beside the file, SQLite cannot read it: a sentence says what to do."""
        directly(self.database.close())
        self.directory.chmod(0o500)
        self.addCleanup(self.directory.chmod, 0o700)
        if os.geteuid() == 0:  # Root may write everywhere.
            for each in (self.directory, *self.directory.iterdir()):
                os.chown(each, 65534, 65534)
            os.seteuid(65534)
            self.addCleanup(os.seteuid, 0)
        for words in (("store", "check"), ("store", "export", "-"), ("accounts", "list")):
            self.assertIn(f"SQLite makes files in {self.directory} also to read", self.refused(*words))


class UpgradeTests(Commanding):
    """`store upgrade`."""

    def test_older(self) -> None:
        """An older store is refused by other commands but `check`, and upgraded by this one; again changes nothing."""
        file = self.directory / "chat.sqlite"
        file.write_bytes(gzip.decompress(OLDER.read_bytes()))
        self.assertIn("twistd chat store upgrade brings it up to date", self.refused("accounts", "list"))
        self.assertIn("version: 0001; ", "\n".join(self.done("store", "check")))
        self.assertEqual(self.done("store", "upgrade"), [f"{file} is brought from version 0001 to {newest()}."])
        self.assertEqual(self.done("store", "upgrade"), [f"{file} is up to date: its version is {newest()}."])
        self.assertIn(f"version: {newest()}", self.done("store", "check"))

    def test_newer(self) -> None:
        """A newer one is refused by all."""
        directly(
            self.opened().write(
                lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = 'zzz'"))
            )
        )
        for words in (("store", "check"), ("store", "upgrade"), ("store", "export", "-"), ("accounts", "list")):
            self.assertIn("was written by a newer version of this program", self.refused(*words))

    def test_in_use(self) -> None:
        """While a server runs, nothing is upgraded."""
        self.opened().claim()
        self.assertIn("is in use", self.refused("store", "upgrade"))
