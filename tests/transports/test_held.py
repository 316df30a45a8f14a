"""What is queued while something is waited for: sent in order, as soon as nothing before it is waited for."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.crowd import Crowd
from chatproto.transports.outbox import Outbox
from chatproto.transports.turn import Turn
from tests.transports.test_outbox import LIMIT, Anybody, Counted, Pieces


class HeldTests(SynchronousTestCase):
    """`Outbox.hold`."""

    def setUp(self) -> None:
        """An outbox on a transport in memory, in a crowd."""
        self.clock = Clock()
        self.transport = Pieces()
        turn = Turn(self.clock)
        self.overflow, self.given_up = Counted(), Counted()
        self.outbox = Outbox(self.transport, turn, LIMIT, self.overflow)
        self.crowd = Crowd(turn)
        self.crowd.add(Anybody(self.outbox))

    def hold(self) -> Deferred[bool]:
        """Hold it until what is returned has resolved."""
        until: Deferred[bool] = Deferred()
        Deferred.fromCoroutine(self.outbox.hold(until, self.given_up))
        return until

    def say(self, *frames: bytes) -> list[Deferred[bool]]:
        """Queue each in a turn of its own, and hold it."""
        holds = []
        for frame in frames:
            self.outbox.write(frame)
            holds.append(self.hold())
            self.clock.advance(0)
        return holds

    @property
    def sent(self) -> bytes:
        """All that the transport got."""
        return b"".join(self.transport.pieces)

    def test_held(self) -> None:
        """Nothing of this turn, or later, is sent until it has resolved; then all of it is, in order, when the turn is
        over."""
        drained = Counted()
        self.outbox.write(b"1")
        until = self.hold()
        self.crowd.write(b"2")
        self.clock.advance(0)
        self.crowd.write(b"3")
        self.clock.advance(0)
        self.outbox.write(b"4")
        self.outbox.when_drained(drained)
        self.clock.advance(0)
        self.assertEqual((self.sent, self.outbox.size, self.outbox.ready, drained.calls), (b"", 4, False, 0))
        until.callback(True)
        self.assertEqual((self.sent, drained.calls), (b"", 0))
        self.clock.advance(0)
        self.assertEqual((self.transport.pieces, self.outbox.size, drained.calls), ([b"1234"], 0, 1))
        self.assertEqual((self.outbox.ready, self.given_up.calls), (True, 0))
        self.crowd.write(b"5")
        self.clock.advance(0)
        self.assertEqual(self.transport.pieces, [b"1234", b"5"])

    def test_nothing_written_before(self) -> None:
        """It holds what comes next for its crowd, also where nothing was to be sent before, and nothing is written to
        it alone."""
        self.crowd.write(b"1")
        self.clock.advance(0)
        until = self.hold()
        self.crowd.write(b"2")
        self.clock.advance(0)
        self.assertEqual(self.sent, b"1")
        until.callback(True)
        self.clock.advance(0)
        self.assertEqual(self.sent, b"12")

    def test_drained(self) -> None:
        """Who waits until all is sent does so as long as something is held, whoever writes meanwhile."""
        (until,) = self.say(b"1")
        drained = self.outbox.drained()
        self.clock.advance(0)
        self.assertNoResult(drained)
        self.crowd.write(b"2")
        self.clock.advance(0)
        self.assertNoResult(drained)
        until.callback(True)
        self.clock.advance(0)
        self.successResultOf(drained)
        self.assertEqual(self.sent, b"12")

    def test_what_was_queued_before(self) -> None:
        """What is still on its way from the turns before goes on."""
        self.transport.full_after = 1
        self.outbox.write(b"0")
        self.clock.advance(0)
        self.outbox.write(b"1")
        self.clock.advance(0)
        self.say(b"2")
        self.outbox.resumeProducing()
        self.assertEqual(self.transport.pieces, [b"0", b"1"])

    def test_one_after_the_other(self) -> None:
        """What only the first is waited for is sent when that has resolved: who always waits for something is sent
        one thing after the other all the same."""
        first, second, third = self.say(b"1", b"2", b"3")
        self.crowd.write(b"4")
        for until, sent in ((first, b"1"), (second, b"12"), (third, b"1234")):
            until.callback(True)
            self.clock.advance(0)
            self.assertEqual(self.sent, sent)

    def test_another_order(self) -> None:
        """Nothing overtakes what came before it."""
        first, second, third = self.say(b"1", b"2", b"3")
        for until, sent in ((second, b""), (first, b"12"), (third, b"123")):
            until.callback(True)
            self.clock.advance(0)
            self.assertEqual(self.sent, sent)

    def test_several_in_a_turn(self) -> None:
        """All of them are waited for."""
        self.outbox.write(b"1")
        first = self.hold()
        self.outbox.write(b"2")
        second = self.hold()
        self.clock.advance(0)
        first.callback(True)
        self.clock.advance(0)
        self.assertEqual(self.sent, b"")
        second.callback(True)
        self.clock.advance(0)
        self.assertEqual(self.sent, b"12")

    def test_not_well(self) -> None:
        """It is told, and what is said then comes behind what waited; also where it was known at once."""
        self.given_up = Telling(self.outbox)
        (until,) = self.say(b"1")
        until.callback(False)
        self.clock.advance(0)
        self.outbox.write(b"2")
        self.successResultOf(Deferred.fromCoroutine(self.outbox.hold(succeed(False), self.given_up)))
        self.clock.advance(0)
        self.assertEqual((self.sent, self.given_up.calls), (b"1!2!", 2))

    def test_limit(self) -> None:
        """Up to half of the limit may wait. With more, nobody waits any more, which is told once for each: the peer is
        not slow."""
        for size, calls in ((LIMIT // 2 - 1, 0), (LIMIT // 2, 0), (LIMIT // 2 + 1, 2), (3 * LIMIT, 2)):
            self.setUp()
            holds = self.say(b"x", b"y")
            self.crowd.write(b"z" * (size - 2))
            self.clock.advance(0)
            self.assertEqual((self.given_up.calls, len(self.sent)), (calls, size if calls else 0))
            for until in holds:
                until.callback(False)
            self.clock.advance(0)
            self.assertEqual((self.given_up.calls, self.overflow.calls), (2, 0))
            self.assertEqual(self.sent, b"xy" + b"z" * (size - 2))

    def test_full_transport(self) -> None:
        """Who does not read is cut at the limit, held or not."""
        self.outbox.pauseProducing()
        until = self.hold()
        for size, calls in ((LIMIT - 1, 0), (1, 0), (1, 1)):
            self.outbox.write(b"x" * size)
            self.clock.advance(0)
            self.assertEqual(self.overflow.calls, calls)
        self.assertEqual(self.given_up.calls, 1)
        until.callback(True)

    def test_cleared(self) -> None:
        """What is written when all was thrown away waits for nothing."""
        (until,) = self.say(b"old")
        self.outbox.clear()
        self.outbox.write(b"new")
        self.clock.advance(0)
        self.assertEqual((self.sent, self.outbox.size), (b"new", 0))
        until.callback(True)
        self.clock.advance(0)
        self.assertEqual(self.sent, b"new")

    def test_lost(self) -> None:
        """Nothing is sent to who is not there any more."""
        (until,) = self.say(b"1")
        self.outbox.stopProducing()
        until.callback(True)
        self.clock.advance(0)
        self.assertEqual((self.sent, self.outbox.size), (b"", 0))


class Telling(Counted):
    """Who is told, and says so."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self.outbox = outbox

    def __call__(self) -> None:
        """Say it."""
        super().__call__()
        self.outbox.write(b"!")
