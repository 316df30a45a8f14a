"""The threads that a database is used on."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores import database as module
from chatproto.stores.database import CLOSING, PATIENCE, READERS, Database, StoreFailed
from chatproto.stores.schema import streams
from chatproto.stores.trouble import TooSlow
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop


def add(connection: Connection, key: str = "#a") -> str:
    """Add a row. Tells on which thread."""
    connection.execute(streams.insert().values(key=key))
    return threading.current_thread().name


class ThreadsTests(SynchronousTestCase):
    """What runs where, and what becomes of it."""

    def setUp(self) -> None:
        """An empty database."""
        self.loop = Loop()
        self.database = opened(self, sqlite(self), self.loop)

    def keys(self) -> list[str]:
        """What is in the table."""
        found = self.loop.result(self.database.read(lambda c: c.execute(select(streams.c.key)).scalars().all()))
        return list(found)

    def test_threads(self) -> None:
        """Neither reading nor writing happens on the reactor's thread, and all writing on the same one."""
        wrote = [self.loop.result(self.database.write(partial(add, key=str(n)))) for n in range(5)]
        read = self.loop.result(self.database.read(lambda _: threading.current_thread().name))
        self.assertEqual(len(set(wrote)), 1)
        self.assertNotIn(threading.current_thread().name, {*wrote, read})
        self.assertNotIn(read, wrote)

    def test_on_the_disk(self) -> None:
        """What is committed is on the disk: it outlasts a power failure, too."""
        ask = "PRAGMA synchronous"
        self.assertEqual(self.loop.result(self.database.write(lambda c: c.exec_driver_sql(ask).scalar())), 2)

    def test_order(self) -> None:
        """What is written is written in the order of the calls, and seen by who reads after it."""
        done: list[int] = []

        def note(number: int, _: Connection) -> None:
            done.append(number)

        writes = [self.database.write(partial(note, number)) for number in range(50)]
        for write in writes:
            self.loop.result(write)
        self.assertEqual(done, list(range(50)))

    def test_what_is_not_told(self) -> None:
        """An error does not tell what was to be written: it could be the hash of a password, and is logged."""
        self.loop.result(self.database.write(partial(add, key="#secret")))
        error = self.assertRaises(IntegrityError, self.loop.result, self.database.write(partial(add, key="#secret")))
        self.assertNotIn("secret", str(error))

    def test_undone(self) -> None:
        """What raises has changed nothing, and raises where it is awaited."""

        def fail(connection: Connection) -> None:
            add(connection)
            raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, self.loop.result, self.database.write(fail))
        self.assertEqual(self.keys(), [])

    def test_not_unique(self) -> None:
        """What the tables do not allow is SQLAlchemy's error: the database did not fail."""
        self.loop.result(self.database.write(add))
        self.assertRaises(IntegrityError, self.loop.result, self.database.write(add))
        self.assertEqual(self.keys(), ["#a"])

    def test_readers_do_not_write(self) -> None:
        """A reader that writes fails."""
        self.assertRaises(StoreFailed, self.loop.result, self.database.read(add))
        self.assertEqual(self.keys(), [])

    def test_readers_do_not_wait(self) -> None:
        """Who reads sees what was committed, while somebody writes."""
        self.loop.result(self.database.write(add))
        writing, read = threading.Event(), threading.Event()

        def slow(connection: Connection) -> bool:
            add(connection, "#b")
            writing.set()
            return read.wait(60)

        results: list[bool] = []

        async def write() -> None:
            results.append(await self.database.write(slow))

        waiting = write()
        started = self.loop.start(waiting)
        self.assertTrue(writing.wait(60))
        self.assertEqual(self.keys(), ["#a"])
        read.set()
        self.loop.until(started)
        self.assertEqual((results, self.keys()), ([True], ["#a", "#b"]))

    def test_closed(self) -> None:
        """Closing waits for what was asked for; what is asked for later fails, and closing again does nothing."""
        done: list[int] = []

        def note(number: int, _: Connection) -> None:
            done.append(number)

        starts = [self.loop.start(self.database.write(partial(note, number))) for number in range(20)]
        self.loop.result(self.database.close())
        self.assertEqual(done, list(range(20)))
        self.assertTrue(all(ended() for ended in starts))
        for ask in (self.database.read, self.database.write):
            failed = self.assertRaises(StoreFailed, self.loop.result, ask(add))
            self.assertEqual(str(failed), "the store is closed")
        self.loop.result(self.database.close())

    def test_no_threads_before_they_are_needed(self) -> None:
        """Opening leaves no thread and no open file behind, so that the process may fork."""
        url = sqlite(self)
        before = set(threading.enumerate())  # Some of those that other tests had may be about to end.
        database = Database(url, Loop())
        database.open()
        database.at_once(lambda c: c.execute(select(streams.c.key)).all())
        self.assertLessEqual(set(threading.enumerate()), before)
        open_files = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        self.assertEqual([name for name in open_files if url.removeprefix("sqlite:///") in name], [])


class PatienceTests(SynchronousTestCase):
    """A database that does not answer."""

    def setUp(self) -> None:
        """An empty one, which answers nobody before `answer` is set."""
        self.loop = Loop()
        self.database = opened(self, sqlite(self), self.loop)
        self.asked, self.answer = threading.Event(), threading.Event()
        self.addCleanup(self.answer.set)

    def stuck(self, _: Connection) -> int:
        """Wait for it."""
        self.asked.set()
        self.answer.wait(60)
        return 1

    def failing(self, awaited: Awaitable[Any]) -> list[Failure]:
        """Where the failure of what is asked for will be."""
        failures: list[Failure] = []
        Deferred.fromCoroutine(cast("Coroutine[Any, Any, Any]", awaited)).addErrback(failures.append)
        return failures

    def test_reading(self) -> None:
        """Who reads is told in time, and what comes later is thrown away; what nobody waits for any more is not read
        at all."""
        failures = [self.failing(self.database.read(self.stuck)) for _ in range(READERS)]
        never: list[int] = []
        failures.append(self.failing(self.database.read(lambda _: never.append(1))))
        self.assertTrue(self.asked.wait(60))
        self.loop.advance(PATIENCE - 0.01)
        self.assertEqual(failures, [[]] * (READERS + 1))
        self.loop.advance(0.01)
        for each in failures:
            self.assertEqual([str(failure.value) for failure in each], ["it has not answered for 5 seconds"])
        self.answer.set()
        self.assertEqual(self.loop.result(self.database.read(lambda _: 2)), 2)
        self.loop.result(self.database.close())
        self.assertEqual((never, [len(each) for each in failures]), ([], [1] * (READERS + 1)))

    def test_closing(self) -> None:
        """It is not waited for for ever, and its threads do not keep the process."""
        failures = self.failing(self.database.write(self.stuck))
        self.assertTrue(self.asked.wait(60))
        closed = self.loop.start(self.database.close())
        self.loop.advance(CLOSING - 0.01)
        self.assertFalse(closed())
        self.loop.advance(0.01)
        self.assertTrue(closed())
        threads = [each for each in threading.enumerate() if each.name.startswith("store ")]
        self.assertTrue(all(each.daemon for each in threads))
        self.answer.set()
        self.loop.turn()
        self.assertEqual(failures, [])


class PostgresqlPatienceTests(SynchronousTestCase):
    """The same, where the database can be told."""

    def test_statement(self) -> None:
        """A statement that takes too long is ended there, so that the thread is free for others."""
        loop = Loop()
        database = opened(self, postgresql(), loop)
        self.patch(module, "PATIENCE", 0.2)
        ask = database.read(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(60)").all())
        self.assertRaises(TooSlow, loop.result, ask)
        self.assertEqual(loop.result(database.read(lambda _: 2)), 2)

    def test_writing(self) -> None:
        """So is one that writes and waits for somebody else's lock; what it was for is not done, and others write."""
        loop = Loop()
        database = opened(self, postgresql(), loop)
        self.patch(module, "WRITING", 0.2)
        with database._readers.engine.begin() as other:
            other.exec_driver_sql("LOCK TABLE streams")
            self.assertRaises(TooSlow, loop.result, database.write(add))
        loop.result(database.write(partial(add, key="#b")))
        found = database.read(lambda connection: connection.scalars(select(streams.c.key)).all())
        self.assertEqual(loop.result(found), ["#b"])
