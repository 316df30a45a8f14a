"""MARKREAD: how far one has read. Source: IRCv3's "Read marker", a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.irc import markers
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.selecting import BadTime, milliseconds
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NotInRoom, Unavailable
from chatproto.rooms import reading
from chatproto.rooms.names import key_of
from chatproto.rooms.reading import Buffer

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation


@verb("MARKREAD <target> [<timestamp>]", summary="Tells up to when you have read something, or sets that.")
def _markread(talk: IrcConversation, message: Message) -> Answer:
    if not message.params:
        talk.fail("MARKREAD", "NEED_MORE_PARAMS", text="Missing parameters")
        return None
    target, *rest = message.params
    if echoed(target) != target:
        talk.fail("MARKREAD", "INVALID_PARAMS", target, text="Invalid target")
        return None
    try:
        time = milliseconds(rest[0]) / 1000 if rest else None
    except BadTime:
        talk.fail("MARKREAD", "INVALID_PARAMS", rest[0], text="Invalid timestamp")
        return None
    return _mark(talk, target, time)


async def _mark(talk: IrcConversation, target: str, time: float | None) -> None:
    waiting = markers.ready(talk)
    if waiting is not None:
        try:
            await waiting
        except Unavailable:
            talk.fail("MARKREAD", "INTERNAL_ERROR", target, text="The read timestamp is not to be had now")
            return
        if talk.session.gone:
            return
    buffer = _buffer(talk, target)
    if time is not None:  # What is not said yet nobody has read: a wrong clock would mark it for ever.
        markers.move(talk, buffer.key, buffer.name, min(time, talk.rooms.now()))
    markers.tell(talk, buffer.name, markers.find(talk, buffer.key))


def _buffer(talk: IrcConversation, target: str) -> Buffer:
    """What is meant. It may be a room that one is not in: clients keep their windows open."""
    try:
        return reading.buffer(talk.rooms, talk.user, target)
    except NotInRoom:
        return Buffer(target, "", key_of(target))
