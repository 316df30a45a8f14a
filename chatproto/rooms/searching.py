"""Seeking what was said, by its words: in the rooms that one is in, and in what one said in private and was told."""

from __future__ import annotations

from typing import Any, NamedTuple

from chatproto.errors import ChatError
from chatproto.events import Stamp
from chatproto.interfaces import Asker, Search
from chatproto.rooms import reading
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, user_of

WORDS = 20
"""Words that are sought together at the most."""


class BadSearch(ChatError):
    """Nothing that can be sought."""


class Wanted(NamedTuple):
    """What somebody seeks; each may be left out, but not all."""

    words: str = ""
    """All of these; those in double quotes next to each other."""
    sender: str = ""
    """Who said it, by the name they had then."""
    within: str = ""
    """The room where it was said, or the other one it was said to or by in private."""
    after: float | None = None
    before: float | None = None
    """Seconds since 1970."""


class Hit(NamedTuple):
    """One line that was found, and the room or person of its talk, as it is called now."""

    name: str
    event: Any
    stamp: Stamp


async def search(chat: RoomService, session: Session, wanted: Wanted, count: int, skip: int = 0) -> list[Hit]:
    """The `count` lines that fit best, after `skip` that fit better. Raises `BadSearch`, `NotInRoom` or `Unavailable`;
    finds nothing if the connection ends meanwhile."""
    _check(wanted)
    buffers = await _buffers(chat, session, wanted.within)
    streams = {each.stream: each for each in buffers if each.stream}
    sought = Search(tuple(streams), wanted.words, wanted.sender, wanted.after, wanted.before)
    asker = Asker(chat.cloak.of(session.link.peer.address), lambda: not session.gone)
    found = await chat.history.search(sought, count, skip, asker) if streams else ()
    hits = ((streams[each.stream], each) for each in found if each.stream in streams)
    return [
        Hit(buffer.name, each.event, each.stamp)
        for buffer, each in hits
        if session.user is not None and reading.still(session.user, buffer)
    ]


async def _buffers(chat: RoomService, session: Session, within: str) -> list[reading.Buffer]:
    user = user_of(session)
    return [reading.buffer(chat, user, within)] if within else await reading.buffers(chat, user)


def _check(wanted: Wanted) -> None:
    words = wanted.words.split()
    if len(words) > WORDS:
        raise BadSearch(f"At most {WORDS} words can be sought together.")
    if words and not any(map(str.isalnum, wanted.words)):
        raise BadSearch("What is sought has letters or digits.")
    if not (words or wanted.sender or wanted.within):
        raise BadSearch("Say what is sought: words, who said it, or where.")
