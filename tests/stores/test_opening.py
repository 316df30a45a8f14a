"""Opening a database: what is made, brought up to date, or refused."""

from __future__ import annotations

import sqlite3
import stat
import threading
from functools import partial
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, select, text
from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores.database import Database, StoreRefused
from chatproto.stores.schema import metadata, streams
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop


def refusal(case: SynchronousTestCase, url: str) -> str:
    """Why that store cannot be opened."""
    refused = case.assertRaises(StoreRefused, lambda: Database(url, Loop()).open())
    return str(refused)


def add(connection: Connection, key: str = "#a") -> str:
    """Add a row. Tells on which thread."""
    connection.execute(streams.insert().values(key=key))
    return threading.current_thread().name


class UrlTests(SynchronousTestCase):
    """Which stores there are."""

    def test_no_store(self) -> None:
        """What is no store's URL is refused with a sentence that says what one looks like, and shows no password."""
        ports = ("postgresql://ada:secret@db:first/chat", "postgresql://ada:secret@[::1/chat")
        odd = (
            "postgresql://\udcff:secret@db/chat",
            "postgresql://ada:secret@\udcff/chat",
            "postgresql://db/\0",
            *ports,
        )
        for url in ("", "chat.sqlite", "sqlite://", "sqlite:///:memory:", "mysql://ada:secret@db/chat", *ports, *odd):
            told = refusal(self, url)
            self.assertTrue(told.endswith(" is no store: sqlite:///PATH or postgresql://HOST/NAME is one."), told)
            self.assertNotIn("secret", told)

    def test_shown(self) -> None:
        """A store is shown as its file's name, or as its URL without the password."""
        self.assertEqual(str(Database("sqlite:////var/lib/chat.sqlite", Loop())), "/var/lib/chat.sqlite")
        shown = str(Database("postgresql://ada:secret@db/chat", Loop()))
        self.assertEqual(shown, "postgresql://ada:***@db/chat")


class SqliteFileTests(SynchronousTestCase):
    """A SQLite file is made, or opened, or refused."""

    def setUp(self) -> None:
        """A place for a file."""
        self.url = sqlite(self)
        self.path = Path(self.url.removeprefix("sqlite:///"))

    def test_made(self) -> None:
        """A new file is only for its owner, gives deleted pages back, and is written ahead."""
        Database(self.url, Loop()).open()
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        file = sqlite3.connect(self.path)
        self.addCleanup(file.close)
        settings = [file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("auto_vacuum", "journal_mode")]
        self.assertEqual(settings, [2, "wal"])

    def test_opened_again(self) -> None:
        """What is in a file stays when it is opened again."""
        loop = Loop()
        for count in range(3):
            database = Database(self.url, loop)
            database.open()
            found = loop.result(database.read(lambda connection: connection.execute(select(streams.c.key)).all()))
            self.assertEqual(len(found), count)
            key = f"#{count}"
            loop.result(database.write(partial(add, key=key)))
            loop.result(database.close())

    def test_not_sqlite(self) -> None:
        """A file of something else is refused, and stays as it is."""
        self.path.write_bytes(b"something else, and long enough to be taken for a header" * 100)
        self.assertEqual(refusal(self, self.url), f"{self.path} cannot be opened: file is not a database.")
        self.assertIn(b"something else", self.path.read_bytes())

    def test_another_program(self) -> None:
        """A SQLite file of another program is refused, and stays as it is."""
        with sqlite3.connect(self.path) as file:
            file.execute("CREATE TABLE lines (id INTEGER)")
        file.close()
        self.assertEqual(refusal(self, self.url), f"{self.path} is a SQLite file of another program.")
        self.assertEqual(inspect(create_engine(self.url)).get_table_names(), ["lines"])

    def test_newer(self) -> None:
        """A file of a newer program is refused with one sentence."""
        Database(self.url, Loop()).open()
        with sqlite3.connect(self.path) as file:
            file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.close()
        told = f"{self.path} was written by a newer version of this program (its tables are of 9999)."
        self.assertEqual(refusal(self, self.url), told)

    def test_no_directory(self) -> None:
        """A file in a directory that is not there is refused."""
        self.assertEqual(
            refusal(self, f"sqlite:///{self.path.parent}/not/there.sqlite"),
            f"{self.path.parent}/not/there.sqlite cannot be opened: [Errno 2] No such file or directory:"
            f" '{self.path.parent}/not/there.sqlite'.",
        )

    def test_cut(self) -> None:
        """A file of which a part is missing is refused or opened; it does not end in a traceback."""
        Database(self.url, Loop()).open()
        whole = self.path.read_bytes()
        for size in (10, 100, 5000, 40_000):
            self.path.write_bytes(whole[:size])
            self.assertIn(str(self.path), refusal(self, self.url))

    def test_locked(self) -> None:
        """A file that another process keeps locked is refused, after some seconds."""
        Database(self.url, Loop()).open()
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        self.assertEqual(
            refusal(self, self.url + "?timeout=0.05"), f"{self.path} cannot be opened: database is locked."
        )


class _Tables(SynchronousTestCase):
    def check(self, connection: Connection) -> None:
        """What the migrations make is what the program uses."""

        def ours(found: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
            return not str(name).startswith(("words", "lines_words", "streams_")) and name not in {"one", "other"}

        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        differences = [each for each in compare_metadata(context, metadata) if "words" not in str(each)]
        self.assertEqual(differences, [])


class SqliteTablesTests(_Tables):
    """The tables in a SQLite file."""

    def test_migrated(self) -> None:
        """They are those of `schema`."""
        loop = Loop()
        loop.result(opened(self, sqlite(self), loop).write(self.check))


class PostgresqlTablesTests(_Tables):
    """The tables in PostgreSQL."""

    def test_migrated(self) -> None:
        """They are those of `schema`."""
        loop = Loop()
        loop.result(opened(self, postgresql(), loop).write(self.check))

    def test_another_program(self) -> None:
        """A database that another program uses is refused."""
        loop = Loop()
        database = opened(self, postgresql(), loop)
        loop.result(database.write(lambda c: c.execute(text("ALTER TABLE alembic_version RENAME TO other"))))
        self.addCleanup(
            lambda: loop.result(
                database.write(lambda c: c.execute(text("ALTER TABLE other RENAME TO alembic_version")))
            )
        )
        self.assertIn("holds tables of another program.", refusal(self, postgresql()))

    def test_gone(self) -> None:
        """A database that does not answer is refused."""
        told = refusal(self, "postgresql://ada:secret@127.0.0.1:1/chat")
        self.assertIn("postgresql://ada:***@127.0.0.1:1/chat cannot be opened: connection", told)
        self.assertNotIn("\n", told)
