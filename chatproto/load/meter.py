"""What a run used in the time that was measured: lines, CPU, memory, interval by interval."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from chatproto.load.client import Scene
from chatproto.load.latency import Record
from chatproto.load.loop import SECOND, Loop
from chatproto.load.marks import Tally
from chatproto.load.results import ClientUse, Sample, Usage

INTERVALS = 10
"""As many samples there are at least; each is a second long at the most."""


class Meter:
    """Reads all clocks and counters at the start and the end of the measured time, and in between once a second."""

    def __init__(
        self,
        loop: Loop,
        scene: Scene,
        tallies: tuple[Tally, ...],
        usage: Callable[[], Usage] | None,
        on_sample: Callable[[Sample], None] = lambda sample: None,
    ) -> None:
        """The delays are those of the first tally, the deliveries those of all. `usage` tells what the server's
        process has used, if that is known; `on_sample` is told of each sample."""
        self.samples: list[Sample] = []
        self.seconds = 0.0
        self.sent = self.delivered = 0
        self.server: tuple[Usage, Usage] | None = None
        """What the server had used at the start and at the end of the measured time."""
        self.client_cpu = 0.0
        self.client_busy = 0.0
        """Seconds in which this program had something to do, or had to wait for a processor."""
        self.late = 0.0
        """Microseconds behind its schedule that 99 % of the lines were said at the most."""
        self._loop, self._scene, self._usage, self._on_sample = loop, scene, usage, on_sample
        self._tallies = tallies
        self._late: Record | None = None
        self._going = False
        self._interval = SECOND
        self._began = self._mark = self._last = _Reading(0, 0, (), 0.0, 0, None)

    def begin(self, seconds: float, late: Record, now: int) -> None:
        """Forget what was counted before, and measure; there will be a sample at least every second."""
        self.samples.clear()
        for tally in self._tallies:
            tally.record.clear()
        late.clear()
        self._late, self._going = late, True
        self._interval = int(min(1.0, seconds / INTERVALS) * SECOND)
        self._began = self._last = self._read(now)
        self._loop.at(now + self._interval, self._sample)

    def end(self, now: int) -> None:
        """The measured time is over. What was said in it may still come, and its delay counts."""
        if not self._going:
            return
        self._going = False
        if now - self._last.at > self._interval // 10 or not self.samples:
            self._take(now)
        began, last = self._began, self._last
        self.seconds = (last.at - began.at) / SECOND
        self.sent, self.delivered = last.sent - began.sent, sum(last.delivered) - sum(began.delivered)
        self.client_cpu = last.cpu - began.cpu
        self.client_busy = max(self.client_cpu, self.seconds - (last.waited - began.waited) / SECOND)
        if began.server is not None and last.server is not None:
            self.server = began.server, last.server
        assert self._late is not None
        self._late.flush()
        self.late = self._late.percentile(99.0) or 0.0

    def delivered_of(self, tally: Tally) -> int:
        """How much of the deliveries in the measured time are one tally's."""
        place = self._tallies.index(tally)
        return self._last.delivered[place] - self._began.delivered[place] if self.samples else 0

    def client(self) -> ClientUse:
        """What this program used."""
        each = self.client_cpu * 1e6 / self.delivered if self.delivered else None
        return ClientUse(self.client_cpu, self.client_busy / self.seconds if self.seconds else 0.0, self.late, each)

    def _sample(self, now: int) -> None:
        if self._going:
            self._take(now)
            self._loop.at(max(now, self._last.at) + self._interval, self._sample)

    def _take(self, now: int) -> None:
        before, self._last = self._last, self._read(now)
        last = self._last
        known = before.server is not None and last.server is not None
        sample = Sample(
            at=(now - self._began.at) / SECOND,
            seconds=(now - before.at) / SECOND,
            sent=last.sent - before.sent,
            delivered=sum(last.delivered) - sum(before.delivered),
            server_cpu=_cpu(last.server) - _cpu(before.server) if known else None,
            server_rss=last.server.rss if last.server else None,
            client_cpu=last.cpu - before.cpu,
            p99=self._tallies[0].record.flush(),
        )
        self.samples.append(sample)
        self._on_sample(sample)

    def _read(self, now: int) -> _Reading:
        usage = self._usage() if self._usage else None
        delivered = tuple(tally.delivered for tally in self._tallies)
        return _Reading(now, self._scene.sent, delivered, time.thread_time(), self._loop.waited, usage)


class _Reading(NamedTuple):
    """All clocks and counters at one time."""

    at: int
    sent: int
    delivered: tuple[int, ...]
    """Of each tally."""
    cpu: float
    waited: int
    server: Usage | None


def _cpu(usage: Usage | None) -> float:
    return usage.user + usage.system if usage else 0.0
