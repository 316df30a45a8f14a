"""One room: who is in it, what holds there, and how what happens there reaches every connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chatproto.events import Event, Stamp
from chatproto.interfaces import ICrowd, ILink
from chatproto.modes import Listing, Rule, Status, UserMode
from chatproto.rooms.names import Name
from chatproto.rooms.registration import Registration
from chatproto.rooms.user import Session, User
from chatproto.wire import Wire


class Entry(NamedTuple):
    """Who put a mask on a list, as `nick!user@host`, and when, in seconds since 1970."""

    by: str
    at: float


class Room:
    """Members are people; lines go to the links of their sessions, which are one crowd per wire."""

    __slots__ = (
        "__weakref__", "_crowds", "created", "facts", "latest", "lists", "members", "name", "registration", "rules",
        "stream", "topic", "topic_at", "topic_by", "version",
    )  # fmt: skip

    def __init__(self, name: Name, created: float = 0.0) -> None:
        self.name = name
        self.created = created
        """Seconds since 1970."""
        self.topic = ""
        self.topic_by = ""
        """`nick!user@host` of who set it."""
        self.topic_at = 0.0
        self.latest: Stamp | None = None
        """The stamp of what happened here last."""
        self.stream = name.key
        """What the history calls it; see `Directory.set_apart`."""
        self.rules: dict[Rule, str] = {}
        """What holds here, with its value, or an empty text where it has none."""
        self.lists: dict[Listing, dict[str, Entry]] = {}
        self.members: dict[User, Status] = {}
        self.version = 0
        """Counts what changed of those who are in: all that happens to members but that one more comes."""
        self.facts: dict[str, str] | None = None
        """What is told of the room (IRCv3's metadata)."""
        self.registration: Registration | None = None
        """If it is a registered one."""
        self._crowds: dict[Wire, ICrowd] = {}

    def add(self, user: User, status: Status = Status.NONE) -> None:
        """Make `user` a member; all its sessions see the room from now on."""
        self.members[user] = status
        user.rooms[self.name.key] = self
        user.forget_invitation(self)
        for session in user.sessions:
            self.attach(session, session.wire)

    def remove(self, user: User) -> None:
        """The inverse of `add`."""
        for session in user.sessions:
            self.detach(session)
        del user.rooms[self.name.key]
        del self.members[user]
        self.version += 1

    def change(self, user: User, status: Status) -> None:
        """Make a member that, and nothing else."""
        self.members[user] = status
        self.version += 1

    def attach(self, session: Session, wire: Wire) -> None:
        """Show the room to `session` through `wire`, and through no other it may have had."""
        self.detach(session)
        session.views[self] = wire
        crowd = self._crowds.get(wire)
        if crowd is None:
            crowd = self._crowds[wire] = session.link.crowd()
        crowd.add(session.link)

    def detach(self, session: Session) -> None:
        """Show the room to `session` no more. Does nothing if it was not shown."""
        wire = session.views.pop(self, None)
        if wire is not None:
            crowd = self._crowds[wire]
            crowd.discard(session.link)
            if not crowd.links:
                del self._crowds[wire]

    def hides(self, user: User) -> bool:
        """Whether only those with a voice, and those above them, see this member."""
        return Rule.AUDITORIUM in self.rules and self.members.get(user, Status.NONE) < Status.VOICE

    def shown_to(self, user: User | None) -> Iterable[User]:
        """The members that `user`, a member or not, may see here."""
        inside = user in self.members
        if user is not None and (user.operator or (inside and not self.hides(user))):
            return self.members
        return [
            member
            for member in self.members
            if member is user or not (self.hides(member) or (not inside and UserMode.INVISIBLE in member.modes))
        ]

    def at_least(self, status: Status) -> Iterable[User]:
        """The members that are at least `status`."""
        return [user for user, its in self.members.items() if its >= status]

    def broadcast(self, event: Event, stamp: Stamp, skip: ILink | None = None) -> None:
        """Queue `event` for every session's link but `skip`: encoded once per wire, and queued once."""
        for wire, crowd in self._crowds.items():
            data = wire.encode(event, stamp)
            if data:
                crowd.write(data, skip)

    def broadcast_once(self, event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
        """The same for those who were not `told` yet by way of another room; they are added."""
        for wire, crowd in self._crowds.items():
            data = wire.encode(event, stamp)
            if not data:
                continue
            already = told & crowd.links
            if len(already) < 2:
                crowd.write(data, next(iter(already), None))
            else:
                for link in crowd.links - told:
                    link.write(data)
            told.update(crowd.links)  # Not |=, which makes another set of dict keys.

    def tell(self, users: Iterable[User], event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
        """The same for the sessions of `users`, some of the members."""
        for user in users:
            for session in user.sessions:
                wire = session.views.get(self)
                if wire is not None and session.link not in told:
                    told.add(session.link)
                    session.show(event, stamp, wire)
