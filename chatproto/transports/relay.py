"""What stands before a connection's protocol for a while, and then steps out of the way."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol, IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Protocol
from twisted.protocols.haproxy import _wrapper as haproxy
from zope.interface import implementer


def behind_proxy(transport: object) -> bool:
    """Whether a PROXY header comes before all else."""
    return isinstance(transport, haproxy.HAProxyProtocolWrapper)


def told(transport: Any) -> bool:
    """Whether that header has come."""
    return transport._proxyInfo is not None  # noqa: SLF001  # Its own getPeer says the same only where it told another.


def is_ready(transport: Any) -> bool:
    """Whether the peer can be spoken to. Not before its TLS handshake is done, or the PROXY header has come: a `Relay`
    is told of either by `ready`. At the time of `makeConnection` no handshake is done."""
    if behind_proxy(transport):
        return told(transport)
    return not ISSLTransport.providedBy(transport)


@implementer(IHandshakeListener)
class Relay(Protocol):
    """Hands the connection itself on to `inner`: only what comes in passes through here. Once there is nothing more to
    look at, `stand_aside` takes this relay out of the way of what is read.

    It knows half-closed connections if `inner` does, or if there is none yet.
    """

    transport: Any
    inner: Any = None
    """The protocol that has the connection, or is to have it."""
    outer: Relay | None = None
    aside = False

    def __conform__(self, interface: object) -> Relay | None:
        """What Twisted asks before it tells of a half-closed connection; else it tells of a lost one."""
        if interface is IHalfCloseableProtocol and self.knows_half_closed():
            return self
        return None

    def knows_half_closed(self) -> bool:
        """Whether a half-closed connection may still be served."""
        inner = self.inner
        if hasattr(inner, "knows_half_closed"):  # Another relay, or TLS.
            known: bool = inner.knows_half_closed()
            return known
        # Not by adaptation: a TLS protocol passes the question on to its transport, which may pass it on to us.
        return inner is None or IHalfCloseableProtocol.providedBy(inner)

    def pass_on(self, inner: Any) -> None:
        """Let `inner` have the connection."""
        self.inner = inner
        if isinstance(inner, Relay):
            inner.outer = self
        inner.makeConnection(self.transport)

    def stand_aside(self) -> None:
        """Let what is read go past here from now on, and past every relay before this one that stood aside."""
        self.aside = True
        self.dataReceived = self.inner.dataReceived  # type: ignore[method-assign]
        outer, self.outer = self.outer, None
        if outer is not None:
            outer.inner = self.inner
            if isinstance(self.inner, Relay):
                self.inner.outer = outer
            if outer.aside:
                outer.stand_aside()

    def ready(self) -> None:
        """The peer can be spoken to now: see `is_ready`. May be called more than once."""
        if isinstance(self.inner, Relay):
            self.inner.ready()

    # -- what Twisted calls

    def handshakeCompleted(self) -> None:
        """The peer speaks TLS with us."""
        self.ready()

    def readConnectionLost(self) -> None:
        """Hand it on to a protocol that knows half-closed connections; for others the connection is over."""
        if self.knows_half_closed():
            self.inner.readConnectionLost()
        else:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """Hand it on."""
        if self.inner is not None and self.knows_half_closed():
            self.inner.writeConnectionLost()
