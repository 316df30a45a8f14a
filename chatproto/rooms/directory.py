"""All rooms by name: which there are, what else is called like one, and when one is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatproto.errors import NoSuchRoom
from chatproto.interfaces import IBackplane, IHistoryStore
from chatproto.modes import CLOSED, Rule
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import Name
from chatproto.rooms.room import Room


class Directory:
    """Opens rooms and drops them, with what is kept for them on the backplane and in the history. Registered rooms stay
    when nobody is in them."""

    def __init__(
        self, backplane: IBackplane, history: IHistoryStore, limits: RoomLimits, now: Callable[[], float]
    ) -> None:
        self._backplane = backplane
        self._history = history
        self._limits = limits
        self._now = now
        self._rooms: dict[str, Room] = {}
        self._by_skeleton: dict[str, Room] = {}
        self.left: Callable[[Room], None] = lambda room: None
        """Is called when a room has become empty, but for the default room. One that is not registered is gone then."""
        self.default = self._add(names.room(limits.default_room, limits))
        """The room that always is."""
        self.default.rules = {Rule.NO_OUTSIDE: ""}

    def __iter__(self) -> Iterator[Room]:
        """In the order they were opened."""
        return iter(self._rooms.values())

    @property
    def used(self) -> int:
        """How many have somebody in them, or are registered."""
        return len(self._rooms) - (not self.default.members and self.default.registration is None)

    def find(self, text: str) -> Room:
        """The room called `text`. Raises `NoSuchRoom`."""
        room = self._rooms.get(names.key_of(text))
        if room is None:
            raise NoSuchRoom(text)
        return room

    def get(self, stream: str) -> Room | None:
        """The room of that key, if there is one."""
        return self._rooms.get(stream)

    def forward(self, text: str) -> str | None:
        """Where people are sent who may not come into the room called `text`; nowhere if that is there no more, for
        anybody could have that name then."""
        forward = self.find(text).rules.get(Rule.FORWARD)
        return forward if forward and names.key_of(forward) in self._rooms else None

    def like(self, name: Name) -> Room | None:
        """The room that has that name, or one that looks like it."""
        return self._rooms.get(name.key) or self._by_skeleton.get(name.skeleton)

    def open(self, name: Name) -> Room:
        """A new room, where no other has that name or looks like it."""
        room = self._add(name)
        room.rules = {Rule(letter): "" for letter in self._limits.room_rules}
        if not CLOSED.isdisjoint(room.rules):
            self.set_apart(room)
        return room

    def restore(self, name: Name, stream: str) -> Room:
        """A room that was here before the server started, with nothing but its name, and what was said in it. It may be
        here already."""
        room = self._rooms.get(name.key) or self._add(name)
        room.stream = stream
        return room

    def _add(self, name: Name) -> Room:
        room = self._rooms[name.key] = self._by_skeleton[name.skeleton] = Room(name, self._now())
        return room

    def set_apart(self, room: Room) -> None:
        """Have the history keep it under a name of its own, so that nobody who opens a room of its name later, when it
        is gone, can read what was said here. Once is enough. What was said in other rooms outlasts them; also in those
        of this name that were there before, whose past anybody could else destroy."""
        if room.stream == room.name.key:
            self._keep_as(room, room.name)

    def _keep_as(self, room: Room, name: Name) -> None:
        old, room.stream = room.stream, f"{name.key} {self._now() * 1e6:.0f}"
        self._history.rename(old, room.stream, room.created if old == room.name.key else None)

    def drop_if_empty(self, room: Room) -> None:
        """Forget a room that nobody is in any more, unless it is registered, or the default room."""
        if room.members or room is self.default:
            return
        if room.registration is not None:
            self.left(room)
        else:
            self._remove(room)
            if room.stream != room.name.key or not self._history.lasts:
                self._history.drop(room.stream)
            self._backplane.drop(room.name.key)
            self.left(room)

    def move(self, room: Room, name: Name) -> None:
        """Have `room` under another name, which no other room has or looks like."""
        self._remove(room)
        for user in room.members:
            del user.rooms[room.name.key]
            user.rooms[name.key] = room
        if name.key != room.name.key:
            self._keep_as(room, name)  # What was said before in one of the new name is not touched.
            self._backplane.drop(room.name.key)
        room.name = name
        self._rooms[name.key] = self._by_skeleton[name.skeleton] = room

    def _remove(self, room: Room) -> None:
        del self._rooms[room.name.key]
        del self._by_skeleton[room.name.skeleton]
