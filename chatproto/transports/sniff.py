"""What a connection speaks, told by its first bytes: which factory gets it.

A connection begins undecided. The bytes it sends are kept, and shown to an open table of rows, until one of them takes
it. Whoever is silent for a while, where a person could be waiting for a greeting, gets one; and still may turn out to
speak something that can begin after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocolFactory, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.events import Ending
from chatproto.transports.connections import Connections
from chatproto.transports.entry import from_twisted
from chatproto.transports.first_bytes import MOST_KEPT
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line_factory import LineFactory
from chatproto.transports.readiness import unread
from chatproto.transports.relay import Relay, is_ready

_log = Logger()

_BLANK_LINES = re.compile(rb"(?:\r{0,%d}\n)*" % (MOST_KEPT - 1))
"""Lines in which nothing was said. Those that are longer count as something."""


class Row(NamedTuple):
    """One thing that a connection may speak."""

    name: str
    tells: Callable[[bytes], bool | None]
    """Whether the first bytes are of this kind; None if that cannot be said yet. See `first_bytes`."""
    factory: IProtocolFactory
    late: Callable[[bytes], bool | None] | None = None
    """The same for what comes after the greeting of another, if it may begin then. Its factory is a `LineFactory` then.
    """


class Sniff(Factory):
    """Gives each connection to the factory of the first row that tells it for its own, and if none does, to
    `otherwise`. A row's None holds back those behind it.

    After `patience` seconds of silence `otherwise` may speak first; with None it never does so, and is only there for
    those who run out of time. Without rows it has each connection as soon as that is ready.
    """

    noisy = False

    def __init__(
        self,
        clock: IReactorTime,
        limits: LinkLimits,
        connections: Connections,
        rows: Sequence[Row],
        otherwise: LineFactory,
        patience: float | None,
    ) -> None:
        self.clock = clock
        self.login_seconds = limits.login_seconds
        self.connections = connections
        self.rows = tuple(rows)
        self.late = tuple(row._replace(tells=row.late) for row in rows if row.late)
        self.otherwise = otherwise
        self.patience = patience

    def logPrefix(self) -> str:
        """What Twisted calls the server in its log."""
        return "chat"

    def buildProtocol(self, addr: IAddress | None) -> Sniffer:
        """A connection that nobody has yet."""
        return Sniffer(self, addr)


class Sniffer(Relay):
    """One undecided connection. It is among the server's connections until somebody else has it: it has the time to
    log in and no more, and ends with the server."""

    _excused = False
    """Its time was over once before, when something of it had not been read yet."""

    def __init__(self, sniff: Sniff, addr: IAddress | None) -> None:
        self._sniff = sniff
        self._addr = addr
        self._rows = sniff.rows
        self._kept = b""
        self._opened = sniff.clock.seconds()
        self._waiting: IDelayedCall | None = None
        self._ready = False
        self._greeted = False
        """`otherwise` has spoken first: it has the connection, unless a late row takes it over."""

    # -- what Twisted calls

    @from_twisted
    def makeConnection(self, transport: Any) -> None:
        """Begin."""
        self.transport = transport
        self.connected = 1
        self._sniff.connections.add(self)
        if self._sniff.connections.stopping:
            self.end(Ending.SHUTDOWN)
        elif is_ready(transport):
            self.ready()

    @from_twisted
    def dataReceived(self, data: bytes) -> None:
        """Keep it, and decide if that can be done."""
        self._ready = True
        self._kept += data
        self._look()

    @from_twisted
    def readConnectionLost(self) -> None:
        """Nothing more will come: decide."""
        if not self.aside:
            self._decide()
        self.inner.readConnectionLost()

    @from_twisted
    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell whoever has it. A line that was kept has no end, and is nothing."""
        self._leave()
        if self.inner is not None:
            self.inner.connectionLost(reason)

    # -- what a relay before this one calls

    @from_twisted
    def ready(self) -> None:
        """The peer can be spoken to: wait for its first bytes, if there is a choice."""
        if self._ready:
            return
        self._ready = True
        patience = self._sniff.patience
        if not self._rows:
            self._decide()
        elif patience:
            self._wait(patience)
        elif patience is not None:
            self._greet_or_decide()

    # -- what Connections calls

    @from_twisted
    def check(self, now: float) -> None:
        """End what had time enough."""
        if now - self._opened > self._sniff.login_seconds:
            before, self._excused = self._excused, True
            if before or not unread(self.transport):
                self.end(Ending.LATE)

    @from_twisted
    def end(self, ending: Ending) -> None:
        """Let the peer be told as whoever speaks `otherwise` is."""
        self._decide()
        self.inner.end(ending)

    def abort(self) -> None:
        """Close now."""
        self.transport.abortConnection()

    # -- the rest

    def failed(self, failure: Failure) -> None:
        """Log an error of ours and end this connection."""
        _log.failure("a bug ended the connection of {peer}", failure, peer=self.transport.getPeer())
        self.abort()

    def _wait(self, patience: float) -> None:
        self._waiting = self._sniff.clock.callLater(patience, self._silent, patience)

    @from_twisted
    def _silent(self, patience: float) -> None:
        """Time is over. But a server that is busy comes to its timers before it has read what has come: who has said
        something is not silent, and has as much time again."""
        self._waiting = None
        if unread(self.transport):
            self._wait(patience)
        else:
            self._greet_or_decide()

    def _greet_or_decide(self) -> None:
        """Nothing came that tells: speak first."""
        if self._sniff.late:
            self._greet()
            self._look()
        else:
            self._decide()

    def _look(self) -> None:
        """Decide, if what is kept tells."""
        first = self._kept[:MOST_KEPT]
        for row in self._rows:
            tells = row.tells(first)
            if tells:
                self._take(row)
            if tells is not False:
                break
        else:
            self._decide()
            return
        if tells is None:
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        """Keep no more than may be kept, and no blank lines once there is somebody to have them."""
        full = len(self._kept) >= MOST_KEPT
        if full and not self._greeted and self._sniff.late:
            self._greet()
        blank = len(self._blank_lines()) if self._greeted else 0
        if blank:
            lines, self._kept = self._kept[:blank], self._kept[blank:]
            self.inner.dataReceived(lines)
            self._look()
        elif full:
            self._decide()

    def _blank_lines(self) -> bytes:
        found = _BLANK_LINES.match(self._kept)
        return found.group() if found else b""

    def _greet(self) -> None:
        self._greeted = True
        self._rows = self._sniff.late
        self._give(self._sniff.otherwise)

    def _decide(self) -> None:
        """None of the rows: it is `otherwise`, for good."""
        if not self._greeted:
            self._give(self._sniff.otherwise)
        self._hand_over()

    def _take(self, row: Row) -> None:
        give = self._give_on if self._greeted else self._give
        give(row.factory)
        self._hand_over()

    def _give(self, factory: IProtocolFactory) -> None:
        """The factory's protocol has the connection; it is closed if the factory has none."""
        inner = factory.buildProtocol(self._addr)  # type: ignore[arg-type]  # The interface is stricter than Factory.
        self.pass_on(inner or Protocol())
        self._leave()  # Not before: a server that stops waits for its last connection.
        if inner is None:
            self.abort()

    def _give_on(self, factory: IProtocolFactory) -> None:
        """A link of `factory` goes on with the connection, if the one that has it may leave it."""
        outbox = self.inner.withdraw()
        if outbox is not None:
            link: Any = factory.buildProtocol(self._addr)  # type: ignore[arg-type]
            link.inherit(outbox)
            self.pass_on(link)

    def _hand_over(self) -> None:
        """Whoever has the connection gets all that was kept, and from now on what is read."""
        kept, self._kept = self._kept, b""
        self.stand_aside()
        if kept:
            self.inner.dataReceived(kept)

    def _leave(self) -> None:
        self._sniff.connections.remove(self)
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
