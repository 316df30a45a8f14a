"""Verbs of the connection itself: PASS, NICK, USER, PING, PONG, QUIT."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import Message, fitting
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.registration import Registration, complete
from chatproto.dialects.irc.returning import renamed
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NameTaken
from chatproto.rooms import names

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

USERNAME_LENGTH = 17
"""Characters of a user name, without the `~` which says that nobody vouches for it."""

_NOT_IN_USERNAME = re.compile(r"[^A-Za-z0-9_.\[\]\\{}|^`-]")


@verb(
    "PASS <password>",
    params=1,
    early=True,
    late=False,
    summary="Gives the server's password; or, if it has none, logs in: account:password.",
)
def _pass(talk: IrcConversation, message: Message) -> Answer:
    assert talk.registration is not None
    talk.registration.password = message.params[0]
    return None


@verb("NICK <nick>", early=True, summary="Takes a name, or another one.")
def _nick(talk: IrcConversation, message: Message) -> Answer:
    if not message.params or not message.params[0]:
        talk.numeric(n.ERR_NONICKNAMEGIVEN)
        return None
    wanted = message.params[0]
    if talk.registration is None:
        return renamed(talk, wanted)
    name = names.person(wanted, talk.rooms.limits)
    holder = talk.rooms.people.get(wanted)
    if holder is not None and not (holder.who.account and _may_be(talk, talk.registration)):
        talk.registration.refused = wanted
        talk.rooms.owned.must_be_open_to(talk.session.account, name)  # It says more of a name that is somebody's own.
        raise NameTaken(name.shown, None)
    talk.registration.nick = wanted
    return complete(talk)


def _may_be(talk: IrcConversation, registration: Registration) -> bool:
    """Whether the client has proved to be somebody, or may before it comes in."""
    return bool(talk.session.account or registration.password) or registration.negotiating


@verb("USER <username> 0 * <realname>", params=4, early=True, late=False, summary="Says who you are, when you come.")
def _user(talk: IrcConversation, message: Message) -> Answer:
    assert talk.registration is not None
    username = _NOT_IN_USERNAME.sub("", message.params[0])[:USERNAME_LENGTH]
    realname = truncated(message.params[3], talk.server.settings.realname_length)
    if not realname:
        talk.numeric(n.ERR_NEEDMOREPARAMS, "USER")
        return None
    talk.registration.username, talk.registration.realname = f"~{username or 'user'}", realname
    return complete(talk)


@verb("PING <token>", early=True, summary="Is answered by a PONG with the same token.")
def _ping(talk: IrcConversation, message: Message) -> Answer:
    if not message.params:
        talk.numeric(n.ERR_NEEDMOREPARAMS, "PING")
    elif not message.params[0]:
        talk.numeric(n.ERR_NOORIGIN)
    else:
        token = truncated(message.params[0], talk.server.space("PONG", talk.server.name))
        talk.send("PONG", talk.server.name, token)
    return None


@verb("PONG <token>", early=True, summary="Answers a PING of the server.")
def _pong(talk: IrcConversation, message: Message) -> Answer:
    return None  # The transport has seen the sign of life.


@verb("QUIT [<reason>]", early=True, summary="Leaves the server; those who share a room with you see the reason.")
def _quit(talk: IrcConversation, message: Message) -> Answer:
    reason = truncated(message.params[0], talk.server.settings.kick_length) if message.params else ""
    if talk.registration is None:  # As Ergo does: clients see everybody go in the same way.
        line = fitting("QUIT", (f"Quit: {reason}",), talk.user.who.mask)
        talk.apart(lambda: talk.write(line))
    talk.close(f"Quit: {reason}")
    return None
