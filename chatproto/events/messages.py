"""What is said, in a room or to one person, and what is taken back of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from chatproto.events.event import Event, Who
from chatproto.modes import Status

_EVERYBODY = Status.NONE  # Asked for each line, and Python 3.11 takes its time to find the member of an enumeration.


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

LASTING = frozenset({"+draft/react", "+draft/unreact", "+react", "+unreact", "+draft/persist", "+persist"})
"""Tags without a text that are kept even so, for event-playback: a reaction is one, that somebody is typing is not. The
last two are Ergo's, for whatever a client wants to be kept."""


def _lasting(tags: Tags) -> bool:
    return any(name in LASTING for name, _ in tags)


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
        return self.for_all and (self.kind is not _UNSAID or _lasting(self.tags))


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

    @property
    def kept(self) -> bool:
        """Whether it is worth to be remembered, if the two want that."""
        return self.kind is not _UNSAID or _lasting(self.tags)


@dataclass(frozen=True, slots=True)
class Redacted(Event):
    """`who` took back what was said in `room` (or to the person of that name) as `id`; `reason` may be empty."""

    room: str
    who: Who
    id: str
    reason: str
