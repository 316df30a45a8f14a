"""CAP: what a client can ask for, what it has asked for, and when it is done.

Source: IRCv3's "Capability Negotiation".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.registration import complete
from chatproto.dialects.irc.table import Answer, verb

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

MODERN = 302
"""The version of CAP from which on capabilities have values, lists several lines, and cap-notify always holds."""

LONGEST_ECHO = 60
"""Characters of a subcommand that an error repeats."""


@dataclass(slots=True)
class Version:
    """The highest version of CAP that a client has named; `Version` of `IrcConversation.state`."""

    number: int = 0


@verb(
    "CAP <LS|LIST|REQ|END> [<capabilities>]",
    params=1,
    early=True,
    summary="Lists what can be asked for, shows what was, asks for it (REQ) or gives it up (REQ -name), and ends that.",
)
def _cap(talk: IrcConversation, message: Message) -> Answer:
    subcommand, *rest = message.params
    run = _SUBCOMMANDS.get(subcommand.upper())
    if run is None:
        talk.numeric(n.ERR_INVALIDCAPCMD, echoed(subcommand[:LONGEST_ECHO]))
        return None
    return run(talk, rest)


def _ls(talk: IrcConversation, params: list[str]) -> Answer:
    _negotiate(talk)
    text = params[0][:9] if params else ""
    version = int(text) if text.isascii() and text.isdigit() else 0
    known = _version(talk)
    known.number = max(known.number, version)
    found = talk.server.capabilities(talk.link.peer)
    if version >= MODERN:
        _list(talk, "LS", [f"{name}={value}" if value else name for name, value in sorted(found.items())], marked=True)
    else:  # One line has to do, and drafts come last: what does not fit is left out. A policy (sts) needs its value.
        names = sorted(found.keys() - {"sts"}, key=lambda name: (name.startswith(("draft/", "soju.im/")), name))
        talk.send("CAP", talk.nick, "LS", next(_in_lines(names, _room(talk, "LS"))))
    return None


def _show(talk: IrcConversation, params: list[str]) -> Answer:
    _list(talk, "LIST", sorted(talk.caps), marked=_version(talk).number >= MODERN)
    return None


def _request(talk: IrcConversation, params: list[str]) -> Answer:
    _negotiate(talk)
    asked = " ".join(params)
    caps = _changed(talk, asked.split())
    answer = "NAK" if caps is None else "ACK"
    _list(talk, answer, [truncated(each, _room(talk, answer)) for each in asked.split(" ")], marked=False)
    if caps is not None:
        talk.set_caps(caps)
    return None


def _changed(talk: IrcConversation, asked: list[str]) -> frozenset[str] | None:
    """What the client has if it gets all that it asked for; None if it does not."""
    offered = talk.server.capabilities(talk.link.peer).keys() - {"sts"}
    caps = set(talk.caps)
    for cap in asked:
        name = cap.removeprefix("-")
        if name not in offered or (cap == "-cap-notify" and _version(talk).number >= MODERN):
            return None
        (caps.discard if cap.startswith("-") else caps.add)(name)
    return frozenset(caps)


def _end(talk: IrcConversation, params: list[str]) -> Answer:
    if talk.registration is None:
        return None
    talk.registration.negotiating = False
    return complete(talk)


_SUBCOMMANDS = {"LS": _ls, "LIST": _show, "REQ": _request, "END": _end}


def _negotiate(talk: IrcConversation) -> None:
    """Registration is not done before CAP END."""
    if talk.registration is not None:
        talk.registration.negotiating = True


def _version(talk: IrcConversation) -> Version:
    found: Version = talk.state.setdefault(Version, Version())
    return found


def _list(talk: IrcConversation, subcommand: str, caps: Sequence[str], *, marked: bool) -> None:
    """In as many lines as needed; all but the last are `marked` with an asterisk for clients that know of it."""
    *lines, last = _in_lines(caps, _room(talk, subcommand))
    for line in lines:
        talk.send("CAP", talk.nick, subcommand, *(["*"] if marked else []), line)
    talk.send("CAP", talk.nick, subcommand, last)


def _in_lines(caps: Sequence[str], room: int) -> Iterator[str]:
    line = ""
    for place, cap in enumerate(caps):
        longer = f"{line} {cap}" if place else cap
        if line and len(longer.encode()) > room:
            yield line
            longer = cap
        line = longer
    yield line


def _room(talk: IrcConversation, subcommand: str) -> int:
    return talk.server.space("CAP", talk.nick, subcommand, "*")
