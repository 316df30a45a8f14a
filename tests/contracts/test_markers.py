"""Which stores keep what `IMarkerStore` promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.errors import Unavailable
from chatproto.interfaces import IMarkerStore
from chatproto.stores import markers as kept
from chatproto.stores.history import SqlHistory
from chatproto.stores.markers import WAIT, MemoryMarkers, SqlMarkers
from chatproto.stores.schema import markers
from tests.stores.databases import empty, opened, postgresql, sqlite
from tests.stores.loop import Loop

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


class MarkerStoreContract(_Case):
    """Mix this into a case that makes stores of three markers for three readers each."""

    kind: type[Any]

    def make(self) -> IMarkerStore:
        """The store of a server that starts."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with none."""
        self.store = self.make()

    def ready(self, *readers: str) -> None:
        """Wait for those readers' markers."""
        for reader in readers:
            self.assertIsNone(self.store.ready(reader))

    def found(self, reader: str, *buffers: str) -> list[float | None]:
        """How far that reader has read these."""
        self.ready(reader)
        return [self.store.find(reader, each) for each in buffers]

    def move(self, reader: str, buffer: str, time: float) -> None:
        """It has read that."""
        self.ready(reader)
        self.store.move(reader, buffer, time)

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IMarkerStore, self.kind)
        verifyObject(IMarkerStore, self.store)

    def test_forward_only(self) -> None:
        """Each reader has its own, and they never go back."""
        self.assertEqual(self.found("ada", "#a"), [None])
        for time in (5.0, 7.0, 6.0):
            self.move("ada", "#a", time)
        self.move("bob", "#a", 1.0)
        self.assertEqual((self.found("ada", "#a", "#b"), self.found("bob", "#a")), ([7.0, None], [1.0]))

    def test_forget(self) -> None:
        """Who is forgotten has read nothing, and others have. It may begin anew."""
        for reader in ("ada", "bob"):
            self.move(reader, "#a", 7.0)
        self.store.forget("ada")
        self.store.forget("nobody")
        self.assertEqual((self.found("ada", "#a"), self.found("bob", "#a")), ([None], [7.0]))
        self.move("ada", "#a", 1.0)
        self.assertEqual(self.found("ada", "#a"), [1.0])

    def test_bound_of_markers(self) -> None:
        """As many as the bound are kept; of more, the one is forgotten that was moved longest ago."""
        for time, buffer in enumerate(("#a", "#b", "#a", "#c")):
            self.move("ada", buffer, float(time))
        self.assertEqual(self.found("ada", "#a", "#b", "#c"), [2.0, 1.0, 3.0])
        self.move("ada", "#d", 4.0)
        self.assertEqual(self.found("ada", "#a", "#b", "#c", "#d"), [2.0, None, 3.0, 4.0])


class MemoryMarkersTests(MarkerStoreContract, SynchronousTestCase):
    """In memory."""

    kind = MemoryMarkers

    def make(self) -> IMarkerStore:
        """The store of a server that starts."""
        return MemoryMarkers(3, 3)

    def test_bound_of_readers(self) -> None:
        """Of too many readers the one is forgotten that has moved one longest ago."""
        for reader in ("ada", "bob", "eve", "ada"):
            self.move(reader, "#a", 1.0)
        self.assertEqual(self.found("bob", "#a"), [1.0])
        self.move("tim", "#a", 1.0)
        self.assertEqual([self.found(each, "#a")[0] for each in ("ada", "bob", "eve", "tim")], [1.0, None, 1.0, 1.0])


class SqlMarkersContract(MarkerStoreContract):
    """In a database; for one kind of them each."""

    kind = SqlMarkers

    def url(self) -> str:
        """Where the database is."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with an empty database."""
        self.loop = Loop()
        self.database = opened(self, self.url(), self.loop)
        super().setUp()

    def make(self) -> SqlMarkers:
        """The store of a server that starts."""
        self.history = SqlHistory(self.database, self.loop)
        self.markers = SqlMarkers(self.history, self.loop, 3, 3)
        return self.markers

    def ready(self, *readers: str) -> None:
        """Wait for those readers' markers."""
        for reader in readers:
            waiting = self.store.ready(reader)
            if waiting is not None:
                self.loop.result(waiting)
            self.assertIsNone(self.store.ready(reader))

    def restart(self) -> None:
        """The server ends as it should, and starts again."""
        self.markers.flush()
        self.loop.result(self.history.close())
        self.store = self.make()

    def rows(self) -> int:
        """How many the database has."""
        count = select(func.count()).select_from(markers)
        found: int = self.loop.result(self.database.read(lambda connection: connection.execute(count).scalar()))
        return found

    def test_restart(self) -> None:
        """They are there when the server starts again, and do not go back even then."""
        self.move("ada", "#a", 7.0)
        self.move("ada", "bob", 5.0)
        self.restart()
        self.assertIsNone(self.store.find("ada", "#a"))
        self.assertEqual(self.found("ada", "#a", "bob"), [7.0, 5.0])
        self.move("ada", "#a", 6.0)
        self.restart()
        self.assertEqual(self.found("ada", "#a", "bob"), [7.0, 5.0])
        self.restart()
        self.store.move("ada", "#a", 3.0)  # Before they are fetched.
        self.restart()
        self.assertEqual(self.found("ada", "#a"), [7.0])

    def test_forgotten_in_the_database(self) -> None:
        """It is forgotten there, too, whether or not it was stored by then."""
        for reader in ("ada", "bob"):
            self.move(reader, "#a", 7.0)
        self.restart()
        self.move("ada", "#b", 7.0)
        self.store.forget("ada")
        self.move("ada", "#c", 1.0)
        self.restart()
        self.assertEqual((self.found("ada", "#a", "#b", "#c"), self.found("bob", "#a")), ([None, None, 1.0], [7.0]))

    def test_bound_in_the_database(self) -> None:
        """As many of a reader are kept there as in memory: those that were read up to the latest times."""
        for count, rows in ((2, 2), (3, 3), (4, 3)):
            for number in range(count):
                self.move("ada", f"#{number}", float(number))
            self.move("bob", "#a", 1.0)
            self.restart()
            self.assertEqual(self.rows(), rows + 1)
        self.assertEqual(self.found("ada", "#0", "#1", "#2", "#3"), [None, 1.0, 2.0, 3.0])
        for name in "defghi":
            self.store.move("tim", name, 9.0)
        self.restart()
        self.assertEqual((self.rows(), self.found("tim", "f", "g", "h", "i")), (7, [None, 9.0, 9.0, 9.0]))

    def test_readers_that_were_forgotten(self) -> None:
        """Of too many readers one is forgotten in memory only; its markers are fetched when they are needed again."""
        for time, reader in enumerate(("ada", "bob", "eve", "tim")):
            self.move(reader, "#a", float(time))
        self.assertIsNone(self.store.find("ada", "#a"))
        self.loop.advance(WAIT)
        self.assertEqual([self.found(each, "#a")[0] for each in ("ada", "bob", "eve", "tim")], [0.0, 1.0, 2.0, 3.0])

    def test_moved_while_they_come(self) -> None:
        """What is moved before its reader's markers are here, or while they come, counts."""
        self.move("ada", "#a", 5.0)
        self.move("ada", "#b", 5.0)
        self.restart()
        self.store.move("ada", "#a", 6.0)
        ended = self.fetching("ada")
        self.store.move("ada", "#c", 7.0)
        self.loop.until(ended)
        self.assertEqual(self.found("ada", "#a", "#b", "#c"), [6.0, 5.0, 7.0])

    def fetching(self, reader: str) -> Callable[[], bool]:
        """Have its markers fetched; tells whether they are here."""
        waiting = self.store.ready(reader)
        assert waiting is not None
        return self.loop.start(waiting)

    def test_forgotten_while_they_come(self) -> None:
        """Who is forgotten then has read nothing but what was moved since; others have what they had."""
        for reader in ("ada", "bob"):
            self.move(reader, "#a", 7.0)
        self.restart()
        self.store.move("ada", "#b", 7.0)
        ended = [self.fetching(reader) for reader in ("ada", "bob")]
        self.store.forget("ada")
        self.store.move("ada", "#c", 1.0)
        ended.append(self.fetching("ada"))
        self.loop.until(lambda: all(each() for each in ended))
        self.assertEqual([self.store.find("ada", each) for each in ("#a", "#b", "#c")], [None, None, 1.0])
        self.assertEqual(self.store.find("bob", "#a"), 7.0)

    def test_too_many_others_while_they_come(self) -> None:
        """What is moved then counts also where too many others come meanwhile; and they are here after that."""
        for time, buffer in enumerate(("#a", "#b", "#c")):
            self.move("ada", buffer, float(time))
        self.restart()
        ended = self.fetching("ada")
        self.store.move("ada", "#a", 6.0)
        for reader in ("bob", "eve", "tim"):
            self.store.move(reader, "#a", 1.0)
        self.assertIsNone(self.store.find("ada", "#a"))
        self.store.move("ada", "#d", 5.0)
        self.loop.until(ended)
        self.assertIsNone(self.store.ready("ada"))
        found = [self.store.find("ada", each) for each in ("#a", "#b", "#c", "#d")]
        self.assertEqual(found, [6.0, None, 2.0, 5.0])

    def test_bound_while_they_come(self) -> None:
        """Of too many that are in the database and were moved meanwhile, those are kept that were moved."""
        for number, buffer in enumerate(("#a", "#b", "#c")):
            self.move("ada", buffer, 5.0 + number)
        self.restart()
        self.store.move("ada", "#d", 1.0)
        self.assertEqual(self.found("ada", "#a", "#b", "#c", "#d"), [None, 6.0, 7.0, 1.0])

    def test_written_once(self) -> None:
        """What is moved within a second is stored together, and each marker once."""
        told: list[int] = []
        also = self.history.also
        self.history.also = lambda prepare: told.append(1) or also(prepare)  # type: ignore[method-assign,func-returns-value]
        for time in range(9):
            self.move("ada", "#a", float(time))
            self.move("bob", "#a", float(time))
        self.loop.advance(WAIT - 0.01)
        self.assertEqual((told, self.rows()), ([], 0))
        self.loop.advance(0.01)
        self.restart()
        self.assertEqual((told, self.rows(), self.found("ada", "#a")), ([1], 2, [8.0]))

    def test_as_many_wait(self) -> None:
        """As many markers as the bound wait to be stored; a further one is known, but not stored."""
        for count, rows in ((4, 4), (5, 5), (6, 5)):
            self.patch(kept, "MOVED", 5)
            self.loop.result(self.database.write(empty))
            self.store = self.make()
            for number in range(count):
                self.move(f"r{number}", "#a", 1.0)
                self.move(f"r{number}", "#a", 2.0)
            self.assertEqual(self.store.find(f"r{count - 1}", "#a"), 2.0)
            self.restart()
            self.assertEqual(self.rows(), rows)

    def test_unavailable(self) -> None:
        """Who asks while the database cannot be read is told so."""
        self.loop.result(self.database.close())
        waiting = self.store.ready("ada")
        assert waiting is not None
        self.assertRaises(Unavailable, self.loop.result, waiting)


class SqliteMarkersTests(SqlMarkersContract, SynchronousTestCase):
    """In a SQLite file."""

    def url(self) -> str:
        """A file of this test."""
        return sqlite(self)


class PostgresqlMarkersTests(SqlMarkersContract, SynchronousTestCase):
    """In a PostgreSQL database."""

    def url(self) -> str:
        """That of all tests."""
        return postgresql()
