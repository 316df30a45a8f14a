"""The lines of one peer on their way to its conversation: in order, at the allowed rate, fair to others, and one at a
time where an answer must be waited for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from chatproto.events import Ending
from chatproto.transports.intake import Intake, Overlong
from chatproto.transports.limits import LinkLimits
from chatproto.transports.turn import Turn


class Receiver(Protocol):
    """The link, as a delivery sees it."""

    def lineReceived(self, line: bytes) -> None:
        """Take one line."""

    def line_too_long(self) -> None:
        """One line was thrown away."""

    def deliver(self) -> None:
        """Call `Delivery.run`, and answer for what it raises."""

    def pause(self, *, wanted: bool) -> None:
        """Read no more for now, or go on."""

    def congested(self) -> bool:
        """Whether the peer should first read what it was answered."""

    def when_drained(self, then: Callable[[], None]) -> None:
        """Call `then` when it has."""

    def end(self, ending: Ending) -> None:
        """Close."""

    def failed(self, failure: Failure) -> None:
        """Answer for an error of ours."""


class Delivery:
    """`run` delivers what may be delivered, and sees to it that it is run again for what must wait.

    Raises `Overflow` from `feed` and `run` if the peer has sent more than may wait.
    """

    __slots__ = (
        "_answering", "_clock", "_crowded", "_intake", "_limits", "_link", "_queued", "_read_all", "_running", "_turn",
        "_wake", "stopped",
    )  # fmt: skip

    def __init__(self, link: Receiver, limits: LinkLimits, clock: IReactorTime, turn: Turn) -> None:
        self._link = link
        self._limits = limits
        self._clock = clock
        self._turn = turn
        self._intake = Intake(limits, clock.seconds())
        self._wake: IDelayedCall | None = None
        self._queued = False
        """It is run in one of the next turns."""
        self._running = False
        self._answering = False
        self._crowded = False
        """What it said last waits, with much else, for a crowd that takes several turns."""
        self._read_all = False
        self.stopped = False
        """Nothing is delivered any more."""

    @property
    def waiting(self) -> bool:
        """Whether a whole line waits."""
        return self._intake.delay() is not None

    def feed(self, data: bytes, now: float) -> None:
        """Take in what was read, now."""
        if self._queued:
            self._intake.feed(data)
            self._link.pause(wanted=True)
        elif self._turn.spent(now):
            self._intake.feed(data)
            self._queue()
        elif (line := self._only(data, now)) is not None:
            self._hand_on(line)
        else:
            self._intake.feed(data)
            self.run()

    def _only(self, data: bytes, now: float) -> bytes | None:
        """The line that was read, if it is the only one and may be delivered at once. Nearly all are."""
        return None if self._running or self._held() else self._intake.only(data, now)

    def finish(self) -> None:
        """Nothing more will be read: once all lines are delivered, the link ends."""
        self._read_all = True
        self.run()

    def hold(self, answer: Coroutine[Any, Any, None]) -> None:
        """Deliver no line until `answer` is there."""
        self._answering = True
        Deferred.fromCoroutine(answer).addBoth(self._answered)

    def stop(self) -> None:
        """Deliver nothing any more, and forget what waits."""
        self.stopped = True
        self._intake.clear()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def run(self) -> None:
        """Deliver lines until there are none, the rate or the turn is used up, or an answer must be waited for."""
        if self._running or self.stopped:
            return
        self._running = True
        try:
            for _ in range(self._limits.lines_per_turn):
                now = self._clock.seconds()
                if self._held() or self._turn.spent(now) or not self._deliver_one(now) or self.stopped:
                    break
        finally:
            self._running = False
        if not self.stopped:
            self._wait()

    def _held(self) -> bool:
        return self._answering or self._crowded or self._link.congested()

    def _deliver_one(self, now: float) -> bool:
        line = self._intake.take(now)
        if line is Overlong.LINE:
            self._link.line_too_long()
        elif line is not None:
            self._hand_on(line)
        return line is not None

    def _hand_on(self, line: bytes) -> None:
        """If it goes to many, and more waits for them already than should, the next waits until they caught up."""
        turn = self._turn
        turn.crowded = None
        self._link.lineReceived(line)
        if turn.crowded is not None and not self._crowded:
            self._crowded = True
            turn.crowded.when_caught_up(self._caught_up)

    def _caught_up(self) -> None:
        self._crowded = False
        self._queue()

    def _wait(self) -> None:
        """Come back for the lines that wait, once that is allowed. If they wait for us, read no more until then. If
        they wait because the peer is too fast, read on, up to the bound: a flood is not worth keeping."""
        delay = self._intake.delay()
        for_us = delay is not None and (self._held() or delay == 0)
        self._link.pause(wanted=for_us)
        if delay is None:
            if self._read_all and not self._answering:
                self._link.end(Ending.LOST)
            return
        if not for_us:
            self._intake.check()
        if self._link.congested():
            self._link.when_drained(self._queue)
        elif self._answering or self._crowded:
            pass
        elif delay == 0:
            self._queue()
        elif self._wake is None:
            self._wake = self._clock.callLater(delay, self._awake)

    def _queue(self) -> None:
        """Run in the next turn that has time for it."""
        if not self._queued and not self.stopped:
            self._queued = True
            self._turn.take_later(self._in_turn)

    def _in_turn(self) -> None:
        self._queued = False
        self._link.deliver()

    def _awake(self) -> None:
        self._wake = None
        self._link.deliver()

    def _answered(self, result: object) -> None:
        self._answering = False
        if isinstance(result, Failure):
            self._link.failed(result)
        else:
            self._link.deliver()
