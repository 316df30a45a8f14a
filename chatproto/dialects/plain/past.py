"""What was said before one came, while one was away, and further back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chatproto.dialects.plain.clock import day, day_and_time
from chatproto.dialects.plain.render import FOR_PEOPLE, here, speaker, spoken
from chatproto.errors import Unavailable
from chatproto.events import Ending, Said, Stamp, Whispered
from chatproto.interfaces import Mark
from chatproto.rooms.formatting import plain_text
from chatproto.rooms.names import key_of
from chatproto.rooms.reading import PARTNERS, account_of, between
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

Lines = Sequence[tuple[Said | Whispered, Stamp]]

HISTORY_BYTES = 256 * 1024
"""Bytes of history that are shown at once; asking for more must not fill one's own send queue."""

LISTED_AT_ONCE = 32 * 1024
"""Characters that are listed before the peer must have been sent them."""

WHISPERERS = 20
"""People of whom one is told that they whispered while one was away, those who did so last."""
WHISPERS = 100
"""What each of them said that is counted."""

PRIVATE = ""
"""The marker of a person for all that is said to them alone: no room or person has that key."""

NOT_READ = "What was said here before cannot be read at the moment."


async def told(talk: PlainConversation, room: Room, before: Mark) -> None:
    """Show what was last said in a room that one has come into, before that place; and to who is logged in all that was
    said since they were there, so much as is not too much. One is in it all the same if that cannot be read."""
    limits = talk.service.limits
    try:
        since = await _seen(talk, room.name.key) if limits.missed_shown else None
        count = limits.history_shown if since is None else max(limits.history_shown, limits.missed_shown + 1)
        lines = await earlier(talk, room.stream, count, before)
    except Unavailable:
        talk.refuse(NOT_READ)
        return
    if room in talk.session.views:  # Still: the store may have taken its time.
        missed = [each for each in lines if since is not None and each[1].time > since]
        known = lines[: len(lines) - len(missed)]
        _show_under("Said here before:", talk, known[max(0, len(lines) - limits.history_shown) :])
        _show_missed(talk, missed)
        seen(talk, room)


def _show_missed(talk: PlainConversation, missed: Lines) -> None:
    most = talk.service.limits.missed_shown
    if len(missed) <= most:
        _show_under("Said since you were here:", talk, missed)
        return
    more = min(2 * most, talk.service.limits.history_kept)
    there_is = f" /history {more} shows more." if more > most else ""
    _show_under(f"You missed more than {most} lines here; these are the last {most}.{there_is}", talk, missed[-most:])


def _show_under(heading: str, talk: PlainConversation, lines: Lines) -> None:
    if lines:
        talk.tell(heading)
        show(talk, lines)


async def earlier(talk: PlainConversation, stream: str, count: int, before: Mark | None) -> Lines:
    """What people said there, of the last `count` lines. Raises `Unavailable`."""
    lines = await talk.service.history.read(stream, count, before=before)
    return [(said, stamp) for said, stamp in lines if isinstance(said, Said | Whispered) and said.kind in FOR_PEOPLE]


def show(talk: PlainConversation, lines: Lines) -> None:
    """The newest of it, as much as may be shown at once. Days other than today are named."""
    size = shown = 0
    for said, stamp in reversed(lines):
        size += sum(len(talk.link.frame(line)) for line in here(said, stamp))
        if size > HISTORY_BYTES:
            talk.tell(f"Only the last {shown} of these lines are shown.")
            break
        shown += 1
    today = current = day(talk.service.now())
    for said, stamp in lines[len(lines) - shown :]:
        if (its := day(stamp.time)) != current:
            current = its
            talk.tell("Today:" if its == today else f"On {its}:")
        for line in here(said, stamp):
            talk.link.write(talk.link.frame(line))


async def listed(talk: PlainConversation, found: Iterable[tuple[float, str, Said | Whispered]]) -> None:
    """Tell what was said from different times and places: when it was, the room or who it was private talk with, and
    the event. As much at a time as the link takes."""
    size = 0
    for at, place, event in found:
        where = place if place.startswith("#") else f"with {place}"
        for text in event.text.split("\n"):
            line = f"{day_and_time(at)} {where} {spoken(speaker(event), plain_text(text), event.kind)}"
            talk.tell(line)
            size += len(line)
        if size >= LISTED_AT_ONCE:
            size = 0
            await talk.link.drained()
            if talk.session.gone:
                return


# -- what one missed of what was said to one alone


async def told_privately(talk: PlainConversation, before: float) -> None:
    """Tell who whispered to one while one was away, until then."""
    if talk.session.user is None:  # The connection has ended meanwhile.
        return
    mine = account_of(talk.session.user)
    try:
        since = await _seen(talk, PRIVATE) or talk.session.missed or None
        for name, count in [] if since is None else await _whispers(talk, mine, since, before):
            many = "" if count == 1 else f"{count} times " if count <= WHISPERS else f"more than {WHISPERS} times "
            talk.tell(f"{name} whispered to you {many}while you were away: /history {name}")
    except Unavailable:
        talk.refuse("What was whispered to you meanwhile cannot be read at the moment.")
        return
    _move(talk, [(PRIVATE, before)])


async def _whispers(talk: PlainConversation, mine: str, since: float, before: float) -> Iterable[tuple[str, int]]:
    """The names of those who did, and how often."""
    history = talk.service.history
    partners = (await history.talks(mine))[-PARTNERS:]
    streams = {between(mine, key): key for key in partners if key != mine}
    found = []
    for stream, _ in await history.active([*streams], since, math.inf, WHISPERERS):
        lines = await history.read(stream, WHISPERS + 1, after=since, before=before)
        count = sum(key_of(event.who.account) != mine for event, _ in lines if isinstance(event, Whispered))
        if count:
            found.append((talk.service.owned.name(streams[stream]), count))
    user = talk.session.user
    return found if user is not None and account_of(user) == mine else ()


# -- how far one has read


async def _seen(talk: PlainConversation, buffer: str) -> float | None:
    """Up to when one has seen that; None if one has no account, or was never there. Raises `Unavailable`."""
    markers, user = talk.service.markers, talk.session.user
    reader = account_of(user) if user is not None else ""
    if markers is None or not reader:
        return None
    waiting = markers.ready(reader)
    if waiting is not None:
        await waiting
    return markers.find(reader, buffer)


def seen(talk: PlainConversation, *rooms: Room) -> None:
    """What was said in these rooms until now one has been shown."""
    _move(talk, [(room.name.key, room.latest.time) for room in rooms if room.latest is not None])


def parted(talk: PlainConversation, ending: Ending | None = None) -> None:
    """One is about to be gone, or to be logged out: what one was shown counts as read. Of a connection that may have
    been dead for a while that is only what came before the last line of one's own."""
    user = talk.session.user
    if user is not None:
        until = talk.session.heard if ending is not None and ending.unseen else talk.service.now()
        places = [(room.name.key, room.latest.time) for room in talk.session.views if room.latest is not None]
        _move(talk, [(key, min(time, until)) for key, time in (*places, (PRIVATE, until))])


def _move(talk: PlainConversation, places: Iterable[tuple[str, float]]) -> None:
    markers, user = talk.service.markers, talk.session.user
    reader = account_of(user) if user is not None else ""
    if markers is not None and reader:
        for buffer, time in places:
            markers.move(reader, buffer, time)
