"""Events: what all of them have in common."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

from twisted.trial.unittest import SynchronousTestCase

from chatproto import events
from chatproto.events import Event, Joined, Quit, Said, Stamp, Who

KINDS = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)]


class EventTests(SynchronousTestCase):
    """One event object is shared by everyone who sees it."""

    def test_cannot_be_changed(self) -> None:
        """Every kind of event is frozen, hashable, and has room for its own fields only."""
        self.assertGreater(len(KINDS), 7)
        for kind in KINDS:
            event = kind(**{each.name: "text" for each in fields(kind)})
            for each in fields(kind):
                with self.assertRaises(FrozenInstanceError):
                    setattr(event, each.name, "other")
            self.assertFalse(hasattr(event, "__dict__"), kind.__name__)
            self.assertEqual({event: 1}[event], 1)

    def test_equal_if_the_same_happened(self) -> None:
        """Events are equal by kind and content."""
        self.assertEqual(Said("#a", Who("ada"), "hi"), Said("#a", Who("ada"), "hi"))
        self.assertNotEqual(Said("#a", Who("ada"), "hi"), Said("#a", Who("ada"), "ho"))
        self.assertNotEqual(Joined("ada", Who("x")), Quit(Who("ada"), "x"))

    def test_masks(self) -> None:
        """Whoever does something has a mask, by which bans are matched."""
        self.assertEqual(Who("ada", "~a", "example.org", "account").mask, "ada!~a@example.org")
        self.assertEqual(Who("ada").mask, "ada!user@localhost")

    def test_stamps_are_in_order(self) -> None:
        """Within an epoch, stamps sort by offset."""
        self.assertLess(Stamp(1, 9, 5.0), Stamp(1, 10, 5.0))

    def test_ids(self) -> None:
        """No two stamps have one id, which is one word whatever the time."""
        stamps = [Stamp(epoch, offset, 5.0) for epoch in range(1, 20) for offset in range(1, 20)]
        self.assertEqual(len({stamp.id for stamp in stamps}), len(stamps))
        self.assertEqual(Stamp(255, 17, 5.0).id, "ff-11")
        self.assertEqual(Stamp(255, 17, 6.0).id, "ff-11")
