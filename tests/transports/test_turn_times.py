"""How long turns were: since somebody asked last, and no more of them than are kept."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.turn_times import KEPT, Told, TurnTimes


class Times(SynchronousTestCase):
    """What one is told of turns."""

    def test_nothing(self) -> None:
        """Where there was no turn all figures are 0."""
        self.assertEqual(TurnTimes().ask(), Told(0, 0.0, 0.0, 0.0))

    def test_since_the_last_time(self) -> None:
        """The median, the 99th percentile and the longest, in whatever order they came; once told it is forgotten."""
        times = TurnTimes()
        for thousandth in (*range(200, 100, -1), *range(1, 101)):
            times.add(thousandth / 1000)
        self.assertEqual(times.ask(), Told(200, 0.101, 0.199, 0.2))
        times.add(0.5)
        self.assertEqual(times.ask(), Told(1, 0.5, 0.5, 0.5))
        self.assertEqual(times.ask(), Told(0, 0.0, 0.0, 0.0))

    def test_bound(self) -> None:
        """Of more turns than are kept the latest count, but for their number and the longest of all."""
        for number, median in ((KEPT - 1, 2.0), (KEPT, 2.0), (KEPT + 1, 2.0)):
            times = TurnTimes()
            times.add(9.0)
            for _ in range(number - 1):
                times.add(median)
            told = times.ask()
            self.assertEqual((told.turns, told.median, told.longest), (number, median, 9.0))
            self.assertLessEqual(len(times._latest), KEPT)
        times = TurnTimes()
        times.add(1.0)
        for _ in range(KEPT):
            times.add(2.0)
        self.assertNotIn(1.0, times._latest)
