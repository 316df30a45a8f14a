"""Whose turn it is, and who waits for that: turns that the test gives back."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.turns import Turns

MOST, IN_ALL = 5, 20


class Full(Exception):
    """Too many wait."""


class Waiter:
    """Somebody who takes a turn, and may go away."""

    def __init__(self, turns: Turns, queue: str) -> None:
        self.here = True
        self.queue = queue
        self.turn = Deferred.fromCoroutine(turns.take(queue, lambda: self.here))


class TurnTests(SynchronousTestCase):
    """One at a time, and somebody has the first turn."""

    def setUp(self) -> None:
        """Take the first."""
        self.turns = Turns(1, Full, MOST, IN_ALL)
        self.waiters: list[Waiter] = []
        self.assertTrue(self.successResultOf(self.come("first").turn))

    def come(self, *queues: str) -> Waiter:
        """Somebody comes into each of these queues; who was the last."""
        for queue in queues:
            self.waiters.append(Waiter(self.turns, queue))
        return self.waiters[-1]

    def served(self) -> list[str]:
        """Whose turn it is, one after the other, until nobody waits; then a turn is free."""
        served = []
        waiting = [each for each in self.waiters if not each.turn.called]
        while waiting:
            self.turns.give_back()
            ended = [each for each in waiting if each.turn.called]
            served += [each.queue for each in ended if self.successResultOf(each.turn)]
            waiting = [each for each in waiting if each not in ended]
        self.turns.give_back()
        self.assertTrue(self.successResultOf(self.come("free").turn))
        return served

    def test_queues_take_turns(self) -> None:
        """However many wait in one queue, those in another wait for one of them."""
        self.come("a", "a", "a", "b", "c", "b")
        self.assertEqual(self.served(), ["a", "b", "c", "a", "b", "a"])

    def test_in_one(self) -> None:
        """So many wait in one queue, and no more; others may."""
        self.come(*["a"] * (MOST - 1))
        self.assertNoResult(self.come("a").turn)
        self.failureResultOf(self.come("a").turn, Full)
        self.assertNoResult(self.come("b").turn)
        self.assertEqual(len(self.served()), MOST + 1)

    def test_in_all(self) -> None:
        """So many wait in all queues, and no more; when one has had its turn, one more may."""
        self.come(*map(str, range(IN_ALL - 1)))
        self.assertNoResult(self.come("a").turn)
        self.failureResultOf(self.come("b").turn, Full)
        self.turns.give_back()
        self.assertNoResult(self.come("c").turn)
        self.assertEqual(len(self.served()), IN_ALL)

    def test_gone(self) -> None:
        """Who has gone has no turn and takes nobody's place in a queue."""
        self.come("a", "b", "a")
        self.waiters[1].here = self.waiters[2].here = False
        self.assertEqual(self.served(), ["a"])
        self.assertTrue(all(each.turn.called for each in self.waiters))

    def test_gone_and_full(self) -> None:
        """So whoever comes and goes keeps nobody out."""
        for _ in range(MOST * 3):
            gone = self.come("a")
            self.assertNoResult(gone.turn)
            gone.here = False
        self.assertNoResult(self.come("a").turn)
        self.assertEqual(self.served(), ["a"])

    def test_several_at_once(self) -> None:
        """As many as that have a turn at once, and one more waits; each that is given back is one for who waits."""
        turns = Turns(3, Full, MOST)
        for _ in range(3):
            self.assertTrue(self.successResultOf(Deferred.fromCoroutine(turns.take("a"))))
        waiting = [Deferred.fromCoroutine(turns.take("a")) for _ in range(3)]
        for each in waiting:
            self.assertNoResult(each)
            turns.give_back()
            self.assertTrue(self.successResultOf(each))
