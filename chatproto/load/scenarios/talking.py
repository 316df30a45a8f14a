"""People in rooms, some of whom speak."""

from __future__ import annotations

from chatproto.load.run import Run
from chatproto.load.talk import Silence


def fanout(run: Run) -> None:
    """All in one room."""
    plan = run.plan
    crowd = run.gather(plan.connections)
    run.measure(run.talking(crowd, plan.speakers), plan.seconds)


def rooms(run: Run) -> None:
    """Divided among rooms, with speakers in each."""
    plan = run.plan
    crowd = run.gather(plan.connections, plan.rooms)
    run.measure(run.talking(crowd, plan.speakers), plan.seconds)


def idle(run: Run) -> None:
    """All are there, divided among rooms, and nobody says anything."""
    run.gather(run.plan.connections, min(run.plan.rooms, run.plan.connections))
    run.measure(Silence(), run.plan.seconds, warm_up=0)
