"""Who speaks when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.loop import SECOND
from chatproto.load.talk import SAID_AT_ONCE, Scheduled


class Alarms:
    """As much of a loop as a schedule needs."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, Callable[[int], None]]] = []

    def at(self, when: int, call: Callable[[int], None]) -> None:
        """Note it."""
        self.calls.append((when, call))


class Speaker:
    """Notes when its lines were due, and when they were said."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int]] = []

    def say(self, due: int, now: int) -> None:
        """One line."""
        self.lines.append((due, now))


class ScheduleTests(SynchronousTestCase):
    """Lines that are due at fixed times."""

    def test_at_once(self) -> None:
        """No more lines than the bound are said at once, however many are due; the rest follow in the loop's next turn,
        each due when it was."""
        for due in (SAID_AT_ONCE - 1, SAID_AT_ONCE, SAID_AT_ONCE + 1, 3 * SAID_AT_ONCE):
            alarms: Any = Alarms()
            speaker: Any = Speaker()
            talk = Scheduled(alarms, [speaker], SECOND)  # One each nanosecond.
            now = due - 1
            talk._going = True
            talk._speak(now)
            self.assertEqual(min(due, SAID_AT_ONCE), len(speaker.lines))
            when, go_on = alarms.calls[-1]
            self.assertEqual(now + 1, when, "within the same turn, nobody else would have theirs")
            go_on(when)
            self.assertEqual(list(range(len(speaker.lines))), [due for due, _ in speaker.lines])
            self.assertEqual(min(due + 1, 2 * SAID_AT_ONCE), len(speaker.lines))

    def test_stopped(self) -> None:
        """Who is stopped says no more of what is due."""
        alarms: Any = Alarms()
        speaker: Any = Speaker()
        talk = Scheduled(alarms, [speaker], 10.0)
        talk.begin(0)
        talk.stop()
        alarms.calls[-1][1](SECOND)
        self.assertEqual([(0, 0)], speaker.lines)
