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

from chatproto.errors import BadName, RoomLooksLike
from chatproto.events import (
    Appeared,
    AwayChanged,
    Event,
    Joined,
    Kind,
    Left,
    Part,
    Quit,
    RealnameChanged,
    Renamed,
    Said,
    Stamp,
    Tags,
    TopicChanged,
    Vanished,
    Whispered,
    Who,
)
from chatproto.interfaces import IAccounts, IBackplane, IHistoryStore, IRecordStore
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms import names, permissions
from chatproto.rooms.audience import Audience
from chatproto.rooms.directory import Directory
from chatproto.rooms.hosts import Cloak
from chatproto.rooms.kept import Kept
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.owned import Owned
from chatproto.rooms.people import People
from chatproto.rooms.room import Room
from chatproto.rooms.unrecorded import Unrecorded
from chatproto.rooms.user import NO_CHOICES, NO_MODES, Session, User
from chatproto.wire import Wire

_SPOKEN = (Said, Whispered)

SECURE = frozenset({UserMode.SECURE})

NOWHERE = ""
"""The stream of events that belong to no room."""


class RoomService:
    """All people and rooms of this node. One per server; used from the reactor's thread only."""

    def __init__(
        self,
        backplane: IBackplane,
        history: IHistoryStore,
        limits: RoomLimits,
        now: Callable[[], float] = time.time,
        *,
        accounts: IAccounts | None = None,
        records: IRecordStore | None = None,
    ) -> None:
        self.history = history
        self.accounts = accounts
        self.records = records or Unrecorded()
        self.owned = Owned(known=accounts is None)
        self.limits = limits
        self.now = now
        """Seconds since 1970."""
        self.cloak = Cloak(token_bytes(32))
        """Another one every time the server starts."""
        self.people = People(backplane, limits)
        self.closing = False
        """Set when the server goes down: everybody is told directly, so departures are announced to nobody."""
        self._backplane = backplane
        self.directory = Directory(backplane, history, limits, now)
        self._audience = Audience(self.people)
        self._kept = Kept(history, self.people)
        self.correspondents = self._kept.correspondents
        backplane.deliver = self.deliver

    # -- people

    async def enter(self, session: Session, text: str, username: str, host: str, realname: str = "") -> User:
        """Come in under the name `text`, to be shown as `username`@`host`. Raises `BadName` or `NameTaken`."""
        account = session.account if session.account in self.owned else ""
        name = self.owned.open_to(account, text, self.limits)
        await self.people.claim(name, name.tokens)
        if session.gone:  # The connection ended while another node was asked.
            self.people.release(name.tokens)
            raise BadName(text, "the connection has ended")
        user = User(name, Who(name.shown, username, host, account), realname or name.shown, self.now())
        user.modes = SECURE if session.link.peer.secure else NO_MODES
        user.choices = session.choices if account else NO_CHOICES
        user.sessions.append(session)
        session.user = user
        self.people.sessions += 1
        self.people.add(user)
        self.publish(NOWHERE, Appeared(user.who), None)
        return user

    async def rename(self, session: Session, text: str) -> None:
        """Take another name; the same name in another case counts. Raises `BadName` or `NameTaken`.
        Changes nothing if the connection ends meanwhile, or another one of the same person is faster."""
        user = user_of(session)
        old = user.name
        name = self.owned.open_to(user.who.account, text, self.limits)
        if name == old:
            return
        wanted = [token for token in name.tokens if token not in old.tokens]
        await self.people.claim(name, wanted)
        if session.gone or user.name is not old:
            self.people.release(wanted)
            return
        self.people.release(token for token in old.tokens if token not in name.tokens)
        self.people.rename(user, name, self.now())
        self.publish(NOWHERE, Renamed(user.who, name.shown), session)
        user.looks(name=name.shown)
        if name.key != old.key:
            self.publish(NOWHERE, Vanished(old.shown), None)
            self.publish(NOWHERE, Appeared(user.who), None)

    def quit(self, session: Session, reason: str) -> None:
        """The connection is over; so is the person, if it was the last one. Cannot be refused; once is enough."""
        session.gone = True
        self.people.unwatch_all(session)
        user, session.user = session.user, None
        if user is None:
            return
        for room in list(session.views):
            room.detach(session)
        user.sessions.remove(session)
        self.people.sessions -= 1
        if not user.sessions:
            self._forget(user, reason)

    def _forget(self, user: User, reason: str) -> None:
        if not self.closing:
            self.publish(NOWHERE, Quit(user.who, reason), None)
        for room in list(user.rooms.values()):
            room.remove(user)
            self.directory.drop_if_empty(room)
        self.people.remove(user, self.now())
        self.people.release(user.name.tokens)
        if not self.closing:
            self.publish(NOWHERE, Vanished(user.name.shown), None)

    def set_away(self, session: Session, message: str) -> None:
        """Be away, or back if `message` is empty."""
        user = user_of(session)
        if user.away != message:
            user.away = message
            self.publish(NOWHERE, AwayChanged(user.who, message), session)

    def set_realname(self, session: Session, realname: str) -> None:
        """Have another real name."""
        user = user_of(session)
        user.realname = realname
        self.publish(NOWHERE, RealnameChanged(user.who, realname), session)

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
        """Say `text` to `target` alone. Raises `Unwanted` or `TooLong`, as `say` does."""
        user = user_of(session)
        permissions.may_tell(user, target, kind)
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

    def publish(self, stream: str, event: Event, session: Session | None) -> None:
        """Let it happen. `stream` is the key of the event's room, or `NOWHERE`."""
        self._backplane.publish(stream, event, session)

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
                self._kept.in_room(room, event, stamp)
        else:
            self._audience.elsewhere(event, stamp, skip)
            self._kept.elsewhere(event, stamp)
        if session is not None:
            if session.user is not None and isinstance(event, _SPOKEN):
                session.user.active = stamp.time
            session.owner.own(event, stamp)


def user_of(session: Session) -> User:
    """Who is attached by `session`; who uses it has entered."""
    assert session.user is not None, "a dialect lets only those who entered do anything"
    return session.user
