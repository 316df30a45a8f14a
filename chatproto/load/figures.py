"""The single figures of a result, in words and with their units: what the table and the page show alike."""

from __future__ import annotations

from chatproto.load.results import ClientUse, Latency, Result, ServerUse
from chatproto.load.wording import count, duration, figure, moment, share, size

Rows = list[tuple[str, str]]

PERCENTILES = {"median": "p50", "90 %": "p90", "99 %": "p99", "99.9 %": "p999", "longest": "max", "mean": "mean"}
"""How the fields of a `Latency` are called, in the order in which they are shown."""


def parameters(result: Result) -> str:
    """Those of a run that say something, as a sentence would list them."""
    given = {name: value for name, value in result.parameters.items() if value is not None and value is not False}
    return ", ".join(name if value is True else f"{name} {value}" for name, value in given.items())


def when(result: Result) -> str:
    """The time of a run, and how long it was."""
    end = ", ended early" if result.interrupted else ""
    return f"{moment(result.started)}, {duration(result.seconds * 1e6)} measured{end}"


def groups(result: Result) -> dict[str, Rows]:
    """All but the latencies: of the lines, of the server, of the client, and what only this scenario has."""
    found = {
        "lines": _lines(result),
        "server": _server(result),
        "client": _client(result.client, result.delivered),
        "besides": [(each.name, figure(each.value, each.unit)) for each in result.figures],
    }
    return {name: rows for name, rows in found.items() if rows}


def latencies(result: Result) -> dict[str, Latency]:
    """What there is of them, by what they are of."""
    counted = "" if result.counted_every == 1 else f", each {result.counted_every}th"
    found = {f"{result.latency_of}{counted}": result.latency, "PING, there and back": result.probe}
    return {of: latency for of, latency in found.items() if latency is not None}


def _lines(result: Result) -> Rows:
    def per_second(number: int) -> str:
        rate = f" ({count(number / result.seconds)}/s)" if result.seconds else ""
        return f"{count(number)}{rate}"

    offered = [] if result.offered_rate is None else [("asked for", f"{count(result.offered_rate)}/s")]
    cut = ("connections cut", count(result.cut))
    if not (offered or result.sent or result.delivered or not result.sound):
        return [cut]  # Nothing was to be said.
    return [
        *offered,
        ("sent", per_second(result.sent)),
        ("delivered", per_second(result.delivered)),
        ("lost", count(result.lost)),
        ("twice", count(result.duplicated)),
        ("out of order", count(result.disordered)),
        cut,
    ]


def _server(result: Result) -> Rows:
    server = result.server
    if server is None:
        return [("CPU and memory", "not known: name its process with --pid or --spawn")]
    busy = f", {share(server.cpu / result.seconds)} of a core" if result.seconds else ""
    rows = [("CPU", f"{_cpu(server.cpu_user, server.cpu_system)}{busy}")]
    if result.server_cpu_per_delivery is not None:
        rows.append(("per delivery", f"{result.server_cpu_per_delivery:.2f} µs of CPU"))
    return [*rows, *_memory(server), *_turns(server)]


def _cpu(user: float, system: float) -> str:
    return f"{user:.2f} s user + {system:.2f} s system"


def _memory(server: ServerUse) -> Rows:
    rows = [
        ("memory before", size(server.rss_before)),
        ("memory after", f"{size(server.rss_after)}, with {count(server.connections)} connections"),
        ("memory, most ever", size(server.rss_peak)),
    ]
    if server.rss_per_connection is not None:
        rows.append(("per connection", f"{size(server.rss_per_connection)}, while nobody spoke"))
    return rows


def _turns(server: ServerUse) -> Rows:
    turns = server.turns
    if turns is None:
        return []
    times = f"median {duration(turns.p50)}, 99 % {duration(turns.p99)}, longest {duration(turns.max)}"
    return [("reactor's turns", f"{count(turns.count)}: {times}")]


def _client(client: ClientUse, delivered: int) -> Rows:
    rows = [("CPU", f"{client.cpu:.2f} s"), ("busy", f"{share(client.busy)} of the time")]
    if client.cpu_per_delivery is not None and delivered:
        rows.append(("per delivery", f"{client.cpu_per_delivery:.2f} µs of CPU"))
    if client.late:
        rows.append(("behind schedule", f"{duration(client.late)} at 99 % of the lines"))
    return rows
