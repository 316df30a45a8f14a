"""What can happen, in text and nothing else: rooms speak in these, each dialect renders them to its own lines.

Events know nothing of sockets, dialects or rooms. They are frozen: one event is shared by everyone who sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from chatproto.modes import Change, Status

_EVERYBODY = Status.NONE  # Asked for each line, and Python 3.11 takes its time to find the member of an enumeration.


class Stamp(NamedTuple):
    """When and where in a stream an event stands. The backplane gives it out before anyone sees the event."""

    epoch: int
    """Which life of the stream this is; offsets of two epochs cannot be compared."""
    offset: int
    """Position in the stream, from 1, without gaps."""
    time: float
    """Seconds since 1970-01-01 UTC."""

    @property
    def id(self) -> str:
        """What names this event, and no other one, on all nodes (IRCv3's msgid)."""
        return f"{self.epoch:x}-{self.offset:x}"


@dataclass(frozen=True, slots=True)
class Who:
    """Who did something, as they were then."""

    name: str
    username: str = "user"
    host: str = "localhost"
    """As others may see it; not an address."""
    account: str = ""
    """The account they are logged in to, if any."""
    bot: bool = False
    operator: bool = False
    """An operator of the server."""
    mask: str = field(init=False, repr=False, compare=False)
    """`name!username@host`, which bans are matched with."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mask", f"{self.name}!{self.username}@{self.host}")


class Part(NamedTuple):
    """One line of a text that was sent as several (IRCv3's multiline)."""

    text: str
    joined: bool
    """It goes on where the line before it ended, with no line break between them."""


Tags = tuple[tuple[str, str], ...]
"""What a client said about its message, for other clients (IRCv3's client-only tags, names with their `+`)."""


class Kind(Enum):
    """How a line is meant."""

    __hash__ = object.__hash__  # Enum's own is Python code, and this is looked up for each line.

    PLAIN = "said"
    ACTION = "action"
    """What the speaker does: `/me waves`."""
    NOTICE = "notice"
    """Nothing may answer it by itself (RFC 1459, 4.4.2)."""
    CTCP = "ctcp"
    """A question of one program to another."""
    CTCP_REPLY = "ctcp reply"
    TAGS = "tags"
    """No text, only tags: somebody is typing, or reacts to something."""


_UNSAID = Kind.TAGS


class Ending(Enum):
    """Why a connection ended; the value is the reason that other people are shown."""

    LOST = "connection lost"
    TOO_SLOW = "too slow: the send queue was full"
    FLOOD = "flooding"
    ENDLESS_LINE = "a line without an end"
    HTTP = "HTTP is not spoken here"
    LATE = "no name given in time"
    SILENT = "no sign of life"
    SHUTDOWN = "server going down"
    BUG = "an error in the server"


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that people are shown."""


@dataclass(frozen=True, slots=True)
class Said(Event):
    """`who` said `text` to everyone in `room`, or to those of its members that are at least `to`."""

    room: str
    who: Who
    text: str
    kind: Kind = Kind.PLAIN
    tags: Tags = ()
    parts: tuple[Part, ...] = ()
    """The lines it was sent in, if they were several."""
    to: Status = Status.NONE
    speaker: str = ""
    """The name it is to be shown under, if that is another: a character of a story, or somebody beyond a bridge."""
    heard: Status = Status.NONE
    """The room lets only those of its members hear it that are at least this, though it was said to more."""

    @property
    def for_all(self) -> bool:
        """Whether every member of the room is shown it."""
        return self.to is _EVERYBODY and self.heard is _EVERYBODY

    @property
    def kept(self) -> bool:
        """Whether it is remembered for those who come later."""
        return self.for_all and self.kind is not _UNSAID


@dataclass(frozen=True, slots=True)
class Whispered(Event):
    """`who` said `text` to `target` alone."""

    who: Who
    target: str
    text: str
    kind: Kind = Kind.PLAIN
    tags: Tags = ()
    parts: tuple[Part, ...] = ()
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Redacted(Event):
    """`who` took back what was said in `room` (or to the person of that name) as `id`; `reason` may be empty."""

    room: str
    who: Who
    id: str
    reason: str


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
class TopicChanged(Event):
    """`who` set the topic of `room`; an empty topic means it was cleared."""

    room: str
    who: Who
    topic: str


@dataclass(frozen=True, slots=True)
class ModesChanged(Event):
    """`who` changed what holds in `room`, or what members of it are."""

    room: str
    who: Who
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Invited(Event):
    """`who` invited `target` into `room`."""

    room: str
    who: Who
    target: str


@dataclass(frozen=True, slots=True)
class RoomRenamed(Event):
    """`who` gave `room` the name `new`; `reason` may be empty."""

    room: str
    who: Who
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quit(Event):
    """`who` is gone from the server, and so from every room."""

    who: Who
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """`who`, which has the old name in it, is called `new` from now on."""

    who: Who
    new: str


@dataclass(frozen=True, slots=True)
class AwayChanged(Event):
    """`who` is away for the reason `message`, or back if that is empty."""

    who: Who
    message: str


@dataclass(frozen=True, slots=True)
class RealnameChanged(Event):
    """`who` has another real name."""

    who: Who
    realname: str


@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    """`who` has logged in, to `who.account`, or out, if that is empty."""

    who: Who


@dataclass(frozen=True, slots=True)
class HostChanged(Event):
    """`who` is shown as `username`@`host` from now on; `realname` is as it was."""

    who: Who
    username: str
    host: str
    realname: str
    near: bool = True
    """It is shown to somebody else who shares a room with them."""


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """After `HostChanged`: `who`, as it is shown now, is in `room`, as what it was. It is for dialects that cannot say
    that somebody looks different, and show it as leaving the server and coming back."""

    room: str
    who: Who
    realname: str
    away: str
    status: Status


@dataclass(frozen=True, slots=True)
class Announced(Event):
    """An operator of the server told something to everyone who wants to hear it."""

    who: Who
    text: str


@dataclass(frozen=True, slots=True)
class Appeared(Event):
    """Somebody whose name is watched is here."""

    who: Who


@dataclass(frozen=True, slots=True)
class Vanished(Event):
    """Nobody has the watched name `name` any more."""

    name: str


@dataclass(frozen=True, slots=True)
class MetadataChanged(Event):
    """`who` set what is known of `target`, a person or a room: `key` is `value`, or nothing if that is None."""

    who: Who
    target: str
    key: str
    value: str | None
