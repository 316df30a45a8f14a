"""Bytes to lines, on anything that Twisted calls a stream transport: TCP, TLS and Unix sockets alike."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableDescriptor,
    IHalfCloseableProtocol,
    IReactorTime,
    ISSLTransport,
)
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.events import Ending
from chatproto.interfaces import IConversation, ILink
from chatproto.transports.connections import Connections
from chatproto.transports.deadlines import Deadlines, Due
from chatproto.transports.entry import from_twisted
from chatproto.transports.intake import Intake, Overlong
from chatproto.transports.limits import LinkLimits
from chatproto.transports.outbox import Outbox, Turn

_log = Logger()

MakeConversation = Callable[[ILink], IConversation]


def line_frame(text: str) -> bytes:
    """A line as it goes out. CRLF: telnet (RFC 854) and IRC want it, and what splits at LF alone can drop the CR."""
    return text.encode() + b"\r\n"


def _ignore(data: bytes) -> None:
    """What `write` does once a link is closing."""


@implementer(ILink, IHalfCloseableProtocol)
class LineLink(LineReceiver):
    """One connection that speaks in lines. Splits what it reads within bounds, and lets a conversation have the lines
    in order, at the allowed rate, and one at a time where an answer must be waited for.

    A peer that closes its sending side is served what it sent, and gets what is queued for it, before the link closes.
    """

    frame = staticmethod(line_frame)
    write: Callable[[bytes], None]
    transport: Any
    """An ITransport, with what TCP adds to it where it is TCP."""

    def __init__(self, factory: LineFactory) -> None:
        self.factory = factory
        self._limits = factory.limits
        now = factory.clock.seconds()
        self._intake = Intake(factory.limits, now)
        self._deadlines = Deadlines(factory.limits, now)
        self._wake: IDelayedCall | None = None
        self._closing = False
        self._stopped = False
        """No more lines are delivered."""
        self._delivering = False
        self._answering = False
        """The conversation has not answered a line yet."""
        self._paused = False
        """Nothing is read for now."""
        self._read_all = False
        """The peer has closed its sending side."""
        self._lost = False

    # -- what Twisted calls

    @from_twisted
    def connectionMade(self) -> None:
        """Open the conversation, which may speak first."""
        for option in ("setTcpNoDelay", "setTcpKeepAlive"):  # One send per turn is all that Nagle could wish for.
            with suppress(OSError):  # BSD and macOS refuse if the peer has reset the connection; Twisted will tell.
                getattr(self.transport, option, bool)(1)
        self._outbox = Outbox(self.transport, self.factory.turn, self._limits.send_queue, self._too_slow)
        self.write = self._outbox.write
        self._closing = True  # If there is no conversation to be told, a failure only aborts.
        self._conversation = self.factory.make_conversation(self)
        self._closing = False
        self.factory.connections.add(self)
        if self.factory.connections.stopping:
            self.end(Ending.SHUTDOWN)
        else:
            self._conversation.opened()

    @from_twisted
    def dataReceived(self, data: bytes) -> None:
        """Take in what was read, and deliver what may be delivered."""
        if not self._stopped:
            self._deadlines.heard(self.factory.clock.seconds())
            self._intake.feed(data)
            self._deliver()

    def lineReceived(self, line: bytes) -> None:
        """Hand one line to the conversation. Later lines wait until it has answered."""
        answer = self._conversation.line_received(line)
        if answer is not None:
            self._answering = True
            Deferred.fromCoroutine(answer).addBoth(self._answered)

    @from_twisted
    def readConnectionLost(self) -> None:
        """The peer has sent all it wanted to. Lines of it that wait are served yet."""
        self._read_all = True
        if self._closing:
            self.transport.loseConnection()
        else:
            self._deliver()

    def writeConnectionLost(self) -> None:
        """We have closed our sending side, as `_disconnect` wanted."""

    @from_twisted
    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is gone, however that came about."""
        self._lost = True
        self.factory.connections.remove(self)
        self._stop()
        if not self._closing:
            self._begin_closing()
            self._conversation.ended(Ending.LOST)

    # -- ILink, beside `write` and `frame`

    def settle(self) -> None:
        """See `ILink.settle`."""
        self._deadlines.settle()

    def close(self) -> None:
        """See `ILink.close`."""
        if not self._closing:
            self._stop()
            self._pause(wanted=False)  # Or the end of the peer's TLS, and of the peer, would never be read.
            self._begin_closing()
            self._outbox.when_drained(self._disconnect)

    # -- what Connections calls

    @from_twisted
    def check(self, now: float) -> None:
        """Act on whatever time-limit has passed."""
        due = self._deadlines.passed(now)
        if due is Due.ABORT:
            self.abort()
        elif due is Due.PROBE:
            self._conversation.probe()
        elif due is not None:
            self.end(due)

    @from_twisted
    def end(self, ending: Ending) -> None:
        """End the connection from our side: tell the conversation, which may say a last word, and close."""
        if self._closing:
            return
        self.write = self._outbox.write
        self._lingers = ending in (Ending.FLOOD, Ending.ENDLESS_LINE)
        try:
            self._stop()
            self._conversation.ended(ending)
        finally:
            self.close()

    def abort(self) -> None:
        """Close now, whatever waits to be sent."""
        if not self._lost:
            self.transport.abortConnection()

    # -- the rest

    def failed(self, failure: Failure) -> None:
        """Log an error of ours and end this connection, when whoever called us is done."""
        _log.failure("a bug ended the connection of {peer}", failure, peer=self.transport.getPeer())
        if self._closing:
            self.abort()
        else:
            self._doom(Ending.BUG)

    _lingers = False
    """Whether the peer may be sending still: closing at once would reset the connection, and our last word be lost."""

    @from_twisted
    def _deliver(self) -> None:
        """Deliver lines until there are none, the rate or the turn is used up, or an answer must be waited for."""
        if self._delivering:
            return
        self._delivering = True
        try:
            now = self.factory.clock.seconds()
            for _ in range(self._limits.lines_per_turn):
                if self._stopped or self._answering or not self._deliver_one(now):
                    break
        finally:
            self._delivering = False
        if not self._stopped:
            self._wait()

    def _deliver_one(self, now: float) -> bool:
        line = self._intake.take(now)
        if line is Overlong.LINE:
            self._conversation.line_too_long(self._limits.line_length)
        elif line is not None:
            self.lineReceived(line)
        return line is not None

    def _wait(self) -> None:
        """Come back for the lines that wait, once that is allowed. If they wait for us, read no more until then. If
        they wait because the peer is too fast, read on, up to the bound: a flood is not worth keeping."""
        delay = self._intake.delay()
        for_us = delay is not None and (self._answering or delay == 0)
        self._pause(wanted=for_us)
        if delay and not for_us:
            self._intake.check()
        if delay is not None and not self._answering and self._wake is None:
            self._wake = self.factory.clock.callLater(delay, self._awake)
        if delay is None and self._read_all and not self._answering:
            self.end(Ending.LOST)

    def _pause(self, *, wanted: bool) -> None:
        if wanted is not self._paused and not self._read_all:
            self._paused = wanted
            (self.transport.pauseProducing if wanted else self.transport.resumeProducing)()

    def _awake(self) -> None:
        self._wake = None
        self._deliver()

    def _answered(self, result: object) -> None:
        self._answering = False
        if isinstance(result, Failure):
            self.failed(result)
        else:
            self._deliver()

    def _too_slow(self) -> None:
        """Called by the outbox from `write`, perhaps in the middle of a broadcast: nothing else may change yet."""
        self._outbox.clear()
        self._doom(Ending.TOO_SLOW)

    def _doom(self, ending: Ending) -> None:
        """Take no more lines and write no more; end when whoever called us is done."""
        if not self._stopped:
            self._stop()
            self.write = _ignore
            self.factory.clock.callLater(0, self.end, ending)

    def _begin_closing(self) -> None:
        self._closing = True
        self._deadlines.close(self.factory.clock.seconds())
        self.write = _ignore

    def _stop(self) -> None:
        self._stopped = True
        self._intake.clear()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _disconnect(self) -> None:
        self._outbox.release()
        # TLS claims what its socket can; its own end lingers until the peer consents, and is told as an end.
        half = IHalfCloseableDescriptor.providedBy(self.transport) and not ISSLTransport.providedBy(self.transport)
        if self._lingers and not self._read_all and half:
            cast("Any", self.transport).loseWriteConnection()
        else:
            self.transport.loseConnection()


class LineFactory(Factory):
    """Makes a `LineLink` for each connection. One per server, shared by all its listeners.

    `make_conversation` decides which dialect a link speaks.
    """

    noisy = False

    def __init__(
        self, clock: IReactorTime, limits: LinkLimits, connections: Connections, make_conversation: MakeConversation
    ) -> None:
        self.clock = clock
        self.limits = limits
        self.connections = connections
        self.make_conversation = make_conversation
        self.turn = Turn(clock)

    def buildProtocol(self, addr: IAddress | None) -> LineLink:
        """A link for a new connection."""
        return LineLink(self)
