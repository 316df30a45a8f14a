"""What happens in a room besides talk: who comes and goes, and what the room is like."""

from __future__ import annotations

from dataclasses import dataclass

from chatproto.events.event import Event, Who
from chatproto.modes import Change


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """`who` came into `room`."""

    room: str
    who: Who
    realname: str = ""
    away: str = ""
    """Why they are away, if they are."""


@dataclass(frozen=True, slots=True)
class Left(Event):
    """`who` left `room` and stays connected; `reason` may be empty."""

    room: str
    who: Who
    reason: str


@dataclass(frozen=True, slots=True)
class Kicked(Event):
    """`who` put `target` out of `room`."""

    room: str
    who: Who
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Invited(Event):
    """`who` invited `target` into `room`."""

    room: str
    who: Who
    target: str


@dataclass(frozen=True, slots=True)
class TopicChanged(Event):
    """`who` set the topic of `room`; an empty topic means it was cleared."""

    room: str
    who: Who
    topic: str


@dataclass(frozen=True, slots=True)
class ModesChanged(Event):
    """`who` changed what holds in `room`, or what members of it are; the server did if `who` has no name."""

    room: str
    who: Who
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RoomRenamed(Event):
    """`who` gave `room` the name `new`; `reason` may be empty."""

    room: str
    who: Who
    new: str
    reason: str
