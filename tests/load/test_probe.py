"""The connection that asks how long an answer takes."""

from __future__ import annotations

import socket
from time import monotonic_ns as clock

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import run
from chatproto.load.loop import MILLISECOND, SECOND, Loop
from chatproto.load.probe import INTERVAL, Probe
from chatproto.load.speech import SPEECHES
from chatproto.load.stream import Route
from tests.load.fakes import FakeServer
from tests.load.runs import RunCase


class ProbeTests(SynchronousTestCase):
    """A probe by itself."""

    def test_due(self) -> None:
        """A round trip counts from when its question was due, not from when this program came to ask it."""
        loop = Loop()
        self.addCleanup(loop.close)
        server = FakeServer(loop)
        self.addCleanup(server.close)
        probe = Probe(loop, Route(socket.AF_INET, ("127.0.0.1", server.port)), SPEECHES["irc"](), b"bcdp")
        self.addCleanup(probe.close)
        self.assertTrue(loop.run(lambda: probe.settled, clock() + 30 * SECOND))
        probe.begin(clock() - 4 * INTERVAL - 50 * MILLISECOND)  # Five questions are late: by 450, 350, 250, 150, 50 ms.
        self.assertTrue(loop.run(lambda: not probe.waiting, clock() + 30 * SECOND))
        latency = probe.latency()
        assert latency is not None
        self.assertGreater(latency.p50, 200_000)


class UnansweredTests(RunCase):
    """A server that does not answer."""

    def test_unanswered(self) -> None:
        """Questions that are never answered count as if they were at the end, and their number is told."""
        self.patch(run, "FAREWELL", 0.1)

        def silent(peer: object, line: bytes) -> bytes | None:
            return b"" if line.startswith(b"PING") else None

        found = self.play(refuse=silent)  # It asks at 0 and 100 ms of 200 at least.
        assert found.probe is not None
        self.assertGreaterEqual(found.probe.count, 2)
        self.assertGreater(found.probe.max, 290_000)
        sentence = f"{found.probe.count} PINGs were never answered: they count as if they had been when the run ended."
        self.assertIn(sentence, found.verdicts)
