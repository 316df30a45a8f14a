"""What each person sees is in one exact order, however much happens in one turn and however slowly they read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import MemoryNetwork
from chatproto.transports.limits import LinkLimits
from tests.transports import HandReactor, Wire

PEOPLE = ("ada", "bob", "cleo", "dan")
FREE = Settings(rooms=RoomLimits(history_shown=0), connections=LinkLimits(burst=1_000_000, lines_per_turn=1_000_000))

LINES = st.one_of(
    st.just("#@# and nothing else"),
    st.just("#@# " + "la" * 900),
    st.just("#@# " + "di" * 900),
    st.sampled_from(PEOPLE).map(lambda name: f"/msg {name} #@#"),
    st.sampled_from(["#lobby", "#den", "#attic"]).map(lambda room: f"/join {room}"),
    st.sampled_from(["/part", "/who", "/echo on", "/echo off", "/topic #@#", "/nonsense"]),
)
"""What someone types. In place of @ stands a number that is larger than all before."""

TURN, STALL, GO_ON = "the turn ends", "the connection takes no more", "the connection takes some"

Step = tuple[int, str]
STEPS = st.lists(
    st.tuples(st.integers(0, len(PEOPLE) - 1), st.one_of(LINES, LINES, st.sampled_from([TURN, STALL, GO_ON]))),
    min_size=5,
    max_size=60,
)

_NUMBER = re.compile(r"#(\d+)#")


def numbered(steps: list[Step]) -> list[Step]:
    """The steps with numbers in their lines."""
    return [(who, what.replace("@", str(number))) for number, (who, what) in enumerate(steps)]


def undisturbed(steps: list[Step]) -> list[bytes]:
    """What people see if each thing happens in a turn of its own, and all connections take everything."""
    network = MemoryNetwork(FREE)
    people = [network.enter(name) for name in PEOPLE]
    for person in people:
        person.heard()
    for who, what in steps:
        if what not in (TURN, STALL, GO_ON):
            people[who].say(what)
    return [person.transport.value() for person in people]


class Order(SynchronousTestCase):
    """Rooms, private lines and the server's answers, interleaved."""

    def check(self, seen: list[bytes], steps: list[Step]) -> None:
        """Everyone saw what they should, in its order; numbers in it grow."""
        self.assertEqual([each.decode() for each in seen], [each.decode() for each in undisturbed(steps)])
        for each in seen:
            numbers = [int(number) for line in each.decode().split("\r\n") for number in news(line)]
            self.assertEqual(numbers, sorted(numbers))

    @settings(max_examples=100, deadline=None)
    @given(STEPS)
    def test_on_transports_that_pause(self, steps: list[Step]) -> None:
        """Transports that are full at any time, as TLS may be, hold everything back and lose nothing of its order."""
        network = MemoryNetwork(FREE)
        people = [network.enter(name) for name in PEOPLE]
        producers: list[Any] = [person.transport.producer for person in people]
        for person in people:
            person.heard()
        steps = numbered(steps)
        for who, what in steps:
            if what == TURN:
                network.settle()
            elif what == STALL:
                producers[who].pauseProducing()
            elif what == GO_ON:
                producers[who].resumeProducing()
            else:
                people[who].protocol.dataReceived(what.encode() + b"\n")
        for producer in producers:
            producer.resumeProducing()
        network.settle()
        self.check([person.transport.value() for person in people], steps)

    @settings(max_examples=60, deadline=None)
    @given(STEPS)
    def test_on_sockets_that_take_a_part(self, steps: list[Step]) -> None:
        """Sockets that take only a part of what they are given, and go on later, change nothing in the order."""
        network = MemoryNetwork(FREE)
        with on_sockets(network) as wires:
            seen = [b"" for _ in PEOPLE]
            steps = numbered(steps)
            for who, what in steps:
                if what == TURN:
                    network.settle()
                    for each, wire in enumerate(wires):  # There may be room then, but the reactor has not told yet.
                        seen[each] += wire.read(3000)
                elif what == STALL:
                    seen[who] += wires[who].read(500)
                elif what == GO_ON:
                    wires[who].writable()
                else:
                    wires[who].transport.protocol.dataReceived(what.encode() + b"\n")
            network.settle()
            self.check([part + wire.read_all() for part, wire in zip(seen, wires, strict=True)], steps)


@contextmanager
def on_sockets(network: MemoryNetwork) -> Iterator[list[Wire]]:
    """The same people behind real sockets with small buffers; they have entered and read what they were told."""
    reactor = HandReactor()
    wires: list[Wire] = []
    try:
        for name in PEOPLE:
            protocol = network.factory.buildProtocol(None)  # type: ignore[arg-type]
            assert protocol is not None
            wires.append(Wire(reactor, protocol, buffer=2048))
            protocol.makeConnection(wires[-1].transport)
            protocol.dataReceived(name.encode() + b"\n")
            network.settle()
        for wire in wires:
            wire.read_all()
        yield wires
    finally:
        for wire in wires:
            wire.close()


def news(line: str) -> list[str]:
    """The numbers that a line brings; what tells of a room's topic may bring an old one again."""
    return [] if "topic is" in line else _NUMBER.findall(line)
