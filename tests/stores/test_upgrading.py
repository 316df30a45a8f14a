"""Stores of older versions are brought up to date, with all that is in them."""

from __future__ import annotations

import contextlib
import gzip
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, text
from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.events import Said, Stamp, Whispered, Who
from chatproto.interfaces import Search
from chatproto.stores.accounts import SqlAccounts
from chatproto.stores.database import Database
from chatproto.stores.history import SqlHistory
from chatproto.stores.markers import SqlMarkers
from chatproto.stores.records import SqlRecords
from chatproto.stores.versions import scripts
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop

FILES = Path(__file__).parent / "files"
"""What programs of each version have written; never changed."""

ADA = Who("ada", "al", "example.org", "Ada")
RECORD = ("#hall", {"name": "#Hall", "founder": "ada"})


def file_of(version: str) -> bytes:
    """The SQLite file of that version."""
    return gzip.decompress((FILES / f"{version}.sqlite.gz").read_bytes())


class _Upgraded(SynchronousTestCase):
    """What every store has that was made by one of these versions."""

    def setUp(self) -> None:
        """Threads are waited for."""
        self.loop = Loop()

    def close(self, database: Database) -> None:
        """Wait for its threads."""
        self.loop.result(database.close())

    def check(self, url: str, version: str) -> None:
        """Open it twice: all is there, and more can come."""
        for time in range(2):
            database = Database(url, self.loop)
            database.open()
            self.addCleanup(self.close, database)
            history = SqlHistory(database, self.loop)
            self.check_history(history, time)
            self.check_accounts(database)
            if version > "0001":
                self.check_what_lasts(database, history)
            self.loop.result(history.close())
            self.close(database)

    def check_history(self, history: SqlHistory, time: int) -> None:
        """Lines, words, and who talks with whom."""
        kept = self.loop.result(history.read("#hall", 10))
        self.assertEqual([said.text for said, _ in kept][:2], ["hello", "how are you?"])
        self.assertEqual(kept[0], (Said("#Hall", ADA, "hello"), Stamp(5, 1 + 1, 1790000001.0)))
        self.assertEqual(len(self.loop.result(history.read("#hall", 10, every=True))), 3 + time)
        (found,) = self.loop.result(history.search(Search(["#hall", "ada bob"], "psst"), 5))
        self.assertEqual((found.stream, type(found.event)), ("ada bob", Whispered))
        talks = [self.loop.result(history.talks(each)) for each in ("ada", "bob", "#hall")]
        self.assertEqual(talks, [["bob"], ["ada", "eve"][: time + 1], []])
        own, _ = self.loop.result(history.of_account("Ada", 0.0, 10))
        self.assertEqual([line.event.text for line in own], ["hello", "how are you?", "psst"])
        history.append("#hall", Said("#Hall", Who("bob"), f"new {time}"), Stamp(9, time + 1, 1790000100.0 + time))
        history.append("bob eve", Whispered(Who("bob"), "eve", "hi"), Stamp(8, time + 1, 1790000100.0 + time))
        self.assertEqual(len(self.loop.result(history.search(Search(["#hall"], "new"), 5))), time + 1)
        self.assertEqual(self.loop.result(history.talks("bob")), ["ada", "eve"])

    def check_accounts(self, database: Database) -> None:
        """Who may log in."""
        ada = Account("Ada", "ada", 1790000000.0, 1790000000.0, certificates=("00ff",), settings={"a": "b"})
        self.assertEqual(self.loop.result(SqlAccounts(database).find("ada")), ada)

    def check_what_lasts(self, database: Database, history: SqlHistory) -> None:
        """Records and markers."""
        self.assertEqual(list(SqlRecords(database, history).all("room")), [RECORD])
        markers = SqlMarkers(history, self.loop)
        waiting = markers.ready("ada")
        assert waiting is not None
        self.loop.result(waiting)
        self.assertEqual(markers.find("ada", "#hall"), 1790000001.0)


class SqliteUpgradeTests(_Upgraded):
    """SQLite files."""

    def test_every_version(self) -> None:
        """Each version is here, and each file that one has written opens with all that is in it."""
        files = [file.name.partition(".")[0] for file in sorted(FILES.glob("*.sqlite.gz"))]
        self.assertEqual(files, ["0001", "0002"])
        for version in files:
            url = sqlite(self)
            Path(url.removeprefix("sqlite:///")).write_bytes(file_of(version))
            self.check(url, version)


class PostgresqlUpgradeTests(_Upgraded):
    """PostgreSQL databases that hold what is in these files."""

    def test_every_version(self) -> None:
        """The tables as each version made them, filled, open with all that is in them."""
        opened(self, postgresql(), self.loop)
        for version in ("0001", "0002"):
            database = Database(postgresql(), self.loop)
            self.addCleanup(self.close, database)
            file = Path(sqlite(self).removeprefix("sqlite:///"))
            file.write_bytes(file_of(version))
            self.loop.result(database.write(partial(_make, version=version, path=file)))
            self.loop.result(database.close())
            self.check(postgresql(), version)


def _make(connection: Connection, version: str, path: Path) -> None:
    """Have the tables of that version, and nothing in them but what its file has."""
    connection.execute(text("DROP SCHEMA public CASCADE"))
    connection.execute(text("CREATE SCHEMA public"))
    settings = scripts()
    settings.attributes["connection"] = connection
    command.upgrade(settings, version)
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.row_factory = sqlite3.Row
        for name in ("streams", "lines", "accounts", "certificates", "records", "markers"):
            if file.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
                _copy(connection, name, [dict(row) for row in file.execute(f"SELECT * FROM {name}")])
    for name in ("streams", "lines"):
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 100)"))


def _copy(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    table = Table(name, MetaData(), autoload_with=connection)
    made = {column.name for column in table.c if column.computed is not None}
    columns = [column for column in rows[0] if column not in made]
    values = ", ".join(f"CAST(:{each} AS {table.c[each].type})" for each in columns)
    names = ", ".join(f'"{each}"' for each in columns)
    connection.execute(text(f"INSERT INTO {name} ({names}) VALUES ({values})"), rows)


del _Upgraded
