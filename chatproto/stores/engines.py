"""SQLAlchemy's engines for the databases that a store can be: what each of them has to be told first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from chatproto.stores.rows import is_storable, storable
from chatproto.stores.trouble import StoreRefused

BUSY_SECONDS = 5
"""How long a statement waits for another process that writes to the same SQLite file."""
CACHE_KIB = 64 * 1024
"""Of a SQLite file's pages, kept by the writer; each reader keeps a quarter of it."""
CHECKPOINT_PAGES = 8000
"""Pages of SQLite's write-ahead log after which it is brought into the file: 32 MB."""
CONNECT_SECONDS = 5
"""How long a connection to PostgreSQL may take to come about."""
_KEEPALIVE = {"tcp_user_timeout": 15_000, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""A machine that is gone is found out within 15 to 30 seconds, and not after the two hours of Linux."""
APPLICATION = 0x43484154
"""What SQLite's header says the file belongs to: CHAT."""


def store_url(text: str) -> URL:
    """The store that `text` names: `sqlite:///PATH` or `postgresql://…`. Raises `StoreRefused`."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # The second for a port that is none.
        told = text.rpartition("@")[2]  # A password may stand before it.
        raise StoreRefused(f"{told!r} is no store: sqlite:///PATH or postgresql://HOST/NAME is one.") from None
    if url.drivername == "sqlite" and url.database and url.database != ":memory:":
        return url
    if url.drivername in {"postgresql", "postgresql+psycopg"} and is_storable(text):
        return url.set(drivername="postgresql+psycopg")
    told = shown(make_url(storable(text)))
    raise StoreRefused(f"{told} is no store: sqlite:///PATH or postgresql://HOST/NAME is one.")


def shown(url: URL) -> str:
    """The store as a person may read it: the file's name, or the URL without its password."""
    if url.drivername == "sqlite" and url.database:
        return url.database
    return url.set(drivername=url.drivername.partition("+")[0]).render_as_string(hide_password=True)


def make_engine(url: URL, connections: int, *, writes: bool) -> Engine:
    """An engine with a pool of so many connections, which it opens when they are needed. Raises `StoreRefused` where
    the driver is missing."""
    # Parameters can be hashes of passwords, and an error that is logged would have them in it.
    pool = {"pool_size": connections, "max_overflow": 0, "hide_parameters": True}
    if url.drivername == "sqlite":
        waits = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
        engine = create_engine(url, **pool, connect_args=waits)
        _set_up_sqlite(engine, writes=writes)
        return engine
    arguments = {"connect_timeout": CONNECT_SECONDS, "application_name": "chatproto", **_KEEPALIVE}
    try:
        # A connection that died while it was not used is found out and made again, at the price of a round trip.
        return create_engine(url, **pool, pool_pre_ping=True, connect_args=arguments)
    except ImportError:
        raise StoreRefused("PostgreSQL needs psycopg: pip install 'chatproto[postgresql]'.") from None


def _set_up_sqlite(engine: Engine, *, writes: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # The driver begins no transactions of its own; `begin` does.
        for pragma in _pragmas(writes=writes):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # One that writes takes its lock at once: from a transaction that has read already, SQLite would refuse it.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _pragmas(*, writes: bool) -> tuple[str, ...]:
    if not writes:
        return (f"cache_size = -{CACHE_KIB // 4}", "query_only = ON")
    return (
        f"cache_size = -{CACHE_KIB}",
        "foreign_keys = ON",
        "synchronous = FULL",  # What is committed is on the disk: in WAL mode, NORMAL loses it with the power.
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"journal_size_limit = {CHECKPOINT_PAGES * 4096}",
    )


def make_sqlite_file(path: Path) -> None:
    """Make an empty file that only its owner can read; one that exists stays as it is. What root makes belongs to whom
    the directory does: to the user that the server runs as. Raises `OSError`."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return
    try:
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)


def may_write(path: Path) -> bool:
    """Whether this process may read and write it, as whoever it is now."""
    return os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids)
