"""What is queued for one socket: joined and sent once per turn of the reactor, counted, and cut when it is too much.

A turn of the reactor may queue many lines for one socket; `Turn` flushes each outbox once when the turn is over, in one
`send(2)`. The order that a socket sees is the order of the `write` calls.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol

from twisted.internet import tcp, unix
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime
from zope.interface import implementer

CHUNK = 65_536
"""Bytes that are handed to the transport in one piece; what waits beyond it stays here, where it is counted."""

OUTBOXES_PER_TURN = 1000
"""Sockets that are sent to before the reactor gets its turn again: some 5 to 10 ms of work."""


class Turn:
    """The outboxes that have something to send at the end of this turn of the reactor. One per server."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: list[Outbox] = []

    def add(self, outbox: Outbox) -> None:
        """Flush `outbox` when the turn is over."""
        if not self._waiting:
            self._clock.callLater(0, self._flush)
        self._waiting.append(outbox)

    def _flush(self) -> None:
        waiting = iter(self._waiting)
        self._waiting = []
        try:
            for outbox in islice(waiting, OUTBOXES_PER_TURN):
                outbox.flush()
        finally:  # Those behind one that failed have their turn all the same.
            rest = list(waiting)
            if rest:
                if not self._waiting:
                    self._clock.callLater(0, self._flush)
                self._waiting = rest + self._waiting


class _Socket(Protocol):
    def send(self, data: bytes, /) -> int: ...


@implementer(IPushProducer)
class Outbox:
    """The send queue of one connection.

    A stream socket of the reactor's own is written to directly while nothing of ours waits in Twisted's buffer: that
    saves two epoll_ctl calls and a turn per send. Anything else (TLS, third-party transports) gets `write` until it
    says that it is full. In either case at most about two `CHUNK` are out of our hands and not counted.
    """

    __slots__ = (
        "_awaited",
        "_blocked",
        "_drained",
        "_frames",
        "_limit",
        "_lost",
        "_on_overflow",
        "_queued",
        "_socket",
        "_transport",
        "_turn",
        "size",
    )

    def __init__(self, transport: Any, turn: Turn, limit: int, on_overflow: Callable[[], None]) -> None:
        self._transport = transport
        self._turn = turn
        self._limit = limit
        self._on_overflow = on_overflow
        self._frames: list[bytes] = []
        self._queued = False
        self._blocked = False
        self._drained: Callable[[], None] | None = None
        self._awaited: list[Deferred[None]] = []
        """What is to be told of the same at the end of a turn; any number, and also if the connection is lost."""
        self._lost = False
        # The exact types: a TLS transport or a wrapper would lend us its socket, to be written to in the clear.
        direct = type(transport) in (tcp.Server, unix.Server)
        self._socket: _Socket | None = transport.socket if direct else None
        self.size = 0
        """Bytes that wait here."""
        # A pull producer is asked for more whenever the buffer has run empty, a push producer when it was full before.
        transport.registerProducer(self, not direct)

    def write(self, data: bytes) -> None:
        """Queue whole frames. If more than the limit wait even after a flush, `on_overflow` is called: it may not call
        back into rooms, which could be in the middle of a broadcast."""
        self._frames.append(data)
        self.size += len(data)
        if not self._queued:  # As `_queue` does, without a call: this runs per member.
            self._queued = True
            self._turn.add(self)
        if self.size > self._limit:
            self._send()
            if self.size > self._limit:
                self._on_overflow()

    def flush(self) -> None:
        """Send what waits, as far as the transport takes it."""
        self._queued = False
        self._send()
        if self._awaited and (self._lost or not (self._frames or self._blocked)):
            awaited, self._awaited = self._awaited, []
            for each in awaited:
                each.callback(None)

    def clear(self) -> None:
        """Throw away what waits. What was handed to the transport ends with a whole frame."""
        self._frames.clear()
        self.size = 0

    def when_drained(self, then: Callable[[], None]) -> None:
        """Call `then` once, as soon as nothing waits here; at once if that is so."""
        self._drained = then
        self._send()

    def drained(self) -> Deferred[None]:
        """Resolves at the end of a turn, as soon as nothing waits here or the connection is lost. Never from `write`,
        which could be in the middle of a broadcast."""
        awaited: Deferred[None] = Deferred()
        self._awaited.append(awaited)
        self._queue()
        return awaited

    def hand_over(self, on_overflow: Callable[[], None]) -> None:
        """Another link has it from now on, with what is queued, and is told of an overflow in the place of the first.
        What waits for its draining does so in vain."""
        self._on_overflow = on_overflow
        self._drained = None

    def release(self) -> None:
        """Be the transport's producer no more: until then it would not close."""
        self._transport.unregisterProducer()

    # -- what the transport calls

    def resumeProducing(self) -> None:
        """The transport has room again."""
        self._blocked = False
        if self._socket is None:
            # Where the peer has ended TLS while we were paused, Twisted waits for ever for us to write or unregister:
            # then it closes now, and `stopProducing` is called.
            self._transport.unregisterProducer()
            self._transport.registerProducer(self, streaming=True)
        self._send()
        if self._awaited:
            self._queue()

    def pauseProducing(self) -> None:
        """The transport is full. Twisted says so on every write while it is."""
        self._blocked = True

    def stopProducing(self) -> None:
        """The connection is lost."""
        self.clear()
        self._blocked = self._lost = True
        if self._awaited:
            self._queue()

    # -- the rest

    def _queue(self) -> None:
        """Be flushed when the turn is over."""
        if not self._queued:
            self._queued = True
            self._turn.add(self)

    def _send(self) -> None:
        while self._frames and not self._blocked:
            data = self._next_chunk()
            if self._socket is None:
                self._transport.write(data)
                continue
            sent = self._send_now(self._socket, data)
            if sent < len(data):
                self._blocked = True
                self._transport.write(data[sent:] if sent else data)
        if self._drained is not None and not self._frames and not self._blocked:
            then, self._drained = self._drained, None
            then()

    def _next_chunk(self) -> bytes:
        """All that waits, or as many whole frames as fill a chunk."""
        if self.size <= CHUNK:
            data = b"".join(self._frames)
            self._frames.clear()
        else:
            count = length = 0
            while length < CHUNK and count < len(self._frames):
                length += len(self._frames[count])
                count += 1
            data = b"".join(self._frames[:count])
            del self._frames[:count]
        self.size -= len(data)
        return data

    @staticmethod
    def _send_now(socket: _Socket, data: bytes) -> int:
        """How much of `data` the kernel took. A broken socket takes nothing: Twisted meets the same error and tells."""
        try:
            return socket.send(data)
        except OSError:
            return 0
