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
        wanted = (line for line in newest_first if before is None or line[1].offset < before.offset)
        return list(islice(wanted, count))[::-1]

    def drop(self, stream: str) -> None:
        """See `IHistoryStore.drop`."""
        self._streams.pop(stream, None)
