"""What is written to streams, as SQL. All of it runs in a transaction of its caller, and blocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, column, func, insert, literal, select, table, text, update
from sqlalchemy.dialects import postgresql, sqlite

from chatproto.events import Event, Stamp
from chatproto.stores import rows
from chatproto.stores.schema import LARGEST, OTHER, SPOKEN, batches, lines, streams

PORTION = 250
"""Lines that are made to rows in one go: between them, other threads have their turn."""

Line = tuple[str, Event, Stamp]
Step = Callable[[Connection], None]
"""What else happens to a stream: `redact`, `rename` or `drop`, with all that they need but the connection."""

_NAMES = ("stream", "time", "epoch", "offset", *rows.COLUMNS)
_TYPES = ("bigint", "float8", "bigint", "bigint", "smallint", *("text" for _ in rows.COLUMNS[1:]))

# Written out, for SQLAlchemy would make a dict of each row, and of that a tuple again. SQLite gets them by way of its
# driver: that halves what a batch of one line costs, and most are small. To PostgreSQL the columns are sent, not the
# rows: that is half the work. Nothing of what people say is in these texts.
_INTO = "INSERT INTO lines ({})".format(", ".join(f'"{name}"' for name in _NAMES))
_INSERT_ROWS = f"{_INTO} VALUES ({', '.join('?' for _ in _NAMES)}) ON CONFLICT DO NOTHING"
_ARRAYS = ", ".join(f"%s::{name}[]" for name in _TYPES)
_INSERT_COLUMNS = f"{_INTO} SELECT * FROM unnest({_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608
_LAST = "SELECT coalesce(max(id), 0) FROM lines"
INDEX_WORDS = "INSERT INTO words (rowid, text, stream) SELECT id, text, stream FROM spoken WHERE id > ?"
"""For SQLite: have the words found of lines behind that one."""

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
    made = upsert(connection, batches).values(writer=writer, number=number)
    latest = made.on_conflict_do_update(
        index_elements=["writer"], set_={"number": number}, where=batches.c.number < number
    )
    return connection.execute(latest.returning(batches.c.number)).first() is not None


def upsert(connection: Connection, table: Any) -> Any:
    """An INSERT that can be told what to do where the row is there: each of the databases has its own."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def append(connection: Connection, new: Sequence[Line]) -> None:
    """Add lines, and have their words found."""
    ids = numbers(connection, {stream for stream, _, _ in new})
    if connection.dialect.name == "sqlite":
        driver = connection.connection.cursor()
        last = driver.execute(_LAST).fetchone()[0]
        for portion in _portions(ids, new):
            driver.executemany(_INSERT_ROWS, portion)
        driver.execute(INDEX_WORDS, (last,))
    else:
        for portion in _portions(ids, new):
            columns = zip(*portion, strict=True)
            connection.exec_driver_sql(_INSERT_COLUMNS, tuple(list(column) for column in columns))


def _portions(ids: dict[str, int], new: Sequence[Line]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(new), PORTION):
        yield [
            (ids[stream], stamp.time, stamp.epoch, stamp.offset, *rows.row(event))
            for stream, event, stamp in new[start : start + PORTION]
        ]


def numbers(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """The streams' ids; those that were not there are from now on."""
    found = _known(connection, keys)
    if missing := [{"key": key} for key in keys if key not in found]:
        connection.execute(upsert(connection, streams).on_conflict_do_nothing(), missing)
        found = _known(connection, keys)
    return found


def _known(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    if connection.dialect.name == "sqlite":
        return dict(connection.connection.cursor().execute(_KNOWN_OF_JSON, (json.dumps(list(keys)),)))
    return dict(map(tuple, connection.exec_driver_sql(_KNOWN_OF_ARRAY, (list(keys),))))


def redact(connection: Connection, stream: str, message: str) -> None:
    """See `IHistoryStore.redact`."""
    if (is_it := named(message)) is not None:
        take_back(connection, of(stream) & is_it)


def take_back(connection: Connection, which: ColumnElement[bool]) -> int:
    """Of these lines, as far as they were said, nothing stays but their places. Tells how many they were."""
    nothing = dict.fromkeys(("target", "sender", "username", "host", "account", "text"), "")
    gone = update(lines).where(which, text(SPOKEN))
    return connection.execute(gone.values(kind=rows.TAKEN_BACK, rest=None, **nothing)).rowcount


_words = table("words", column("words"), column("rowid"), column("text"), column("stream"))
_WORDS = lines.c.id, lines.c.text, literal("s") + cast(lines.c.stream, Text)


def rename(connection: Connection, stream: str, new: str, since: float | None = None) -> None:
    """See `IHistoryStore.rename`. What was called `new` before is dropped. Where something stays, the smaller of both
    parts is moved, which takes some 50 µs for each line: nobody can make that much who has not said as much."""
    number = connection.execute(select(streams.c.id).where(streams.c.key == stream)).scalar()
    if number is None:
        return
    drop(connection, new)
    key = update(streams).where(streams.c.id == number)
    if since is None:
        connection.execute(key.values(key=new))
        return
    older, newer = lines.c.time < since, lines.c.time >= since
    if _count(connection, number, older) < _count(connection, number, newer):
        connection.execute(key.values(key=new))
        _move(connection, number, older, stream)
    else:
        _move(connection, number, newer, new)


def _count(connection: Connection, stream: int, which: ColumnElement[bool]) -> int:
    """How many lines these are."""
    there = select(func.count()).where(lines.c.stream == stream, which)
    return sum(connection.execute(there.where(text(kinds))).scalar_one() for kinds in (SPOKEN, OTHER))


def _move(connection: Connection, stream: int, which: ColumnElement[bool], key: str) -> None:
    """Have these lines in a new stream."""
    new = connection.execute(insert(streams).values(key=key).returning(streams.c.id)).scalar_one()
    indexed = connection.dialect.name == "sqlite"  # There the stream is among the words of the index (migration 0001).
    for kinds in (SPOKEN, OTHER):
        these = lines.c.stream == stream, which, text(kinds)
        if indexed and kinds is SPOKEN:
            gone = select(literal("delete"), *_WORDS).where(*these)
            connection.execute(insert(_words).from_select(["words", "rowid", "text", "stream"], gone))
        connection.execute(update(lines).where(*these).values(stream=new))
    if indexed:
        there = select(*_WORDS).where(lines.c.stream == new, text(SPOKEN))
        connection.execute(insert(_words).from_select(["rowid", "text", "stream"], there))


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
