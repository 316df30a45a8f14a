"""What can be wrong with a store."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LONGEST_QUOTED = 200
"""Characters of a database's own words that a sentence quotes."""


class StoreRefused(Exception):
    """A store that cannot be opened; `str(error)` is one sentence that says why."""


class StoreFailed(Exception):
    """The store did not do it, and might at another time: the disk is full, the database is gone. `str(error)` is one
    sentence."""


class TooSlow(StoreFailed):
    """It would do it, but takes longer than it may."""

    def __init__(self) -> None:
        super().__init__("it takes too long")


def words(error: Exception) -> str:
    """What the database said, on one line, without SQLAlchemy's additions."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    return text if len(text) <= LONGEST_QUOTED else text[:LONGEST_QUOTED] + "…"


PASSING = (DBAPIError, PoolTimeout, sqlite3.Error, OSError)
"""Errors of which `passing` may be true. SQLite's own come unwrapped when a connection is set up, or lines stored."""
_WRONG = (DataError, IntegrityError, sqlite3.DataError, sqlite3.IntegrityError)


def passing(error: Exception) -> bool:
    """Whether the same might succeed at another time: it is not what was asked for that is wrong."""
    return isinstance(error, PASSING) and not isinstance(error, _WRONG)
