"""Storms: who came in, when the last did, and what is said of those who did not."""

from __future__ import annotations

from chatproto.load.loop import MILLISECOND, Loop
from chatproto.load.plan import Plan
from chatproto.load.resources import CouldNotRun
from chatproto.load.results import Result
from chatproto.load.run import Run
from chatproto.load.scenarios import SCENARIOS
from chatproto.load.verdict import FINE, WRONG, status
from tests.load.fakes import Peer
from tests.load.runs import RunCase
from tests.ports import kept_port

STORMS = ("connect-storm", "join-storm")


def figures(found: Result) -> dict[str, float]:
    """By their names."""
    return {figure.name: figure.value for figure in found.figures}


class StormTests(RunCase):
    """Four come, and the third has a hard time."""

    def test_all(self) -> None:
        """When all have come that is told, with the time that it took."""
        for storm in STORMS:
            found = self.play(storm)
            self.assertEqual((FINE, 0), (status(found), found.absent))
            self.assertEqual({"came in", "last NAMES after"}, set(figures(found)))
            first, second = found.verdicts
            self.assertRegex(first, r"^All 4 came in, the last of them after [\d.]+ (µs|ms)\.$")
            self.assertEqual("Nobody was cut.", second)

    def test_never(self) -> None:
        """A storm in which somebody never gets in is no success, and has no time at which the last did."""
        self.patch(Plan, "coming", 0.3)

        def deaf(peer: Peer, line: bytes) -> bytes | None:
            return b"" if line.startswith(b"JOIN") and peer.name.endswith(b"2") else None

        for storm in STORMS:
            found = self.play(storm, refuse=deaf)
            self.assertEqual((WRONG, 1), (status(found), found.absent), storm)
            self.assertEqual({"came in": 3}, figures(found))
            self.assertIn("Only 3 of 4 had come in after 0 s.", found.verdicts)

    def test_sent_away(self) -> None:
        """Nobody waits for those who were sent away; those who had come in before they were do not count for others."""

        def rough(peer: Peer, line: bytes) -> bytes | None:
            if line.startswith(b"JOIN") and peer.name.endswith(b"2"):
                first = next(each for each in self.server.peers if each.name.endswith(b"0"))
                first.take_leave(b"ERROR :out")
                self.loop.at(self.clock() + 50 * MILLISECOND, lambda now: peer.take_leave(b"ERROR :full"))
                return b""
            if line.startswith(b"JOIN") and peer.name.endswith(b"3"):
                end = b":fake 366 %b %b :End" % (peer.name, line.removeprefix(b"JOIN "))
                self.loop.at(self.clock() + 100 * MILLISECOND, lambda now: peer.send(end))
                return b""
            return None

        found = self.play("connect-storm", refuse=rough, in_flight=1)
        self.assertEqual((2, 2, WRONG), (found.cut, found.absent, status(found)))
        self.assertEqual({"came in": 2}, figures(found))
        self.assertIn("Only 2 of 4 came in: the server ended the others.", found.verdicts)

    def test_last(self) -> None:
        """The time of the last is that of its NAMES, to the millisecond, however long the samples are."""
        self.patch(Plan, "coming", 1.0)  # Samples of 100 ms.
        told: list[int] = []

        def late(peer: Peer, line: bytes) -> bytes | None:
            if not line.startswith(b"JOIN") or not peer.name.endswith(b"2"):
                return None

            def tell(now: int) -> None:
                told.append(now)
                peer.send(b":fake 366 %b %b :End" % (peer.name, line.removeprefix(b"JOIN ")))

            self.loop.at(self.clock() + 102 * MILLISECOND, tell)
            return b""

        found = self.play("join-storm", refuse=late)
        self.assertGreaterEqual(figures(found)["last NAMES after"], 0.102)
        asked = min(member.asked for member in self.run_.crowds[0].members)
        self.assertApproximates((told[0] - asked) / 1e9, figures(found)["last NAMES after"], 0.02)

    def test_nobody(self) -> None:
        """Where nobody answers there is nothing to be shown."""
        loop = Loop()
        port = kept_port(self)
        run_ = Run(Plan(scenario="connect-storm", port=port, connections=2), loop)
        self.addCleanup(run_.close)
        with self.assertRaises(CouldNotRun) as caught:
            SCENARIOS["connect-storm"].play(run_)
        self.assertIn(f"Nobody answers on port {port} of 127.0.0.1", str(caught.exception))
