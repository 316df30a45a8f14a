"""What a person may read back: rooms that they are in, and what they and somebody else said to each other."""

from __future__ import annotations

from typing import NamedTuple

from chatproto.errors import NotInRoom
from chatproto.rooms.correspondents import Correspondents
from chatproto.rooms.names import key_of
from chatproto.rooms.people import People
from chatproto.rooms.user import User


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


def buffer(people: People, reader: User, target: str) -> Buffer:
    """What `target` means. Raises `NotInRoom` for any room that the reader is not in, whether or not it is there. Who
    has the name of a person now is meant by it, and if that is nobody, the account of that name."""
    key = key_of(target)
    if target.startswith("#"):
        room = reader.rooms.get(key)
        if room is None:
            raise NotInRoom(target)
        return Buffer(room.name.shown, room.stream, key)
    user = people.get(target)
    if user is not None:
        target, key = user.name.shown, account_of(user) or key
    mine = account_of(reader)
    kept = mine and (user is None or account_of(user))
    return Buffer(target, between(mine, key) if kept else "", key)


def buffers(correspondents: Correspondents, reader: User) -> list[Buffer]:
    """All that there is for the reader: rooms in the order of joining, then people, the latest last."""
    rooms = [Buffer(room.name.shown, room.stream, key) for key, room in reader.rooms.items()]
    mine = account_of(reader)
    partners = correspondents.of(mine).items() if mine else ()
    return [*rooms, *(Buffer(name, between(mine, key), key) for key, name in partners)]
