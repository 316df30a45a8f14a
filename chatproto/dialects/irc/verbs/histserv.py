"""HistServ: history for clients that know nothing of CHATHISTORY, and what people said themselves, for them to have, or
to be erased. Its commands are those of Ergo's HistServ, where they do the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatproto.dialects.irc.answers import paced
from chatproto.dialects.irc.pieces import split
from chatproto.dialects.irc.services import Service, Words, confirmation, confirmed
from chatproto.errors import ChatError
from chatproto.events import Said, Whispered
from chatproto.rooms import logins, own_messages, reading
from chatproto.rooms.formatting import plain_text

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

ABOUT = "History is what was said. To read it back by itself, have your client use CHATHISTORY."

SERVICE = Service("HistServ", ABOUT, "HISTSERV", "HS", knows="history")
COMMANDS = SERVICE.commands

PLAYED = 50
"""Lines that PLAY shows if nobody says how many."""

MORE = "\\"
"""What ends a notice that the next one goes on from: a line of JSON never ends so."""

_command = SERVICE.command
_answer = SERVICE.answer


@_command("PLAY <room|nick> [<count>]", "shows what was said last in a room, or what somebody and you said", 1, 2)
async def _play(talk: IrcConversation, rest: Words) -> None:
    most = talk.server.settings.history_read
    count = min(_number(rest[1]) if len(rest) == 2 else PLAYED, most)
    found = reading.buffer(talk.rooms, talk.user, rest[0])
    lines = await talk.rooms.history.read(found.stream, count) if found.stream else ()
    if talk.session.gone or not (lines and reading.still(talk.user, found)):
        _answer(talk, f"Nothing that was said in {found.name} is kept for you.")
        return
    await paced(talk, _told(talk, (_line(event, stamp.time) for event, stamp in lines)))


def _line(event: object, time: float) -> str:
    assert isinstance(event, Said | Whispered)
    at = datetime.fromtimestamp(time, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S} <{event.speaker or event.who.name}> {plain_text(event.text)}".replace("\n", " | ")


@_command("EXPORT [<number>]", "tells all that is kept of your account and of what you said, as lines of JSON", 0, 1)
async def _export(talk: IrcConversation, rest: Words) -> None:
    behind = _number(rest[0]) if rest else 0
    page = await own_messages.said(talk.rooms, talk.session, talk.server.settings.history_read, behind)
    if talk.session.gone:
        return
    lines = [own_messages.as_json(each) for each in page.messages]
    if not behind:
        lines.insert(0, own_messages.about(page.account))
    await paced(talk, _told(talk, lines))
    more = f"There is more: /msg {SERVICE.name} EXPORT {page.behind}"
    _answer(talk, more if page.behind else "That is all.")


@_command("FORGET [<code>]", "erases all that you said while you were logged in to your account, everywhere", 0, 1)
async def _forget(talk: IrcConversation, rest: Words) -> None:
    account = await logins.own(talk.rooms, talk.session)
    this = ("forget", account.key, account.created)
    if not rest:
        code = confirmation(*this)
        _answer(talk, f"Nobody can bring back what you said. To erase it: /msg {SERVICE.name} FORGET {code}")
    elif not confirmed(rest[0], *this):
        raise ChatError(f"That is not the code. /msg {SERVICE.name} FORGET tells it.")
    else:
        count = await own_messages.erase(talk.rooms, talk.session)
        _answer(talk, f"What you said is erased: {count} message{'' if count == 1 else 's'}.")


def _told(talk: IrcConversation, lines: Iterable[str]) -> Iterator[None]:
    """A notice for each, or several where it does not fit into one."""
    room = SERVICE.space(talk) - len(MORE)
    for line in lines:
        *pieces, last = split(line, room)
        for piece in pieces:
            _answer(talk, piece + MORE)
            yield
        _answer(talk, last)
        yield


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:18]) > 0):
        raise ChatError("That is to be a whole number from 1 on.")
    return int(text[:18])
