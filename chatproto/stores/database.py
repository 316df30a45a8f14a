"""A database, and the threads on which it is written and read. The reactor never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any, BinaryIO, TypeVar

from sqlalchemy import Connection, Engine
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

from chatproto.stores.claim import claimed
from chatproto.stores.engines import make_engine, shown, store_url
from chatproto.stores.opening import opened
from chatproto.stores.time_limit import time_limit
from chatproto.stores.trouble import PASSING, StoreFailed, StoreRefused, passing, words

__all__ = ["Database", "StoreFailed", "StoreRefused"]

READERS = 3
"""Threads that read, each on a connection of its own. One more writes."""

PATIENCE = 5.0
"""Seconds after which nobody waits any more for what is to be read."""
WRITING = 30.0
"""Seconds after which PostgreSQL gives up one statement that writes, such as one that waits for a lock of somebody
else's. A SQLite file has nobody else to wait for."""
CLOSING = 2.0
"""Seconds after which it is not waited for any more for what is under way, once for those who read and once for who
writes."""

_log = Logger()

T = TypeVar("T")
Work = Callable[[Connection], T]
"""What is to be done in one transaction. It runs on another thread than the reactor's."""


class Database:
    """A SQLite file (`sqlite:///PATH`) or a PostgreSQL database (`postgresql://…`; needs the extra `postgresql`)."""

    def __init__(self, url: str, reactor: Any) -> None:
        """Raises `StoreRefused` for a `url` that is none of the two. Of the reactor it needs `callFromThread` and
        `callLater`."""
        self.url = store_url(url)
        self._reactor = reactor
        self._claim: BinaryIO | None = None
        self._writer = _Threads(make_engine(self.url, 1, writes=True), 1, "store writer")
        self._readers = _Threads(make_engine(self.url, READERS, writes=False), READERS, "store reader")

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.engine.dialect.name

    def claim(self) -> None:
        """Keep other servers, and commands that change it, off a SQLite file until it is closed here, or this process
        ends, however it does. To be called before `open`. Raises `StoreRefused` if one of those is there."""
        self._claim = claimed(self.url)

    def release(self) -> None:
        """Let others have it."""
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def open(self) -> None:
        """Make the tables, or bring those of an older program up to date. Blocks: for milliseconds, or for as long as
        an upgrade takes. Raises `StoreRefused`. Leaves no connection and no thread behind, so that the process may
        fork after it."""
        opened(self.url)

    def at_once(self, work: Work[T]) -> T:
        """Read, blocking: for what has to be known before the reactor runs. Raises `StoreFailed`. Leaves no connection
        behind either."""
        try:
            return in_transaction(self._readers.engine, work)
        finally:
            self._readers.engine.dispose()

    async def write(self, work: Work[T]) -> T:
        """What `work(connection)` returns, after it was committed. All that is written is written in the order of these
        calls, on one thread. What `work` raises undoes it, and is raised here; so is `StoreFailed`, where it is the
        database that fails, and SQLAlchemy's `IntegrityError` and `DataError`."""
        return await self._run(self._writer, work)

    async def read(self, work: Work[T]) -> T:
        """The same on one of a few threads, for what only reads. Raises `StoreFailed` as well if it is not there after
        `PATIENCE`, and `TooSlow` if it keeps the database busy for so long."""
        return await self._run(self._readers, work)

    async def _run(self, threads: _Threads, work: Work[T]) -> T:
        if threads.closed:
            raise StoreFailed("the store is closed")
        if threads is self._readers:
            return await self._in_time(work)
        write = partial(_in_postgresql_not_for_ever, work)
        result: T = await deferToThreadPool(self._reactor, threads.started(), in_transaction, threads.engine, write)
        return result

    async def _in_time(self, work: Work[T]) -> T:
        threads, waiting = self._readers, list[Deferred[Any]]()

        def read(connection: Connection) -> T | None:
            if waiting and waiting[0].called:  # Nobody waits for it any more, and others do.
                return None
            with time_limit(connection, PATIENCE):
                return work(connection)

        waiting.append(deferToThreadPool(self._reactor, threads.started(), in_transaction, threads.engine, read))
        waiting[0].addTimeout(PATIENCE, self._reactor, _not_in_time)
        result: T = await waiting[0]
        return result

    async def close(self) -> None:
        """Wait for what was asked for, but not for ever, then close all connections. What is asked for afterwards
        fails."""
        for threads in (self._readers, self._writer):
            if not threads.closed:
                await threads.close(self._reactor)
        self.release()


def _in_postgresql_not_for_ever(work: Work[T], connection: Connection) -> T:
    if connection.dialect.name == "sqlite":
        return work(connection)
    with time_limit(connection, WRITING):
        return work(connection)


def _not_in_time(result: object, seconds: float) -> object:
    raise StoreFailed(f"it has not answered for {seconds:g} seconds")


def _not_ended(result: object, seconds: float) -> None:
    _log.warn("the database has not done with what is under way after {seconds:g} seconds", seconds=seconds)


class _Thread(Thread):
    """Ends with the process, whatever a database keeps it waiting for."""

    def __init__(self, **named: Any) -> None:
        super().__init__(daemon=True, **named)


class _Threads:
    """An engine, and the threads that use it. They start when they are needed: not before the process has forked."""

    def __init__(self, engine: Engine, most: int, name: str) -> None:
        self.engine = engine
        self.closed = False
        self._pool = ThreadPool(0, most, name)
        self._pool.threadFactory = _Thread  # type: ignore[assignment]

    def started(self) -> ThreadPool:
        if not self._pool.started:
            self._pool.start()
        return self._pool

    async def close(self, reactor: Any) -> None:
        self.closed = True
        if self._pool.started:
            ended: Deferred[None] = Deferred()
            # It waits for its threads, and so on one of its own.
            _Thread(target=self._stop, args=(reactor, ended), name="store closing").start()
            await ended.addTimeout(CLOSING, reactor, _not_ended)
        self.engine.dispose()

    def _stop(self, reactor: Any, ended: Deferred[None]) -> None:
        self._pool.stop()
        reactor.callFromThread(ended.callback, None)


def in_transaction(engine: Engine, work: Work[T]) -> T:
    """What `work(connection)` returns, after it was committed. Blocks. Raises as `Database.write` does."""
    try:
        with engine.begin() as connection:
            return work(connection)
    except PASSING as error:
        if passing(error):
            raise StoreFailed(words(error)) from error
        raise
