"""What a search costs at the most: words that are everywhere, people who said little."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection, text
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import TakesTooLong, Unavailable
from chatproto.events import Said, Stamp, Who
from chatproto.interfaces import Search
from chatproto.stores import searching, time_limit
from chatproto.stores.history import SqlHistory
from chatproto.stores.trouble import StoreFailed, TooSlow
from tests.stores.databases import empty, opened, postgresql, sqlite
from tests.stores.loop import Loop


class _Bounds(SynchronousTestCase):
    url: Any = staticmethod(sqlite)
    endless = ""
    """What a database would do for minutes."""

    def setUp(self) -> None:
        """An empty history."""
        self.loop = Loop()
        self.database = opened(self, self.url(self), self.loop)
        self.history = SqlHistory(self.database, self.loop)
        self.said = 0

    def say(self, text: str, name: str = "ada", stream: str = "#a") -> None:
        """One line, in the second of its number."""
        self.said += 1
        self.history.append(stream, Said(stream, Who(name), text), Stamp(1, self.said, float(self.said)))

    def found(self, words: str = "", count: int = 100, skip: int = 0, **more: Any) -> list[float]:
        """When what is found was said."""
        sought = Search(["#a"], words, **more)
        return [line.stamp.time for line in self.loop.result(self.history.search(sought, count, skip))]

    def again(self) -> None:
        """From the beginning."""
        self.loop.result(self.database.write(empty))
        self.said = 0

    def test_ranked(self) -> None:
        """As many lines are ranked as the bound says, the newest; older ones are not found, unless it is asked for an
        earlier time."""
        self.patch(searching, "RANKED", 5)
        for count in (4, 5, 6):
            self.again()
            self.say("tea tea tea")  # It would be the best.
            for _ in range(count - 1):
                self.say("tea and more")
            newest = [float(time) for time in range(count, 1, -1)]
            self.assertEqual(self.found("tea"), [1.0, *newest] if count <= 5 else newest)
            self.assertEqual(self.found("tea", skip=4), newest[3:5] if count <= 5 else newest[4:])
        self.assertEqual(self.found("tea", before=3.0), [1.0, 2.0])

    def test_looked_at(self) -> None:
        """What else has to fit is looked for among as many lines as the bound says, the newest that have the words: or
        farther, where that is as quick."""
        self.patch(searching, "LOOKED_AT", 5)
        for others, found in ((3, [1.0]), (4, [1.0]), (5, self.beyond())):
            self.again()
            self.say("tea", "bob")
            for _ in range(others):
                self.say("tea")
            self.assertEqual(self.found("tea", sender="bob"), found)
        self.assertEqual(self.found("tea", sender="bob", before=4.0), [1.0])

    def beyond(self) -> list[float]:
        """What is found of the line beyond the bound."""
        return []

    def test_looked_at_without_words(self) -> None:
        """Without words, as many lines of the whole store are looked at, up to the newest that could fit."""
        self.patch(searching, "LOOKED_AT_ALL", 5)
        for others, found in ((3, [1.0]), (4, [1.0]), (5, [])):
            self.again()
            self.say("tea", "bob")
            for _ in range(others):
                self.say("milk")
            self.assertEqual(self.found(sender="bob"), found)
        self.assertEqual(self.found(sender="bob", before=4.0), [1.0])
        for _ in range(9):
            self.say("other", stream="#b")
        self.assertEqual(self.found()[0], 6.0)

    def test_takes_too_long(self) -> None:
        """What takes longer than it may is refused with an answer of its own, and disturbs nothing that comes after."""
        self.say("tea")
        self.assertTrue(issubclass(TakesTooLong, Unavailable))

        def endless(connection: Connection, *_: Any) -> None:
            with time_limit.time_limit(connection, 0.05):
                connection.execute(text(self.endless)).all()

        self.patch(searching, "_span", endless)
        self.assertRaises(TakesTooLong, self.found, "tea")
        self.flushLoggedErrors()
        self.patch(searching, "_span", self.span)
        self.assertEqual(self.found("tea"), [1.0])

    span: Callable[..., Any] = staticmethod(searching._span)

    def test_limit(self) -> None:
        """The limit is for what is asked within it, and not for the next who uses the connection."""

        def limited(connection: Connection, seconds: float, statement: str) -> list[Any]:
            with time_limit.time_limit(connection, seconds):
                return list(connection.execute(text(statement)).scalars())

        self.assertEqual(
            self.loop.result(self.database.write(partial(limited, seconds=9.0, statement="SELECT 1"))), [1]
        )
        slow = partial(limited, seconds=0.01, statement=self.endless)
        self.assertRaises(TooSlow, self.loop.result, self.database.write(slow))
        self.assertEqual(self.loop.result(self.database.write(self.some_work)), 1)

    def test_other_errors(self) -> None:
        """Another error of what is asked within it is what it is, and not the limit's."""

        def failing(connection: Connection) -> None:
            with time_limit.time_limit(connection, 9.0):
                connection.execute(text(self.failing))

        for work in (self.database.read, self.database.write):
            failed = self.assertRaises(StoreFailed, self.loop.result, work(failing))
            self.assertNotIsInstance(failed, TooSlow)
            self.assertIn("not there", str(failed))

    failing = ""
    """What a database says is operational, as a full disk is, with these words."""

    def some_work(self, connection: Connection) -> Any:
        """What takes longer than the limit before it was."""
        return connection.execute(text(self.slow)).scalar()

    slow = ""


_COUNT = (
    "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {}) SELECT count(*) / count(*) FROM n"
)


class SqliteBoundsTests(_Bounds):
    """In a SQLite file."""

    endless, slow = _COUNT.format(10**12), _COUNT.format(10**5)
    failing = 'SELECT 1 FROM "not there"'


class PostgresqlBoundsTests(_Bounds):
    """In PostgreSQL."""

    url = staticmethod(lambda _: postgresql())
    endless, slow = "SELECT pg_sleep(60)", "SELECT 1 FROM pg_sleep(0.05)"
    failing = "DO $$ BEGIN RAISE 'not there' USING ERRCODE = 'disk_full'; END $$"

    def beyond(self) -> list[float]:
        """Where the words are in few lines, all of them are looked at."""
        return [1.0]


del _Bounds
