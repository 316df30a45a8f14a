"""Wires: events to bytes, once for all connections that look alike."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Event, Joined, Said, Stamp, Who
from chatproto.wire import Wire

STAMP = Stamp(1, 7, 0.0)


def render(event: Event, stamp: Stamp) -> list[str]:
    """What is said, a line for each of its own, with its number; nothing else is shown."""
    return [f"{stamp.offset} {line}" for line in event.text.split("\n")] if isinstance(event, Said) else []


def frame(text: str) -> bytes:
    """A line that cannot be empty."""
    assert text, "nothing is framed where nothing is shown"
    return f"<{text}>".encode()


class WireTests(SynchronousTestCase):
    """`Wire.encode` and what wires are compared by."""

    def test_renders_and_frames(self) -> None:
        """An event becomes the frame of its line, or the frames of its lines, one behind the other."""
        self.assertEqual(Wire(render, frame).encode(Said("#a", Who("ada"), "hé"), STAMP), "<7 hé>".encode())
        two = Said("#a", Who("ada"), "one\ntwo")
        self.assertEqual(Wire(render, frame).encode(two, STAMP), b"<7 one><7 two>")

    def test_what_is_not_shown_is_no_frame(self) -> None:
        """An event that the dialect does not show becomes nothing, not an empty frame."""
        self.assertEqual(Wire(render, frame).encode(Joined("#a", Who("ada")), STAMP), b"")

    def test_compared_by_identity(self) -> None:
        """Two wires are two, even with the same parts."""
        self.assertNotEqual(Wire(render, frame), Wire(render, frame))
        self.assertEqual(len({Wire(render, frame), Wire(render, frame)}), 2)
