"""Results that no run has made: one with everything in it, one of `capacity`, one with as little as there can be."""

from __future__ import annotations

from chatproto.load.results import ClientUse, Figure, Latency, Result, Sample, ServerUse, Step, Turns

RUDE = "<script>alert('&')</script> [bold]loud[/bold] \x1b[31mred\x07"
"""What a server may say."""

SHORT = Latency(9000, 920.0, 2400.0, 4400.0, 12_300.0, 45_000.0, 1110.0, ((0.0, 300.0), (50.0, 920.0), (99.0, 4400.0)))
PING = Latency(200, 276.0, 720.0, 1320.0, 3690.0, 13_500.0, 333.0, ((0.0, 90.0), (50.0, 276.0), (100.0, 13_500.0)))

FULL = Result(
    "fanout",
    "irc over TCP at 127.0.0.1:7000",
    {"connections": 1000, "rate": 1000.0, "slow": 0, "tls": False, "closed": True, "pid": None},
    1_795_000_000.0,
    20.0,
    20_000,
    19_980_000,
    4,
    5,
    6,
    3,
    1000.0,
    SHORT,
    counted_every=8,
    probe=PING,
    timeline=(
        Sample(1.0, 1.0, 1000, 999_000, 0.74, 48 * 2**20, 0.5, 4100.0),
        Sample(2.0, 1.0, 1000, 500_000, 0.37, 49 * 2**20, 0.25, None),
        Sample(3.0, 1.0, 1000, 999_000, 0.81, 50 * 2**20, 0.6, 6800.0),
    ),
    server=ServerUse(6.1, 9.2, 40 * 2**20, 50 * 2**20, 52 * 2**20, 997, 3481.6, Turns(20_123, 350.0, 4800.0, 15_321.0)),
    client=ClientUse(11.0, 0.55, 320.0, 0.551),
    kernel={"ListenOverflows": 0, "PruneCalled": 12, "RetransSegs": 3},
    figures=(Figure("last NAMES after", 0.532, "s"), Figure("slow readers cut", 3, "")),
    verdicts=("Something was lost.", f"The server said:\n{RUDE}"),
    interrupted=True,
    version="1.2",
    machine={"processor": "an abacus", "cores": "2"},
)

CAPACITY = Result(
    "capacity",
    "plain over TLS at 127.0.0.1:7000",
    {"goal-ms": 50, "goal-percentile": 99.0},
    1_795_000_000.0,
    6.0,
    7000,
    700_000,
    0,
    0,
    0,
    0,
    None,
    SHORT,
    steps=(
        Step(1000.0, 1000, 100_000, 0, 0, 2500.0, 0.1, 0.05, good=True, broke=""),
        Step(4000.0, 4000, 400_000, 9, 2, 109_000.0, 1.0, 0.8, good=False, broke=f"the latency goal {RUDE}"),
        Step(2000.0, 2000, 200_000, 0, 0, 5400.0, None, 0.2, good=True, broke=""),
    ),
    goal=50_000.0,
    goal_percentile=99.0,
)

BARE = Result("idle", "irc over TCP at 127.0.0.1:7000", {}, 1_795_000_000.0, 0.0, 0, 0, 0, 0, 0, 0, None, None)
