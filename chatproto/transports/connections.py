"""All open connections of a server: who has run out of time, and how everybody is let go when the server ends."""

from __future__ import annotations

from typing import Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatproto.events import Ending

_log = Logger()

SWEEP_SECONDS = 1.0
"""How often time-limits are looked at: one pass over all connections costs less than a timer for each."""


class Connection(Protocol):
    """What is asked of a member."""

    def check(self, now: float) -> None:
        """Act on whatever time-limit has passed."""

    def end(self, ending: Ending) -> None:
        """Tell the peer why it is let go, send what is queued, and close."""

    def abort(self) -> None:
        """Close now."""


class Connections(Service):
    """Started and stopped with the server. Stopping takes at most `closing_seconds`, and leaves nobody connected."""

    def __init__(self, clock: IReactorTime, closing_seconds: float) -> None:
        self._clock = clock
        self._closing_seconds = closing_seconds
        self._members: dict[Connection, None] = {}
        self._sweep = LoopingCall(self._check_all)
        self._sweep.clock = clock
        self._emptied: Deferred[None] | None = None
        self._deadline: IDelayedCall | None = None
        self.stopping = False

    def __len__(self) -> int:
        return len(self._members)

    def add(self, connection: Connection) -> None:
        """A connection is open."""
        self._members[connection] = None

    def remove(self, connection: Connection) -> None:
        """A connection is closed."""
        self._members.pop(connection, None)
        if not self._members and self._emptied is not None:
            self._finish()

    def startService(self) -> None:
        """Begin to watch the time-limits."""
        super().startService()
        self.stopping = False
        sweeping = self._sweep.start(SWEEP_SECONDS, now=False)
        sweeping.addErrback(lambda failure: _log.failure("time-limits are not watched any more", failure))

    def stopService(self) -> Deferred[None]:
        """Let everybody go. Fires when the last connection is closed."""
        super().stopService()
        self.stopping = True
        if self._sweep.running:
            self._sweep.stop()
        self._emptied = gone = Deferred[None]()
        for connection in list(self._members):
            connection.end(Ending.SHUTDOWN)
        if self._members:
            self._deadline = self._clock.callLater(self._closing_seconds, self._abort_all)
        else:
            self._finish()
        return gone

    def _check_all(self) -> None:
        now = self._clock.seconds()
        for connection in list(self._members):
            connection.check(now)

    def _abort_all(self) -> None:
        """Time is over. Whoever is there even after this is left to the end of the process."""
        self._deadline = self._clock.callLater(SWEEP_SECONDS, self._finish)
        for connection in list(self._members):
            connection.abort()

    def _finish(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        emptied, self._emptied, self._deadline = self._emptied, None, None
        if self._members:
            _log.warn("{count} connections did not close", count=len(self._members))
        if emptied is not None:
            emptied.callback(None)
