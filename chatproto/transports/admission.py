"""Who may connect at all: so many connections per address, whatever is spoken on them. Wraps any factory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IProtocol,
    IProtocolFactory,
    ISSLTransport,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.haproxy import _wrapper as haproxy
from twisted.python.failure import Failure
from zope.interface import alsoProvides, implementer


def network_of(address: IAddress) -> str | None:
    """What connections are counted by: the IPv4 address, or the IPv6 network of 64 bits, which is commonly one site.
    None for what has no address, such as a Unix socket."""
    host = getattr(address, "host", None)
    if host is None:
        return None
    try:
        ip = ip_address(host.partition("%")[0])
    except ValueError:  # A proxy may say what it likes.
        return str(host)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    return str(ip if ip.version == 4 else ip_network((ip, 64), strict=False))


class Admission(Factory):
    """Lets at most `limit` connections of one address through to the `wrapped` factory. Others get the line `refusal`,
    and are closed; on TLS they are closed at once."""

    noisy = False

    def __init__(self, wrapped: IProtocolFactory, limit: int, refusal: bytes) -> None:
        self.wrapped = wrapped
        self.refusal = refusal
        self._limit = limit
        self._counts: Counter[str] = Counter()

    def logPrefix(self) -> str:
        """What Twisted calls the server in its log."""
        return "chat"

    def buildProtocol(self, addr: IAddress | None) -> Admitted | None:
        """A protocol that is counted before the wrapped factory's has its connection."""
        inner = self.wrapped.buildProtocol(addr)  # type: ignore[arg-type]  # The interface is stricter than Factory.
        return None if inner is None else Admitted(self, inner)

    def enter(self, network: str) -> bool:
        """Count one more connection, if one more is allowed."""
        if self._counts[network] >= self._limit:
            return False
        self._counts[network] += 1
        return True

    def leave(self, network: str) -> None:
        """Count one less."""
        self._counts[network] -= 1
        if not self._counts[network]:
            del self._counts[network]


@implementer(IHalfCloseableProtocol)
class Admitted(Protocol):
    """Stands before a connection's protocol, which has the transport itself: only what comes in passes through here."""

    transport: Any

    def __init__(self, admission: Admission, inner: IProtocol) -> None:
        self._admission = admission
        self._inner = inner
        self._network: str | None = None
        self._unknown = False
        """Behind a proxy: the address is known when its header has come, and is counted then."""
        self._refused = False
        self._passed_on = False

    def makeConnection(self, transport: Any) -> None:
        """Hand the connection on, if it is admitted."""
        self.transport = transport
        self.connected = 1
        self._unknown = isinstance(transport, haproxy.HAProxyProtocolWrapper)
        if self._unknown:  # Twisted's wrapper would take a half-closed connection for a lost one: let it pass that on.
            alsoProvides(transport, IHalfCloseableProtocol)
            transport.readConnectionLost = self.readConnectionLost
            transport.writeConnectionLost = self.writeConnectionLost
            transport.dataReceived = self._until_known(transport.dataReceived)
        if self._unknown or self._count():
            self._passed_on = True
            self._inner.makeConnection(transport)
        else:
            self._refuse()

    def dataReceived(self, data: bytes) -> None:
        """Hand on what was read."""
        if self._unknown:
            self._known()
        if not self._refused:
            self._inner.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Give the place back."""
        if self._network is not None:
            self._admission.leave(self._network)
        if self._passed_on:
            self._inner.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """Hand it on to a protocol that knows half-closed connections; for others the connection is over."""
        inner = IHalfCloseableProtocol(self._inner, None)
        if inner is None or self._refused:
            self.transport.loseConnection()
        else:
            inner.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Hand it on."""
        inner = IHalfCloseableProtocol(self._inner, None)
        if inner is not None:
            inner.writeConnectionLost()

    def _until_known(self, received: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """What the proxy's wrapper does with what is read, and after it a look whether that was the header: it may
        come alone, and its peer be silent."""

        def look(data: bytes) -> None:
            received(data)
            if self._unknown and self.transport.getPeer() != self.transport.transport.getPeer():
                self._known()

        return look

    def _known(self) -> None:
        self._unknown = False
        if not self._count():
            self.transport.unregisterProducer()
            self._refuse()

    def _count(self) -> bool:
        network = network_of(self.transport.getPeer())
        if network is not None and not self._admission.enter(network):
            return False
        self._network = network
        return True

    def _refuse(self) -> None:
        self._refused = True
        if ISSLTransport.providedBy(self.transport):
            # The line would wait for the peer's handshake and the end for its consent: for ever, if it so wishes.
            self.transport.abortConnection()
        else:
            self.transport.write(self._admission.refusal)
            self.transport.loseConnection()
