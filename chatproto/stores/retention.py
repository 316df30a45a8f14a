"""What is too old, or too much, is deleted, and its space on the disk given back: in portions of some milliseconds,
between which what is said is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, false, or_, select, text, true, tuple_, update
from twisted.internet.task import deferLater

from chatproto.stores.database import Database
from chatproto.stores.reading import PLACE
from chatproto.stores.schema import OTHER, SPOKEN, lines, streams

PORTION = 500
"""Lines that are deleted in one transaction: some 10 ms."""
PAGES = 250
"""Pages of a SQLite file, a megabyte, that are given back in one transaction, or of its words that are put together."""
STREAMS = 500
"""Streams that are read at once."""
PAUSE = 0.02
"""Seconds between two portions, in which others write."""


class Kept(NamedTuple):
    """What is kept of one stream."""

    seconds: float | None = None
    """Not longer than this; None is for ever."""
    lines: int | None = None
    """So many of what was said, the newest, and as many other events; None is all."""


class Retention:
    """Deletes what is not to be kept, and what is left of dropped streams. `kept` tells what is kept of a stream, by
    its key."""

    def __init__(self, database: Database, clock: Any, kept: Callable[[str], Kept]) -> None:
        """Of the `clock` it needs `callLater`."""
        self._database, self._clock, self._kept = database, clock, kept

    async def tidy(self, now: float) -> int:
        """Go through all streams once, and tell how many lines were deleted. `now` is in seconds since 1970. It may
        take long, and keeps nobody waiting for more than some milliseconds. Raises `StoreFailed`."""
        deleted, last = 0, 0
        while some := await self._database.read(partial(_streams, behind=last)):
            for number, key in some:
                deleted += await self._tidy(number, Kept(lines=0) if key is None else self._kept(key), now)
                if key is None:
                    await self._database.write(partial(_delete_stream, number=number))
            last = some[-1][0]
        if deleted and self._database.dialect == "sqlite":
            for step in (_merge_words, _give_back):
                while await self._database.write(step):
                    await self._pause()
        return deleted

    async def _tidy(self, number: int, kept: Kept, now: float) -> int:
        deleted = 0
        while doomed := await self._database.read(partial(_doomed, number=number, kept=kept, now=now)):
            deleted += await self._database.write(partial(_delete_lines, doomed=doomed))
            await self._pause()
        return deleted

    async def _pause(self) -> None:
        await deferLater(self._clock, PAUSE)


def _streams(connection: Connection, behind: int) -> Sequence[Any]:
    found = select(streams.c.id, streams.c.key).where(streams.c.id > behind).order_by(streams.c.id)
    return connection.execute(found.limit(STREAMS)).all()


def _doomed(connection: Connection, number: int, kept: Kept, now: float) -> Sequence[int]:
    """Some of the lines that are not kept."""
    for which in (SPOKEN, OTHER):
        there = select(lines.c.id).where(lines.c.stream == number, text(which))
        too_many = _too_many(connection, number, which, kept.lines)
        too_old = false() if kept.seconds is None else lines.c.time < now - kept.seconds
        found = connection.execute(there.where(or_(too_old, too_many)).limit(PORTION)).scalars().all()
        if found:
            return found
    return []


def _too_many(connection: Connection, number: int, which: str, count: int | None) -> ColumnElement[bool]:
    if not count:
        return false() if count is None else true()
    there = select(*PLACE).where(lines.c.stream == number, text(which))
    newest = there.order_by(*(column.desc() for column in PLACE))
    oldest = connection.execute(newest.offset(count - 1).limit(1)).first()
    return false() if oldest is None else tuple_(*PLACE) < tuple(oldest)


def _delete_lines(connection: Connection, doomed: Sequence[int]) -> int:
    return connection.execute(delete(lines).where(lines.c.id.in_(doomed))).rowcount


def _delete_stream(connection: Connection, number: int) -> None:
    connection.execute(delete(streams).where(streams.c.id == number))


def _merge_words(connection: Connection) -> bool:
    """Deleted words take space until their part of the index is written anew (sqlite.org/fts5.html, 6.8). Whether there
    may be more of it."""
    changes = text("SELECT total_changes()")
    before = connection.execute(changes).scalar() or 0
    connection.execute(text("INSERT INTO words (words, rank) VALUES ('merge', :pages)"), {"pages": PAGES})
    return (connection.execute(changes).scalar() or 0) - before >= 2


def _give_back(connection: Connection) -> bool:
    """Whether there is more to give back."""
    # Each step gives back one page, and SQLAlchemy stops after the first.
    connection.connection.cursor().execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
    return bool(connection.exec_driver_sql("PRAGMA freelist_count").scalar())


_APART = re.compile(r"#\S+ (\d+)")
"""The stream of a room that was set apart, and when that was, in microseconds (`rooms/directory.py`)."""


def drop_apart(connection: Connection, kept: Collection[str], before: float) -> None:
    """Drop the streams of rooms that were set apart before that time, but those that are `kept`. Blocks: a second for
    some millions of streams."""
    found = connection.execute(select(streams.c.id, streams.c.key).where(streams.c.key.like("#% %")))
    old = ((number, key) for number, key in found if (it := _APART.fullmatch(key)) and int(it[1]) < before * 1e6)
    gone = [{"gone": number} for number, key in old if key not in kept]
    if gone:
        connection.execute(update(streams).where(streams.c.id == bindparam("gone")).values(key=None), gone)
