"""What is known of an account beside itself, forgotten with it: who has an account of that name next is somebody else.
As SQL, in a transaction of the caller; all of it blocks."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, select, update

from chatproto.interfaces import Record
from chatproto.stores.schema import markers, one_key, other_key, records, streams

Without = Callable[[str, str, Record], Record | None]
"""Kind, key and record in, and the record out as it is without the account; None if it is not to be kept."""


def forget_markers(connection: Connection, reader: str) -> None:
    """See `IMarkerStore.forget`."""
    connection.execute(delete(markers).where(markers.c.reader == reader))


def forget_talks(connection: Connection, account: str) -> None:
    """See `IHistoryStore.forget`."""
    for key in (one_key, other_key):
        connection.execute(update(streams).where(key == account).values(key=None))


def strip(connection: Connection, without: Without) -> None:
    """Take off records what `without` does."""
    for row in connection.execute(select(records)).all():
        its = (records.c.kind == row.kind) & (records.c.key == row.key)
        left = without(row.kind, row.key, row.record)
        if left is None:
            connection.execute(delete(records).where(its))
        elif left != row.record:
            connection.execute(update(records).where(its).values(record=left))
