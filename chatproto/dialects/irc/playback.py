"""History as a client is sent it: lines as they were, in a batch (IRCv3's chathistory)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, Any

from chatproto.dialects.irc.batch import Batch
from chatproto.dialects.irc.message import LINE_LENGTH
from chatproto.dialects.irc.render import room_renamed
from chatproto.events import Event, Joined, RoomRenamed, Stamp, Whispered
from chatproto.rooms.names import key_of
from chatproto.rooms.reading import account_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

EVENTS = frozenset({"batch", "draft/event-playback"})
"""Who has these capabilities is shown what happened besides talk, too. Outside of a batch it would look as if it
happened now."""

Entries = Sequence[tuple[Event, Stamp]]


async def read(talk: IrcConversation, stream: str, count: int, **marks: Any) -> Entries:
    """What the client is shown of a stream, between marks as `IHistoryStore.read` has them. Raises what that does."""
    if not stream:
        return []
    return await talk.rooms.history.read(stream, count, every=talk.caps >= EVENTS, **marks)


def played(talk: IrcConversation, name: str, entries: Entries) -> Iterator[None]:
    """Send them as what happened in the room, or with the person, of that name: a step for each line, and more for long
    ones (see `answers.paced`)."""
    with Batch(talk, "chathistory", name) as batch:
        for event, stamp in entries:
            for line in lines(talk, name, event, stamp):
                batch.add(line)
                yield from repeat(None, 1 + len(line) // LINE_LENGTH)


def lines(talk: IrcConversation, name: str, event: Any, stamp: Stamp) -> Iterable[str]:
    """The lines that show the client what happened in the room, or with the person, of that name."""
    if isinstance(event, RoomRenamed):
        can = "draft/channel-rename" in talk.caps
        return [room_renamed(event, stamp, talk.server.look(talk.caps))] if can else []
    if isinstance(event, Joined):  # That somebody was away then is no event of the room.
        event = replace(event, away="")
    if isinstance(event, Whispered):
        event = _as_now(talk, name, event)
    if getattr(event, "room", name) != name:  # The room was called otherwise then; the client knows this name only.
        event = replace(event, room=name)
    return talk.session.wire.render(event, stamp)


def _as_now(talk: IrcConversation, name: str, event: Whispered) -> Whispered:
    """Both may have been called otherwise then; the client knows them by these names only, and would take its own lines
    for those of somebody else."""
    own = key_of(event.who.account) == account_of(talk.user)
    one, other = (talk.nick, name) if own else (name, talk.nick)
    if key_of(event.who.name) != key_of(one):
        event = replace(event, who=replace(event.who, name=one))
    return event if key_of(event.target) == key_of(other) else replace(event, target=other)
