"""Answers of any length: one of tens of thousands of lines neither fills its asker's send queue, which would cut it as
too slow, nor keeps others waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from chatproto.dialects.irc.message import LINE_LENGTH
from chatproto.dialects.irc.numerics import Reply
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

T = TypeVar("T")

LINES_AT_ONCE = 200
"""Lines that are queued before the client must have been sent them: at most some 100 KB with their tags."""


async def long_answer(talk: IrcConversation, replies: Iterable[Reply | None]) -> None:
    """Send each numeric with its parameters, as `paced` does. None stands for something that was looked at and is not
    told."""
    await paced(talk, _sent(talk, replies))


def _sent(talk: IrcConversation, replies: Iterable[Reply | None]) -> Iterator[None]:
    for reply in replies:
        if reply is not None:
            numeric, params = reply
            talk.numeric(numeric, *params)
        yield


async def paced(talk: IrcConversation, steps: Iterable[None]) -> None:
    """Go through `steps`, each of which sends a line at most. It is done bit by bit, in more than one turn of the
    reactor: they must not iterate over what may change meanwhile. Ends early if the connection does."""
    for count, _ in enumerate(steps, 1):
        if count % LINES_AT_ONCE == 0:
            await talk.drained()
            if talk.session.gone:
                return


def while_seen(talk: IrcConversation, room: Room, listed: Iterable[T]) -> Iterator[T]:
    """What was `listed` just now of those in `room`, until the client sees less of it than then: while an answer waits
    it may leave the room, be put out of it, or cease to be an operator of the server."""
    me = talk.user
    near = me.operator or me in room.members
    for each in listed:
        if not (me.operator or me in room.members or (not near and talk.rooms.visible(room, me))):
            return
        yield each


def packed(talk: IrcConversation, words: Iterable[str], separator: str, *before: str) -> list[str]:
    """The words in as many texts as lines are needed, for a numeric with the parameters `before` in front of them."""
    room = LINE_LENGTH - len(" ".join((f":{talk.server.name} 000", talk.nick, *before, ":")).encode())
    lines: list[str] = []
    used = room
    for word in words:
        size = len(separator) + len(word.encode())
        used += size
        if used > room:
            lines.append(word)
            used = size - len(separator)
        else:
            lines[-1] += separator + word
    return lines
