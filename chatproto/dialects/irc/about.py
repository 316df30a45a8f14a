"""What the server tells of itself, to everyone who comes and to who asks: ISUPPORT, LUSERS, MOTD, and
where people are.

Sources: "Modern IRC Client Protocol"; IRCv3's "extended-isupport".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.isupport import TOKENS_IN_A_LINE
from chatproto.dialects.irc.message import NO_TAGS
from chatproto.dialects.irc.pieces import split
from chatproto.modes import UserMode

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

_BATCH = "isupport"
"""The name of a batch; it is closed before another one can be opened."""


def isupport(talk: IrcConversation) -> None:
    """What the server supports (005); as a batch, if the client takes those (extended-isupport)."""
    batched = {"batch", "draft/extended-isupport"} <= talk.caps
    if batched:
        talk.send("BATCH", f"+{_BATCH}", "draft/isupport")
    code, text = n.RPL_ISUPPORT
    tags = {"batch": _BATCH} if batched else NO_TAGS
    for tokens in _in_lines(talk.server.isupport, talk.server.space(code, talk.nick) - len(text) - 1):
        talk.send(code, talk.nick, *tokens, text, tags=tags)
    if batched:
        talk.send("BATCH", f"-{_BATCH}")


@lru_cache(maxsize=256)  # Everyone who comes is told, and nicks are of few lengths.
def _in_lines(tokens: tuple[str, ...], room: int) -> Sequence[Sequence[str]]:
    """As many tokens at a time as fit into `room` bytes, and beside the other parameters."""
    lines: list[list[str]] = [[]]
    for token in tokens:
        if len(lines[-1]) == TOKENS_IN_A_LINE or len(" ".join([*lines[-1], token]).encode()) > room:
            lines.append([])
        lines[-1].append(token)
    return lines


def lusers(talk: IrcConversation) -> None:
    """How many are here."""
    people = talk.rooms.people
    invisible = people.modes[UserMode.INVISIBLE]
    here, most = len(people), people.most
    talk.numeric(n.RPL_LUSERCLIENT, f"There are {here - invisible} users and {invisible} invisible on 1 server(s)")
    talk.numeric(n.RPL_LUSEROP, str(people.modes[UserMode.OPERATOR]))
    talk.numeric(n.RPL_LUSERUNKNOWN, str(max(talk.server.connections() - people.sessions, 0)))
    talk.numeric(n.RPL_LUSERCHANNELS, str(talk.rooms.directory.used))
    talk.numeric(n.RPL_LUSERME, f"I have {here} clients and 0 servers")
    talk.numeric(n.RPL_LOCALUSERS, str(here), str(most), f"Current local users {here}, max {most}")
    talk.numeric(n.RPL_GLOBALUSERS, str(here), str(most), f"Current global users {here}, max {most}")


def whereabouts(talk: IrcConversation) -> None:
    """Where people on plain lines are, if anybody is: a client comes into no room by itself, and would see nobody."""
    room = talk.rooms.directory.default
    inside = talk.user not in room.members and any(member.sessions for member in room.members)
    if inside and talk.rooms.visible(room, talk.user):
        name = room.name.shown
        talk.send("NOTICE", talk.nick, f"People on plain lines are in {name}: /join {name}")


def motd(talk: IrcConversation) -> None:
    """The message of the day. A line of it that is too long for one of IRC's goes on in the next."""
    if not talk.server.motd:
        talk.numeric(n.ERR_NOMOTD)
        return
    talk.numeric(n.RPL_MOTDSTART, f"- {talk.server.name} Message of the day - ")
    room = talk.server.space(n.RPL_MOTD.code, talk.nick) - len("- ")
    for line in talk.server.motd:
        for piece in split(line, room):
            talk.numeric(n.RPL_MOTD, f"- {piece}")
    talk.numeric(n.RPL_ENDOFMOTD)
