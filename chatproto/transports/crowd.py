"""What is queued for many connections at once: the members of a room that see it alike.

What is said in a room is queued here once, not once for each of its members, and what they get at the end of the turn
is joined once. It has a number, and so has what is queued for one of them alone: where there is both, or somebody is in
several rooms, each socket sees everything in the order in which it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView
from itertools import islice
from typing import Any

from zope.interface import implementer

from chatproto.interfaces import ICrowd
from chatproto.transports.outbox import CHUNK
from chatproto.transports.turn import Turn, tick

AT_ONCE = 4
"""Links that are sent to before there is a look at the clock. One that is behind in a flood can take milliseconds."""

SMALL = 16
"""Crowds up to this size are sent to in one go: that is less work for each line."""

NOTHING = (0, 0, b"")


@implementer(ICrowd)
class Crowd:
    """Links that have an `Outbox` each. The bound of each member's send queue holds for what is queued here, too."""

    __slots__ = ("_begun", "_frames", "_joined", "_last", "_members", "_round", "_turn")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._members: dict[Any, int] = {}
        """Each link, with the number of the last frame that it has, or that was there before it."""
        self._frames: list[tuple[int, bytes]] = []
        """What somebody does not have yet."""
        self._last = 0
        self._joined = NOTHING
        """After which number, up to which, and the bytes."""
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

    def take(self, link: Any) -> list[tuple[int, bytes]]:
        """What `link` does not have yet; it has it now."""
        since, self._members[link] = self._members[link], self._last
        return [frame for frame in self._frames if frame[0] > since] if since < self._last else []

    def flush(self, until: float) -> bool:
        """Send what waits to as many as can be before that time, some at least. Returns whether that was all."""
        if self._round is None and len(self._members) <= SMALL:
            self._begun = self._last
            self._serve(list(self._members))
        elif not self._serve_more(until):
            return False
        self._joined = NOTHING
        if self._last == self._begun:
            self._frames.clear()
        else:  # More was said meanwhile.
            self._frames = [frame for frame in self._frames if frame[0] > self._begun]
        return not self._frames

    def _serve_more(self, until: float) -> bool:
        """Go on with the round, or begin one. Returns whether it is over."""
        left, self._round = self._round, None  # If one fails, there is a new round: who has all is passed over in it.
        if left is None:
            left, self._begun = iter(list(self._members)), self._last
        while some := list(islice(left, AT_ONCE)):
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
        since, data, size, fits = last, b"", 0, False
        for link in links:
            if has(link, last) != since:
                since = has(link, last)
                data = self._between(since, last)
                size = len(data)
                fits = 0 < size <= CHUNK
            outbox = link.outbox
            if fits and outbox.ready:
                members[link] = last
                try:
                    sent = outbox.put(data)
                except OSError:  # As in `Outbox.send`.
                    sent = 0
                if sent != size:
                    outbox.put_rest(data[sent:])
            elif size:
                outbox.flush()

    def _between(self, since: int, last: int) -> bytes:
        """What comes after one number and up to the other, made once for all who wait for the same."""
        if self._joined[:2] != (since, last):
            self._joined = (since, last, b"".join([data for number, data in self._frames if since < number <= last]))
        return self._joined[2]
