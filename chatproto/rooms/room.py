"""A room: who is in it, and how a line reaches all of them."""

from __future__ import annotations

from chatproto.events import Event, Stamp
from chatproto.interfaces import ILink
from chatproto.rooms.names import Name
from chatproto.rooms.user import Session, User
from chatproto.wire import Wire


class Room:
    """Members are people; lines go to the links of their sessions, held in one bucket per wire."""

    __slots__ = ("_buckets", "latest", "members", "name", "topic")

    def __init__(self, name: Name) -> None:
        self.name = name
        self.topic = ""
        self.latest: Stamp | None = None
        """The stamp of what happened here last."""
        self.members: dict[User, None] = {}
        self._buckets: dict[Wire, dict[ILink, None]] = {}

    def add(self, user: User) -> None:
        """Make `user` a member; all its sessions see the room from now on."""
        self.members[user] = None
        user.rooms[self.name.key] = self
        for session in user.sessions:
            self.attach(session, session.wire)

    def remove(self, user: User) -> None:
        """The inverse of `add`."""
        for session in user.sessions:
            self.detach(session)
        del user.rooms[self.name.key]
        del self.members[user]

    def attach(self, session: Session, wire: Wire) -> None:
        """Show the room to `session` through `wire`, and through no other it may have had."""
        self.detach(session)
        session.views[self] = wire
        self._buckets.setdefault(wire, {})[session.link] = None

    def detach(self, session: Session) -> None:
        """Show the room to `session` no more. Does nothing if it was not shown."""
        wire = session.views.pop(self, None)
        if wire is not None:
            bucket = self._buckets[wire]
            del bucket[session.link]
            if not bucket:
                del self._buckets[wire]

    def broadcast(self, event: Event, stamp: Stamp, skip: ILink | None = None) -> None:
        """Queue `event` for every session's link but `skip`: encoded once per wire, written once per link."""
        for wire, links in self._buckets.items():
            data = wire.encode(event, stamp)
            if data:
                for link in links:
                    if link is not skip:
                        link.write(data)

    def broadcast_once(self, event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
        """The same for those who were not `told` yet by way of another room; they are added."""
        for wire, links in self._buckets.items():
            data = wire.encode(event, stamp)
            if data:
                for link in links.keys() - told:
                    link.write(data)
            told.update(links)  # Not |=, which makes another set of dict keys.
