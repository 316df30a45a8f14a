"""A client that is a further connection of somebody who is here already, or has them back who stayed: it is in the
rooms that they are in, and is shown what they missed if it is none that asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from chatproto.dialects.irc import markers, playback
from chatproto.dialects.irc.answers import paced
from chatproto.dialects.irc.sights import entered
from chatproto.errors import Unavailable
from chatproto.events import Event, Joined, Said, Stamp, Whispered
from chatproto.rooms import reading
from chatproto.rooms.reading import Buffer
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

ASKS = frozenset({"draft/chathistory", "znc.in/playback"})
"""Who has one of these asks for what it missed."""

DAY = 86_400.0


async def renamed(talk: IrcConversation, wanted: str) -> None:
    """Take another nick. If that makes the client one more of somebody who is here, it is moved to where they are."""
    was, rooms = talk.user.who, [room.name.shown for room in talk.user.rooms.values()]
    if not await talk.rooms.rename(talk.session, wanted):
        return
    for room in rooms:
        talk.send("PART", room, source=was.mask)
    talk.send("NICK", talk.nick, source=was.mask)
    await returned(talk)


async def returned(talk: IrcConversation) -> None:
    """Show the client each room, as if it had joined it just now, and then what was said."""
    if talk.user.rooms:
        await markers.at_hand(talk)
        if not talk.session.gone:
            await paced(talk, _into(talk, tuple(talk.user.rooms.values())))
    if talk.session.missed and talk.server.settings.replayed and ASKS.isdisjoint(talk.caps):
        await _missed(talk, talk.session.missed)


def _into(talk: IrcConversation, rooms: tuple[Room, ...]) -> Iterator[None]:
    for room in rooms:
        if talk.user not in room.members or room in talk.session.views:  # It left meanwhile, or came in again.
            continue
        talk.rooms.view(talk.session, room, talk.session.wire)
        joined = Joined(room.name.shown, talk.user.who, talk.user.realname)
        same = talk.server.wire(talk.link.frame, talk.caps - {"message-tags"})  # It is no event that has an id.
        for line in same.render(joined, Stamp(0, 0, talk.rooms.now())):
            talk.write(line)
        yield
        yield from entered(talk, room)


async def _missed(talk: IrcConversation, since: float) -> None:
    try:
        for buffer in () if talk.session.gone else await reading.buffers(talk.rooms, talk.user):
            await _play(talk, buffer, since)
    except Unavailable:
        talk.send("NOTICE", talk.nick, "What was said while you were away is not to be had now.")


async def _play(talk: IrcConversation, buffer: Buffer, since: float) -> None:
    most = talk.server.settings.replayed
    entries = await playback.read(talk, buffer.stream, most, after=since)
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
