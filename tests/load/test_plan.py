"""The options of a run: each bound, and what must fit together."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.plan import MOST_STEPS, BadPlan, Plan, is_loopback, option, shown
from chatproto.setting import declared

ROOMY = {"scenario": "idle"}
"""A scenario that asks for nothing beside the bounds."""


class BoundTests(SynchronousTestCase):
    """Every number is checked at its bounds: one below, at, and one above."""

    def test_bounds(self) -> None:
        """Both ends are allowed; beyond them a sentence names the option and what is allowed."""
        numbers = [field for field in fields(Plan) if declared(field).least is not None]
        self.assertGreater(len(numbers), 15)
        for field in numbers:
            known = declared(field)
            assert known.least is not None
            assert known.most is not None
            kind: Any = type(field.default)
            step = 1 if kind is int else 0.001
            for value in (known.least, known.most):
                self._plan(field.name, kind(value))
            for value in (known.least - step, known.most + step):
                with self.assertRaises(BadPlan) as caught:
                    self._plan(field.name, kind(value))
                words = str(caught.exception).replace(",", "")
                self.assertTrue(words.startswith(f"{option(field.name)} must be between "), words)
                *_, least, _, most = words.split()
                self.assertEqual((known.least, known.most), (float(least), float(most)))

    def test_within(self) -> None:
        """One within each bound is allowed, too."""
        for name, least, most in (("connections", 1, 100_000), ("seconds", 0.1, 3600), ("size", 64, 400)):
            for value in (least + 1, most - 1):
                self._plan(name, value)

    def test_words(self) -> None:
        """Large bounds are told as people read them."""
        with self.assertRaises(BadPlan) as caught:
            self._plan("rate", 2e6)
        self.assertEqual("--rate must be between 0 and 1,000,000", str(caught.exception))

    def test_not_a_number(self) -> None:
        """NaN is between nothing."""
        self.assertRaises(BadPlan, Plan, **ROOMY, seconds=float("nan"))

    def _plan(self, name: str, value: Any) -> Plan:
        return Plan(**{**ROOMY, name: value})


class FitTests(SynchronousTestCase):
    """What must fit together."""

    def refused(self, words: str, **options: Any) -> None:
        """A plan with these is refused in a sentence that has these words."""
        with self.assertRaises(BadPlan) as caught:
            Plan(**options)
        self.assertIn(words, str(caught.exception))

    def test_dialect(self) -> None:
        """Only the dialects that there are."""
        self.refused("--dialect must be one of: irc, plain", dialect="xmpp")

    def test_another_host(self) -> None:
        """Beyond loopback one has to say that one may, with the same name."""
        for host in ("192.0.2.1", "example.org", "::ffff:192.0.2.1", "0.0.0.0", "localhost.example.org"):
            self.refused(f"--i-may-load {host}", host=host)
            self.refused(f"--i-may-load {host}", host=host, i_may_load="yes")
            self.assertEqual(host, Plan(host=host, i_may_load=host).host)
        for host in ("127.0.0.1", "127.8.9.10", "::1", "localhost"):
            self.assertTrue(is_loopback(host))
            self.assertEqual(host, Plan(host=host).host)

    def test_shapes(self) -> None:
        """Each scenario has as many members as it needs: one fewer is refused."""
        self.refused("a room needs two members at least: raise --connections", connections=1)
        self.assertEqual(2, Plan(connections=2).connections)
        for scenario in ("rooms", "capacity"):
            self.refused("too small for --rooms", scenario=scenario, connections=19, rooms=10)
            self.assertEqual(20, Plan(scenario=scenario, connections=20, rooms=10).connections)
        self.refused("--speakers must be at most 3", connections=3, speakers=4)
        self.assertEqual(3, Plan(connections=3, speakers=3).speakers)
        self.refused("--slow", scenario="slow-readers", connections=5, slow=3, speakers=2)
        self.assertEqual(6, Plan(scenario="slow-readers", connections=6, slow=3, speakers=2).connections)
        self.refused("--flooders", scenario="flood", connections=5, flooders=5)
        self.assertEqual(6, Plan(scenario="flood", connections=6, flooders=5).connections)

    def test_contradictions(self) -> None:
        """Options that exclude or need one another."""
        self.refused("--ca asks for --tls", ca="some.pem")
        self.refused("not both", pid=1, spawn="chat")

    def test_command(self) -> None:
        """What starts the server is split as a shell would do it; what cannot be split, or is blank, is refused."""
        self.assertEqual(["chat", "a b", "c"], Plan(spawn="chat 'a b' c").command)
        self.assertEqual([], Plan().command)
        self.refused('--spawn "a \'b" cannot be taken apart: no closing quotation', spawn="a 'b")
        self.refused("--spawn is empty", spawn="  ")

    def test_deadline(self) -> None:
        """A run has an end that grows with what it has to do."""
        self.assertLess(Plan(seconds=1).deadline, Plan(seconds=100).deadline)
        self.assertGreater(Plan(connections=10_000).deadline, Plan(connections=100).deadline + 100)
        self.assertGreater(Plan(scenario="capacity", step=10).deadline, MOST_STEPS * 10)

    def test_shown(self) -> None:
        """A result tells the options of its scenario as they are given, without those that say nothing."""
        self.assertEqual({"connections": 100, "warm-up": 1.0}, shown(Plan(), ("connections", "warm_up", "ca")))
