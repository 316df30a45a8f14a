"""Waiting until all that was written is sent."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.outbox import Outbox
from chatproto.transports.turn import Turn
from tests.transports.test_outbox import Pieces


class DrainedTests(SynchronousTestCase):
    """`Outbox.drained`."""

    def setUp(self) -> None:
        """An outbox on a transport in memory."""
        self.clock = Clock()
        self.transport = Pieces()
        self.outbox = Outbox(self.transport, Turn(self.clock), 1000, self.overflow)

    def overflow(self) -> None:
        """Nothing; the limit is tested elsewhere."""

    def test_at_the_end_of_the_turn(self) -> None:
        """What waits is sent when the turn is over, and then the waiting ends; all of those who wait are told."""
        self.outbox.write(b"one")
        waiting = [self.outbox.drained(), self.outbox.drained()]
        for each in waiting:
            self.assertNoResult(each)
        self.clock.advance(0)
        self.assertEqual(self.transport.pieces, [b"one"])
        for each in waiting:
            self.successResultOf(each)

    def test_nothing_waits(self) -> None:
        """Others have their turn even so."""
        drained = self.outbox.drained()
        self.assertNoResult(drained)
        self.clock.advance(0)
        self.successResultOf(drained)

    def test_full_transport(self) -> None:
        """While the transport is full, one waits, and for the end of a turn after that."""
        self.transport.full_after = 1
        self.outbox.write(b"one")
        drained = self.outbox.drained()
        self.clock.advance(0)
        self.assertNoResult(drained)
        self.outbox.resumeProducing()
        self.assertNoResult(drained)
        self.clock.advance(0)
        self.successResultOf(drained)

    def test_not_from_write(self) -> None:
        """A write ends no waiting, even of more than may be queued; nor does what is sent before the turn is over."""
        drained = self.outbox.drained()
        self.outbox.write(b"x" * 1001)
        self.assertNoResult(drained)
        self.outbox.resumeProducing()
        self.assertEqual(self.transport.pieces, [b"x" * 1001])
        self.assertNoResult(drained)
        self.clock.advance(0)
        self.successResultOf(drained)

    def test_lost(self) -> None:
        """Where the connection is lost, the waiting ends."""
        self.transport.full_after = 1
        self.outbox.write(b"one")
        drained = self.outbox.drained()
        self.clock.advance(0)
        self.outbox.stopProducing()
        self.clock.advance(0)
        self.successResultOf(drained)

    def test_after_the_loss(self) -> None:
        """Nor does anybody wait for ever who comes later."""
        self.outbox.stopProducing()
        drained = self.outbox.drained()
        self.clock.advance(0)
        self.successResultOf(drained)

    def test_more_in_between(self) -> None:
        """Who writes on when it is sent is not told before that is sent, too."""
        sent: list[list[bytes]] = []

        def write_on(result: None) -> None:
            self.outbox.write(b"two")
            self.outbox.drained().addCallback(lambda result: sent.append(list(self.transport.pieces)))
            sent.append(list(self.transport.pieces))

        self.outbox.drained().addCallback(write_on)
        self.clock.advance(0)
        self.clock.advance(0)
        self.assertEqual(sent, [[], [b"two"]])
