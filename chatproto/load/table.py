"""A result on the terminal: readable at 80 columns, units everywhere, what it comes to at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TextIO

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chatproto.load.figures import PERCENTILES, groups, latencies, parameters, when
from chatproto.load.kernel import MEANINGS
from chatproto.load.results import Latency, Result, Step
from chatproto.load.wording import NONE, count, duration, printable, share

WIDTH = 80
"""Columns that are enough for it; a wider terminal is not filled."""


def show(result: Result, file: TextIO | None = None) -> None:
    """Print a result, to stdout if nothing else is said. Colours only where it is a terminal."""
    console = Console(file=file or sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False)
    console.width = min(console.width, WIDTH)
    for part in _parts(result):
        console.print(part)


def _parts(result: Result) -> Iterator[RenderableType]:
    yield Text(f"chat-load {result.scenario}: {printable(result.target)}", style="bold")
    yield Text(printable(parameters(result)), style="dim")
    yield Text(f"{when(result)}\n", style="dim")
    yield _figures(result)
    found = latencies(result)
    if found:
        yield Padding(_latency(found), (1, 0, 0, 0))
    if result.steps:
        yield Padding(_steps(result), (1, 0, 0, 0))
    yield Padding(_kernel(result.kernel), (1, 0, 0, 0))
    if result.verdicts:
        yield Padding(_verdicts(result.verdicts), (1, 0, 0, 0))


def _figures(result: Result) -> Table:
    """All single figures, one a line, in groups."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for name, rows in groups(result).items():
        for place, (label, value) in enumerate(rows):
            table.add_row(name if place == 0 else "", printable(label), printable(value))
    return table


def _latency(found: dict[str, Latency]) -> Table:
    """A column for each."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("latency", header_style="bold", no_wrap=True)
    for of in found:
        table.add_column(printable(of), header_style="", justify="right")
    table.add_row("how many", *(count(each.count) for each in found.values()))
    for name, field in PERCENTILES.items():
        table.add_row(name, *(duration(getattr(each, field)) for each in found.values()))
    return table


def _steps(result: Result) -> Table:
    """What `capacity` tried; the rates in ascending order, so that the limit is seen between two lines."""
    at = "" if result.goal_percentile is None else f", {result.goal_percentile:g} %"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("lines/s", f"latency{at}", "server", "client", "lost", "cut"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("what broke")
    for step in sorted(result.steps, key=lambda each: each.rate):
        table.add_row(*_step(step), style="" if step.good else "red")
    return table


def _step(step: Step) -> tuple[str, ...]:
    return (
        count(step.rate),
        NONE if step.latency is None else duration(step.latency),
        NONE if step.server_busy is None else share(step.server_busy),
        share(step.client_busy),
        count(step.lost),
        count(step.cut),
        "held" if step.good else printable(step.broke),
    )


def _kernel(grown: dict[str, int]) -> RenderableType:
    if not grown:
        return Text("The kernel's counters are not known: Linux alone has them in /proc/net.")
    moved = {name: value for name, value in grown.items() if value}
    if not moved:
        return Text(f"None of the kernel's {len(grown)} counters of drops and repeats has moved.")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for place, (name, value) in enumerate(moved.items()):
        table.add_row("kernel" if place == 0 else "", count(value), f"{name}: {MEANINGS.get(name, NONE)}")
    return table


def _verdicts(verdicts: tuple[str, ...]) -> Table:
    """One below the other; what a server said may have several lines."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    for verdict in verdicts:
        table.add_row("•", "\n".join(map(printable, verdict.splitlines())))
    return table
