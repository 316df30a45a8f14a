"""How many lines per second a server can take before the latency goal breaks, and what breaks it."""

from __future__ import annotations

from dataclasses import replace

import psutil

from chatproto.load.client import Client
from chatproto.load.kernel import DROPS, grown, read
from chatproto.load.plan import MOST_STEPS
from chatproto.load.results import Figure, Step
from chatproto.load.run import Run
from chatproto.load.talk import Scheduled
from chatproto.load.verdict import BUSY
from chatproto.load.wording import share

NEAR = 1.1
"""The last good and the first bad rate are near enough: a tenth apart."""

LATE_SHARE = 0.5
"""The share of the goal by which lines were said late from which on that is taken to be the limit."""

MEMORY_FULL = 95.0
"""Percent of the machine's memory from which on that is taken to be the limit."""


def capacity(run: Run) -> None:
    """Twice the rate until the goal breaks; then between the last good one and the first bad one."""
    plan = run.plan
    crowd = run.gather(plan.connections, plan.rooms)
    speakers = crowd.introduce(plan.speakers)
    run.notes.append("The single figures are those of the last rate that was tried.")
    good, bad = 0.0, 0.0
    rate = plan.rate or 1.0
    try:
        while len(run.steps) < MOST_STEPS:
            step = _try(run, speakers, rate)
            run.steps.append(step)
            good, bad = (rate, bad) if step.good else (good, rate)
            if (good and bad and bad / good <= NEAR) or crowd.ended or rate < 1 or run.flowing:
                break
            rate = (good * bad) ** 0.5 if good and bad else rate * 2 if good else rate / 2
    finally:  # Whoever ends it early is told how far it went.
        if run.steps:
            run.figures.append(Figure("capacity", good, "lines/s"))
            run.notes.append(_verdict(run, good))


def _try(run: Run, speakers: list[Client], rate: float) -> Step:
    plan, scene = run.plan, run.scene
    lost, cut, withheld, drops = run.missing().lost, scene.cut, scene.withheld, read()
    came = run.measure(Scheduled(run.loop, speakers, rate), plan.step)
    meter, latency = run.meter, run.tally.record.percentile(plan.goal_percentile)
    lost, cut, withheld = run.missing().lost - lost, scene.cut - cut, scene.withheld - withheld
    late = latency is None or latency > plan.goal_ms * 1000
    good = came and not (late or lost or cut or withheld)
    step = Step(
        rate=rate,
        sent=meter.sent,
        delivered=meter.delivered,
        lost=lost,
        cut=cut,
        latency=latency,
        server_busy=run.server_busy(),
        client_busy=run.meter.client().busy,
        good=good,
        broke="",
    )
    return step if good else replace(step, broke=_why(run, step, withheld, drops))


def _why(run: Run, step: Step, withheld: int, drops: dict[str, int]) -> str:
    """All that may have broken it, what is certain first."""
    reasons = []
    if step.cut:
        reasons.append(f'a limit of the server: it cut {step.cut:,} ("{run.scene.last_words}")')
    if withheld:
        reasons.append("a limit of the server: it took lines more slowly than they were due")
    if step.server_busy is not None and step.server_busy >= BUSY:
        reasons.append(f"the server's CPU: {share(step.server_busy)} of a core")
    if step.client_busy >= BUSY:
        reasons.append(f"this client: busy for {share(step.client_busy)} of the time; the server may do more")
    dropped = {name: count for name, count in grown(drops).items() if count and name in DROPS}
    if run.meter.late > run.plan.goal_ms * LATE_SHARE * 1000:
        reasons.append(f"this client's schedule: lines were said {run.meter.late / 1000:,.1f} ms late")
    if dropped:
        reasons.append("the kernel: " + ", ".join(f"{name} {count:,}" for name, count in dropped.items()))
    if psutil.virtual_memory().percent >= MEMORY_FULL:
        reasons.append("the memory of the machine")
    return "; ".join(reasons) or "nothing that can be seen from here"


def _verdict(run: Run, good: float) -> str:
    plan, broken = run.plan, [step for step in run.steps if not step.good]
    goal = f"{plan.percentile_name} of all lines delivered within {plan.goal_ms:g} ms"
    if not good:
        return f"Not even {run.steps[-1].rate:,.0f} lines per second had {goal}: {run.steps[-1].broke}."
    if not broken:
        return f"{good:,.0f} lines per second had {goal}, and no limit was found in {len(run.steps)} steps."
    first = min(broken, key=lambda step: step.rate)
    return f"{good:,.0f} lines per second had {goal}; at {first.rate:,.0f} it broke: {first.broke}."
