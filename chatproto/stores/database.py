"""A database, and the threads on which it is written and read. The reactor never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from chatproto.stores.engines import make_engine, shown, store_url
from chatproto.stores.opening import opened
from chatproto.stores.trouble import PASSING, StoreFailed, StoreRefused, passing, words

__all__ = ["Database", "StoreFailed", "StoreRefused"]

READERS = 3
"""Threads that read, each on a connection of its own. One more writes."""

T = TypeVar("T")
Work = Callable[[Connection], T]
"""What is to be done in one transaction. It runs on another thread than the reactor's."""


class Database:
    """A SQLite file (`sqlite:///PATH`) or a PostgreSQL database (`postgresql://…`; needs the extra `postgresql`)."""

    def __init__(self, url: str, reactor: Any) -> None:
        """Raises `StoreRefused` for a `url` that is none of the two. Of the reactor it needs `callFromThread`."""
        self.url = store_url(url)
        self._reactor = reactor
        self._writer = _Threads(make_engine(self.url, 1, writes=True), 1, "store writer")
        self._readers = _Threads(make_engine(self.url, READERS, writes=False), READERS, "store reader")

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.engine.dialect.name

    def open(self) -> None:
        """Make the tables, or bring those of an older program up to date. Blocks: for milliseconds, or for as long as
        an upgrade takes. Raises `StoreRefused`. Leaves no connection and no thread behind, so that the process may
        fork after it."""
        opened(self.url)

    def at_once(self, work: Work[T]) -> T:
        """Read, blocking: for what has to be known before the reactor runs. Raises `StoreFailed`. Leaves no connection
        behind either."""
        try:
            return _in_transaction(self._readers.engine, work)
        finally:
            self._readers.engine.dispose()

    async def write(self, work: Work[T]) -> T:
        """What `work(connection)` returns, after it was committed. All that is written is written in the order of these
        calls, on one thread. What `work` raises undoes it, and is raised here; so is `StoreFailed`, where it is the
        database that fails, and SQLAlchemy's `IntegrityError` and `DataError`."""
        return await self._run(self._writer, work)

    async def read(self, work: Work[T]) -> T:
        """The same on one of a few threads, for what only reads."""
        return await self._run(self._readers, work)

    async def _run(self, threads: _Threads, work: Work[T]) -> T:
        if threads.closed:
            raise StoreFailed("the store is closed")
        result: T = await deferToThreadPool(self._reactor, threads.started(), _in_transaction, threads.engine, work)
        return result

    async def close(self) -> None:
        """Wait for what was asked for, then close all connections. What is asked for afterwards fails."""
        for threads in (self._readers, self._writer):
            if not threads.closed:
                await threads.close(self._reactor)


class _Threads:
    """An engine, and the threads that use it. They start when they are needed: not before the process has forked."""

    def __init__(self, engine: Engine, most: int, name: str) -> None:
        self.engine = engine
        self.closed = False
        self._pool = ThreadPool(0, most, name)

    def started(self) -> ThreadPool:
        if not self._pool.started:
            self._pool.start()
        return self._pool

    async def close(self, reactor: Any) -> None:
        self.closed = True
        if self._pool.started:
            ended: Deferred[None] = Deferred()
            # It waits for its threads, and so on one of its own.
            Thread(target=self._stop, args=(reactor, ended), name="store closing").start()
            await ended
        self.engine.dispose()

    def _stop(self, reactor: Any, ended: Deferred[None]) -> None:
        self._pool.stop()
        reactor.callFromThread(ended.callback, None)


def _in_transaction(engine: Engine, work: Work[T]) -> T:
    try:
        with engine.begin() as connection:
            return work(connection)
    except PASSING as error:
        if passing(error):
            raise StoreFailed(words(error)) from error
        raise
