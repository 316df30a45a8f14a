"""What is too old or too much is deleted, and its space given back."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import text
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Joined, Said, Stamp, Who
from chatproto.interfaces import Search
from chatproto.stores.history import SqlHistory
from chatproto.stores.retention import PORTION, Kept, Retention
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop

ADA = Who("ada")


class _Retention(SynchronousTestCase):
    def url(self) -> str:
        """Where the database is."""
        return sqlite(self)

    def setUp(self) -> None:
        """An empty history."""
        self.loop = Loop()
        self.database = opened(self, self.url(), self.loop)
        self.history = SqlHistory(self.database, self.loop)

    def fill(self, stream: str, count: int, what: str = "") -> None:
        """Lines at 1, 2, … seconds, and after each an event at half past."""
        for offset in range(1, count + 1):
            self.history.append(stream, Said(stream, ADA, f"line{offset} {what}"), Stamp(1, offset, float(offset)))
            self.history.append(stream, Joined(stream, ADA), Stamp(2, offset, offset + 0.5))

    def times(self, stream: str) -> list[float]:
        """When what is left of it happened."""
        return [stamp.time for _, stamp in self.loop.result(self.history.read(stream, 1_000_000, every=True))]

    def tidy(self, now: float, **kept: Kept) -> int:
        """Go through it."""
        stored = self.history.stored()
        if stored is not None:
            self.loop.result(stored)
        retention = Retention(self.database, self.loop, lambda key: kept.get(key.removeprefix("#"), Kept()))
        deleted: int = self.loop.result(retention.tidy(now), in_time=True)
        return deleted


class RetentionTests(_Retention):
    """In a SQLite file."""

    def test_all_is_kept(self) -> None:
        """Without a bound, nothing is deleted."""
        self.fill("#a", 5)
        self.assertEqual(self.tidy(1e9), 0)
        self.assertEqual(len(self.times("#a")), 10)

    def test_age(self) -> None:
        """What happened longer ago than its stream keeps it is deleted; what is as old as that is not."""
        self.fill("#a", 5)
        self.fill("#b", 5)
        self.assertEqual(self.tidy(13.0, a=Kept(seconds=10.0)), 4)
        self.assertEqual(self.times("#a"), [3.0, 3.5, 4.0, 4.5, 5.0, 5.5])
        self.assertEqual(len(self.times("#b")), 10)

    def test_count(self) -> None:
        """Of what was said the newest are kept, as many as the stream keeps, and as many other events."""
        for kept, deleted in ((6, 0), (5, 0), (4, 2), (1, 6), (0, 2)):
            if kept == 6:
                self.fill("#a", 5)
            self.assertEqual(self.tidy(0.0, a=Kept(lines=kept)), deleted)
            self.assertEqual(len(self.times("#a")), min(5, kept) * 2)
        self.assertEqual(self.tidy(0.0, a=Kept(lines=0)), 0)

    def test_both(self) -> None:
        """What one of the two deletes is deleted."""
        self.fill("#a", 6)
        self.tidy(10.0, a=Kept(seconds=8.0, lines=100))
        self.assertEqual(self.times("#a")[0], 2.0)
        self.tidy(10.0, a=Kept(seconds=8.0, lines=2))
        self.assertEqual(self.times("#a"), [5.0, 5.5, 6.0, 6.5])

    def test_portions(self) -> None:
        """More than a portion is deleted in several."""
        for count in (PORTION - 1, PORTION, PORTION + 1, 2 * PORTION + 1):
            self.fill("#a", count)
            self.assertEqual(self.tidy(0.0, a=Kept(lines=0)), count * 2)
            self.assertEqual(self.times("#a"), [])

    def test_dropped(self) -> None:
        """Nothing is left of a stream that was dropped, nor of one that another was renamed over."""
        for stream in ("#a", "#b", "#c"):
            self.fill(stream, 3)
        self.history.drop("#a")
        self.history.rename("#b", "#c")
        self.fill("#a", 2)
        self.assertEqual(self.tidy(0.0), 12)
        self.assertEqual((len(self.times("#a")), len(self.times("#c"))), (4, 6))
        count = "SELECT (SELECT count(*) FROM lines), (SELECT count(*) FROM streams)"
        left = self.loop.result(self.database.read(lambda c: c.execute(text(count)).one()))
        self.assertEqual(tuple(left), (10, 2))

    def test_words(self) -> None:
        """What was deleted is not found by its words, what is kept is."""
        self.fill("#a", 5, "kettle")
        self.tidy(0.0, a=Kept(lines=2))
        found: Any = self.loop.result(self.history.search(Search(["#a"], "kettle"), 10))
        self.assertEqual({each.event.text for each in found}, {"line4 kettle", "line5 kettle"})


class PostgresqlRetentionTests(RetentionTests):
    """In PostgreSQL."""

    def url(self) -> str:
        """That of all tests."""
        return postgresql()


class SpaceTests(_Retention):
    """The size of a SQLite file."""

    def test_space(self) -> None:
        """The space of what was deleted goes back to the disk."""
        chance = random.Random(1)
        self.fill("#a", 20, "")
        for offset in range(100, 5000):
            said = " ".join(f"{chance.randrange(36**4):x}" for _ in range(30))
            self.history.append("#a", Said("#a", ADA, said), Stamp(1, offset, float(offset)))
        self.loop.result(self.history.find("#a", "1-1"))
        full = self.size()
        self.assertGreater(full, 1_000_000)
        self.tidy(0.0, a=Kept(lines=20))
        self.assertLess(self.size(), full / 4)

    def size(self) -> int:
        """Of the file, when all was brought into it."""
        path = self.database.url.database or ""
        with contextlib.closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return Path(path).stat().st_size
