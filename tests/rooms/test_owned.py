"""The names that belong to accounts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import BadName, Unavailable
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import key_of, person, skeleton
from chatproto.rooms.owned import NameReserved, Owned

LIMITS = RoomLimits()


class OwnedNames(SynchronousTestCase):
    """Some accounts, and people who want names."""

    def setUp(self) -> None:
        """Two that look alike: an operator may make such."""
        self.owned = Owned()
        self.owned.load([("ivan", "Ivan"), ("paula", "paula"), ("pau1a", "pau1a")])

    def may(self, account: str, name: str) -> bool:
        """Whether who is logged in to that account may have that name."""
        try:
            self.assertEqual(self.owned.open_to(account, name, LIMITS), person(name, LIMITS))
        except NameReserved:
            return False
        return True

    def test_owner(self) -> None:
        """An account's name in any case, and what looks like it, is for its owner."""
        for name in ("Ivan", "ivan", "IVAN", "lvan"):
            self.assertTrue(self.may("Ivan", name), name)
            self.assertFalse(self.may("", name), name)
            self.assertFalse(self.may("bob", name), name)
        self.assertTrue(self.may("Ivan", "bob"))
        self.assertTrue(self.may("", "bob"))

    def test_alike(self) -> None:
        """Of two accounts that look alike each has its own name, and not the other's."""
        for account, other in (("paula", "pau1a"), ("pau1a", "paula")):
            self.assertEqual((self.may(account, account), self.may(account, other)), (True, False))

    def test_sentence(self) -> None:
        """It is told whose name it is, or like whose."""
        for name, sentence, owner in (
            ("ivan", "ivan is registered. Log in if that is yours, or choose another name.", "Ivan"),
            (
                "lvan",
                "lvan is too much like Ivan, which is registered. Log in if that is yours, or choose another name.",
                "Ivan",
            ),
        ):
            error = self.assertRaises(NameReserved, self.owned.open_to, "", name, LIMITS)
            self.assertEqual((str(error), error.owner, error.name), (sentence, owner, name))

    def test_bad_name(self) -> None:
        """What is no name is refused as that."""
        self.assertRaises(BadName, self.owned.open_to, "", "a b", LIMITS)

    def test_discard(self) -> None:
        """A name is free when its account is gone; what is not there can be discarded."""
        for key in ("ivan", "ivan", "nobody"):
            self.owned.discard(key)
        self.assertTrue(self.may("", "ivan"))
        self.assertTrue(self.may("", "lvan"))
        self.assertFalse(self.may("", "paula"))
        self.assertEqual(len(self.owned), 2)

    def test_nothing_is_left(self) -> None:
        """Nothing is kept of what was added, perhaps twice, and discarded."""
        owned = Owned()
        for name in ("Ivan", "Ivan", "lvan", "раураl"):
            owned.add(key_of(name), name)
        for name in ("раураl", "Ivan", "lvan"):
            self.assertIn(name, owned)
            owned.discard(key_of(name))
            self.assertNotIn(name, owned)
        self.assertEqual((owned._names, owned._owners), ({}, {}))

    def test_alike_again(self) -> None:
        """Of two that look alike, one that stays keeps its own name when the other goes."""
        self.owned.discard("paula")
        self.assertFalse(self.may("", "pau1a"))
        self.assertFalse(self.may("", "paula"))
        self.assertEqual(skeleton("pau1a"), skeleton("paula"))

    def test_not_known(self) -> None:
        """Before they are known nobody has any name but who is logged in to it."""
        owned = Owned(known=False)
        self.assertRaises(Unavailable, owned.open_to, "", "bob", LIMITS)
        self.assertRaises(Unavailable, owned.open_to, "ada", "bob", LIMITS)
        self.assertEqual(owned.open_to("Bob", "bob", LIMITS).key, "bob")
        owned.load([])
        self.assertEqual(owned.open_to("", "bob", LIMITS).key, "bob")
