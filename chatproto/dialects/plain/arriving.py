"""Coming into rooms, and what one is told of them then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.plain import past
from chatproto.dialects.plain.table import me
from chatproto.errors import MayNotJoin
from chatproto.rooms import reading
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

NAMES_SHOWN = 20
"""How many of the people in a room one is told of on coming in; `/who` tells of all."""


def let_in(talk: PlainConversation, text: str, key: str) -> Room:
    """Join the room, or the one that people are sent to who may not come into it."""
    try:
        return _join(talk, text, key)
    except MayNotJoin as refused:
        forward = talk.service.directory.forward(text)
        if forward is None:
            raise
        talk.refuse(str(refused))
        return _join(talk, forward, key)


def _join(talk: PlainConversation, text: str, key: str) -> Room:
    talk.coming = True
    try:
        return talk.service.join(talk.session, text, key)
    finally:
        talk.coming = False


async def again(talk: PlainConversation) -> None:
    """See the rooms that one is in already: by another connection, or because one stayed."""
    user = me(talk)
    if not user.rooms:
        talk.tell("You are in no room now. /join takes you into one.")
    for room in tuple(user.rooms.values()):
        if talk.session.gone:  # To be told what was said may take its time.
            return
        if user in room.members and room not in talk.session.views:
            talk.talk_in(room)
            await look_around(talk, room)
    if talk.current is not None and len(user.rooms) > 1:
        talk.tell(f"You are now talking in {talk.current.name.shown}.")


async def look_around(talk: PlainConversation, room: Room) -> None:
    """See who is in the room, its topic, and what was said."""
    talk.tell(f"You are in {room.name.shown} with {some(me(talk), room)}.")
    if room.topic:
        talk.tell(f"The topic is: {room.topic}")
    await past.told(talk, room, reading.coming(talk.service, room))


def some(user: User, room: Room) -> str:
    """The other people of a room, as many as can be named in a line."""
    others = [each.name.shown for each in room.shown_to(user) if each is not user]
    named = ", ".join(others[:NAMES_SHOWN])
    if not others:
        return "nobody else yet"
    return named if len(others) <= NAMES_SHOWN else f"{named} and {len(others) - NAMES_SHOWN} more"
