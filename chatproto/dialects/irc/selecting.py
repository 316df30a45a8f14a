"""Places in a history as clients name them: `timestamp=…` and `msgid=…` (IRCv3's chathistory)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import inf, nextafter
from typing import NamedTuple

from chatproto.dialects.irc.look import shown_as
from chatproto.events import Stamp
from chatproto.interfaces import Mark

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

NO_PLACE = Stamp(0, 0, 0.0)
"""Nothing stands there: offsets begin with 1."""


class Selector(NamedTuple):
    """A place that somebody named. All that is shown with the time of a `timestamp=` is neither before nor after it."""

    after: Mark
    """What comes after the place comes after this."""
    before: Mark


class BadTime(ValueError):
    """No time as `server-time` has them."""


class UnknownType(ValueError):
    """A selector of no type that is known."""


def milliseconds(text: str) -> int:
    """`timestamp=YYYY-MM-DDThh:mm:ss.sssZ` since 1970. Raises `BadTime`."""
    kind, _, value = text.partition("=")
    if kind != "timestamp" or not _TIME.fullmatch(value):
        raise BadTime(text)
    try:
        return (datetime.fromisoformat(value) - _EPOCH) // _MILLISECOND
    except ValueError:
        raise BadTime(text) from None


def first(milliseconds: int) -> float:
    """The first moment, in seconds, that is shown as that time."""
    moment = (milliseconds * 1000 - 0.5) / 1_000_000
    near = nextafter(moment, -inf), moment, nextafter(moment, inf)  # These numbers are rounded themselves.
    return next((each for each in near if shown_as(each) == milliseconds), moment)


def last(milliseconds: int) -> float:
    """The last one."""
    return nextafter(first(milliseconds + 1), -inf)


def selector(text: str) -> Selector:
    """The place that `text` names. An id that nothing ever had is no place. Raises `BadTime` or `UnknownType`."""
    kind, _, value = text.partition("=")
    if kind == "msgid":
        stamp = _stamp(value)
        return Selector(stamp, stamp)
    if kind != "timestamp":
        raise UnknownType(text)
    time = milliseconds(text)
    return Selector(last(time), first(time))


def _stamp(value: str) -> Stamp:
    try:
        return Stamp.parse(value)
    except ValueError:
        return NO_PLACE
