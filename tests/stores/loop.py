"""A reactor for tests of what runs on threads: it waits for them where a test asks it to, and else stands still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from queue import Empty, SimpleQueue
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

PATIENCE = 30.0
"""Seconds after which what threads should have done is taken not to happen."""

SOON = 1.0
"""Seconds that pauses between two portions of work are shorter than, and the patience with threads longer."""


class Loop(Clock):
    """A clock, and what threads want to be called on the thread of the test."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: SimpleQueue[Callable[[], object]] = SimpleQueue()

    def callFromThread(self, function: Callable[..., object], *arguments: Any, **named: Any) -> None:
        """As the reactor's."""
        self._calls.put(lambda: function(*arguments, **named))

    def turn(self) -> None:
        """Wait for one call from a thread, and let it happen. Time does not pass."""
        self.advance(0)
        try:
            call = self._calls.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError("no thread has anything to say") from None
        call()
        self.advance(0)

    def until(self, happened: Callable[[], object]) -> None:
        """Take turns until something has happened."""
        self.advance(0)
        while not happened():
            self.turn()

    def start(self, awaited: Awaitable[Any]) -> Callable[[], bool]:
        """Let it begin. What is given back tells whether it has ended."""
        ended: list[Any] = []
        self._ending(awaited).addBoth(ended.append)
        return lambda: bool(ended)

    def result(self, awaited: Awaitable[Any], *, in_time: bool = False) -> Any:
        """What comes of it, after as many turns as that takes. Raises what it raises. Time passes if it is said to:
        whatever waits for it happens when no thread is at work."""
        ended: list[Any] = []
        self._ending(awaited).addBoth(ended.append)
        while in_time and not ended:
            self.step()
        self.until(lambda: ended)
        if isinstance(ended[0], Failure):
            ended[0].raiseException()
        return ended[0]

    def step(self) -> None:
        """Let time pass until something happens that waits for it; or if that is only how long a thread may take, let
        the thread take its time."""
        waits = [call.getTime() - self.seconds() for call in self.getDelayedCalls()]
        if waits and min(waits) < SOON:
            self.advance(max(0.0, min(waits)))
        else:
            self.turn()

    @staticmethod
    def _ending(awaited: Awaitable[Any]) -> Deferred[Any]:
        async def wait() -> Any:
            return await awaited

        return Deferred.fromCoroutine(wait())
