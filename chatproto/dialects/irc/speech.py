"""What clients say, on its way to rooms and people.

What would not fit into a line of 512 bytes behind its source is left out, as is usual in IRC: clients know how much
fits, and count on each message coming as one line. It is left out for everyone, so that all see the same, and the echo
tells. Nothing is left out of a message of several lines.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.letters import STATUS_BY_PREFIX
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.pieces import split, truncated
from chatproto.dialects.irc.said import room_for, target_of
from chatproto.dialects.irc.table import Answer
from chatproto.errors import ChatError
from chatproto.events import Kind, Part, Tags
from chatproto.modes import Status
from chatproto.rooms.names import key_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

_ACTION = "\x01ACTION "
_PLAIN, _NOTICE, _EVERYBODY = Kind.PLAIN, Kind.NOTICE, Status.NONE
"""For each line: Python 3.11 takes its time to find the member of an enumeration."""
_UNANSWERED = frozenset({Kind.NOTICE, Kind.CTCP_REPLY})
"""Nothing may answer these by itself, a refusal neither."""
_ABSENCE_UNTOLD = _UNANSWERED | {Kind.TAGS}
"""Who says such a thing to somebody who is away is not told so."""


class Words(NamedTuple):
    """What is said, whoever it is for."""

    text: str
    kind: Kind
    tags: Tags = ()
    parts: tuple[Part, ...] = ()


def client_tags(message: Message) -> Tags:
    """The tags that are for other clients (client-only tags)."""
    return tuple(tag for tag in message.tags.items() if tag[0][:1] == "+") if message.tags else ()


def words(verb: str, text: str, tags: Tags = ()) -> Words:
    """What `text` means in a PRIVMSG or a NOTICE."""
    asking = verb == "PRIVMSG"
    if text[:1] != "\x01":
        return Words(text, _PLAIN if asking else _NOTICE, tags)
    if asking and text.startswith(_ACTION):
        return Words(text[len(_ACTION) :].removesuffix("\x01"), Kind.ACTION, tags)
    return Words(text[1:].removesuffix("\x01"), Kind.CTCP if asking else Kind.CTCP_REPLY, tags)


SERVICES: dict[str, Callable[[IrcConversation, Words], Answer]] = {}
"""What answers to names that nobody can have: they begin with `*`. By the names in lower case."""


def tell_all(talk: IrcConversation, targets: str, what: Words) -> Answer:
    """Tell each of the `targets`, which commas part, once; so many of them as one message can be for."""
    if "," not in targets:
        return tell(talk, targets, what)
    most = talk.server.settings.targets
    found: dict[str, str] = {}
    for target in targets.split(","):
        if target:
            found.setdefault(key_of(target), target)
    answers = [tell(talk, target, what) for target in list(found.values())[:most]]
    if len(found) > most and what.kind not in _UNANSWERED:
        talk.numeric(n.ERR_TOOMANYTARGETS, echoed(list(found.values())[most]))
    return _in_turn([answer for answer in answers if answer is not None]) if any(answers) else None


async def _in_turn(answers: Iterable[Coroutine[Any, Any, None]]) -> None:
    for answer in answers:
        await answer


def tell(talk: IrcConversation, target: str, what: Words) -> Answer:
    """Tell one target, or refuse. A message of several lines never waits for anything."""
    to, name = addressed(target)
    try:
        if name[:1] == "#":
            _tell_room(talk, name, to, what)
        elif name[:1] == "*" and not what.parts and name.lower() in SERVICES:
            return SERVICES[name.lower()](talk, what)
        else:
            _tell_person(talk, name, what)
    except ChatError as error:
        if what.kind not in _UNANSWERED:
            talk.refuse(error)
    return None


def addressed(target: str) -> tuple[Status, str]:
    """Those whom `target` means, and the room they are in; of several prefixes the lowest counts (STATUSMSG). Or
    nobody in particular, and `target` itself."""
    if target[:1] == "#":
        return _EVERYBODY, target
    prefixes, sign, rest = target.partition("#")
    statuses = [STATUS_BY_PREFIX.get(prefix, Status.NONE) for prefix in prefixes]
    if not sign or not all(statuses):
        return Status.NONE, target
    return min(statuses, default=Status.NONE), sign + rest


def _tell_room(talk: IrcConversation, name: str, to: Status, what: Words) -> None:
    room = talk.rooms.directory.find(name)
    text, parts = _fitting(what, room_for(what.kind, talk.user.who.mask, target_of(to, room.name.shown)))
    talk.rooms.say(talk.session, room, text, what.kind, to=to, tags=what.tags, parts=parts)


def _tell_person(talk: IrcConversation, name: str, what: Words) -> None:
    person = talk.rooms.people.find(name)
    text, parts = _fitting(what, room_for(what.kind, talk.user.who.mask, person.who.name))
    talk.rooms.whisper(talk.session, person, text, what.kind, tags=what.tags, parts=parts)
    if person.away and what.kind not in _ABSENCE_UNTOLD:
        talk.numeric(n.RPL_AWAY, person.who.name, person.away)


def _fitting(what: Words, room: int) -> tuple[str, tuple[Part, ...]]:
    """The text as far as it fits into `room` bytes; or the parts, where one that does not fit becomes several."""
    if not what.parts:
        return truncated(what.text, room), ()
    parts: list[Part] = []
    for part in what.parts:
        first, *rest = split(part.text, room)
        parts += [Part(first, part.joined), *(Part(piece, joined=True) for piece in rest)]
    return what.text, tuple(parts)
