"""Commands of those who run a room, or the server."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatproto.dialects.plain.rules import ROOM, change
from chatproto.dialects.plain.table import command, current, me, needed, room_called, words
from chatproto.errors import TooManyTries, WrongPassword
from chatproto.modes import Change, Listing, Status, UserMode
from chatproto.rooms import moderation, operators, permissions
from chatproto.rooms.operators import CheckOperator

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

SERVER = "operators of the server"


@command("/kick NAME [WHY]", "put somebody out of the current room", of=ROOM)
def _kick(talk: PlainConversation, rest: str) -> None:
    name, why = words(rest, 1, 2)
    moderation.kick(talk.service, talk.session, current(talk), talk.service.people.find(name), why)


@command("/ban MASK", "let nobody in or speak whom the mask fits: a name, or NAME!USER@HOST with * and ?", of=ROOM)
def _ban(talk: PlainConversation, rest: str) -> None:
    change(talk, current(talk), Change(True, Listing.BAN, needed(rest)))  # noqa: FBT003


@command("/unban MASK", "take a ban back", of=ROOM)
def _unban(talk: PlainConversation, rest: str) -> None:
    change(talk, current(talk), Change(False, Listing.BAN, needed(rest)))  # noqa: FBT003


@command("/bans", "list the bans of the current room", of=ROOM)
def _bans(talk: PlainConversation, rest: str) -> None:
    room = current(talk)
    masks = room.lists.get(Listing.BAN, {})
    talk.tell(f"The bans of {room.name.shown}:" if masks else f"Nobody is banned from {room.name.shown}.")
    for mask, entry in masks.items():
        talk.tell(f"  {mask} by {entry.by.partition('!')[0]}")


def _status(form: str, summary: str, status: Status, *, add: bool) -> None:
    """A command that makes members something, or makes them be it no longer."""

    @command(form, summary, of=ROOM)
    def _set(talk: PlainConversation, rest: str) -> None:
        room = current(talk)
        found = talk.service.people.get(needed(rest))
        change(talk, room, Change(add, status, found.name.shown if found is not None else rest))


_status("/op NAME", "make somebody an operator of the current room", Status.OPERATOR, add=True)
_status("/deop NAME", "take the rights of an operator from somebody", Status.OPERATOR, add=False)
_status("/voice NAME", "let somebody speak in a moderated room", Status.VOICE, add=True)
_status("/unvoice NAME", "take the voice from somebody", Status.VOICE, add=False)


@command("/invite NAME [#ROOM]", "let somebody into a room, whatever its rules, and tell them")
def _invite(talk: PlainConversation, rest: str) -> None:
    name, where = words(rest, 1, 2)
    room = room_called(talk, where) if where else current(talk)
    target = talk.service.people.find(name)
    moderation.invite(talk.service, talk.session, room, target)
    talk.tell(f"You invited {target.name.shown} into {room.name.shown}.")


# -- the server


@command("/oper NAME PASSWORD", "become an operator of the server", secret=True)
def _oper(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    name, password = words(rest, 2, 2)
    if talk.check_operator is None:
        raise WrongPassword
    return _become(talk, name, talk.check_operator, password)


async def _become(talk: PlainConversation, name: str, check: CheckOperator, password: str) -> None:
    try:
        if await operators.become(talk.service, talk.session, name, password, check):
            talk.tell("You are an operator of the server now.")
    except TooManyTries as refused:
        talk.refuse(f"{refused} You are cut off: that was too often.")
        talk.service.quit(talk.session, "Too many wrong passwords")
        talk.link.close()


@command("/deoper", "be an operator of the server no longer", of=SERVER)
def _deoper(talk: PlainConversation, rest: str) -> None:
    user = me(talk)
    permissions.must_run_the_server(user)
    talk.service.people.become(user, user.modes - {UserMode.OPERATOR})
    talk.tell("You are no operator of the server now.")


@command("/kill NAME WHY", "end all connections of somebody", of=SERVER)
def _kill(talk: PlainConversation, rest: str) -> None:
    name, why = words(rest, 2, 2)
    target = talk.service.people.find(name)
    operators.kill(talk.service, talk.session, target, why)
    talk.tell(f"You cut {target.name.shown} off.")
