"""History in memory: the last lines of each room, gone with the process."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from zope.interface import implementer

from chatproto.events import Said, Stamp
from chatproto.interfaces import IHistoryStore


@implementer(IHistoryStore)
class MemoryHistory:
    """Keeps at most `kept` lines of each stream and drops the oldest beyond that. Never waits."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._streams: dict[str, deque[tuple[Said, Stamp]]] = {}

    def append(self, stream: str, said: Said, stamp: Stamp) -> None:
        """See `IHistoryStore.append`."""
        lines = self._streams.get(stream)
        if lines is None:
            lines = self._streams[stream] = deque(maxlen=self._kept)
        lines.append((said, stamp))

    async def latest(self, stream: str, count: int, before: Stamp | None) -> Sequence[tuple[Said, Stamp]]:
        """See `IHistoryStore.latest`."""
        newest_first = reversed(self._streams.get(stream, ()))
        wanted = (line for line in newest_first if before is None or line[1][:2] < before[:2])
        return list(islice(wanted, count))[::-1]

    async def find(self, stream: str, message: str) -> Said | None:
        """See `IHistoryStore.find`."""
        return next((said for said, stamp in self._streams.get(stream, ()) if stamp.id == message), None)

    def redact(self, stream: str, message: str) -> None:
        """See `IHistoryStore.redact`."""
        if stream in self._streams:
            kept = (line for line in self._streams[stream] if line[1].id != message)
            self._streams[stream] = deque(kept, maxlen=self._kept)

    def rename(self, stream: str, new: str) -> None:
        """See `IHistoryStore.rename`."""
        if stream in self._streams:
            self._streams[new] = self._streams.pop(stream)

    def drop(self, stream: str) -> None:
        """See `IHistoryStore.drop`."""
        self._streams.pop(stream, None)
