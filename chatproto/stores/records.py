"""What rooms and people are, in a database: read when it is opened, and written behind, with the history."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, select
from twisted.internet.defer import maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.interfaces import IRecordStore, Record
from chatproto.stores.database import Database
from chatproto.stores.history import SqlHistory
from chatproto.stores.rows import storable
from chatproto.stores.schema import records
from chatproto.stores.writing import Step, upsert

_log = Logger()

Name = tuple[str, str]
"""Kind and key."""


@implementer(IRecordStore)
class SqlRecords:
    """Keeps records in the table `records` of a database, which is open. They are in one transaction with what was
    appended to the history in the same turn of the reactor, and wait with it where the database fails."""

    def __init__(self, database: Database, history: SqlHistory) -> None:
        """Blocks, to read them all. Raises `StoreFailed`."""
        self._history = history
        self._found = database.at_once(_all)
        self._changed: dict[Name, Callable[[], Record | None]] = {}

    def all(self, kind: str) -> Sequence[tuple[str, Record]]:
        """See `IRecordStore.all`."""
        return self._found.get(kind, ())

    def keep(self, kind: str, key: str, record: Callable[[], Record | None]) -> None:
        """See `IRecordStore.keep`."""
        if not self._changed:
            self._history.also(self._written)
        self._changed[kind, key] = record

    def stored(self) -> Awaitable[bool] | None:
        """See `IRecordStore.stored`."""
        return self._history.all_stored()

    def _written(self) -> Step:
        changed, self._changed = self._changed, {}
        now: dict[Name, Record | None] = {}
        for name, record in changed.items():
            made = maybeDeferred(_copy, record)
            made.addCallbacks(partial(now.__setitem__, name), partial(_left_out, name))
        return partial(_write, now=now)


def _left_out(name: Name, bug: Failure) -> None:
    _log.failure("a bug in the record of {kind} {key}", bug, kind=name[0], key=name[1])


def _copy(record: Callable[[], Record | None]) -> Any:
    """It is written on another thread, while it changes here."""
    return json.loads(json.dumps(record()))


def _all(connection: Connection) -> dict[str, list[tuple[str, Record]]]:
    found = defaultdict(list)
    for kind, key, record in connection.execute(select(records)):
        found[kind].append((key, record))
    return {kind: sorted(each, key=lambda record: record[0]) for kind, each in found.items()}


def _write(connection: Connection, now: dict[Name, Record | None]) -> None:
    for (kind, key), record in now.items():
        name = {"kind": kind, "key": storable(key)}
        if record is None:
            connection.execute(delete(records).filter_by(**name))
        else:
            new = upsert(connection, records)
            connection.execute(
                new.on_conflict_do_update(index_elements=["kind", "key"], set_={"record": new.excluded.record}),
                {**name, "record": record},
            )
