"""The rules of a room: what holds, what each means, and changing one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from chatproto.dialects.plain.table import Misused, command, current, me
from chatproto.dialects.plain.words import RULES, rule_called, standing, status_of, unchanged
from chatproto.errors import ChatError, quoted
from chatproto.modes import VALUED, Change, Rule, Status
from chatproto.rooms import moderation, permissions, registered
from chatproto.rooms.registration import Registration
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

ROOM = "operators of a room"

ACCOUNTS_SHOWN = 50
"""How many accounts `/room` names of those that are something in a kept room."""


def change(talk: PlainConversation, room: Room, change: Change) -> None:
    """Change something; what has changed is shown to everyone, oneself too. Raises `ChatError` for what is refused."""
    before = room.latest
    for error in moderation.change(talk.service, talk.session, room, [change]):
        raise error
    if room.latest is before:
        talk.tell(unchanged(change))


@command("/room [RULE [on|off|VALUE]]", "show the rules of the current room, explain one, or change it", of=ROOM)
def _room(talk: PlainConversation, rest: str) -> None:
    room = current(talk)
    word, _, value = rest.partition(" ")
    if not word:
        _show_rules(talk, room)
    elif word.casefold() == "rules" and not value:
        _show_all(talk, room)
    elif not value:
        rule = _called(word)
        talk.tell(f"{RULES[rule][0]} is {_state(room, rule)}: {RULES[rule][1]}")
    else:
        change(talk, room, _wanted(_called(word), value.strip()))


def _called(word: str) -> Rule:
    rule = rule_called(word)
    if rule is None:
        there_are = ", ".join(word for word, _ in RULES.values())
        raise ChatError(f"There is no rule {quoted(word)}. The rules are {there_are}.")
    return rule


def _wanted(rule: Rule, value: str) -> Change:
    """What is to be done to a rule, that has a value or is on or off."""
    switch = value.casefold()
    if switch == "off":
        return Change(add=False, what=rule)
    if rule not in VALUED:
        if switch != "on":
            raise Misused
        return Change(add=True, what=rule)
    if switch == "on":
        raise ChatError(f"The rule {RULES[rule][0]} takes a value, not on: {RULES[rule][1]}.")
    return Change(add=True, what=rule, value=value)


def _state(room: Room, rule: Rule) -> str:
    return (room.rules[rule] or "on") if rule in room.rules else "off"


def _show_rules(talk: PlainConversation, room: Room) -> None:
    talk.tell(f"You {standing(permissions.rank(me(talk), room))} in {room.name.shown}. Its rules:")
    for rule, (word, meaning) in RULES.items():
        if rule in room.rules:
            talk.tell(f"  {f'{word} {room.rules[rule]}'.strip()}: {meaning}")
    if room.registration is not None:
        talk.tell(f"It is kept: {', '.join(_accounts(talk, room, room.registration))}.")
    talk.tell(f"It could have: {', '.join(word for rule, (word, _) in RULES.items() if rule not in room.rules)}.")
    talk.tell("/room rules explains all of them, /room RULE one.")


def _accounts(talk: PlainConversation, room: Room, its: Registration) -> Iterator[str]:
    """The founder; and what other accounts are whenever they come, for those who may know."""
    known = registered.rank(me(talk), room) >= Status.HALFOP
    for account, status in islice(its, ACCOUNTS_SHOWN if known else 1):
        yield f"{talk.service.owned.name(account)} ({status_of(status)})"
    if known and len(its) > ACCOUNTS_SHOWN:
        yield f"and {len(its) - ACCOUNTS_SHOWN} more"


def _show_all(talk: PlainConversation, room: Room) -> None:
    talk.tell(f"The rules that {room.name.shown} has or could have:")
    for rule, (word, meaning) in RULES.items():
        talk.tell(f"  {word:<15} {_state(room, rule):<4} {meaning}")
