"""What was said, found by its words: SQLite's FTS5, or PostgreSQL's own full text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, column, func, literal_column, select, table, text

from chatproto.interfaces import Found, Search
from chatproto.stores.reading import COLUMNS, entry
from chatproto.stores.schema import SPOKEN, lines, streams

LOOKED_AT = 1_000_000
"""Lines of the whole store, the newest, among which is sought if no words are given. For words there is an index."""

_TERM = re.compile(r'"([^"]*)"?|(\S+)')


def search(connection: Connection, sought: Search, count: int, skip: int) -> list[Found]:
    """The best `count` lines after the best `skip`. Without words the newest are the best. Blocks: in a store of ten
    million lines for some milliseconds, or for seconds if the words are in most of them."""
    numbers = _streams(connection, sought.streams)
    terms = _terms(sought.words)
    if not numbers or (sought.words.strip() and not terms):
        return []
    query: Select[Any] = select(*COLUMNS, lines.c.stream).where(
        lines.c.stream.in_(numbers), text(SPOKEN), *_conditions(sought)
    )
    if not terms:
        query = _newest(query)
    elif connection.dialect.name == "sqlite":
        query = _ranked_by_sqlite(query, terms, numbers)
    else:
        query = _ranked_by_postgresql(query, terms)
    found: Sequence[Row[Any]] = connection.execute(query.limit(count).offset(skip)).all()
    return [Found(numbers[row.stream], *known) for row in found if (known := entry(row)) is not None]


def _streams(connection: Connection, keys: Sequence[str]) -> dict[int, str]:
    return {row.id: row.key for row in connection.execute(select(streams).where(streams.c.key.in_(keys)))}


def _terms(words: str) -> list[str]:
    """Each word, or row of words in quotes, that has something that can be sought."""
    terms = (quoted or word for quoted, word in _TERM.findall(words))
    return [term for term in terms if any(map(str.isalnum, term))]


def _conditions(sought: Search) -> Iterator[ColumnElement[bool]]:
    if sought.sender:
        yield func.lower(lines.c.sender) == func.lower(sought.sender)
    if sought.after is not None:
        yield lines.c.time > sought.after
    if sought.before is not None:
        yield lines.c.time < sought.before


def _newest(query: Select[Any]) -> Select[Any]:
    latest = select(func.max(lines.c.id)).scalar_subquery()
    return query.where(lines.c.id > latest - LOOKED_AT).order_by(lines.c.id.desc())


def _ranked_by_sqlite(query: Select[Any], terms: Sequence[str], numbers: Iterable[int]) -> Select[Any]:
    """FTS5's own language (sqlite.org/fts5.html, 3): what is in quotes is sought as it is."""
    quoted = " ".join('"{}"'.format(term.replace('"', '""')) for term in terms)
    within = " OR ".join(f"s{number}" for number in numbers)
    words = table("words", column("rowid"), column("rank"), column("words"))
    wanted = words.c.words.op("MATCH")(f"text : ({quoted}) AND stream : ({within})")
    found = query.join(words, words.c.rowid == lines.c.id).where(wanted)
    return found.order_by(func.bm25(literal_column("words"), 1.0, 0.0), lines.c.id.desc())


def _ranked_by_postgresql(query: Select[Any], terms: Sequence[str]) -> Select[Any]:
    words: ColumnElement[Any] = literal_column("lines.words")
    wanted: list[ColumnElement[Any]] = [func.phraseto_tsquery(literal_column("'simple'"), term) for term in terms]
    all_of_them = reduce(lambda one, other: one.op("&&")(other), wanted)
    return query.where(words.op("@@")(all_of_them)).order_by(func.ts_rank(words, all_of_them).desc(), lines.c.id.desc())
