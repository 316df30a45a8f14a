"""Many come at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatproto.load.client import Client, Manner, State
from chatproto.load.crowd import Crowd
from chatproto.load.results import Figure
from chatproto.load.run import Run
from chatproto.load.talk import Silence


def join_storm(run: Run) -> None:
    """All are registered, and then all join one room at once; until the last has its NAMES."""
    count = run.plan.connections
    crowd = run.gather(count, manner=Manner(goal=State.REGISTERED))
    run.latency_of = "joining: from JOIN to the end of NAMES"
    here = crowd.arrive_again(partial(_count, run, lambda client: client.asked))

    def everybody(now: int) -> None:
        for member in crowd.members:
            member.join(now)

    _storm(run, crowd, everybody, lambda: here() + crowd.ended >= count)


def connect_storm(run: Run) -> None:
    """All connect, register and join one room, so many at a time; until the last has its NAMES."""
    plan = run.plan
    crowd = run.crowd(1, run.tally)
    run.latency_of = "coming: from connecting to the end of NAMES"
    crowd.on_arrival = partial(_count, run, lambda client: client.began)
    _storm(
        run,
        crowd,
        lambda now: crowd.bring(plan.connections, plan.in_flight, now),
        lambda: crowd.arrived + crowd.ended >= plan.connections,
    )
    run.there()


def _storm(run: Run, crowd: Crowd, begin: Callable[[int], None], done: Callable[[], bool]) -> None:
    talk = Silence(begin)
    over = run.measure(talk, run.plan.coming, warm_up=0, done=done)
    here = len(crowd.present())
    run.figures.append(Figure("came in", here, ""))
    run.figures.append(Figure("last NAMES after", run.meter.seconds, "s"))
    if not over:
        run.notes.append(f"Only {here:,} of {run.plan.connections:,} had come in after {run.plan.coming:.0f} s.")


def _count(run: Run, since: Callable[[Client], int], client: Client, now: int) -> None:
    run.tally.record.add(now - since(client))
