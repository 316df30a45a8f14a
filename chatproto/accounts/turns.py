"""Who may have a password hashed now, and who waits for that."""

from __future__ import annotations

from collections import deque

from twisted.internet.defer import Deferred

from chatproto.errors import NotChecked


class Turns:
    """`at_once` at a time. Whoever comes on top of them waits, in the queue of what they come for, and the queues take
    turns: however many log in, whoever comes for something else waits for few of them. Each has `waiting` places."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._most = waiting
        self._queues: dict[str, deque[Deferred[None]]] = {}

    async def take(self, purpose: str) -> None:
        """Wait for one's turn, and give it back afterwards. Raises `NotChecked` if the queue is full. Not to be
        cancelled."""
        if self._free:
            self._free -= 1
            return
        queue = self._queues.setdefault(purpose, deque())
        if len(queue) >= self._most:
            raise NotChecked
        turn: Deferred[None] = Deferred()
        queue.append(turn)
        await turn

    def give_back(self) -> None:
        """It is the next one's turn."""
        for purpose, queue in self._queues.items():
            if queue:
                self._queues[purpose] = self._queues.pop(purpose)  # The others come before it next time.
                queue.popleft().callback(None)
                return
        self._free += 1


class Waiting:
    """Those who wait until something has changed, and then look whether they have to wait on."""

    def __init__(self) -> None:
        self._turns: list[Deferred[None]] = []
        self._changed = self._telling = False

    def __len__(self) -> int:
        return len(self._turns)

    async def wait(self) -> None:
        """Until `tell`. Not to be cancelled."""
        turn: Deferred[None] = Deferred()
        self._turns.append(turn)
        await turn

    def tell(self) -> None:
        """It has changed: all look, in the order in which they came. They may change it themselves: then those who wait
        on look again, after all others have."""
        self._changed = True
        if self._telling:
            return
        self._telling = True
        while self._changed:
            self._changed = False
            turns, self._turns = self._turns, []
            for turn in turns:
                turn.callback(None)
        self._telling = False
