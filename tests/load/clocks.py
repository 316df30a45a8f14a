"""Time that a test is master of: what else runs on the machine takes none of it."""

from __future__ import annotations

from time import monotonic_ns
from types import SimpleNamespace
from typing import Any

from chatproto.load import client, kernel, loop, meter, run
from chatproto.load.loop import SECOND, Loop
from chatproto.load.scenarios import unkind
from tests.load import fakes

LOOK = 50_000
"""Nanoseconds from one look at the clock to the next: all that this program's own work takes."""


class Steady:
    """A clock for everything that happens on one thread. It goes on by a little with each look, by what a loop waits,
    and by what a test says; not while something else has the processor."""

    def __init__(self) -> None:
        self._now = monotonic_ns()
        self._used = 0

    def __call__(self) -> int:
        """The time, in nanoseconds."""
        self.spend(LOOK)
        return self._now

    def spend(self, nanoseconds: int) -> None:
        """Work for so long."""
        self._used += nanoseconds
        self.starve(nanoseconds)

    def starve(self, nanoseconds: int) -> None:
        """Have no processor for so long."""
        self._now += nanoseconds

    def used(self) -> float:
        """Seconds of CPU time."""
        return self._used / SECOND

    def wait(self, loop: Loop, patience: int) -> Any:
        """In the place of a loop's own: no longer than it is to, and if nothing comes, just as long."""
        ready = loop._selector.select(0)
        if ready or patience <= 0:
            return ready
        began = monotonic_ns()
        ready = loop._selector.select(patience / SECOND)
        self.starve(min(monotonic_ns() - began, patience) if ready else patience)
        return ready


def steady(case: Any) -> Steady:
    """Give all loops of a test such a clock, and a kernel whose counters nobody else moves."""
    clock = Steady()

    def wait(loop: Loop, patience: int) -> Any:
        return clock.wait(loop, patience)

    for module in (client, loop, run, unkind, fakes):
        case.patch(module, "clock", clock)
    case.patch(meter, "time", SimpleNamespace(thread_time=clock.used))
    case.patch(Loop, "_wait", wait)
    case.patch(kernel, "FILES", [])
    return clock
