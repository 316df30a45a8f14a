"""What can be refused. Errors have a direction: these are the person's or the peer's, never ours.

`ChatError`: the person asked for something that is refused; `str(error)` is one sentence that says why and what is
allowed, and a dialect may find its own words by the class. `BadLine`: the peer broke the dialect.
"""

from __future__ import annotations

LONGEST_QUOTED = 70
"""Characters of what was typed that a sentence quotes; of a longer text it quotes the beginning."""


def quoted(text: str) -> str:
    """`text` as a sentence quotes it: not at any length."""
    return text if len(text) <= LONGEST_QUOTED else text[:LONGEST_QUOTED] + "…"


class BadLine(Exception):
    """The peer sent something that is no line of its dialect; `str(error)` is one sentence."""


class ChatError(Exception):
    """A request that is refused; `str(error)` is one sentence for the person who asked."""


class BadName(ChatError):
    """A name, of a person or a room, that nobody may use."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{quoted(name)!r} cannot be used: {why}.")
        self.name = name


class NameTaken(ChatError):
    """A name that somebody has; or, if `holder` is given, one that cannot be told by eye from that of `holder`."""

    def __init__(self, name: str, holder: str | None) -> None:
        alike = "is taken" if holder is None else f"is too much like {holder}, which is taken"
        super().__init__(f"{name} {alike}. Choose another name.")
        self.name = name
        self.holder = holder


class RoomLooksLike(ChatError):
    """A room's name that looks the same as that of a room that exists."""

    def __init__(self, name: str, existing: str) -> None:
        super().__init__(f"{name} looks the same as the room {existing}. Join {existing}, or choose another name.")
        self.name = name
        self.existing = existing


class NoSuchPerson(ChatError):
    """Nobody here has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nobody here is called {quoted(name)}.")
        self.name = name


class NoSuchRoom(ChatError):
    """No room has that name."""

    def __init__(self, room: str) -> None:
        super().__init__(f"There is no room {quoted(room)}.")
        self.room = room


class NotInRoom(ChatError):
    """One must be in a room to speak there or to change it."""

    def __init__(self, room: str) -> None:
        super().__init__(f"You are not in {room}. Use /join {room} first.")
        self.room = room


class TooManyRooms(ChatError):
    """A person is in as many rooms as is allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"You are in {limit} rooms, the most that is allowed. Leave one first.")
        self.limit = limit


class RoomFull(ChatError):
    """A room has as many people as is allowed."""

    def __init__(self, room: str, limit: int) -> None:
        super().__init__(f"{room} is full: it holds {limit} people.")
        self.room = room
        self.limit = limit


class TooLong(ChatError):
    """A text is longer than its limit, both in characters."""

    def __init__(self, what: str, length: int, limit: int) -> None:
        super().__init__(f"That {what} has {length} characters; {limit} are allowed.")
        self.length = length
        self.limit = limit
