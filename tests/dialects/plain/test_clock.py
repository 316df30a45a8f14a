"""The time of day."""

from __future__ import annotations

import time

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.plain.clock import last_time
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
