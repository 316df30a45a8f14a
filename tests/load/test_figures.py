"""The single figures of a result, in words."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import figures
from tests.load.examples import BARE, CAPACITY, FULL, PING, SHORT


class FiguresTests(SynchronousTestCase):
    """Each with its unit; what is not known is left out, or said to be unknown."""

    def test_full(self) -> None:
        """All that there can be."""
        self.assertEqual(
            figures.groups(FULL),
            {
                "lines": [
                    ("asked for", "1,000/s"),
                    ("sent", "20,000 (1,000/s)"),
                    ("delivered", "19,980,000 (999,000/s)"),
                    ("lost", "4"),
                    ("twice", "5"),
                    ("out of order", "6"),
                    ("connections cut", "3"),
                ],
                "server": [
                    ("CPU", "6.10 s user + 9.20 s system, 76 % of a core"),
                    ("per delivery", "0.77 µs of CPU"),
                    ("memory before", "40.0 MiB"),
                    ("memory after", "50.0 MiB, with 997 connections"),
                    ("memory, most ever", "52.0 MiB"),
                    ("per connection", "3.40 KiB, while nobody spoke"),
                    ("reactor's turns", "20,123: median 350 µs, 99 % 4.80 ms, longest 15.3 ms"),
                ],
                "client": [
                    ("CPU", "11.00 s"),
                    ("busy", "55 % of the time"),
                    ("per delivery", "0.55 µs of CPU"),
                    ("behind schedule", "320 µs at 99 % of the lines"),
                ],
                "besides": [("last NAMES after", "532 ms"), ("slow readers cut", "3")],
            },
        )

    def test_bare(self) -> None:
        """As little as there can be: nothing is divided by no time at all."""
        groups = figures.groups(BARE)
        self.assertEqual(list(groups), ["lines", "server", "client"])
        self.assertEqual(groups["lines"], [("connections cut", "0")])
        self.assertEqual(groups["server"], [("CPU and memory", "not known: name its process with --pid or --spawn")])
        self.assertEqual(groups["client"], [("CPU", "0.00 s"), ("busy", "0 % of the time")])

    def test_silence(self) -> None:
        """Where nothing was to be said, how much of it came is left out; not so where something was, or came."""
        for found in (replace(BARE, offered_rate=5.0), replace(BARE, delivered=1), replace(BARE, duplicated=1)):
            self.assertIn(("lost", "0"), figures.groups(found)["lines"])

    def test_little(self) -> None:
        """A server that does not tell its turns, and nothing delivered."""
        assert FULL.server is not None
        server = replace(FULL.server, turns=None, rss_per_connection=None)
        groups = figures.groups(replace(FULL, server=server, delivered=0, seconds=0.0))
        self.assertEqual(groups["server"][0], ("CPU", "6.10 s user + 9.20 s system"))
        self.assertEqual(len(groups["server"]), 4)
        self.assertNotIn("per delivery", dict(groups["client"]))

    def test_latencies(self) -> None:
        """By what they are of; that not every delivery was counted is said."""
        self.assertEqual(figures.latencies(FULL), {"deliveries, each 8th": SHORT, "PING, there and back": PING})
        small = replace(FULL, latency_of="deliveries in the small room", counted_every=1, probe=None)
        self.assertEqual(figures.latencies(small), {"deliveries in the small room": SHORT})
        self.assertEqual(figures.latencies(BARE), {})

    def test_parameters(self) -> None:
        """What is off or not given is not told; what is zero is."""
        self.assertEqual(figures.parameters(FULL), "connections 1000, rate 1000.0, slow 0, closed")
        self.assertEqual(figures.parameters(CAPACITY), "goal-ms 50, goal-percentile 99.0")
        self.assertEqual(figures.parameters(BARE), "")

    def test_when(self) -> None:
        """A run that was ended early is known by it."""
        self.assertEqual(figures.when(FULL), "2026-11-18 11:06:40 UTC, 20.0 s measured, ended early")
        self.assertEqual(figures.when(CAPACITY), "2026-11-18 11:06:40 UTC, 6.00 s measured")
