"""Commands about the rooms that are an account's: registered, as IRC calls it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatproto.dialects.plain.accounts import ACCOUNT
from chatproto.dialects.plain.table import command, current, me, needed, room_name
from chatproto.rooms import registered
from chatproto.rooms.reading import account_of

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

NOT_STORED = "That was done, but it is not stored: the store takes nothing at the moment."


@command("/keep", "have the current room be yours, and stay as it is when nobody is in it", of=ACCOUNT)
def _keep(talk: PlainConversation, rest: str) -> None:
    room, its = current(talk), current(talk).registration
    if its is not None and its.heir and its.heir == account_of(me(talk)):
        registered.accept(talk.service, talk.session, room)
        talk.tell(f"{room.name.shown} is yours now.")
    else:
        registered.register(talk.service, talk.session, room)
        talk.tell(f"{room.name.shown} is yours now, and kept: with its operators, topic and rules.")
    _hold(talk)


def _hold(talk: PlainConversation) -> None:
    """Have nothing sent before what was done to a room is stored."""
    stored = talk.service.records.stored()
    if stored is not None:
        talk.link.hold(stored, partial(talk.refuse, NOT_STORED))


@command("/unkeep #ROOM", "have a room of yours be gone again when nobody is in it", of=ACCOUNT)
def _unkeep(talk: PlainConversation, rest: str) -> None:
    room = registered.find(talk.service, me(talk), room_name(needed(rest)))
    registered.unregister(talk.service, talk.session, room)
    talk.tell(f"{room.name.shown} is not kept any more.")


@command("/heir NAME", "offer the current room, which you keep, to somebody; to yourself, to keep it", of=ACCOUNT)
def _heir(talk: PlainConversation, rest: str) -> None:
    room, person = current(talk), talk.service.people.get(needed(rest))
    account = (account_of(person) if person is not None else "") or rest
    if registered.offer(talk.service, talk.session, room, account):
        talk.tell(f"{room.name.shown} is {talk.service.owned.name(account)}'s now.")
    elif registered.registration_of(room).heir:
        talk.tell(f"{room.name.shown} is {talk.service.owned.name(account)}'s as soon as they type /keep in it.")
    else:
        talk.tell(f"You keep {room.name.shown}.")
