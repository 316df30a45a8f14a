"""Who was in private talk with whom."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.rooms import correspondents
from chatproto.rooms.correspondents import ACCOUNTS, PARTNERS, Correspondents


class CorrespondentsTests(SynchronousTestCase):
    """What is remembered."""

    def setUp(self) -> None:
        """Nobody was in talk yet."""
        self.met = Correspondents()

    def test_latest_last(self) -> None:
        """Those of an account, in the order of when they were in talk last, under the name they had then."""
        for key, name in (("bob", "bob"), ("eve", "eve"), ("bob", "Bob")):
            self.met.met("ada", key, name)
        self.assertEqual(list(self.met.of("ada").items()), [("eve", "eve"), ("bob", "Bob")])
        self.assertEqual(self.met.of("bob"), correspondents.NOBODY)

    def test_bound_of_partners(self) -> None:
        """Of too many the first is forgotten."""
        for number in range(PARTNERS):
            self.met.met("ada", str(number), "")
        self.assertEqual((len(self.met.of("ada")), "0" in self.met.of("ada")), (PARTNERS, True))
        self.met.met("ada", "new", "")
        self.assertEqual((len(self.met.of("ada")), "0" in self.met.of("ada")), (PARTNERS, False))

    def test_bound_of_accounts(self) -> None:
        """The same of accounts."""
        for number in range(ACCOUNTS):
            self.met.met(str(number), "ada", "ada")
        self.assertTrue(self.met.of("0"))
        self.met.met("new", "ada", "ada")
        self.assertEqual(
            (bool(self.met.of("0")), bool(self.met.of("1")), bool(self.met.of("new"))), (False, True, True)
        )
