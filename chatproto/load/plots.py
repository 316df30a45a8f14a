"""The plots of a report: each of a part of a result, or None where that part has nothing to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from chatproto.load.drawing import BAD, FIRST, INK, RULE, SECOND, Plot, durations, legend, panels, plot, styled, ticks
from chatproto.load.results import Latency, Sample, Step
from chatproto.load.wording import count, duration, share, size
from chatproto.load.wording import figure as number

MARKS = (50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999, 99.99999)
"""Percentiles that are named on the axis: beyond each from 90, a tenth of what was left."""

Values = Sequence[float | None]


@styled
def latency(found: dict[str, Latency]) -> Plot | None:
    """How long it took for which share; the rarest to the right, up to the longest of all, as HDR histograms are drawn.
    At most two are drawn."""
    curves = {of: _curve(each) for of, each in found.items() if each.points}
    if not curves:
        return None
    figure, (axes,) = panels(1, 3.4)
    for ink, (of, points) in zip((FIRST, SECOND), curves.items(), strict=False):
        axes.plot(*zip(*points, strict=True), color=ink, label=of)
    rarest = max(x for points in curves.values() for x, _ in points)
    names = {_rarity(mark): f"{mark:g} %" for mark in MARKS if _rarity(mark) <= rarest}
    ticks(axes, list(names), lambda value: names.get(value, ""))
    axes.set_xlim(1, rarest)
    axes.set_xlabel("percentile")
    durations(axes, "latency")
    legend(axes)
    words = (
        f"{of}: half within {duration(each.p50)}, 99 % within {duration(each.p99)}, all within {duration(each.max)}"
        for of, each in found.items()
        if of in curves
    )
    return plot("Latency by percentile", "; ".join(words) + ".", figure)


@styled
def over_time(samples: Sequence[Sample]) -> Plot | None:
    """What was delivered, how late, and what it took, below each other over one axis of time. Nothing is drawn of one
    sample alone: no line goes through it."""
    if len(samples) < 2:
        return None
    shown = [lines for lines in _timelines(samples) if lines.known]
    if not shown:
        return None
    figure, panes = panels(len(shown), 1.35 * len(shown) + 0.5)
    for axes, each in zip(panes, shown, strict=True):
        each.draw(axes, [sample.at for sample in samples])
    panes[-1].set_xlim(0, samples[-1].at)
    panes[-1].set_xlabel("seconds since the measured time began")
    text = "; ".join(each.words() for each in shown)
    return plot("Over time", f"In {samples[-1].at:.0f} s: {text}.", figure)


@styled
def capacity(steps: Sequence[Step], goal: float | None, percentile: float | None) -> Plot | None:
    """The latency at each rate that was tried, and the goal as a line."""
    tried = sorted((step.rate, step.latency, step.good) for step in steps if step.latency and step.rate > 0)
    if not tried:
        return None
    figure, (axes,) = panels(1, 3.4)
    axes.plot([rate for rate, _, _ in tried], [late for _, late, _ in tried], color=RULE)
    for good, ink, marker, name in ((True, FIRST, "o", "held"), (False, BAD, "X", "broke")):
        points = [(rate, late) for rate, late, held in tried if held is good]
        axes.plot([x for x, _ in points], [y for _, y in points], marker, color=ink, markersize=7, label=name)
    ticks(axes, _apart([rate for rate, _, _ in tried]), count)
    axes.set_xlabel("lines per second, of all speakers together")
    if goal is not None:
        axes.axhline(goal, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.annotate(f"goal: {duration(goal)}", (0, goal), (4, 4), axes.get_yaxis_transform(), "offset points")
    axes.margins(y=0.12)
    durations(axes, "latency" if percentile is None else f"latency, {percentile:g} %")
    legend(axes)
    best = max((rate for rate, _, held in tried if held), default=None)
    words = "none was held" if best is None else f"the highest that was held is {count(best)} lines per second"
    return plot("Latency by rate", f"{len(tried)} rates were tried; {words}.", figure)


@styled
def bars(title: str, unit: str, values: dict[str, float]) -> Plot | None:
    """One bar for each, its value at its end."""
    if not values:
        return None
    figure, (axes,) = panels(1, 0.42 * len(values) + 0.9)
    drawn = axes.barh(list(values), list(values.values()), height=0.62, color=FIRST)
    axes.bar_label(drawn, [number(value, "") for value in values.values()], padding=4)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.12)
    axes.set_xlabel(unit)
    words = ", ".join(f"{name} {number(value, '')}" for name, value in values.items())
    return plot(title, f"In {unit}: {words}.", figure)


# -- what they consist of


class _Lines:
    """Lines over time that share an axis of y: their names, their values, and how one value is written."""

    def __init__(self, label: str, values: dict[str, Values], write: Callable[[float], str], unit: float = 1) -> None:
        self._label = label
        self._values = values
        self._write = write
        self._unit = unit
        """How much of it stands where the axis has a 1; another unit than 1 is named in the label."""

    @property
    def known(self) -> dict[str, list[float]]:
        """The values that there are, of those lines that have any."""
        found = {name: [value for value in values if value is not None] for name, values in self._values.items()}
        return {name: values for name, values in found.items() if values}

    def draw(self, axes: Axes, at: list[float]) -> None:
        """Draw them; a gap where a value is missing."""
        for ink, name in zip((FIRST, SECOND), self.known, strict=False):
            values = [float("nan") if value is None else value / self._unit for value in self._values[name]]
            axes.plot(at, values, color=ink, label=name)
        axes.set_ylabel(self._label)
        axes.set_ylim(0, 1.1 * max(map(max, self.known.values())) / self._unit or 1)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        if self._unit == 1:
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: self._write(value)))
        legend(axes)

    def words(self) -> str:
        """Between what they moved."""
        return "; ".join(
            f"{name} {self._write(min(values))} to {self._write(max(values))}" for name, values in self.known.items()
        )


def _timelines(samples: Sequence[Sample]) -> list[_Lines]:
    def per_second(value: float | None, sample: Sample) -> float | None:
        return None if value is None or not sample.seconds else value / sample.seconds

    delivered: dict[str, Values] = {"delivered per second": [per_second(each.delivered, each) for each in samples]}
    late: dict[str, Values] = {"99 % of the deliveries within": [each.p99 for each in samples]}
    busy: dict[str, Values] = {
        "the server's CPU": [per_second(each.server_cpu, each) for each in samples],
        "the client's CPU": [per_second(each.client_cpu, each) for each in samples],
    }
    memory: dict[str, Values] = {"the server's memory": [each.server_rss for each in samples]}
    return [
        _Lines("delivered\nlines/s", delivered, count),
        _Lines("latency,\n99 %", late, duration),
        _Lines("CPU,\nof a core", busy, share),
        _Lines("memory,\nMiB", memory, size, 2**20),
    ]


def _rarity(percentile: float) -> float:
    """Where a percentile stands on the axis: one of so many took longer."""
    return 100.0 / (100.0 - percentile)


def _curve(latency: Latency) -> list[tuple[float, float]]:
    """The points as a line, which ends at the longest: that is one of so many as there are."""
    points = [(_rarity(percentile), microseconds) for percentile, microseconds in latency.points if percentile < 100]
    end = max([float(latency.count), 10.0, *(x for x, _ in points)])
    # No logarithmic axis has a zero; the histograms begin at 1 µs anyway.
    return [(x, max(y, 1.0)) for x, y in [*points, (end, latency.max)]]


def _apart(rates: list[float]) -> list[float]:
    """Those of these rates, ascending, that are far enough from the one before to be written below an axis."""
    chosen: list[float] = []
    for rate in rates:
        if not chosen or rate >= chosen[-1] * (rates[-1] / rates[0]) ** 0.11:
            chosen.append(rate)
    return chosen
