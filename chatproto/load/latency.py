"""How long things took: counted coarsely where it must be cheap, and put into an HDR histogram once a second.

For each delivered line only an element of a list grows: which one, a logarithm tells. Its steps are a thousandth apart,
which is what three significant digits of the histogram show, too.
"""

from __future__ import annotations

from math import exp, log

from hdrh.histogram import HdrHistogram

from chatproto.load.results import Latency

STEPS = 1000
"""Buckets for each factor of e: a value is known to 0.1 %."""

LONGEST = 7_200_000_000_000
"""Nanoseconds, two hours: more than any run lasts. What is longer is told as this."""

BUCKETS = 29_700
"""Enough for `LONGEST`: STEPS * log(LONGEST), and a few."""

PERCENTILES = (
    *(float(tenth) for tenth in range(0, 90, 5)),
    *(90.0, 92.5, 95.0, 97.5, 98.0, 99.0, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99, 99.995, 99.998, 99.999, 100.0),
)
"""The points of a plot, in percent."""


def buckets() -> list[int]:
    """Where a delay of `ns` nanoseconds, at least one, is counted: `counts[int(log(ns) * STEPS)] += 1`."""
    return [0] * BUCKETS


class Record:
    """Delays in nanoseconds, of one kind of thing, with a histogram of all and the coarse counts of this interval."""

    def __init__(self) -> None:
        self.counts = buckets()
        """Counts of the present interval; another list after each `flush`."""
        self._all = HdrHistogram(1, LONGEST // 1000, 3)
        self._shortest = LONGEST

    def add(self, delay: int) -> None:
        """Count a delay of so many nanoseconds; where many are counted, it is cheaper to do so in `counts`."""
        self.counts[min(int(log(max(1, delay)) * STEPS), BUCKETS - 1)] += 1

    def flush(self) -> float | None:
        """End an interval, and return the 99th percentile of it in microseconds; None if nothing was counted in it.
        Takes some milliseconds at the most, however much was counted."""
        counts, self.counts = self.counts, buckets()
        found = [(index, count) for index, count in enumerate(counts) if count]
        for index, count in found:
            self._all.record_value(min(max(1, round(_microseconds(index))), LONGEST // 1000), count)
        return _percentile(found, 0.99)

    def clear(self) -> None:
        """Forget everything."""
        self.counts = buckets()
        self._all.reset()

    def percentile(self, percentile: float) -> float | None:
        """In microseconds, of all intervals that are over."""
        return float(self._all.get_value_at_percentile(percentile)) if self._all.get_total_count() else None

    def latency(self) -> Latency | None:
        """Of all intervals that are over; None if nothing was counted."""
        of, total = self._all, self._all.get_total_count()
        if not total:
            return None
        p50, p90, p99, p999 = (float(of.get_value_at_percentile(at)) for at in (50, 90, 99, 99.9))
        largest = float(of.get_max_value())
        points = tuple((at, min(largest, float(of.get_value_at_percentile(at)))) for at in PERCENTILES)
        return Latency(total, p50, p90, p99, p999, largest, float(of.get_mean_value()), points)


def _percentile(found: list[tuple[int, int]], share: float) -> float | None:
    wanted = share * sum(count for _, count in found)
    for index, count in found:
        wanted -= count
        if wanted <= 0:
            return _microseconds(index)
    return None


def _microseconds(index: int) -> float:
    """The middle of a bucket."""
    return exp((index + 0.5) / STEPS) / 1000
