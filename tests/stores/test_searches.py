"""Searches take their turns, and keep nobody else waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import TooManySearches, Unavailable
from chatproto.interfaces import Asker, Search
from chatproto.stores.database import READERS, StoreFailed
from chatproto.stores.history import FROM_ONE_PLACE, SEARCHES, SEARCHES_WAITING, SqlHistory
from tests.stores.scripted import ScriptedDatabase


class SlowDatabase(ScriptedDatabase):
    """Has read something when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.reading: list[Deferred[str]] = []

    async def read(self, work: Callable[[Connection], Any]) -> str:
        """Wait."""
        self.reading.append(Deferred())
        return await self.reading[-1]


class Searches(SynchronousTestCase):
    """Several at once."""

    def setUp(self) -> None:
        """A history that reads slowly."""
        self.database = SlowDatabase()
        self.history = SqlHistory(self.database, Clock())  # type: ignore[arg-type]

    def search(self, place: str = "") -> Deferred[Any]:
        """Somebody searches there."""
        return Deferred.fromCoroutine(self.history.search(Search(["#a"], "tea"), 9, asker=Asker(place)))

    def end(self, found: Sequence[Deferred[Any]]) -> None:
        """They are done in this order. What is left waiting would end in the middle of another test."""
        for each in found:
            self.database.reading.pop(0).callback("found")
            self.assertEqual(self.successResultOf(each), "found")

    def test_in_turn(self) -> None:
        """So many are done at a time, and there are readers left for all else; the next begins when one has ended."""
        self.assertLess(SEARCHES, READERS)
        found = [self.search() for _ in range(SEARCHES + 2)]
        self.assertEqual(len(self.database.reading), SEARCHES)
        read = Deferred.fromCoroutine(self.history.read("#a", 9))
        self.database.reading.pop().callback("read")
        self.assertEqual(self.successResultOf(read), "read")
        self.database.reading.pop(0).callback("found")
        self.assertEqual(self.successResultOf(found[0]), "found")
        self.assertEqual(len(self.database.reading), SEARCHES)
        self.end(found[1:])

    def test_in_one_place(self) -> None:
        """So many wait at one place, and one more is refused; somebody elsewhere waits for one of them."""
        self.assertEqual(SEARCHES, 1)
        found = [self.search("a") for _ in range(SEARCHES + FROM_ONE_PLACE)]
        self.failureResultOf(self.search("a"), TooManySearches)
        self.end([*found[:2], self.search("b"), *found[2:]])

    def test_in_all_places(self) -> None:
        """So many wait in all, and one more is refused."""
        found = [self.search(str(number)) for number in range(SEARCHES + SEARCHES_WAITING)]
        self.failureResultOf(self.search("elsewhere"), TooManySearches)
        self.end(found)

    def test_failing(self) -> None:
        """One that fails lets the next begin, too."""
        found = [self.search() for _ in range(SEARCHES + 1)]
        self.database.reading.pop(0).errback(StoreFailed("gone"))
        self.failureResultOf(found[0], Unavailable)
        self.database.reading[-1].callback("found")
        self.assertEqual(self.successResultOf(found[-1]), "found")

    def test_gone(self) -> None:
        """For one who has gone when their turn comes nothing is read, and the next begins."""
        self.assertEqual(SEARCHES, 1)
        here, sought = [True], Search(["#a"], "tea")
        first = self.search()
        gone = Deferred.fromCoroutine(self.history.search(sought, 9, asker=Asker("a", lambda: here[0])))
        last = self.search()
        here[0] = False
        self.database.reading.pop(0).callback("found")
        self.assertEqual(self.successResultOf(first), "found")
        self.assertEqual(self.successResultOf(gone), ())
        self.database.reading.pop(0).callback("found")
        self.assertEqual(self.successResultOf(last), "found")
        self.assertEqual(self.database.reading, [])
