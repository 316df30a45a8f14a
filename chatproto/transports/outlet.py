"""What one layer sends on the transport below it: at once, as far as the system takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chatproto.transports.readiness import STREAM_SOCKETS


@implementer(IPushProducer)
class Outlet:
    """The sending side of a transport.

    As in `Outbox`, a stream socket of the reactor's own is written to directly while nothing of ours waits in Twisted's
    buffer. What the system does not take waits there, with all that comes after it, until everything is sent.

    It is the transport's producer. The layer's own, which is a push producer, can be put into its place at any time.
    """

    __slots__ = ("_send_now", "_transport", "full", "producer")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.producer: IPushProducer | None = None
        self.full = False
        """Something waits in the transport."""
        direct = type(transport) in STREAM_SOCKETS
        self._send_now: Callable[[bytes], int] | None = transport.socket.send if direct else None
        # A pull producer is asked for more whenever the buffer has run empty, a push producer when it was full before.
        transport.registerProducer(self, not direct)

    def send(self, data: bytes) -> None:
        """Send it, in its place."""
        if self.full or self._send_now is None:
            self._transport.write(data)
            return
        try:
            sent = self._send_now(data)
        except OSError:  # It would block; or the socket is broken: Twisted meets the same error, and tells.
            sent = 0
        if sent < len(data):
            self.pauseProducing()
            self._transport.write(data[sent:] if sent else data)

    def release(self) -> None:
        """Be the transport's producer no more: until then it would not close."""
        self._transport.unregisterProducer()

    # -- what the transport calls

    def pauseProducing(self) -> None:
        """It is full. Twisted says so on every write while it is."""
        self.full = True
        if self.producer is not None:
            self.producer.pauseProducing()

    def resumeProducing(self) -> None:
        """It has room again."""
        self.full = False
        if self.producer is not None:
            self.producer.resumeProducing()

    def stopProducing(self) -> None:
        """The connection is lost."""
        self._send_now = None
        producer, self.producer = self.producer, None
        if producer is not None:
            producer.stopProducing()
