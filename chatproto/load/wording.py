"""Numbers with their units, as people read them, for the table and for the page alike."""

from __future__ import annotations

from datetime import UTC, datetime

NONE = "–"
"""What stands where there is no figure."""


def count(value: float) -> str:
    """A number of things: "12,345"."""
    return f"{value:,.0f}"


def duration(microseconds: float) -> str:
    """A time in the unit that suits it, with three digits: "850 ns", "1.25 ms", "12.0 s"."""
    if microseconds == 0:
        return "0 µs"
    for unit, size in (("s", 1e6), ("ms", 1e3), ("µs", 1.0)):
        if abs(microseconds) >= size * 0.9995:
            return f"{_three(microseconds / size)} {unit}"
    return f"{_three(microseconds * 1000)} ns"


def size(octets: float) -> str:
    """An amount of memory, with three digits: "980 B", "12.5 KiB", "1.20 GiB"."""
    for unit, power in (("GiB", 3), ("MiB", 2), ("KiB", 1)):
        if abs(octets) >= 1024**power * 0.9995:
            return f"{_three(octets / 1024**power)} {unit}"
    return f"{octets:.0f} B"


def share(part: float) -> str:
    """A part of a whole, in percent: "74 %"."""
    return f"{part * 100:.0f} %" if part >= 0.0995 or part == 0 else f"{part * 100:.1f} %"


def moment(unix: float) -> str:
    """A time of day and its date, in UTC: the same wherever it is read."""
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def figure(value: float, unit: str) -> str:
    """A number with its unit in words; times and memory in the unit that suits them."""
    if unit in ("s", "µs"):
        return duration(value * (1e6 if unit == "s" else 1))
    if unit == "bytes":
        return size(value)
    number = count(value) if abs(value) >= 1000 or value == int(value) else _three(value)
    return f"{number} {unit}".rstrip()


def printable(text: str) -> str:
    """Text from elsewhere without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _three(value: float) -> str:
    """With three digits, and all those before the point."""
    magnitude = abs(value)
    return f"{value:,.0f}" if magnitude >= 99.95 else f"{value:.1f}" if magnitude >= 9.995 else f"{value:.2f}"
