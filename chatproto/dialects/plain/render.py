"""Events as the lines that people read: `12:03 <ada> hello`, with the room's name where it is not the current one."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from chatproto.dialects.plain.text import visible
from chatproto.events import (
    Event,
    Joined,
    Kind,
    Left,
    Quit,
    Renamed,
    Said,
    Stamp,
    TopicChanged,
    Whispered,
)
from chatproto.wire import Frame, Wire


def here(event: Event, stamp: Stamp) -> str:
    """An event in the room that one is talking in, or in none."""
    return f"{_clock(int(stamp.time) // 60)} {visible(_RENDER[type(event)](event))}"


def elsewhere(event: Event, stamp: Stamp) -> str:
    """An event in another of one's rooms: its name stands before it."""
    room = getattr(event, "room", "")
    where = f" {room}" if room else ""
    return f"{_clock(int(stamp.time) // 60)}{where} {visible(_RENDER[type(event)](event))}"


@lru_cache(maxsize=16)
def wires(frame: Frame) -> tuple[Wire, Wire]:
    """The two wires, `here` and `elsewhere`, of all plain links that frame lines alike."""
    return Wire(here, frame), Wire(elsewhere, frame)


def spoken(name: str, text: str, kind: Kind) -> str:
    """A line in a room. A name cannot hold `<`, `>` or a space, so nobody can speak as somebody else."""
    return f"* {name} {text}" if kind is Kind.ACTION else f"<{name}> {text}"


def whispered(who: str, text: str, kind: Kind) -> str:
    """A line for one person alone."""
    return f"{who} (whispering): {'* ' if kind is Kind.ACTION else ''}{text}"


@lru_cache(maxsize=1024)
def _clock(minute: int) -> str:
    return time.strftime("%H:%M", time.localtime(minute * 60))


def _left(event: Left) -> str:
    return f"-- {event.name} left" + (f" ({event.reason})" if event.reason else "")


def _topic(event: TopicChanged) -> str:
    return f"-- {event.name} set the topic: {event.topic}" if event.topic else f"-- {event.name} cleared the topic"


_RENDER: dict[type[Event], Callable[[Any], str]] = {
    Said: lambda event: spoken(event.sender, event.text, event.kind),
    Whispered: lambda event: whispered(event.sender, event.text, event.kind),
    Joined: lambda event: f"-- {event.name} joined",
    Left: _left,
    Quit: lambda event: f"-- {event.name} quit ({event.reason})",
    Renamed: lambda event: f"-- {event.old} is now called {event.new}",
    TopicChanged: _topic,
}
