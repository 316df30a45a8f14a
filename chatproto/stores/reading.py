"""What is read of streams, as SQL. All of it runs in a transaction of its caller, and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, TextClause, and_, select, text, tuple_

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
_place = tuple_(*PLACE)


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
    between = [of(stream)]
    for mark, beyond in zip(marks, (_behind, _before), strict=True):
        if mark is not None:
            place = _located(connection, stream, mark)
            if place is None:
                return []
            between.append(beyond(place))
    found = _some(connection, and_(*between), count, newest=newest, every=every)
    known = [each for row in found if (each := entry(row)) is not None]
    return known[::-1] if newest else known


def _located(connection: Connection, stream: str, mark: Mark) -> tuple[float, ...] | None:
    """The place of a mark, if it is one: of a stamp its three numbers, or else the time alone."""
    if not isinstance(mark, Stamp):
        return (mark,)
    if mark.time:
        return (mark.time, mark.epoch, mark.offset)
    is_it = at(mark.epoch, mark.offset)
    found = None if is_it is None else connection.execute(select(*PLACE).where(of(stream), is_it)).first()
    return None if found is None else tuple(found)


def _behind(place: tuple[float, ...]) -> ColumnElement[bool]:
    return lines.c.time > place[0] if len(place) == 1 else _place > place


def _before(place: tuple[float, ...]) -> ColumnElement[bool]:
    return lines.c.time < place[0] if len(place) == 1 else _place < place


def _some(
    connection: Connection, wanted: ColumnElement[bool], count: int, *, newest: bool, every: bool
) -> Sequence[Row[Any]]:
    """At most `count` lines, the newest first, or the oldest. What was said and what else happened are in two indexes,
    of which each gives its part in order; to have the database put them together takes as long again."""

    def part(*which: ColumnElement[bool] | TextClause) -> Sequence[Row[Any]]:
        query = select(*COLUMNS).where(wanted, *which)
        return connection.execute(_ordered(query, lines, newest=newest).limit(count)).all()

    if not every:
        return part(text(SPOKEN), WITH_TEXT)
    both = [*part(text(SPOKEN)), *part(text(OTHER), lines.c.kind != rows.TAKEN_BACK)]
    return sorted(both, key=lambda row: row[: len(PLACE)], reverse=newest)[:count]


def _ordered(query: Select[Any], table: Any, *, newest: bool) -> Select[Any]:
    by = [table.c[column.name] for column in PLACE]
    return query.order_by(*(column.desc() if newest else column for column in by))


def entry(row: Row[Any]) -> tuple[Event, Stamp] | None:
    """The event of a row that begins with `COLUMNS`; None if a newer program wrote it."""
    event = rows.event(row[len(PLACE) : len(COLUMNS)])
    return None if event is None else (event, Stamp(row.epoch, row.offset, row.time))


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
