"""ChanServ: registered rooms, as clients of IRC are used to speak of them.

Source: what Ergo's ChanServ understands.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from chatproto.dialects.irc.services import Service, Words, confirmation, confirmed
from chatproto.errors import ChatError
from chatproto.modes import Status
from chatproto.rooms import logins, registered
from chatproto.rooms.reading import account_of
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import LETTERS, letters

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

ABOUT = "A registered channel is its founder's, and is as it was whenever somebody comes. Its founder has an account."

SERVICE = Service("ChanServ", ABOUT, "CHANSERV", "CS", knows="registered rooms")
COMMANDS = SERVICE.commands

LISTED = 100
"""Channels that LIST tells of."""

_command = SERVICE.command
_answer = SERVICE.answer


def _room(talk: IrcConversation, text: str) -> Room:
    return registered.find(talk.rooms, talk.user, text)


@_command("REGISTER <channel>", "makes a channel yours, and has it stay; you must be its operator", 1, 1)
async def _register(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    registered.register(talk.rooms, talk.session, room)
    _answer(talk, f"{room.name.shown} is registered now, and yours.")
    talk.hold_record()


async def _unregister(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    its = registered.must_own(talk.user, room)
    of = (room.name.key, its.founder, its.at)
    if len(rest) == 2 and confirmed(rest[1], *of):
        registered.unregister(talk.rooms, talk.session, room)
        _answer(talk, f"{room.name.shown} is registered no more.")
        return
    _answer(talk, f"{room.name.shown} will be gone, with its operators and lists, when nobody is in it.")
    _answer(talk, f"If you want that: /msg {SERVICE.name} UNREGISTER {room.name.shown} {confirmation(*of)}")


for _word in ("UNREGISTER", "DROP"):
    _command(f"{_word} <channel> [<code>]", "has a channel of yours be like any other again", 1, 2)(_unregister)


@_command("TRANSFER <channel> <account>", "offers a channel of yours to somebody; to yourself, to keep it", 2, 2)
async def _transfer(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    if registered.offer(talk.rooms, talk.session, room, rest[1]):
        _answer(talk, f"{room.name.shown} is {_founder(talk, room)}'s now.")
    elif registered.registration_of(room).heir:
        accept = f"/msg {SERVICE.name} TRANSFER ACCEPT {room.name.shown}"
        _answer(talk, f"{room.name.shown} is {rest[1]}'s when they accept it: {accept}")
    else:
        _answer(talk, f"You keep {room.name.shown}.")


@_command("TRANSFER ACCEPT <channel>", "takes a channel that was offered to you", 1, 1)
async def _accept(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    registered.accept(talk.rooms, talk.session, room)
    _answer(talk, f"{room.name.shown} is yours now.")
    talk.hold_record()


# -- what people are


@_command("OP <channel> [<nick>]", "makes you what your account is in a channel, or somebody in it an operator", 1, 2)
async def _op(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    target = talk.rooms.people.find(rest[1]) if len(rest) == 2 else talk.user
    if target is talk.user:
        changed = registered.take_up(talk.rooms, talk.session, room)
    else:
        changed = registered.set_status(talk.rooms, talk.session, room, target, Status.OPERATOR, add=True)
    _done(talk, room, changed=changed)


@_command("DEOP <channel> [<nick>]", "makes somebody, or you, no operator of a channel", 1, 2)
async def _deop(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    target = talk.rooms.people.find(rest[1]) if len(rest) == 2 else talk.user
    changed = registered.set_status(talk.rooms, talk.session, room, target, Status.OPERATOR, add=False)
    _done(talk, room, changed=changed)


def _done(talk: IrcConversation, room: Room, *, changed: bool) -> None:
    _answer(talk, f"That is done in {room.name.shown}." if changed else f"It is so already in {room.name.shown}.")


@_command(
    "AMODE <channel> [<modes> <account>]",
    "lists what accounts are in a channel whenever they come, or changes it: any of +q +a +o +h +v, and with -",
    1,
    3,
)
async def _amode(talk: IrcConversation, rest: Words) -> None:
    room = _room(talk, rest[0])
    if len(rest) == 1:
        _list_ranks(talk, room)
        return
    sign, wanted = rest[1][:1], rest[1][1:]
    if len(rest) != 3 or sign not in ("+", "-") or not wanted or not set(wanted) <= set(LETTERS):
        raise ChatError(f"Use it like this: AMODE {room.name.shown} +o <account>")
    status = Status.NONE
    for letter in wanted:
        status |= LETTERS[letter]
    _done(talk, room, changed=registered.set_rank(talk.rooms, talk.session, room, rest[2], status, add=sign == "+"))


def _list_ranks(talk: IrcConversation, room: Room) -> None:
    """At most as many as the setting `ranks_kept` says, and the founder."""
    for account, status in registered.must_know(talk.user, room):
        _answer(talk, f"{talk.rooms.owned.name(account)} is +{letters(status)} in {room.name.shown}.")


# -- which there are


@_command("INFO [<channel>]", "tells whose a channel is, or which are yours", 0, 1)
async def _info(talk: IrcConversation, rest: Words) -> None:
    if not rest:
        found = registered.of(talk.rooms, logins.must_be_logged_in(talk.session))
        names = " ".join(room.name.shown for room in islice(found, LISTED)) or "none"
        _answer(talk, f"You have registered {len(found)} of {talk.rooms.limits.rooms_registered} channels: {names}")
        return
    room = _room(talk, rest[0])
    its = registered.registration_of(room)
    at = datetime.fromtimestamp(its.at, UTC)
    _answer(talk, f"{room.name.shown} is {_founder(talk, room)}'s, registered {at:%Y-%m-%d %H:%M:%S} UTC.")
    if its.heir and account_of(talk.user) in {its.founder, its.heir}:
        _answer(talk, f"It is offered to {talk.rooms.owned.name(its.heir)}.")


def _founder(talk: IrcConversation, room: Room) -> str:
    return talk.rooms.owned.name(registered.registration_of(room).founder)


@_command("LIST [<text>]", "lists the registered channels, or those with that in their name", 0, 1, privileged=True)
async def _list(talk: IrcConversation, rest: Words) -> None:
    text = rest[0].casefold() if rest else ""
    found = [room for room in talk.rooms.rooms() if room.registration is not None and text in room.name.key]
    for room in found[:LISTED]:
        _answer(talk, f"{room.name.shown} is {_founder(talk, room)}'s; {len(room.members)} in it.")
    more = f", of which these are {LISTED}" if len(found) > LISTED else ""
    _answer(talk, f"{len(found)} registered channels{more}.")
