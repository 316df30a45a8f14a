"""Verbs that list rooms and who is in them: LIST, NAMES."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import long_answer
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.numerics import Reply
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.sights import names, names_alone
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NoSuchRoom
from chatproto.rooms.masks import LONGEST_MASK, Mask
from chatproto.rooms.names import key_of
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

Test = Callable[[Room], bool]

_CONDITION = re.compile("([CT]?)([<>])([0-9]{1,9})")
"""ISUPPORT's ELIST: C, T and U."""


# -- NAMES


@verb("NAMES [<channel>{,<channel>}]", summary="Lists who is in a room, or in every room.")
def _names(talk: IrcConversation, message: Message) -> Answer:
    if not message.params:
        return long_answer(talk, _all_names(talk))
    wanted = {key_of(name): name for name in message.params[0].split(",")}  # Each once: the answer may be long.
    return long_answer(talk, (reply for name in wanted.values() for reply in _names_of(talk, name)))


def _names_of(talk: IrcConversation, name: str) -> Iterator[Reply]:
    room = _visible(talk, name)
    if room is None:
        yield n.RPL_ENDOFNAMES, (echoed(name),)
    else:
        yield from names(talk, room)


def _all_names(talk: IrcConversation) -> Iterator[Reply]:
    for room in list(talk.rooms.rooms()):
        if talk.rooms.visible(room, talk.user):
            yield from names_alone(talk, room)
    yield n.RPL_ENDOFNAMES, ("*",)


def _visible(talk: IrcConversation, name: str) -> Room | None:
    try:
        room = talk.rooms.room(name)
    except NoSuchRoom:
        return None
    return room if talk.rooms.visible(room, talk.user) else None


# -- LIST


@verb(
    "LIST [<channel>{,<channel>}] [<condition>{,<condition>}]",
    summary="Lists rooms with their topics. Conditions: a mask, !mask, >people, <people, C>minutes, C<minutes since a "
    "room was opened, T>minutes, T<minutes since its topic was set.",
)
def _list(talk: IrcConversation, message: Message) -> Answer:
    words = [word for param in message.params for word in param.split(",") if word]
    return long_answer(talk, _listed(talk, words))


def _listed(talk: IrcConversation, words: list[str]) -> Iterator[Reply | None]:
    yield n.RPL_LISTSTART, ("Channel",)
    conditions = [test for test in (_condition(word, talk.rooms.now()) for word in words) if test is not None]
    named = [word for word in words if _condition(word, 0.0) is None]
    masks = _masks(named)
    for room in _among(talk, named, masks):
        told = talk.rooms.visible(room, talk.user) and all(test(room) for test in conditions)
        there = room.members or room.registration is not None
        yield _entry(talk, room) if told and there and _is_meant(room, masks) else None
    yield n.RPL_LISTEND, ()


def _entry(talk: IrcConversation, room: Room) -> Reply:
    count = str(len(room.members))
    space = talk.server.space(n.RPL_LIST.code, talk.nick, room.name.shown, count)
    return n.RPL_LIST, (room.name.shown, count, truncated(room.topic, space))


def _masks(names: list[str]) -> list[Mask]:
    """All of them as masks, if one of them is one."""
    some = any({"*", "?"} & set(name) for name in names)
    return [Mask(name[:LONGEST_MASK]) for name in names] if some else []


def _among(talk: IrcConversation, names: list[str], masks: list[Mask]) -> Iterable[Room]:
    """The rooms of these names; all, if there is none, or masks choose among them."""
    if not names or masks:
        return list(talk.rooms.rooms())
    return dict.fromkeys(room for room in (_visible(talk, name) for name in names) if room is not None)


def _is_meant(room: Room, masks: list[Mask]) -> bool:
    return not masks or any(mask.matches(room.name.shown) for mask in masks)


def _condition(word: str, now: float) -> Test | None:
    """What a condition tests; None if it is the name or the mask of a room."""
    if word.startswith("!"):
        mask = Mask(word[1 : LONGEST_MASK + 1])
        return lambda room: not mask.matches(room.name.shown)
    match = _CONDITION.fullmatch(word)
    if match is None:
        return None
    what, sign, number = match[1], match[2], int(match[3])
    if not what:
        return lambda room: len(room.members) > number if sign == ">" else len(room.members) < number
    return lambda room: _since(room, what, now, sign, 60 * number)


def _since(room: Room, what: str, now: float, sign: str, seconds: int) -> bool:
    if what == "T" and not room.topic:
        return False
    age = now - (room.created if what == "C" else room.topic_at)
    return age > seconds if sign == ">" else age < seconds
