"""What can happen to a server, each with its name, its options and an example; `SCENARIOS` is the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chatproto.load.run import Run
from chatproto.load.scenarios.capacity import capacity
from chatproto.load.scenarios.storms import connect_storm, join_storm
from chatproto.load.scenarios.talking import fanout, idle, rooms
from chatproto.load.scenarios.unkind import churn, flood, slow_readers


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of them."""

    play: Callable[[Run], None]
    summary: str
    """What happens, in one sentence."""
    options: tuple[str, ...]
    """The fields of the plan that matter to it, beside those that matter to all."""
    example: str
    """Options of a command that a reader may try."""
    defaults: Mapping[str, str | float | int] = field(default_factory=dict)
    """Where they are others than the plan's."""


TALK = ("connections", "speakers", "rate", "size", "seconds", "warm_up")

SCENARIOS: dict[str, Scenario] = {
    "fanout": Scenario(
        fanout,
        "All are in one room, and some speak.",
        TALK,
        "--connections 1000 --speakers 10 --rate 200",
    ),
    "rooms": Scenario(
        rooms,
        "All are divided among rooms, and some speak in each.",
        ("connections", "rooms", *TALK[1:]),
        "--connections 1000 --rooms 100",
    ),
    "join-storm": Scenario(
        join_storm,
        "All are registered, and then join one room at once, until the last has its NAMES.",
        ("connections",),
        "--connections 1000",
    ),
    "connect-storm": Scenario(
        connect_storm,
        "All connect, register and join one room, until the last has its NAMES.",
        ("connections",),
        "--connections 1000 --in-flight 64",
    ),
    "idle": Scenario(
        idle,
        "All are there, in rooms, and say nothing: what a connection costs in memory.",
        ("connections", "rooms", "seconds"),
        "--connections 10000 --rooms 100 --tls --pid PID",
        {"connections": 1000, "seconds": 2.0},
    ),
    "churn": Scenario(
        churn,
        "A room talks while people come, say one line and leave; do the stayers lose any of it?",
        (*TALK, "churn"),
        "--connections 100 --churn 50 --rate 100",
    ),
    "slow-readers": Scenario(
        slow_readers,
        "Some do not read; the others must lose nothing. Are they cut, and when?",
        ("connections", "slow", *TALK[1:]),
        "--connections 100 --slow 3 --speakers 5",
        {"size": 400, "speakers": 5, "warm_up": 0.0},
    ),
    "flood": Scenario(
        flood,
        "Some say as much as they can in a big room; how long do the lines of a small room beside it take?",
        ("connections", "flooders", "beside", "rate", "size", "seconds", "warm_up"),
        "--connections 1000 --flooders 5",
        {"rate": 20.0},
    ),
    "capacity": Scenario(
        capacity,
        "More and more lines per second until the latency goal breaks; says which resource broke it.",
        ("connections", "rooms", "speakers", "rate", "size", "step", "warm_up", "goal_ms", "goal_percentile"),
        "--connections 1000 --goal-ms 50 --goal-percentile 99",
        {"rooms": 1, "rate": 50.0, "speakers": 10, "warm_up": 0.5},
    ),
}
