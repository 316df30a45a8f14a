"""A `Wire` is one way a connection can look: a dialect's rendering in a transport's frame.

All connections that look alike share one wire, so an event is turned into bytes once per wire and not per member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatproto.events import Event, Stamp

Render = Callable[[Event, Stamp], Iterable[str]]
"""An event as lines of a dialect, without their ends; none where the dialect shows nothing."""

Frame = Callable[[str], bytes]
"""One line of text as the bytes that a transport sends for it."""


class Wire:
    """Encodes events for all connections that look alike. Compared and hashed by identity."""

    __slots__ = ("_frame", "render")

    def __init__(self, render: Render, frame: Frame) -> None:
        self.render = render
        self._frame = frame

    def encode(self, event: Event, stamp: Stamp) -> bytes:
        """The event as bytes ready to be written, or nothing where this dialect does not show it."""
        return b"".join(map(self._frame, self.render(event, stamp)))
