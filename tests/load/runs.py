"""Whole runs against a server in the same loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import run
from chatproto.load.loop import Loop
from chatproto.load.plan import Plan
from chatproto.load.results import Result, Usage
from chatproto.load.run import Run
from chatproto.load.scenarios import SCENARIOS
from chatproto.load.verdict import result
from tests.load.clocks import steady
from tests.load.fakes import Deliver, FakeServer, Peer, honest

SMALL: dict[str, Any] = {"connections": 4, "seconds": 0.2, "warm_up": 0.0, "rate": 100.0, "in_flight": 2}


class RunCase(SynchronousTestCase):
    """Runs against a fake server. However busy the machine is, they take the time that they would take alone."""

    def setUp(self) -> None:
        """A clock for both ends."""
        self.clock = steady(self)

    def play(
        self,
        scenario: str = "fanout",
        deliver: Deliver = honest,
        refuse: Callable[[Peer, bytes], bytes | None] = lambda peer, line: None,
        usage: Callable[[], Usage] | None = None,
        **options: Any,
    ) -> Result:
        """One run, small unless the options say otherwise."""
        self.patch(run, "QUIET", 0.1)
        self.patch(run, "SETTLED", 0.02)
        self.loop = Loop()
        self.server = FakeServer(self.loop, deliver, refuse)
        plan = Plan(scenario=scenario, port=self.server.port, **{**SMALL, **options})
        self.run_ = Run(plan, self.loop, usage)
        self.addCleanup(self.run_.close)
        self.addCleanup(self.server.close)
        SCENARIOS[scenario].play(self.run_)
        return result(self.run_, SCENARIOS[scenario].options)

    def wrong(self, found: Result) -> tuple[int, int, int, int]:
        """What went wrong: lost, doubled, out of order, cut."""
        return found.lost, found.duplicated, found.disordered, found.cut


def lying(at: int, lie: Deliver) -> Deliver:
    """Honest, but for what is said when somebody says their line number `at`."""

    def deliver(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
        (lie if speaker.said == at else honest)(server, speaker, others, line)

    return deliver
