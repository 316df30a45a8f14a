"""Crowds, against a model of them: each line is written to each link at once."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.crowd import AT_ONCE, Crowd
from chatproto.transports.outbox import CHUNK
from chatproto.transports.turn import SENDING_SECONDS, Turn
from tests.transports import Wire
from tests.transports.test_crowd import OnWire
from tests.transports.test_turn import Costly, Member, Turning


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
        self.holds: list[Deferred[bool]] = []

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
        self.holds: list[Deferred[bool]] = []
        self.transport = SimpleNamespace()

    def resume(self) -> None:
        """The peer reads all there is."""
        self.wire.writable()
        self.sent += self.wire.read()

    def read_all(self) -> bytes:
        """The same again and again. Returns what that was."""
        part = self.wire.read_all()
        self.sent += part
        return part

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
    st.tuples(st.sampled_from(["full", "resume", "clear", "deafen", "lose", "fail", "drain", "hold", "let_go"]), WHO),
    st.tuples(st.just("let_go"), WHO, st.integers(0, 2)),
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

    def do_hold(self, who: int) -> None:
        """Nothing more is to be sent to it."""
        link = self.links[who]
        link.holds.append(Deferred())
        Deferred.fromCoroutine(link.outbox.hold(link.holds[-1], lambda: None))

    def do_let_go(self, who: int, which: int = 0) -> None:
        """What waits for that is sent, if it waits for nothing else."""
        holds = self.links[who].holds
        if holds:
            holds.pop(which % len(holds)).callback(True)

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
        for who, link in enumerate(self.links):
            link.transport.fails = False
            while link.holds:
                self.do_let_go(who)
        for link in self.links:
            link.resume()
        self.clock.turns()
        while any(self.links[who].read_all() for who in SOCKETS):  # One may say something when it has read.
            self.clock.turns()

    def close(self) -> None:
        """Free the sockets."""
        for who in SOCKETS:
            self.links[who].wire.close()


class Modelling(SynchronousTestCase):
    """The most important of these tests."""

    @settings(max_examples=200, deadline=None)
    @given(st.lists(HAPPENING, max_size=40))
    @example([("write", MANY - 1, 30_000), ("await", MANY - 1, [("say", 0, None, 8)])])
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
