"""The time of day."""

from __future__ import annotations

import time

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.plain.clock import day, day_and_time, last_time, moment
from chatproto.testing import NOON


class ClockTests(SynchronousTestCase):
    """When it was that time last."""

    def test_today_and_yesterday(self) -> None:
        """What is not yet, was yesterday; this very minute is today."""
        now = time.strftime("%H:%M", time.localtime(NOON))
        minute = NOON - NOON % 60
        self.assertEqual(last_time(now, NOON), minute)
        self.assertEqual(last_time(time.strftime("%H:%M", time.localtime(NOON - 3600)), NOON), minute - 3600)
        self.assertEqual(last_time(time.strftime("%H:%M", time.localtime(NOON + 60)), NOON), minute + 60 - 86400)

    def test_first_of_a_month(self) -> None:
        """The day before the first of a month is in another one."""
        first = time.mktime((2027, 3, 1, 0, 30, 0, 0, 0, -1))
        found = last_time("23:59", first)
        assert found is not None
        self.assertEqual(time.localtime(found)[:5], (2027, 2, 28, 23, 59))

    def test_no_time(self) -> None:
        """Only hours and minutes are a time of day."""
        for text in ("24:00", "12:60", "12", "12:3", "noon", "12:30:00", "-1:00", "１２:３０", ""):
            self.assertIsNone(last_time(text, NOON))
        self.assertIsNotNone(last_time("9:05", NOON))


class MomentTests(SynchronousTestCase):
    """A day, or a day with a time."""

    def test_moments(self) -> None:
        """A day is when it began; alone a time of day is when it was last."""
        for text, expected in (
            ("2026-11-01", (2026, 11, 1, 0, 0)),
            ("2026-1-2", (2026, 1, 2, 0, 0)),
            ("2026-11-01T9:05", (2026, 11, 1, 9, 5)),
            ("2024-02-29 23:59", (2024, 2, 29, 23, 59)),
        ):
            found = moment(text, NOON)
            assert found is not None
            self.assertEqual(time.localtime(found)[:5], expected)
        self.assertEqual(moment("09:30", NOON), last_time("09:30", NOON))

    def test_none(self) -> None:
        """Days that are not there are none, nor is anything else."""
        for text in (
            "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-11-00", "26-11-01", "2026-11-01T",
            "2026-11-01T25:00", "2026-11-01T09:30:00", "2026/11/01", "9999999-01-01", "today", "",
        ):  # fmt: skip
            self.assertIsNone(moment(text, NOON), text)

    def test_shown(self) -> None:
        """As it is read."""
        at = time.mktime((2026, 11, 1, 9, 5, 0, 0, 0, -1))
        self.assertEqual((day(at), day_and_time(at)), ("2026-11-01", "2026-11-01 09:05"))
