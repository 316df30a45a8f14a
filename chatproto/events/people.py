"""What happens to people, in whatever rooms they are, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass

from chatproto.events.event import Event, Who
from chatproto.modes import Status


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
class AccountGone(Event):
    """The account of that name is there no more, and who is told it is logged in to it no more."""

    account: str


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
class Appeared(Event):
    """Somebody whose name is watched is here."""

    who: Who


@dataclass(frozen=True, slots=True)
class Vanished(Event):
    """Nobody has the watched name `name` any more."""

    name: str


@dataclass(frozen=True, slots=True)
class Announced(Event):
    """An operator of the server told something to everyone who wants to hear it."""

    who: Who
    text: str


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """The server tells its operators something, as that it cannot do what it should."""

    text: str


@dataclass(frozen=True, slots=True)
class MetadataChanged(Event):
    """`who` set what is known of `target`, a person or a room: `key` is `value`, or nothing if that is None."""

    who: Who
    target: str
    key: str
    value: str | None
