"""The client's own poll loop, on `selectors`.

No Twisted here: on a reactor a client would spend more on each line than the server that it measures. Times are in
nanoseconds of CLOCK_MONOTONIC.
"""

from __future__ import annotations

import heapq
import select
import selectors
from collections.abc import Callable
from itertools import count
from time import monotonic_ns as clock
from typing import Protocol

SECOND = 1_000_000_000
MILLISECOND = 1_000_000

LOOK = MILLISECOND
"""How long those who are to be served promptly wait at the most while others keep the loop busy; one read more."""

NEVER = 1 << 62

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Ready(Protocol):
    """What a loop calls."""

    def read(self, now: int) -> None:
        """There is something to be read."""

    def write(self, now: int) -> None:
        """There is room to write."""


class Stopped(Exception):
    """Somebody asked the program to end."""


class Loop:
    """Calls what is ready, and what is due. Sockets that are added as `prompt` have a selector of their own, which is
    looked at between the reads of the others: what they measure is the server, not how busy this program is."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._prompt = selectors.DefaultSelector()
        self._selector.register(self._prompt.fileno(), READ, _Nested(self._look))
        self._alarms: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = count()
        self._next = NEVER
        """When there is something to do beside reading: an alarm, or a look at the prompt ones."""
        self.stopped = False
        """Set it, from a signal's handler for instance, and `run` raises `Stopped`."""
        self.waited = 0
        """Nanoseconds in which there was nothing to do. What a wait took longer than it was to is none of them: then
        something else had the processor."""

    def add(self, descriptor: int, ready: Ready, events: int, *, prompt: bool = False) -> None:
        """Call `ready` when `events` happen to `descriptor`, again and again while they last."""
        (self._prompt if prompt else self._selector).register(descriptor, events, ready)

    def change(self, descriptor: int, ready: Ready, events: int, *, prompt: bool = False) -> None:
        """Look for other events."""
        (self._prompt if prompt else self._selector).modify(descriptor, events, ready)

    def remove(self, descriptor: int, *, prompt: bool = False) -> None:
        """Look for none; to be said before the descriptor is closed."""
        (self._prompt if prompt else self._selector).unregister(descriptor)

    def at(self, when: int, call: Callable[[int], None]) -> None:
        """Call `call(now)` at `when` or as soon after it as possible."""
        heapq.heappush(self._alarms, (when, next(self._order), call))
        self._next = min(self._next, when)

    def run(self, done: Callable[[], bool], until: int) -> bool:
        """Serve until `done()`, which is asked once per turn, or until a time; says whether it was done. Raises
        `Stopped` between two turns."""
        while not done():
            if self.stopped:
                raise Stopped
            now = clock()
            if now >= until:
                return False
            self._turn(now, until)
        return True

    def close(self) -> None:
        """Give the selectors back."""
        self._prompt.close()
        self._selector.close()

    def _turn(self, now: int, until: int) -> None:
        patience = max(0, min(self._first_alarm(), until) - now)
        ready = self._wait(patience)
        awake = clock()
        self.waited += min(awake - now, patience)
        self._next = min(self._first_alarm(), awake + LOOK)
        for key, events in ready:
            now = clock()
            if now >= self._next:
                self._tick(now)
                now = clock()  # What was said meanwhile may be there already: it must not come before it was said.
            if events & WRITE:
                key.data.write(now)
            if events & READ:
                key.data.read(now)
        self._tick(clock())

    def _first_alarm(self) -> int:
        return self._alarms[0][0] if self._alarms else NEVER

    def _wait(self, patience: int) -> list[tuple[selectors.SelectorKey, int]]:
        """Poll's clock has only milliseconds; the last ones before an alarm are waited for with select's, which has
        microseconds, on the selector itself."""
        if patience > 2 * MILLISECOND:
            return self._selector.select(min(patience - MILLISECOND, 60 * SECOND) / SECOND)
        ready = self._selector.select(0)
        if not ready and patience > 0:
            select.select([self._selector.fileno()], [], [], patience / SECOND)
        return ready

    def _tick(self, now: int) -> None:
        while self._alarms and self._alarms[0][0] <= now:
            heapq.heappop(self._alarms)[2](now)
        self._look(now)
        self._next = min(self._first_alarm(), clock() + LOOK)

    def _look(self, begun: int) -> None:
        for key, events in self._prompt.select(0):
            now = clock()
            if events & WRITE:
                key.data.write(now)
            if events & READ:
                key.data.read(now)


class _Nested:
    """The prompt ones, seen from the other selector."""

    def __init__(self, look: Callable[[int], None]) -> None:
        self.read = look

    def write(self, now: int) -> None:
        """Is not asked for."""
