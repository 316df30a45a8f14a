"""Verbs of operators of the server, and OPER, by which one becomes one.

Sources: RFC 2812, sections 3.1.4, 3.7.1, 4.2 and 4.7; "Modern IRC Client Protocol".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.individual import modes_changed
from chatproto.dialects.irc.message import LINE_LENGTH, Message
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.table import Answer, Run, verb
from chatproto.errors import TooManyTries
from chatproto.rooms import operators, permissions
from chatproto.rooms.masks import is_hostname

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

LONGEST_HOST = 63
"""Characters of a host, as ISUPPORT says (HOSTLEN)."""

NO_REASON = "No reason was given"

READ_AGAIN = "motd,certificates"
"""What REHASH reads; where other servers have the name of a file, so it has no space."""


@verb("OPER <name> <password>", params=2, summary="Makes you an operator of the server.")
def _oper(talk: IrcConversation, message: Message) -> Answer:
    return _become(talk, *message.params[:2])


async def _become(talk: IrcConversation, name: str, password: str) -> None:
    try:
        if not await operators.become(talk.rooms, talk.session, name, password, talk.server.check_operator):
            return
    except TooManyTries as refused:
        talk.refuse(refused)
        talk.close("Too many wrong passwords")
        return
    talk.numeric(n.RPL_YOUREOPER)
    modes_changed(talk, "+o")


def _operators_only(form: str, *, params: int = 0, summary: str) -> Callable[[Run], Run]:
    """A verb that is refused to all others, whatever its parameters. None of the first `params` may be empty."""

    def register(run: Run) -> Run:
        def checked(talk: IrcConversation, message: Message) -> Answer:
            permissions.must_run_the_server(talk.user)
            if len(message.params) < params or "" in message.params[:params]:
                talk.numeric(n.ERR_NEEDMOREPARAMS, message.verb)
                return None
            return run(talk, message)

        return verb(form, summary=summary)(checked)

    return register


@_operators_only("KILL <nick> [<reason>]", params=1, summary="Ends the connection of somebody.")
def _kill(talk: IrcConversation, message: Message) -> Answer:
    target, reason = (*message.params, "")[:2]
    if target.lower() == talk.server.name.lower():
        talk.numeric(n.ERR_CANTKILLSERVER)
        return None
    reason = truncated(reason, talk.server.settings.kick_length) or NO_REASON
    operators.kill(talk.rooms, talk.session, talk.rooms.people.find(target), reason)
    return None


@_operators_only("WALLOPS <text>", params=1, summary="Tells something to everyone who wants to hear it (mode +w).")
def _wallops(talk: IrcConversation, message: Message) -> Answer:
    room = LINE_LENGTH - len(f":{talk.user.who.mask} WALLOPS :".encode())
    operators.announce(talk.rooms, talk.session, truncated(message.params[0], room))
    return None


@_operators_only("REHASH", summary="Reads the message of the day and the certificates again.")
def _rehash(talk: IrcConversation, message: Message) -> Answer:
    talk.numeric(n.RPL_REHASHING, READ_AGAIN)
    for problem in talk.server.reload():
        talk.numeric(n.ERR_UNKNOWNERROR, "REHASH", truncated(problem, talk.server.space("400", talk.nick, "REHASH")))
    return None


@_operators_only("CHGHOST <nick> <host>", params=2, summary="Has somebody shown with another host.")
def _chghost(talk: IrcConversation, message: Message) -> Answer:
    target, host = talk.rooms.people.find(message.params[0]), message.params[1]
    if len(host) > LONGEST_HOST or not is_hostname(host):
        allowed = f"A host has letters, digits, dashes and a dot, and at most {LONGEST_HOST} characters"
        talk.numeric(n.ERR_UNKNOWNERROR, "CHGHOST", allowed)
        return None
    operators.set_host(talk.rooms, talk.session, target, host)
    return None
