"""What is known of an account beside itself, forgotten with it: who has an account of that name next is somebody
else."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, select, update

from chatproto.interfaces import Record
from chatproto.stores import writing
from chatproto.stores.schema import markers, records

Without = Callable[[str, str, Record], Record | None]
"""Kind, key and record in, and the record out as it is without the account; None if it is not to be kept."""


def forget(connection: Connection, account: str, without: Without) -> None:
    """Forget how far the account with that key has read, what it and others said to each other, and what `without`
    takes off records. Blocks."""
    connection.execute(delete(markers).where(markers.c.reader == account))
    writing.forget(connection, account)
    strip(connection, without)


def strip(connection: Connection, without: Without) -> None:
    """Take off records what `without` does. Blocks."""
    for row in connection.execute(select(records)).all():
        its = (records.c.kind == row.kind) & (records.c.key == row.key)
        left = without(row.kind, row.key, row.record)
        if left is None:
            connection.execute(delete(records).where(its))
        elif left != row.record:
            connection.execute(update(records).where(its).values(record=left))
