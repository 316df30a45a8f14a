"""What is to be written to a history waits in a queue, and is written in batches on another thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.events import Event, Stamp
from chatproto.stores.database import Database, StoreFailed
from chatproto.stores.writing import Line, Step, carry_out

BATCH = 10_000
"""Lines that are committed together at the most, in a quarter of a second. A batch is what came while the one before
it was written: there are as many only where more comes than can be stored, and then large ones cost half."""

QUEUE = 100_000
"""Lines that wait at the most, if nothing else is said: about 50 MB."""
STEPS = 10_000
"""So much more may wait of what is done to streams; what is taken back or dropped is not to stay."""

GATHERED = 0.05
"""Seconds in which lines come together of which nobody waits to hear that they are stored. A commit costs as much as
twenty lines."""
SOON = 1000
"""Lines that wait no longer, if more come."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds after which it tries again what failed; each pause is twice the one before."""

PATIENCE = 5.0
"""Seconds after which nobody waits any more for a database that does not answer."""

_CLOSED = "the history is closed"

T = TypeVar("T")

_log = Logger()


def _say_nothing(text: str) -> None: ...


class Queue:
    """What waits to be written.

    Where the database fails, what is appended goes on waiting, up to `queue` lines, and is tried again and again.
    `on_trouble` is told one sentence when that begins, and `on_healed` one when it is over. Beyond the bound the newest
    lines are not stored at all.
    """

    on_trouble: Callable[[str], None] = staticmethod(_say_nothing)
    on_healed: Callable[[str], None] = staticmethod(_say_nothing)

    def __init__(self, database: Database, clock: Any, queue: int = QUEUE) -> None:
        """Of the `clock` it needs `callLater`. The database has to be open before anything is appended."""
        self._database, self._clock, self._most = database, clock, queue
        self._queue: list[Line | Step] = []
        self._done = 0
        """How many of all that ever was in the queue have left it."""
        self._waiting: deque[tuple[int, Deferred[bool]]] = deque()
        """Who waits until so many have left it."""
        self._writer = uuid4().hex
        self._batch = BATCH
        self._under_way = False
        """Something is being written, or will be without anybody's doing."""
        self._gathering: IDelayedCall | None = None
        self._retry: IDelayedCall | None = None
        self._pause = FIRST_PAUSE
        self._trouble = ""
        self._lost = 0
        self._closing = False
        self._later: list[Callable[[], Step]] = []
        """What gives steps for the next batch."""
        self._ended = False
        """It was closed, and what is under way nobody waits for."""

    def append(self, stream: str, event: Event, stamp: Stamp) -> None:
        """See `IHistoryStore.append`."""
        queue = self._queue
        waiting = len(queue)
        if waiting >= self._most:
            self._overflow()
            return
        queue.append((stream, event, stamp))
        if not self._under_way:
            self._start()
        elif waiting == SOON:
            self._hurry()

    def step(self, step: Step) -> None:
        """Have something else done, after what was appended before. Beyond the bound it is not done either."""
        if len(self._queue) >= self._most + STEPS:
            self._overflow()
            return
        self._queue.append(step)
        if not self._under_way:
            self._start()

    def also(self, prepare: Callable[[], Step]) -> None:
        """Have something else of the store written with the next batch: the step that `prepare` gives when that is
        about to be written. It is called once, on the reactor's thread, and must not raise."""
        if self._closing:
            self._overflow()
            return
        self._later.append(prepare)
        if not self._under_way:
            self._start()

    def _prepare(self) -> None:
        later, self._later = self._later, []
        self._queue += [prepare() for prepare in later]

    def _start(self) -> None:
        """Write soon."""
        self._under_way = True
        self._gathering = self._clock.callLater(GATHERED, self._write)

    def _hurry(self) -> None:
        """Write at the end of the reactor's turn, if nothing is being written: what it brings is committed together."""
        if self._gathering is not None:
            self._gathering.reset(0)

    def _write(self) -> None:
        if self._retry is None:  # Else it is tried as it was.
            self._prepare()
        self._retry = self._gathering = None
        batch = self._queue[: self._batch]
        work = partial(carry_out, work=batch, writer=self._writer, number=self._done)
        late = self._clock.callLater(PATIENCE, self._late)
        written = Deferred.fromCoroutine(self._database.write(work))
        written.addBoth(_cancel_first, late)
        written.addCallbacks(self._written, self._failed, (len(batch),), {}, (len(batch),), {})
        written.addErrback(lambda bug: _log.failure("a bug in the history", bug))

    def _written(self, _: None, count: int) -> None:
        self._pause = FIRST_PAUSE
        self._batch = min(BATCH, self._batch * 2)
        self._leave(count, stored=True)
        self._go_on()
        if self._trouble and len(self._queue) <= self._most // 2:
            self._heal()

    def _failed(self, failure: Failure, count: int) -> None:
        if failure.check(StoreFailed):
            self._batch = count  # Nobody knows whether it was committed: it is tried as it is.
            if self._ended:
                return
            self._retry = self._clock.callLater(self._pause, self._write)
            self._pause = min(LONGEST_PAUSE, self._pause * 2)
            self._fall(f"History cannot be stored: {failure.getErrorMessage()}. It is tried again and again.")
        elif count > 1:  # One of them cannot be stored. The others are, and it comes to be alone.
            self._batch = count // 2
            self._write()
        else:
            _log.failure("what cannot be stored is left out", failure)
            self._leave(1, stored=False)
            self._go_on()

    def _go_on(self) -> None:
        if self._ended:
            return
        if self._waiting or len(self._queue) > SOON:
            self._write()
        elif self._queue or self._later:
            self._start()
        else:
            self._under_way = False

    def _leave(self, count: int, *, stored: bool) -> None:
        del self._queue[:count]
        self._done += count
        while self._waiting and self._waiting[0][0] <= self._done:
            self._waiting.popleft()[1].callback(stored)

    def stored(self) -> Awaitable[bool] | None:
        """See `IHistoryStore.stored`."""
        if self._trouble:
            return succeed(False)  # noqa: FBT003
        if not self._queue:
            return None
        waits: Deferred[bool] = Deferred()
        self._waiting.append((self._done + len(self._queue), waits))
        self._hurry()
        return waits

    def all_stored(self) -> Awaitable[bool] | None:
        """As `stored`, with what is `also` to be written."""
        if not self._trouble:
            self._prepare()
        return self.stored()

    # -- trouble

    def _overflow(self) -> None:
        self._lost += 1
        if self._closing:
            self._trouble = self._trouble or _CLOSED
            return
        self._fall(
            f"{len(self._queue)} lines wait to be stored, and more are not taken: what is said now is not stored."
        )

    def _late(self) -> None:
        self._fall(f"The history's database has not answered for {PATIENCE:g} seconds.")

    def _fall(self, trouble: str) -> None:
        """Nobody waits for a store that fails."""
        first, self._trouble = not self._trouble, trouble
        waiting, self._waiting = self._waiting, deque()
        for _, waits in waiting:
            waits.callback(False)  # noqa: FBT003
        if first:
            self.on_trouble(trouble)

    def _heal(self) -> None:
        lost, self._lost, self._trouble = self._lost, 0, ""
        self.on_healed(f"History is stored again; {lost} lines were not." if lost else "History is stored again.")

    async def close(self) -> None:
        """Write what waits; what failed is tried once more. Nothing is taken any more. The database is left open."""
        self._prepare()
        self._closing, self._most = True, -STEPS
        if self._retry is not None:
            self._retry.cancel()
            self._write()
        self._hurry()
        if self._under_way:
            self._waiting.append((self._done + len(self._queue), last := Deferred[bool]()))
            late = self._clock.callLater(PATIENCE, self._late)  # What is under way may be late already.
            await last
            _cancel_first(None, late)
        if self._retry is not None:
            self._retry.cancel()
        self._trouble, self._ended = self._trouble or _CLOSED, True
        if self._queue or self._lost:
            _log.error("{count} lines of history were not stored", count=len(self._queue) + self._lost)


def _cancel_first(result: T, call: IDelayedCall) -> T:
    if call.active():
        call.cancel()
    return result
