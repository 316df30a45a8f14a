"""One run: the clients, the time that is measured, and what became of it."""

from __future__ import annotations

import gc
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic_ns as clock

from chatproto.load import kernel
from chatproto.load.client import USUAL, Manner, Scene
from chatproto.load.crowd import Crowd, Missing
from chatproto.load.loop import SECOND, Loop, Stopped
from chatproto.load.marks import Marking, Tally
from chatproto.load.meter import Meter
from chatproto.load.plan import DRAIN, Plan
from chatproto.load.probe import Probe
from chatproto.load.progress import Nobody, Progress
from chatproto.load.resources import CouldNotRun, enough_ports, route
from chatproto.load.results import Figure, Sample, ServerUse, Step, Usage
from chatproto.load.speech import SPEECHES
from chatproto.load.talk import InTurn, Scheduled, Talk

LETTERS = "bcdfghjkpqstvxz"
"""Of which a run's names begin with three: none looks like a digit, or like two of them."""

QUIET = 2.0
"""Seconds without a delivery after which what has not come is lost."""

SETTLED = 0.2
"""Seconds in which nothing is heard after which all greetings have come, and who else joined."""

FAREWELL = 2.0
"""Seconds that a probe may take to come, or its last answers to."""


class Overdue(CouldNotRun):
    """The plan's deadline has come."""


class Run:
    """What all scenarios are made of. Everything blocks until it is done, and ends by the plan's deadline. Raises
    `CouldNotRun` from any of its functions, and `Stopped` when somebody asked for an end."""

    def __init__(
        self, plan: Plan, loop: Loop, usage: Callable[[], Usage] | None = None, progress: Progress | None = None
    ) -> None:
        """`usage` tells what the server's process has used, if that is known."""
        self.plan, self.loop, self.progress = plan, loop, progress or Nobody()
        self.speech = SPEECHES[plan.dialect]()
        self.route = route(plan)
        enough_ports(plan, self.route)
        letters = "".join(secrets.choice(LETTERS) for _ in range(3))
        self.scene = Scene(loop, self.route, self.speech, Marking(letters.encode(), plan.size), letters)
        self.tally = Tally()
        """The deliveries whose delay is the result."""
        self.tallies = [self.tally]
        """All deliveries that are counted."""
        self.crowds: list[Crowd] = []
        self.probe: Probe | None = None
        self.figures: list[Figure] = []
        self.steps: list[Step] = []
        self.notes: list[str] = []
        """Sentences for the result's verdicts."""
        self.missing_besides = Missing()
        """Deliveries that have not come of those who are in none of the crowds."""
        self.cut_besides = 0
        """Connections that the server ended, as others were told."""
        self.excused = 0
        """Of all that it ended, those that gave reason to be."""
        self.absent = 0
        """People who were to come, and did not get in though the run went on."""
        self.latency_of = "deliveries"
        self.talk: Talk | None = None
        self.started = time.time()
        self.flowing = False
        """When the last drain ended, lines still came."""
        self._usage = usage
        self._kernel = kernel.read()
        self._until = clock() + int(plan.deadline * SECOND)
        self._before = usage() if usage else Usage()
        self._each: float | None = None
        """Bytes of the server for each connection, before anybody spoke."""
        self.meter = self._new_meter()

    def gather(
        self,
        count: int,
        rooms: int = 1,
        *,
        tally: Tally | None = None,
        manner: Manner = USUAL,
        other: Mapping[int, Manner] | None = None,
    ) -> Crowd:
        """Bring `count` people in, divided among so many new rooms; those at some indices in another manner. All must
        come."""
        crowd = self.crowd(rooms, tally or self.tally)
        crowd.bring(count, self.plan.in_flight, clock(), manner, other=other)
        self.progress.phase("connecting", count)
        self.wait(lambda: self._came(crowd) >= count or bool(crowd.ended), self.plan.coming)
        if crowd.ended or crowd.arrived < count:
            self.somebody()
            self._explain(crowd, count)
        self.there()
        return crowd

    def crowd(self, rooms: int, tally: Tally) -> Crowd:
        """Nobody yet, in so many rooms that no crowd of this run has."""
        first = sum(len(each.members) for each in self.crowds)
        number = sum(len(each.rooms) for each in self.crowds)
        crowd = Crowd(self.scene, tally, [self.scene.room(number + room) for room in range(rooms)], first)
        self.crowds.append(crowd)
        if tally not in self.tallies:
            self.tallies.append(tally)
        return crowd

    def somebody(self) -> None:
        """Raises `CouldNotRun` if no connection at all came about."""
        if self.scene.opened == 0:
            host, port = self.route.address
            raise CouldNotRun(f"Nobody answers on port {port} of {host}: {self.scene.last_words}.")

    def there(self) -> None:
        """All who were to come are there: the memory that the server holds now is theirs. Waits until it is quiet."""
        self._quiet(SETTLED)
        here = self._here()
        if self._usage and here:
            self._each = (self._usage().rss - self._before.rss) / here

    def talking(self, crowd: Crowd, speakers: int) -> Talk:
        """How the plan has these speak."""
        speaking = crowd.introduce(speakers)
        if self.plan.rate:
            return Scheduled(self.loop, speaking, self.plan.rate)
        return InTurn(crowd.by_room(), speakers)

    def measure(
        self, talk: Talk, seconds: float, *, warm_up: float | None = None, done: Callable[[], bool] = lambda: False
    ) -> bool:
        """Let them talk, warm up, measure for so long or until it is done, and wait for what is on its way. Tells
        whether everything has come that was said."""
        self.talk = talk
        self._ask()
        gc.collect()
        gc.freeze()  # What is there stays there: the collector need not look at it while others wait.
        talk.begin(clock())
        self.progress.phase("warming up", 0)
        self.wait(lambda: False, self.plan.warm_up if warm_up is None else warm_up)
        self.meter = self._new_meter()
        self.meter.begin(seconds, talk.late, clock())
        if self.probe is not None:
            self.probe.begin(clock())
        self.progress.phase("measuring", seconds)
        self.wait(done, seconds)
        return self.finish()

    def finish(self) -> bool:
        """The measured time is over: no more is said, and what is on its way comes. Tells whether all came."""
        self.meter.end(clock())
        if self.talk is not None:
            self.talk.stop()
        if self.probe is not None:
            self.probe.stop(clock())
        self.progress.phase("waiting for the last lines", 0)
        came = self.drain()
        self.wait(lambda: self.probe is None or not self.probe.waiting, FAREWELL)
        if self.probe is not None:
            self.probe.give_up(clock())
        gc.unfreeze()
        for tally in self.tallies:
            tally.record.flush()
        return came

    def drain(self) -> bool:
        """Wait until all that was said has come, or until nothing comes any more. Tells whether all came."""
        self.flowing = False
        until = clock() + int(DRAIN * SECOND)
        while clock() < until and not self.all_came():
            before = self._arrived()
            came = self.wait(self.all_came, QUIET)
            self.flowing = not came and self._arrived() > before
            if not came and not self.flowing:
                self.scene.awaited = self._arrived()  # The next time, what was lost is not waited for again.
                return False
        return self.all_came()

    def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Serve until it is done, for so many seconds at the most. Raises `Overdue` at the plan's deadline."""
        until = clock() + int(seconds * SECOND)
        try:
            was_done = self.loop.run(done, min(until, self._until))
        except OSError as error:
            raise CouldNotRun(f"A connection could not even begin: {error.strerror or error}.") from None
        if not was_done and clock() >= self._until:
            raise Overdue(f"The run was not over after {self.plan.deadline:.0f} s, which is its deadline.")
        return was_done

    def all_came(self) -> bool:
        """Everything that was said has come, as far as numbers tell."""
        return self._arrived() >= self.scene.awaited

    def missing(self) -> Missing:
        """Deliveries that have not come to those who are there. As long as others still come, those after which
        nothing has come yet are on their way; when it has been quiet for `QUIET` seconds they are lost, too."""
        found = sum((crowd.missing() for crowd in self.crowds), self.missing_besides)
        return found if self.flowing else Missing(found.lost + found.outstanding)

    def server(self) -> ServerUse | None:
        """What the server's process used, if it is known."""
        if self._usage is None:
            return None
        now = self._usage()
        began, ended = self.meter.server or (self._before, now)
        return ServerUse(
            cpu_user=ended.user - began.user,
            cpu_system=ended.system - began.system,
            rss_before=self._before.rss,
            rss_after=now.rss,
            rss_peak=now.peak,
            connections=self._here(),
            rss_per_connection=self._each,
            turns=self.probe.turns if self.probe else None,
        )

    def server_busy(self) -> float | None:
        """The share of a core that the server used in the measured time, if that is known."""
        if self.meter.server is None or not self.meter.seconds:
            return None
        began, ended = self.meter.server
        return (ended.user + ended.system - began.user - began.system) / self.meter.seconds

    def kernel(self) -> dict[str, int]:
        """What the kernel's counters have grown by."""
        return kernel.grown(self._kernel)

    def close(self) -> None:
        """End all connections, and the loop."""
        for crowd in self.crowds:
            crowd.close()
        if self.probe is not None:
            self.probe.close()
        self.loop.close()

    def stop(self) -> None:
        """Somebody asked for an end: what is there is measured, and a little time is left for what is on its way."""
        self.loop.stopped = False
        self._until = clock() + int(3 * FAREWELL * SECOND)
        with suppress(Stopped, CouldNotRun):
            self.finish()

    def _new_meter(self) -> Meter:
        def told(sample: Sample) -> None:
            self.progress.done(sample.at)

        return Meter(self.loop, self.scene, tuple(self.tallies), self._usage, told)

    def _ask(self) -> None:
        """Have somebody there who asks how long an answer takes."""
        if self.probe is None and self.speech.probed:
            name = f"{self.scene.letters}p".encode()
            probe = self.probe = Probe(self.loop, self.route, self.speech, name)
            self.wait(lambda: probe.settled, FAREWELL)

    def _came(self, crowd: Crowd) -> int:
        self.progress.done(crowd.arrived)
        return crowd.arrived

    def _explain(self, crowd: Crowd, count: int) -> None:
        """Why not all came."""
        words = f' The last words: "{self.scene.last_words}".' if self.scene.last_words else ""
        if crowd.ended:
            raise CouldNotRun(f"Only {crowd.arrived:,} of {count:,} came in before the server ended one.{words}")
        raise CouldNotRun(f"Only {crowd.arrived:,} of {count:,} had come in after {self.plan.coming:.0f} s.{words}")

    def _quiet(self, seconds: float) -> None:
        """Wait until nothing is read for so long: greetings, and who else joined."""
        before = -1
        until = clock() + int(DRAIN * SECOND)
        while self.scene.heard != before and clock() < until:
            before = self.scene.heard
            self.wait(lambda: False, seconds)

    def _here(self) -> int:
        return sum(len(crowd.members) - crowd.ended for crowd in self.crowds)

    def _arrived(self) -> int:
        """Each delivery that was to come, once."""
        return sum(tally.delivered - tally.duplicated - tally.stray for tally in self.tallies)
