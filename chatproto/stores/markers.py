"""In memory: how far people have read."""

from __future__ import annotations

from collections import OrderedDict

from zope.interface import implementer

from chatproto.interfaces import IMarkerStore

BUFFERS = 200
"""Markers of one reader that are kept."""
READERS = 2000
"""Readers whose markers are kept. With as many markers each they take some 60 MB."""


@implementer(IMarkerStore)
class MemoryMarkers:
    """Keeps at most so many, and forgets those that were moved longest ago. Never waits."""

    def __init__(self, buffers: int = BUFFERS, readers: int = READERS) -> None:
        self._buffers = buffers
        self._readers = readers
        self._markers: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()

    def ready(self, reader: str) -> None:
        """See `IMarkerStore.ready`."""

    def find(self, reader: str, buffer: str) -> float | None:
        """See `IMarkerStore.find`."""
        markers = self._markers.get(reader)
        return None if markers is None else markers.get(buffer)

    def move(self, reader: str, buffer: str, time: float) -> None:
        """See `IMarkerStore.move`."""
        markers = self._markers.setdefault(reader, OrderedDict())
        self._markers.move_to_end(reader)
        markers[buffer] = max(time, markers.get(buffer, time))
        markers.move_to_end(buffer)
        if len(markers) > self._buffers:
            markers.popitem(last=False)
        if len(self._markers) > self._readers:
            self._markers.popitem(last=False)
