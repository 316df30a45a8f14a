"""What is read of streams, as SQL. All of it runs in a transaction of its caller, and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Tuple, bindparam, select, text, tuple_

from chatproto.events import Event, Said, Stamp, Whispered
from chatproto.interfaces import Mark
from chatproto.stores import rows
from chatproto.stores.schema import OTHER, SPOKEN, lines, streams
from chatproto.stores.writing import at, named, of

COLUMNS = tuple(lines.c[name] for name in ("time", "epoch", "offset", *rows.COLUMNS))
"""What `entry` needs of a line."""

WITH_TEXT = lines.c.kind.not_in(rows.UNSAID)
"""Of what is spoken, this is what was said: no tags alone."""

PLACE = (lines.c.time, lines.c.epoch, lines.c.offset)
"""What lines are in the order of."""

Place = tuple[float, ...]
"""The numbers of `PLACE`, or the first of them, or none."""


class _Which(Enum):
    """Parts of what there is of a stream; each of them in the index that has no other."""

    TALK = (text(SPOKEN),)
    WORDS = (text(SPOKEN), WITH_TEXT)
    REST = (text(OTHER), lines.c.kind != rows.TAKEN_BACK)


def read(
    connection: Connection,
    stream: str,
    count: int,
    marks: tuple[Mark | None, Mark | None],
    *,
    newest: bool,
    every: bool,
) -> list[tuple[Event, Stamp]]:
    """See `IHistoryStore.read`; `marks` are `after` and `before`."""
    places = []
    for mark in marks:
        place = () if mark is None else _located(connection, stream, mark)
        if place is None:
            return []
        places.append(place)
    found = _some(connection, stream, count, places, newest=newest, every=every)
    known = [each for row in found if (each := entry(row)) is not None]
    return known[::-1] if newest else known


def _located(connection: Connection, stream: str, mark: Mark) -> Place | None:
    """The place of a mark, if it is one: of a stamp its three numbers, or else the time alone."""
    if not isinstance(mark, Stamp):
        return (mark,)
    if mark.time:
        return (mark.time, mark.epoch, mark.offset)
    is_it = at(mark.epoch, mark.offset)
    found = None if is_it is None else connection.execute(select(*PLACE).where(of(stream), is_it)).first()
    return None if found is None else tuple(found)


def _some(
    connection: Connection, stream: str, count: int, places: Sequence[Place], *, newest: bool, every: bool
) -> Sequence[Row[Any]]:
    """At most `count` lines between two places, the newest first, or the oldest. What was said and what else happened
    are in two indexes, of which each gives its part in order; to have the database put them together takes as long
    again."""
    after, before = places
    values = {"stream": stream, "count": count, **_values("after", after), **_values("before", before)}

    def part(which: _Which) -> Sequence[Row[Any]]:
        query = _query(which, len(after), len(before), newest=newest)
        return connection.execute(query, values).all()

    if not every:
        return part(_Which.WORDS)
    both = [*part(_Which.TALK), *part(_Which.REST)]
    return sorted(both, key=lambda row: row[: len(PLACE)], reverse=newest)[:count]


@cache
def _query(which: _Which, after: int, before: int, *, newest: bool) -> Select[Any]:
    """Lines of a stream; the places that they are between have so many numbers, or none. To put such a statement
    together takes SQLAlchemy a third of the time that it takes to read a hundred lines."""
    is_its = lines.c.stream == select(streams.c.id).where(streams.c.key == bindparam("stream")).scalar_subquery()
    wanted = select(*COLUMNS).where(is_its, *which.value)
    if after:
        wanted = wanted.where(tuple_(*PLACE[:after]) > _bound("after", after))
    if before:
        wanted = wanted.where(tuple_(*PLACE[:before]) < _bound("before", before))
    return _ordered(wanted, lines, newest=newest).limit(bindparam("count"))


def _bound(name: str, count: int) -> Tuple:
    return tuple_(*(bindparam(f"{name}_{number}", type_=PLACE[number].type) for number in range(count)))


def _values(name: str, place: Place) -> dict[str, float]:
    return {f"{name}_{number}": each for number, each in enumerate(place)}


def _ordered(query: Select[Any], table: Any, *, newest: bool) -> Select[Any]:
    by = [table.c[column.name] for column in PLACE]
    return query.order_by(*(column.desc() if newest else column for column in by))


def entry(row: Row[Any]) -> tuple[Event, Stamp] | None:
    """The event of a row that begins with `COLUMNS`; None if a newer program wrote it."""
    time, epoch, offset, *columns = row[: len(COLUMNS)]
    event = rows.event(columns)
    return None if event is None else (event, Stamp(epoch, offset, time))


def find(connection: Connection, stream: str, message: str) -> tuple[Said | Whispered, Stamp] | None:
    """See `IHistoryStore.find`."""
    is_it = named(message)
    found = None if is_it is None else connection.execute(select(*COLUMNS).where(of(stream), is_it)).first()
    known = None if found is None else entry(found)
    event, stamp = known or (None, None)
    return (event, stamp) if isinstance(event, Said | Whispered) and stamp is not None else None


def active(
    connection: Connection, keys: Sequence[str], after: float, before: float, count: int
) -> list[tuple[str, float]]:
    """See `IHistoryStore.active`."""
    span = (lines.c.stream == streams.c.id) & (lines.c.time > after) & (lines.c.time < before)
    said = select(lines.c.time).where(span, text(SPOKEN), WITH_TEXT)
    latest = _ordered(said, lines, newest=True).limit(1).scalar_subquery()
    times = select(streams.c.key, latest.label("time")).where(streams.c.key.in_(keys)).subquery()
    found = (
        select(times).where(times.c.time.is_not(None)).order_by(times.c.time.desc(), times.c.key.desc()).limit(count)
    )
    return [(key, time) for key, time in connection.execute(found)][::-1]


def latest_time(connection: Connection) -> float:
    """When the line was said that was stored last; 0 if there is none."""
    return connection.execute(select(lines.c.time).order_by(lines.c.id.desc()).limit(1)).scalar() or 0.0
