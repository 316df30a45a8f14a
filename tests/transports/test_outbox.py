"""What is queued for one socket: joined once per turn, in order, bounded; in memory and on real sockets."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.crowd import Crowd
from chatproto.transports.outbox import CHUNK, Outbox
from chatproto.transports.turn import Turn
from tests.transports import HandReactor, Wire

LIMIT = 1000


class Pieces(StringTransport):
    """A transport that remembers in which pieces it was written to, and is full when a test says so."""

    producer: Any

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.full_after = 1_000_000
        """Bytes in one piece after which its producer is told to pause."""

    def write(self, data: bytes) -> None:
        """Remember the piece."""
        self.pieces.append(data)
        if len(data) >= self.full_after:
            self.producer.pauseProducing()


class Broken(StringTransport):
    """A transport that fails in a way that no transport should."""

    def write(self, data: bytes) -> None:
        """Fail."""
        raise RuntimeError("broken transport")


class Counted:
    """What an outbox calls when it is too full."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> None:
        """Count."""
        self.calls += 1


class Anybody:
    """A link, as a crowd sees it."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox


def made(transport: Any, clock: IReactorTime, limit: int = LIMIT) -> tuple[Outbox, Counted]:
    """An outbox on `transport`."""
    overflow = Counted()
    return Outbox(transport, Turn(clock), limit, overflow), overflow


class OnAnyTransport(SynchronousTestCase):
    """An outbox whose transport is not a plain socket: TLS, for example."""

    def setUp(self) -> None:
        """An outbox on a transport in memory."""
        self.clock = Clock()
        self.transport = Pieces()
        self.outbox, self.overflow = made(self.transport, self.clock)

    def test_one_write_per_turn(self) -> None:
        """What is queued in a turn is sent joined, in order, when the turn is over, and not before."""
        for data in (b"one ", b"two ", b"three"):
            self.outbox.write(data)
        self.assertEqual((self.transport.pieces, self.outbox.size), ([], 13))
        self.clock.advance(0)
        self.assertEqual((self.transport.pieces, self.outbox.size), ([b"one two three"], 0))
        self.outbox.write(b"four")
        self.clock.advance(0)
        self.assertEqual(self.transport.pieces, [b"one two three", b"four"])

    def test_no_turn_without_anything_to_send(self) -> None:
        """An outbox that has nothing costs no calls."""
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.outbox.write(b"one")
        self.clock.advance(0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_pausing(self) -> None:
        """While the transport is full nothing is written to it; then all of it is, in order. Twisted says that it is
        full on every write while it is: saying it again changes nothing."""
        self.outbox.write(b"one ")
        for _ in range(3):
            self.outbox.pauseProducing()
            self.outbox.write(b"two ")
            self.clock.advance(0)
        self.assertEqual(self.transport.pieces, [])
        self.assertEqual(self.outbox.size, 16)
        self.outbox.resumeProducing()
        self.assertEqual(self.transport.pieces, [b"one two two two "])
        self.assertEqual(self.outbox.size, 0)
        self.outbox.resumeProducing()
        self.assertEqual(len(self.transport.pieces), 1)

    def test_large_queue_goes_out_in_chunks(self) -> None:
        """No piece is larger than a chunk, none has half a frame, and a transport that is full gets no more."""
        outbox, overflow = made(transport := Pieces(), self.clock, limit=10 * CHUNK)
        transport.full_after = 65_000
        frame = b"x" * 999 + b"\n"
        for _ in range(200):
            outbox.write(frame)
        for chunk in range(1, 4):
            self.clock.advance(0)
            self.assertEqual([len(piece) for piece in transport.pieces], [65_000] * chunk)
            self.assertEqual(outbox.size, 200_000 - chunk * 65_000)
            outbox.resumeProducing() if chunk < 3 else None
        outbox.resumeProducing()
        self.assertEqual(b"".join(transport.pieces), frame * 200)
        self.assertEqual(overflow.calls, 0)

    def test_limit(self) -> None:
        """While the transport is full n-1 and n bytes may wait; n+1 are too many."""
        for size, calls in ((LIMIT - 1, 0), (LIMIT, 0), (LIMIT + 1, 1)):
            outbox, overflow = made(Pieces(), self.clock)
            outbox.pauseProducing()
            outbox.write(b"x" * 10)
            outbox.write(b"x" * (size - 10))
            self.assertEqual(overflow.calls, 0)
            self.clock.advance(0)
            self.assertEqual((overflow.calls, outbox.size), (calls, size))

    def test_overflow_is_no_fault_of_a_transport_that_takes_all(self) -> None:
        """More than the limit in one turn is sent at its end, if the transport takes it; the order stays."""
        frames = [b"%0400d" % number for number in range(5)]
        for frame in frames:
            self.outbox.write(frame)
        self.clock.advance(0)
        self.assertEqual(self.overflow.calls, 0)
        self.assertEqual(self.transport.pieces, [b"".join(frames)])

    def test_clear(self) -> None:
        """What waits is thrown away, and what is written after it is sent."""
        self.outbox.pauseProducing()
        self.outbox.write(b"old")
        self.outbox.clear()
        self.assertEqual(self.outbox.size, 0)
        self.outbox.write(b"new")
        self.outbox.resumeProducing()
        self.assertEqual(self.transport.pieces, [b"new"])

    def test_when_drained_at_once(self) -> None:
        """What waits is sent, and then the call comes, without waiting for the end of the turn."""
        seen: list[list[bytes]] = []
        self.outbox.write(b"last")
        self.outbox.when_drained(lambda: seen.append(list(self.transport.pieces)))
        self.assertEqual(seen, [[b"last"]])
        self.clock.advance(0)
        self.outbox.resumeProducing()
        self.assertEqual(len(seen), 1)
        self.assertEqual(self.transport.pieces, [b"last"])

    def test_when_drained_later(self) -> None:
        """While the transport is full the call does not come, even if nothing waits here."""
        drained = Counted()
        self.outbox.pauseProducing()
        self.outbox.when_drained(drained)
        self.clock.advance(0)
        self.assertEqual(drained.calls, 0)
        self.outbox.resumeProducing()
        self.assertEqual(drained.calls, 1)

    def test_lost_connection(self) -> None:
        """Nothing is kept for a connection that is lost, and nothing is written to it."""
        self.outbox.write(b"one")
        self.outbox.stopProducing()
        self.assertEqual(self.outbox.size, 0)
        self.outbox.write(b"two")
        self.clock.advance(0)
        self.assertEqual(self.transport.pieces, [])

    def test_nothing_is_left_for_the_garbage_collector(self) -> None:
        """What belonged to a connection is gone with it: a large server cannot wait for a collection."""
        gc.disable()
        self.addCleanup(gc.enable)
        outbox, overflow = made(transport := Pieces(), self.clock)
        outbox.write(b"line")
        self.clock.advance(0)
        outbox.stopProducing()
        transport.producer, gone = None, ref(overflow)
        del outbox, overflow
        self.assertIsNone(gone())

    def test_handed_over(self) -> None:
        """Another link goes on with what is queued: it is sent, and the new one is told of an overflow, and waits for
        itself only."""
        first, second = Counted(), Counted()
        self.outbox.pauseProducing()
        self.outbox.write(b"greeting ")
        self.outbox.when_drained(first)
        self.outbox.deafen()
        self.outbox.hand_over(second)
        crowd = Crowd(Turn(self.clock))
        crowd.add(Anybody(self.outbox))
        crowd.write(b"x" * LIMIT)
        self.clock.advance(0)
        self.assertEqual((self.overflow.calls, second.calls), (0, 1))
        self.outbox.resumeProducing()
        self.assertEqual(first.calls, 0)
        self.assertEqual(self.transport.pieces, [b"greeting " + b"x" * LIMIT])

    def test_producer(self) -> None:
        """It is the transport's push producer until it is released."""
        self.assertIs(self.transport.producer, self.outbox)
        self.assertTrue(self.transport.streaming)
        self.outbox.release()
        self.assertIsNone(self.transport.producer)


class OnASocket(SynchronousTestCase):
    """An outbox that sends to the kernel itself."""

    def setUp(self) -> None:
        """An outbox on a socket."""
        self.reactor = HandReactor()
        self.wire = Wire(self.reactor, Protocol())
        self.addCleanup(self.wire.close)
        self.outbox, self.overflow = made(self.wire.transport, self.reactor, limit=500_000)

    def fill(self, total: int) -> bytes:
        """Queue numbered lines of that many bytes together, and end the turn."""
        data = b"".join(b"%07d\n" % number for number in range(total // 8))
        for at in range(0, len(data), 8):
            self.outbox.write(data[at : at + 8])
        self.reactor.advance(0)
        return data

    def test_one_send_per_turn(self) -> None:
        """A turn costs one send(2), and the reactor is not asked whether the socket can be written to."""
        for data in (b"one ", b"two ", b"three"):
            self.outbox.write(data)
        self.assertEqual(self.wire.socket.sends, 0)
        self.reactor.advance(0)
        self.assertEqual(self.wire.socket.sends, 1)
        self.assertNotIn(self.wire.transport, self.reactor.writers)
        self.assertEqual(self.wire.read(), b"one two three")

    def test_part_that_is_not_taken(self) -> None:
        """What the kernel does not take waits until the socket can be written to, and the order stays exact."""
        data = self.fill(100_000)
        self.assertEqual(self.wire.socket.sends, 1)
        self.assertIn(self.wire.transport, self.reactor.writers)
        self.outbox.write(b"behind")
        self.reactor.advance(0)
        self.assertEqual(self.wire.socket.sends, 1)
        self.assertEqual(self.wire.read_all(), data + b"behind")
        self.assertNotIn(self.wire.transport, self.reactor.writers)
        self.assertEqual(self.outbox.size, 0)

    def test_send_that_would_block(self) -> None:
        """EAGAIN is no error: nothing is lost, nothing is sent twice, and no send is tried until there is room."""
        self.wire.socket.setblocking(False)
        filler = 0
        while True:
            try:
                filler += self.wire.socket.send(b"." * 100)
            except BlockingIOError:
                break
        before = self.wire.socket.sends
        for data in (b"one ", b"two ", b"three "):
            self.outbox.write(data)
            self.reactor.advance(0)
        self.assertEqual(self.wire.socket.sends, before + 1)
        self.assertIsNone(self.wire.transport.doWrite())
        self.assertEqual(self.wire.transport.connected, 1)
        self.assertEqual(self.wire.read_all(), b"." * filler + b"one two three ")

    def test_first_send_when_there_is_room_is_direct_again(self) -> None:
        """After a stall the reactor is left alone again."""
        self.fill(100_000)
        self.wire.read_all()
        sends = self.wire.socket.sends
        self.outbox.write(b"again")
        self.reactor.advance(0)
        self.assertEqual(self.wire.socket.sends, sends + 1)
        self.assertNotIn(self.wire.transport, self.reactor.writers)
        self.assertEqual(self.wire.read(), b"again")

    def test_limit(self) -> None:
        """While the socket is full n-1 and n bytes may wait; n+1 are too many."""
        for size, calls in ((499_999, 0), (500_000, 0), (500_001, 1)):
            wire = Wire(self.reactor, Protocol())
            self.addCleanup(wire.close)
            outbox, overflow = made(wire.transport, self.reactor, limit=500_000)
            outbox.write(b"x" * 100_000)
            self.reactor.advance(0)
            self.assertEqual(outbox.size, 0)
            outbox.write(b"x" * (size - 10))
            outbox.write(b"x" * 10)
            self.assertEqual((outbox.size, overflow.calls), (size, 0))
            self.reactor.advance(0)
            self.assertEqual((outbox.size, overflow.calls), (size, calls))

    def test_overflow_only_after_a_flush_was_tried(self) -> None:
        """A peer that reads is never called slow because much was written in one turn."""
        wire = Wire(self.reactor, Protocol(), buffer=100_000)
        self.addCleanup(wire.close)
        outbox, overflow = made(wire.transport, self.reactor, limit=1000)
        for _ in range(20):
            outbox.write(b"x" * 500)
        self.assertEqual(overflow.calls, 0)
        self.reactor.advance(0)
        self.assertEqual(wire.read_all(), b"x" * 10_000)

    def test_peer_that_has_gone(self) -> None:
        """Sending to nobody raises nothing here: Twisted meets the same error and tells that the connection is lost."""
        self.wire.peer.close()
        self.outbox.write(b"into the void")
        self.reactor.advance(0)
        self.assertIn(self.wire.transport, self.reactor.writers)
        self.wire.writable()
        self.assertEqual(self.wire.transport.disconnected, 1)
        self.outbox.write(b"more")
        self.reactor.advance(0)
        self.assertNotIn(self.wire.transport, self.reactor.writers)

    def test_when_drained_waits_for_the_kernel(self) -> None:
        """The call comes when the last byte has left the process."""
        drained = Counted()
        data = self.fill(100_000)
        self.outbox.when_drained(drained)
        self.assertEqual(drained.calls, 0)
        self.assertEqual(self.wire.read_all(), data)
        self.assertEqual(drained.calls, 1)
