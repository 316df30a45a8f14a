"""Commands about people: who somebody is, and being away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatproto.dialects.plain.table import command, me, needed
from chatproto.dialects.plain.words import status_of
from chatproto.modes import UserMode
from chatproto.rooms import permissions
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

GONE = "gone for now"
"""Why one is away who gives no reason."""

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@command("/whois NAME", "tell what others may know of somebody")
def _whois(talk: PlainConversation, rest: str) -> None:
    user = talk.service.people.find(needed(rest))
    talk.tell(f"{user.name.shown} is {user.who.username}@{user.who.host}")
    for fact in _facts(user, me(talk)):
        talk.tell(f"  {fact}")
    talk.tell(f"  silent for {_duration(talk.service.now() - user.active)}")


def _facts(user: User, asking: User) -> Iterator[str]:
    """What is not the same for everybody. Only rooms that both are in are told."""
    if user.realname != user.name.shown:
        yield f"real name: {user.realname}"
    if user.who.account:
        yield f"account: {user.who.account}"
    if user.operator:
        yield "an operator of the server"
    if UserMode.BOT in user.modes:
        yield "a bot"
    rooms = [room for room in user.rooms.values() if asking in room.members and (user in room.shown_to(asking))]
    if rooms:
        statuses = [(room.name.shown, status_of(room.members[user])) for room in rooms]
        yield f"in {', '.join(f'{room} ({status})' if status else room for room, status in statuses)}"
    if user.away:
        yield f"away: {user.away}"


def _duration(seconds: float) -> str:
    """In the largest unit that fits, rounded down."""
    for size, unit in _UNITS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


@command("/away [WHY]", "tell those who whisper to you that you are away")
def _away(talk: PlainConversation, rest: str) -> None:
    permissions.fits("reason", rest, talk.service.limits.topic_length)
    talk.service.set_away(talk.session, rest or GONE)
    talk.tell(f"You are away: {rest or GONE}")


@command("/back", "be away no longer")
def _back(talk: PlainConversation, rest: str) -> None:
    away = me(talk).away
    talk.service.set_away(talk.session, "")
    talk.tell("You are away no longer." if away else "You were not away.")
