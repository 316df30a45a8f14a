"""One turn of the reactor: whose lines are taken in it, what is sent at its end, and how long it may be.

Lines that come in one turn are broadcast one after the other, and at the end of it each socket is sent at once all that
was queued for it. Where there is more to do than a turn may take, the rest waits for the next: one large room does not
hold up everybody else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from chatproto.transports.turn_times import TurnTimes

READING_SECONDS = 0.006
"""After so long no more of the lines that come are taken in this turn. The longer, the more a socket gets in one
send."""

TAKING_SECONDS = 0.008
"""After so long, with the time for those that come, none of those that waited are taken either; but they have a quarter
of it in any case."""

SENDING_SECONDS = 0.008
"""After so long no more sockets are sent to in this turn: about a thousand."""

tick: Callable[[], int] = count(1).__next__
"""Numbers what is queued, for one or for many, in the order in which it is."""


class ToOne(Protocol):
    """An outbox, as a turn sees it."""

    def flush(self) -> None:
        """Send what waits, as far as the transport takes it."""


class ToMany(Protocol):
    """A crowd, as a turn sees it."""

    def flush(self, until: float) -> bool:
        """Send what waits to as many as can be before that time, one at least. Returns whether that was all."""


class Crowded(Protocol):
    """A crowd that much waits in, as a link sees it whose line was one too many."""

    def when_caught_up(self, then: Callable[[], None]) -> None:
        """Call `then` once all of it that now waits is sent."""


class Turn:
    """What is to be done at the end of this turn of the reactor. One per server."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self.seconds = clock.seconds
        """What time it is; not since 1970."""
        self._outboxes: deque[ToOne] = deque()
        self._crowds: deque[ToMany] = deque()
        self._takers: deque[Callable[[], None]] = deque()
        self._taking_until: float | None = None
        self._scheduled = False
        self.crowded: Crowded | None = None
        """Where the line went that was taken last, if more waits there than should."""
        self.times = TurnTimes()

    def add(self, outbox: ToOne) -> None:
        """Flush `outbox` when the turn is over."""
        if not self._scheduled:
            self._schedule()
        self._outboxes.append(outbox)

    def add_crowd(self, crowd: ToMany) -> None:
        """Flush `crowd` when the turn is over, in as many turns as that takes."""
        if not self._scheduled:
            self._schedule()
        self._crowds.append(crowd)

    def spent(self, now: float) -> bool:
        """Whether no more lines should be taken in this turn."""
        if self._taking_until is None:
            self._taking_until = now + READING_SECONDS
            if not self._scheduled:
                self._schedule()
        return now > self._taking_until

    def take_later(self, take: Callable[[], None]) -> None:
        """Call `take`, which takes lines and does not raise, in the next turn that has time for it."""
        if not self._scheduled:
            self._schedule()
        self._takers.append(take)

    def _schedule(self) -> None:
        self._scheduled = True
        self._clock.callLater(0, self._end)

    def _end(self) -> None:
        now = self.seconds()
        began = now if self._taking_until is None else self._taking_until - READING_SECONDS
        self._taking_until = max(began + TAKING_SECONDS, now + TAKING_SECONDS / 4)
        try:
            self._take()
            self._send()
        finally:  # Those behind one that failed have their turn all the same.
            self._scheduled = False
            self._taking_until = None  # What is read next has time of its own, or nobody would be read who was not yet.
            if self._outboxes or self._crowds or self._takers:
                self._schedule()
            self.times.add(self.seconds() - began)

    def _take(self) -> None:
        """Have lines taken that wait since the turn before; who has more of them is called again in the next."""
        for _ in range(len(self._takers)):
            if self.spent(self.seconds()):
                break
            self._takers.popleft()()

    def _send(self) -> None:
        """First to those who got an answer of their own; then to crowds, which have half of the time in any case. One
        that is not done goes behind the others: a small one never waits for the whole of a large one."""
        seconds = self.seconds
        until = seconds() + SENDING_SECONDS
        for _ in range(len(self._outboxes)):
            self._outboxes.popleft().flush()
            if seconds() > until:
                break
        until = max(until, seconds() + SENDING_SECONDS / 2)
        for _ in range(len(self._crowds)):
            self._send_to(self._crowds.popleft(), until)
            if seconds() > until:
                break

    def _send_to(self, crowd: ToMany, until: float) -> None:
        done = False
        try:
            done = crowd.flush(until)
        finally:  # The other members of a crowd one of whom failed, too.
            if not done:
                self._crowds.append(crowd)
