"""How far people have read, in memory."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.interfaces import IMarkerStore
from chatproto.stores.markers import MemoryMarkers


class MemoryMarkersTests(SynchronousTestCase):
    """It keeps three markers of three readers each."""

    def setUp(self) -> None:
        """Begin with none."""
        self.store = MemoryMarkers(3, 3)

    def test_interface(self) -> None:
        """It is a store."""
        self.assertTrue(verifyClass(IMarkerStore, MemoryMarkers))
        self.assertTrue(verifyObject(IMarkerStore, MemoryMarkers()))

    def test_ready(self) -> None:
        """It always is."""
        self.assertIsNone(self.store.ready("ada"))  # type: ignore[func-returns-value]

    def test_forward_only(self) -> None:
        """Each reader has its own, and they never go back."""
        self.assertIsNone(self.store.find("ada", "#a"))
        for time in (5.0, 7.0, 6.0):
            self.store.move("ada", "#a", time)
        self.store.move("bob", "#a", 1.0)
        found = [self.store.find("ada", "#a"), self.store.find("ada", "#b"), self.store.find("bob", "#a")]
        self.assertEqual(found, [7.0, None, 1.0])

    def test_bound_of_markers(self) -> None:
        """Of too many the one is forgotten that was moved longest ago."""
        for buffer in ("#a", "#b", "#c", "#a"):
            self.store.move("ada", buffer, 1.0)
        self.assertEqual(self.store.find("ada", "#b"), 1.0)
        self.store.move("ada", "#d", 1.0)
        self.assertEqual([self.store.find("ada", each) for each in ("#a", "#b", "#c", "#d")], [1.0, None, 1.0, 1.0])

    def test_bound_of_readers(self) -> None:
        """The same of readers."""
        for reader in ("ada", "bob", "eve", "ada"):
            self.store.move(reader, "#a", 1.0)
        self.assertEqual(self.store.find("bob", "#a"), 1.0)
        self.store.move("tim", "#a", 1.0)
        self.assertEqual([self.store.find(each, "#a") for each in ("ada", "bob", "eve", "tim")], [1.0, None, 1.0, 1.0])
