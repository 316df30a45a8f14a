"""The table on the terminal."""

from __future__ import annotations

import io
import os
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import table
from chatproto.load.results import Result
from tests.load.examples import BARE, CAPACITY, FULL


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


class TableTests(SynchronousTestCase):
    """What is printed of a result."""

    def terminal(self, **settings: str) -> None:
        """Let the environment say this of the terminal."""
        self.addCleanup(os.environ.update, {name: os.environ[name] for name in settings if name in os.environ})
        for name in settings.keys() - os.environ.keys():
            self.addCleanup(os.environ.pop, name, None)
        os.environ.update(settings)

    def lines(self, result: Result, columns: str = "200") -> list[str]:
        """The lines, without what fills them up."""
        self.terminal(COLUMNS=columns)
        file = io.StringIO()
        table.show(result, file)
        return [line.rstrip() for line in file.getvalue().splitlines()]

    def test_width(self) -> None:
        """No line is wider than 80 columns, however wide the terminal is; on a narrower one, no wider than that."""
        for result in (FULL, CAPACITY, BARE):
            for columns in (60, 80, 200):
                widest = max(len(line) for line in self.lines(result, str(columns)))
                self.assertLessEqual(widest, min(80, columns))

    def test_head(self) -> None:
        """First, what was measured and how."""
        self.assertEqual(
            self.lines(FULL)[:4],
            [
                "chat-load fanout: irc over TCP at 127.0.0.1:7000",
                "connections 1000, rate 1000.0, slow 0, closed",
                "2026-11-18 11:06:40 UTC, 20.0 s measured, ended early",
                "",
            ],
        )

    def test_figures(self) -> None:
        """Then the figures with their units, in groups, and the latencies side by side."""
        lines = self.lines(FULL)
        self.assertIn("lines    asked for          1,000/s", lines)
        self.assertIn("         delivered          19,980,000 (999,000/s)", lines)
        self.assertIn("server   CPU                6.10 s user + 9.20 s system, 76 % of a core", lines)
        self.assertIn("latency   deliveries, each 8th  PING, there and back", lines)
        self.assertIn("99 %                   4.40 ms               1.32 ms", lines)

    def test_steps(self) -> None:
        """What `capacity` tried, by its rate, with what broke."""
        lines = self.lines(CAPACITY)
        start = next(place for place, line in enumerate(lines) if "latency, 99 %" in line)
        rates = [
            line.split()[0] for line in lines[start + 2 :] if line.startswith("  ") and line.split()[0][0].isdigit()
        ]
        self.assertEqual(rates, ["1,000", "2,000", "4,000"])
        self.assertIn("  1,000        2.50 ms    10 %   5.0 %     0    0  held", lines)
        self.assertIn("  2,000        5.40 ms       –    20 %     0    0  held", lines)
        self.assertIn("the latency goal", "\n".join(lines))

    def test_kernel(self) -> None:
        """Of the kernel's counters those that moved, with their meaning; that none did, or that there are none."""
        lines = self.lines(FULL)
        self.assertIn("         3  RetransSegs: packets that were sent again, for any of these reasons", lines)
        self.assertNotIn("ListenOverflows", "\n".join(lines))
        still = self.lines(replace(FULL, kernel={"ListenDrops": 0, "RetransSegs": 0}))
        self.assertIn("None of the kernel's 2 counters of drops and repeats has moved.", still)
        self.assertIn("The kernel's counters are not known: Linux alone has them in /proc/net.", self.lines(BARE))

    def test_end(self) -> None:
        """There is nothing behind the last line, not an empty one."""
        for result in (FULL, BARE):
            self.assertTrue(self.lines(result)[-1])

    def test_verdicts(self) -> None:
        """At the end, what it comes to; a server's words as they are, but for what a terminal would obey."""
        self.assertEqual(
            self.lines(FULL)[-3:],
            [
                "• Something was lost.",
                "• The server said:",
                "  <script>alert('&')</script> [bold]loud[/bold] �[31mred�",
            ],
        )

    def test_terminal(self) -> None:
        """On a terminal there are colours and bold letters, none of them the server's."""
        self.terminal(COLUMNS="80", TERM="xterm", NO_COLOR="")
        terminal = Terminal()
        table.show(CAPACITY, terminal)
        self.assertIn("\x1b[1mchat-load capacity", terminal.getvalue())
        table.show(FULL, terminal)
        self.assertNotIn("\x1b[31mred", terminal.getvalue())
        self.assertNotIn("\x07", terminal.getvalue())
