"""Bytes to lines, on anything that Twisted calls a stream transport: TCP, TLS and Unix sockets alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableDescriptor,
    IHalfCloseableProtocol,
    IReactorTime,
)
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.events import Ending
from chatproto.interfaces import IConversation, ILink
from chatproto.transports.connections import Connections
from chatproto.transports.intake import Intake, Overflow, Overlong
from chatproto.transports.limits import LinkLimits
from chatproto.transports.outbox import Outbox, Turn

_log = Logger()

MakeConversation = Callable[[ILink], IConversation]


def line_frame(text: str) -> bytes:
    """A line as it goes out. CRLF: telnet (RFC 854) and IRC want it, and what splits at LF alone can drop the CR."""
    return text.encode() + b"\r\n"


def _from_twisted(method: Callable[..., None]) -> Callable[..., None]:
    """Mark where Twisted calls us, and where faults are told apart: an `Overflow` is the peer's and ends its connection.
    Anything else that is raised is our bug: it is logged once with its traceback, and ends this connection only."""

    @wraps(method)
    def entry(link: LineLink, *args: Any) -> None:
        try:
            method(link, *args)
        except Overflow as overflow:
            link.end(overflow.ending)
        except Exception:
            link.failed(Failure())

    return entry


def _ignore(data: bytes) -> None:
    """What `write` does once a link is closing."""


@implementer(ILink, IHalfCloseableProtocol)
class LineLink(LineReceiver):
    """One connection that speaks in lines. Splits what it reads within bounds, and lets a conversation have the lines in
    order, at the allowed rate, and one at a time where an answer must be waited for.

    A peer that closes its sending side is served what it sent, and gets what is queued for it, before the link closes.
    """

    frame = staticmethod(line_frame)
    write: Callable[[bytes], None]
    transport: Any
    """An ITransport, with what TCP adds to it where it is TCP."""

    def __init__(self, factory: LineFactory) -> None:
        self.factory = factory
        self._limits = factory.limits
        self._opened = self._heard = factory.clock.seconds()
        self._intake = Intake(factory.limits, self._opened)
        self._wake: IDelayedCall | None = None
        self._probed: float | None = None
        self._closing: float | None = None
        """When the link began to close; None while it is open."""
        self._settled = False
        self._stopped = False
        """No more lines are delivered."""
        self._delivering = False
        self._answering = False
        """The conversation has not answered a line yet."""
        self._read_all = False
        """The peer has closed its sending side."""
        self._lost = False

    # -- what Twisted calls

    @_from_twisted
    def connectionMade(self) -> None:
        """Open the conversation, which may speak first."""
        for option in ("setTcpNoDelay", "setTcpKeepAlive"):  # One send per turn is all that Nagle could wish for.
            getattr(self.transport, option, bool)(True)
        self._outbox = Outbox(self.transport, self.factory.turn, self._limits.send_queue, self._too_slow)
        self.write = self._outbox.write
        self._conversation = self.factory.make_conversation(self)
        self.factory.connections.add(self)
        if self.factory.connections.stopping:
            self.end(Ending.SHUTDOWN)
        else:
            self._conversation.opened()

    @_from_twisted
    def dataReceived(self, data: bytes) -> None:
        """Take in what was read, and deliver what may be delivered."""
        if not self._stopped:
            self._heard = self.factory.clock.seconds()
            self._probed = None
            self._intake.feed(data)
            self._deliver()

    def lineReceived(self, line: bytes) -> None:
        """Hand one line to the conversation. Later lines wait until it has answered."""
        answer = self._conversation.line_received(line)
        if answer is not None:
            self._answering = True
            Deferred.fromCoroutine(answer).addBoth(self._answered)

    @_from_twisted
    def readConnectionLost(self) -> None:
        """The peer has sent all it wanted to. Lines of it that wait are served yet."""
        self._read_all = True
        if self._closing is None:
            self._deliver()
        else:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We have closed our sending side, as `_disconnect` wanted."""

    @_from_twisted
    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is gone, however that came about."""
        self._lost = True
        self.factory.connections.remove(self)
        self._stop()
        if self._closing is None:
            self._closing = self.factory.clock.seconds()
            self.write = _ignore
            self._conversation.ended(Ending.LOST)

    # -- ILink, beside `write` and `frame`

    def settle(self) -> None:
        """See `ILink.settle`."""
        self._settled = True

    def close(self) -> None:
        """See `ILink.close`."""
        if self._closing is None:
            self._stop()
            self._closing = self.factory.clock.seconds()
            self.write = _ignore
            self._outbox.when_drained(self._disconnect)

    # -- what Connections calls

    @_from_twisted
    def check(self, now: float) -> None:
        """Act on whatever time-limit has passed."""
        if self._closing is not None:
            if now - self._closing > self._limits.closing_seconds:
                self.abort()
        elif not self._settled:
            if now - self._opened > self._limits.login_seconds:
                self.end(Ending.LATE)
        elif self._probed is not None:
            if now - self._probed > self._limits.answer_seconds:
                self.end(Ending.SILENT)
        elif now - self._heard > self._limits.idle_seconds:
            self._probed = now
            self._conversation.probe()

    @_from_twisted
    def end(self, ending: Ending) -> None:
        """End the connection from our side: tell the conversation, which may say a last word, and close."""
        if self._closing is not None:
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
        if self._closing is None:
            self._doom(Ending.BUG)
        else:
            self.abort()

    _lingers = False
    """Whether the peer may be sending still: closing at once would reset the connection, and our last word be lost."""

    @_from_twisted
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
            self._intake.check()
            self._sleep()

    def _deliver_one(self, now: float) -> bool:
        line = self._intake.take(now)
        if line is Overlong.LINE:
            self._conversation.line_too_long(self._limits.line_length)
        elif line is not None:
            self.lineReceived(line)
        return line is not None

    def _sleep(self) -> None:
        """Come back for the lines that wait, once that is allowed."""
        delay = self._intake.delay()
        if self._answering or self._wake is not None:
            return
        if delay is not None:
            self._wake = self.factory.clock.callLater(delay, self._awake)
        elif self._read_all:
            self.end(Ending.LOST)

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
        """Called by the outbox from within `write`, perhaps in the middle of a broadcast: nothing else may change yet."""
        self._outbox.clear()
        self._doom(Ending.TOO_SLOW)

    def _doom(self, ending: Ending) -> None:
        """Take no more lines and write no more; end when whoever called us is done."""
        if not self._stopped:
            self._stop()
            self.write = _ignore
            self.factory.clock.callLater(0, self.end, ending)

    def _stop(self) -> None:
        self._stopped = True
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _disconnect(self) -> None:
        self._outbox.release()
        if self._lingers and not self._read_all and IHalfCloseableDescriptor.providedBy(self.transport):
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
