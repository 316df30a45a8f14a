"""Whose turn it is, where few things are done at a time and some more wait."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from twisted.internet.defer import Deferred

Waits = Callable[[], bool]
"""Whether somebody still waits."""


def _always() -> bool:
    return True


class _Waiter(NamedTuple):
    turn: Deferred[bool]
    waits: Waits


class Turns:
    """`at_once` at a time. Whoever comes on top of them waits in a queue, and the queues take turns: however many wait
    in one, those in another wait for few of them. There are `most` places in each, and `in_all` together; whoever comes
    when they are taken gets a `full`."""

    def __init__(self, at_once: int, full: type[Exception], most: int, in_all: float = math.inf) -> None:
        self._free = at_once
        self._full = full
        self._most = most
        self._in_all = in_all
        self._queues: dict[str, deque[_Waiter]] = {}
        """By name, and none of them empty; that whose turn comes next is the first."""

    async def take(self, queue: str, waits: Waits = _always) -> bool:
        """Wait for one's turn in that queue, and give it back afterwards. False if there is none, for one did not wait
        any more. Raises what `full` is. Not to be cancelled."""
        if self._free:
            self._free -= 1
            return True
        self._leave_out_who_has_gone()
        if len(self._queues.get(queue, ())) >= self._most or sum(map(len, self._queues.values())) >= self._in_all:
            raise self._full
        waiter = _Waiter(Deferred(), waits)
        self._queues.setdefault(queue, deque()).append(waiter)
        return await waiter.turn

    def give_back(self) -> None:
        """It is the next one's turn."""
        self._leave_out_who_has_gone()
        if not self._queues:
            self._free += 1
            return
        name = next(iter(self._queues))
        queue = self._queues.pop(name)
        waiter = queue.popleft()
        if queue:
            self._queues[name] = queue  # The others come before it next time.
        waiter.turn.callback(True)  # noqa: FBT003

    def _leave_out_who_has_gone(self) -> None:
        queues, self._queues = self._queues, {}
        gone = []
        for name, queue in queues.items():
            if left := deque(each for each in queue if each.waits()):
                self._queues[name] = left
            gone += [each.turn for each in queue if not each.waits()]
        for turn in gone:
            turn.callback(False)  # noqa: FBT003
