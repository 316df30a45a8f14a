"""Who someone is, and the connections they are attached by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.events import Event
from chatproto.interfaces import ILink
from chatproto.rooms.names import Name
from chatproto.wire import Wire

if TYPE_CHECKING:
    from chatproto.rooms.room import Room


class Session:
    """One connection of a person. Compared and hashed by identity."""

    __slots__ = ("echoes", "gone", "link", "user", "views", "wire")

    def __init__(self, link: ILink, wire: Wire, echoes: tuple[type[Event], ...] = ()) -> None:
        self.link = link
        self.wire = wire
        """How this connection sees what happens, unless it chose another wire for a room."""
        self.echoes = echoes
        """Which of its own doings this connection is shown as events; of the rest its dialect tells it directly."""
        self.user: User | None = None
        self.views: dict[Room, Wire] = {}
        """The wire it sees each of its rooms through."""
        self.gone = False

    def skip(self, event: Event) -> ILink | None:
        """The link that is not to be shown `event`, if it is this session's own doing."""
        return None if isinstance(event, self.echoes) else self.link


class User:
    """A person: a name, the rooms it is in, and the sessions that what happens there is delivered to."""

    __slots__ = ("name", "rooms", "sessions")

    def __init__(self, name: Name) -> None:
        self.name = name
        self.rooms: dict[str, Room] = {}
        """By the room's key, in the order of joining."""
        self.sessions: list[Session] = []
