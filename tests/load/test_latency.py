"""Delays: counted coarsely, told to three digits."""

from __future__ import annotations

from math import log

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.latency import BUCKETS, LONGEST, STEPS, Record


class RecordTests(SynchronousTestCase):
    """One record of delays."""

    def setUp(self) -> None:
        """An empty one."""
        self.record = Record()

    def test_nothing(self) -> None:
        """Where nothing was counted, there is nothing to tell."""
        self.assertEqual((None, None, None), (self.record.flush(), self.record.latency(), self.record.percentile(99.0)))

    def test_precision(self) -> None:
        """Any delay, from a microsecond to the longest, is told to two parts in a thousand."""
        delay = 1000
        while delay < LONGEST:
            self.record.add(delay)
            self.record.flush()
            told = self.record.percentile(50.0) or 0.0
            self.assertLessEqual(abs(told - delay / 1000), 0.51 + 0.002 * delay / 1000, f"{delay} ns are {told} µs")
            self.record.clear()
            delay = delay * 7 // 5

    def test_bounds(self) -> None:
        """The longest delay has a bucket; what is longer, or none at all, is told as the longest or the shortest."""
        self.assertLess(int(log(LONGEST) * STEPS), BUCKETS)
        for delay, told in ((LONGEST, LONGEST // 1000), (LONGEST * 1000, LONGEST // 1000), (0, 1), (-5, 1)):
            self.record.clear()
            self.record.add(delay)
            self.record.flush()
            self.assertApproximates(told, self.record.latency().max, 0.51 + told * 0.002)  # type: ignore[union-attr]

    def test_percentiles(self) -> None:
        """Of a thousand delays of 1 to 1,000 ms, each percentile is where it must be, and the points ascend."""
        for milliseconds in range(1, 1001):
            self.record.add(milliseconds * 1_000_000)
        self.assertApproximates(990_000, self.record.flush() or 0.0, 2000)
        latency = self.record.latency()
        assert latency is not None
        self.assertEqual(1000, latency.count)
        for told, milliseconds in ((latency.p50, 500), (latency.p90, 900), (latency.p99, 990), (latency.p999, 999)):
            self.assertApproximates(milliseconds * 1000, told, milliseconds * 2)
        self.assertApproximates(500_500, latency.mean, 1000)
        values = [value for _, value in latency.points]
        self.assertEqual(sorted(values), values)
        self.assertEqual((100.0, latency.max), latency.points[-1])

    def test_intervals(self) -> None:
        """`flush` tells of its interval alone, the latency of all of them."""
        self.record.add(1_000_000)
        self.record.flush()
        self.record.add(9_000_000)
        self.assertApproximates(9000, self.record.flush() or 0.0, 20)
        self.assertEqual(2, self.record.latency().count)  # type: ignore[union-attr]
