"""Who somebody is or was: WHOIS, WHOWAS, USERHOST, USERIP, ISON.

Sources: RFC 2812, sections 3.6 and 4; "Modern IRC Client Protocol".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import long_answer, packed
from chatproto.dialects.irc.letters import letters_of, prefix
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.numerics import Numeric, Reply
from chatproto.dialects.irc.table import Answer, verb
from chatproto.dialects.irc.verbs.who import address_of, addresses_of, idle
from chatproto.modes import Status, UserMode
from chatproto.rooms.masks import LONGEST_MASK, Mask
from chatproto.rooms.people import Departed
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

NAMES_AT_ONCE = 5
"""Names that USERHOST and USERIP take (RFC 2812, 4.8)."""


# -- WHOIS


@verb("WHOIS [<server>] <nick>", summary="Tells who somebody is, where they are, and for how long they said nothing.")
def _whois(talk: IrcConversation, message: Message) -> Answer:
    *server, nicks = message.params[:2] or ("",)
    nick = nicks.split(",")[0]
    if not nick:
        talk.numeric(n.ERR_NONICKNAMEGIVEN)
    elif server and not _is_here(talk, server[0]):
        talk.numeric(n.ERR_NOSUCHSERVER, echoed(server[0]))
    else:
        user = talk.rooms.people.get(nick)
        if user is None:
            talk.numeric(n.ERR_NOSUCHNICK, echoed(nick))
        else:
            _tell(talk, user)
        talk.numeric(n.RPL_ENDOFWHOIS, echoed(nick))
    return None


def _is_here(talk: IrcConversation, server: str) -> bool:
    """Whether this server is meant, by its name, a mask of it, or somebody's nick."""
    return Mask(server[:LONGEST_MASK]).matches(talk.server.name) or talk.rooms.people.get(server) is not None


def _tell(talk: IrcConversation, user: User) -> None:
    who = user.who
    private = talk.user is user or talk.user.operator
    talk.numeric(n.RPL_WHOISUSER, who.name, who.username, who.host, "*", user.realname)
    _rooms(talk, user)
    talk.numeric(n.RPL_WHOISSERVER, who.name, talk.server.name, _description(talk))
    if user.away:
        talk.numeric(n.RPL_AWAY, who.name, user.away)
    if user.operator:
        talk.numeric(n.RPL_WHOISOPERATOR, who.name)
    if private:
        _tell_in_private(talk, user)
    if UserMode.SECURE in user.modes:
        talk.numeric(n.RPL_WHOISSECURE, who.name)
    if who.account:
        talk.numeric(n.RPL_WHOISACCOUNT, who.name, who.account)
    if UserMode.BOT in user.modes:
        talk.numeric(n.RPL_WHOISBOT, who.name)
    talk.numeric(n.RPL_WHOISIDLE, who.name, str(idle(talk, user)), str(int(user.signed_on)))


def _tell_in_private(talk: IrcConversation, user: User) -> None:
    """What is for the person itself and for operators of the server."""
    who = user.who
    for address in addresses_of(user, talk.user):
        talk.numeric(n.RPL_WHOISHOST, who.name, f"is connecting from {who.username}@{address} {address}")
        talk.numeric(n.RPL_WHOISACTUALLY, who.name, address)
    talk.numeric(n.RPL_WHOISMODES, who.name, f"is using modes {letters_of(user.modes)}")


def _description(talk: IrcConversation) -> str:
    settings = talk.server.settings
    return settings.description or settings.network


def _rooms(talk: IrcConversation, user: User) -> None:
    every = "multi-prefix" in talk.caps
    names = [
        prefix(room.members[user], every=every) + room.name.shown
        for room in user.rooms.values()
        if _may_see(talk, user, room)
    ]
    for line in packed(talk, names, " ", user.who.name):
        talk.numeric(n.RPL_WHOISCHANNELS, user.who.name, line)


def _may_see(talk: IrcConversation, user: User, room: Room) -> bool:
    """Whether that `user` is in `room` is for the client to know: not if the person or the room does not show it, and
    the client is not in there."""
    me = talk.user
    if me is user or me.operator:
        return True
    status = room.members.get(me)
    if room.hides(user):
        return status is not None and status >= Status.VOICE
    return status is not None or (UserMode.INVISIBLE not in user.modes and talk.rooms.visible(room, me))


# -- WHOWAS


@verb("WHOWAS <nick>{,<nick>} [<count>]", summary="Tells who had a nick and is gone, the latest first.")
def _whowas(talk: IrcConversation, message: Message) -> Answer:
    names = message.params[0] if message.params else ""
    if not names:
        talk.numeric(n.ERR_NONICKNAMEGIVEN)
        return None
    count = message.params[1] if len(message.params) > 1 else ""
    most = int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 0
    return long_answer(talk, _departed(talk, names, most))


def _departed(talk: IrcConversation, names: str, most: int) -> Iterator[Reply]:
    """At most that many of each, or all if that is 0."""
    found = talk.rooms.people.departed(*names.split(","), most=most)
    for each in found:
        yield from _was(talk, each)
    if not found:
        yield n.ERR_WASNOSUCHNICK, (echoed(names),)
    yield n.RPL_ENDOFWHOWAS, (echoed(names),)


def _was(talk: IrcConversation, departed: Departed) -> Iterator[Reply]:
    who, realname, at = departed
    yield n.RPL_WHOWASUSER, (who.name, who.username, who.host, "*", realname)
    yield n.RPL_WHOISSERVER, (who.name, talk.server.name, f"{datetime.fromtimestamp(at, UTC):%a %b %d %Y %H:%M:%S}")


# -- who is here


@verb("USERHOST <nick> {<nick>}", params=1, summary="Tells user name and host of up to five people who are here.")
def _userhost(talk: IrcConversation, message: Message) -> Answer:
    return _userhosts(talk, message, n.RPL_USERHOST, lambda user: user.who.host)


@verb("USERIP <nick> {<nick>}", params=1, summary="The same with IP addresses, for those who may see them.")
def _userip(talk: IrcConversation, message: Message) -> Answer:
    return _userhosts(talk, message, n.RPL_USERIP, lambda user: address_of(user, talk.user))


def _userhosts(talk: IrcConversation, message: Message, numeric: Numeric, host: Callable[[User], str]) -> Answer:
    nicks = [nick for param in message.params for nick in param.split()]
    found = [talk.rooms.people.get(nick) for nick in nicks[:NAMES_AT_ONCE]]
    entries = [
        f"{user.who.name}{'*' if user.operator else ''}={'-' if user.away else '+'}{user.who.username}@{host(user)}"
        for user in found
        if user is not None
    ]
    for line in packed(talk, entries, " ") or [""]:
        talk.numeric(numeric, line)
    return None


@verb("ISON <nick> {<nick>}", params=1, summary="Tells which of these nicks are here.")
def _ison(talk: IrcConversation, message: Message) -> Answer:
    found = [talk.rooms.people.get(nick) for param in message.params for nick in param.split()]
    for line in packed(talk, [user.who.name for user in found if user is not None], " ") or [""]:
        talk.numeric(n.RPL_ISON, line)
    return None
