"""What is queued for many connections at once: the members of a room that see it alike.

What is said in a room is queued here once, not once for each of its members, and what they get at the end of the turn
is joined once. It has a number, and so has what is queued for one of them alone: where there is both, or somebody is in
several rooms, each socket sees everything in the order in which it was written.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, KeysView
from itertools import islice
from typing import Any

from zope.interface import implementer

from chatproto.interfaces import ICrowd
from chatproto.transports.outbox import CHUNK
from chatproto.transports.turn import Turn, tick

AT_ONCE = 16
"""Links that are sent to before there is a look at the clock, so crowds up to this size are sent to in one go."""

FEWER = 32
"""For each so many frames that wait they are fewer, but one: where much is said, a send can take a millisecond."""

MOST = 262_144
"""Bytes that may wait for all, unless it is said how many: who says more waits until they are sent."""

JOINED = 8
"""What is joined for those who have the same is remembered for so many that differ: speakers lack their own lines."""

NOTHING: list[bytes] = []

NOBODY = -1
"""The number of no frame."""


def pieces(frames: list[bytes]) -> list[bytes]:
    """The same joined in as few as can be, none of which is more than a chunk, unless one frame is."""
    if len(frames) == 1:
        return frames
    joined: list[bytes] = []
    begun = size = 0
    for number, frame in enumerate(frames):
        size += len(frame)
        if size > CHUNK and number > begun:
            joined.append(b"".join(frames[begun:number]))
            begun, size = number, len(frame)
    return [*joined, b"".join(frames[begun:])] if frames else []


@implementer(ICrowd)
class Crowd:
    """Links that have an `Outbox` each. The bound of each member's send queue holds for what is queued here, too; and
    speakers wait while too much is, or those who read all they are sent would be cut for what is yet to be sent."""

    __slots__ = ("_begun", "_frames", "_joined", "_last", "_members", "_most", "_round", "_size", "_then", "_turn")

    def __init__(self, turn: Turn, most: int = MOST) -> None:
        self._turn = turn
        self._most = most
        self._members: dict[Any, int] = {}
        """Each link, with the number of the last frame that it has, or that was there before it."""
        self._frames: list[tuple[int, bytes]] = []
        """What somebody does not have yet."""
        self._size = 0
        """Their bytes."""
        self._then: list[Callable[[], None]] | None = None
        """What is to be called when a round is over."""
        self._last = 0
        self._joined: dict[tuple[int, int], tuple[list[bytes], int]] = {}
        """What comes after one number and up to another, see `pieces`, and how many bytes that is."""
        self._round: Iterator[Any] | None = None
        """Whose turn it is yet. All had theirs before there is a new round."""
        self._begun = 0
        """The last frame that was there when the round began."""

    @property
    def links(self) -> KeysView[Any]:
        """See `ICrowd.links`."""
        return self._members.keys()

    def add(self, link: Any) -> None:
        """See `ICrowd.add`."""
        self._members[link] = self._last
        link.outbox.enter(self, link)

    def discard(self, link: Any) -> None:
        """See `ICrowd.discard`."""
        if link in self._members:
            link.outbox.leave(self)
            del self._members[link]

    def write(self, data: bytes, skip: Any = None) -> None:
        """See `ICrowd.write`."""
        if not self._frames:
            self._turn.add_crowd(self)
        if skip in self._members:
            if self._members[skip] != self._last:
                skip.outbox.collect()
            self._last = self._members[skip] = tick()
        else:
            self._last = tick()
        self._frames.append((self._last, data))
        self._size += len(data)
        if self._size > self._most:
            self._turn.crowded = self

    def when_caught_up(self, then: Callable[[], None]) -> None:
        """Call `then`, which does not raise, once all that now waits is sent, or a little before."""
        self._then = [*(self._then or ()), then]

    def take(self, link: Any) -> list[tuple[int, bytes]]:
        """What `link` does not have yet; it has it now."""
        since, self._members[link] = self._members[link], self._last
        return self._after(since) if since < self._last else []

    def flush(self, until: float) -> bool:
        """Send what waits to as many as can be before that time, some at least. Returns whether that was all."""
        if self._round is None and len(self._members) <= AT_ONCE:
            self._begun = self._last
            self._serve(list(self._members))
        elif not self._serve_more(until):
            return False
        self._joined.clear()
        self._frames = self._after(self._begun)  # What was said meanwhile.
        self._size = sum([len(data) for _, data in self._frames])
        if self._then is not None:
            waiting, self._then = self._then, None
            for then in waiting:
                then()
        return not self._frames

    def _serve_more(self, until: float) -> bool:
        """Go on with the round, or begin one. Returns whether it is over."""
        left, self._round = self._round, None  # If one fails, there is a new round: who has all is passed over in it.
        if left is None:
            left, self._begun = iter(list(self._members)), self._last
        while some := list(islice(left, max(1, AT_ONCE // (1 + len(self._frames) // FEWER)))):
            self._serve(some)
            if self._turn.seconds() > until:
                self._round = left
                return False
        return True

    def _serve(self, links: Iterable[Any]) -> None:
        """Send them what they do not have. Most of the server's time goes here, so it is as short as can be."""
        members, last = self._members, self._last
        # While this goes on, somebody may say more, or leave: `last` is for those who have no part in it, or no more.
        has = members.get
        since, waiting, size = NOBODY, NOTHING, 0
        data: bytes | None = None
        for link in links:
            number = has(link, last)
            if number != since:
                if number >= last:
                    continue
                since, (waiting, size) = number, self._between(number, last)
                data = waiting[0] if len(waiting) == 1 else None
            outbox = link.outbox
            if data is not None and outbox.ready:
                members[link] = last
                try:
                    sent = outbox.put(data)
                except OSError:  # As in `Outbox.send`.
                    sent = 0
                if sent != size:
                    outbox.put_rest(data[sent:])
            elif outbox.lone:
                members[link] = last
                outbox.queue(waiting, size)
            else:
                outbox.flush()

    def _between(self, since: int, last: int) -> tuple[list[bytes], int]:
        """What comes after one number and up to the other, joined once for all who lack the same, and its bytes."""
        joined = self._joined.get((since, last))
        if joined is None:
            if len(self._joined) == JOINED:
                self._joined.popitem()  # Not those of most members: they came first.
            waiting = pieces([data for number, data in self._after(since) if number <= last])
            joined = self._joined[since, last] = waiting, sum(map(len, waiting))
        return joined

    def _after(self, number: int) -> list[tuple[int, bytes]]:
        """The frames that come after that one."""
        return self._frames[bisect_left(self._frames, (number + 1,)) :]
