"""The chat itself: people come, join rooms, speak and leave. No sockets, no bytes, no Twisted.

Everything that happens is handed to the backplane as an event and is seen when the backplane gives it back, so all
nodes and the speaker see one order. Only taking a name waits (another node may hold it); the rest is synchronous.
Methods raise a `ChatError` for what is refused and then have changed nothing. What only operators do is in
`moderation.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from secrets import token_bytes

from chatproto.errors import RoomLooksLike, Unwanted
from chatproto.events import (
    Event,
    Joined,
    Kind,
    Left,
    Part,
    Said,
    Stamp,
    Tags,
    TopicChanged,
    Whispered,
)
from chatproto.interfaces import IAccounts, IBackplane, IHistoryStore, IMarkerStore, IRecordStore
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms import names, permissions
from chatproto.rooms.attendance import NOWHERE, Attendance
from chatproto.rooms.audience import Audience
from chatproto.rooms.directory import Directory
from chatproto.rooms.hosts import Cloak
from chatproto.rooms.kept import Kept
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.owned import Owned
from chatproto.rooms.people import People
from chatproto.rooms.presence import Presences
from chatproto.rooms.recorded import Recorded
from chatproto.rooms.room import Room
from chatproto.rooms.unrecorded import Unrecorded
from chatproto.rooms.user import Session, User, user_of
from chatproto.wire import Wire

_SPOKEN = (Said, Whispered)


class RoomService(Attendance):
    """All people and rooms of this node. One per server; used from the reactor's thread only."""

    def __init__(  # noqa: PLR0913 - what a server is put together of; but for the first four by name
        self,
        backplane: IBackplane,
        history: IHistoryStore,
        limits: RoomLimits,
        now: Callable[[], float] = time.time,
        *,
        accounts: IAccounts | None = None,
        records: IRecordStore | None = None,
        markers: IMarkerStore | None = None,
    ) -> None:
        self.history = history
        self.accounts = accounts
        self.records = records or Unrecorded()
        self.markers = markers
        """How far people with accounts have read, if anybody wants to know."""
        self.owned = Owned(known=accounts is None)
        self.limits = limits
        self.now = now
        """Seconds since 1970."""
        self.cloak = Cloak(token_bytes(32))
        """Another one every time the server starts, unless it is given one: registered rooms keep bans of hosts."""
        self.people = People(backplane, limits)
        self._backplane = backplane
        self.directory = Directory(backplane, history, limits, now)
        self.presences = Presences(self)
        self.nameless: set[Session] = set()
        """Who has logged in, and has not come in yet."""
        self.recorded = Recorded(self)
        self._audience = Audience(self.people)
        self.kept = Kept(history, self.people, limits)
        backplane.deliver = self.deliver

    # -- rooms

    def room(self, text: str) -> Room:
        """The room called `text`. Raises `NoSuchRoom`."""
        return self.directory.find(text)

    def rooms(self) -> Iterable[Room]:
        """All rooms, in the order they were opened."""
        return self.directory

    def visible(self, room: Room, user: User) -> bool:
        """Whether `user` may know that the room is there and who is in it."""
        return user in room.members or user.operator or room.rules.keys().isdisjoint((Rule.PRIVATE, Rule.SECRET))

    def join(self, session: Session, text: str, key: str = "") -> Room:
        """Go into the room called `text`, which is opened if need be: who opens a room is its operator. Once in, again
        changes nothing. Raises `BadName`, `RoomLooksLike`, `TooManyRooms`, `RoomFull` or `MayNotJoin`."""
        user = user_of(session)
        name = names.room(text, self.limits)
        room = self.directory.like(name)
        if room is not None and room.name.key != name.key:
            raise RoomLooksLike(name.shown, room.name.shown)
        if room is not None and user in room.members:
            if room not in session.views:  # Another connection of the same person.
                room.attach(session, session.wire)
            return room
        permissions.may_join(user, room, key, self.limits)
        status = Status.NONE
        if room is None:
            room, status = self.directory.open(name), Status.OPERATOR
        room.add(user, status)
        self.publish(name.key, Joined(room.name.shown, user.who, user.realname, user.away), session)
        self.recorded.came(room, user)
        return room

    def leave(self, session: Session, room: Room, reason: str) -> None:
        """Leave `room`. Raises `NotInRoom` or `TooLong`."""
        user = user_of(session)
        permissions.must_be_in(user, room)
        permissions.fits("reason", reason, self.limits.message_length)
        self.publish(room.name.key, Left(room.name.shown, user.who, reason), session)
        room.remove(user)
        self.directory.drop_if_empty(room)

    def view(self, session: Session, room: Room, wire: Wire) -> None:
        """Show `room` to `session` through `wire` from now on. Raises `NotInRoom`."""
        permissions.must_be_in(user_of(session), room)
        room.attach(session, wire)

    def look(self, session: Session, wire: Wire) -> None:
        """Show `session` everything through `wire` from now on."""
        session.wire = wire
        for room in list(session.views):
            room.attach(session, wire)

    # -- what is said

    def say(  # noqa: PLR0913 - all that a text can be said with; but for the first four by name
        self,
        session: Session,
        room: Room,
        text: str,
        kind: Kind = Kind.PLAIN,
        *,
        to: Status = Status.NONE,
        tags: Tags = (),
        parts: tuple[Part, ...] = (),
        speaker: str = "",
    ) -> None:
        """Say `text` to everyone in `room`, or to those that are at least `to`; as `speaker`, if that is given. Raises
        `NotInRoom`, `MayNotSpeak` or `TooLong`. How long a text of several parts may be is up to who took the parts."""
        user = user_of(session)
        allowed = permissions.may_speak(user, room, text, kind)
        if not parts:
            permissions.fits("message", text, self.limits.message_length)
        said = Said(room.name.shown, user.who, text, kind, tags, parts, to, speaker, allowed)
        self._backplane.publish(room.name.key, said, session)

    def whisper(
        self,
        session: Session,
        target: User,
        text: str,
        kind: Kind = Kind.PLAIN,
        *,
        tags: Tags = (),
        parts: tuple[Part, ...] = (),
    ) -> None:
        """Say `text` to `target` alone, who may answer. Raises `Unwanted` or `TooLong`, as `say` does."""
        user = user_of(session)
        permissions.may_tell(user, target, kind)
        if user.modes and UserMode.REGISTERED_ONLY in user.modes and kind is not Kind.TAGS:
            user.accept(target)
        if target.alone_since and kind is not Kind.TAGS and not self.kept.between(user, target):
            raise Unwanted(target.name.shown, "is not connected, and would not find that: it is not kept for them")
        if not parts:
            permissions.fits("message", text, self.limits.message_length)
        self.publish(NOWHERE, Whispered(user.who, target.name.shown, text, kind, tags, parts), session)

    def set_topic(self, session: Session, room: Room, topic: str) -> None:
        """Set the topic of `room`, or clear it with an empty one. Raises `NotInRoom`, `NotOperator` or `TooLong`."""
        user = user_of(session)
        permissions.may_set_topic(user, room)
        permissions.fits("topic", topic, self.limits.topic_length)
        room.topic, room.topic_by, room.topic_at = topic, user.who.mask, self.now()
        self.publish(room.name.key, TopicChanged(room.name.shown, user.who, topic), session)

    # -- what happened

    def deliver(self, stream: str, event: Event, stamp: Stamp, origin: Hashable | None) -> None:
        """Show `event` to everyone whom it concerns. The backplane calls this, in the one order of each stream.
        Its `origin`, if that is a session, is told by way of its owner, in the same place of the order."""
        session = origin if isinstance(origin, Session) else None
        skip = session.link if session is not None else None
        room = self.directory.get(stream)
        if room is not None:
            room.latest = stamp
            self._audience.in_room(room, event, stamp, skip)
            if isinstance(event, Said):
                if event.kept:
                    self.history.append(room.stream, event, stamp)
            else:
                self.kept.in_room(room, event, stamp)
        else:
            self._audience.elsewhere(event, stamp, skip)
            self.kept.elsewhere(event, stamp)
        if session is not None:
            if session.user is not None and isinstance(event, _SPOKEN):
                session.user.active = session.heard = stamp.time
            session.owner.own(event, stamp)
        if not isinstance(event, _SPOKEN):
            self.presences.happened(event)
            self.recorded.happened(room, event)
