"""TCP connections that are read without a detour.

Twisted's reactor calls each readable connection by way of a logging context and four functions. That is made for
protocols of any kind, and costs as much as handling a line does. Here the connections of one server are in an epoll of
their own, which the reactor sees as a single descriptor. It is asked once per turn, and read is only as much as a turn
has time for; the rest is still there in the next.

This is for connections that only wait to be read. One that waits to write, too, is with the reactor for that time: it
serves both in one turn, reading first, and an end of the peer does not overtake what the peer has sent.
"""

from __future__ import annotations

import select
from collections import deque
from typing import Any

from twisted.internet import tcp, unix
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.events import Ending
from chatproto.transports.entry import from_twisted
from chatproto.transports.turn import Turn

_log = Logger()

MOST = 65_536
"""Bytes that are read of one connection at once, and in one turn."""

AT_ONCE = 1000
"""Connections that the system tells of at once."""


@implementer(IReadDescriptor)
class Readiness:
    """Knows which connections can be read, and has them read. One per server; asks the system for nothing until there
    is a connection, and gives everything back after the last."""

    def __init__(self, reactor: IReactorFDSet, turn: Turn) -> None:
        self._reactor = reactor
        self._turn = turn
        self._epoll: select.epoll | None = None
        self._connections: dict[int, Accepted] = {}
        self._told: deque[tuple[int, int]] = deque()
        """What the system told of and there was no time for yet. It would tell of the same ones first again: those
        behind them would wait for as long as these have something to say."""

    def accept(self, *accepted: Any) -> Accepted:
        """What a listening port of Twisted calls for the transport of a new connection."""
        return Accepted(self, *accepted)

    def add(self, connection: Accepted) -> None:
        """Read `connection` whenever that can be done. Does nothing if it is done already. Raises `OSError` if the
        system has no room for another."""
        fd = connection.fileno()
        if fd in self._connections:
            return
        self._connections[fd] = connection
        try:
            if self._epoll is None:
                self._epoll = select.epoll()
                self._reactor.addReader(self)
            self._epoll.register(fd, select.EPOLLIN)
        except OSError:
            self._forget(fd)
            raise

    def remove(self, connection: Accepted) -> None:
        """Read it no more. Does nothing if it is not read."""
        fd = connection.fileno()
        if self._epoll is not None and fd in self._connections:
            self._epoll.unregister(fd)
            self._forget(fd)

    def _forget(self, fd: int) -> None:
        del self._connections[fd]
        if not self._connections and self._epoll is not None:
            self._reactor.removeReader(self)
            self._epoll.close()
            self._epoll = None

    # -- what Twisted calls

    def fileno(self) -> int:
        """Of the epoll, which can be read when a connection can."""
        return -1 if self._epoll is None else self._epoll.fileno()

    def logPrefix(self) -> str:
        """What Twisted calls the server in its log."""
        return "chat"

    def doRead(self) -> None:
        """Read what there is time for. Nobody has a second turn before all others had theirs."""
        told, connections, turn = self._told, self._connections, self._turn
        if not told and self._epoll is not None:
            told += self._epoll.poll(0, AT_ONCE)
        while told and not turn.spent(turn.seconds()):
            connection = connections.get(told.popleft()[0])
            if connection is not None:  # Else it is gone since then, or wants to be read no more.
                connection.read()

    def connectionLost(self, reason: Failure) -> None:
        """The reactor closes all it has: so do the connections end of which it does not know."""
        for connection in list(self._connections.values()):
            connection.lose(reason)


class Accepted(tcp.Server):
    """A TCP connection that came in by a listening port."""

    _reading = False
    """It should be read."""
    _writing = False
    """It waits to write: the reactor has it, and reads it as well."""

    def __init__(self, readiness: Readiness, *accepted: Any) -> None:
        self._readiness = readiness
        super().__init__(*accepted)
        self.logstr = self.repstr = "chat"  # Twisted writes a text of its own for each connection, to be kept with it.

    # -- what Twisted calls

    def startReading(self) -> None:
        """It should be read from now on."""
        if self._aborting:  # What resumes it does not know that.
            return
        self._reading = True
        if self._writing:
            super().startReading()
        else:
            self._readiness.add(self)

    def stopReading(self) -> None:
        """The inverse."""
        self._reading = False
        if self._writing:
            super().stopReading()
        else:
            self._readiness.remove(self)

    def startWriting(self) -> None:
        """There is something that the system did not take at once, or the connection is to be closed."""
        if not self._writing:
            self._writing = True
            if self._reading:
                self._readiness.remove(self)
                super().startReading()
        super().startWriting()

    def stopWriting(self) -> None:
        """The inverse: everything is sent."""
        super().stopWriting()
        if self._writing:
            self._writing = False
            if self._reading:
                super().stopReading()
                self._readiness.add(self)

    def readConnectionLost(self, reason: Failure) -> None:
        """The peer has closed its sending side: there is nothing more to read."""
        self.stopReading()
        super().readConnectionLost(reason)

    # -- what readiness calls

    @from_twisted
    def read(self) -> None:
        """Hand on what can be read, or that it was the last."""
        try:
            data = self.socket.recv(MOST)
        except BlockingIOError:
            return
        except OSError:
            self.connectionLost(Failure(CONNECTION_LOST))
            return
        if data:
            self.protocol.dataReceived(data)
        else:
            self.readConnectionLost(Failure(CONNECTION_DONE))

    @from_twisted
    def lose(self, reason: Failure) -> None:
        """End it now."""
        self.connectionLost(reason)

    # -- what is made of errors that no protocol answered for

    def end(self, ending: Ending) -> None:
        """End this connection."""
        self.abortConnection()

    def failed(self, failure: Failure) -> None:
        """Log the error, which is ours, and end this connection only."""
        _log.failure("a bug ended the connection of {peer}", failure, peer=self.getPeer())
        self.abortConnection()


def unread(transport: Any) -> bool:
    """Whether something of the peer, be it its end, waits in the system for us to read it, below whatever layers there
    are. False for a transport that has no descriptor. Does not block."""
    while (below := getattr(transport, "transport", None)) is not None:
        transport = below
    fd = transport.fileno() if hasattr(transport, "fileno") else -1
    if fd < 0:  # It is closed.
        return False
    asked = select.poll()
    asked.register(fd, select.POLLIN)
    return bool(asked.poll(0))


STREAM_SOCKETS = (tcp.Server, Accepted, unix.Server)
"""The transports whose socket may be written to without asking them. Look there for the exact type of a transport, not
with `isinstance`: TLS, or whatever wraps one of these, would lend its socket, to be written to in the clear."""
