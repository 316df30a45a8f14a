"""Why a connection ended."""

from __future__ import annotations

from enum import Enum


class Ending(Enum):
    """Why a connection ended; the value is the reason that other people are shown."""

    LOST = "connection closed"  # By the person, or by the network: nobody can tell in all cases.
    TOO_SLOW = "too slow: the send queue was full"
    FLOOD = "flooding"
    ENDLESS_LINE = "a line without an end"
    HTTP = "HTTP is not spoken here"
    LATE = "no name given in time"
    SILENT = "no sign of life"
    SHUTDOWN = "server going down"
    BUG = "an error in the server"

    @property
    def unseen(self) -> bool:
        """Whether nobody knows how much of what was sent at last has arrived."""
        return self in {Ending.SILENT, Ending.TOO_SLOW}
