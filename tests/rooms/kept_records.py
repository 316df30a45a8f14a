"""Records that last as long as a test."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from twisted.internet.defer import Deferred
from zope.interface import implementer

from chatproto.interfaces import IRecordStore, Record


@implementer(IRecordStore)
class KeptRecords:
    """What a server that starts later finds, which is another one of these made by `again`."""

    def __init__(self, kept: dict[tuple[str, str], str] | None = None) -> None:
        self._kept = kept or {}
        self._changed: dict[tuple[str, str], Callable[[], Record | None]] = {}
        self.waiting: Deferred[bool] | None = None
        """What a test has set that wants what was kept to be stored later."""

    def all(self, kind: str) -> Sequence[tuple[str, Record]]:
        """See `IRecordStore.all`."""
        return [(key, json.loads(text)) for (each, key), text in self._kept.items() if each == kind]

    def keep(self, kind: str, key: str, record: Callable[[], Record | None]) -> None:
        """See `IRecordStore.keep`."""
        self._changed[kind, key] = record

    def stored(self) -> Awaitable[bool] | None:
        """See `IRecordStore.stored`."""
        return self.waiting

    def changed(self) -> set[tuple[str, str]]:
        """Kind and key of what was different since one asked last, or since it was made."""
        found, asked = set(self._changed), {place: record() for place, record in self._changed.items()}
        self._kept |= {place: json.dumps(record) for place, record in asked.items() if record is not None}
        for place in found:
            del self._changed[place]
            if asked[place] is None:
                self._kept.pop(place, None)
        return found

    def again(self) -> KeptRecords:
        """The same for the next server."""
        kept = dict(self._kept)
        for place, record in self._changed.items():
            found = record()
            if found is None:
                kept.pop(place, None)
            else:
                kept[place] = json.dumps(found)
        return KeptRecords(kept)
