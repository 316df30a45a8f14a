"""What can happen, in text and nothing else: rooms speak in these, each dialect renders them to its own lines.

Events know nothing of sockets, dialects or rooms. They are frozen: one event is shared by everyone who sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Stamp(NamedTuple):
    """When and where in a stream an event stands. The backplane gives it out before anyone sees the event."""

    epoch: int
    """Which life of the stream this is; offsets of two epochs cannot be compared."""
    offset: int
    """Position in the stream, from 1, without gaps."""
    time: float
    """Seconds since 1970-01-01 UTC."""


class Kind(Enum):
    """How a line is meant."""

    PLAIN = "said"
    ACTION = "action"
    """What the speaker does: `/me waves`."""


class Ending(Enum):
    """Why a connection ended; the value is the reason that other people are shown."""

    LOST = "connection lost"
    TOO_SLOW = "too slow: the send queue was full"
    FLOOD = "flooding"
    ENDLESS_LINE = "a line without an end"
    LATE = "no name given in time"
    SILENT = "no sign of life"
    SHUTDOWN = "server going down"
    BUG = "an error in the server"


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that people are shown."""


@dataclass(frozen=True, slots=True)
class Said(Event):
    """`sender` said a line to everyone in `room`."""

    room: str
    sender: str
    text: str
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True, slots=True)
class Whispered(Event):
    """`sender` said a line to `target` alone."""

    sender: str
    target: str
    text: str
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """`name` came into `room`."""

    room: str
    name: str


@dataclass(frozen=True, slots=True)
class Left(Event):
    """`name` left `room` and stays connected; `reason` may be empty."""

    room: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quit(Event):
    """`name` is gone from the server, and so from every room."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """`old` is called `new` from now on."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TopicChanged(Event):
    """`name` set the topic of `room`; an empty topic means it was cleared."""

    room: str
    name: str
    topic: str
