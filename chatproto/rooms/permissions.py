"""Who may do what. Each function returns if it is allowed and raises a `ChatError` if not; all dialects ask here."""

from __future__ import annotations

from chatproto.errors import NotInRoom, RoomFull, TooLong, TooManyRooms
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Room
from chatproto.rooms.user import User


def may_join(user: User, room: Room | None, limits: RoomLimits) -> None:
    """Neither the person nor the room, if there is one yet, is at its limit."""
    if len(user.rooms) >= limits.rooms_per_person:
        raise TooManyRooms(limits.rooms_per_person)
    if room is not None and len(room.members) >= limits.people_per_room:
        raise RoomFull(room.name.shown, limits.people_per_room)


def may_speak(user: User, room: Room) -> None:
    """Only members speak in a room."""
    if user not in room.members:
        raise NotInRoom(room.name.shown)


def may_set_topic(user: User, room: Room) -> None:
    """Any member may."""
    may_speak(user, room)


def fits(what: str, text: str, limit: int) -> None:
    """`text` has at most `limit` characters."""
    if len(text) > limit:
        raise TooLong(what, len(text), limit)
