"""Who searches now, and who waits for that: turns that the test gives back."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import TooManySearches
from chatproto.interfaces import Asker
from chatproto.stores.turns import FROM_ONE_PLACE, WAITING, Turns


class Waiter:
    """Somebody who takes a turn, and may go away."""

    def __init__(self, turns: Turns, place: str) -> None:
        self.here = True
        self.place = place
        self.turn = Deferred.fromCoroutine(turns.take(Asker(place, lambda: self.here)))


class TurnTests(SynchronousTestCase):
    """One at a time, and somebody has the first turn."""

    def setUp(self) -> None:
        """Take the first."""
        self.turns = Turns(1)
        self.waiters: list[Waiter] = []
        self.assertTrue(self.successResultOf(self.come("first").turn))

    def come(self, *places: str) -> Waiter:
        """Somebody comes at each of these places; who was the last."""
        for place in places:
            self.waiters.append(Waiter(self.turns, place))
        return self.waiters[-1]

    def served(self) -> list[str]:
        """Whose turn it is, one after the other, until nobody waits; then a turn is free."""
        served = []
        waiting = [each for each in self.waiters if not each.turn.called]
        while waiting:
            self.turns.give_back()
            ended = [each for each in waiting if each.turn.called]
            served += [each.place for each in ended if self.successResultOf(each.turn)]
            waiting = [each for each in waiting if each not in ended]
        self.turns.give_back()
        self.assertTrue(self.successResultOf(self.come("free").turn))
        return served

    def test_places_take_turns(self) -> None:
        """However many wait at one place, those at another wait for one of them."""
        self.come("a", "a", "a", "b", "c", "b")
        self.assertEqual(self.served(), ["a", "b", "c", "a", "b", "a"])

    def test_at_one_place(self) -> None:
        """So many wait at one place, and no more; others may."""
        self.come(*["a"] * (FROM_ONE_PLACE - 1))
        self.assertNoResult(self.come("a").turn)
        self.failureResultOf(self.come("a").turn, TooManySearches)
        self.assertNoResult(self.come("b").turn)
        self.assertEqual(len(self.served()), FROM_ONE_PLACE + 1)

    def test_in_all(self) -> None:
        """So many wait at all places, and no more; when one has had its turn, one more may."""
        self.come(*map(str, range(WAITING - 1)))
        self.assertNoResult(self.come("a").turn)
        self.failureResultOf(self.come("b").turn, TooManySearches)
        self.turns.give_back()
        self.assertNoResult(self.come("c").turn)
        self.assertEqual(len(self.served()), WAITING)

    def test_gone(self) -> None:
        """Who has gone has no turn and takes nobody's place."""
        self.come("a", "b", "a")
        self.waiters[1].here = self.waiters[2].here = False
        self.assertEqual(self.served(), ["a"])
        self.assertTrue(all(each.turn.called for each in self.waiters))

    def test_gone_and_full(self) -> None:
        """So whoever comes and goes keeps nobody out."""
        for _ in range(WAITING * 3):
            gone = self.come("a")
            self.assertNoResult(gone.turn)
            gone.here = False
        self.assertNoResult(self.come("a").turn)
        self.assertEqual(self.served(), ["a"])
