"""How far something is that takes long, for who waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

ON_TERMINAL, ELSEWHERE = 0.5, 10.0
"""Seconds from one time to the next, where the line is written over the one before, and where it is not."""


class Progress:
    """Counts, and tells of it at most every so many seconds: on the standard error, which is nobody's result."""

    def __init__(self, what: str, out: TextIO | None = None, now: Callable[[], float] = time.monotonic) -> None:
        """`what` is that of which there are many."""
        self._what, self._out, self._now = what, out or sys.stderr, now
        self._terminal = self._out.isatty()
        self.count = 0
        self._begun = self._told = now()

    def done(self, more: int) -> None:
        """So many more are."""
        self.count += more
        now = self._now()
        if now - self._told >= (ON_TERMINAL if self._terminal else ELSEWHERE):
            self._told = now
            self._tell(now)

    def end(self) -> None:
        """Nothing more is to come: a line that was begun is wiped away."""
        if self._terminal and self._told != self._begun:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _tell(self, now: float) -> None:
        rate = self.count / (now - self._begun)
        begun, ended = ("\r", "\x1b[K") if self._terminal else ("", "\n")
        self._out.write(f"{begun}{self.count:,} {self._what}, {rate:,.0f} a second{ended}")
        self._out.flush()
