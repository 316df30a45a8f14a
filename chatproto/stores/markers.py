"""How far people have read: in memory; and in a database, from where a reader's markers are fetched when they come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_
from twisted.internet.interfaces import IDelayedCall
from zope.interface import implementer

from chatproto.interfaces import IMarkerStore
from chatproto.stores.forgetting import forget_markers
from chatproto.stores.history import SqlHistory
from chatproto.stores.rows import storable
from chatproto.stores.schema import markers
from chatproto.stores.writing import Step, upsert

BUFFERS = 200
"""Markers of one reader that are kept."""
READERS = 2000
"""Readers whose markers are kept in memory. With as many markers each they take some 60 MB."""
MOVED = 100_000
"""Markers that were moved and wait to be stored; further ones are kept in memory only."""
WAIT = 1.0
"""Seconds in which they wait: who reads moves the same one many times."""

Moved = dict[str, dict[str, float]]
"""By reader and buffer."""


class _Markers(OrderedDict[str, float]):
    """Those of one reader, by buffer; that which was moved longest ago comes first."""

    all = False
    """Whether those are here, too, that were moved in the server's earlier lives."""


@implementer(IMarkerStore)
class MemoryMarkers:
    """Keeps at most so many, and forgets those that were moved longest ago. Never waits."""

    def __init__(self, buffers: int = BUFFERS, readers: int = READERS) -> None:
        self._buffers = buffers
        self._most_readers = readers
        self._readers: OrderedDict[str, _Markers] = OrderedDict()

    def ready(self, reader: str) -> Awaitable[None] | None:
        """See `IMarkerStore.ready`."""
        return None

    def find(self, reader: str, buffer: str) -> float | None:
        """See `IMarkerStore.find`."""
        its = self._readers.get(reader)
        return None if its is None else its.get(buffer)

    def move(self, reader: str, buffer: str, time: float) -> None:
        """See `IMarkerStore.move`."""
        its = self._of(reader)
        its[buffer] = max(time, its.get(buffer, time))
        its.move_to_end(buffer)
        if len(its) > self._buffers:
            its.popitem(last=False)

    def forget(self, reader: str) -> None:
        """See `IMarkerStore.forget`."""
        self._readers.pop(reader, None)

    def _of(self, reader: str) -> _Markers:
        its = self._readers.setdefault(reader, _Markers())
        self._readers.move_to_end(reader)
        if len(self._readers) > self._most_readers:
            self._readers.popitem(last=False)
        return its


class SqlMarkers(MemoryMarkers):
    """Keeps them in the table `markers` as well: as many of a reader, and of all readers. They wait with the history
    where the database fails."""

    def __init__(self, history: SqlHistory, clock: Any, buffers: int = BUFFERS, readers: int = READERS) -> None:
        """Of the `clock` it needs `callLater`."""
        super().__init__(buffers, readers)
        self._history, self._clock = history, clock
        self._moved: Moved = {}
        self._waiting = 0
        self._sending: IDelayedCall | None = None
        self._asked = False
        """The history is to ask for what was moved."""
        self._forgotten = 0
        """How many readers were, up to now."""

    def ready(self, reader: str) -> Awaitable[None] | None:
        """See `IMarkerStore.ready`."""
        its = self._readers.get(reader)
        return None if its is not None and its.all else self._fetch(reader)

    def move(self, reader: str, buffer: str, time: float) -> None:
        """See `IMarkerStore.move`."""
        super().move(reader, buffer, time)
        moved = self._moved.get(reader, {})
        if buffer in moved:
            moved[buffer] = max(time, moved[buffer])
        elif self._waiting < MOVED:
            self._moved.setdefault(reader, moved)[buffer] = time
            self._waiting += 1
        if self._sending is None and not self._asked:
            self._sending = self._clock.callLater(WAIT, self._send)

    def forget(self, reader: str) -> None:
        """See `IMarkerStore.forget`."""
        super().forget(reader)
        self._forgotten += 1
        self._waiting -= len(self._moved.pop(reader, {}))
        self._history.step(partial(forget_markers, reader=storable(reader)))

    def flush(self) -> None:
        """Have what waits stored with what the history stores next."""
        if self._sending is not None:
            self._sending.cancel()
            self._send()

    async def _fetch(self, reader: str) -> None:
        forgotten = -1
        while forgotten != self._forgotten:  # Those that came may be of this reader, who is to have none of them.
            forgotten = self._forgotten
            for buffer, time in self._moved.get(reader, {}).items():
                super().move(reader, buffer, time)
            before = self._of(reader)
            kept = await self._history.ask(partial(_kept, reader=storable(reader)))
        its = self._of(reader)  # Too many others may have come meanwhile.
        moved = [*before.items(), *its.items()]
        for buffer, time in (*kept, *moved):
            super().move(reader, buffer, time)
        its.all = True

    def _send(self) -> None:
        self._sending, self._asked = None, True
        self._history.also(self._written)

    def _written(self) -> Step:
        moved, self._moved, self._waiting, self._asked = self._moved, {}, 0, False
        return partial(_write, moved=moved, most=self._buffers)


def _kept(connection: Connection, reader: str) -> Sequence[Any]:
    of_reader = select(markers.c.buffer, markers.c.time).where(markers.c.reader == reader)
    return connection.execute(of_reader.order_by(markers.c.time)).all()


def _write(connection: Connection, moved: Moved, most: int) -> None:
    rows = [
        {"reader": storable(reader), "buffer": storable(buffer), "time": time}
        for reader, its in moved.items()
        for buffer, time in its.items()
    ]
    new = upsert(connection, markers)
    later = new.on_conflict_do_update(
        index_elements=["reader", "buffer"], set_={"time": new.excluded.time}, where=markers.c.time < new.excluded.time
    )
    if rows:
        connection.execute(later, rows)
    for reader in moved:
        _bound(connection, storable(reader), most)


def _bound(connection: Connection, reader: str, most: int) -> None:
    """Forget those of them that were read up to the earliest times."""
    place = tuple_(markers.c.time, markers.c.buffer)
    its = markers.c.reader == reader
    newest = (
        select(markers.c.time, markers.c.buffer).where(its).order_by(markers.c.time.desc(), markers.c.buffer.desc())
    )
    last = connection.execute(newest.offset(most - 1).limit(1)).first()
    if last is not None:
        connection.execute(delete(markers).where(its, place < tuple(last)))
