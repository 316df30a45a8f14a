"""A `Wire` is one way a connection can look: a dialect's rendering in a transport's frame.

All connections that look alike share one wire, so an event is turned into bytes once per wire and not per member.
"""

from __future__ import annotations

from collections.abc import Callable

from chatproto.events import Event, Stamp

Render = Callable[[Event, Stamp], str]
"""An event as one line of a dialect, without its end; an empty text where the dialect shows nothing."""

Frame = Callable[[str], bytes]
"""One line of text as the bytes that a transport sends for it."""


class Wire:
    """Encodes events for all connections that look alike. Compared and hashed by identity."""

    __slots__ = ("_frame", "_render")

    def __init__(self, render: Render, frame: Frame) -> None:
        self._render = render
        self._frame = frame

    def encode(self, event: Event, stamp: Stamp) -> bytes:
        """The event as bytes ready to be written, or nothing where this dialect does not show it."""
        text = self._render(event, stamp)
        return self._frame(text) if text else b""
