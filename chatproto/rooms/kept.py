"""What besides talk is kept in a room's history, for those who want to see it as it was (IRCv3's event-playback)."""

from __future__ import annotations

from chatproto.events import Event, Joined, Kicked, Left, ModesChanged, Quit, Renamed, RoomRenamed, Stamp, TopicChanged
from chatproto.interfaces import IHistoryStore
from chatproto.rooms.people import People
from chatproto.rooms.room import Room

_IN_ROOM = (Joined, Left, Kicked, TopicChanged, ModesChanged, RoomRenamed)
_ELSEWHERE = (Quit, Renamed)
"""Kept in each room of the person."""


class Kept:
    """Hands events to the history, but those that only some in a room may see."""

    def __init__(self, history: IHistoryStore, people: People) -> None:
        self._history = history
        self._people = people

    def in_room(self, room: Room, event: Event, stamp: Stamp) -> None:
        """An event of `room`, which has happened."""
        if isinstance(event, _IN_ROOM):
            whose = event.target if isinstance(event, Kicked) else event.who.name
            if isinstance(event, Joined | Left | Kicked) and self._hidden(room, whose):
                return
            self._history.append(room.name.key, event, stamp)

    def elsewhere(self, event: Event, stamp: Stamp) -> None:
        """An event that belongs to no room. Who quits is in their rooms yet."""
        if isinstance(event, _ELSEWHERE):
            name = event.new if isinstance(event, Renamed) else event.who.name
            user = self._people.get(name)
            for room in user.rooms.values() if user is not None else ():
                if not self._hidden(room, name):
                    self._history.append(room.name.key, event, stamp)

    def _hidden(self, room: Room, name: str) -> bool:
        user = self._people.get(name)
        return user is not None and room.hides(user)
