"""The chat itself: people come, join rooms, speak and leave. No sockets, no bytes, no Twisted.

Everything that happens is handed to the backplane as an event and is seen when the backplane gives it back, so all
nodes and the speaker see one order. Only taking a name waits (another node may hold it); the rest is synchronous.
Methods raise a `ChatError` for what is refused and then have changed nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from chatproto.errors import BadName, NameTaken, NoSuchPerson, NoSuchRoom, RoomLooksLike
from chatproto.events import (
    Event,
    Joined,
    Kind,
    Left,
    Quit,
    Renamed,
    Said,
    Stamp,
    TopicChanged,
    Whispered,
)
from chatproto.interfaces import IBackplane, IHistoryStore, ILink
from chatproto.rooms import names, permissions
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import Name
from chatproto.rooms.room import Room
from chatproto.rooms.user import Session, User
from chatproto.wire import Wire

NOWHERE = ""
"""The stream of events that belong to no room."""


class RoomService:
    """All people and rooms of this node. One per server; used from the reactor's thread only."""

    def __init__(self, backplane: IBackplane, history: IHistoryStore, limits: RoomLimits) -> None:
        self.history = history
        self.limits = limits
        self.closing = False
        """Set when the server goes down: everybody is told directly, so departures are announced to nobody."""
        self._backplane = backplane
        self._users: dict[str, User] = {}
        self._holders: dict[str, User] = {}
        """By each token of their names."""
        self._rooms: dict[str, Room] = {}
        self._by_skeleton: dict[str, Room] = {}
        backplane.deliver = self.deliver
        self._default = self._open(names.room(limits.default_room, limits))

    # -- people

    async def enter(self, session: Session, text: str) -> User:
        """Come in under the name `text`. Raises `BadName` or `NameTaken`."""
        name = names.person(text, self.limits)
        await self._claim(name, name.tokens)
        if session.gone:  # The connection ended while another node was asked.
            self._release(name.tokens)
            raise BadName(text, "the connection has ended")
        user = User(name)
        user.sessions.append(session)
        session.user = user
        self._register(user)
        return user

    async def rename(self, session: Session, text: str) -> None:
        """Take another name; the same name in another case counts. Raises `BadName` or `NameTaken`.
        Changes nothing if the connection ends meanwhile, or another one of the same person is faster."""
        user = _user(session)
        old = user.name
        name = names.person(text, self.limits)
        if name == old:
            return
        wanted = [token for token in name.tokens if token not in old.tokens]
        await self._claim(name, wanted)
        if session.gone or user.name is not old:
            self._release(wanted)
            return
        self._release(token for token in old.tokens if token not in name.tokens)
        self._unregister(user)
        user.name = name
        self._register(user)
        self._backplane.publish(NOWHERE, Renamed(old.shown, name.shown), session)

    def quit(self, session: Session, reason: str) -> None:
        """The connection is over; so is the person, if it was the last one. Cannot be refused; once is enough."""
        session.gone = True
        user, session.user = session.user, None
        if user is None:
            return
        for room in list(session.views):
            room.detach(session)
        user.sessions.remove(session)
        if not user.sessions:
            self._forget(user, reason)

    def _forget(self, user: User, reason: str) -> None:
        if not self.closing:
            self._backplane.publish(NOWHERE, Quit(user.name.shown, reason), None)
        for room in list(user.rooms.values()):
            room.remove(user)
            self._drop_if_empty(room)
        self._unregister(user)
        self._release(user.name.tokens)

    def person(self, text: str) -> User:
        """Whoever is called `text`. Raises `NoSuchPerson`."""
        try:
            return self._users[names.key_of(text)]
        except KeyError:
            raise NoSuchPerson(text) from None

    def _register(self, user: User) -> None:
        self._users[user.name.key] = user
        self._holders.update(dict.fromkeys(user.name.tokens, user))

    def _unregister(self, user: User) -> None:
        del self._users[user.name.key]
        for token in user.name.tokens:
            del self._holders[token]

    async def _claim(self, name: Name, tokens: Sequence[str]) -> None:
        """Hold all of `tokens`, or none and raise `NameTaken`."""
        for count, token in enumerate(tokens):
            if not await self._backplane.claim(token):
                self._release(tokens[:count])
                holder = self._holders.get(token)
                looks = holder is not None and holder.name.key != name.key
                raise NameTaken(name.shown, holder.name.shown if holder and looks else None)

    def _release(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            self._backplane.release(token)

    # -- rooms

    def room(self, text: str) -> Room:
        """The room called `text`. Raises `NoSuchRoom`."""
        try:
            return self._rooms[names.key_of(text)]
        except KeyError:
            raise NoSuchRoom(text) from None

    def rooms(self) -> Iterable[Room]:
        """All rooms, in the order they were opened."""
        return self._rooms.values()

    def join(self, session: Session, text: str) -> Room:
        """Go into the room called `text`, which is opened if need be. Once in, again changes nothing.
        Raises `BadName`, `RoomLooksLike`, `TooManyRooms` or `RoomFull`."""
        user = _user(session)
        name = names.room(text, self.limits)
        room = self._rooms.get(name.key)
        if room is None:
            twin = self._by_skeleton.get(name.skeleton)
            if twin is not None:
                raise RoomLooksLike(name.shown, twin.name.shown)
        elif user in room.members:
            return room
        permissions.may_join(user, room, self.limits)
        room = room or self._open(name)
        room.add(user)
        self._backplane.publish(name.key, Joined(room.name.shown, user.name.shown), session)
        return room

    def leave(self, session: Session, room: Room, reason: str) -> None:
        """Leave `room`. Raises `NotInRoom` or `TooLong`."""
        user = _user(session)
        permissions.may_speak(user, room)
        permissions.fits("reason", reason, self.limits.message_length)
        self._backplane.publish(room.name.key, Left(room.name.shown, user.name.shown, reason), session)
        room.remove(user)
        self._drop_if_empty(room)

    def view(self, session: Session, room: Room, wire: Wire) -> None:
        """Show `room` to `session` through `wire` from now on. Raises `NotInRoom`."""
        permissions.may_speak(_user(session), room)
        room.attach(session, wire)

    def _open(self, name: Name) -> Room:
        room = self._rooms[name.key] = self._by_skeleton[name.skeleton] = Room(name)
        return room

    def _drop_if_empty(self, room: Room) -> None:
        if not room.members and room is not self._default:
            del self._rooms[room.name.key]
            del self._by_skeleton[room.name.skeleton]
            self.history.drop(room.name.key)
            self._backplane.drop(room.name.key)

    # -- what is said

    def say(self, session: Session, room: Room, text: str, kind: Kind = Kind.PLAIN) -> None:
        """Say a line to everyone in `room`. Raises `NotInRoom` or `TooLong`."""
        user = _user(session)
        permissions.may_speak(user, room)
        permissions.fits("message", text, self.limits.message_length)
        self._backplane.publish(room.name.key, Said(room.name.shown, user.name.shown, text, kind), session)

    def whisper(self, session: Session, target: User, text: str, kind: Kind = Kind.PLAIN) -> None:
        """Say a line to `target` alone. Raises `TooLong`."""
        permissions.fits("message", text, self.limits.message_length)
        sender = _user(session).name.shown
        self._backplane.publish(NOWHERE, Whispered(sender, target.name.shown, text, kind), session)

    def set_topic(self, session: Session, room: Room, topic: str) -> None:
        """Set the topic of `room`, or clear it with an empty one. Raises `NotInRoom` or `TooLong`."""
        user = _user(session)
        permissions.may_set_topic(user, room)
        permissions.fits("topic", topic, self.limits.topic_length)
        room.topic = topic
        self._backplane.publish(room.name.key, TopicChanged(room.name.shown, user.name.shown, topic), session)

    # -- what happened

    def deliver(self, stream: str, event: Event, stamp: Stamp, origin: Hashable | None) -> None:
        """Show `event` to everyone whom it concerns. The backplane calls this, in the one order of each stream."""
        skip = origin.skip(event) if isinstance(origin, Session) else None
        room = self._rooms.get(stream)
        if room is not None:
            room.latest = stamp
            room.broadcast(event, stamp, skip)
            if isinstance(event, Said):
                self.history.append(stream, event, stamp)
        elif isinstance(event, Whispered):
            self._tell(self._users.get(names.key_of(event.target)), event, stamp, {skip})
        elif isinstance(event, Renamed | Quit):
            self._tell_near(event, stamp, skip)

    def _tell_near(self, event: Renamed | Quit, stamp: Stamp, skip: ILink | None) -> None:
        """Tell the person itself and everyone who shares a room with it, each once."""
        name = event.new if isinstance(event, Renamed) else event.name
        user = self._users.get(names.key_of(name))
        told = {skip}
        for room in user.rooms.values() if user else ():
            room.broadcast_once(event, stamp, told)
        self._tell(user, event, stamp, told)

    def _tell(self, user: User | None, event: Event, stamp: Stamp, told: set[ILink | None]) -> None:
        for session in user.sessions if user else ():
            data = session.wire.encode(event, stamp)
            if data and session.link not in told:
                session.link.write(data)


def _user(session: Session) -> User:
    assert session.user is not None, "a dialect lets only those who entered do anything"
    return session.user
