"""What may keep a database busy for some time, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from chatproto.stores.trouble import TooSlow

STEPS = 10_000
"""Of SQLite's machine, after which it looks at the clock: some tenths of a millisecond."""

_CANCELED = "57014"
"""What PostgreSQL calls a statement that was ended."""


@contextmanager
def time_limit(connection: Connection, seconds: float) -> Iterator[None]:
    """What is asked of the database meanwhile raises `TooSlow` if it takes longer: in SQLite all of it, in PostgreSQL
    each statement, up to the end of the transaction."""
    limited = _in_sqlite if connection.dialect.name == "sqlite" else _in_postgresql
    with limited(connection, seconds):
        yield


@contextmanager
def _in_sqlite(connection: Connection, seconds: float) -> Iterator[None]:
    end = monotonic() + seconds
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_progress_handler(lambda: monotonic() > end, STEPS)
    try:
        yield
    except OperationalError as error:
        if "interrupted" not in str(error.orig):
            raise
        raise TooSlow from error
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _in_postgresql(connection: Connection, seconds: float) -> Iterator[None]:
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELED:
            raise
        raise TooSlow from error
