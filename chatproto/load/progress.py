"""How far a run is, as somebody is shown it."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

REDRAWN = 0.2
"""Seconds between two drawings at the least: to draw takes a millisecond of what is measured."""


class Progress(Protocol):
    """Shows somebody how far a run is."""

    def phase(self, words: str, total: float) -> None:
        """Something began, of which there is so much."""

    def done(self, much: float) -> None:
        """So much of it is done."""


class Nobody:
    """Shows nothing."""

    def phase(self, words: str, total: float) -> None:
        """Nothing."""

    def done(self, much: float) -> None:
        """Nothing."""


class ProgressLine:
    """On one line of the terminal; nothing where stderr is none. Leaving the `with` wipes it away. It has no thread of
    its own, which would run while others are measured."""

    def __init__(self) -> None:
        console = Console(file=sys.stderr)
        self._progress = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None)
        self._drawn = 0.0

    def phase(self, words: str, total: float) -> None:
        """Something began, of which there is so much; 0 if nobody knows."""
        self._progress.reset(self._task, total=round(total) or None, description=words)
        self._progress.refresh()

    def done(self, much: float) -> None:
        """So much of it is done."""
        now = time.monotonic()
        if now - self._drawn >= REDRAWN:
            self._drawn = now
            self._progress.update(self._task, completed=int(much))
            self._progress.refresh()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
