"""Wires: events to bytes, once for all connections that look alike."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Event, Joined, Said, Stamp
from chatproto.wire import Wire

STAMP = Stamp(1, 7, 0.0)


def render(event: Event, stamp: Stamp) -> str:
    """What is said, with its number; nothing else is shown."""
    return f"{stamp.offset} {event.text}" if isinstance(event, Said) else ""


def frame(text: str) -> bytes:
    """A line that cannot be empty."""
    assert text, "nothing is framed where nothing is shown"
    return f"<{text}>".encode()


class WireTests(SynchronousTestCase):
    """`Wire.encode` and what wires are compared by."""

    def test_renders_and_frames(self) -> None:
        """An event becomes the frame of its line."""
        self.assertEqual(Wire(render, frame).encode(Said("#a", "ada", "hé"), STAMP), "<7 hé>".encode())

    def test_what_is_not_shown_is_no_frame(self) -> None:
        """An event that the dialect does not show becomes nothing, not an empty frame."""
        self.assertEqual(Wire(render, frame).encode(Joined("#a", "ada"), STAMP), b"")

    def test_compared_by_identity(self) -> None:
        """Two wires are two, even with the same parts."""
        self.assertNotEqual(Wire(render, frame), Wire(render, frame))
        self.assertEqual(len({Wire(render, frame), Wire(render, frame)}), 2)
