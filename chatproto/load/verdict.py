"""What a run comes to: the result, the sentences that say what it means, and the exit status."""

from __future__ import annotations

from dataclasses import replace

from chatproto import __version__
from chatproto.load.machine import machine
from chatproto.load.plan import Plan, shown
from chatproto.load.results import Result
from chatproto.load.run import Run
from chatproto.load.wording import share

BUSY = 0.9
"""The share of a core from which on it is taken to be the limit."""

SHORT = 0.2
"""Seconds in which the system's clock of CPU time, which ticks every 10 ms, says nothing of how busy a process was."""

LATE = 5000.0
"""Microseconds behind its schedule that a line may be said, before that is worth a word."""

LATE_SHARE = 0.25
"""And the share of the latency's 99th percentile, since what is said late is told late."""

MUCH = 50_000
"""Deliveries that cost any server's process more CPU time than the system's clock can miss."""

MOST_WORDS = 5
"""Different words of a server that are told."""

FINE, WRONG, MISUSED, COULD_NOT = 0, 1, 2, 3
"""Exit statuses: all is well; something was lost, doubled or out of order, or somebody was cut or did not get in; bad
options; it could not run."""


def result(run: Run, options: tuple[str, ...], *, interrupted: bool = False) -> Result:
    """What there is of a run that is over, or was ended early. `options` are those that matter to its scenario."""
    plan, tally, meter = run.plan, run.tally, run.meter
    for each in run.tallies:
        each.record.flush()
    missing = run.missing()
    found = Result(
        scenario=plan.scenario,
        target=target(plan),
        parameters=dict(shown(plan, options)),
        started=run.started,
        seconds=meter.seconds,
        sent=meter.sent,
        delivered=meter.delivered,
        lost=missing.lost,
        duplicated=sum(each.duplicated + each.stray for each in run.tallies),
        disordered=sum(each.disordered for each in run.tallies),
        cut=run.scene.cut + run.cut_besides,
        offered_rate=plan.rate if plan.rate and not run.steps else None,
        latency=tally.record.latency(),
        latency_of=run.latency_of,
        probe=run.probe.latency() if run.probe else None,
        timeline=tuple(meter.samples),
        server=run.server(),
        client=meter.client(),
        kernel=run.kernel(),
        figures=tuple(run.figures),
        steps=tuple(run.steps),
        goal=plan.goal_ms * 1000 if run.steps else None,
        goal_percentile=plan.goal_percentile if run.steps else None,
        underway=missing.outstanding,
        excused=run.excused,
        absent=run.absent,
        interrupted=interrupted,
        version=__version__,
        machine=machine(),
    )
    return replace(found, verdicts=tuple(_verdicts(run, found)))


def target(plan: Plan) -> str:
    """What is measured, in words."""
    host = f"[{plan.host}]" if ":" in plan.host else plan.host
    return f"{plan.dialect}{' over TLS' if plan.tls else ''} at {host}:{plan.port}"


def status(found: Result) -> int:
    """The exit status for a result."""
    return FINE if found.fine else WRONG


def _verdicts(run: Run, found: Result) -> list[str]:
    sentences = list(run.notes)
    if found.interrupted:
        sentences.append("The run was ended early; the figures are of what there is.")
    sentences += _wrong(found, sum(tally.stray for tally in run.tallies))
    if found.underway:
        sentences.append(
            f"{found.underway:,} deliveries were still on their way when the run ended: the server takes or brings "
            "lines more slowly than they were said. It may limit how fast anybody speaks."
        )
    if run.scene.withheld:
        sentences.append(
            f"{run.scene.withheld:,} lines were due and not said, for the server did not take those before them."
        )
    if run.probe is not None and run.probe.unanswered:
        sentences.append(
            f"{run.probe.unanswered:,} PINGs were never answered: they count as if they had been when the run ended."
        )
    words = run.scene.words.most_common(MOST_WORDS)
    if words:
        sentences.append("What the server said: " + ", ".join(f'"{said}" ({count:,}×)' for said, count in words) + ".")
    return sentences + _limits(run, found)


def _wrong(found: Result, stray: int) -> list[str]:
    if found.sound and not found.cut:
        return ["Nothing was lost, doubled or out of order, and nobody was cut." if found.sent else "Nobody was cut."]
    parts = {
        "lost": found.lost,
        "doubled": found.duplicated - stray,
        "out of order": found.disordered,
        "brought to somebody whom they were not for": stray,
    }
    wrong = [f"{count:,} lines were {what}." for what, count in parts.items() if count]
    if found.cut:
        reason = f", {found.excused:,} of which did not read or flooded" if found.excused else ""
        wrong.append(f"The server ended {found.cut:,} of the connections{reason}.")
    return wrong


def _limits(run: Run, found: Result) -> list[str]:
    """Whose limit the figures are."""
    limits = []
    if found.server is not None and not found.server.cpu and found.delivered >= MUCH:
        limits.append(
            "The process that was named used no CPU at all: is it the server, or did it start the server (--children)?"
        )
    if run.steps or found.seconds < SHORT:
        return limits  # Each step says it of itself.
    busy = run.server_busy()
    if busy is not None and busy >= BUSY:
        limits.append(f"The server's CPU was the limit: it used {share(busy)} of a core.")
    if found.client.busy >= BUSY:
        limits.append(
            f"This client was the bottleneck: it was busy for {share(found.client.busy)} of the time, or waited for a "
            "processor. What the server can do is more than the figures show, and the latencies are in part the "
            "client's own."
        )
    its_share = found.latency.p99 * LATE_SHARE if found.latency else 0.0
    if found.client.late > max(LATE, its_share):
        limits.append(
            f"This client could not hold its schedule: a line in a hundred was said {found.client.late / 1000:,.1f} ms "
            "late or later. The latencies count from when it was due, so they are more than the server's own."
        )
    return limits
