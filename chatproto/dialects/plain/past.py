"""What was said before one came, and further back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatproto.dialects.plain.render import FOR_PEOPLE, here
from chatproto.errors import Unavailable
from chatproto.events import Said, Stamp
from chatproto.interfaces import Mark
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

HISTORY_BYTES = 256 * 1024
"""Bytes of history that are shown at once; asking for more must not fill one's own send queue."""


async def told(talk: PlainConversation, room: Room, before: Stamp | None) -> None:
    """Show what was last said in a room that one has come into. One is in it all the same if that cannot be read."""
    try:
        lines = await earlier(talk, room, talk.service.limits.history_shown, before)
    except Unavailable:
        talk.refuse("What was said here before cannot be read at the moment.")
        return
    if lines:
        talk.tell("Said here before:")
        show(talk, lines)


async def earlier(talk: PlainConversation, room: Room, count: int, before: Mark | None) -> Sequence[tuple[Said, Stamp]]:
    """What people said in `room`, of the last `count` lines there. Raises `Unavailable`."""
    lines = await talk.service.history.read(room.stream, count, before=before)
    return [(said, stamp) for said, stamp in lines if isinstance(said, Said) and said.kind in FOR_PEOPLE]


def show(talk: PlainConversation, lines: Sequence[tuple[Said, Stamp]]) -> None:
    """The newest of it, as much as may be shown at once."""
    shown: list[bytes] = []
    size = 0
    for said, stamp in reversed(lines):
        frame = b"".join(map(talk.link.frame, here(said, stamp)))
        size += len(frame)
        if size > HISTORY_BYTES:
            talk.tell(f"Only the last {len(shown)} of these lines are shown.")
            break
        shown.append(frame)
    for frame in reversed(shown):
        talk.link.write(frame)
