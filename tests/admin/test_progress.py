"""How far something is."""

from __future__ import annotations

import io

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.admin.progress import ELSEWHERE, ON_TERMINAL, Progress


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        """Yes."""
        return True


class ProgressTests(SynchronousTestCase):
    """On a terminal, and in a log."""

    def test_terminal(self) -> None:
        """One line is written again and again, not too often, and wiped away."""
        clock, out = Clock(), Terminal()
        progress = Progress("lines", out, clock.seconds)
        progress.done(1000)
        self.assertEqual(out.getvalue(), "")
        clock.advance(ON_TERMINAL)
        progress.done(1000)
        progress.done(1)
        self.assertEqual(out.getvalue(), "\r2,000 lines, 4,000 a second\x1b[K")
        progress.end()
        self.assertTrue(out.getvalue().endswith("\r\x1b[K"))

    def test_elsewhere(self) -> None:
        """There are lines now and then."""
        clock, out = Clock(), io.StringIO()
        progress = Progress("lines", out, clock.seconds)
        for _ in range(3):
            clock.advance(ELSEWHERE / 2)
            progress.done(500)
        progress.end()
        self.assertEqual(out.getvalue(), "1,000 lines, 100 a second\n")

    def test_short(self) -> None:
        """Of what is done at once nothing is told."""
        out = Terminal()
        progress = Progress("lines", out, Clock().seconds)
        progress.done(5)
        progress.end()
        self.assertEqual((out.getvalue(), progress.count), ("", 5))
