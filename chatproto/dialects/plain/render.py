"""Events as the lines that people read: `12:03 <ada> hello`, with the room's name where it is not the current one."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from chatproto.dialects.plain.text import visible
from chatproto.dialects.plain.words import change_of, status_of
from chatproto.events import (
    Announced,
    Event,
    Invited,
    Joined,
    Kicked,
    Kind,
    Left,
    ModesChanged,
    Quit,
    Renamed,
    RoomRenamed,
    Said,
    Stamp,
    TopicChanged,
    Whispered,
)
from chatproto.rooms.formatting import plain_text
from chatproto.wire import Frame, Wire

FOR_PEOPLE = (Kind.PLAIN, Kind.ACTION, Kind.NOTICE)
"""The kinds of messages that are shown."""

QUIT = "Quit"
"""With this begins the reason of a quit that a person gave, in all dialects; what the server gives does not."""


SERVER = "the server"
"""Who does what nobody does. No name has a space in it."""


def here(event: Event, stamp: Stamp) -> list[str]:
    """An event in the room that one is talking in, or in none."""
    return _at(stamp, "", _lines(event))


def elsewhere(event: Event, stamp: Stamp) -> list[str]:
    """An event in another of one's rooms: its name stands before it."""
    return _at(stamp, getattr(event, "room", ""), _lines(event))


def to_one(event: Event, stamp: Stamp, *, current: bool) -> list[str]:
    """An event that concerns one person more than others: an invitation, being put out, where one's room went.
    `current` tells whether one is talking in its room."""
    room = "" if current or isinstance(event, Invited) else getattr(event, "room", "")
    return _at(stamp, room, [_TO_ONE[type(event)](event)])


def _at(stamp: Stamp, room: str, lines: list[str]) -> list[str]:
    before = f"{_clock(int(stamp.time) // 60)} {room}{' ' if room else ''}"
    return [before + visible(plain_text(line)) for line in lines]


def _lines(event: Event) -> list[str]:
    render = _RENDER.get(type(event))
    return render(event) if render else []


@lru_cache(maxsize=16)
def wires(frame: Frame) -> tuple[Wire, Wire]:
    """The two wires, `here` and `elsewhere`, of all plain links that frame lines alike."""
    return Wire(here, frame), Wire(elsewhere, frame)


def spoken(name: str, text: str, kind: Kind, to: str = "") -> str:
    """A line in a room, or for those of its members that `to` names. A name cannot hold `<`, `>`, `(` or a space, so
    nobody can speak as somebody else."""
    if kind is Kind.NOTICE or to:
        return _apart(name, text, kind, to)
    return f"* {name} {text}" if kind is Kind.ACTION else f"<{name}> {text}"


def whispered(name: str, text: str, kind: Kind) -> str:
    """A line for one person alone."""
    return _apart(name, text, kind, "whispering")


def _apart(name: str, text: str, kind: Kind, how: str) -> str:
    """A line that is not like the others of a room."""
    notice = "notice" if kind is Kind.NOTICE else ""
    return f"{name} ({', '.join(filter(None, (how, notice)))}): {'* ' if kind is Kind.ACTION else ''}{text}"


@lru_cache(maxsize=1024)
def _clock(minute: int) -> str:
    return time.strftime("%H:%M", time.localtime(minute * 60))


def _said(event: Said) -> list[str]:
    to = f"to {status_of(event.to)}s" if event.to else ""
    return [spoken(speaker(event), text, event.kind, to) for text in _texts(event)]


def _whispered(event: Whispered) -> list[str]:
    return [whispered(speaker(event), text, event.kind) for text in _texts(event)]


def speaker(event: Said | Whispered) -> str:
    """Who speaks as another is shown with both names, whatever the other is: nobody can speak as somebody else."""
    return f"{event.who.name} as {event.speaker}" if event.speaker else event.who.name


def _texts(event: Said | Whispered) -> list[str]:
    """The lines of a message. What programs ask of each other is nothing for people."""
    return event.text.split("\n") if event.kind in FOR_PEOPLE else []


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _topic(event: TopicChanged) -> list[str]:
    if event.topic:
        return [f"-- {event.who.name} set the topic: {event.topic}"]
    return [f"-- {event.who.name} cleared the topic"]


def _quit(event: Quit) -> list[str]:
    """What a person wrote stands behind a colon, what the server says in parentheses: neither looks like the other."""
    if event.reason in (QUIT, f"{QUIT}: "):
        return [f"-- {event.who.name} quit"]
    if event.reason.startswith(f"{QUIT}: "):
        return [f"-- {event.who.name} quit{event.reason.removeprefix(QUIT)}"]
    return [f"-- {event.who.name} quit{_because(event.reason)}"]


_RENDER: dict[type[Event], Callable[[Any], list[str]]] = {
    Said: _said,
    Whispered: _whispered,
    Joined: lambda event: [f"-- {event.who.name} joined"],
    Left: lambda event: [f"-- {event.who.name} left{_because(event.reason)}"],
    Kicked: lambda event: [f"-- {event.who.name} put {event.target} out{_because(event.reason)}"],
    ModesChanged: lambda event: [f"-- {event.who.name or SERVER} {change_of(change)}" for change in event.changes],
    Invited: lambda event: [f"-- {event.who.name} invited {event.target}"],
    Quit: _quit,
    Renamed: lambda event: [f"-- {event.who.name} is now called {event.new}"],
    TopicChanged: _topic,
    Announced: lambda event: [f"-- {event.who.name} tells everyone: {event.text}"],
}

_TO_ONE: dict[type[Event], Callable[[Any], str]] = {
    Invited: lambda event: f"-- {event.who.name} invites you into {event.room}: /join {event.room}",
    Kicked: lambda event: f"-- {event.who.name} put you out{_because(event.reason)}",
    RoomRenamed: lambda event: f"-- {event.who.name} renamed the room to {event.new}{_because(event.reason)}",
}
"""Events that a connection is told by `own` alone."""
