"""History in memory: the last lines of each room, gone with the process."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice

from zope.interface import implementer

from chatproto.events import Event, Kind, Said, Stamp, Whispered
from chatproto.interfaces import ANYBODY, Asker, Found, IHistoryStore, Mark, Search
from chatproto.stores.terms import Told, folded, holds, in_words, terms, told

TALKS = 1000
"""Private streams that are kept at the most: people come and go, and nobody closes what they said to each other."""

LOOKED_AT = 5000
"""Lines, the newest, among which is sought: the reactor waits for that."""
CHARACTERS = 500_000
"""Those of the lines that are looked at; when there are so many, that is enough. It takes some 50 milliseconds."""

Entry = tuple[Event | None, Stamp]
"""None is what was taken back."""

_SAID = (Said, Whispered)


def _unsaid(event: Event | None) -> bool:
    return isinstance(event, _SAID) and event.kind is Kind.TAGS


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

    def __bool__(self) -> bool:
        return bool(self.lines or self.others)

    def before(self, time: float) -> Stream:
        """What happened before that, which is not here any more."""
        split = Stream(self.lines.maxlen or 0)
        for ours, older in ((self.lines, split.lines), (self.others, split.others)):
            while ours and ours[0][1].time < time:
                older.append(ours.popleft())
        return split

    def entries(self, *, every: bool) -> Iterable[Entry]:
        """Oldest first. Tags without a text are only among every entry."""
        if every:
            return merge(self.lines, self.others, key=lambda entry: _place(entry[1]))
        return (entry for entry in self.lines if not _unsaid(entry[0]))


@implementer(IHistoryStore)
class MemoryHistory:
    """Keeps at most `kept` lines of each stream, and as many other events, and drops the oldest beyond that; and of
    private streams only `TALKS`, those that were used last. Never waits."""

    lasts = False

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._streams: dict[str, Stream] = {}
        self._talks: OrderedDict[str, None] = OrderedDict()
        """The private ones of them, that which was used last at the end."""

    def append(self, stream: str, event: Event, stamp: Stamp) -> None:
        """See `IHistoryStore.append`."""
        if stream[:1] != "#":
            self._bound(stream)
        kept = self._streams.get(stream)
        if kept is None:
            kept = self._streams[stream] = Stream(self._kept)
        (kept.lines if isinstance(event, _SAID) else kept.others).append((event, stamp))

    def _bound(self, talk: str) -> None:
        self._talks[talk] = None
        self._talks.move_to_end(talk)
        if len(self._talks) > TALKS:
            self.drop(next(iter(self._talks)))

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

    async def find(self, stream: str, message: str) -> tuple[Said | Whispered, Stamp] | None:
        """See `IHistoryStore.find`."""
        lines = self._streams[stream].lines if stream in self._streams else ()
        return next(((said, stamp) for said, stamp in lines if stamp.id == message and isinstance(said, _SAID)), None)

    def redact(self, stream: str, message: str) -> None:
        """See `IHistoryStore.redact`."""
        lines = self._streams[stream].lines if stream in self._streams else deque()
        for number, (_, stamp) in enumerate(lines):
            if stamp.id == message:
                lines[number] = (None, stamp)

    def rename(self, stream: str, new: str, since: float | None = None) -> None:
        """See `IHistoryStore.rename`."""
        if stream in self._streams:
            whole = self._streams.pop(stream)
            self._streams[new] = whole
            if since is not None and (rest := whole.before(since)):
                self._streams[stream] = rest

    def drop(self, stream: str) -> None:
        """See `IHistoryStore.drop`."""
        self._streams.pop(stream, None)
        self._talks.pop(stream, None)

    def forget(self, account: str) -> None:
        """See `IHistoryStore.forget`."""
        for key in [key for key in self._talks if account in key.split(" ")]:
            self.drop(key)

    async def talks(self, account: str) -> Sequence[str]:
        """See `IHistoryStore.talks`."""
        latest: dict[str, tuple[float, ...]] = {}
        for key, stream in self._streams.items():
            one, space, other = key.partition(" ")
            said = (stamp for event, stamp in reversed(stream.lines) if event is not None and not _unsaid(event))
            there = next(map(_place, said), None)
            if space and not key.startswith("#") and account in {one, other} and there is not None:
                latest[other if account == one else one] = there
        return sorted(latest, key=lambda partner: (latest[partner], partner))

    async def search(self, sought: Search, count: int, skip: int = 0, asker: Asker = ANYBODY) -> Sequence[Found]:
        """See `IHistoryStore.search`. The newest fit best. Nobody waits for their turn."""
        wanted = [told(term) for term in terms(sought.words)]
        if sought.words.strip() and not wanted:
            return []
        streams = set(sought.streams) & self._streams.keys()
        newest = merge(*map(self._newest_in, streams), key=lambda line: _place(line.stamp), reverse=True)
        looked_at = _looked_at(line for line in newest if _in_time(line.stamp, sought))
        return list(islice((line for line in looked_at if _fits(line, sought, wanted)), skip, skip + count))

    async def of_account(self, account: str, since: float, count: int, behind: int = 0) -> tuple[Sequence[Found], int]:
        """See `IHistoryStore.of_account`. What is dropped between two pages has the second leave out as many lines."""
        own = [line for line in self._said_by(account, since) if not _unsaid(line.event)]
        page, end = own[behind : behind + count], behind + count
        return page, end if end < len(own) else 0

    async def erase(self, account: str, since: float) -> int:
        """See `IHistoryStore.erase`."""
        erased = 0
        for stream in self._streams.values():
            for number, (event, stamp) in enumerate(stream.lines):
                if _said_by(event, stamp, account, since):
                    stream.lines[number] = (None, stamp)
                    erased += 1
        return erased

    def _said_by(self, account: str, since: float) -> list[Found]:
        own = [
            Found(key, event, stamp)
            for key, stream in self._streams.items()
            for event, stamp in stream.lines
            if event is not None and _said_by(event, stamp, account, since)
        ]
        return sorted(own, key=lambda line: _place(line.stamp))

    def _newest_in(self, stream: str) -> Iterator[Found]:
        entries = reversed(self._streams[stream].lines)
        return (Found(stream, event, stamp) for event, stamp in entries if event is not None)


def _said_by(event: Event | None, stamp: Stamp, account: str, since: float) -> bool:
    return stamp.time >= since and isinstance(event, _SAID) and event.who.account == account


def _looked_at(newest: Iterable[Found]) -> Iterator[Found]:
    characters = 0
    for line in islice(newest, LOOKED_AT):
        yield line
        characters += len(line.event.text) if isinstance(line.event, _SAID) else 0
        if characters >= CHARACTERS:
            return


def _in_time(stamp: Stamp, sought: Search) -> bool:
    after = float("-inf") if sought.after is None else sought.after
    before = float("inf") if sought.before is None else sought.before
    return after < stamp.time < before


def _fits(line: Found, sought: Search, wanted: Sequence[Told]) -> bool:
    assert isinstance(line.event, _SAID)
    if _unsaid(line.event):
        return False
    if sought.sender and line.event.who.name.casefold() != sought.sender.casefold():
        return False
    # Most lines do not have the words in any way: to take them apart would cost most.
    text = folded(line.event.text)
    return all(word in text for term in wanted for word in term.text.split()) and holds(in_words(text), wanted)


def _between(first: tuple[float, ...], stamp: Stamp, last: tuple[float, ...]) -> bool:
    """A time is a place, too: all at that time are neither before nor after it."""
    place = _place(stamp)
    return first < place[: len(first)] and place[: len(last)] < last
