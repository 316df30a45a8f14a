"""Whole runs against an honest server: what is measured, and what keeps a run from being one."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import client
from chatproto.load.loop import Loop
from chatproto.load.plan import Plan
from chatproto.load.resources import CouldNotRun
from chatproto.load.results import Result, Usage
from chatproto.load.run import Run
from chatproto.load.verdict import FINE, WRONG, status
from tests.load.fakes import FakeServer, Peer, honest
from tests.load.runs import RunCase
from tests.ports import kept_port


class HonestTests(RunCase):
    """A server that does as it should."""

    def test_schedule(self) -> None:
        """By a schedule, as many lines are said as are due, and all that listen get each; the verdict says so."""
        found = self.play()
        self.assertEqual((0, 0, 0, 0), self.wrong(found))
        self.assertApproximates(100 * found.seconds, found.sent, 5)
        self.assertEqual(3 * self.run_.scene.sent, self.run_.tally.delivered)
        self.assertEqual(FINE, status(found))
        self.assertIn("Nothing was lost, doubled or out of order, and nobody was cut.", found.verdicts)
        self.assertEqual(self.run_.tally.delivered, found.latency.count if found.latency else 0)
        self.assertEqual((100.0, "fanout"), (found.offered_rate, found.scenario))

    def test_in_turn(self) -> None:
        """Without a schedule each speaker speaks again once a witness has the last line, and not before."""
        found = self.play(rate=0.0, speakers=2)
        self.assertEqual((0, 0, 0, 0), self.wrong(found))
        self.assertGreater(found.sent, 20)
        self.assertIsNone(found.offered_rate)
        self.assertEqual(0.0, found.client.late)

    def test_witness(self) -> None:
        """A speaker whose last line the witness has not got says no more, whatever else the witness hears."""

        def withheld(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            second = speaker.name.endswith(b"1") and speaker.said == 3
            honest(server, speaker, [other for other in others if not (second and other.name.endswith(b"2"))], line)

        self.play(deliver=withheld, rate=0.0, speakers=2)
        first, second, *_ = self.run_.crowds[0].members
        self.assertEqual(4, second.said)
        self.assertGreater(first.said, 10)

    def test_rooms(self) -> None:
        """In several rooms each line goes to the others of its room alone."""
        found = self.play("rooms", connections=9, rooms=3, speakers=2)
        self.assertEqual((0, 0, 0, 0), self.wrong(found))
        self.assertEqual(2 * self.run_.scene.sent, self.run_.tally.delivered)

    def test_probe(self) -> None:
        """A connection of its own asks for PING round trips, and for the turns of the server's reactor."""
        usage = iter(range(1000))
        found = self.play(usage=lambda: Usage(float(next(usage)), 0.5, 1 << 20, 2 << 20))
        assert found.probe is not None
        assert found.server is not None
        assert found.server.turns is not None
        self.assertGreaterEqual(found.probe.count, 2)
        self.assertEqual((12, 100.0, 250.0, 300.0), (found.server.turns.count, *self._turns(found)))
        self.assertEqual((4, 2 << 20), (found.server.connections, found.server.rss_peak))

    def _turns(self, found: Result) -> tuple[float, float, float]:
        assert found.server is not None
        assert found.server.turns is not None
        return found.server.turns.p50, found.server.turns.p99, found.server.turns.max

    def test_no_turns(self) -> None:
        """A server that does not know the question, or the probe itself, is measured without."""
        found = self.play(refuse=lambda peer, line: b":fake 219 x t :End" if line.startswith(b"STATS") else None)
        self.assertIsNone(self.run_.probe.turns if self.run_.probe else None)
        self.assertIsNotNone(found.probe)
        found = self.play(refuse=lambda peer, line: b"ERROR :full" if line.endswith(b"p") else None)
        self.assertEqual((None, 0), (found.probe, found.cut))

    def test_timeline(self) -> None:
        """There are samples all along, which sum up to what the whole tells."""
        found = self.play(seconds=0.5)
        self.assertGreaterEqual(len(found.timeline), 3)
        self.assertEqual(found.sent, sum(sample.sent for sample in found.timeline))
        self.assertEqual(found.delivered, sum(sample.delivered for sample in found.timeline))
        self.assertApproximates(found.seconds, sum(sample.seconds for sample in found.timeline), 0.01)
        ends = [sample.at for sample in found.timeline]
        self.assertEqual(sorted(ends), ends)


class OpenLoopTests(RunCase):
    """Delays count from when a line was due (no coordinated omission)."""

    def test_stall(self) -> None:
        """A server that stands still for 200 ms shows it in the percentiles of all lines that were due meanwhile."""

        def still(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            if speaker.said == 20:
                server.stall(200)
            honest(server, speaker, others, line)

        found = self.play(deliver=still, seconds=1.0)
        latency = found.latency
        assert latency is not None
        self.assertEqual((0, 0, 0, 0), self.wrong(found))
        # 100 lines in a second, some 20 of which were due while it stood still, and waited for 200 to 0 ms.
        self.assertGreater(latency.p99, 150_000)
        self.assertGreater(latency.p90, 50_000)
        self.assertLess(latency.p50, latency.p90)
        self.assertGreater(latency.max, 170_000)

    def test_late_client(self) -> None:
        """Lines that the client itself says late count as late, and the verdict says whose fault it is."""

        def busy(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            if speaker.said == 5:
                self.clock.spend(100_000_000)

        found = self.play(deliver=busy, seconds=0.4, rate=200.0)
        assert found.latency is not None
        self.assertGreater(found.client.late, 50_000)
        # 80 lines, some 20 of which were due while the client did something else.
        self.assertGreater(found.latency.p90, 30_000)
        self.assertTrue(any("could not hold its schedule" in verdict for verdict in found.verdicts), found.verdicts)

    def test_starved(self) -> None:
        """A client that gets no processor is the bottleneck as much as one that uses all of it."""

        def starved(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            self.clock.starve(10_000_000)  # Something else runs.

        found = self.play(deliver=starved, seconds=0.3, rate=200.0)
        self.assertLess(found.client.cpu / found.seconds, 0.8)
        self.assertGreater(found.client.busy, 0.9)
        self.assertTrue(any(verdict.startswith("This client was the bottleneck") for verdict in found.verdicts))
        self.assertLess(self.play(seconds=0.3).client.busy, 0.9)


class ComingTests(RunCase):
    """What keeps people from coming in."""

    def could_not(self, words: str, **options: Any) -> None:
        """The run ends with a sentence that has these words."""
        with self.assertRaises(CouldNotRun) as caught:
            self.play(**options)
        self.assertIn(words, str(caught.exception))

    def test_name_taken(self) -> None:
        """A name that is taken."""
        self.could_not(
            "433 * x :Nickname is already in use",
            refuse=lambda peer, line: b":fake 433 * x :Nickname is already in use" if b"NICK" in line else None,
        )

    def test_too_many(self) -> None:
        """A server that takes so many and no more: the number is told, and its last words."""
        self.could_not(
            'Only 2 of 4 came in before the server ended one. The last words: ":Too many from your address"',
            refuse=lambda peer, line: b"ERROR :Too many from your address" if line.endswith(b"2") else None,
            in_flight=1,
        )

    def test_another_dialect(self) -> None:
        """Words that are none of the dialect's are told, too, when they are the last before the end."""

        def plainly(peer: Peer, line: bytes) -> bytes | None:
            if not line.startswith(b"NICK") or not line.endswith(b"2"):
                return None
            peer.take_leave(b"-- Welcome.\r\n!! There are too many of you.")
            return b""

        self.could_not(
            'The last words: "!! There are too many of you. (the server closed the connection)"',
            refuse=plainly,
            in_flight=1,
        )

    def test_storm_of_too_many(self) -> None:
        """In a storm those who are turned away are a result."""
        found = self.play(
            "connect-storm",
            refuse=lambda peer, line: b"ERROR :full" if line.startswith(b"NICK") and line.endswith(b"2") else None,
        )
        self.assertEqual((1, WRONG), (found.cut, status(found)))
        self.assertEqual(3, found.latency.count if found.latency else 0)
        self.assertIn(("came in", 3), [(figure.name, figure.value) for figure in found.figures])

    def test_silence(self) -> None:
        """A server that does not answer has so much time, and no more."""
        self.patch(Plan, "coming", 0.1)
        self.could_not("Only 0 of 4 had come in after 0 s", refuse=lambda peer, line: b"")

    def test_nobody(self) -> None:
        """Nobody listens there."""
        loop = Loop()
        port = kept_port(self)
        run_ = Run(Plan(port=port, connections=2), loop)
        self.addCleanup(run_.close)
        with self.assertRaises(CouldNotRun) as caught:
            run_.gather(2)
        self.assertIn(f"Nobody answers on port {port} of 127.0.0.1", str(caught.exception))

    def test_deadline(self) -> None:
        """A run ends at its deadline, whatever it waits for."""
        self.patch(Plan, "deadline", 0.3)
        self.could_not("which is its deadline", seconds=5.0)


class WordsTests(SynchronousTestCase):
    """What a server says is kept within bounds."""

    def test_kinds(self) -> None:
        """No more different words than the bound, none longer than the other."""
        scene = client.Scene(None, None, None, None, "bcd")  # type: ignore[arg-type]
        for number in range(client.KINDS_OF_WORDS + 1):
            scene.note(f"{number} " + "x" * client.WORDS)
        self.assertEqual(client.KINDS_OF_WORDS, len(scene.words))
        self.assertEqual({client.WORDS}, {len(words) for words in scene.words})
        scene.note("")
        self.assertEqual(client.KINDS_OF_WORDS, len(scene.words))
