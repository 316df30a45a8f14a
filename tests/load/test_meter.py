"""What is read at both ends of the measured time."""

from __future__ import annotations

import time
from time import monotonic_ns as clock
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.latency import Record
from chatproto.load.loop import SECOND, Loop
from chatproto.load.marks import Tally
from chatproto.load.meter import Meter


class MeterTests(SynchronousTestCase):
    """A second that is measured, without any traffic."""

    def setUp(self) -> None:
        """Two tallies that have counted something before."""
        self.loop = Loop()
        self.addCleanup(self.loop.close)
        self.scene = SimpleNamespace(sent=7)
        self.first, self.second = Tally(), Tally()
        for tally in (self.first, self.second):
            tally.delivered = 5
            tally.record.add(9 * SECOND)
        self.late = Record()
        self.late.add(9 * SECOND)
        self.meter = self.metering(self.first, self.second)
        self.begin = clock()
        self.meter.begin(10.0, self.late, self.begin)

    def metering(self, *tallies: Tally) -> Meter:
        """A meter of these."""
        scene: Any = self.scene
        return Meter(self.loop, scene, tallies, None)

    def test_before(self) -> None:
        """What was before the measured time is forgotten: delays of all tallies, lines, and how late they were."""
        for tally, delivered in ((self.first, 1), (self.second, 2)):
            tally.delivered += delivered
            tally.record.add(1_000_000)
        self.scene.sent += 4
        self.meter.end(self.begin + SECOND)
        self.assertEqual((4, 3, 1.0), (self.meter.sent, self.meter.delivered, self.meter.seconds))
        self.assertEqual((1, 2), (self.meter.delivered_of(self.first), self.meter.delivered_of(self.second)))
        self.assertEqual(0.0, self.meter.late)
        for tally in (self.first, self.second):
            tally.record.flush()
            self.assertEqual(1, tally.record.latency().count)  # type: ignore[union-attr]

    def test_client(self) -> None:
        """Of this program, CPU time counts from the start of the measured time; it is busy while it does not wait."""
        spent = time.thread_time()
        self.assertGreater(spent, 0.05, "the tests have used that much so far")
        self.loop.waited += SECOND // 4
        self.meter.end(self.begin + SECOND)
        self.assertLess(self.meter.client().cpu, spent)
        self.assertApproximates(0.75, self.meter.client().busy, 0.01)

    def test_no_time(self) -> None:
        """Where nothing was measured there is nothing to tell."""
        meter = self.metering(self.first)
        self.assertEqual((0, 0.0), (meter.delivered_of(self.first), meter.client().busy))
