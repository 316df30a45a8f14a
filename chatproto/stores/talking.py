"""Who talks with whom, and what one person said: as SQL, in a transaction of the caller. All of it blocks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, text, union
from twisted.internet.task import deferLater

from chatproto.interfaces import Found
from chatproto.stores.database import Database
from chatproto.stores.reading import COLUMNS, WITH_TEXT, entry
from chatproto.stores.schema import SPOKEN, lines, one_key, other_key, streams
from chatproto.stores.writing import take_back

PARTNERS = 1000
"""Others that an account is told it has talk with, those of the latest talk."""
LOOKED_AT = 50_000
"""Lines of the whole store that one call looks through for those of one person: some 50 ms. There is no index of who
said what, for each line that is stored would have to pay for it, and this is asked for once in a year."""
PORTION = 250
"""Lines that are erased in one transaction: some 10 ms."""
PAUSE = 0.02
"""Seconds between two portions, in which others write."""


def talks(connection: Connection, account: str) -> list[str]:
    """See `IHistoryStore.talks`."""
    mine = union(
        select(streams.c.id, other_key.label("partner")).where(one_key == account),
        select(streams.c.id, one_key.label("partner")).where(other_key == account),
    ).subquery()
    latest = (
        select(lines.c.time)
        .where(lines.c.stream == mine.c.id, text(SPOKEN), WITH_TEXT)
        .order_by(lines.c.time.desc())
        .limit(1)
        .scalar_subquery()
    )
    known = select(mine.c.partner, latest.label("time")).subquery()
    found = select(known.c.partner).where(known.c.time.is_not(None))
    newest = found.order_by(known.c.time.desc(), known.c.partner.desc()).limit(PARTNERS)
    return list(connection.execute(newest).scalars())[::-1]


def latest_line(connection: Connection) -> int:
    """The number of the line that was stored last; 0 if there is none."""
    return connection.execute(select(func.max(lines.c.id))).scalar() or 0


def _said_by(account: str, since: float, behind: int, end: int) -> ColumnElement[bool]:
    own = (lines.c.account == account) & (lines.c.time >= since) & text(SPOKEN)
    return own & (lines.c.id > behind) & (lines.c.id <= end)


def of_account(connection: Connection, account: str, since: float, count: int, behind: int) -> tuple[list[Found], int]:
    """See `IHistoryStore.of_account`."""
    latest = latest_line(connection)
    end = min(latest, behind + LOOKED_AT)
    query: Select[Any] = select(*COLUMNS, lines.c.id, streams.c.key).join(streams, streams.c.id == lines.c.stream)
    there = query.where(_said_by(account, since, behind, end), WITH_TEXT, streams.c.key.is_not(None))
    rows = connection.execute(there.order_by(lines.c.id).limit(count)).all()
    if len(rows) == count:
        end = rows[-1].id
    page = [Found(row.key, *known) for row in rows if (known := entry(row)) is not None]
    return page, end if end < latest else 0


def some_of_account(
    connection: Connection, account: str, since: float, behind: int, end: int
) -> tuple[Sequence[int], int]:
    """The numbers of a portion of what that person said, behind one number and up to another, and how far they go."""
    end = min(end, behind + LOOKED_AT)
    there = select(lines.c.id).where(_said_by(account, since, behind, end)).order_by(lines.c.id)
    found = connection.execute(there.limit(PORTION)).scalars().all()
    return found, found[-1] if len(found) == PORTION else end


def erase(connection: Connection, numbers: Sequence[int]) -> int:
    """`writing.take_back` those lines. Tells how many they were."""
    return take_back(connection, lines.c.id.in_(numbers))


async def erased(database: Database, clock: Any, account: str, since: float) -> int:
    """See `IHistoryStore.erase`. Others write between the portions. Raises `StoreFailed`."""
    count, behind, end = 0, 0, await database.read(latest_line)
    while behind < end:
        some, behind = await database.read(
            partial(some_of_account, account=account, since=since, behind=behind, end=end)
        )
        if some:
            count += await database.write(partial(erase, numbers=some))
            await deferLater(clock, PAUSE)
    return count
