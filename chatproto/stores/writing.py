"""What is written to streams, as SQL. All of it runs in a transaction of its caller, and blocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from chatproto.events import Event, Stamp
from chatproto.stores import rows
from chatproto.stores.schema import SPOKEN, batches, lines, streams

PORTION = 250
"""Lines that are made to rows in one go: between them, other threads have their turn."""
LARGEST = 2**63 - 1
"""The largest whole number that a column holds."""

Line = tuple[str, Event, Stamp]
Step = Callable[[Connection], None]
"""What else happens to a stream: `redact`, `rename` or `drop`, with all that they need but the connection."""

_NAMES = ("stream", "time", "epoch", "offset", *rows.COLUMNS)
_TYPES = ("bigint", "float8", "bigint", "bigint", "smallint", *("text" for _ in rows.COLUMNS[1:]))

# Written out, for SQLAlchemy would make a dict of each row, and of that a tuple again. To PostgreSQL the columns are
# sent, not the rows: that is half the work. Nothing of what people say is in these texts.
_INTO = "INSERT INTO lines ({})".format(", ".join(f'"{name}"' for name in _NAMES))
_INSERT_ROWS = f"{_INTO} VALUES ({', '.join('?' for _ in _NAMES)}) ON CONFLICT DO NOTHING"
_ARRAYS = ", ".join(f"%s::{name}[]" for name in _TYPES)
_INSERT_COLUMNS = f"{_INTO} SELECT * FROM unnest({_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608
_INDEX_WORDS = text("INSERT INTO words (rowid, text, stream) SELECT id, text, stream FROM spoken WHERE id > :last")

# One parameter, for SQLAlchemy would write the statement anew for each other number of them.
_KNOWN_OF_JSON = "SELECT key, id FROM streams WHERE key IN (SELECT value FROM json_each(?))"
_KNOWN_OF_ARRAY = "SELECT key, id FROM streams WHERE key = ANY (%s)"


def carry_out(connection: Connection, work: Sequence[Line | Step], writer: str, number: int) -> None:
    """Do all of it, in order. Lines that are there already stay as they are. Steps are done once, however often the
    batch is tried: a connection that is lost while it commits leaves open whether it did. `number` is the batch's, and
    greater than those of the same `writer` before it."""
    if not all(isinstance(each, tuple) for each in work) and not _is_new(connection, writer, number):
        return
    for are_lines, run in groupby(work, lambda each: isinstance(each, tuple)):
        if are_lines:
            append(connection, [each for each in run if isinstance(each, tuple)])
        else:
            for step in run:
                step(connection)  # type: ignore[operator]


def _is_new(connection: Connection, writer: str, number: int) -> bool:
    made = _insert(connection, batches).values(writer=writer, number=number)
    latest = made.on_conflict_do_update(
        index_elements=["writer"], set_={"number": number}, where=batches.c.number < number
    )
    return connection.execute(latest.returning(batches.c.number)).first() is not None


def _insert(connection: Connection, table: Any) -> Any:
    """The two databases' own INSERT have a clause for conflicts."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def append(connection: Connection, new: Sequence[Line]) -> None:
    """Add lines, and have their words found."""
    numbers = _numbers(connection, {stream for stream, _, _ in new})
    if connection.dialect.name == "sqlite":
        last = connection.execute(select(func.max(lines.c.id))).scalar()
        for portion in _portions(numbers, new):
            connection.exec_driver_sql(_INSERT_ROWS, portion)
        connection.execute(_INDEX_WORDS, {"last": last or 0})
    else:
        for portion in _portions(numbers, new):
            columns = zip(*portion, strict=True)
            connection.exec_driver_sql(_INSERT_COLUMNS, tuple(list(column) for column in columns))


def _portions(numbers: dict[str, int], new: Sequence[Line]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(new), PORTION):
        yield [
            (numbers[stream], stamp.time, stamp.epoch, stamp.offset, *rows.row(event))
            for stream, event, stamp in new[start : start + PORTION]
        ]


def _numbers(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """The streams' ids; those that were not there are from now on."""
    found = _known(connection, keys)
    if missing := [{"key": key} for key in keys if key not in found]:
        connection.execute(_insert(connection, streams).on_conflict_do_nothing(), missing)
        found = _known(connection, keys)
    return found


def _known(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    is_sqlite = connection.dialect.name == "sqlite"
    asked = (json.dumps(list(keys)) if is_sqlite else list(keys),)
    return dict(map(tuple, connection.exec_driver_sql(_KNOWN_OF_JSON if is_sqlite else _KNOWN_OF_ARRAY, asked)))


def redact(connection: Connection, stream: str, message: str) -> None:
    """See `IHistoryStore.redact`: nothing stays but the line's place."""
    if (is_it := named(message)) is not None:
        nothing = dict.fromkeys(("target", "sender", "username", "host", "account", "text"), "")
        gone = update(lines).where(of(stream), is_it, text(SPOKEN))
        connection.execute(gone.values(kind=rows.TAKEN_BACK, rest=None, **nothing))


def rename(connection: Connection, stream: str, new: str) -> None:
    """See `IHistoryStore.rename`. What was called `new` before is dropped."""
    if connection.execute(select(streams.c.id).where(streams.c.key == stream)).first() is not None:
        drop(connection, new)
        connection.execute(update(streams).where(streams.c.key == stream).values(key=new))


def drop(connection: Connection, stream: str) -> None:
    """See `IHistoryStore.drop`. The lines cannot be found any more, and are deleted later: that takes long."""
    connection.execute(update(streams).where(streams.c.key == stream).values(key=None))


def of(stream: str) -> ColumnElement[bool]:
    """Lines of that stream."""
    return lines.c.stream == select(streams.c.id).where(streams.c.key == stream).scalar_subquery()


def named(message: str) -> ColumnElement[bool] | None:
    """The line with that id (`Stamp.id`); None if no line can have it."""
    try:
        epoch, offset, _ = Stamp.parse(message)
    except ValueError:
        return None
    return at(epoch, offset)


def at(epoch: int, offset: int) -> ColumnElement[bool] | None:
    """The line of a stream with that epoch and offset; None for numbers that no line can have."""
    if max(abs(epoch), abs(offset)) > LARGEST:
        return None
    return (lines.c.epoch == epoch) & (lines.c.offset == offset)
