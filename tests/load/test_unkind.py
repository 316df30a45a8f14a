"""Members who make it hard for the others: who may be cut, and what is measured of it."""

from __future__ import annotations

from typing import Any

from chatproto.load import talk
from chatproto.load.results import Result
from chatproto.load.verdict import FINE, WRONG, status
from tests.load.fakes import Deliver, FakeServer, Peer, honest
from tests.load.runs import RunCase


def cutting(who: bytes) -> Deliver:
    """Cuts this one when somebody says a fifth line in their room."""

    def cut(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
        honest(server, speaker, others, line)
        victim = next((other for other in others if other.name.endswith(who)), None)
        if speaker.said == 5 and victim is not None:
            others.remove(victim)
            victim.take_leave(b"ERROR :enough")
            for other in others:
                other.send(b":%b!load@fake QUIT :enough" % victim.name)

    return cut


class CutTests(RunCase):
    """Whoever does not read or floods may be cut; whoever reads and listens may not."""

    def flood(self, deliver: Deliver = honest, **options: Any) -> Result:
        """Numbers 0 and 1 flood, 2 and 3 listen; 4 and 5 are in the small room."""
        self.patch(talk, "FLOOD_AHEAD", 8192)
        return self.play("flood", deliver=deliver, connections=4, flooders=2, beside=2, **options)

    def test_flooder(self) -> None:
        """A flooder who is cut."""
        found = self.flood(cutting(b"1"))
        self.assertEqual((1, 1, FINE), (found.cut, found.excused, status(found)))
        self.assertIn("The server ended 1 of the connections, 1 of which did not read or flooded.", found.verdicts)

    def test_listener(self) -> None:
        """Somebody who only listens to a flood, in the big room or beside it."""
        for who in (b"3", b"5"):
            found = self.flood(cutting(who))
            self.assertEqual((1, 0, WRONG), (found.cut, found.excused, status(found)))
            self.assertIn("The server ended 1 of the connections.", found.verdicts)

    def test_slow_reader(self) -> None:
        """One who does not read, and one who does."""
        for who, excused, code in ((b"3", 1, FINE), (b"1", 0, WRONG)):
            found = self.play("slow-readers", deliver=cutting(who), slow=1, speakers=1)
            self.assertEqual((1, excused, code), (found.cut, found.excused, status(found)))

    def test_big_room(self) -> None:
        """What is told of the big room is of the measured time alone, without the warm-up."""
        found = self.flood(warm_up=0.2)
        big = self.run_.crowds[0].tally
        told = {figure.name: figure.value for figure in found.figures}["delivered in the big room"]
        self.assertEqual(found.delivered, told + self.run_.meter.delivered_of(self.run_.tally))
        latency = big.record.latency()
        assert latency is not None
        self.assertLess(told, big.delivered)
        self.assertLess(latency.count, big.delivered)
        self.assertGreaterEqual(latency.count, told)


class ChurnTests(RunCase):
    """Those who come and go."""

    def test_due(self) -> None:
        """How long they took to come in counts from when they were due, not from when this program got to it."""

        def still(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            if speaker.said == 1 and speaker.name.endswith(b"0") and len(speaker.name) == 4:
                self.clock.starve(250_000_000)

        found = self.play("churn", deliver=still, churn=50.0, seconds=0.3, in_flight=64)
        coming = {figure.name: figure.value for figure in found.figures}
        self.assertGreater(coming["coming in, median"], 80_000)
