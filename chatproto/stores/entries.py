"""All that a store holds, entry by entry, as JSON has it: for taking it to another one, whichever database that is.
What the databases find out by themselves, as the words that were said, is not among it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Result, Select, func, select, text

from chatproto.account import Account
from chatproto.stores.schema import SPOKEN, accounts, certificates, lines, markers, records, streams

READ = 1000
"""Entries that are read at a time."""

Entry = dict[str, Any]

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


def entries(connection: Connection) -> Iterator[tuple[str, Entry]]:
    """Each with its kind, those of one kind after the other, as they are when the first is asked for. Blocks. Needs a
    transaction in which nothing was read yet."""
    if connection.dialect.name != "sqlite":  # There, a transaction sees one state of things in any case.
        connection.exec_driver_sql(_SNAPSHOT)
    for kind, every in _KINDS.items():
        for each in every(connection):
            yield kind, each


def counts(connection: Connection) -> Mapping[str, int]:
    """How many there are of each kind, how many of the lines were said, and how many streams they are in. Blocks: with
    ten million lines for some seconds."""
    whole = select(func.count()).select_from(lines.join(streams)).where(streams.c.key.is_not(None))
    queries = {
        "account": select(func.count()).select_from(accounts),
        "record": select(func.count()).select_from(records),
        "marker": select(func.count()).select_from(markers),
        "line": whole,
        "spoken": whole.where(text(SPOKEN)),
        "stream": select(func.count(streams.c.key)),
    }
    return {name: connection.scalar(query) or 0 for name, query in queries.items()}


def every_account(connection: Connection) -> Iterator[Account]:
    """In the order of keys that the database has. Blocks."""
    for some in _rows(connection, select(accounts).order_by(accounts.c.key)).partitions(READ):
        owned: dict[str, list[str]] = {row.key: [] for row in some}
        for row in connection.execute(select(certificates).where(certificates.c.account.in_(owned))):
            owned[row.account].append(row.fingerprint)
        for row in some:
            yield Account(**{**row._mapping, "certificates": tuple(sorted(owned[row.key]))})  # noqa: SLF001


def _accounts(connection: Connection) -> Iterator[Entry]:
    for account in every_account(connection):
        yield {each.name: getattr(account, each.name) for each in fields(Account)}


def _records(connection: Connection) -> Iterator[Entry]:
    for row in _rows(connection, select(records).order_by(records.c.kind, records.c.key)):
        yield dict(row._mapping)  # noqa: SLF001


def _markers(connection: Connection) -> Iterator[Entry]:
    for row in _rows(connection, select(markers).order_by(markers.c.reader, markers.c.buffer)):
        yield dict(row._mapping)  # noqa: SLF001


LINE = tuple(column.name for column in lines.c if column.name not in {"id", "stream"})


def _lines(connection: Connection) -> Iterator[Entry]:
    """In the order in which they came, without what is empty in them. Dropped streams are not there any more."""
    chosen = select(streams.c.key, *(lines.c[name] for name in LINE)).join_from(lines, streams)
    for row in _rows(connection, chosen.where(streams.c.key.is_not(None)).order_by(lines.c.id)):
        key, *values = tuple(row)
        found = {name: value for name, value in zip(LINE, values, strict=True) if value not in {"", None}}
        if "rest" in found:
            found["rest"] = json.loads(found["rest"])
        yield {"stream": key, **found}


_KINDS: Mapping[str, Callable[[Connection], Iterator[Entry]]] = {
    "account": _accounts,
    "record": _records,
    "marker": _markers,
    "line": _lines,
}


def _rows(connection: Connection, query: Select[Any]) -> Result[Any]:
    """They come as they are asked for, and are not all in memory."""
    return connection.execute(query, execution_options={"yield_per": READ})
