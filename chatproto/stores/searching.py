"""What was said, found by its words: SQLite's FTS5, or PostgreSQL's own full text.

Words that are in very many lines would keep a database busy for seconds, and longer with each line. So what is ranked
are the newest lines that fit, and the ranking is done here, alike for both databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, column, func, literal_column, select, table, text

from chatproto.interfaces import Found, Search
from chatproto.stores.reading import COLUMNS, WITH_TEXT, entry
from chatproto.stores.schema import SPOKEN, lines, streams
from chatproto.stores.terms import fit, terms, told
from chatproto.stores.time_limit import time_limit

RANKED = 1000
"""Lines that fit, the newest, of which the best are told."""
LOOKED_AT = 50_000
"""Lines that have the words, the newest, among which those are sought that fit in all else."""
LOOKED_AT_ALL = 1_000_000
"""Lines of the whole store, the newest up to the time that is asked for, among which is sought if no words are."""
SECONDS = 2.0
"""For which a search may keep a database busy."""
_PORTION = 500
"""Lines that have the words, of which is found out at once whether they fit."""

_Span = tuple[int, int]
"""From which line's number to which one is sought."""


def search(connection: Connection, sought: Search, count: int, skip: int) -> list[Found]:
    """See `IHistoryStore.search`. Blocks: for some milliseconds, and for `SECONDS` at the most. Raises `TooSlow`."""
    with time_limit(connection, SECONDS):
        numbers = _streams(connection, sought.streams)
        words = terms(sought.words)
        if not numbers or (sought.words.strip() and not words):
            return []
        span = _span(connection, numbers, sought)
        if span is None:
            return []
        within = lines.c.stream.in_(numbers)
        if not words:
            chosen = _newest(connection, _fitting(sought).where(within), span, count + skip)
        elif connection.dialect.name == "sqlite":
            chosen = _best(_by_sqlite(connection, sought, numbers, words, span), words)
        else:
            chosen = _best(_by_postgresql(connection, sought, within, words, span), words)
        return _found(connection, numbers, chosen[skip : skip + count])


def _streams(connection: Connection, keys: Sequence[str]) -> dict[int, str]:
    return {row.id: row.key for row in connection.execute(select(streams).where(streams.c.key.in_(keys)))}


def _span(connection: Connection, numbers: Iterable[int], sought: Search) -> _Span | None:
    """Lines are numbered in the order of time (see also `taking.put_in_order`), so that the first and the last that fit
    are found by their index. None if there are none."""
    first, last = (
        select(lines.c.id)
        .where(lines.c.stream == streams.c.id, text(SPOKEN), *_times(sought))
        .order_by(by)
        .limit(1)
        .scalar_subquery()
        for by in (lines.c.time, lines.c.time.desc())
    )
    each = select(first.label("first"), last.label("last")).where(streams.c.id.in_(numbers)).subquery()
    lowest, highest = connection.execute(select(func.min(each.c.first), func.max(each.c.last))).one()
    return None if lowest is None else (lowest, highest)


def _times(sought: Search) -> Iterator[ColumnElement[bool]]:
    if sought.after is not None:
        yield lines.c.time > sought.after
    if sought.before is not None:
        yield lines.c.time < sought.before


def _fitting(sought: Search) -> Select[Any]:
    """Number and text of lines that fit, but for words and streams."""
    fitting = select(lines.c.id, lines.c.text).where(text(SPOKEN), WITH_TEXT, *_times(sought))
    return fitting.where(func.lower(lines.c.sender) == func.lower(sought.sender)) if sought.sender else fitting


def _newest(connection: Connection, fitting: Select[Any], span: _Span, count: int) -> list[int]:
    first, last = max(span[0], span[1] - LOOKED_AT_ALL + 1), span[1]
    there = fitting.where(lines.c.id.between(first, last)).order_by(lines.c.id.desc())
    return [row.id for row in connection.execute(there.limit(count))]


def _best(fitting: Iterable[tuple[int, str]], words: Sequence[str]) -> list[int]:
    """The numbers of lines, the best first; of those that are as good as each other the newest."""
    wanted = [told(word) for word in words]
    ranked = sorted(((fit(told(said), wanted), number) for number, said in fitting), reverse=True)
    return [number for _, number in ranked]


def _by_sqlite(
    connection: Connection, sought: Search, numbers: Iterable[int], terms: Sequence[str], span: _Span
) -> list[tuple[int, str]]:
    """FTS5's own language (sqlite.org/fts5.html, 3): what is in quotes is sought as it is."""
    quoted = " ".join('"{}"'.format(term.replace('"', '""')) for term in terms)
    within = " OR ".join(f"s{number}" for number in numbers)
    words = table("words", column("rowid"), column("words"))
    have = (
        select(words.c.rowid)
        .where(words.c.words.op("MATCH")(f"text : ({quoted}) AND stream : ({within})"), words.c.rowid.between(*span))
        .order_by(words.c.rowid.desc())
        .limit(LOOKED_AT)
    )
    fitting, found = _fitting(sought).order_by(lines.c.id.desc()), list[tuple[int, str]]()
    # They are found one by one: no more of them than are needed.
    for some in connection.execute(have).scalars().partitions(_PORTION):
        found += map(tuple, connection.execute(fitting.where(lines.c.id.in_(some))))
        if len(found) >= RANKED:
            break
    return found[:RANKED]


def _by_postgresql(
    connection: Connection, sought: Search, within: ColumnElement[bool], terms: Sequence[str], span: _Span
) -> list[tuple[int, str]]:
    words: ColumnElement[Any] = literal_column("lines.words")
    wanted: list[ColumnElement[Any]] = [func.phraseto_tsquery(literal_column("'simple'"), term) for term in terms]
    have = words.op("@@")(reduce(lambda one, other: one.op("&&")(other), wanted))
    fitting = _fitting(sought).where(within, have).limit(RANKED)
    # Common words are found among the newest lines, and then that is enough. All lines that have them are asked for
    # where they are few; that this is to be done by the index of words, and not from the newest line on, is what the
    # sum tells PostgreSQL.
    recent = fitting.where(lines.c.id.between(max(span[0], span[1] - LOOKED_AT + 1), span[1]))
    found = connection.execute(recent.order_by(lines.c.id.desc())).all()
    if len(found) < RANKED:
        found = connection.execute(fitting.where(lines.c.id.between(*span)).order_by((lines.c.id + 0).desc())).all()
    return [(number, said) for number, said in found]


def _found(connection: Connection, numbers: dict[int, str], chosen: Sequence[int]) -> list[Found]:
    """Those lines, in that order."""
    query: Select[Any] = select(*COLUMNS, lines.c.stream, lines.c.id).where(lines.c.id.in_(chosen))
    there = {row.id: row for row in connection.execute(query)}
    rows = (there[number] for number in chosen if number in there)
    return [Found(numbers[row.stream], *known) for row in rows if (known := entry(row)) is not None]
