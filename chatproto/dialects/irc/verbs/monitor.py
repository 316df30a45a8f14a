"""MONITOR: be told when somebody comes or goes (IRCv3's monitor)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from chatproto.dialects.irc import facts
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import packed
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import BadName
from chatproto.rooms import names

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation


@verb(
    "MONITOR <+|-|C|L|S> [<nick>{,<nick>}]",
    params=1,
    summary="Adds nicks to those that you are told of when they come and go (+), takes them off (-), clears the list "
    "(C), shows it (L), or shows who of it is here (S).",
)
def _monitor(talk: IrcConversation, message: Message) -> Answer:
    subcommand = message.params[0].upper()
    targets = [name for name in message.params[1].split(",") if name] if len(message.params) > 1 else []
    run = _RUN.get(subcommand)
    if run is None:
        talk.numeric(n.ERR_UNKNOWNERROR, "MONITOR", echoed(message.params[0]), "Unknown subcommand")
    elif subcommand in "+-" and not targets:
        talk.numeric(n.ERR_NEEDMOREPARAMS, "MONITOR")
    else:
        run(talk, targets)
    return None


def _add(talk: IrcConversation, targets: list[str]) -> None:
    limit = talk.server.settings.monitor_limit
    added, refused = [], []
    for name in filter(lambda each: _valid(talk, each), targets):
        watched = talk.rooms.people.watched(talk.session)
        if names.key_of(name) not in watched and len(watched) >= limit:
            refused.append(name)
        else:
            talk.rooms.people.watch(talk.session, name)
            added.append(name)
    _tell(talk, added)
    if refused:
        for line in packed(talk, refused, ",", str(limit), n.ERR_MONLISTFULL.text):
            talk.numeric(n.ERR_MONLISTFULL, str(limit), line)
    for name in added:
        facts.of_person(talk, name)


def _valid(talk: IrcConversation, name: str) -> bool:
    """Whether somebody can be called that: masks, for one, are not watched."""
    try:
        names.person(name, talk.rooms.limits)
    except BadName:
        return False
    return True


def _remove(talk: IrcConversation, targets: list[str]) -> None:
    for name in targets:
        talk.rooms.people.unwatch(talk.session, name)


def _clear(talk: IrcConversation, targets: list[str]) -> None:
    talk.rooms.people.unwatch_all(talk.session)


def _list(talk: IrcConversation, targets: list[str]) -> None:
    for line in packed(talk, talk.rooms.people.watched(talk.session).values(), ","):
        talk.numeric(n.RPL_MONLIST, line)
    talk.numeric(n.RPL_ENDOFMONLIST)


def _status(talk: IrcConversation, targets: list[str]) -> None:
    _tell(talk, talk.rooms.people.watched(talk.session).values())


def _tell(talk: IrcConversation, wanted: Iterable[str]) -> None:
    """Who of them is here, and who is not, each once."""
    here: list[str] = []
    gone: list[str] = []
    for key, name in {names.key_of(name): name for name in wanted}.items():
        user = talk.rooms.people.get(key)
        (gone if user is None else here).append(name if user is None else user.who.mask)
    for numeric, found in ((n.RPL_MONONLINE, here), (n.RPL_MONOFFLINE, gone)):
        for line in packed(talk, found, ","):
            talk.numeric(numeric, line)


_RUN: dict[str, Callable[[IrcConversation, list[str]], None]] = {
    "+": _add,
    "-": _remove,
    "C": _clear,
    "L": _list,
    "S": _status,
}
