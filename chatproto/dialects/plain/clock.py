"""The time of day, by the server's clock, as it stands before what happened."""

from __future__ import annotations

import re
import time

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def last_time(text: str, now: float) -> float | None:
    """When it was `HH:MM` last, in seconds since 1970; None if that is no time of day."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    today = time.localtime(now)
    hour, minute = map(int, found.groups())
    for day in (today.tm_mday, today.tm_mday - 1):  # mktime knows which day is before the first of a month.
        at = time.mktime((today.tm_year, today.tm_mon, day, hour, minute, 0, 0, 0, -1))
        if at <= now:
            break
    return at
