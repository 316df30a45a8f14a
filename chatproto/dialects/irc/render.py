"""Events as IRC's lines, for every set of capabilities that changes how they look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatproto.dialects.irc.letters import spelled
from chatproto.dialects.irc.look import Look, look_of, server_time, tags
from chatproto.dialects.irc.message import LINE_LENGTH, fitting, front, join
from chatproto.dialects.irc.said import said, whispered
from chatproto.events import (
    AccountChanged,
    Announced,
    AwayChanged,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Left,
    ModesChanged,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    RoomRenamed,
    Said,
    Stamp,
    TopicChanged,
    Whispered,
)
from chatproto.modes import Change, Status
from chatproto.wire import Render


def rendering(server: str, caps: frozenset[str]) -> Render:
    """What makes lines of events for all connections with these capabilities."""
    look = look_of(server, caps)

    def render(event: Event, stamp: Stamp) -> list[str]:
        lines = _RENDER.get(type(event))
        return lines(event, stamp, look) if lines is not None else []

    return render


def _line(event: Any, stamp: Stamp, look: Look, verb: str, *params: str) -> list[str]:
    return [front(tags(event.who, stamp, look)) + fitting(verb, params, event.who.mask)]


# -- rooms


def _redacted(event: Redacted, stamp: Stamp, look: Look) -> list[str]:
    if "draft/message-redaction" not in look.caps:
        return []
    reason = (event.reason,) if event.reason else ()
    return _line(event, stamp, look, "REDACT", event.room, event.id, *reason)


def _joined(event: Joined, stamp: Stamp, look: Look) -> list[str]:
    more = (event.who.account or "*", event.realname) if "extended-join" in look.caps else ()
    lines = _line(event, stamp, look, "JOIN", event.room, *more)
    if event.away and "away-notify" in look.caps:
        lines += _away(AwayChanged(event.who, event.away), stamp, look)
    return lines


def _left(event: Left, stamp: Stamp, look: Look) -> list[str]:
    return _line(event, stamp, look, "PART", event.room, *([event.reason] if event.reason else []))


def _modes(event: ModesChanged, stamp: Stamp, look: Look) -> list[str]:
    source = event.who.mask if event.who.name else look.server
    space = LINE_LENGTH - len(f":{source} MODE {event.room} ".encode())
    before = front(tags(event.who, stamp, look))
    return [before + fitting("MODE", (event.room, *words), source) for words in spelled(event.changes, space)]


def room_renamed(event: RoomRenamed, stamp: Stamp, look: Look) -> str:
    """The line for those who know that rooms can be renamed; what others are told is in `individual.py`."""
    line = fitting("RENAME", (event.room, event.new, event.reason), event.who.mask)
    return front(tags(event.who, stamp, look)) + line


# -- people


def _away(event: AwayChanged, stamp: Stamp, look: Look) -> list[str]:
    if "away-notify" not in look.caps:
        return []
    return _line(event, stamp, look, "AWAY", *([event.message] if event.message else []))


def _host(event: HostChanged, stamp: Stamp, look: Look) -> list[str]:
    """Who did not ask for it sees those that it shares a room with go, and come back (IRCv3's chghost)."""
    if "chghost" in look.caps:
        return _line(event, stamp, look, "CHGHOST", event.username, event.host)
    return _line(event, stamp, look, "QUIT", "Changing host") if event.near else []


def _returned(event: Returned, stamp: Stamp, look: Look) -> list[str]:
    if "chghost" in look.caps:
        return []
    same = look._replace(caps=look.caps - {"message-tags"})  # The id of what happened is that of QUIT.
    lines = _joined(Joined(event.room, event.who, event.realname, event.away), stamp, same)
    name = event.who.name
    held = [Change(add=True, what=status, value=name) for status in reversed(Status) if status & event.status]
    time = {"time": server_time(stamp.time)} if "server-time" in look.caps else {}
    for words in spelled(held, LINE_LENGTH):
        lines.append(join("MODE", (event.room, *words), look.server, time))
    return lines


def _only_with(cap: str, verb: str, params: Callable[[Any], tuple[str, ...]]) -> Callable[..., list[str]]:
    """Lines that are shown only to those who asked for that capability."""
    return lambda event, stamp, look: _line(event, stamp, look, verb, *params(event)) if cap in look.caps else []


def _always(verb: str, params: Callable[[Any], tuple[str, ...]]) -> Callable[..., list[str]]:
    return lambda event, stamp, look: _line(event, stamp, look, verb, *params(event))


_RENDER: dict[type[Event], Callable[..., list[str]]] = {
    Said: said,
    Whispered: whispered,
    Redacted: _redacted,
    Joined: _joined,
    Left: _left,
    Kicked: _always("KICK", lambda event: (event.room, event.target, event.reason or event.who.name)),
    TopicChanged: _always("TOPIC", lambda event: (event.room, event.topic)),
    ModesChanged: _modes,
    Invited: _only_with("invite-notify", "INVITE", lambda event: (event.target, event.room)),
    Quit: _always("QUIT", lambda event: (event.reason,)),
    Renamed: _always("NICK", lambda event: (event.new,)),
    AwayChanged: _away,
    RealnameChanged: _only_with("setname", "SETNAME", lambda event: (event.realname,)),
    AccountChanged: _only_with("account-notify", "ACCOUNT", lambda event: (event.who.account or "*",)),
    HostChanged: _host,
    Returned: _returned,
    Announced: _always("WALLOPS", lambda event: (event.text,)),
}
"""Lines of each event. What is not here is told to each connection by its conversation, or not at all."""
