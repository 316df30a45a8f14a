"""What a client is told of a room: its topic, and who is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatproto.dialects.irc import facts, markers
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import while_seen
from chatproto.dialects.irc.numerics import Reply
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.roster import Form, Roster
from chatproto.modes import Rule
from chatproto.rooms.names import LONGEST
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

USUAL_NICK = 32
"""Bytes of a nick for which lines of names are kept. For a longer one they are shorter, and kept as well."""

NO_IMPLICIT_NAMES = frozenset({"draft/no-implicit-names", "no-implicit-names"})
"""A capability under both of its names: clients know the first from before it was ratified."""


class Entering(list[Room]):
    """The rooms that a client is just going into by itself: who has set it as `IrcConversation.entering` tells the
    client what is in there, bit by bit."""


def entered(talk: IrcConversation, room: Room) -> Iterator[None]:
    """Tell somebody who has come into `room` all about it, a line at a time."""
    if room.topic:
        topic(talk, room)
    markers.joined(talk, room)
    if talk.caps.isdisjoint(NO_IMPLICIT_NAMES):
        for numeric, params in names(talk, room, joining=True):
            talk.numeric(numeric, *params)
            yield
    facts.joined(talk, room)


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
    symbol = "@" if Rule.SECRET in room.rules else "*" if Rule.PRIVATE in room.rules else "="
    for line in while_seen(talk, room, _lines(talk, room, symbol, joining=joining)):
        yield n.RPL_NAMREPLY, (symbol, room.name.shown, line)


def _lines(talk: IrcConversation, room: Room, symbol: str, *, joining: bool) -> list[str]:
    form = Form("multi-prefix" in talk.caps, "userhost-in-names" in talk.caps)
    nick = "x" * (USUAL_NICK if len(talk.nick.encode()) <= USUAL_NICK else 4 * LONGEST)
    space = talk.server.space(n.RPL_NAMREPLY.code, nick, symbol, room.name.shown)
    shown = room.shown_to(talk.user)
    if shown is room.members:
        return list(talk.server.rosters.lines(room, form, space))
    unseen = None if joining or not room.hides(talk.user) else talk.user
    some = Roster(form, space)
    some.add(form.of(user, room) for user in shown if user is not unseen)
    return some.lines
