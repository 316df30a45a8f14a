"""TLS on a connection of the server's own, between what carries bytes and whoever speaks on it.

Twisted's TLSMemoryBIOProtocol can be used for more, and costs several times as much: see docs/performance.md.
"""

from __future__ import annotations

from typing import Any

from OpenSSL.crypto import X509
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IHandshakeListener,
    IPushProducer,
    IReactorTime,
    ISSLTransport,
)
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.transports.layer import Layer
from chatproto.transports.outbox import CHUNK
from chatproto.transports.outlet import Outlet
from chatproto.transports.peer import can_half_close
from chatproto.transports.records import Broken, Ended, Records
from chatproto.transports.textless import PER_RECORD, SLICE, Textless

_log = Logger()

MOST_EARLY = CHUNK
"""Bytes that may be written before the handshake is done; with more, whoever writes is paused."""

MOST_UNREAD = CHUNK
"""Bytes of OpenSSL's own answers that may wait for a peer that does not read; with more, the connection is broken."""


@implementer(ISSLTransport)
class TLSConnection(Layer):
    """The server's side of one connection over TLS.

    `inner` has its connection at once, and is told when the handshake is done if it is an `IHandshakeListener`. It is
    the affair of `inner` that the handshake ends in time, and that a connection does that is to close.

    The peer may end its own side of TLS and read on (RFC 8446, 6.1), of which `inner` is told if it knows half-closed
    connections. A peer that goes away without an end of TLS is lost, as what it sent may have been cut off.
    """

    _outlet: Outlet
    _early = b""
    _unread = 0
    _beside = 0
    """Bytes that came beside text since that was counted; less than 0 if there was more text."""
    _shaken = False
    """The handshake is done."""
    _paused = False
    """`inner` does not want to read."""
    _held = False
    """There may be something to read."""
    _closing = False
    _ended = False
    """The peer has ended its side of TLS."""
    _why: Failure | None = None

    def __init__(self, records: Records, inner: Any, clock: IReactorTime) -> None:
        self._records: Records | None = records
        """None once TLS is over for us: nothing is sent any more, and what comes in is thrown away."""
        self._clock = clock
        self._textless = Textless()
        self.inner = inner

    # -- what the transport below calls

    def makeConnection(self, transport: Any) -> None:
        """Begin."""
        self.transport = transport
        self.connected = 1
        self._outlet = Outlet(transport)
        self.inner.makeConnection(self)

    def dataReceived(self, data: bytes) -> None:
        """Decrypt it, and hand it on."""
        if len(data) > SLICE:
            for start in range(0, len(data), SLICE):
                self.dataReceived(data[start : start + SLICE])
        elif self._records is not None and not self._ended:
            self._records.feed(data)
            if self._shaken:
                self._beside += len(data)
                self._deliver()
            else:
                self._shake_hands()

    def __conform__(self, interface: object) -> TLSConnection | None:
        """What Twisted asks before it tells of a half-closed connection; else it tells of a lost one."""
        return self if interface is IHalfCloseableProtocol and self.knows_half_closed() else None

    def knows_half_closed(self) -> bool:
        """Whether there is something to do yet when the peer closes its sending side: not unless it has ended TLS."""
        return self._ended and self._records is not None

    def readConnectionLost(self) -> None:
        """`inner` was told when TLS ended."""

    def writeConnectionLost(self) -> None:
        """As we wanted."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the producer, and then `inner`."""
        self._go_on()
        if not self._ended and not self._closing and reason.check(ConnectionDone):
            reason = Failure(ConnectionLost("TLS was not ended"))
        self.connected = 0
        self._records = None
        self._outlet.stopProducing()
        self.inner.connectionLost(self._why or reason)

    # -- what `inner` calls, beside what any `Layer` has

    def write(self, data: bytes) -> None:
        """Send `data`, or keep it until the handshake is done. Does nothing once TLS is over."""
        if self._records is None or not data:
            return
        if not self._shaken:
            self._keep(data)
            return
        try:
            encrypted = self._records.encrypt(data)
        except Broken as broken:
            self._break(broken)
        else:
            self._outlet.send(encrypted)

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:  # noqa: FBT001  # Twisted's signature.
        """Let `producer` know when to write. It is paused as soon as anything waits in the transport below. Raises
        `RuntimeError` if there is one already, and `ValueError` for a pull producer."""
        if self._outlet.producer is not None:
            raise RuntimeError("there is a producer already")
        if not streaming:
            raise ValueError("only push producers are taken")
        if self._records is None:
            producer.stopProducing()
            return
        self._outlet.producer = producer
        if self._outlet.full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        """The producer writes nothing more. A connection that is to be closed is closed now."""
        self._outlet.producer = None
        if self._closing and self._records is not None:
            self._finish()

    def pauseProducing(self) -> None:
        """Read no more for now. What one read brought waits encrypted, at most: 64 KiB."""
        self._paused = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again. `inner` is not called before the next turn."""
        self._paused = False
        self.transport.resumeProducing()
        if self._held:
            self._clock.callLater(0, self._go_on)

    def loseConnection(self) -> None:
        """Send what was written, and the end of TLS; close when the peer has closed. If we did so before, the system
        would reset the connection for whatever the peer sends meanwhile, and our last words could be lost. A peer that
        does not close, or does not read, is to be ended by `abortConnection`.

        With a producer, this waits until it is unregistered; without a handshake, it is `abortConnection`."""
        if self._closing or self._records is None:
            return
        self._closing = True
        if not self._shaken:
            self.abortConnection()
        elif self._outlet.producer is None:
            self._finish()

    def abortConnection(self) -> None:
        """Close at once. `inner` hears nothing more but `connectionLost`."""
        self._closing = True
        self._records = None
        self.transport.abortConnection()

    def getPeerCertificate(self) -> X509 | None:
        """What the peer has shown; None if it has shown none, and once TLS is over."""
        return None if self._records is None else self._records.connection.get_peer_certificate()

    # -- the rest

    def _shake_hands(self) -> None:
        assert self._records is not None
        try:
            self._shaken = self._records.shake_hands()
        except Broken as broken:
            self._break(broken)
            return
        self._answer()
        if self._shaken:
            self._begin()

    def _begin(self) -> None:
        """Go on with what had to wait for the handshake."""
        early, self._early = self._early, b""
        self.write(early)
        if len(early) > MOST_EARLY and not self._outlet.full:
            self._outlet.resumeProducing()
        if IHandshakeListener.providedBy(self.inner):
            self.inner.handshakeCompleted()
        self._deliver()

    def _keep(self, data: bytes) -> None:
        self._early += data
        if len(self._early) > MOST_EARLY and self._outlet.producer is not None:
            self._outlet.producer.pauseProducing()

    def _deliver(self) -> None:
        """Hand on what can be decrypted, while it is wanted."""
        try:
            while self._records is not None:
                self._held = self._paused
                data = b"" if self._paused else self._records.decrypt()
                if not data:
                    if not self._paused:  # Else it is not known yet what came.
                        beside, self._beside = self._beside, 0
                        if beside > 0 or self._textless.owed:
                            self._textless.add(beside, self._clock.seconds())
                    self._answer()
                    break
                self._beside -= len(data) + PER_RECORD
                self.inner.dataReceived(data)
        except Ended:
            self._end()
        except Broken as broken:
            self._break(broken)

    def _go_on(self) -> None:
        """Hand on what was held, if it is wanted now."""
        if self._held:
            self._deliver()

    def _answer(self) -> None:
        """Send what OpenSSL has to say for itself."""
        assert self._records is not None
        own = self._records.to_send()
        if own:
            self._unread = self._unread + len(own) if self._outlet.full else 0
            if self._unread > MOST_UNREAD:
                self._break(Broken("the peer asks and does not read"))
            else:
                self._outlet.send(own)

    def _end(self) -> None:
        """The peer has ended its side."""
        self._ended = True
        half_closed = IHalfCloseableProtocol(self.inner, None)
        if half_closed is None:
            self.loseConnection()
        else:
            half_closed.readConnectionLost()

    def _break(self, broken: Broken) -> None:
        """Close, as TLS cannot go on. A peer that reads is told why by OpenSSL's alert."""
        _log.debug("TLS with {peer} is broken: {why}", peer=self.transport.getPeer(), why=str(broken))
        self._why = Failure(ConnectionLost(f"TLS is broken: {broken}"))
        records, self._records = self._records, None
        if self._outlet.full or records is None:
            self.transport.abortConnection()
        else:
            self._outlet.send(records.to_send())
            self._outlet.release()
            self.transport.loseConnection()

    def _finish(self) -> None:
        """End our side, and close."""
        assert self._records is not None
        self._outlet.send(self._records.close())
        self._records = None
        self._outlet.release()
        if self._ended or not can_half_close(self.transport):
            self.transport.loseConnection()
        else:
            self.transport.loseWriteConnection()
            if self._paused:
                self.transport.resumeProducing()
