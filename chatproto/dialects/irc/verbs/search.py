"""SEARCH, by which clients seek what was said. Source: soju's "soju.im/search", a vendor's extension."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING

from chatproto.dialects.irc import playback
from chatproto.dialects.irc.answers import paced
from chatproto.dialects.irc.batch import Batch
from chatproto.dialects.irc.message import LINE_LENGTH, Message, tags_in
from chatproto.dialects.irc.selecting import BadTime, first, last, milliseconds
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NotInRoom, TakesTooLong, TooManySearches, Unavailable
from chatproto.rooms import searching
from chatproto.rooms.searching import BadSearch, Hit, Wanted

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

CAP = "soju.im/search"

USUAL = 100
"""Lines that are sent if the client does not say how many."""
DEEPEST = 100_000
"""Lines that can be left out before the first that is sent."""


class _Bad(Exception):
    """An attribute that cannot be used."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


@verb(
    "SEARCH <attributes>",
    summary="Sends what was said and has these words: text=…;in=target;from=nick;after=time;before=time;limit=count, "
    "each of which may be left out.",
)
def _search(talk: IrcConversation, message: Message) -> Answer:
    given = tags_in(message.params[0]) if message.params else {}
    try:
        count, skip = _number(given, "limit", _most(talk), least=1), _number(given, "skip", DEEPEST)
        wanted = Wanted(
            given.get("text", ""),
            given.get("from", ""),
            given.get("in", ""),
            after=None if (after := _time(given, "after")) is None else last(after),
            before=None if (before := _time(given, "before")) is None else first(before),
        )
    except _Bad as bad:
        talk.fail("SEARCH", "INVALID_PARAMS", bad.name, text=str(bad))
        return None
    return _answer(talk, wanted, min(USUAL, _most(talk)) if count is None else count, skip or 0)


async def _answer(talk: IrcConversation, wanted: Wanted, count: int, skip: int) -> None:
    try:
        found = await searching.search(talk.rooms, talk.session, wanted, count, skip)
    except BadSearch as bad:
        talk.fail("SEARCH", "INVALID_PARAMS", "text", text=str(bad))
    except NotInRoom:
        talk.fail("SEARCH", "INVALID_PARAMS", "in", text="You are not in that room")
    except Unavailable as error:
        text = str(error) if isinstance(error, TakesTooLong | TooManySearches) else "Messages could not be retrieved"
        talk.fail("SEARCH", "INTERNAL_ERROR", text=text)
    else:
        if not talk.session.gone:
            await paced(talk, _sent(talk, sorted(found, key=lambda hit: hit.stamp.time)))


def _sent(talk: IrcConversation, found: list[Hit]) -> Iterator[None]:
    """Oldest first, as clients show them."""
    with Batch(talk, CAP) as batch:
        for name, event, stamp in found:
            for line in playback.lines(talk, name, event, stamp):
                batch.add(line)
                yield from repeat(None, 1 + len(line) // LINE_LENGTH)


def _most(talk: IrcConversation) -> int:
    return talk.server.settings.history_read


def _time(given: dict[str, str], name: str) -> int | None:
    if name not in given:
        return None
    try:
        return milliseconds(f"timestamp={given[name]}")
    except BadTime:
        raise _Bad(name, "Invalid timestamp") from None


def _number(given: dict[str, str], name: str, most: int, least: int = 0) -> int | None:
    """At most as many as that."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:10]) >= least):
        raise _Bad(name, "Invalid number")
    return min(int(text[:10]), most)
