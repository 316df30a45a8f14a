"""What is kept besides talk in rooms: what else happens there, for those who want to see it as it was (IRCv3's
event-playback), and what people with accounts say to each other."""

from __future__ import annotations

from chatproto.events import (
    Event,
    Joined,
    Kicked,
    Left,
    ModesChanged,
    Quit,
    Renamed,
    RoomRenamed,
    Said,
    Stamp,
    TopicChanged,
    Whispered,
)
from chatproto.interfaces import IHistoryStore
from chatproto.rooms.limits import DM_HISTORY, RoomLimits
from chatproto.rooms.people import People
from chatproto.rooms.reading import together
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

_IN_ROOM = (Joined, Left, Kicked, TopicChanged, ModesChanged, RoomRenamed)
_ELSEWHERE = (Quit, Renamed)
"""Kept in each room of the person."""


class Kept:
    """Hands events to the history, but those that only some in a room may see."""

    def __init__(self, history: IHistoryStore, people: People, limits: RoomLimits) -> None:
        self._history = history
        self._people = people
        self._limits = limits

    def in_room(self, room: Room, event: Event, stamp: Stamp) -> None:
        """An event of `room`, which has happened."""
        if isinstance(event, _IN_ROOM):
            whose = event.target if isinstance(event, Kicked) else event.who.name
            if isinstance(event, Joined | Left | Kicked) and self._hidden(room, whose):
                return
            self._history.append(room.stream, event, stamp)

    def elsewhere(self, event: Event, stamp: Stamp) -> None:
        """An event that belongs to no room. Who quits is in their rooms yet."""
        if isinstance(event, Whispered):
            stream = self._stream(event)
            if stream:
                self._history.append(stream, event, stamp)
        elif isinstance(event, _ELSEWHERE):
            name = event.new if isinstance(event, Renamed) else event.who.name
            user = self._people.get(name)
            for room in user.rooms.values() if user is not None else ():
                if not self._hidden(room, name):
                    self._history.append(room.stream, event, stamp)

    def keeps(self, event: Said | Whispered) -> bool:
        """Whether that is kept: else nobody has to wait until it is stored."""
        return event.kept if isinstance(event, Said) else bool(self._stream(event))

    def between(self, one: User, other: User) -> bool:
        """What these two say to each other is kept only if one is logged in, for names alone do not tell who may read
        it later; and only if both want it. Who has no account is not asked, and reads nothing of it."""
        accounts = [each for each in (one, other) if each.who.account]
        return bool(accounts) and all(self._limits.holds(DM_HISTORY, each.choices) for each in accounts)

    def _stream(self, event: Whispered) -> str:
        """What the history calls it; empty if it is not kept."""
        one, other = self._people.get(event.who.name), self._people.get(event.target)
        if event.kept and one is not None and other is not None and self.between(one, other):
            return together(one, other)
        return ""

    def _hidden(self, room: Room, name: str) -> bool:
        user = self._people.get(name)
        return user is not None and room.hides(user)
