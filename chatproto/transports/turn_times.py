"""How long the reactor's turns are: what everybody waits at the most, however quick the machine is between them."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

KEPT = 10_000
"""Turns that are remembered; of more only the latest count, but for the longest of all."""


class Told(NamedTuple):
    """Turns since somebody asked last; the three times are in seconds, and 0 if there was none."""

    turns: int
    median: float
    p99: float
    """99 of 100 turns were not longer."""
    longest: float


class TurnTimes:
    """Remembers until it is asked. A turn counts from the first connection that is read in it to the last that is sent
    to; one in which nobody said anything does not count."""

    def __init__(self) -> None:
        self._latest: deque[float] = deque(maxlen=KEPT)
        self._count = 0
        self._longest = 0.0

    def add(self, seconds: float) -> None:
        """One turn took that long."""
        self._latest.append(seconds)
        self._count += 1
        self._longest = max(self._longest, seconds)

    def ask(self) -> Told:
        """What there was, which is forgotten."""
        times = sorted(self._latest) or [0.0]
        told = Told(self._count, times[len(times) // 2], times[len(times) * 99 // 100], self._longest)
        self._latest.clear()
        self._count, self._longest = 0, 0.0
        return told
