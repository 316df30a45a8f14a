"""What one person said, in portions: their bounds. What every store must do is in `tests/contracts/people.py`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import Unavailable
from chatproto.events import Said, Stamp, Whispered, Who
from chatproto.interfaces import Search
from chatproto.stores import talking
from chatproto.stores.history import SqlHistory
from chatproto.stores.queue import GATHERED
from tests.stores.databases import empty, opened, postgresql, sqlite
from tests.stores.loop import Loop
from tests.stores.scripted import ScriptedHistory


class _Talking(SynchronousTestCase):
    url: Any = staticmethod(sqlite)

    def setUp(self) -> None:
        """An empty history."""
        self.loop = Loop()
        self.database = opened(self, self.url(self), self.loop)
        self.make()

    def make(self) -> None:
        """From the beginning."""
        self.loop.result(self.database.write(empty))
        self.history = SqlHistory(self.database, self.loop)
        self.said = 0

    def say(self, count: int, account: str = "Ada") -> None:
        """So many lines."""
        for _ in range(count):
            self.said += 1
            said = Said("#a", Who("ada", account=account), f"tea {self.said}")
            self.history.append("#a", said, Stamp(1, self.said, float(self.said)))
        self.wait()

    def wait(self) -> None:
        """Until it is stored."""
        stored = self.history.stored()
        if stored is not None:
            self.assertTrue(self.loop.result(stored))

    def pages(self, count: int) -> list[int]:
        """How many lines each page has."""
        sizes, behind = list[int](), 0
        while True:
            page, behind = self.loop.result(self.history.of_account("Ada", 0.0, count, behind))
            sizes.append(len(page))
            if not behind:
                return sizes

    def test_looked_through(self) -> None:
        """A page looks through as many lines as the bound says, and may have none of them."""
        self.patch(talking, "LOOKED_AT", 5)
        for others, sizes in ((3, [1]), (4, [1]), (5, [0, 1])):
            self.make()
            self.loop.result(self.database.write(lambda connection: connection.execute(text(self.anew)).all()))
            self.say(others, "Bob")
            self.say(1)
            self.assertEqual(self.pages(10), sizes)
            self.assertEqual(self.erase(), 1)

    anew = "SELECT 1"

    def erase(self) -> int:
        """All of it."""
        self.wait()
        erased: int = self.loop.result(self.history.erase("Ada", 0.0), in_time=True)
        return erased

    def test_erased_in_portions(self) -> None:
        """More than a portion is erased in several, and is found by its words no more."""
        self.patch(talking, "PORTION", 5)
        for count in (4, 5, 6, 11):
            self.say(count)
            self.say(1, "Bob")
            self.assertEqual((self.erase(), self.pages(100)), (count, [0]))
        found = self.loop.result(self.history.search(Search(["#a"], "tea"), 99))
        self.assertEqual({line.event.who.account for line in found}, {"Bob"})
        self.assertEqual(len(found), 4)

    def test_others_write_meanwhile(self) -> None:
        """What is said while lines are erased is stored, and stays."""
        self.patch(talking, "PORTION", 1)
        self.say(3)
        ended = self.loop.start(self.history.erase("Ada", 0.0))
        self.loop.turn()  # It knows now what the last line is.
        self.say(1)
        while not ended():
            self.loop.step()
        self.assertEqual(self.pages(9), [1])

    def test_partners(self) -> None:
        """Of more others than the bound, those are told with whom it had talk last."""
        self.patch(talking, "PARTNERS", 3)
        for number, told in ((1, ["1"]), (2, ["1", "2"]), (3, ["1", "2", "3"]), (4, ["2", "3", "4"])):
            self.history.append(f"{number} ada", Whispered(Who("ada"), str(number), "hi"), Stamp(1, 1, float(number)))
            self.assertEqual(self.loop.result(self.history.talks("ada")), told)


class SqliteTalkingTests(_Talking):
    """In a SQLite file."""


class PostgresqlTalkingTests(_Talking):
    """In PostgreSQL."""

    url = staticmethod(lambda _: postgresql())
    anew = "SELECT setval(pg_get_serial_sequence('lines', 'id'), 1, false)"


class UnstoredTests(ScriptedHistory):
    """A database that fails."""

    def test_nothing_is_erased(self) -> None:
        """While lines wait that cannot be stored, nothing is erased: they would be there afterwards."""
        self.say()
        self.clock.advance(GATHERED)
        self.database.fail()
        self.failureResultOf(Deferred.fromCoroutine(self.history.erase("Ada", 0.0)), Unavailable)


del _Talking
