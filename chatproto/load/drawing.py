"""How the plots of a report look: an SVG in the page's own colours, so that it can be read in light and in dark.

Matplotlib draws them; no window is opened, and nothing of its state is kept. It writes fixed colours, so each stands
for one that the page's style names (`_INKS`), and is replaced at the end.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from chatproto.load.wording import duration

INK, RULE, FIRST, SECOND, BAD = "#010203", "#010204", "#010205", "#010206", "#010207"
_INKS = {INK: "var(--ink)", RULE: "var(--rule)", FIRST: "var(--first)", SECOND: "var(--second)", BAD: "var(--bad)"}
"""What we draw with, and what of the page's style it stands for."""

_WIDTH = 7.6
"""Inches; the page makes it as wide as it can show it."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "chat-load", "font.family": "sans-serif", "font.size": 10.0,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": RULE, "axes.labelsize": 10.0,
    "xtick.color": RULE, "ytick.color": RULE, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": RULE, "grid.linewidth": 0.6,
    "axes.axisbelow": True, "lines.linewidth": 1.6, "legend.frameon": False,
    "text.parse_math": False,  # A name with two dollars in it is no formula.
}  # fmt: skip

_numbers = count(1)
"""Each plot has one, so that no two on a page share an id."""

styled = mpl.rc_context(_STYLE)
"""Decorates what draws: in it, and nowhere else, Matplotlib draws like this."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot, ready for a page."""

    title: str
    text: str
    """What it shows, in words: for those who cannot see it."""
    svg: str
    """An element of HTML, escaped."""


def panels(number: int, height: float) -> tuple[Figure, list[Axes]]:
    """So many axes below each other, which share one axis of x; `height` in inches, of all."""
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    drawn = figure.subplots(number, 1, sharex=True, squeeze=False)
    return figure, [axes for (axes,) in drawn]


def plot(title: str, text: str, figure: Figure) -> Plot:
    """What was drawn, as a plot."""
    file = io.StringIO()
    figure.align_ylabels()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # One that its font lacks; the browser has others.
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    return Plot(title, text, _inline(file.getvalue()))


def ticks(axes: Axes, at: list[float], word: Callable[[float], str]) -> None:
    """A logarithmic axis of x with ticks at these places and nowhere else."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(at))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: word(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def durations(axes: Axes, label: str) -> None:
    """A logarithmic axis of y of microseconds; ticks at 1, 2 and 5 where there are few powers of ten."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if math.log10(high / low) < 2.5 else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel(label)


def legend(axes: Axes) -> None:
    """Names of the lines above them, where there are several."""
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0)


def _inline(svg: str) -> str:
    """An SVG file as a part of a page: without what stands before it, with the page's colours, font and width, and with
    ids that no other plot has. It is hidden from those who are read the text in its place."""
    svg = svg[svg.index("<svg") :]
    for ink, style in _INKS.items():
        svg = svg.replace(ink, style)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)  # The page has it.
    svg = re.sub(r"font-family: [^;]*; ", "", svg)
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg, count=1)
    name = f"plot{next(_numbers)}-"
    return re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\1{name}", svg).replace("xlink:href", "href")
