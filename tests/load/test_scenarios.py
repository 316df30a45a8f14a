"""The scenarios, each against a server in the same loop."""

from __future__ import annotations

from types import SimpleNamespace

from chatproto.load.crowd import Missing
from chatproto.load.loop import Loop, Stopped
from chatproto.load.plan import Plan
from chatproto.load.results import ClientUse, Result, Usage
from chatproto.load.run import Run
from chatproto.load.scenarios import SCENARIOS
from chatproto.load.scenarios.capacity import _try
from chatproto.load.verdict import FINE, result, status
from tests.load.fakes import FakeServer, Peer, honest
from tests.load.runs import SMALL, RunCase


class ScenarioTests(RunCase):
    """The other scenarios, where nobody does anything wrong."""

    def test_join_storm(self) -> None:
        """All are registered, then all join: the delay of each is told."""
        found = self.play("join-storm")
        self.assertEqual((4, "joining: from JOIN to the end of NAMES"), (self._count(found), found.latency_of))
        self.assertIn(("came in", 4), [(figure.name, figure.value) for figure in found.figures])

    def test_connect_storm(self) -> None:
        """All come: the delay of each is told."""
        found = self.play("connect-storm")
        self.assertEqual((4, FINE), (self._count(found), status(found)))

    def test_idle(self) -> None:
        """Nobody says anything; what each connection costs is told."""
        held = [1 << 20]

        def usage() -> Usage:
            held[0] += 4096
            return Usage(0.0, 0.0, held[0], held[0])

        found = self.play("idle", usage=usage)
        assert found.server is not None
        self.assertEqual((0, 0), (found.sent, found.delivered))
        self.assertEqual(1024.0, found.server.rss_per_connection)

    def test_quiet(self) -> None:
        """The memory of a connection is read once nothing comes any more, not when the last one is in."""
        sent: list[int] = []

        def more(peer: Peer, line: bytes) -> None:
            def notice(now: int) -> None:
                peer.send(b":fake NOTICE x :more")
                sent.append(now)

            if line.startswith(b"JOIN"):
                self.loop.at(self.clock() + 10_000_000, notice)

        found = self.play("idle", refuse=more, usage=lambda: Usage(0.0, 0.0, 4096 * len(sent), 1 << 20))
        assert found.server is not None
        self.assertEqual(4096.0, found.server.rss_per_connection)

    def test_churn(self) -> None:
        """The stayers hear what those say who come and go."""
        found = self.play("churn", churn=30.0)
        self.assertEqual((0, 0, 0, 0), self.wrong(found))
        came = next(figure.value for figure in found.figures if figure.name == "came, said a line and left")
        self.assertGreaterEqual(came, 1)

    def test_churn_lost(self) -> None:
        """If they do not, it is told: nobody hears those who left."""

        def only_stayers(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            if int(speaker.name[3:]) < 4:
                honest(server, speaker, others, line)

        found = self.play("churn", deliver=only_stayers, churn=30.0)
        came = next(figure.value for figure in found.figures if figure.name == "came, said a line and left")
        self.assertEqual((4 * came, 0, 0, 0), self.wrong(found))

    def test_slow_readers(self) -> None:
        """When one who does not read is cut, the others see it, and it is no fault of the server's."""

        def cut(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            if speaker.said == 5:
                slow = others.pop()
                slow.close()
                for other in others:
                    other.send(b":%b!load@fake QUIT :too slow" % slow.name)

        found = self.play("slow-readers", deliver=cut, slow=1, speakers=1)
        self.assertEqual((0, 0, 0, 1), self.wrong(found))
        self.assertEqual(FINE, status(found))
        self.assertIn("first cut after", [figure.name for figure in found.figures])

    def test_capacity(self) -> None:
        """The rate goes up until the goal breaks, then the limit is narrowed down; what broke is told."""

        def limited(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            self.clock.spend(5_000_000)  # 200 lines per second are all that it can do.
            honest(server, speaker, others, line)

        found = self.play("capacity", deliver=limited, rate=25.0, step=0.3, goal_ms=100.0, rooms=1)
        good = [step.rate for step in found.steps if step.good]
        bad = [step for step in found.steps if not step.good]
        self.assertGreaterEqual(max(good), 25.0)
        self.assertLess(max(good), 450.0)
        self.assertTrue(all(step.broke for step in bad))
        self.assertGreater(min(step.rate for step in bad), max(good))
        self.assertIn(("capacity", max(good)), [(figure.name, figure.value) for figure in found.figures])
        self.assertEqual((100_000.0, 99.0), (found.goal, found.goal_percentile))

    def test_capacity_of_a_liar(self) -> None:
        """A rate at which lines are lost is none that holds, and the next ones are tried all the same."""
        lost: list[float] = []

        def losing(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            if self.run_.talk is not None and self.run_.talk.rate > 60:  # type: ignore[attr-defined]
                lost.append(others.pop().said)
            honest(server, speaker, others, line)

        found = self.play("capacity", deliver=losing, rate=25.0, step=0.2, goal_ms=500.0, rooms=1)
        self.assertEqual(len(lost), found.lost)
        self.assertEqual([step.rate < 60 for step in found.steps], [step.good for step in found.steps])
        self.assertTrue(all((step.lost > 0) is not step.good for step in found.steps))
        self.assertGreater(len(found.steps), 4)

    def test_capacity_stopped(self) -> None:
        """Whoever ends it early is told how far it went."""

        def stop(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            self.loop.stopped = len(self.run_.steps) == 2

        options = {"rate": 25.0, "step": 0.2, "goal_ms": 500.0, "rooms": 1}
        self.assertRaises(Stopped, self.play, "capacity", deliver=stop, **options)
        self.run_.stop()
        found = result(self.run_, SCENARIOS["capacity"].options, interrupted=True)
        self.assertIn(("capacity", 50.0), [(figure.name, figure.value) for figure in found.figures])
        self.assertTrue(any(verdict.startswith("50 lines per second had 99 %") for verdict in found.verdicts))

    def test_capacity_withheld(self) -> None:
        """A rate at which lines could not be said, for the server did not take them, is none that holds."""
        run_ = SimpleNamespace(
            plan=Plan(scenario="capacity", rooms=1),
            loop=None,
            scene=SimpleNamespace(cut=0, withheld=5, last_words=""),
            missing=Missing,
            meter=SimpleNamespace(sent=9, delivered=9, late=0.0, client=lambda: ClientUse(0.0, 0.0, 0.0, None)),
            tally=SimpleNamespace(record=SimpleNamespace(percentile=lambda at: 1000.0)),
            server_busy=lambda: None,
        )
        for withheld in (0, 1):

            def measure(talk: object, seconds: float, more: int = withheld) -> bool:
                run_.scene.withheld += more
                return True

            run_.measure = measure
            step = _try(run_, [], 10.0)  # type: ignore[arg-type]
            self.assertEqual(withheld == 0, step.good)
            self.assertEqual(withheld == 1, "it took lines more slowly than they were due" in step.broke)

    def test_stopped(self) -> None:
        """Asked to end, a run tells what there is so far."""
        loop = Loop()

        def stop(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            loop.stopped = speaker.said == 20

        server = FakeServer(loop, stop)
        run_ = Run(Plan(port=server.port, **{**SMALL, "seconds": 30.0}), loop)
        self.addCleanup(run_.close)
        self.addCleanup(server.close)
        self.assertRaises(Stopped, SCENARIOS["fanout"].play, run_)
        run_.stop()
        found = result(run_, SCENARIOS["fanout"].options, interrupted=True)
        self.assertEqual((True, 0), (found.interrupted, found.lost))
        self.assertGreater(found.sent, 15)
        self.assertLess(found.seconds, 20)
        self.assertIn("The run was ended early; the figures are of what there is.", found.verdicts)

    def _count(self, found: Result) -> int:
        return found.latency.count if found.latency else 0
