"""How an IRC connection begins: NICK and USER, with PASS and CAP if wanted, in any order; then the welcome.

Sources: RFC 2812, section 3.1; "Modern IRC Client Protocol"; IRCv3's "Capability Negotiation".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatproto.dialects.irc import facts, identity
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.about import isupport, lusers, motd, whereabouts
from chatproto.dialects.irc.letters import CHANNEL_MODES, STATUS_BY_LETTER, letters_of
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.returning import returned
from chatproto.errors import ChatError
from chatproto.modes import UserMode
from chatproto.rooms.presence import NOBODY

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation
    from chatproto.dialects.irc.table import Answer


@dataclass(slots=True)
class Registration:
    """What a client has said of itself so far."""

    nick: str = ""
    refused: str = ""
    """The nick it wanted last, if somebody has that."""
    username: str = ""
    realname: str = ""
    password: str = ""
    negotiating: bool = False
    """It has begun with CAP, and not ended it."""
    supported: bool = False
    """It was told already what the server supports."""
    away: str = ""


def complete(talk: IrcConversation) -> Answer:
    """Let the client in, if it has said all that is needed."""
    registration = talk.registration
    assert registration is not None
    if registration.negotiating or not (registration.nick and registration.username):
        return None
    return _complete(talk, registration)


async def _complete(talk: IrcConversation, registration: Registration) -> None:
    if talk.server.settings.password and not await talk.server.check_password(registration.password):
        talk.numeric(n.ERR_PASSWDMISMATCH)
        talk.close("Bad password")
        return
    if not await identity.by_password(talk, registration.password):
        return
    identity.give_up(talk)  # SASL 3.1 wants it so: who has not proved to be somebody is let in as nobody.
    host = talk.rooms.cloak.of(talk.link.peer.address)
    try:
        await talk.rooms.enter(talk.session, registration.nick, registration.username, host, registration.realname)
    except ChatError:
        registration.nick = ""  # It may choose another one.
        raise
    talk.registration = None
    talk.link.settle()
    welcome(talk, supported=registration.supported)
    if registration.away:
        be_away(talk, registration.away)
    await returned(talk)


def be_away(talk: IrcConversation, away: str) -> None:
    """Where nobody looks at this client, that says nothing of who looks at another one of the same person."""
    if away != NOBODY or all(each.unattended for each in talk.user.sessions):
        talk.rooms.set_away(talk.session, away)


def welcome(talk: IrcConversation, *, supported: bool = False) -> None:
    """Everything that a client is told at first: 001 to 005, LUSERS, where people are, MOTD, and its modes if it has
    any. What is `supported` it may have been told before (extended-isupport)."""
    server = talk.server
    created = datetime.fromtimestamp(server.created, UTC)
    hello = f"Welcome to the {server.settings.network} IRC Network {talk.user.who.mask}"
    talk.numeric(n.RPL_WELCOME, truncated(hello, server.space(n.RPL_WELCOME.code, talk.nick)))
    talk.numeric(n.RPL_YOURHOST, f"Your host is {server.name}, running version {server.version}")
    talk.numeric(n.RPL_CREATED, f"This server was created {created:%a, %d %b %Y %H:%M:%S} UTC")
    talk.numeric(n.RPL_MYINFO, server.name, server.version, *_letters())
    if not supported:
        isupport(talk)
    lusers(talk)
    whereabouts(talk)
    facts.entered(talk)
    motd(talk)
    if talk.user.modes:
        talk.numeric(n.RPL_UMODEIS, letters_of(talk.user.modes))


def _letters() -> tuple[str, str, str]:
    """The modes of people, those of rooms, and those of rooms that have a parameter."""
    lists, keys, limits, flags = CHANNEL_MODES.split(",")
    valued = [*STATUS_BY_LETTER, *lists, *keys, *limits]
    people = [mode.value for mode in UserMode]
    return "".join(sorted(people)), "".join(sorted([*valued, *flags])), "".join(sorted(valued))
