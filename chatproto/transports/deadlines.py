"""What one peer still has time for: to say who it is, to show a sign of life, to take what is queued for it.

No clock: the caller says what time it is. Only bytes of the peer count as life, never our own sends.
"""

from __future__ import annotations

from enum import Enum

from chatproto.events import Ending
from chatproto.transports.limits import LinkLimits


class Due(Enum):
    """What is due beside an `Ending`."""

    PROBE = "ask for a sign of life"
    ABORT = "close at once"


class Deadlines:
    """The time-limits of one connection. Times are in seconds."""

    __slots__ = ("_closing", "_limits", "_opened", "_probed", "heard", "settled")

    def __init__(self, limits: LinkLimits, now: float) -> None:
        self._limits = limits
        self._opened = self.heard = now
        """When the connection began, and when the peer sent something last."""
        self._probed: float | None = None
        self._closing: float | None = None
        self.settled = False
        """The peer has said who it is."""

    def settle(self) -> None:
        """The peer has said who it is."""
        self.settled = True

    def close(self, now: float) -> None:
        """The link has begun to close."""
        self._closing = now

    def passed(self, now: float) -> Ending | Due | None:
        """What is to be done because its time is over, if anything. `PROBE` is said once per silence."""
        limits = self._limits
        if self._closing is not None:
            return Due.ABORT if now - self._closing > limits.closing_seconds else None
        if not self.settled:
            return Ending.LATE if now - self._opened > limits.login_seconds else None
        if self._probed is not None and self.heard < self._probed:
            return Ending.SILENT if now - self._probed > limits.answer_seconds else None
        if now - self.heard <= limits.idle_seconds:
            return None
        self._probed = now
        return Due.PROBE
