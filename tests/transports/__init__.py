"""The tests of the transports, and what they share: a server of lines that is no chat, and clients on real sockets."""

from __future__ import annotations

import select
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet import tcp, unix
from twisted.internet.endpoints import (
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    TCP6ClientEndpoint,
    UNIXClientEndpoint,
)
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IProtocol,
    IProtocolFactory,
    IReactorFDSet,
    IReactorTime,
    IReadDescriptor,
    IStreamServerEndpoint,
    IWriteDescriptor,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.events import Ending
from chatproto.interfaces import IConversation, ILink
from chatproto.testing import MemoryTransport, RecordingConversation
from chatproto.transports.connections import Connections
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import LineLink
from chatproto.transports.line_factory import LineFactory
from chatproto.transports.readiness import Readiness
from chatproto.transports.turn import Turn

reactor: Any = _reactor
LOCALHOST = "127.0.0.1"
PATIENCE = 20.0
"""Seconds that a test waits for what should happen in milliseconds."""
LOOKS = 2000
"""Turns of the reactor that it waits at least: on a busy machine there are few of them in a second."""


class Echo(RecordingConversation):
    """Sends each line back, and says a last word."""

    def line_received(self, line: bytes) -> Any:
        """Send it back."""
        super().line_received(line)
        self.link.write(line + b"\r\n")

    def ended(self, ending: Ending) -> None:
        """Say why."""
        super().ended(ending)
        self.link.write(self.link.frame(ending.value))


class Site:
    """A factory of line links with all it needs, and the conversations it made so far."""

    def __init__(
        self,
        clock: IReactorTime | None = None,
        limits: LinkLimits | None = None,
        make: Callable[[ILink], IConversation] = Echo,
    ) -> None:
        self.limits = limits or LinkLimits()
        self.clock: Any = clock or Clock()
        self.connections = Connections(self.clock, self.limits.closing_seconds)
        self.conversations: list[Any] = []
        self._make = make
        self.factory = LineFactory(self.clock, self.limits, self.connections, self._converse)

    def _converse(self, link: ILink) -> IConversation:
        conversation = self._make(link)
        self.conversations.append(conversation)
        return conversation

    def connect(self, transport: Any = None) -> tuple[LineLink, Any]:
        """A link on a connection in memory, and that connection."""
        transport = transport or MemoryTransport(self.clock, "192.0.2.1")
        link = self.factory.buildProtocol(None)
        transport.connect(link)
        return link, transport


@implementer(IReactorFDSet)
class HandReactor(Clock):
    """A reactor that a test turns by hand: it notes who waits for what, and calls nobody by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: set[IReadDescriptor] = set()
        self.writers: set[IWriteDescriptor] = set()

    def addReader(self, reader: IReadDescriptor) -> None:
        """See `IReactorFDSet`."""
        self.readers.add(reader)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        """See `IReactorFDSet`."""
        self.writers.add(writer)

    def removeReader(self, reader: IReadDescriptor) -> None:
        """See `IReactorFDSet`."""
        self.readers.discard(reader)

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        """See `IReactorFDSet`."""
        self.writers.discard(writer)

    def removeAll(self) -> list[Any]:
        """Nobody asks."""
        raise NotImplementedError

    def getReaders(self) -> list[IReadDescriptor]:
        """Who waits to read."""
        return list(self.readers)

    def getWriters(self) -> list[IWriteDescriptor]:
        """Who waits to write."""
        return list(self.writers)


class CountedSocket(socket.socket):
    """A socket that counts its `send` calls."""

    sends = 0

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Count, and send."""
        self.sends += 1
        return super().send(data, flags)


class Wire:
    """A real stream socket with a small buffer between a Twisted transport, which is written to directly, and a peer in
    the test's hands. Nothing happens unless the test says so."""

    def __init__(self, reactor: HandReactor, protocol: IProtocol, buffer: int = 4096) -> None:
        ours, self.peer = socket.socketpair()
        self.socket = CountedSocket(fileno=ours.detach())
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        self.peer.setblocking(False)
        self._reactor = reactor
        port: Any = SimpleNamespace(_realPortNumber=0, port="a pair")
        self.transport: Any = unix.Server(self.socket, protocol, None, port, 0, reactor)

    def read(self, most: int = 1_000_000) -> bytes:
        """What the peer has got, `most` bytes of it."""
        try:
            return self.peer.recv(most)
        except BlockingIOError:
            return b""

    def writable(self) -> None:
        """Tell the transport that it can write, if it waits for that and it is so."""
        if self.transport in self._reactor.writers and select.select([], [self.socket], [], 0)[1]:
            problem = self.transport.doWrite()
            if problem is not None:
                self.transport.connectionLost(Failure(problem))

    def read_all(self) -> bytes:
        """Everything, in as many turns as it takes."""
        whole = b""
        while True:
            self.writable()
            self._reactor.advance(0)
            part = self.read()
            if not part and not (
                self.transport in self._reactor.writers and select.select([], [self.socket], [], 0)[1]
            ):
                return whole
            whole += part

    def close(self) -> None:
        """Free both sockets."""
        self.peer.close()
        self.socket.close()


@implementer(IHalfCloseableProtocol)
class Client(Protocol):
    """One end of a real connection, in the hands of a test."""

    transport: Any

    def __init__(self) -> None:
        self.received = bytearray()
        self.finished = False
        """The server has closed its sending side."""
        self.why: Failure | None = None

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self.received += data

    def readConnectionLost(self) -> None:
        """Keep it in mind, and our own side open."""
        self.finished = True

    def writeConnectionLost(self) -> None:
        """Our side is closed, as we wanted."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Keep the reason."""
        self.finished = True
        self.why = reason

    def send(self, data: bytes) -> None:
        """Send it."""
        self.transport.write(data)

    def lines(self) -> list[bytes]:
        """All whole lines so far."""
        return bytes(self.received).split(b"\r\n")[:-1]

    async def heard(self, text: bytes) -> None:
        """Wait until `text` came."""
        await until(lambda: text in self.received, f"{text!r} to arrive")

    async def ended(self) -> None:
        """Wait for the server to close, at least its sending side, and close ours."""
        await until(lambda: self.finished, "the server to close")
        await self.leave()

    async def leave(self) -> None:
        """Close, and wait until that is done."""
        self.transport.loseConnection()
        await until(lambda: self.why is not None, "the connection to close")


async def until(condition: Callable[[], object], what: str) -> None:
    """Let the reactor work until `condition` holds. Fails if that takes too long."""
    deadline, looks = reactor.seconds() + PATIENCE, 0
    while not condition():
        looks += 1
        assert looks < LOOKS or reactor.seconds() < deadline, f"waited in vain for {what}"
        await deferLater(reactor, 0.002)


@asynccontextmanager
async def listening(
    factory: IProtocolFactory, endpoint: IStreamServerEndpoint | None = None, *, by_reactor: bool = False
) -> AsyncIterator[Any]:
    """A port that the system chose, and that is closed in the end. Its connections are read as the server reads them,
    or `by_reactor` as where there is no epoll."""
    port: Any = await (endpoint or TCP4ServerEndpoint(reactor, 0, backlog=1024, interface=LOCALHOST)).listen(factory)
    if type(port) is tcp.Port and hasattr(select, "epoll") and not by_reactor:
        port.transport = Readiness(reactor, Turn(reactor)).accept  # type: ignore[assignment]  # A class, says Twisted.
    try:
        yield port
    finally:
        await port.stopListening()


async def connect(port: Any, host: str = LOCALHOST) -> Client:
    """A client of a listening TCP port."""
    endpoint = TCP6ClientEndpoint if ":" in host else TCP4ClientEndpoint
    address: Any = endpoint(reactor, host, port.getHost().port)
    client: Client = await address.connect(Factory.forProtocol(Client))
    return client


async def connect_unix(path: str) -> Client:
    """A client of a Unix socket."""
    client: Client = await UNIXClientEndpoint(reactor, path).connect(Factory.forProtocol(Client))
    return client
