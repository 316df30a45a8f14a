"""Those who wait; what they wait for is tested where it is used."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.waiting import Waiting


class WaitingTests(SynchronousTestCase):
    """Those who look again when something has changed."""

    def setUp(self) -> None:
        """Nobody waits."""
        self.waiting = Waiting()
        self.place = -1
        self.went: list[int] = []

    async def go(self, number: int) -> None:
        """Wait for one's place, and give the next one theirs."""
        while self.place != number:
            await self.waiting.wait()
        self.went.append(number)
        self.place += 1
        self.waiting.tell()

    def test_those_who_change_it(self) -> None:
        """Many who wait for each other all go on, one after the other and not one within the other, whatever the order
        in which they came."""
        for most in (0, 1, 2, 300):
            for numbers in (range(most), range(most - 1, -1, -1)):
                self.place, self.went = -1, []
                answers = [Deferred.fromCoroutine(self.go(number)) for number in numbers]
                self.assertEqual(len(self.waiting), most)
                self.place = 0
                self.waiting.tell()
                self.assertEqual(self.went, list(range(most)))
                for answer in answers:
                    self.successResultOf(answer)
                self.assertEqual(len(self.waiting), 0)
