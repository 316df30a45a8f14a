"""What a person may read back: rooms that they are in, and what they and somebody else said to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chatproto.errors import NotInRoom
from chatproto.interfaces import Mark
from chatproto.rooms.names import key_of
from chatproto.rooms.owned import STRANGER
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.rooms.service import RoomService

PARTNERS = 200
"""People whose talk with somebody is looked at where nobody is named: those it was with last."""


class Buffer(NamedTuple):
    """Something to read back."""

    name: str
    """A room or a person, as it is called now; or as it was asked for, if it is not here."""
    stream: str
    """Of the history; empty where nothing is kept."""
    key: str
    """What it is told apart by from others of the same reader: the key of a room, of an account, or of a name."""


def between(one: str, other: str) -> str:
    """The stream of what two say to each other, by the keys of their accounts."""
    return " ".join(sorted((one, other)))


def account_of(user: User) -> str:
    """The key of the account that somebody is logged in to; empty if they are not."""
    account = user.who.account
    return key_of(account) if account else ""


def party(user: User) -> str:
    """What stands for them in the stream of private talk: the key of their account, or that of their name."""
    return account_of(user) or STRANGER + user.name.key


def together(one: User, other: User) -> str:
    """The stream of what these two say to each other; empty if neither is logged in: nobody could read it."""
    return between(party(one), party(other)) if account_of(one) or account_of(other) else ""


def buffer(chat: RoomService, reader: User, target: str) -> Buffer:
    """What `target` means. Raises `NotInRoom` for any room that the reader is not in, whether or not it is there. Who
    has the name of a person now is meant by it; if that is nobody, the account of that name; and if there is none,
    whoever had that name and no account."""
    key = key_of(target)
    if target.startswith("#"):
        room = reader.rooms.get(key)
        if room is None:
            raise NotInRoom(target)
        return Buffer(room.name.shown, room.stream, key)
    user = chat.people.get(target)
    if user is not None:
        target, key = user.name.shown, party(user)
    elif target not in chat.owned:
        key = STRANGER + key
    mine = account_of(reader)
    return Buffer(target, between(mine, key) if mine else "", key.removeprefix(STRANGER))


async def buffers(chat: RoomService, reader: User) -> list[Buffer]:
    """All that there is for the reader: rooms in the order of joining, then people, the latest last. Raises
    `Unavailable`."""
    mine = account_of(reader)
    partners = (await chat.history.talks(mine))[-PARTNERS:] if mine else ()
    rooms = [Buffer(room.name.shown, room.stream, key) for key, room in reader.rooms.items()]
    talks = ((chat.owned.name(key), between(mine, key), key.removeprefix(STRANGER)) for key in partners)
    return [*rooms, *(Buffer(*each) for each in talks)]


def coming(chat: RoomService, room: Room) -> Mark:
    """Where what comes next will stand: who is shown the room from now on sees that as it happens, even if the store
    takes its time."""
    latest = room.latest
    return chat.now() if latest is None else latest._replace(offset=latest.offset + 1)


def still(reader: User, found: Buffer) -> bool:
    """Whether the reader may read that yet, as of now: a store may have taken its time."""
    if found.key.startswith("#"):
        room = reader.rooms.get(found.key)
        return room is not None and room.stream == found.stream
    mine = account_of(reader)
    return bool(mine) and mine in found.stream.split(" ")
