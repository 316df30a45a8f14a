"""Who is shown what: from an event and where it happened to the connections that it concerns, each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chatproto.events import (
    AccountChanged,
    Announced,
    Appeared,
    AwayChanged,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Left,
    MetadataChanged,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    RoomRenamed,
    Said,
    Stamp,
    Vanished,
    Whispered,
)
from chatproto.interfaces import ILink
from chatproto.modes import Status, UserMode
from chatproto.rooms.names import key_of
from chatproto.rooms.people import People
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

_NEAR = (Quit, Renamed, AwayChanged, RealnameChanged, AccountChanged, HostChanged)
"""What everyone is shown who shares a room with the person it happened to."""
_FOLLOWED = (AwayChanged, RealnameChanged, AccountChanged, HostChanged)
"""What those are shown as well who watch that person, if they asked for it (IRCv3's extended-monitor)."""

_BY_ONESELF, _BY_OTHERS = (Joined, Left), (Invited, Kicked)
"""How somebody comes into a room, or out of it."""
_BY_OWNER = (RoomRenamed, MetadataChanged)
"""What the owners of all in a room are told."""


class Audience:
    """Shows events. `skip` is the link of who did it: its owner is told in another way."""

    def __init__(self, people: People) -> None:
        self._people = people

    def in_room(self, room: Room, event: Event, stamp: Stamp, skip: ILink | None) -> None:
        """An event of `room`: for all its members, but where it is for some of them only. Who is invited or kicked is
        told by its owners, for whom more follows from it; so are the other connections of who comes or leaves."""
        if isinstance(event, Said):  # Nearly all that happens, so nothing else is asked first.
            if event.for_all:
                room.broadcast(event, stamp, skip)
            else:
                room.tell(room.at_least(max(event.to, event.heard)), event, stamp, {skip})
            return
        moved = self._moved_by(event)
        some = _some(room, event, moved)
        target = moved if moved is not None and (len(moved.sessions) > 1 or isinstance(event, _BY_OTHERS)) else None
        told = {skip, *(session.link for session in target.sessions)} if target else {skip}
        if some is not None:
            room.tell(some, event, stamp, told)
        elif target is not None:
            room.broadcast_once(event, stamp, told)
        else:
            room.broadcast(event, stamp, skip)
        if target is not None:
            _by_owner([target], event, stamp, skip)
        elif isinstance(event, _BY_OWNER):
            _by_owner(room.members, event, stamp, skip)

    def _moved_by(self, event: Event) -> User | None:
        """Who comes or leaves by it, or is asked to come or put out."""
        if isinstance(event, _BY_ONESELF):
            return self._people.get(event.who.name)
        return self._people.get(event.target) if isinstance(event, _BY_OTHERS) else None

    def elsewhere(self, event: Event, stamp: Stamp, skip: ILink | None) -> None:
        """An event that belongs to no room."""
        if isinstance(event, _NEAR):
            self._near(event, stamp, skip)
        elif isinstance(event, Whispered):
            target = self._people.get(event.target)
            alone = {None if event.who.name == event.target else skip}  # To oneself is shown and echoed.
            self._tell(target, event, stamp, alone)
            self._tell_others(event, stamp, skip)
        elif isinstance(event, Redacted):
            self._tell(self._people.get(event.room), event, stamp, {skip})
            self._tell_others(event, stamp, skip)
        elif isinstance(event, Announced):
            for user in self._people:
                if UserMode.WALLOPS in user.modes:
                    self._tell(user, event, stamp, set())
        elif isinstance(event, Appeared | Vanished):
            name = event.who.name if isinstance(event, Appeared) else event.name
            for session in self._people.watchers(key_of(name)):
                session.owner.hear(event, stamp)
        elif isinstance(event, MetadataChanged):
            self._known_of(event, stamp, skip)

    def _known_of(self, event: MetadataChanged, stamp: Stamp, skip: ILink | None) -> None:
        """For the person itself, everyone who sees it in a room, and who watches it, each once: what of it they want
        to know their owners know."""
        target = self._people.get(event.target)
        if target is None:
            return
        users = dict.fromkeys([target])
        for room in target.rooms.values():
            users.update(dict.fromkeys(room.at_least(Status.VOICE) if room.hides(target) else room.members))
        sessions = dict.fromkeys(session for user in users for session in user.sessions)
        for session in sessions | dict.fromkeys(self._people.watchers(target.name.key)):
            if session.link is not skip:
                session.owner.hear(event, stamp)

    def _near(self, event: Event, stamp: Stamp, skip: ILink | None) -> None:
        """For the person itself and everyone who shares a room with it, each once."""
        user = self._people.get(event.new if isinstance(event, Renamed) else event.who.name)  # type: ignore[attr-defined]
        if user is None:
            return
        if isinstance(event, HostChanged):
            self._moved(user, event, stamp, skip)
            return
        told = {skip}
        for room in user.rooms.values():
            _in_sight(room, user, event, stamp, told)
        self._tell(user, event, stamp, told)
        if isinstance(event, _FOLLOWED):
            self._follow(user, event, stamp, told)

    def _moved(self, user: User, event: HostChanged, stamp: Stamp, skip: ILink | None) -> None:
        """The same; and after it those who share a room see the person return there, if their dialect wants that."""
        own = {session.link for session in user.sessions}
        told = {skip, *own}
        for room in user.rooms.values():
            _in_sight(room, user, event, stamp, told)
        who = replace(event.who, username=event.username, host=event.host)
        for room in user.rooms.values():
            again = Returned(room.name.shown, who, event.realname, user.away, room.members[user])
            _in_sight(room, user, again, stamp, {*own})
        alone = replace(event, near=False)
        self._tell(user, alone, stamp, {skip})
        self._follow(user, alone, stamp, told)

    def _tell_others(self, event: Whispered | Redacted, stamp: Stamp, skip: ILink | None) -> None:
        """The other connections of who did it, where it was for somebody else."""
        user = self._people.get(event.who.name)
        to = event.target if isinstance(event, Whispered) else event.room
        if user is not None and len(user.sessions) > 1 and user.name.key != key_of(to):
            _by_owner([user], event, stamp, skip)

    def _follow(self, user: User, event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
        for session in self._people.watchers(user.name.key):
            if session.follows and session.link not in told:
                session.show(event, stamp, session.wire)

    def _tell(self, user: User | None, event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
        for session in user.sessions if user else ():
            if session.link not in told:
                session.show(event, stamp, session.wire)


def _some(room: Room, event: Event, moved: User | None) -> Iterable[User] | None:
    """The members whom `event` is for, if it is not for all. Who `moved` is told by its connections."""
    if isinstance(event, Invited):
        return room.at_least(Status.HALFOP)
    return room.at_least(Status.VOICE) if moved is not None and room.hides(moved) else None


def _in_sight(room: Room, user: User, event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
    """For those of `room` who see `user` there, and were not `told` yet; they are added."""
    if room.hides(user):
        room.tell(room.at_least(Status.VOICE), event, stamp, told)
    else:
        room.broadcast_once(event, stamp, told)


def _by_owner(users: Iterable[User], event: Event, stamp: Stamp, skip: ILink | None) -> None:
    """Tell each session of `users` by way of its owner."""
    for user in users:
        for session in user.sessions:
            if session.link is not skip:
                session.owner.hear(event, stamp)
