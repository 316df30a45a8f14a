"""Bytes to lines, on anything that Twisted calls a stream transport: TCP, TLS and Unix sockets alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.events import Ending
from chatproto.interfaces import ILink, Peer
from chatproto.transports.crowd import Crowd
from chatproto.transports.deadlines import Deadlines, Due
from chatproto.transports.delivery import Delivery
from chatproto.transports.entry import from_twisted
from chatproto.transports.http import REFUSAL, is_request
from chatproto.transports.outbox import Outbox
from chatproto.transports.peer import can_half_close, peer_of
from chatproto.transports.readiness import unread

if TYPE_CHECKING:
    from chatproto.transports.line_factory import LineFactory

_log = Logger()


def line_frame(text: str) -> bytes:
    """A line as it goes out. CRLF: telnet (RFC 854) and IRC want it, and what splits at LF alone can drop the CR."""
    return text.encode() + b"\r\n"


@implementer(ILink, IHalfCloseableProtocol)
class LineLink(LineReceiver):
    """One connection that speaks in lines. Splits what it reads within bounds, and lets a conversation have the lines
    in order, at the allowed rate, and one at a time where an answer must be waited for.

    A peer that closes its sending side is served what it sent, and gets what is queued for it, before the link closes.
    """

    frame = staticmethod(line_frame)
    transport: Any
    """An ITransport, with what TCP adds to it where it is TCP."""
    _inherited: Outbox | None = None
    _mute = False
    """Nothing is written any more: it is closing."""

    def __init__(self, factory: LineFactory) -> None:
        self.factory = factory
        self._limits = factory.limits
        self._delivery = Delivery(self, factory.limits, factory.clock, factory.turn)
        self._deadlines = Deadlines(factory.limits, factory.clock.seconds())
        self._closing = False
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
        queue = self._limits.send_queue
        self.outbox = self._inherited or Outbox(self.transport, self.factory.turn, queue, self._too_slow)
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
        if not self._delivery.stopped:
            now = self.factory.clock.seconds()
            self._deadlines.heard = now
            self._delivery.feed(data, now)

    def lineReceived(self, line: bytes) -> None:
        """Hand one line to the conversation. Later lines wait until it has answered. Whoever has not said who it is
        ends by a line of HTTP."""
        if not self._deadlines.settled and is_request(line):
            self.outbox.clear()  # A greeting is no answer to a browser.
            self.write(REFUSAL)
            self.end(Ending.HTTP)
            return
        answer = self._conversation.line_received(line)
        if answer is not None:
            self._delivery.hold(answer)

    @from_twisted
    def readConnectionLost(self) -> None:
        """The peer has sent all it wanted to. Lines of it that wait are served yet."""
        self._read_all = True
        if self._closing:
            self.transport.loseConnection()
        else:
            self._delivery.finish()

    def sendLine(self, line: bytes) -> None:
        """Queue a line in its place; LineReceiver's own would go past what is queued."""
        self.write(line + b"\r\n")

    def writeConnectionLost(self) -> None:
        """We have closed our sending side, as `_disconnect` wanted."""

    @from_twisted
    def connectionLost(self, reason: Failure | None = None) -> None:
        """The connection is gone, however that came about. If the peer ended it properly, and it could not be half
        closed (TLS), lines of it that wait for their rate are served yet."""
        self._lost = True
        self._write_no_more()
        properly = reason is not None and reason.check(ConnectionDone)
        if properly and self._delivery.waiting and not self._delivery.stopped:
            self._read_all = True
            self._delivery.finish()
        else:
            self.end(Ending.LOST)
            self.factory.connections.remove(self)

    # -- ILink, beside `write` and `frame`

    @property
    def peer(self) -> Peer:
        """See `ILink.peer`."""
        return peer_of(self.transport)

    def write(self, data: bytes) -> None:
        """See `ILink.write`."""
        if not self._mute:
            self.outbox.write(data)

    def crowd(self) -> Crowd:
        """See `ILink.crowd`."""
        return Crowd(self.factory.turn, self._limits.send_queue // 4)

    def drained(self) -> Awaitable[None]:
        """See `ILink.drained`."""
        return self.outbox.drained()

    def hold(self, until: Awaitable[bool], otherwise: Callable[[], None]) -> None:
        """See `ILink.hold`."""
        Deferred.fromCoroutine(self.outbox.hold(until, otherwise)).addErrback(self.failed)

    def settle(self) -> None:
        """See `ILink.settle`."""
        self._deadlines.settle()

    def close(self) -> None:
        """See `ILink.close`."""
        if not self._closing:
            self._delivery.stop()
            self.pause(wanted=False)  # Or the end of the peer's TLS, and of the peer, would never be read.
            self._begin_closing()
            if self._lost:
                self.factory.connections.remove(self)
            else:
                self.outbox.when_drained(self._disconnect)

    # -- what a Sniffer calls

    def withdraw(self) -> Outbox | None:
        """Leave the connection to another link, which is to `inherit` what is returned. The conversation hears and
        writes nothing more. Does nothing, and returns None, if the link is closing or its peer has said who it is."""
        if self._closing or self._lost or self._delivery.stopped or self._deadlines.settled:
            return None
        self._delivery.stop()
        self.pause(wanted=False)
        self._begin_closing()
        self.factory.connections.remove(self)
        return self.outbox

    def inherit(self, outbox: Outbox) -> None:
        """Before `makeConnection`: go on where another link has withdrawn. What it queued is sent first."""
        outbox.hand_over(self._too_slow)
        self._inherited = outbox

    # -- what Connections calls

    @from_twisted
    def check(self, now: float) -> None:
        """Act on whatever time-limit has passed."""
        due = self._deadlines.passed(now)
        if due is Due.ABORT:
            self.abort()
        elif due is Due.PROBE:
            self._conversation.probe()
        elif due is not None and not self._excused():
            self.end(due)

    @from_twisted
    def end(self, ending: Ending) -> None:
        """End the connection from our side: tell the conversation, which may say a last word, and close."""
        if self._closing:
            return
        if not self._lost:
            self._mute = False
        self._lingers = ending in (Ending.FLOOD, Ending.ENDLESS_LINE, Ending.HTTP)
        try:
            self._delivery.stop()
            self._conversation.ended(ending)
        finally:
            self.close()

    def abort(self) -> None:
        """Close now, whatever waits to be sent."""
        if not self._lost:
            self.transport.abortConnection()

    # -- what its delivery calls, beside `lineReceived` and `end`

    def line_too_long(self) -> None:
        """Have the conversation say so."""
        self._conversation.line_too_long(self._limits.line_length)

    @from_twisted
    def deliver(self) -> None:
        """Deliver lines that had to wait."""
        self._delivery.run()

    def pause(self, *, wanted: bool) -> None:
        """Read no more for now, or go on."""
        if wanted is not self._paused and not self._read_all and not self._lost:
            self._paused = wanted
            (self.transport.pauseProducing if wanted else self.transport.resumeProducing)()

    def congested(self) -> bool:
        """Whether the peer should first read what it was answered: it could be cut for what it asks for at once."""
        return self.outbox.size > self._limits.send_queue // 4

    def when_drained(self, then: Callable[[], None]) -> None:
        """Call `then` when nothing is queued."""
        self.outbox.when_drained(then)

    def failed(self, failure: Failure) -> None:
        """Log an error of ours and end this connection, when whoever called us is done."""
        _log.failure("a bug ended the connection of {peer}", failure, peer=self.transport.getPeer())
        if self._closing:
            self.abort()
        else:
            self._doom(Ending.BUG)

    # -- the rest

    _lingers = False
    """Whether the peer may be sending still: closing at once would reset the connection, and our last word be lost."""

    _was_excused = False

    def _excused(self) -> bool:
        """Whether the peer may have spoken in time, and it was us who had no time to read it. That counts once."""
        before, self._was_excused = self._was_excused, True
        return not before and unread(self.transport)

    def _too_slow(self) -> None:
        """Called by the outbox at the end of a turn, among others: nothing else may change yet."""
        if not self._delivery.stopped:  # Or it is a last word, and nothing comes after it.
            self.outbox.clear()
            self._doom(Ending.TOO_SLOW)

    def _doom(self, ending: Ending) -> None:
        """Take no more lines and write no more; end when whoever called us is done."""
        if not self._delivery.stopped:
            self._delivery.stop()
            self._write_no_more()
            self.factory.clock.callLater(0, self.end, ending)

    def _begin_closing(self) -> None:
        self._closing = True
        self._deadlines.close(self.factory.clock.seconds())
        self._write_no_more()

    def _write_no_more(self) -> None:
        self._mute = True
        self.outbox.deafen()

    def _disconnect(self) -> None:
        self.outbox.release()
        if self._lingers and not self._read_all and can_half_close(self.transport):
            self.transport.loseWriteConnection()
        else:
            self.transport.loseConnection()
