"""CHATHISTORY, by which clients read back what happened. Source: IRCv3's "chathistory Extension", a draft."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from chatproto.dialects.irc import playback
from chatproto.dialects.irc.answers import paced
from chatproto.dialects.irc.batch import Batch
from chatproto.dialects.irc.look import server_time
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.playback import Entries
from chatproto.dialects.irc.selecting import BadTime, Selector, UnknownType, first, last, milliseconds, selector
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NotInRoom, Unavailable
from chatproto.events import Stamp
from chatproto.rooms import reading

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

Read = Callable[..., Awaitable[Entries]]
"""`playback.read` of one stream."""

TARGETS = "TARGETS"
UNKNOWN = "Messages could not be retrieved"


class _Failed(Exception):
    """A FAIL that ends the command: its code, what it is about, and its text."""

    def __init__(self, code: str, *context: str, text: str = UNKNOWN) -> None:
        super().__init__(text)
        self.code = code
        self.context = context


class _Subcommand(NamedTuple):
    """How it reads, and how many marks it takes."""

    read: Callable[..., Awaitable[Entries]]
    marks: int = 1


@verb(
    "CHATHISTORY <subcommand> <target> {<parameter>}",
    params=1,
    summary="Sends what was said: LATEST target *|place count; BEFORE, AFTER and AROUND target place count; BETWEEN "
    "target place place count; TARGETS time time count tells where something was. A place is timestamp=… or msgid=….",
)
def _chathistory(talk: IrcConversation, message: Message) -> Answer:
    return _answer(talk, message.params[0].upper(), list(message.params[1:]))


async def _answer(talk: IrcConversation, name: str, params: list[str]) -> None:
    try:
        if name == TARGETS:
            await _targets(talk, params)
        else:
            await _play(talk, name, params)
    except _Failed as failed:
        talk.fail("CHATHISTORY", failed.code, name, *failed.context, text=str(failed))


# -- what was said somewhere


async def _play(talk: IrcConversation, name: str, params: list[str]) -> None:
    subcommand = _SUBCOMMANDS.get(name)
    if subcommand is None:
        raise _Failed("INVALID_PARAMS", text="Unknown command")
    _counted(params, subcommand.marks + 2)
    target, *wanted = params
    count = _limit(talk, wanted.pop())
    places = [_place(each, target, open_end=name == "LATEST") for each in wanted]
    found = _buffer(talk, target)
    try:
        entries = await subcommand.read(partial(playback.read, talk, found.stream), count, *places)
    except Unavailable:
        raise _Failed("MESSAGE_ERROR", target) from None
    if not talk.session.gone:
        found = _buffer(talk, target)  # Still: the store may have taken its time.
        name = found.name if target.startswith("#") else target  # A person is called what the client calls them.
        await paced(talk, playback.played(talk, name, entries))


def _buffer(talk: IrcConversation, target: str) -> reading.Buffer:
    try:
        return reading.buffer(talk.rooms, talk.user, target)
    except NotInRoom:
        raise _Failed("INVALID_TARGET", target) from None


async def _latest(read: Read, count: int, place: Selector | None) -> Entries:
    return await read(count, after=place.after if place is not None else None)


async def _before(read: Read, count: int, place: Selector) -> Entries:
    return await read(count, before=place.before)


async def _after(read: Read, count: int, place: Selector) -> Entries:
    return await read(count, after=place.after, newest=False)


async def _around(read: Read, count: int, place: Selector) -> Entries:
    """What stands there is in the middle, and not left out: one wants to see around what."""
    half = count // 2
    before = await read(max(half, 1), before=place.before)
    if before:
        rest = await read(count - half, after=before[-1][1], newest=False)
        return [*before[max(0, len(before) - half) :], *rest]
    rest = await read(count - half, newest=False)  # It is the first of all, or nothing stands there.
    if isinstance(place.before, Stamp) and (not rest or rest[0][1].id != place.before.id):
        return await read(count - half, after=place.after, newest=False)
    return rest


async def _between(read: Read, count: int, one: Selector, other: Selector) -> Entries:
    """Counted from the first of the places; that may be the later one."""
    forwards = await read(count, after=one.after, before=other.before, newest=False)
    return forwards or await read(count, after=other.after, before=one.before)


_SUBCOMMANDS: dict[str, _Subcommand] = {
    "LATEST": _Subcommand(_latest),
    "BEFORE": _Subcommand(_before),
    "AFTER": _Subcommand(_after),
    "AROUND": _Subcommand(_around),
    "BETWEEN": _Subcommand(_between, 2),
}


# -- where something was said


async def _targets(talk: IrcConversation, params: list[str]) -> None:
    _counted(params, 3)
    one, other = (_time(each) for each in params[:2])
    count = _limit(talk, params[2])
    forwards = one <= other
    try:
        found = await _active(talk, last(min(one, other)), first(max(one, other)))
    except Unavailable:
        raise _Failed("MESSAGE_ERROR") from None
    if talk.session.gone:
        return
    shown = [(each.name, time) for each, time in found if reading.still(talk.user, each)]
    with Batch(talk, "draft/chathistory-targets") as batch:
        for name, time in shown[:count] if forwards else shown[max(0, len(shown) - count) :]:
            batch.send("CHATHISTORY", TARGETS, name, server_time(time))


async def _active(talk: IrcConversation, after: float, before: float) -> list[tuple[reading.Buffer, float]]:
    """The buffers whose latest line is between these times, and when that was, oldest first."""
    history = talk.rooms.history
    buffers = {each.stream: each for each in await reading.buffers(talk.rooms, talk.user)}
    streams = [*buffers]
    since = await history.active(streams, math.nextafter(before, -math.inf), math.inf, len(streams))
    later = {stream for stream, _ in since}
    streams = [stream for stream in streams if stream not in later]
    return [(buffers[stream], time) for stream, time in await history.active(streams, after, before, len(streams))]


# -- parameters


def _counted(params: list[str], count: int) -> None:
    if len(params) != count:
        text = "Insufficient parameters" if len(params) < count else "Too many parameters"
        raise _Failed("INVALID_PARAMS", text=text)


def _limit(talk: IrcConversation, text: str) -> int:
    """At most as many as the setting allows; 0 means just that, as in Ergo."""
    if not (text.isascii() and text.isdigit()):
        raise _Failed("INVALID_PARAMS", text, text="Invalid limit")
    most = talk.server.settings.history_read
    count = int(text)
    return min(count, most) if count else most


def _place(text: str, target: str, *, open_end: bool) -> Selector | None:
    if open_end and text == "*":
        return None
    try:
        return selector(text)
    except BadTime:
        raise _Failed("INVALID_PARAMS", text, text="Invalid timestamp") from None
    except UnknownType:
        if "=" not in text:
            raise _Failed("INVALID_PARAMS", text, text="Invalid message reference") from None
        raise _Failed("INVALID_MSGREFTYPE", target, text="Messages are found by timestamp= and msgid= only") from None


def _time(text: str) -> int:
    try:
        return milliseconds(text)
    except BadTime:
        raise _Failed("INVALID_PARAMS", text, text="Invalid timestamp") from None
