"""The threads that a database is used on."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores.database import Database, StoreFailed
from chatproto.stores.schema import streams
from tests.stores.databases import opened, sqlite
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
            return read.wait(10)

        results: list[bool] = []

        async def write() -> None:
            results.append(await self.database.write(slow))

        waiting = write()
        started = self.loop.start(waiting)
        self.assertTrue(writing.wait(10))
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
        before = threading.active_count()
        database = Database(url, Loop())
        database.open()
        database.at_once(lambda c: c.execute(select(streams.c.key)).all())
        self.assertEqual(threading.active_count(), before)
        open_files = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        self.assertEqual([name for name in open_files if url.removeprefix("sqlite:///") in name], [])
