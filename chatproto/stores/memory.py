"""History in memory: the last lines of each room, gone with the process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from heapq import merge

from zope.interface import implementer

from chatproto.events import Event, Said, Stamp, Whispered
from chatproto.interfaces import IHistoryStore, Mark

Entry = tuple[Event | None, Stamp]
"""None is what was taken back."""

_SAID = (Said, Whispered)


def _place(stamp: Stamp) -> tuple[float, int, int]:
    return stamp.time, stamp.epoch, stamp.offset


class Stream:
    """What is kept of one: at most so many lines, and as many other events."""

    __slots__ = ("lines", "others")

    def __init__(self, kept: int) -> None:
        self.lines: deque[Entry] = deque(maxlen=kept)
        self.others: deque[Entry] = deque(maxlen=kept)

    def place(self, mark: Mark) -> tuple[float, ...] | None:
        """Where that is."""
        if not isinstance(mark, Stamp):
            return (mark,)
        if mark.time:
            return _place(mark)
        entries: Iterable[Entry] = (*self.lines, *self.others)
        return next((_place(stamp) for _, stamp in entries if stamp[:2] == mark[:2]), None)

    def entries(self, *, every: bool) -> Iterable[Entry]:
        """Oldest first."""
        return merge(self.lines, self.others, key=lambda entry: _place(entry[1])) if every else self.lines


@implementer(IHistoryStore)
class MemoryHistory:
    """Keeps at most `kept` lines of each stream, and as many other events, and drops the oldest beyond that. Never
    waits."""

    lasts = False

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._streams: dict[str, Stream] = {}

    def append(self, stream: str, event: Event, stamp: Stamp) -> None:
        """See `IHistoryStore.append`."""
        kept = self._streams.get(stream)
        if kept is None:
            kept = self._streams[stream] = Stream(self._kept)
        (kept.lines if isinstance(event, _SAID) else kept.others).append((event, stamp))

    def stored(self) -> None:
        """See `IHistoryStore.stored`."""

    async def read(
        self,
        stream: str,
        count: int,
        *,
        after: Mark | None = None,
        before: Mark | None = None,
        newest: bool = True,
        every: bool = False,
    ) -> Sequence[tuple[Event, Stamp]]:
        """See `IHistoryStore.read`."""
        kept = self._streams.get(stream)
        if kept is None:
            return []
        first = (float("-inf"),) if after is None else kept.place(after)
        last = (float("inf"),) if before is None else kept.place(before)
        if first is None or last is None:
            return []
        found = [
            (event, stamp)
            for event, stamp in kept.entries(every=every)
            if event is not None and _between(first, stamp, last)
        ]
        return found[max(0, len(found) - count) :] if newest else found[:count]

    async def active(
        self, streams: Sequence[str], after: float, before: float, count: int
    ) -> Sequence[tuple[str, float]]:
        """See `IHistoryStore.active`."""
        found = []
        for stream in streams:
            latest = await self.read(stream, 1, after=after, before=before)
            found += [(stream, stamp.time) for _, stamp in latest]
        found.sort(key=lambda each: each[1])
        return found[max(0, len(found) - count) :]

    async def find(self, stream: str, message: str) -> Said | Whispered | None:
        """See `IHistoryStore.find`."""
        lines = self._streams[stream].lines if stream in self._streams else ()
        return next((said for said, stamp in lines if stamp.id == message and isinstance(said, _SAID)), None)

    def redact(self, stream: str, message: str) -> None:
        """See `IHistoryStore.redact`."""
        lines = self._streams[stream].lines if stream in self._streams else deque()
        for number, (_, stamp) in enumerate(lines):
            if stamp.id == message:
                lines[number] = (None, stamp)

    def rename(self, stream: str, new: str) -> None:
        """See `IHistoryStore.rename`."""
        if stream in self._streams:
            self._streams[new] = self._streams.pop(stream)

    def drop(self, stream: str) -> None:
        """See `IHistoryStore.drop`."""
        self._streams.pop(stream, None)


def _between(first: tuple[float, ...], stamp: Stamp, last: tuple[float, ...]) -> bool:
    """A time is a place, too: all at that time are neither before nor after it."""
    place = _place(stamp)
    return first < place[: len(first)] and place[: len(last)] < last
