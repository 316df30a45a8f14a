"""What a client is told of a room: its topic, and who is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.letters import prefix
from chatproto.dialects.irc.message import truncated
from chatproto.dialects.irc.numerics import Numeric
from chatproto.modes import Rule
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

Reply = tuple[Numeric, tuple[str, ...]]


def entered(talk: IrcConversation, room: Room) -> None:
    """All that somebody is told who has come into `room`."""
    if room.topic:
        topic(talk, room)
    if "draft/no-implicit-names" not in talk.caps:
        for numeric, params in names(talk, room, joining=True):
            talk.numeric(numeric, *params)


def topic(talk: IrcConversation, room: Room) -> None:
    """The topic, who set it, and when; or that there is none."""
    name = room.name.shown
    if not room.topic:
        talk.numeric(n.RPL_NOTOPIC, name)
        return
    space = talk.server.space(n.RPL_TOPIC.code, talk.nick, name)
    talk.numeric(n.RPL_TOPIC, name, truncated(room.topic, space))
    talk.numeric(n.RPL_TOPICWHOTIME, name, room.topic_by, str(int(room.topic_at)))


def names(talk: IrcConversation, room: Room, *, joining: bool = False) -> Iterator[Reply]:
    """Who is in `room`, as far as this client may see it. It is in there itself, but for an auditorium in which it has
    no voice: that is about those on the stage, as other servers have it, except for the list that comes with JOIN."""
    yield from names_alone(talk, room, joining=joining)
    yield n.RPL_ENDOFNAMES, (room.name.shown,)


def names_alone(talk: IrcConversation, room: Room, *, joining: bool = False) -> Iterator[Reply]:
    """The same without its end."""
    every, mask = "multi-prefix" in talk.caps, "userhost-in-names" in talk.caps
    symbol = "@" if Rule.SECRET in room.rules else "="
    space = talk.server.space(n.RPL_NAMREPLY.code, talk.nick, symbol, room.name.shown)
    unseen = None if joining or not room.hides(talk.user) else talk.user
    words = [
        prefix(room.members[user], every=every) + (user.who.mask if mask else user.who.name)
        for user in room.shown_to(talk.user)
        if user is not unseen
    ]
    for line in packed(words, space):
        yield n.RPL_NAMREPLY, (symbol, room.name.shown, line)


def packed(words: Iterable[str], room: int) -> Iterator[str]:
    """Words in lines of at most `room` bytes."""
    line: list[str] = []
    length = 0
    for word in words:
        size = len(word.encode()) + 1
        if line and length + size > room + 1:
            yield " ".join(line)
            line, length = [], 0
        line.append(word)
        length += size
    if line:
        yield " ".join(line)
