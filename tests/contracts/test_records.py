"""Which stores keep what `IRecordStore` promises."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.logger import formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.interfaces import IRecordStore, Record
from chatproto.rooms.unrecorded import Unrecorded
from chatproto.stores.history import SqlHistory
from chatproto.stores.queue import GATHERED
from chatproto.stores.records import SqlRecords
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object

ROOM: Record = {
    "name": "#Tea",
    "ranks": {"ada": 8},
    "bans": [["a!*@*", "bob", 1.5]],
    "topic": "☕ \0 \ud800",
    "key": None,
}


class RecordStoreContract(_Case):
    """Mix this into a case that makes the store of a server that starts, on what the one before it has kept."""

    kind: type[Any]

    def start(self) -> IRecordStore:
        """A server starts."""
        raise NotImplementedError

    def keep(self, store: IRecordStore, kind: str, key: str, record: Callable[[], Record | None]) -> None:
        """Have it kept, and wait until it is."""
        store.keep(kind, key, record)
        self.wait(store)

    def wait(self, store: IRecordStore) -> None:
        """Until all is stored."""
        self.assertIsNone(store.stored())

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IRecordStore, self.kind)
        verifyObject(IRecordStore, self.start())

    def test_empty(self) -> None:
        """At first there is nothing, and nothing to wait for."""
        store = self.start()
        self.assertEqual((list(store.all("room")), store.stored()), ([], None))


class UnrecordedTests(RecordStoreContract, SynchronousTestCase):
    """Where nothing lasts."""

    kind = Unrecorded

    def start(self) -> IRecordStore:
        """A server starts."""
        return Unrecorded()

    def test_nothing_is_kept(self) -> None:
        """What is kept is not looked at, and is gone."""
        self.keep(self.start(), "room", "#tea", lambda: self.fail("nobody needs it"))
        self.assertEqual(list(self.start().all("room")), [])


class SqlRecordsContract(RecordStoreContract):
    """Records in a database; for one kind of them each."""

    kind = SqlRecords

    def url(self) -> str:
        """Where the database is."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with an empty database."""
        self.loop = Loop()
        self.database = opened(self, self.url(), self.loop)

    def start(self) -> SqlRecords:
        """A server starts."""
        self.history = SqlHistory(self.database, self.loop)
        return SqlRecords(self.database, self.history)

    def wait(self, store: IRecordStore) -> None:
        """Until all is stored."""
        stored = store.stored()
        assert stored is not None
        self.assertTrue(self.loop.result(stored))
        self.assertIsNone(store.stored())

    def test_kept(self) -> None:
        """What was kept is there when the next server starts, by its kind, and not before."""
        first = self.start()
        self.keep(first, "room", "#tea", lambda: ROOM)
        self.keep(first, "room", "#cake", dict)
        self.keep(first, "presence", "#tea", lambda: {"n": 1})
        self.assertEqual(list(first.all("room")), [])
        second = self.start()
        self.assertEqual(list(second.all("room")), [("#cake", {}), ("#tea", ROOM)])
        self.assertEqual(list(second.all("presence")), [("#tea", {"n": 1})])
        self.assertEqual(list(second.all("other")), [])

    def test_changed(self) -> None:
        """The latest counts; what is no more is gone; that of something that never was is nothing."""
        first = self.start()
        self.keep(first, "room", "#tea", lambda: {"n": 1})
        self.keep(first, "room", "#cake", lambda: {"n": 2})
        self.keep(first, "room", "#tea", lambda: {"n": 3})
        self.keep(first, "room", "#cake", lambda: None)
        self.keep(first, "room", "#never", lambda: None)
        self.assertEqual(list(self.start().all("room")), [("#tea", {"n": 3})])
        self.keep(self.start(), "room", "#cake", lambda: {"n": 4})
        self.assertEqual(list(self.start().all("room")), [("#cake", {"n": 4}), ("#tea", {"n": 3})])

    def test_asked_late_and_once(self) -> None:
        """A record is asked for when it is about to be stored, once for many changes, and the latest way to ask."""
        store, asked, now = self.start(), list[str](), {"n": 0}

        def record(name: str) -> Record:
            asked.append(name)
            return now

        for number in range(5):
            store.keep("room", "#tea", partial(record, f"tea {number}"))
        store.keep("room", "#cake", partial(record, "cake"))
        now["n"] = 7
        self.assertEqual(asked, [])
        self.loop.advance(GATHERED)
        self.assertEqual(asked, ["tea 4", "cake"])
        now["n"] = 8  # It was copied when it was asked for.
        self.wait_for(store)
        self.assertEqual(list(self.start().all("room")), [("#cake", {"n": 7}), ("#tea", {"n": 7})])

    def wait_for(self, store: SqlRecords) -> None:
        """Until what is under way is stored."""
        self.loop.until(lambda: store.stored() is None)

    def test_with_the_history(self) -> None:
        """It is written together with what happened to streams in the same turn, and closing the history writes it."""
        store = self.start()
        store.keep("room", "#tea", lambda: {"stream": "#tea 5"})
        self.history.rename("#tea", "#tea 5")
        self.loop.result(self.history.close())
        self.assertEqual(list(self.start().all("room")), [("#tea", {"stream": "#tea 5"})])

    def test_no_record(self) -> None:
        """What raises, or is no JSON, is a bug that is logged with its kind and key; the others are stored."""
        store = self.start()
        told: list[str | None] = []
        observer: Any = lambda event: told.append(formatEvent(event))  # noqa: E731
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        store.keep("room", "#raises", lambda: {"n": 1 // 0})
        store.keep("room", "#set", lambda: {"n": {1, 2}})
        self.keep(store, "room", "#tea", lambda: {"n": 1})
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError, TypeError)), 2)
        self.assertEqual(told, [f"a bug in the record of room {key}" for key in ("#raises", "#set")])
        self.assertEqual(list(self.start().all("room")), [("#tea", {"n": 1})])


class SqliteRecordsTests(SqlRecordsContract, SynchronousTestCase):
    """Records in a SQLite file."""

    def url(self) -> str:
        """A file of this test."""
        return sqlite(self)


class PostgresqlRecordsTests(SqlRecordsContract, SynchronousTestCase):
    """Records in a PostgreSQL database."""

    def url(self) -> str:
        """That of all tests."""
        return postgresql()
