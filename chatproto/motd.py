"""The message of the day: a text file of the operator's."""

from __future__ import annotations

from pathlib import Path

LONGEST = 65_536
"""Bytes of the file that are read; what comes after them is left out."""
MOST_LINES = 1000
"""Lines that are shown of it: with what stands before each, they have to fit into the send queue of who comes."""


class BadMotd(Exception):
    """A file that cannot be read; `str(error)` is one sentence without its point."""


def read(file: Path) -> tuple[str, ...]:
    """Its lines. What is not UTF-8 is shown as U+FFFD. Blocks to read the file. Raises `BadMotd`."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LONGEST)
    except OSError as error:
        raise BadMotd(f"{file} cannot be read: {error.strerror}") from error
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").expandtabs()
    return tuple(text.removesuffix("\n").split("\n")[:MOST_LINES]) if text else ()
