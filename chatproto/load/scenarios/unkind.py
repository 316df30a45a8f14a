"""Members who make it hard for the others: they come and go, do not read, or flood a room."""

from __future__ import annotations

from functools import partial
from time import monotonic_ns as clock

from chatproto.load.client import Client, Manner, State
from chatproto.load.crowd import listen, missing_among
from chatproto.load.latency import Record
from chatproto.load.loop import SECOND
from chatproto.load.marks import Tally
from chatproto.load.results import Figure, Latency
from chatproto.load.run import Run
from chatproto.load.talk import AsFastAsPossible, Scheduled, Together

UNREAD = 4096
"""Bytes that the kernel keeps for one who does not read, if it can do with so few."""

SMALL_RATE = 20.0
"""Lines per second in the small room beside a flood, if the plan says nothing else."""

SETTLED = 5 * SECOND
"""Nanoseconds after which what somebody said who has left must have come."""

BEFORE = 2.0
"""Seconds at the most for which the small room is measured before the flood."""

MOST_LEAVING = 1000
"""People who have said their line and are not gone yet; others wait until some are."""


def churn(run: Run) -> None:
    """A room talks while people come, say one line, and leave. The stayers must hear all of it."""
    plan = run.plan
    crowd = run.gather(plan.connections)
    passing = Passing(run, crowd.members)
    talk = run.talking(crowd, plan.speakers)
    run.measure(Together(talk, passing), plan.seconds)
    passing.settle()
    coming = passing.coming.latency()
    run.figures.append(Figure("came, said a line and left", passing.left, ""))
    if passing.waited:
        run.figures.append(Figure("could not come in time, for others were coming", passing.waited, ""))
    run.figures.extend(_times("coming in", coming))


class Passing:
    """Those who come and go, by a schedule. They hear what they hear: only what they say is checked."""

    def __init__(self, run: Run, stayers: list[Client]) -> None:
        self.left = self.waited = 0
        self.coming = Record()
        """How long they took to come in, from when they were due."""
        self.late = Record()
        self._run, self._stayers, self._unheard = run, stayers, Tally()
        self._number = len(stayers)
        self._interval = int(SECOND / run.plan.churn)
        self._going = False
        self._here: set[Client] = set()
        self._gone: list[tuple[int, Client]] = []

    def begin(self, now: int) -> None:
        """The first comes now."""
        self._going = True
        self._come(now, now)

    def stop(self) -> None:
        """No more come."""
        self._going = False

    def settle(self) -> None:
        """Wait for those who are still there, and see what nobody heard of what they said."""
        self._run.wait(lambda: not self._here, SETTLED / SECOND)
        self._run.drain()
        self._forget(clock() + SETTLED)
        for client in self._here:
            client.stream.close()
        self.coming.flush()

    def _come(self, due: int, now: int) -> None:
        if not self._going:
            return
        self._forget(now)
        if len(self._here) < min(MOST_LEAVING, self._run.plan.in_flight):
            scene, number = self._run.scene, self._number
            self._number += 1
            changed = partial(self._changed, due)
            self._here.add(Client(scene, number, self._stayers[0].room, self._unheard, changed))
        else:
            self.waited += 1
        due += self._interval
        self._run.loop.at(due, partial(self._come, due))

    def _changed(self, due: int, client: Client, now: int) -> None:
        if client.state is State.IN_ROOM:
            self.coming.add(now - due)
            listen(self._stayers, client)
            client.say(now, now)
            client.leave(now)
        elif client.state is State.ENDED:
            self._here.discard(client)
            if client.said:
                self.left += 1
                self._gone.append((now, client))

    def _forget(self, now: int) -> None:
        """Those whose line must have come by now."""
        while self._gone and self._gone[0][0] + SETTLED <= now:
            _, client = self._gone.pop(0)
            self._run.missing_besides += missing_among(self._stayers, [client], all_of_it=True)
            for stayer in self._stayers:
                stayer.ear.ignore(client.number)


def slow_readers(run: Run) -> None:
    """Some do not read. The others must lose nothing; when somebody is seen to go, the time is told."""
    plan = run.plan
    reading = plan.connections - plan.slow
    deaf = dict.fromkeys(range(reading, plan.connections), Manner(received=UNREAD))
    crowd = run.gather(plan.connections, other=deaf)
    slow = {member.name: member for member in crowd.members[reading:]}
    for member in slow.values():
        member.stream.pause()
        member.reads = False
    gone: list[int] = []

    def seen(name: bytes, now: int) -> None:
        if slow.pop(name, None) is not None:
            gone.append(now)
            run.cut_besides += 1
            run.excused += 1

    crowd.members[reading - 1].on_gone = seen
    began = clock()
    talk = run.talking(crowd, plan.speakers)
    run.measure(talk, plan.seconds)
    run.figures.append(Figure("did not read", plan.slow, ""))
    run.figures.append(Figure("of them cut", len(gone), ""))
    if gone:
        run.figures.append(Figure("first cut after", (gone[0] - began) / SECOND, "s"))
        run.figures.append(Figure("last cut after", (gone[-1] - began) / SECOND, "s"))
    else:
        run.notes.append("None of those who did not read was cut: what they were sent fitted into the buffers.")


def flood(run: Run) -> None:
    """Some say as much as they can in a big room. How long the lines of a small room beside it take is the figure."""
    plan = run.plan
    big = run.gather(plan.connections, tally=Tally())
    big.on_end = partial(_excuse, run, frozenset(big.members[: plan.flooders]))
    small = run.gather(plan.beside, manner=Manner(prompt=True))
    talk = Scheduled(run.loop, small.introduce(1), plan.rate or SMALL_RATE)
    flooders = AsFastAsPossible(run.loop, big.introduce(plan.flooders), big.members[plan.flooders])
    run.latency_of = "deliveries in the small room"
    run.measure(talk, min(BEFORE, plan.seconds), warm_up=0)
    run.figures.extend(_times("small room before the flood", run.tally.record.latency()))
    run.measure(Together(talk, flooders), plan.seconds)
    run.figures.append(Figure("delivered in the big room", run.meter.delivered_of(big.tally), "lines"))
    run.figures.extend(_times("the big room", big.tally.record.latency()))


def _excuse(run: Run, flooders: frozenset[Client], client: Client, now: int) -> None:
    """Whoever floods may well be cut; whoever only listens may not."""
    run.excused += client in flooders


def _times(what: str, latency: Latency | None) -> list[Figure]:
    if latency is None:
        return []
    return [Figure(f"{what}, median", latency.p50, "µs"), Figure(f"{what}, 99 %", latency.p99, "µs")]
