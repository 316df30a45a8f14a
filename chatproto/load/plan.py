"""What is to be run: the options of `chat-load`, checked, with the bounds of each."""

from __future__ import annotations

import ipaddress
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields

from chatproto.load.marks import LEAST_SIZE
from chatproto.setting import declared, setting

MOST_CONNECTIONS = 100_000
MOST_SECONDS = 3600

COMING = 60.0
"""Seconds for all to have come, and one more for each `COMING_RATE` of them."""

COMING_RATE = 50

DRAIN = 15.0
"""Seconds that what was said may take to arrive when no more is said."""

MOST_STEPS = 24
"""Rates that `capacity` tries at the most."""


class BadPlan(ValueError):
    """An option is out of its bounds, or does not fit the others. Says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of one run. Raises `BadPlan`."""

    scenario: str = setting("fanout", "What is to happen.")
    host: str = setting("127.0.0.1", "The server: an address, or a name for one.")
    port: int = setting(7000, "Its TCP port.", least=1, most=65_535)
    dialect: str = setting("irc", "What is spoken to it.", choices=("irc", "plain"))
    tls: bool = setting(default=False, meaning="Speak TLS. On loopback no certificate is asked for.")
    ca: str = setting("", "A file of certificates, one of which must have signed the server's; asks for --tls.")
    i_may_load: str = setting(
        "", "The same host once more: you run it, or whoever does has allowed this. Only asked for beyond loopback."
    )
    connections: int = setting(100, "Connections in all.", least=1, most=MOST_CONNECTIONS)
    rooms: int = setting(10, "Rooms that they are divided among.", least=1, most=10_000)
    speakers: int = setting(1, "Members that speak, in each room.", least=1, most=10_000)
    rate: float = setting(
        0.0,
        "Lines per second in all, by a schedule. 0: a speaker speaks again when another member has its last line.",
        least=0,
        most=1_000_000,
    )
    size: int = setting(80, "Bytes of each line, those aside that the dialect adds.", least=LEAST_SIZE, most=400)
    seconds: float = setting(10.0, "How long to measure, in seconds.", least=0.1, most=MOST_SECONDS)
    warm_up: float = setting(1.0, "How long to go on before that, in seconds.", least=0, most=60)
    in_flight: int = setting(64, "Connections that are on their way in at once.", least=1, most=10_000)
    slow: int = setting(1, "Members that do not read.", least=1, most=10_000)
    flooders: int = setting(5, "Members of the big room that speak as fast as they can.", least=1, most=1000)
    beside: int = setting(10, "Members of the small room beside it.", least=2, most=1000)
    churn: float = setting(20.0, "People per second who come, say a line and leave.", least=0.1, most=10_000)
    goal_ms: float = setting(50.0, "Latency that is good enough, in milliseconds.", least=0.1, most=60_000)
    goal_percentile: float = setting(99.0, "The percentile that must be as good.", least=1, most=99.99)
    step: float = setting(3.0, "How long to try each rate, in seconds.", least=0.2, most=60)
    pid: int = setting(0, "The server's process: tells what CPU and memory it uses.", least=0, most=1 << 22)
    spawn: str = setting("", "A command that starts the server, for this run; without a shell.")
    children: bool = setting(default=False, meaning="Count what the server's process has started, too.")

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name), field)
        for sentence in self._misfits():
            raise BadPlan(sentence)

    @property
    def percentile_name(self) -> str:
        """The percentile of the goal, in words."""
        return f"{self.goal_percentile:g} %"

    @property
    def command(self) -> list[str]:
        """What starts the server, split as a shell would; empty if nothing is to be started."""
        return shlex.split(self.spawn)

    @property
    def coming(self) -> float:
        """Seconds that all may take to come."""
        return COMING + self.connections / COMING_RATE

    @property
    def deadline(self) -> float:
        """Seconds after which the run ends; what there is by then is told."""
        measured = self.warm_up + self.seconds + 2 * DRAIN
        if self.scenario == "capacity":
            measured = MOST_STEPS * (self.warm_up + self.step + 2 * DRAIN)
        return self.coming + measured

    def _misfits(self) -> list[str]:
        wrong = []
        if not is_loopback(self.host) and self.i_may_load != self.host:
            wrong.append(
                f"{self.host} is not this machine: if you run it, or may put load on it, say so with"
                f" --i-may-load {self.host}"
            )
        if self.ca and not self.tls:
            wrong.append("--ca asks for --tls")
        if self.pid and self.spawn:
            wrong.append("either --pid or --spawn tells which process is the server, not both")
        return wrong + self._unsplit() + self._shape()

    def _unsplit(self) -> list[str]:
        """Why the command that starts the server is none."""
        try:
            return [] if self.command or not self.spawn else ["--spawn is empty"]
        except ValueError as error:
            return [f"--spawn {self.spawn!r} cannot be taken apart: {str(error).lower()}"]

    def _shape(self) -> list[str]:
        """What each scenario asks for."""
        roomed = self.scenario in ("rooms", "capacity")
        members = self.connections // self.rooms if roomed else self.connections
        if self.scenario in ("idle", "connect-storm", "join-storm"):
            return []
        if members < 2:
            short = "each room needs two members at least: --connections is too small for --rooms"
            return [short if roomed else "a room needs two members at least: raise --connections"]
        if self.scenario == "slow-readers" and self.speakers + self.slow >= members:
            return ["beside --speakers and --slow there must be one more member, to listen: raise --connections"]
        if self.scenario == "flood" and self.flooders >= members:
            return ["beside --flooders there must be one more member, to listen: raise --connections"]
        if self.speakers > members:
            return [f"--speakers must be at most {members}, for so many are in a room"]
        return []


def is_loopback(host: str) -> bool:
    """Whether this is an address of this machine for itself, or `localhost`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def option(name: str) -> str:
    """How a field is given on the command line."""
    return "--" + name.replace("_", "-")


def _check(name: str, value: object, field: object) -> None:
    known = declared(field)  # type: ignore[arg-type]
    if known.choices and value not in known.choices:
        raise BadPlan(f"{option(name)} must be one of: {', '.join(known.choices)}")
    if isinstance(value, str) or known.least is None or known.most is None:
        return
    assert isinstance(value, int | float)
    if not known.least <= value <= known.most:
        raise BadPlan(f"{option(name)} must be between {known.least:,.10g} and {known.most:,.10g}")


def shown(plan: Plan, names: tuple[str, ...]) -> Mapping[str, str | int | float | bool | None]:
    """The options of a scenario as a result tells them, those left out that were not given and have no default."""
    return {name.replace("_", "-"): getattr(plan, name) for name in names if getattr(plan, name) not in ("", None)}
