"""What a room can be set to, and who stands how high in it. The values are IRC's letters, the field's names."""

from __future__ import annotations

from enum import Enum, IntFlag
from typing import NamedTuple


class Status(IntFlag):
    """What a member is in a room. Somebody may be several; the highest counts, so statuses are compared by size."""

    NONE = 0
    VOICE = 1
    HALFOP = 2
    OPERATOR = 4
    PROTECTED = 8
    FOUNDER = 16


class Letter(Enum):
    """What has a letter of its own. Members are hashed by identity: `Enum` itself does so by name, in Python, and these
    are looked up for each line that is said."""

    __hash__ = object.__hash__


class Rule(Letter):
    """What holds in a room. Those of `VALUED` have a value, the others are on or off."""

    KEY = "k"
    LIMIT = "l"
    FORWARD = "f"
    """Who may not come in is sent to that room."""
    INVITE_ONLY = "i"
    MODERATED = "m"
    """Only those with a voice speak."""
    NO_OUTSIDE = "n"
    """Only members speak."""
    PRIVATE = "p"
    """Hidden from others, as with the next: RFC 1459 has both."""
    SECRET = "s"  # noqa: S105 - a letter.
    TOPIC_LOCKED = "t"
    """Only operators set the topic."""
    NO_COLOURS = "c"
    NO_CTCP = "C"
    REGISTERED_ONLY = "R"
    """Only people with an account come in."""
    REGISTERED_SPEAK = "M"
    """Only people with an account, or a voice, speak."""
    OP_MODERATED = "U"
    """What those say who have no voice is shown to operators alone."""
    AUDITORIUM = "u"
    """Members without a voice see those who have one, or are more, and not each other."""
    ROLEPLAY = "E"
    """Members may speak as characters of a story."""


CLOSED = frozenset({Rule.KEY, Rule.INVITE_ONLY, Rule.PRIVATE, Rule.SECRET, Rule.REGISTERED_ONLY})
"""What is said under one of these is not for whoever comes."""

VALUED = frozenset({Rule.KEY, Rule.LIMIT, Rule.FORWARD})


class Listing(Letter):
    """Lists of masks that a room keeps."""

    BAN = "b"
    EXCEPTION = "e"
    """Who is not banned even so."""
    INVITED = "I"
    """Who needs no invitation."""


class UserMode(Letter):
    """What a person can be."""

    BOT = "B"
    INVISIBLE = "i"
    """Listed only for those who share a room with it."""
    OPERATOR = "o"
    """An operator of the server."""
    REGISTERED_ONLY = "R"
    """Takes messages of people with an account only."""
    WALLOPS = "w"
    """Is told what operators tell everyone."""
    SECURE = "Z"
    """Connected by TLS."""
    NO_CTCP = "T"
    """Takes no CTCP but actions."""


class Change(NamedTuple):
    """One change of a room: what is set or unset. `value` is a member's name for a `Status`, a mask for a `Listing`."""

    add: bool
    what: Status | Rule | Listing
    value: str = ""
