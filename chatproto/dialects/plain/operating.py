"""Commands of those who run a room, or the server."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatproto.dialects.plain.table import Misused, command, current, me, needed, room_called, words
from chatproto.dialects.plain.words import RULES, rule_called, status_of
from chatproto.errors import ChatError, TooManyTries, WrongPassword, quoted
from chatproto.modes import VALUED, Change, Listing, Rule, Status
from chatproto.rooms import moderation, operators, permissions
from chatproto.rooms.operators import CheckOperator
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

ROOM = "operators of a room"
SERVER = "operators of the server"


def _change(talk: PlainConversation, room: Room, change: Change) -> None:
    """Change something; what has changed is shown to everyone, oneself too."""
    before = room.latest
    for error in moderation.change(talk.service, talk.session, room, [change]):
        raise error
    if room.latest is before:
        talk.tell("That is so already.")


@command("/kick NAME [WHY]", "put somebody out of the current room", of=ROOM)
def _kick(talk: PlainConversation, rest: str) -> None:
    name, why = words(rest, 1, 2)
    moderation.kick(talk.service, talk.session, current(talk), talk.service.people.find(name), why)


@command("/ban MASK", "let nobody in or speak whom the mask fits: a name, or NAME!USER@HOST with * and ?", of=ROOM)
def _ban(talk: PlainConversation, rest: str) -> None:
    _change(talk, current(talk), Change(True, Listing.BAN, needed(rest)))  # noqa: FBT003


@command("/unban MASK", "take a ban back", of=ROOM)
def _unban(talk: PlainConversation, rest: str) -> None:
    _change(talk, current(talk), Change(False, Listing.BAN, needed(rest)))  # noqa: FBT003


@command("/bans", "list the bans of the current room", of=ROOM)
def _bans(talk: PlainConversation, rest: str) -> None:
    room = current(talk)
    masks = room.lists.get(Listing.BAN, {})
    for mask, entry in masks.items():
        talk.tell(f"{mask} by {entry.by}")
    if not masks:
        talk.tell(f"Nobody is banned from {room.name.shown}.")


def _status(form: str, summary: str, status: Status, *, add: bool) -> None:
    """A command that makes members something, or makes them be it no longer."""

    @command(form, summary, of=ROOM)
    def _set(talk: PlainConversation, rest: str) -> None:
        _change(talk, current(talk), Change(add, status, needed(rest)))


_status("/op NAME", "make somebody an operator of the current room", Status.OPERATOR, add=True)
_status("/deop NAME", "take that back", Status.OPERATOR, add=False)
_status("/voice NAME", "let somebody speak in a moderated room", Status.VOICE, add=True)
_status("/unvoice NAME", "take that back", Status.VOICE, add=False)


@command("/room [RULE on|off|VALUE]", "show the rules of the current room, or change one", of=ROOM)
def _room(talk: PlainConversation, rest: str) -> None:
    room = current(talk)
    if not rest:
        _show_rules(talk, room)
        return
    word, value = words(rest, 2, 2)
    rule = rule_called(word)
    if rule is None:
        raise ChatError(f"There is no rule {quoted(word)}. /room lists those there are.")
    _change(talk, room, _wanted(rule, value))


def _wanted(rule: Rule, value: str) -> Change:
    """What is to be done to a rule, that has a value or is on or off."""
    if value.casefold() == "off":
        return Change(False, rule)  # noqa: FBT003
    if rule not in VALUED and value.casefold() != "on":
        raise Misused
    return Change(True, rule, value if rule in VALUED else "")  # noqa: FBT003


def _show_rules(talk: PlainConversation, room: Room) -> None:
    status = status_of(permissions.rank(me(talk), room))
    talk.tell(f"You are {status or 'no operator'} in {room.name.shown}. Its rules:")
    for rule, (word, meaning) in RULES.items():
        if rule in room.rules:
            talk.tell(f"  {f'{word} {room.rules[rule]}'.strip()}: {meaning}")
    talk.tell(f"It could have: {', '.join(word for rule, (word, _) in RULES.items() if rule not in room.rules)}.")


@command("/invite NAME [#ROOM]", "let somebody into a room, whatever its rules, and tell them")
def _invite(talk: PlainConversation, rest: str) -> None:
    name, where = words(rest, 1, 2)
    room = room_called(talk, where) if where else current(talk)
    target = talk.service.people.find(name)
    moderation.invite(talk.service, talk.session, room, target)
    talk.tell(f"You invited {target.name.shown} into {room.name.shown}.")


# -- the server


@command("/oper NAME PASSWORD", "become an operator of the server", of=SERVER)
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


@command("/kill NAME WHY", "end all connections of somebody", of=SERVER)
def _kill(talk: PlainConversation, rest: str) -> None:
    name, why = words(rest, 2, 2)
    target = talk.service.people.find(name)
    operators.kill(talk.session, target, why)
    talk.tell(f"You cut {target.name.shown} off.")
