"""A client that is a further connection of somebody who is here already, or has them back who stayed: it is in the
rooms that they are in, and is shown what they missed if it is none that asks for it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chatproto.dialects.irc import markers, playback
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import paced
from chatproto.dialects.irc.letters import letters_of
from chatproto.dialects.irc.sights import entered
from chatproto.errors import Unavailable
from chatproto.events import Event, Joined, Said, Stamp, Whispered
from chatproto.interfaces import Mark
from chatproto.rooms import reading
from chatproto.rooms.limits import DAY
from chatproto.rooms.reading import Buffer
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

ASKS = frozenset({"draft/chathistory", "znc.in/playback"})
"""Who has one of these asks for what it missed."""


@dataclass(frozen=True, slots=True)
class _Missed:
    """What was said after `since`, and before the client saw such things as they happen: in `rooms` from there on, by
    their streams, and private talk from when it `came`."""

    since: float
    came: float
    rooms: dict[str, Mark] = field(default_factory=dict)

    def before(self, buffer: Buffer) -> Mark | None:
        """Where it ends; None if nothing of it was missed: the person went there later, or again."""
        return self.rooms.get(buffer.stream) if buffer.key.startswith("#") else self.came


async def renamed(talk: IrcConversation, wanted: str) -> None:
    """Take another nick. If that makes the client one more of somebody who is here, it is moved to where they are."""
    old, was, rooms = talk.user, talk.user.who, [room.name.shown for room in talk.user.rooms.values()]
    if not await talk.rooms.rename(talk.session, wanted):
        return
    for room in rooms:
        talk.send("PART", room, source=was.mask)
    talk.send("NICK", talk.nick, source=was.mask)
    if talk.user.modes != old.modes:
        talk.numeric(n.RPL_UMODEIS, letters_of(talk.user.modes))
    if talk.user.away != old.away:
        talk.numeric(n.RPL_NOWAWAY if talk.user.away else n.RPL_UNAWAY)
    await returned(talk)


async def returned(talk: IrcConversation) -> None:
    """Show the client each room, as if it had joined it just now, and then what was said."""
    missed = _Missed(talk.session.missed, talk.rooms.now())
    if talk.user.rooms:
        await markers.at_hand(talk)
        if not talk.session.gone:
            await paced(talk, _into(talk, tuple(talk.user.rooms.values()), missed))
    if missed.since and talk.server.settings.replayed and ASKS.isdisjoint(talk.caps):
        await _told(talk, missed)


def _into(talk: IrcConversation, rooms: tuple[Room, ...], missed: _Missed) -> Iterator[None]:
    for room in rooms:
        if talk.user not in room.members or room in talk.session.views:  # It left meanwhile, or came in again.
            continue
        talk.rooms.view(talk.session, room, talk.session.wire)
        missed.rooms[room.stream] = reading.coming(talk.rooms, room)
        joined = Joined(room.name.shown, talk.user.who, talk.user.realname)
        same = talk.server.wire(talk.link.frame, talk.caps - {"message-tags"})  # It is no event that has an id.
        for line in same.render(joined, Stamp(0, 0, talk.rooms.now())):
            talk.write(line)
        yield
        yield from entered(talk, room)


async def _told(talk: IrcConversation, missed: _Missed) -> None:
    try:
        for buffer in () if talk.session.gone else await _active(talk, missed.since):
            before = missed.before(buffer)
            if before is not None:
                await _play(talk, buffer, missed.since, before)
    except Unavailable:
        talk.send("NOTICE", talk.nick, "What was said while you were away is not to be had now.")


async def _active(talk: IrcConversation, since: float) -> list[Buffer]:
    """Those in which something was said since then; all of them for who is shown what else happened, too."""
    buffers = await reading.buffers(talk.rooms, talk.user)
    if talk.caps >= playback.EVENTS:
        return buffers
    found = await talk.rooms.history.active([each.stream for each in buffers], since, math.inf, len(buffers))
    streams = {stream for stream, _ in found}
    return [each for each in buffers if each.stream in streams]


async def _play(talk: IrcConversation, buffer: Buffer, since: float, before: Mark) -> None:
    most = talk.server.settings.replayed
    entries = await playback.read(talk, buffer.stream, most, after=since, before=before)
    if talk.session.gone or not entries or not reading.still(talk.user, buffer):
        return
    if len(entries) == most:
        talk.send("NOTICE", talk.nick, f"These are the last {most} lines of {buffer.name}; there may have been more.")
    if "server-time" not in talk.caps:
        entries = [(_timed(event, stamp, talk.rooms.now()), stamp) for event, stamp in entries]
    await paced(talk, playback.played(talk, buffer.name, entries))


def _timed(event: Event, stamp: Stamp, now: float) -> Event:
    """With the time in its text, by the server's clock: it would look as if it were said now."""
    if not isinstance(event, Said | Whispered) or event.parts:
        return event
    form = "[%H:%M]" if now - stamp.time < DAY else "[%Y-%m-%d %H:%M]"
    return replace(event, text=f"{time.strftime(form, time.localtime(stamp.time))} {event.text}")
