"""The life of the whole server: the order in which it starts and stops, and what it does on SIGHUP."""

from __future__ import annotations

import gc
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatproto.keeping import Keeping
from chatproto.rooms import operators, registered, restarting
from chatproto.rooms.service import RoomService
from chatproto.stores.trouble import StoreRefused
from chatproto.transports.connections import Connections
from chatproto.transports.listen import BadEndpoint, Listener
from chatproto.transports.tls import RenewedCertificate

_log = Logger()


TIDY_SECONDS = 3600.0
"""From one look for people and rooms that have stayed for too long to the next."""


class CannotStart(SystemExit, Exception):
    """Ends the program with one sentence and status 1. It is an `Exception` as well because twistd, when it runs in the
    background, passes on only those: the command that started it would wait for ever."""


class ChatServer(MultiService):
    """Starting: first the listeners' ports, with whatever privileges there are, then the rest. Stopping: no new
    connections, then everyone is told and what is queued is sent, within the time that `Connections` allows."""

    def __init__(self, reactor: Any, rooms: RoomService, connections: Connections, keeping: Keeping) -> None:
        super().__init__()
        self._reactor = reactor
        self._rooms = rooms
        self._connections = connections
        self.keeping = keeping
        self._reloads: list[Callable[[], str]] = []
        self.listeners: list[Listener] = []
        connections.setServiceParent(self)
        keeping.setServiceParent(self)
        self._tidying = LoopingCall(self._tidy)
        self._tidying.clock = reactor
        keeping.on_trouble(lambda text: operators.tell(rooms, text))

    def listen(self, listener: Listener) -> None:
        """Add a listener."""
        self.listeners.append(listener)
        listener.setServiceParent(self)

    def renew(self, certificate: RenewedCertificate) -> None:
        """Add a certificate, which is read again by `reload`."""
        self.on_reload(certificate.reload)
        certificate.setServiceParent(self)

    def on_reload(self, step: Callable[[], str]) -> None:
        """Have `reload` do that as well. A step that fails logs it, and returns one sentence; else an empty text."""
        self._reloads.append(step)

    def privilegedStartService(self) -> None:
        """Open the ports. Raises `CannotStart` if one cannot be had."""
        _raise_file_limit()
        try:
            super().privilegedStartService()
        except BadEndpoint as error:
            raise CannotStart(f"twistd chat: {error}") from error

    def startService(self) -> None:
        """Begin. Raises `CannotStart` if the store cannot be had without the privileges that there were before."""
        try:
            super().startService()
        except StoreRefused as refused:
            raise CannotStart(f"twistd chat: {refused}") from None
        self._rooms.closing = False
        Deferred.fromCoroutine(self._return()).addErrback(lambda bug: _log.failure("a bug in what is restored", bug))
        self._tidying.start(TIDY_SECONDS, now=False)
        gc.collect()
        gc.freeze()  # What start-up made lives as long as the process: no use in looking through it ever again.

    async def _return(self) -> None:
        """Have what lasts here again. It ends at once, but with other nodes: the names of people are claimed."""
        for problem in await restarting.all_again(self._rooms):
            _log.warn("{problem}", problem=problem)
        self.keeping.forget_rooms_but(restarting.streams(self._rooms))

    def _tidy(self) -> None:
        # With a bug that nobody catches it would never be done again.
        for step in (self._rooms.presences.expire, partial(registered.expire, self._rooms)):
            maybeDeferred(step).addErrback(lambda bug: _log.failure("a bug in tidying", bug))

    def stopService(self) -> Deferred[object]:
        """End. Fires when the ports are closed, everybody is gone, and what was said is stored."""
        self._rooms.closing = True
        if self._tidying.running:
            self._tidying.stop()
        stopped: Deferred[object] = super().stopService()
        return stopped.addCallback(lambda _: Deferred.fromCoroutine(self.keeping.close()))

    def take_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, and reload on SIGHUP. Call it when the reactor runs: Twisted's own handlers,
        which it replaces, have the process die by the signal; a server that was asked to stop, and did, exits 0."""
        self._on_signal(signal.SIGTERM, self._stop)
        self._on_signal(signal.SIGINT, self._stop)
        self._on_signal(signal.SIGHUP, self.reload)

    def _on_signal(self, number: signal.Signals, step: Callable[[], object]) -> None:
        def handle(_number: int, _frame: FrameType | None) -> None:
            self._reactor.callFromThread(step)  # A handler runs between any two steps of the program.

        signal.signal(number, handle)

    def _stop(self) -> None:
        _log.info("asked to stop")
        with suppress(ReactorNotRunning):  # It is stopping already.
            self._reactor.stop()

    def reload(self) -> list[str]:
        """Read again what can be read again: certificates, the message of the day. Blocks for some milliseconds.
        Returns a sentence for each thing that failed, and stays as it was."""
        return [problem for step in self._reloads if (problem := step())]


def _raise_file_limit() -> None:
    """Allow as many open files, and so connections, as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError) as error:  # macOS says "unlimited" and takes no such number.
            _log.warn("file limit stays {soft}: {error}", soft=soft, error=error)
        else:
            _log.info("file limit raised from {soft} to {hard}", soft=soft, hard=hard)
