"""What is queued for many at once: as if it had been queued for each of them, and sent in as many turns as it takes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.internet.protocol import Protocol
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.crowd import AT_ONCE, Crowd
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
        """What is more than a chunk goes out in whole frames, and to who is full not at all."""
        frame = b"x" * 999 + b"\n"
        self.members[0].outbox.pauseProducing()
        for _ in range(CHUNK // 1000 + 1):
            self.crowd.write(frame)
        self.clock.turns()
        self.assertEqual([len(piece) for piece in self.members[1].transport.pieces], [66_000])
        self.crowd.write(frame * 65 + b"x" * 535 + b"\n")
        self.crowd.write(b"1234567890")
        self.clock.turns()
        self.assertEqual([len(piece) for piece in self.members[1].transport.pieces], [66_000, 65_536, 10])
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
        for size in (10, AT_ONCE + 10):
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


class Rounds(SynchronousTestCase):
    """A crowd that is too large for one turn."""

    def setUp(self) -> None:
        """Four times as many as are sent to before the clock is looked at, which takes a turn each."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.crowd = Crowd(self.turn)
        self.members = [Member(self.turn, self.transport()) for _ in range(4 * AT_ONCE)]
        for member in self.members:
            self.crowd.add(member)

    def transport(self) -> Costly:
        """It takes so long that only some are sent to in a turn."""
        return Costly(self.clock, SENDING_SECONDS / AT_ONCE * 1.01)

    def test_all_get_it(self) -> None:
        """Some in each turn, in order."""
        self.crowd.write(b"one")
        for turn in range(1, 5):
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
        self.assertEqual([member.transport.pieces for member in self.members], first + [[b"12"]] * 3 * AT_ONCE)
        self.assertEqual(self.crowd._frames, [])

    def test_nothing_is_kept_that_all_have(self) -> None:
        """Where there is always something said, a round that is over leaves only what came since it began."""
        for number in range(40):
            self.crowd.write(b"%02d" % number)
            self.clock.turn()
            self.assertLessEqual(len(self.crowd._frames), 8)
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


# -- the model: each line is written to each link at once


class Failing(Costly):
    """A transport that can be told to fail once, after it has sent."""

    fails = False

    def write(self, data: bytes) -> None:
        """Send, and fail."""
        super().write(data)
        if self.fails:
            self.fails = False
            raise RuntimeError("a transport failed")


class Modelled(Member):
    """A member that knows what it should be sent."""

    def __init__(self, turn: Turn, clock: Turning) -> None:
        super().__init__(turn, Failing(clock, 0))
        self.due = b""
        self.deaf = False
        self.lost = False

    def resume(self) -> None:
        """The peer reads all there is."""
        if not self.lost:
            self.outbox.resumeProducing()

    def full(self) -> None:
        """The peer does not read."""
        self.outbox.pauseProducing()

    def clear(self) -> None:
        """Throw away what waits."""
        self.outbox.clear()
        self.due = self.sent

    def lose(self) -> None:
        """The connection is lost."""
        self.outbox.stopProducing()
        self.lost = True
        self.due = self.sent


class ModelledSocket(OnWire):
    """The same on a socket, which is full by itself, and where it cannot be told what is on its way."""

    deaf = lost = False

    def __init__(self, turn: Turn, clock: Turning) -> None:
        super().__init__(turn, Wire(clock, Protocol()))
        self.due = self.sent = b""
        self.transport = SimpleNamespace()

    def resume(self) -> None:
        """The peer reads all there is."""
        self.wire.writable()
        self.sent += self.wire.read()

    def full(self) -> None:
        """Not if there is room."""

    clear = lose = full


MANY = 2 * AT_ONCE + 10
SPECIAL = [0, 1, AT_ONCE - 1, AT_ONCE, 2 * AT_ONCE, MANY - 1, MANY, MANY + 1]
"""Members that something happens to; the two last are in no crowd at first."""
SOCKETS = (1, MANY - 1)
WHO = st.sampled_from(SPECIAL)
WHERE = st.integers(0, 2)
SIZE = st.sampled_from([8, 8, 8, 30_000, CHUNK + 1])
SAID = st.tuples(st.just("say"), WHERE, st.one_of(st.none(), WHO), SIZE)
WRITTEN = st.tuples(st.just("write"), WHO, SIZE)
MOVED = st.tuples(st.sampled_from(["join", "leave"]), WHO, WHERE)
TURN = st.tuples(st.just("turn"))
THEN = st.one_of(SAID, WRITTEN, MOVED)
HAPPENING = st.one_of(
    SAID,
    SAID,
    WRITTEN,
    MOVED,
    TURN,
    TURN,
    st.tuples(st.sampled_from(["full", "resume", "clear", "deafen", "lose", "fail", "drain"]), WHO),
    st.tuples(st.just("await"), WHO, st.lists(THEN, max_size=3)),
    st.tuples(st.just("cost"), st.sampled_from([0.0, SENDING_SECONDS / AT_ONCE * 1.01, SENDING_SECONDS * 2])),
)


class Model:
    """Three crowds, the first of them large, and beside them what each link should be sent."""

    def __init__(self) -> None:
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.crowds = [Crowd(self.turn) for _ in range(3)]
        self.rooms: list[dict[Any, None]] = [{}, {}, {}]
        self.links: list[Any] = [
            (ModelledSocket if who in SOCKETS else Modelled)(self.turn, self.clock) for who in range(MANY + 2)
        ]
        self.number = 0
        for who in range(MANY):
            self.do("join", who, 0)
        for who in (0, AT_ONCE, MANY - 1):
            self.do("join", who, 1)

    def do(self, what: str, *of: Any) -> None:
        """Let it happen."""
        getattr(self, f"do_{what}")(*of)

    def frame(self, size: int) -> bytes:
        """The next frame: no two are alike."""
        self.number += 1
        return b"%06d" % self.number + b"." * (size - 7) + b"\n"

    def do_say(self, where: int, skip: int | None, size: int) -> None:
        """In a room."""
        frame = self.frame(size)
        skipped = None if skip is None else self.links[skip]
        for link in self.rooms[where]:
            if link is not skipped and not link.deaf and not link.lost:
                link.due += frame
        self.crowds[where].write(frame, skipped)

    def do_write(self, who: int, size: int) -> None:
        """To one alone."""
        link = self.links[who]
        if not link.lost:
            frame = self.frame(size)
            link.due += frame
            link.outbox.write(frame)

    def do_join(self, who: int, where: int) -> None:
        """Come, if it is not there."""
        link = self.links[who]
        if link not in self.rooms[where]:
            self.rooms[where][link] = None
            self.crowds[where].add(link)

    def do_leave(self, who: int, where: int) -> None:
        """Go, whether or not it is there."""
        self.rooms[where].pop(self.links[who], None)
        self.crowds[where].discard(self.links[who])

    def do_turn(self) -> None:
        """Let the reactor have a turn."""
        with contextlib.suppress(RuntimeError):
            self.clock.turn()

    def do_full(self, who: int) -> None:
        """Its transport takes nothing."""
        self.links[who].full()

    def do_resume(self, who: int) -> None:
        """Its transport has room again."""
        with contextlib.suppress(RuntimeError):
            self.links[who].resume()

    def do_clear(self, who: int) -> None:
        """What waits for it is thrown away."""
        self.links[who].clear()

    def do_deafen(self, who: int) -> None:
        """It hears nothing in rooms any more."""
        self.links[who].outbox.deafen()
        self.links[who].deaf = True

    def do_lose(self, who: int) -> None:
        """Its connection is lost."""
        self.links[who].lose()

    def do_fail(self, who: int) -> None:
        """Its transport fails at the next write."""
        self.links[who].transport.fails = True

    def do_drain(self, who: int) -> None:
        """All that waits for it is sent now, if that can be."""
        with contextlib.suppress(RuntimeError):
            self.links[who].outbox.when_drained(lambda: None)

    def do_await(self, who: int, then: list[tuple[Any, ...]]) -> None:
        """It waits until all is sent, and does something `then`."""

        def go_on(result: None) -> None:
            for what in then:
                self.do(*what)

        self.links[who].outbox.drained().addCallback(go_on)

    def do_cost(self, seconds: float) -> None:
        """Each write takes so long from now on."""
        for link in self.links:
            link.transport.seconds = seconds

    def settle(self) -> None:
        """Let everybody read all there is."""
        self.do_cost(SENDING_SECONDS / AT_ONCE * 1.01)
        for link in self.links:
            link.transport.fails = False
        for link in self.links:
            link.resume()
        self.clock.turns()
        for who in SOCKETS:
            self.links[who].sent += self.links[who].wire.read_all()

    def close(self) -> None:
        """Free the sockets."""
        for who in SOCKETS:
            self.links[who].wire.close()


class Modelling(SynchronousTestCase):
    """The most important of these tests."""

    @settings(max_examples=200, deadline=None)
    @given(st.lists(HAPPENING, max_size=40))
    @example([("lose", 0), ("say", 0, None, 8)])
    @example([("say", 0, None, 8), ("full", 0), ("await", 0, [("say", 0, None, 8)]), ("turn",), ("resume", 0)])
    def test_as_if_each_had_been_written_to(self, happening: list[tuple[Any, ...]]) -> None:
        """Whatever happens in whatever order, each link is sent what a server that writes to each of them would send,
        in the same order, nothing of it twice and nothing torn; and the server comes to rest."""
        model = Model()
        try:
            self.check_model(model, happening)
        finally:
            model.close()

    def check_model(self, model: Model, happening: list[tuple[Any, ...]]) -> None:
        """What each was sent is what was due, all the time."""
        for what in happening:
            model.do(*what)
            for number in SPECIAL:
                link = model.links[number]
                self.assertTrue(link.due.startswith(link.sent), (number, what))
        model.settle()
        for number, link in enumerate(model.links):
            self.assertEqual(link.sent, link.due, number)
            self.assertEqual(link.outbox.size, 0)
        for crowd, room in zip(model.crowds, model.rooms, strict=True):
            self.assertEqual((set(crowd.links), crowd._frames), (set(room), []))
