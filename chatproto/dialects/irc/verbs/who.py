"""WHO: who is in a room, or is called something, or anybody at all; with WHOX the fields that one asks for.

Sources: "Modern IRC Client Protocol", IRCv3's "WHOX".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import paced, while_seen
from chatproto.dialects.irc.letters import prefix
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NoSuchRoom
from chatproto.modes import Status, UserMode
from chatproto.rooms.masks import LONGEST_MASK, Mask
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

UNKNOWN_ADDRESS = "255.255.255.255"
"""What those see in the place of an IP address who may not see it (WHOX)."""
NOBODY = "0"
"""The account of those who are not logged in (WHOX)."""

_EVERYBODY = frozenset({"*", "0", ""})
_TOKEN_DIGITS = 3


class _Asked(NamedTuple):
    """What a client wants to know of each person."""

    fields: str | None
    """WHOX's letters, if it asked by them."""
    token: str
    operators: bool
    """Of operators of the server only."""


class _Seen(NamedTuple):
    """A person, as seen by the one who asks, in a room or in none."""

    talk: IrcConversation
    user: User
    room: Room | None


@verb(
    "WHO [<mask> [o][%<fields>[,<token>]]]",
    summary="Lists who is in a channel, or whose nick, user name, host or real name is like the mask.",
)
def _who(talk: IrcConversation, message: Message) -> Answer:
    mask = message.params[0] if message.params else "*"
    asked = _asked(message.params[1] if len(message.params) > 1 else "")
    return paced(talk, _answer(talk, mask, asked))


def _asked(options: str) -> _Asked:
    flags, percent, rest = options.partition("%")
    fields, _, tag = rest.partition(",")
    valid = tag.isascii() and tag.isdigit() and len(tag) <= _TOKEN_DIGITS
    return _Asked(fields if percent else None, tag if valid else "0", "o" in flags)


def _answer(talk: IrcConversation, mask: str, asked: _Asked) -> Iterator[None]:
    for seen in _found(talk, mask):
        if seen is not None and (seen.user.operator or not asked.operators):
            _tell(seen, asked)
        yield
    talk.numeric(n.RPL_ENDOFWHO, echoed(mask))


# -- who is meant


def _found(talk: IrcConversation, mask: str) -> Iterable[_Seen | None]:
    """Those who are meant; None for somebody who was looked at, and is not."""
    if mask.startswith("#"):
        return _in_room(talk, mask)
    user = talk.rooms.people.get(mask)
    if user is not None:
        return [_Seen(talk, user, shared_room(talk.user, user))]
    return _alike(talk, mask)


def _in_room(talk: IrcConversation, name: str) -> Iterator[_Seen | None]:
    try:
        room = talk.rooms.room(name)
    except NoSuchRoom:
        return
    me = talk.user
    if talk.rooms.visible(room, me):
        for user in while_seen(talk, room, tuple(room.shown_to(me))):
            yield _Seen(talk, user, room) if user in room.members else None


def _alike(talk: IrcConversation, text: str) -> Iterator[_Seen | None]:
    mask = None if text in _EVERYBODY else Mask(text[:LONGEST_MASK])
    me = talk.user
    for user in tuple(talk.rooms.people):
        if mask is None or _matches(mask, user, talk.server.name):
            room = shared_room(me, user)
            visible = room is not None or user is me or me.operator or UserMode.INVISIBLE not in user.modes
            yield _Seen(talk, user, room) if visible else None
        else:
            yield None


def _matches(mask: Mask, user: User, server: str) -> bool:
    who = user.who
    texts = (who.name, who.username, who.username.removeprefix("~"), who.host, user.realname, server, who.mask)
    return any(map(mask.matches, texts))


def shared_room(me: User, user: User) -> Room | None:
    """A room in which both are, and `me` may see `user`."""
    for room in user.rooms.values():
        status = room.members.get(me)
        if status is not None and (me is user or status >= Status.VOICE or not room.hides(user)):
            return room
    return None


# -- what is told of each


def _tell(seen: _Seen, asked: _Asked) -> None:
    talk, user, _ = seen
    if asked.fields is not None:
        fields = (field(seen, asked) for letter, field in _FIELDS.items() if letter in asked.fields)
        talk.numeric(n.RPL_WHOSPCRPL, *fields)
        return
    who = user.who
    place = (_room(seen), who.username, who.host, talk.server.name, who.name, flags(seen))
    talk.numeric(n.RPL_WHOREPLY, *place, f"0 {user.realname}")


def flags(seen: _Seen) -> str:
    """Here or gone; an operator of the server; its status in the room; a bot."""
    talk, user, room = seen
    status = room.members.get(user, Status.NONE) if room else Status.NONE
    signs = ("G" if user.away else "H", "*" if user.operator else "", prefix(status, every="multi-prefix" in talk.caps))
    return "".join(signs) + (UserMode.BOT.value if UserMode.BOT in user.modes else "")


def _room(seen: _Seen) -> str:
    return seen.room.name.shown if seen.room else "*"


def _server(seen: _Seen) -> str:
    return seen.talk.server.name


def idle(talk: IrcConversation, user: User) -> int:
    """For how many seconds `user` has done nothing."""
    return int(max(talk.rooms.now() - user.active, 0))


def addresses_of(user: User, me: User) -> list[str]:
    """The IP addresses that `user` is connected from, each once, if `me` may see them."""
    if not (user is me or me.operator):
        return []
    addresses = dict.fromkeys(session.link.peer.address for session in user.sessions)
    return [f"0{each}" if each.startswith(":") else each for each in addresses if each]  # Or it could be no parameter.


def address_of(user: User, me: User) -> str:
    """The first of them, where there is place for one; or `UNKNOWN_ADDRESS`."""
    return next(iter(addresses_of(user, me)), UNKNOWN_ADDRESS)


_FIELDS: dict[str, Callable[[_Seen, _Asked], str]] = {
    "t": lambda seen, asked: asked.token,
    "c": lambda seen, asked: _room(seen),
    "u": lambda seen, asked: seen.user.who.username,
    "i": lambda seen, asked: address_of(seen.user, seen.talk.user),
    "h": lambda seen, asked: seen.user.who.host,
    "s": lambda seen, asked: _server(seen),
    "n": lambda seen, asked: seen.user.who.name,
    "f": lambda seen, asked: flags(seen),
    "d": lambda seen, asked: "0",
    "l": lambda seen, asked: str(idle(seen.talk, seen.user)),
    "a": lambda seen, asked: seen.user.who.account or NOBODY,
    "o": lambda seen, asked: "n/a",
    "r": lambda seen, asked: seen.user.realname,
}
"""WHOX's fields, in the order in which they are told."""
