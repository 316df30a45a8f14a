"""Results as one HTML page that needs nothing else: no other file, no script, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chatproto.load.figures import PERCENTILES, groups, latencies, parameters, when
from chatproto.load.kernel import MEANINGS
from chatproto.load.results import Result
from chatproto.load.wording import NONE, count, duration, printable, share, size

try:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from chatproto.load import plots
    from chatproto.load.drawing import Plot
except ImportError as error:
    raise ImportError(f"A report needs Matplotlib and Jinja: pip install 'chatproto[report]' ({error}).") from error


def write(results: Sequence[Result], path: Path) -> None:
    """Write a page about these results, in their order. Drawing takes about a second for each. Raises `OSError`."""
    made_on = _machines((result.scenario, result) for result in results)
    _write(path, "run.html", runs=[_run(result) for result in results], percentiles=PERCENTILES, machines=made_on)


def compare(results: dict[str, Result], path: Path) -> None:
    """Write a page that shows results side by side: of several servers, by their names, or of one at several times.
    Whether the load was the same is for the reader to judge: the parameters of each stand there. Raises `OSError`."""
    costs = {name: result.server_cpu_per_delivery for name, result in results.items()}
    memory = {name: result.server.rss_per_connection if result.server else None for name, result in results.items()}
    drawn = [
        plots.bars("The server's CPU for each delivered line", "µs", _known(costs, 1)),
        plots.bars("The server's memory for each connection", "KiB", _known(memory, 1024)),
    ]
    _write(path, "comparison.html", results=results, plots=_there(drawn), machines=_machines(results.items()))


def _write(path: Path, template: str, **words: Any) -> None:
    """Every word is escaped on its way into the page: what a server said is among them."""
    pages = Environment(
        loader=PackageLoader("chatproto.load", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    pages.filters |= {"count": count, "duration": duration, "share": share, "size": size}
    pages.globals |= {"parameters": parameters, "when": when, "unknown": NONE}
    path.write_text(pages.get_template(template).render(words), encoding="utf-8")


def _machines(results: Iterable[tuple[str, Result]]) -> list[tuple[str, dict[str, str]]]:
    """Those that the results are of, each once, with the names of its results."""
    found: list[tuple[list[str], dict[str, str]]] = []
    for name, result in results:
        made_on = result.machine | {"chat-load": result.version or "not known"}
        names = next((names for names, machine in found if machine == made_on), None)
        if names is None:
            found.append(([name], made_on))
        else:
            names.append(name)
    return [(", ".join(dict.fromkeys(names)), machine) for names, machine in found]


def _run(result: Result) -> dict[str, Any]:
    """What the page says of one result."""
    found = {printable(of): latency for of, latency in latencies(result).items()}
    drawn = [
        plots.latency(found),
        plots.capacity(result.steps, result.goal, result.goal_percentile),
        plots.over_time(result.timeline),
    ]
    return {
        "result": result,
        "groups": groups(result),
        "latencies": found,
        "plots": _there(drawn),
        "moved": [(name, value, MEANINGS.get(name, NONE)) for name, value in result.kernel.items() if value],
        "still": [name for name, value in result.kernel.items() if not value],
    }


def _there(drawn: Iterable[Plot | None]) -> list[Plot]:
    return [plot for plot in drawn if plot is not None]


def _known(values: dict[str, float | None], unit: float) -> dict[str, float]:
    return {printable(name): value / unit for name, value in values.items() if value is not None}
