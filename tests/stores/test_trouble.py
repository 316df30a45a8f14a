"""Databases that fail, and are well again: nothing is lost that was said to be stored, nothing is stored twice, and all
is in order."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from unittest import SkipTest

from sqlalchemy import Connection
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Said, Stamp, Who
from chatproto.stores.database import Database, StoreFailed
from chatproto.stores.history import SqlHistory
from chatproto.stores.queue import GATHERED, LONGEST_PAUSE
from tests.stores.databases import Cluster, opened, postgresql, sqlite
from tests.stores.loop import Loop

T = TypeVar("T")


class Speaker:
    """Says numbered lines, and knows which of them it was told are stored."""

    def __init__(self, case: SynchronousTestCase, database: Database, loop: Loop) -> None:
        self.loop = loop
        self.history = SqlHistory(database, loop)
        self.told: list[str] = []
        self.history.on_trouble = self.told.append
        self.history.on_healed = self.told.append
        self.said = 0
        self.stored: set[int] = set()
        self.refused: set[int] = set()
        case.addCleanup(lambda: loop.result(self.history.close()))

    def say(self, count: int, text: str = "") -> None:
        """Say lines, and wait for what is told of them."""
        for _ in range(count):
            self.said += 1
            self.history.append(
                "#a", Said("#a", Who("ada"), f"{self.said} {text}"), Stamp(1, self.said, self.said / 10)
            )
        stored = self.history.stored()
        assert stored is not None
        new = range(self.said - count + 1, self.said + 1)
        (self.stored if self.loop.result(stored) else self.refused).update(new)

    def heal(self) -> None:
        """Let it try again until it succeeds."""
        while len(self.told) % 2:
            self.loop.advance(LONGEST_PAUSE)
            self.loop.turn()

    def kept(self) -> list[int]:
        """The lines that the store has, in its order."""
        found = self.loop.result(self.history.read("#a", 1_000_000))
        return [int(event.text.split()[0]) for event, _ in found]

    def check(self, case: SynchronousTestCase) -> None:
        """All that was said is there, once and in order."""
        case.assertEqual(self.kept(), list(range(1, self.said + 1)))


class FullTests(SynchronousTestCase):
    """There is no space left."""

    def test_file(self) -> None:
        """A SQLite file that may not grow: people are told, nothing is lost, and it goes on when it may again."""
        loop = Loop()
        database = opened(self, sqlite(self), loop)
        speaker = Speaker(self, database, loop)

        def bound(pages: int) -> None:
            loop.result(database.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages}").all()))

        bound(100)
        while not speaker.refused:
            speaker.say(50, "x" * 500)
        self.assertEqual(
            speaker.told, ["History cannot be stored: database or disk is full. It is tried again and again."]
        )
        self.assertTrue(speaker.stored <= set(speaker.kept()))
        bound(100_000)
        speaker.heal()
        self.assertEqual(speaker.told[1:], ["History is stored again."])
        speaker.say(10)
        self.assertIn(speaker.said, speaker.stored)
        speaker.check(self)

    def test_disk(self) -> None:
        """The same on a small disk that something else fills."""
        directory = Path(tempfile.mkdtemp(prefix="chat-full-"))
        self.addCleanup(directory.rmdir)
        mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "chat", str(directory)]
        if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            raise SkipTest("only root can mount a small disk")
        self.addCleanup(lambda: subprocess.run(["umount", str(directory)], check=True))
        loop = Loop()
        speaker = Speaker(self, opened(self, f"sqlite:///{directory}/chat.sqlite", loop), loop)
        speaker.say(10)
        other = directory / "other"
        with other.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x" * 4096):
                pass
        while not speaker.refused:
            speaker.say(50, "x" * 500)
        self.assertEqual(len(speaker.told), 1)
        other.unlink()
        speaker.heal()
        speaker.say(10)
        self.assertIn(speaker.said, speaker.stored)
        speaker.check(self)


class Forgetful(Database):
    """A database whose connection is lost after it has committed, now and then."""

    losses = 0

    async def write(self, work: Callable[[Connection], T]) -> T:
        """As ever, but for what comes back."""
        done = await super().write(work)
        if self.losses:
            self.losses -= 1
            raise StoreFailed("the connection was lost")
        return done


class UnknownOutcomeTests(SynchronousTestCase):
    """The connection is lost when a batch may have been committed."""

    def test_done_once(self) -> None:
        """What is tried again although it was done is not done twice: neither lines, nor what happened to streams."""
        loop = Loop()
        database = Forgetful(sqlite(self), loop)
        database.open()
        self.addCleanup(lambda: loop.result(database.close()))
        speaker = Speaker(self, database, loop)
        history = speaker.history
        speaker.say(3)
        database.losses = 2
        history.rename("#a", "#b")  # Done twice, it would drop what is in #b and put the new #a there.
        history.append("#a", Said("#a", Who("ada"), "4"), Stamp(2, 1, 9.0))
        history.drop("#c")
        history.append("#c", Said("#c", Who("ada"), "5"), Stamp(3, 1, 9.5))
        history.stored()
        loop.until(lambda: speaker.told)
        speaker.heal()
        self.assertEqual(speaker.kept(), [4])
        for stream, texts in (("#b", ["1 ", "2 ", "3 "]), ("#c", ["5"])):
            found = loop.result(history.read(stream, 10))
            self.assertEqual([event.text for event, _ in found], texts)


class RefusedTests(SynchronousTestCase):
    """The database is well, and refuses a line."""

    def refused(self, url: str) -> None:
        """One line has no time, which no program of this kind gives it."""
        loop = Loop()
        speaker = Speaker(self, opened(self, url, loop), loop)
        speaker.say(10)
        speaker.history.append("#a", Said("#a", Who("ada"), "never"), Stamp(1, 1000, None))  # type: ignore[arg-type]
        speaker.say(10)
        self.assertIn(speaker.said, speaker.stored)
        self.assertEqual(len(self.flushLoggedErrors()), 1)
        self.assertEqual(speaker.told, [])
        speaker.check(self)

    def test_sqlite(self) -> None:
        """It is left out, logged, and nobody else waits for it."""
        self.refused(sqlite(self))

    def test_postgresql(self) -> None:
        """The same in PostgreSQL."""
        self.refused(postgresql())


class RestartTests(SynchronousTestCase):
    """PostgreSQL goes away and comes back."""

    def test_restarted_in_the_middle(self) -> None:
        """Killed while it stores, stopped while nothing happens: people are told, and nothing is lost or doubled."""
        cluster = Cluster()
        self.addCleanup(cluster.remove)
        cluster.start()
        loop = Loop()
        speaker = Speaker(self, opened(self, cluster.url, loop), loop)
        speaker.say(10)
        for mode in ("immediate", "fast"):
            speaker.history.append("#a", *self.line(speaker))
            loop.advance(GATHERED)  # It is being stored, while...
            cluster.stop(mode)
            speaker.say(20)
            if len(speaker.told) % 2 == 0:  # The connection was used before it went.
                speaker.say(20)
            self.assertIn(speaker.said, speaker.refused)
            cluster.start()
            speaker.heal()
            speaker.say(10)
            self.assertIn(speaker.said, speaker.stored)
            speaker.check(self)
        self.assertEqual(len(speaker.told), 4)

    def line(self, speaker: Speaker) -> tuple[Said, Stamp]:
        """The next one."""
        speaker.said += 1
        return Said("#a", Who("ada"), f"{speaker.said} "), Stamp(1, speaker.said, speaker.said / 10)
