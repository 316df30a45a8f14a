"""What `IHistoryStore` promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.events import Said, Stamp, Who
from chatproto.interfaces import IHistoryStore
from chatproto.stores.memory import MemoryHistory

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


def line(offset: int, stream: str = "#a") -> tuple[Said, Stamp]:
    """The line that stands at `offset`."""
    return Said(stream, Who("ada"), f"line {offset}"), Stamp(3, offset, 100.0 + offset)


class HistoryStoreContract(_Case):
    """Mix this into a SynchronousTestCase that sets `kind` and makes stores that keep 20 lines of a stream at least."""

    kind: type[Any]

    def make(self) -> IHistoryStore:
        """An empty store."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with an empty store."""
        self.store = self.make()

    def fill(self, count: int, stream: str = "#a") -> None:
        """Say `count` lines in `stream`."""
        for offset in range(1, count + 1):
            self.store.append(stream, *line(offset, stream))

    def latest(self, count: int, before: Stamp | None = None, stream: str = "#a") -> list[tuple[Said, Stamp]]:
        """What the store has."""

        async def found() -> list[tuple[Said, Stamp]]:
            return list(await self.store.latest(stream, count, before))

        return list(self.successResultOf(Deferred.fromCoroutine(found())))

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IHistoryStore, self.kind)
        verifyObject(IHistoryStore, self.store)

    def test_unknown_stream(self) -> None:
        """A stream in which nothing was said has no lines."""
        self.assertEqual(self.latest(10), [])

    def test_oldest_first(self) -> None:
        """Lines come with their stamps, in the order they were said."""
        self.fill(3)
        self.assertEqual(self.latest(10), [line(1), line(2), line(3)])

    def test_count(self) -> None:
        """Of more lines than are asked for, the last come; of fewer, all."""
        self.fill(5)
        for count in (0, 1, 4, 5, 6):
            self.assertEqual(self.latest(count), [line(offset) for offset in range(1, 6)][5 - min(count, 5) :])

    def test_before(self) -> None:
        """Only lines with a lower offset than `before` come, and of those the last."""
        self.fill(5)
        self.assertEqual(self.latest(2, line(4)[1]), [line(2), line(3)])
        self.assertEqual(self.latest(10, line(2)[1]), [line(1)])
        self.assertEqual(self.latest(10, line(1)[1]), [])
        self.assertEqual(self.latest(1, line(6)[1]), [line(5)])

    def test_streams_are_apart(self) -> None:
        """A line is kept in its own stream only."""
        self.fill(2, "#a")
        self.fill(3, "#b")
        self.assertEqual(self.latest(10, stream="#a"), [line(1, "#a"), line(2, "#a")])
        self.assertEqual(len(self.latest(10, stream="#b")), 3)

    def found(self, message: str, stream: str = "#a") -> Said | None:
        """What the store has under that id."""

        async def find() -> Said | None:
            return await self.store.find(stream, message)

        return self.successResultOf(Deferred.fromCoroutine(find()))

    def test_find(self) -> None:
        """A line is found by its id, in its own stream only."""
        self.fill(3, "#a")
        self.fill(4, "#b")
        for offset in (1, 3):
            self.assertEqual(self.found(line(offset)[1].id), line(offset)[0])
        self.assertEqual(self.found(line(4)[1].id, "#b"), line(4, "#b")[0])
        self.assertIsNone(self.found(line(4)[1].id, "#a"))
        self.assertIsNone(self.found(""))
        self.assertIsNone(self.found(line(1)[1].id, "#never"))

    def test_redact(self) -> None:
        """A line that is taken back is neither found nor shown; the others are where they were, and more can come."""
        self.fill(4, "#a")
        self.fill(4, "#b")
        self.store.redact("#a", line(2)[1].id)
        self.assertIsNone(self.found(line(2)[1].id))
        self.assertEqual(self.latest(10), [line(1), line(3), line(4)])
        self.assertEqual(self.latest(10, line(3)[1]), [line(1)])
        self.assertEqual(len(self.latest(10, stream="#b")), 4)
        self.store.append("#a", *line(5))
        self.assertEqual(self.latest(2), [line(4), line(5)])

    def test_redact_nothing(self) -> None:
        """Taking back what is not kept changes nothing."""
        self.fill(2)
        self.store.redact("#a", line(3)[1].id)
        self.store.redact("#never", line(1)[1].id)
        self.assertEqual(self.latest(10), [line(1), line(2)])
        self.assertEqual(self.latest(10, stream="#never"), [])

    def test_rename(self) -> None:
        """The lines of a stream are there under its new name only; the old one can begin anew."""
        self.fill(3)
        self.store.rename("#a", "#b")
        self.assertEqual(self.latest(10), [])
        self.assertIsNone(self.found(line(1)[1].id))
        self.assertEqual(self.latest(10, stream="#b"), [line(1), line(2), line(3)])
        self.store.append("#a", *line(7))
        self.store.append("#b", *line(4))
        self.assertEqual((self.latest(10), len(self.latest(10, stream="#b"))), ([line(7)], 4))

    def test_rename_of_nothing(self) -> None:
        """A stream that nothing was said in can be renamed, and has nothing."""
        self.store.rename("#a", "#b")
        self.assertEqual((self.latest(10), self.latest(10, stream="#b")), ([], []))

    def test_drop(self) -> None:
        """A dropped stream has no lines, and begins anew; others keep theirs."""
        self.fill(3, "#a")
        self.fill(3, "#b")
        self.store.drop("#a")
        self.assertEqual(self.latest(10), [])
        self.assertEqual(len(self.latest(10, stream="#b")), 3)
        self.store.append("#a", *line(1))
        self.assertEqual(self.latest(10), [line(1)])

    def test_drop_of_nothing(self) -> None:
        """Dropping a stream that nothing was said in does nothing."""
        self.store.drop("#a")
        self.assertEqual(self.latest(10), [])

    def test_result_stays_as_it_is(self) -> None:
        """What was handed out does not change with what is said later."""
        self.fill(2)
        found = self.latest(10)
        self.store.append("#a", *line(3))
        self.assertEqual(len(found), 2)

    # Each implementation runs this test by itself: that they differ is the point.
    @settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(said=st.integers(0, 20), count=st.integers(0, 25), before=st.none() | st.integers(1, 25))
    def test_any_question(self, said: int, count: int, before: int | None) -> None:
        """Any count before any offset gives the end of what came before it."""
        self.store = self.make()
        self.fill(said)
        older = [line(offset) for offset in range(1, said + 1) if before is None or offset < before]
        found = self.latest(count, None if before is None else line(before)[1])
        self.assertEqual(found, older[max(0, len(older) - count) :])


class MemoryHistoryTests(HistoryStoreContract, SynchronousTestCase):
    """History in memory."""

    kind = MemoryHistory

    def make(self) -> IHistoryStore:
        """A store with the bound that the contract needs."""
        return MemoryHistory(20)
