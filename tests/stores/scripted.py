"""A history on a database that does what a test wants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Said, Stamp, Who
from chatproto.stores.database import StoreFailed
from chatproto.stores.history import SqlHistory

ADA = Who("ada")


class ScriptedDatabase:
    """A database that remembers what it is to write, and has done it when the test says so."""

    def __init__(self) -> None:
        self.work: partial[None] | None = None
        self.asked: list[list[str]] = []
        """What each batch was, line by line."""
        self._done: Deferred[None] = Deferred()

    async def write(self, work: Callable[[Connection], Any]) -> None:
        """As `Database.write`, when the test says so."""
        assert isinstance(work, partial)
        assert self.work is None, "one batch at a time"
        self.work = work
        self.asked.append([each[1].text if isinstance(each, tuple) else "step" for each in work.keywords["work"]])
        await self._done

    async def read(self, work: Callable[[Connection], Any]) -> str:
        """Reads what was written until now."""
        return "read"

    def succeed(self) -> None:
        """It is committed."""
        self._end().callback(None)

    def fail(self, why: Exception | None = None) -> None:
        """It is not, or nobody knows."""
        self._end().errback(why or StoreFailed("disk full"))

    def _end(self) -> Deferred[None]:
        done, self._done, self.work = self._done, Deferred(), None
        return done


class ScriptedHistory(SynchronousTestCase):
    """A history, and what it tells."""

    def setUp(self) -> None:
        """A history that notes what it tells."""
        self.make(100_000)

    def make(self, queue: int) -> None:
        """One with another bound."""
        self.clock = Clock()
        self.database = ScriptedDatabase()
        self.history = SqlHistory(self.database, self.clock, queue)  # type: ignore[arg-type]
        self.told: list[str] = []
        self.history.on_trouble = lambda text: self.told.append("trouble: " + text)
        self.history.on_healed = lambda text: self.told.append("healed: " + text)
        self.said = 0

    def say(self, count: int = 1) -> None:
        """So many lines: 1, 2, …"""
        for _ in range(count):
            self.said += 1
            self.history.append("#a", Said("#a", ADA, str(self.said)), Stamp(1, self.said, float(self.said)))

    def waits(self) -> list[bool]:
        """What is told to who wants to know whether all is stored: nothing at first."""
        results: list[bool] = []
        stored = self.history.stored()
        assert isinstance(stored, Deferred)
        stored.addCallback(results.append)
        return results
