"""Many come at once."""

from __future__ import annotations

from collections.abc import Callable

from chatproto.load.client import Client, Manner, State
from chatproto.load.crowd import Crowd
from chatproto.load.loop import SECOND
from chatproto.load.results import Figure
from chatproto.load.run import Run
from chatproto.load.talk import Silence
from chatproto.load.wording import duration


def join_storm(run: Run) -> None:
    """All are registered, and then all join one room at once; until the last has its NAMES."""
    crowd = run.gather(run.plan.connections, manner=Manner(goal=State.REGISTERED))
    run.latency_of = "joining: from JOIN to the end of NAMES"
    storm = Storm(run, crowd, lambda client: client.asked)
    crowd.arrive_again()

    def everybody(now: int) -> None:
        for member in crowd.members:
            member.join(now)

    storm.break_out(everybody)


def connect_storm(run: Run) -> None:
    """All connect, register and join one room, so many at a time; until the last has its NAMES."""
    plan = run.plan
    crowd = run.crowd(1, run.tally)
    run.latency_of = "coming: from connecting to the end of NAMES"
    storm = Storm(run, crowd, lambda client: client.began)
    storm.break_out(lambda now: crowd.bring(plan.connections, plan.in_flight, now))
    run.there()


class Storm:
    """All of a crowd come in; how long each took is counted from a time of theirs, `since`."""

    def __init__(self, run: Run, crowd: Crowd, since: Callable[[Client], int]) -> None:
        self._run, self._crowd, self._since = run, crowd, since
        self._began = self._last = 0
        self._came: set[Client] = set()
        self._sent_away = 0
        crowd.on_arrival, crowd.on_end = self._arrived, self._ended

    def break_out(self, begin: Callable[[int], None]) -> None:
        """Blocks until all have come or have been sent away, or their time is over. Raises `CouldNotRun` if no
        connection came about."""
        run = self._run

        def all_come(now: int) -> None:
            self._began = now
            begin(now)

        run.measure(Silence(all_come), run.plan.coming, warm_up=0, done=self._over)
        run.somebody()
        self._tell(len(self._crowd.present()), run.plan.connections)

    def _arrived(self, client: Client, now: int) -> None:
        self._last = now
        self._came.add(client)
        self._run.tally.record.add(now - self._since(client))

    def _ended(self, client: Client, now: int) -> None:
        self._sent_away += client not in self._came

    def _over(self) -> bool:
        return len(self._came) + self._sent_away >= self._run.plan.connections

    def _tell(self, here: int, count: int) -> None:
        run, seconds = self._run, (self._last - self._began) / SECOND
        run.figures.append(Figure("came in", here, ""))
        run.absent = count - here
        if not run.absent:
            run.figures.append(Figure("last NAMES after", seconds, "s"))
            run.notes.append(f"All {count:,} came in, the last of them after {duration(seconds * 1e6)}.")
        elif self._over():
            run.notes.append(f"Only {here:,} of {count:,} came in: the server ended the others.")
        else:
            run.notes.append(f"Only {here:,} of {count:,} had come in after {run.plan.coming:.0f} s.")
