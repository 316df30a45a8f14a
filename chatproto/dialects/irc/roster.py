"""Who is in a room, as NAMES lists it, kept from one client to the next: a room that fills with n people would else
cost n² names, for each is told of all who are there."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple
from weakref import WeakKeyDictionary

from chatproto.dialects.irc.letters import prefix
from chatproto.rooms.room import Room
from chatproto.rooms.user import User


class Form(NamedTuple):
    """How a client wants names."""

    every: bool
    """With every prefix (multi-prefix)."""
    masks: bool
    """As `nick!user@host` (userhost-in-names)."""

    def of(self, user: User, room: Room) -> str:
        """One name."""
        return prefix(room.members[user], every=self.every) + (user.who.mask if self.masks else user.who.name)


class Roster:
    """All members of one room in one form, packed into lines of at most `space` bytes. Who is new is added at the end;
    if anything else changed it is made anew."""

    __slots__ = ("_count", "_form", "_left", "_space", "_version", "lines")

    def __init__(self, form: Form, space: int) -> None:
        self._form = form
        self._space = space
        self._version = -1
        self._count = 0
        self._left = 0
        """Bytes that fit into the last line yet."""
        self.lines: list[str] = []

    def refresh(self, room: Room) -> None:
        """Be true."""
        if self._version != room.version:
            self._version, self._count, self._left, self.lines = room.version, 0, 0, []
        self.add(self._form.of(user, room) for user in islice(room.members, self._count, None))
        self._count = len(room.members)

    def add(self, words: Iterable[str]) -> None:
        """Put more names at the end."""
        for word in words:
            size = len(word.encode()) + 1
            if size <= self._left:
                self.lines[-1] += " " + word
                self._left -= size
            else:
                self.lines.append(word)
                self._left = self._space - size + 1


class Rosters:
    """The rosters of all rooms, as long as the rooms are there."""

    def __init__(self) -> None:
        self._rosters: WeakKeyDictionary[Room, dict[tuple[Form, int], Roster]] = WeakKeyDictionary()

    def lines(self, room: Room, form: Form, space: int) -> list[str]:
        """The names of all members of `room`. Few values of `space` should be asked for: each is kept."""
        rosters = self._rosters.setdefault(room, {})
        roster = rosters.get((form, space))
        if roster is None:
            roster = rosters[form, space] = Roster(form, space)
        roster.refresh(room)
        return roster.lines
