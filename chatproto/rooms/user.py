"""Who someone is, and the connections they are attached by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from chatproto.events import Event, Stamp, Who
from chatproto.interfaces import ILink
from chatproto.modes import UserMode
from chatproto.rooms.names import Name
from chatproto.wire import Wire

if TYPE_CHECKING:
    from chatproto.rooms.room import Room


NO_CHOICES: Mapping[str, str] = {}

NO_MODES: frozenset[UserMode] = frozenset()
"""What most people have: one for all, for each of its own would be 200 bytes."""


ACCEPTED = 100
"""People that one person accepts (`User.accept`)."""


class Owner(Protocol):
    """What a dialect offers for a session of its own. Nothing here may raise."""

    def own(self, event: Event, stamp: Stamp) -> None:
        """Something that this session did has happened: `link.write` was not called for it. Called in the event's place
        in the stream's order."""

    def hear(self, event: Event, stamp: Stamp) -> None:
        """The same for something that somebody else did, and that each connection is told in a way of its own."""

    def cut(self, who: Who, reason: str) -> None:
        """An operator of the server ends this connection: tell the peer, quit, and close."""


class Session:
    """One connection of a person. Compared and hashed by identity."""

    __slots__ = (
        "account",
        "choices",
        "follows",
        "gone",
        "heard",
        "link",
        "missed",
        "owner",
        "unattended",
        "user",
        "views",
        "watched",
        "wire",
        "wrong",
    )

    def __init__(self, link: ILink, wire: Wire, owner: Owner) -> None:
        self.link = link
        self.wire = wire
        """How this connection sees what happens, unless it chose another wire for a room."""
        self.owner = owner
        self.user: User | None = None
        self.account = ""
        """What it was logged in to last; what its person is, once it has one, `Who.account` says."""
        self.choices = NO_CHOICES
        """The settings of that account (`Account.settings`)."""
        self.views: dict[Room, Wire] = {}
        """The wire it sees each of its rooms through."""
        self.gone = False
        self.heard = 0.0
        """When its last line came, as its dialect says, in seconds since 1970; or when it came in, if none did."""
        self.unattended = False
        """Nobody looks at it: a program fetches something, or keeps the person here."""
        self.missed = 0.0
        """Its person came back by it, and was connected by nothing since then, in seconds since 1970; 0: it did not."""
        self.wrong = 0
        """Wrong passwords that came this way."""
        self.follows = False
        """It is also shown what happens to those whose names it watches."""
        self.watched: dict[str, str] | None = None
        """The names it watches by their keys, as it wrote them, once it has watched one; see
        `People.watched`."""

    def show(self, event: Event, stamp: Stamp, wire: Wire) -> None:
        """Queue `event` for this connection alone."""
        data = wire.encode(event, stamp)
        if data:
            self.link.write(data)


class User:
    """A person: a name, the rooms it is in, and the sessions that what happens there is delivered to."""

    __slots__ = (
        "accepted", "active", "alone_since", "away", "choices", "facts", "invitations", "modes", "name", "realname",
        "rooms", "sessions", "signed_on", "title", "who",
    )  # fmt: skip

    def __init__(self, name: Name, who: Who, realname: str, now: float) -> None:
        self.name = name
        self.who = who
        """As others see it now. It is put into events, and replaced when it changes."""
        self.realname = realname
        self.away = ""
        self.choices = NO_CHOICES
        """The settings of the account it is logged in to (`Account.settings`)."""
        self.modes = NO_MODES
        self.title = ""
        """The name it has as an operator of the server, if it is one."""
        self.signed_on = self.active = now
        """Seconds since 1970: when it came, and when it spoke last."""
        self.alone_since = 0.0
        """Since when it is connected by nothing; 0: it is connected."""
        self.rooms: dict[str, Room] = {}
        """By the room's key, in the order of joining."""
        self.invitations: tuple[Room, ...] = ()
        """The rooms it was invited into and has not come into yet, the latest last."""
        self.accepted: tuple[User, ...] = ()
        """Those it takes messages of though they are not logged in, the latest last."""
        self.sessions: list[Session] = []
        self.facts: dict[str, str] | None = None
        """What it tells of itself (IRCv3's metadata)."""

    def looks(self, **changes: Any) -> None:
        """Change what `who` says."""
        self.who = replace(self.who, **changes)
        for room in self.rooms.values():
            room.version += 1

    def forget_invitation(self, room: Room) -> bool:
        """It may not come into `room` by that any more. Returns whether it was invited."""
        invited = room in self.invitations
        if invited:
            self.invitations = tuple(each for each in self.invitations if each is not room)
        return invited

    def accept(self, other: User) -> None:
        """Take messages of `other`, whatever modes it has itself. Beyond `ACCEPTED` the oldest is forgotten."""
        self.refuse(other)
        self.accepted = (*self.accepted, other)[-ACCEPTED:]

    def refuse(self, other: User) -> None:
        """Do so no more."""
        self.accepted = tuple(each for each in self.accepted if each is not other)

    def become(self, modes: frozenset[UserMode]) -> None:
        """Have these modes, and no others."""
        self.modes = modes
        self.looks(bot=UserMode.BOT in modes, operator=self.operator)
        if not self.operator:
            self.title = ""

    @property
    def operator(self) -> bool:
        """Whether it is an operator of the server."""
        return UserMode.OPERATOR in self.modes


def user_of(session: Session) -> User:
    """Who is attached by `session`; who uses it has entered."""
    assert session.user is not None, "a dialect lets only those who entered do anything"
    return session.user
