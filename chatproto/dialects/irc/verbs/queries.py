"""Verbs that ask the server about itself: LUSERS, MOTD, VERSION, ADMIN, INFO, TIME, LINKS, STATS, ISUPPORT; and two
that ask for what no server tells any more.

Where they may name a server, our own name will do, a mask of it, or the nick of somebody here. Sources: RFC 2812,
section 3.4; "Modern IRC Client Protocol".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chatproto.dialects.irc import about
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.table import Answer, verb
from chatproto.rooms import permissions
from chatproto.rooms.masks import LONGEST_MASK, Mask

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

ABOUT = (
    "chatproto: a chat server that every line-speaking program can join.",
    "People on nc, telnet and openssl, and IRC clients, meet in the same rooms.",
)
"""What INFO says, beside the version and since when the server runs."""

UNKNOWN = "Nothing is told of this."
"""A line of ADMIN that the settings do not have."""


def _is_here(talk: IrcConversation, message: Message, place: int = 0) -> bool:
    """Whether the parameter in that place, if there is one, means this server; if not, the client is told."""
    target = message.params[place] if len(message.params) > place else ""
    if not target or talk.rooms.people.get(target) is not None or _is_ours(talk, target):
        return True
    talk.numeric(n.ERR_NOSUCHSERVER, echoed(target))
    return False


def _is_ours(talk: IrcConversation, mask: str) -> bool:
    return len(mask) <= LONGEST_MASK and Mask(mask).matches(talk.server.name)


@verb("LUSERS", summary="Tells how many people and rooms there are.")
def _lusers(talk: IrcConversation, message: Message) -> Answer:
    about.lusers(talk)
    return None


@verb("MOTD [<server>]", summary="Shows the message of the day.")
def _motd(talk: IrcConversation, message: Message) -> Answer:
    if _is_here(talk, message):
        about.motd(talk)
    return None


@verb("VERSION [<server>]", summary="Tells what program the server is, and what it supports.")
def _version(talk: IrcConversation, message: Message) -> Answer:
    if _is_here(talk, message):
        talk.numeric(n.RPL_VERSION, talk.server.version, talk.server.name, "plain lines, IRC and TLS on one port")
        about.isupport(talk)
    return None


@verb("ISUPPORT", early=True, summary="Tells what the server supports.")
def _isupport(talk: IrcConversation, message: Message) -> Answer:
    about.isupport(talk)
    if talk.registration is not None:
        talk.registration.supported = True
    return None


@verb("ADMIN [<server>]", summary="Tells who runs the server.")
def _admin(talk: IrcConversation, message: Message) -> Answer:
    if _is_here(talk, message):
        where, more, address = [line or UNKNOWN for line in (*talk.server.settings.admin, "", "", "")[:3]]
        talk.numeric(n.RPL_ADMINME, talk.server.name)
        for numeric, line in ((n.RPL_ADMINLOC1, where), (n.RPL_ADMINLOC2, more), (n.RPL_ADMINEMAIL, address)):
            talk.numeric(numeric, truncated(line, talk.server.space(numeric.code, talk.nick)))
    return None


@verb("INFO [<server>]", summary="Tells a little about the program.")
def _info(talk: IrcConversation, message: Message) -> Answer:
    if _is_here(talk, message):
        for line in (*ABOUT, f"Version: {talk.server.version}", f"Running since: {_date(talk.server.created)}"):
            talk.numeric(n.RPL_INFO, line)
        talk.numeric(n.RPL_ENDOFINFO)
    return None


@verb("TIME [<server>]", summary="Tells what time it is, in UTC.")
def _time(talk: IrcConversation, message: Message) -> Answer:
    if _is_here(talk, message):
        talk.numeric(n.RPL_TIME, talk.server.name, _date(talk.rooms.now()))
    return None


@verb("LINKS [[<server>] <mask>]", summary="Lists the servers of the network.")
def _links(talk: IrcConversation, message: Message) -> Answer:
    if len(message.params) > 1 and not _is_here(talk, message):
        return None
    mask = message.params[-1] if message.params else "*"
    name, description = talk.server.name, talk.server.settings.description
    if description and _is_ours(talk, mask):
        talk.numeric(n.RPL_LINKS, name, name, f"0 {description}")
    talk.numeric(n.RPL_ENDOFLINKS, echoed(mask))
    return None


@verb("USERS [<server>]", summary="Is not answered any more.")
def _users(talk: IrcConversation, message: Message) -> Answer:
    talk.numeric(n.ERR_USERSDISABLED)
    return None


@verb("SUMMON <user> [<server>]", summary="Is not answered any more.")
def _summon(talk: IrcConversation, message: Message) -> Answer:
    talk.numeric(n.ERR_SUMMONDISABLED)
    return None


# -- STATS


@verb(
    "STATS <m|o|t|u> [<server>]",
    params=1,
    summary="Counts the verbs that came (m), lists operators for operators (o), tells how long the server's turns were "
    "since the last STATS t (t), and how long it runs (u).",
)
def _stats(talk: IrcConversation, message: Message) -> Answer:
    if _is_here(talk, message, 1):
        query = message.params[0][:1]
        if query in _STATS:
            _STATS[query](talk)
        talk.numeric(n.RPL_ENDOFSTATS, echoed(query))
    return None


def _commands(talk: IrcConversation) -> None:
    for name, count in sorted(talk.server.commands.items()):
        talk.numeric(n.RPL_STATSCOMMANDS, name, str(count))


def _operators(talk: IrcConversation) -> None:
    permissions.must_run_the_server(talk.user)
    for user in talk.rooms.people:
        if user.operator:
            talk.numeric(
                n.RPL_STATSOLINE, "O", f"{user.who.username}@{user.who.host}", "*", user.title or user.who.name
            )


def _uptime(talk: IrcConversation) -> None:
    up = timedelta(seconds=int(talk.rooms.now() - talk.server.created))
    minutes, seconds = divmod(up.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    talk.numeric(n.RPL_STATSUPTIME, f"Server Up {up.days} days {hours}:{minutes:02}:{seconds:02}")


def _turns(talk: IrcConversation) -> None:
    """For operators, and for who measures the server on its own machine."""
    if not talk.link.peer.local:
        permissions.must_run_the_server(talk.user)
    count, *times = talk.server.turns()
    median, p99, longest = (round(1_000_000 * seconds) for seconds in times)
    talk.numeric(n.RPL_STATSDEBUG, "t", f"turns={count} p50_us={median} p99_us={p99} max_us={longest}")


_STATS = {"m": _commands, "o": _operators, "t": _turns, "u": _uptime}


def _date(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%a, %d %b %Y %H:%M:%S} UTC"
