"""What one peer sent and nobody has taken yet: bytes become lines here, and every part of it is bounded.

No I/O and no clock: bytes are fed in, lines are taken out, and the caller says what time it is.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from chatproto.events import Ending
from chatproto.transports.limits import LinkLimits


class Overlong(Enum):
    """Stands in the place of a line that was longer than is taken."""

    LINE = "a line that was too long"


Line = bytes | Literal[Overlong.LINE]

MICROSECOND = 1e-6
"""Waited on top of any delay: times since 1970, as floats, are not told apart much finer, and a caller that came back a
rounding error too soon would be told to come back at once, again and again."""


class Overflow(Exception):
    """The peer sent more than any bound allows; `ending` says which."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class Intake:
    """The input of one connection: lines that `\\n` or `\\r\\n` end, at the rate of a token bucket.

    The bucket holds `burst` tokens at the most and gains `lines_per_second`; taking a line costs one. What waits is
    kept as the bytes that were read, so that its size is what the bound counts.
    """

    __slots__ = ("_discarded", "_filled_at", "_limits", "_tokens", "_waiting")

    def __init__(self, limits: LinkLimits, now: float) -> None:
        self._limits = limits
        self._waiting = bytearray()
        self._discarded = 0
        """Bytes thrown away so far of an over-long line whose end has not come; 0 if there is none."""
        self._tokens = float(limits.burst)
        self._filled_at = now

    def feed(self, data: bytes) -> None:
        """Take in what was read. Raises `Overflow` for a line without an end. The caller takes what lines it can and
        then calls `check`."""
        self._waiting += self._discard(data) if self._discarded else data

    def only(self, data: bytes, now: float) -> bytes | None:
        """The line that was read, if it is one and no more, nothing waits before it, and the bucket has a token for it.
        Else None, and `data` is still to be fed."""
        if self._waiting or self._discarded or not data or data.find(b"\n") != len(data) - 1:
            return None
        line = data[:-2] if data[-2:] == b"\r\n" else data[:-1]
        return line if len(line) <= self._limits.line_length and self._token(now) else None

    def clear(self) -> None:
        """Throw away what waits."""
        self._waiting = bytearray()

    def check(self) -> None:
        """Raises `Overflow` if more bytes wait than may."""
        if len(self._waiting) > self._limits.input_waiting:
            raise Overflow(Ending.FLOOD)

    def take(self, now: float) -> Line | None:
        """The next line, if there is one and the bucket has a token for it. Raises `Overflow` if it has no end."""
        end = self._waiting.find(b"\n")
        if (end < 0 and not self._too_long()) or not self._token(now):
            return None
        if end < 0:
            data = bytes(self._waiting)
            self._waiting.clear()
            self._discard(data)
            return Overlong.LINE
        line = bytes(self._waiting[:end]).removesuffix(b"\r")
        del self._waiting[: end + 1]
        return line if len(line) <= self._limits.line_length else Overlong.LINE

    def delay(self) -> float | None:
        """Seconds until `take` has a line again, counted from the last call of it; None if no line waits."""
        if b"\n" not in self._waiting and not self._too_long():
            return None
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._limits.lines_per_second + MICROSECOND

    def _too_long(self) -> bool:
        """Whether what waits is longer than a line may be, even if its last byte belongs to the line's end."""
        return len(self._waiting) > self._limits.line_length + self._waiting.endswith(b"\r")

    def _discard(self, data: bytes) -> bytes:
        """Throw away `data` up to the end of an over-long line, and return what comes after."""
        end = data.find(b"\n")
        if end >= 0:
            self._discarded = 0
            return data[end + 1 :]
        self._discarded += len(data)
        if self._discarded > self._limits.endless_line:
            raise Overflow(Ending.ENDLESS_LINE)
        return b""

    def _token(self, now: float) -> bool:
        limits, tokens = self._limits, self._tokens
        if now > self._filled_at:  # The clock may be set back.
            tokens = min(tokens + (now - self._filled_at) * limits.lines_per_second, limits.burst)
        self._filled_at = now
        has_one = tokens >= 1
        self._tokens = tokens - has_one
        return has_one
