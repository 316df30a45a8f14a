"""Times by the server's clock, as people write and read them: the time of day stands before what happened."""

from __future__ import annotations

import re
import time

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ](.+))?", re.ASCII)


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


def moment(text: str, now: float) -> float | None:
    """The same for `YYYY-MM-DD` as well, when that day began, and `YYYY-MM-DDTHH:MM`."""
    found = _DATE.fullmatch(text)
    if found is None:
        return last_time(text, now)
    year, month, day = map(int, found.groups()[:3])
    clock = _CLOCK.fullmatch(found[4] or "0:00")
    if clock is None:
        return None
    hour, minute = map(int, clock.groups())
    try:
        at = time.mktime((year, month, day, hour, minute, 0, 0, 0, -1))
    except (OverflowError, ValueError):
        return None
    there = time.localtime(at)
    return at if (there.tm_year, there.tm_mon, there.tm_mday) == (year, month, day) else None  # No 31st of April.


def day(at: float) -> str:
    """The day, as `YYYY-MM-DD`."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def day_and_time(at: float) -> str:
    """The same with the time of day."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
