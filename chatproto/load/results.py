"""What a run of `chat-load` found out: frozen, and plain enough that `dataclasses.asdict` makes JSON of it.

Times are in seconds unless a name or a docstring says otherwise; latencies are in microseconds, memory is in bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Usage(NamedTuple):
    """What a process has used until now, as the system counts it."""

    user: float = 0.0
    """CPU seconds in its own code."""
    system: float = 0.0
    """CPU seconds in the kernel on its behalf."""
    rss: int = 0
    """Memory that it holds now, in bytes."""
    peak: int = 0
    """The most that it ever held, in bytes."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took, in microseconds."""

    count: int
    p50: float
    p90: float
    p99: float
    p999: float
    max: float
    mean: float
    points: tuple[tuple[float, float], ...] = ()
    """(percentile, microseconds), ascending, for a plot; the percentile is between 0 and 100."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What happened within one interval, of a second or so."""

    at: float
    """When it ended, in seconds since the measured time began."""
    seconds: float
    """How long it was."""
    sent: int
    """Lines that were sent within it."""
    delivered: int
    server_cpu: float | None
    """CPU seconds that the server used within it; None if its process is not known."""
    server_rss: int | None
    """Bytes, at its end."""
    client_cpu: float
    """CPU seconds that the client used within it."""
    p99: float | None
    """Microseconds; None if nothing was delivered."""


@dataclass(frozen=True, slots=True)
class Turns:
    """How long the turns of the server's reactor were while it was measured, in microseconds, as the server says."""

    count: int
    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class ServerUse:
    """What the server's process used."""

    cpu_user: float
    """CPU seconds in its own code, in the measured time."""
    cpu_system: float
    rss_before: int
    """Bytes, before the first connection."""
    rss_after: int
    """Bytes, at the end, with all connections there."""
    rss_peak: int
    """The most that it held since it was started."""
    connections: int
    """How many of ours were there at the end."""
    rss_per_connection: float | None
    """Bytes that each connection added once it was there and before anybody spoke; None if there was none."""
    turns: Turns | None = None
    """None where the server does not tell."""

    @property
    def cpu(self) -> float:
        """CPU seconds in all."""
        return self.cpu_user + self.cpu_system


@dataclass(frozen=True, slots=True)
class ClientUse:
    """What this program used in the measured time."""

    cpu: float
    """CPU seconds."""
    busy: float
    """The share of the measured time in which it had something to do, or waited for a processor; near 1 the client is
    the limit."""
    late: float
    """Microseconds that 99 % of the lines were sent behind their schedule at most; 0 if there was no schedule."""
    cpu_per_delivery: float | None
    """Microseconds of CPU for each delivered line."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that only this scenario has: how long the storm took, after what time a slow reader was cut."""

    name: str
    """In words: "last NAMES after"."""
    value: float
    unit: str
    """"s", "µs", "bytes", "lines/s", …; empty for a count."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rate that `capacity` tried."""

    rate: float
    """Lines per second that were asked for."""
    sent: int
    delivered: int
    lost: int
    cut: int
    latency: float | None
    """Microseconds, at the percentile of the goal."""
    server_busy: float | None
    """Share of one core that the server used."""
    client_busy: float
    good: bool
    broke: str
    """What broke, in words; empty where the step was good."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run found out."""

    scenario: str
    """`fanout`, `rooms`, …"""
    target: str
    """What was measured: "irc over TLS at 127.0.0.1:7000"."""
    parameters: dict[str, str | int | float | bool | None]
    """The options of the run, defaults included, in the order in which they are worth reading."""
    started: float
    """Seconds since 1970-01-01 UTC."""
    seconds: float
    """How long the measured time was."""
    sent: int
    """Lines that were sent in the measured time."""
    delivered: int
    """Lines that members received in the measured time, each receiver counted."""
    lost: int
    duplicated: int
    disordered: int
    cut: int
    """Connections that the server ended, `excused` ones included."""
    offered_rate: float | None
    """Lines per second that the schedule asked for; None in a closed loop."""
    latency: Latency | None
    """Of the deliveries: from when a line was to be sent until a member had it."""
    latency_of: str = "deliveries"
    """What `latency` is of; for flood, the deliveries in the small room."""
    counted_every: int = 1
    """Every k-th delivery counts for `latency`."""
    probe: Latency | None = None
    """Of PING round trips on a connection of its own."""
    timeline: tuple[Sample, ...] = ()
    server: ServerUse | None = None
    """None if the process of the server is not known."""
    client: ClientUse = field(default_factory=lambda: ClientUse(0.0, 0.0, 0.0, None))
    kernel: dict[str, int] = field(default_factory=dict)
    """What the kernel's counters grew by in the whole run; of the machine, not of this run alone."""
    figures: tuple[Figure, ...] = ()
    steps: tuple[Step, ...] = ()
    """What `capacity` tried, in its order."""
    goal: float | None = None
    """Microseconds that `capacity` allowed."""
    goal_percentile: float | None = None
    """At which percentile, between 0 and 100."""
    verdicts: tuple[str, ...] = ()
    """Sentences: what broke, what the figures are not, what the server said."""
    underway: int = 0
    """Deliveries that had not come when the run ended, while others still came: late, not lost."""
    excused: int = 0
    """Those of the connections cut that gave reason to be: they did not read, or flooded."""
    absent: int = 0
    """People who were to come in a storm, and did not get in."""
    interrupted: bool = False
    """It was ended early; the figures are of what there is."""
    version: str = ""
    """Of chatproto, whose `chat-load` it was; empty in results that do not tell."""
    machine: dict[str, str] = field(default_factory=dict)
    """On which the client ran, in words: "processor", "cores", "memory", "system", "Python"."""

    @property
    def server_cpu_per_delivery(self) -> float | None:
        """Microseconds of the server's CPU for each delivered line."""
        return self.server.cpu * 1e6 / self.delivered if self.server and self.delivered else None

    @property
    def sound(self) -> bool:
        """Nothing was lost, doubled or out of order."""
        return not (self.lost or self.duplicated or self.disordered)

    @property
    def fine(self) -> bool:
        """It is sound, nobody was cut who gave no reason to be, and all came in who were to come."""
        return self.sound and self.cut <= self.excused and not self.absent
