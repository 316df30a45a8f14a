"""A history that stores when a test lets it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed

from chatproto.events import Event, Stamp
from chatproto.stores.memory import MemoryHistory


class SlowHistory(MemoryHistory):
    """What is appended is not stored until `commit`."""

    def __init__(self) -> None:
        super().__init__(100)
        self._waiting: list[Deferred[bool]] = []
        self._pending = False
        self.fails = False
        """Nothing is stored any more, which is known at once."""

    def append(self, stream: str, event: Event, stamp: Stamp) -> None:
        """Keep it, but not for good."""
        super().append(stream, event, stamp)
        self._pending = True

    def stored(self) -> Any:
        """See `IHistoryStore.stored`."""
        if self.fails:
            return succeed(False)
        if not self._pending:
            return None
        waiting: Deferred[bool] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def commit(self, *, stored: bool = True) -> None:
        """All of it is stored now, or cannot be."""
        waiting, self._waiting, self._pending = self._waiting, [], False
        for each in waiting:
            each.callback(stored)
