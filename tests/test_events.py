"""Events: what all of them have in common."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

from twisted.trial.unittest import SynchronousTestCase

from chatproto import events
from chatproto.events import Ending, Event, Joined, Quit, Said, Stamp

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
        self.assertEqual(Said("#a", "ada", "hi"), Said("#a", "ada", "hi"))
        self.assertNotEqual(Said("#a", "ada", "hi"), Said("#a", "ada", "ho"))
        self.assertNotEqual(Joined("ada", "x"), Quit("ada", "x"))

    def test_stamps_are_in_order(self) -> None:
        """Within an epoch, stamps sort by offset."""
        self.assertLess(Stamp(1, 9, 5.0), Stamp(1, 10, 5.0))


class EndingTests(SynchronousTestCase):
    """Reasons that other people are shown."""

    def test_each_has_its_own_words(self) -> None:
        """No two endings are shown alike: an alias would make two of them one."""
        self.assertEqual(len(Ending.__members__), len(list(Ending)))
        self.assertTrue(all(ending.value for ending in Ending))
