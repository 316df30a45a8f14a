"""What a run comes to, in sentences."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.results import ClientUse, Step
from chatproto.load.scenarios.capacity import _why
from chatproto.load.verdict import MUCH, _limits
from tests.load.examples import FULL


def busy(server: float | None) -> Any:
    """As much of a run as is looked at, whose server used so much of a core."""
    meter, plan = SimpleNamespace(late=0.0), SimpleNamespace(goal_ms=50.0)
    return SimpleNamespace(steps=[], server_busy=lambda: server, meter=meter, plan=plan)


class BusyTests(SynchronousTestCase):
    """Who was the limit is told from nine tenths of a core on, in percent as the table has them."""

    def test_sentences(self) -> None:
        """In the verdicts of a run."""
        idle = replace(FULL, client=ClientUse(1.0, 0.899, 0.0, 0.5))
        self.assertEqual(_limits(busy(None), idle), [])
        self.assertEqual(_limits(busy(0.899), idle), [])
        self.assertEqual(_limits(busy(0.9), idle), ["The server's CPU was the limit: it used 90 % of a core."])
        (sentence,) = _limits(busy(0.1), replace(FULL, client=ClientUse(1.0, 0.912, 0.0, 0.5)))
        self.assertIn("it was busy for 91 % of the time", sentence)

    def test_late(self) -> None:
        """That the schedule was not held is told from 5 ms on, and from a quarter of the latency at 99 %."""
        assert FULL.latency is not None
        for p99, late, told in ((4400.0, 5000.0, False), (4400.0, 5001.0, True), (40_000.0, 10_000.0, False),
                                (40_000.0, 10_001.0, True)):  # fmt: skip
            latency = replace(FULL.latency, p99=p99)
            found = replace(FULL, latency=latency, client=ClientUse(1.0, 0.5, late, 0.5))
            self.assertEqual(told, any("hold its schedule" in each for each in _limits(busy(None), found)), late)

    def test_another_process(self) -> None:
        """A process that used nothing while much was delivered is hardly the server; of little, nobody can tell."""
        assert FULL.server is not None
        for user, delivered, told in (
            (0.0, MUCH, True),
            (0.0, MUCH + 1, True),
            (0.0, MUCH - 1, False),
            (0.01, MUCH, False),
        ):
            server = replace(FULL.server, cpu_user=user, cpu_system=0.0)
            found = replace(FULL, server=server, delivered=delivered)
            self.assertEqual(told, any("--children" in each for each in _limits(busy(None), found)))

    def test_steps(self) -> None:
        """In what broke a rate."""
        step = Step(1000.0, 1000, 100_000, 0, 0, 2500.0, 0.912, 0.9, good=False, broke="")
        self.assertTrue(
            _why(busy(0.912), step, 0, {}).startswith(
                "the server's CPU: 91 % of a core; this client: busy for 90 % of the time; the server may do more"
            )
        )
