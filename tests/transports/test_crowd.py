"""What is queued for many at once: as if it had been queued for each of them, and sent in as many turns as it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import Protocol
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.crowd import AT_ONCE, JOINED, Crowd, pieces
from chatproto.transports.outbox import CHUNK, Outbox
from chatproto.transports.turn import SENDING_SECONDS, Turn
from tests.transports import HandReactor, Wire
from tests.transports.test_outbox import Pieces
from tests.transports.test_turn import Costly, Member, Turning


class Together(SynchronousTestCase):
    """What the members of a crowd are sent, and when."""

    def setUp(self) -> None:
        """A crowd of three."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.crowd = Crowd(self.turn)
        self.members = [self.join() for _ in range(3)]

    def join(self, transport: Any = None, limit: int = 1_000_000) -> Member:
        """One more in it."""
        member = Member(self.turn, transport or Pieces(), limit)
        self.crowd.add(member)
        return member

    def pieces(self) -> list[list[bytes]]:
        """What each was sent, write by write."""
        return [member.transport.pieces for member in self.members]

    def test_one_write_per_turn(self) -> None:
        """What is queued in a turn is sent joined when the turn is over, and not before."""
        self.crowd.write(b"one ")
        self.crowd.write(b"two")
        self.assertEqual(self.pieces(), [[]] * 3)
        self.assertEqual(self.clock.turns(), 1)
        self.assertEqual(self.pieces(), [[b"one two"]] * 3)
        self.crowd.write(b"three")
        self.clock.turns()
        self.assertEqual(self.pieces(), [[b"one two", b"three"]] * 3)

    def test_with_own_answers(self) -> None:
        """What is queued for one alone is in its place, and goes out with the rest in one write."""
        ada, bob, _ = self.members
        ada.outbox.write(b"1")
        self.crowd.write(b"2", skip=ada)
        self.crowd.write(b"3", skip=bob)
        bob.outbox.write(b"4")
        self.crowd.write(b"5")
        self.clock.turns()
        self.assertEqual(self.pieces(), [[b"135"], [b"245"], [b"235"]])

    def test_in_several(self) -> None:
        """Who is in several crowds gets all in order, in one write."""
        ada, bob, _ = self.members
        other = Crowd(self.turn)
        other.add(bob)
        other.add(ada)
        for number in range(8):
            (other if number % 3 else self.crowd).write(b"%d" % number, skip=ada if number == 4 else None)
        self.clock.turns()
        self.assertEqual(self.pieces(), [[b"0123567"], [b"01234567"], [b"036"]])
        other.discard(bob)
        other.write(b"8")
        self.crowd.write(b"9")
        self.clock.turns()
        self.assertEqual(self.pieces(), [[b"0123567", b"89"], [b"01234567", b"9"], [b"036", b"9"]])

    def test_who_is_skipped_and_nothing_else(self) -> None:
        """Is sent nothing, then or later."""
        self.crowd.write(b"one", skip=self.members[0])
        self.clock.turns()
        self.assertEqual(self.pieces(), [[], [b"one"], [b"one"]])

    def test_large(self) -> None:
        """What is more than a chunk goes out in whole frames, a chunk at a time, and to who is full not at all."""
        frame = b"x" * 999 + b"\n"
        self.members[0].outbox.pauseProducing()
        for _ in range(CHUNK // 1000 + 1):
            self.crowd.write(frame)
        self.clock.turns()
        self.assertEqual([len(piece) for piece in self.members[1].transport.pieces], [65_000, 1_000])
        self.crowd.write(frame * 65 + b"x" * 535 + b"\n")
        self.crowd.write(b"1234567890")
        self.clock.turns()
        self.assertEqual([len(piece) for piece in self.members[1].transport.pieces], [65_000, 1_000, 65_536, 10])
        self.assertEqual(self.members[0].transport.pieces, [])
        self.members[0].outbox.resumeProducing()
        self.assertEqual(self.members[0].sent, self.members[1].sent)

    def test_limit(self) -> None:
        """It holds for what is queued for all, too: n-1 and n bytes may wait when a turn is over, n+1 are too many."""
        for size, calls in ((999, 0), (1000, 0), (1001, 1)):
            full, well = self.join(limit=1000), self.join(limit=1000)
            full.outbox.pauseProducing()
            self.crowd.write(b"x" * 10)
            full.outbox.write(b"x" * 10)
            self.crowd.write(b"x" * (size - 20))
            self.assertEqual(full.overflows, 0)
            self.clock.turns()
            self.assertEqual((full.overflows, full.outbox.size), (calls, size))
            self.assertEqual((well.overflows, len(well.sent)), (0, size - 10))
            self.crowd.discard(full)

    def test_limit_when_the_transport_resumes(self) -> None:
        """It is looked at also where the transport takes a part of what was queued, before the turn is over."""
        for size, calls in ((999, 0), (1000, 0), (1001, 1)):
            member = self.join(limit=1000)
            member.transport.full_after = 1
            member.outbox.pauseProducing()
            self.crowd.write(b"x" * CHUNK)
            self.crowd.write(b"x" * size)
            member.outbox.resumeProducing()
            self.assertEqual((member.overflows, member.outbox.size), (0, size))
            self.clock.turns()
            self.assertEqual((member.overflows, member.outbox.size), (calls, size))
            self.crowd.discard(member)

    def test_limit_where_somebody_waits(self) -> None:
        """And also where what was queued is to be sent before the turn is over, and cannot be."""
        for size, calls in ((999, 0), (1000, 0), (1001, 1)):
            member = self.join(limit=1000)
            member.outbox.pauseProducing()
            self.crowd.write(b"x" * size)
            member.outbox.when_drained(lambda: None)
            self.assertEqual((member.overflows, member.outbox.size), (0, size))
            self.clock.turns()
            self.assertEqual((member.overflows, member.outbox.size), (calls, size))
            self.crowd.discard(member)

    def test_ready(self) -> None:
        """Who is in one crowd only, and has nothing else, is written to without a detour; so again after anything."""
        outbox, other = self.members[0].outbox, Crowd(self.turn)

        def write_and_clear() -> None:
            outbox.write(b"own")
            outbox.clear()

        def turn_and_flush() -> None:
            self.clock.turn()
            outbox.flush()

        things: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "an own answer": (lambda: outbox.write(b"own"), self.clock.turn),
            "another crowd": (lambda: other.add(self.members[0]), lambda: other.discard(self.members[0])),
            "a full transport": (outbox.pauseProducing, outbox.resumeProducing),
            "who awaits something": (outbox.drained, turn_and_flush),
            "more than a chunk": (lambda: outbox.write(b"x" * (CHUNK + 1)), self.clock.turn),
            "what was thrown away": (write_and_clear, self.clock.turn),
        }
        for name, (begin, end) in things.items():
            self.assertTrue(outbox.ready, name)
            begin()
            self.assertFalse(outbox.ready, name)
            end()
        self.assertTrue(outbox.ready)
        for never in (outbox.deafen, outbox.stopProducing):
            never()
            outbox.flush()
            self.assertFalse(outbox.ready)

    def test_one_who_fails(self) -> None:
        """The others are sent what was said all the same, small as the crowd may be or large, and what comes later."""
        for size in (10, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, AT_ONCE + 10):
            crowd = Crowd(self.turn)
            members = [Member(self.turn, Pieces()) for _ in range(size)]
            for member in members:
                crowd.add(member)

            class Broken(Pieces):
                def write(self, data: bytes) -> None:
                    raise RuntimeError("broken")

            members[5].transport = members[5].outbox._transport = Broken()
            for data in (b"one", b"two"):
                crowd.write(data)
                with self.assertRaises(RuntimeError):
                    self.clock.turn()
                self.clock.turns()
            del members[5]
            self.assertEqual([member.transport.pieces for member in members], [[b"one", b"two"]] * (size - 1))

    def test_said_by_one_who_was_waited_for(self) -> None:
        """What is said while a crowd is sent to, by somebody who waited until all was sent, reaches all, once; and who
        goes at that moment gets nothing of it."""
        for more in (0, 2 * AT_ONCE):
            crowd, slow = Crowd(self.turn), Member(self.turn, Costly(self.clock, SENDING_SECONDS * 2))
            members = [Member(self.turn, Pieces()) for _ in range(10 + more)]
            for member in members:
                crowd.add(member)
            members[7].outbox.write(b"0")
            crowd.write(b"1")
            self.clock.turn()

            def speak(result: None, crowd: Crowd = crowd, gone: Member = members[8]) -> None:
                crowd.discard(gone)
                crowd.write(b"4")

            slow.outbox.write(b"it takes all the time there is for own answers")
            crowd.write(b"2", skip=members[7])
            members[5].outbox.drained().addCallback(speak)
            crowd.write(b"3", skip=members[6])
            self.clock.turns()
            special = {6: b"124", 7: b"0134", 8: b"123"}
            self.assertEqual([member.sent for member in members], [special.get(n, b"1234") for n in range(10 + more)])


class Joining(SynchronousTestCase):
    """What waits for many is joined once."""

    def test_pieces(self) -> None:
        """As few as can be, in order, of whole frames: n-1 and n bytes are one chunk, n+1 are two."""
        half = CHUNK // 2
        for size, lengths in ((half - 1, [CHUNK - 1]), (half, [CHUNK]), (half + 1, [half, half + 1])):
            self.assertEqual([len(piece) for piece in pieces([b"x" * half, b"y" * size])], lengths)
        large = b"x" * (CHUNK + 1)
        self.assertEqual(pieces([b"1", large, b"2", b"3", large, large]), [b"1", large, b"23", large, large])
        self.assertEqual(pieces([b"1", b"2"]), [b"12"])
        self.assertEqual(pieces([]), [])

    def test_once_for_all_who_lack_the_same(self) -> None:
        """Also where some lack something else, as those do who spoke; and it is not kept for the next turn."""
        clock = Turning()
        turn = Turn(clock)
        crowd = Crowd(turn)
        members = [Member(turn, Pieces()) for _ in range(AT_ONCE * 10)]
        for member in members:
            crowd.add(member)
        for number in range(JOINED - 1):
            crowd.write(b"%d" % number, skip=members[number * 10])
        clock.turns()
        got = [member.transport.pieces for member in members]
        self.assertEqual(got[10], [b"023456"])
        self.assertEqual({id(pieces[0]) for number, pieces in enumerate(got) if number % 10}, {id(got[1][0])})
        self.assertEqual(crowd._joined, {})


class Rounds(SynchronousTestCase):
    """A crowd that is too large for one turn."""

    def setUp(self) -> None:
        """Eight times as many as are sent to before the clock is looked at, which takes a turn each."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.crowd = Crowd(self.turn)
        self.members = [Member(self.turn, self.transport()) for _ in range(8 * AT_ONCE)]
        for member in self.members:
            self.crowd.add(member)

    def transport(self) -> Costly:
        """It takes so long that only some are sent to in a turn."""
        return Costly(self.clock, SENDING_SECONDS / AT_ONCE * 1.01)

    def test_all_get_it(self) -> None:
        """Some in each turn, in order."""
        self.crowd.write(b"one")
        for turn in range(1, 9):
            self.clock.turn()
            self.assertEqual([member.sent for member in self.members].index(b"one"), 0)
            self.assertEqual(sum(member.sent == b"one" for member in self.members), turn * AT_ONCE)
        self.clock.turns()
        self.assertEqual({member.sent for member in self.members}, {b"one"})
        self.assertEqual(self.crowd._frames, [])

    def test_said_meanwhile(self) -> None:
        """Who is still to come gets it at once, and the others in another round; nobody gets anything twice."""
        self.crowd.write(b"1")
        self.clock.turn()
        self.crowd.write(b"2", skip=self.members[0])
        self.clock.turns()
        first = [[b"1"]] + [[b"1", b"2"]] * (AT_ONCE - 1)
        self.assertEqual([member.transport.pieces for member in self.members], first + [[b"12"]] * 7 * AT_ONCE)
        self.assertEqual(self.crowd._frames, [])

    def test_nothing_is_kept_that_all_have(self) -> None:
        """Where there is always something said, a round that is over leaves only what came since it began."""
        for number in range(40):
            self.crowd.write(b"%02d" % number)
            self.clock.turn()
            self.assertLessEqual(len(self.crowd._frames), 16)
        self.clock.turns()
        self.assertEqual({member.sent for member in self.members}, {b"".join(b"%02d" % n for n in range(40))})

    def test_coming_and_going_meanwhile(self) -> None:
        """Who goes has what was said before, and who comes what is said from then on."""
        self.crowd.write(b"1")
        self.clock.turn()
        gone, back, new = self.members[-1], self.members[-2], Member(self.turn, self.transport())
        self.crowd.discard(gone)
        self.crowd.discard(back)
        self.crowd.write(b"2")
        self.crowd.add(new)
        self.crowd.add(back)
        self.crowd.write(b"3")
        self.clock.turns()
        self.assertEqual([member.sent for member in (gone, back, new, self.members[0])], [b"1", b"13", b"3", b"123"])

    def test_everybody_goes(self) -> None:
        """A crowd that nobody is in any more is done with."""
        self.crowd.write(b"1")
        self.clock.turn()
        for member in self.members:
            self.crowd.discard(member)
        self.crowd.write(b"2")
        self.clock.turns()
        self.assertEqual({member.sent for member in self.members}, {b"1"})
        self.assertEqual((list(self.crowd.links), self.crowd._frames), ([], []))


class OnSockets(SynchronousTestCase):
    """Members that are sent to by the kernel."""

    def test_part_that_is_not_taken(self) -> None:
        """What a socket does not take waits until it can be written to; the others do not wait."""
        reactor = HandReactor()
        turn = Turn(reactor)
        crowd = Crowd(turn)
        wires = [Wire(reactor, Protocol(), buffer) for buffer in (4096, 200_000)]
        for wire in wires:
            self.addCleanup(wire.close)
            crowd.add(OnWire(turn, wire))
        for size in (60_000, 50_000):
            crowd.write(b"x" * size)
            reactor.advance(0)
        self.assertEqual([wire.socket.sends for wire in wires], [1, 2])
        self.assertEqual(wires[1].read(), b"x" * 110_000)
        self.assertEqual(wires[0].read_all(), b"x" * 110_000)

    def test_peer_that_has_gone(self) -> None:
        """Sending to nobody raises nothing here: Twisted meets the same error, and tells."""
        reactor = HandReactor()
        turn = Turn(reactor)
        crowd = Crowd(turn)
        wire = Wire(reactor, Protocol())
        self.addCleanup(wire.close)
        crowd.add(OnWire(turn, wire))
        wire.peer.close()
        crowd.write(b"into the void")
        reactor.advance(0)
        self.assertIn(wire.transport, reactor.writers)
        wire.writable()
        self.assertEqual(wire.transport.disconnected, 1)
        crowd.write(b"more")
        reactor.advance(0)
        self.assertNotIn(wire.transport, reactor.writers)


class OnWire:
    """A link that has nothing but an outbox, on a socket."""

    def __init__(self, turn: Turn, wire: Wire) -> None:
        self.wire = wire
        self.outbox = Outbox(wire.transport, turn, 100_000_000, lambda: None)
