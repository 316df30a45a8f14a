"""`/search`: what was said, by its words."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatproto.dialects.plain.clock import moment
from chatproto.dialects.plain.past import listed
from chatproto.dialects.plain.render import FOR_PEOPLE
from chatproto.dialects.plain.table import command, needed, place_called
from chatproto.errors import ChatError, quoted
from chatproto.rooms.searching import Wanted, search

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

PAGES = 1000
"""Pages that can be asked for."""

_WORD = re.compile(r'"[^"]*"?|\S+')
_CONDITION = re.compile(r"(from|in|before|after|page):(.*)", re.IGNORECASE | re.DOTALL)


@command(
    "/search WORDS [from:NAME] [in:#ROOM] [after:DATE] [before:DATE]",
    "find what was said",
)
def _search(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    words, given = _taken_apart(needed(rest))
    page = _page(given.pop("page", "1"))
    times = {each: _time(talk, each, given[each]) for each in ("before", "after") if each in given}
    within = place_called(talk, given["in"]) if "in" in given else ""
    wanted = Wanted(" ".join(words), given.get("from", ""), within, **times)
    again = " ".join(each for each in _WORD.findall(rest) if not each.casefold().startswith("page:"))
    return _show(talk, wanted, page, again)


def _taken_apart(text: str) -> tuple[list[str], dict[str, str]]:
    """The words, and what stands behind each condition."""
    words, given = [], {}
    for word in _WORD.findall(text):
        found = _CONDITION.fullmatch(word)
        if found is None:
            words.append(word)
        elif not found[2]:
            raise ChatError(f"Write what {word} means right behind it, as in from:ada.")
        else:
            given[found[1].lower()] = found[2]
    return words, given


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= PAGES):
        raise ChatError(f"page: takes a whole number from 1 to {PAGES}.")
    return int(text)


def _time(talk: PlainConversation, name: str, text: str) -> float:
    at = moment(text, talk.service.now())
    if at is None:
        raise ChatError(f"{name}: takes a day or a time, as 2026-11-01, 2026-11-01T09:30 or 09:30, not {quoted(text)}.")
    return at


async def _show(talk: PlainConversation, wanted: Wanted, page: int, again: str) -> None:
    """One line more is sought than is shown, to know whether there is another page."""
    most = talk.service.limits.search_shown
    found = await search(talk.service, talk.session, wanted, most + 1, (page - 1) * most)
    if not found:
        talk.tell("Nothing more was found." if page > 1 else "Nothing was found.")
        return
    shown = [each for each in found[:most] if each.event.kind in FOR_PEOPLE]
    await listed(talk, ((each.stamp.time, each.name, each.event) for each in shown))
    if len(found) > most and page < PAGES:
        talk.tell(f"There is more: /search {again} page:{page + 1}")
