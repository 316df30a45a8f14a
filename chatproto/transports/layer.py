"""A transport on top of another, as the protocol in it sees it, but for what it does itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from twisted.internet.protocol import Protocol


class Layer(Protocol, ABC):
    """A protocol to the transport below, and a transport to `inner`: the answers to what is asked of any transport are
    those of the one below. What only TCP has does nothing on a transport that does not have it."""

    transport: Any
    inner: Any

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send `data`."""

    @abstractmethod
    def loseConnection(self) -> None:
        """Close when everything is sent."""

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send several pieces."""
        self.write(b"".join(data))

    def loseWriteConnection(self) -> None:
        """The same as `loseConnection`: half a connection is not offered."""
        self.loseConnection()

    def stopProducing(self) -> None:
        """Read no more, and close."""
        self.loseConnection()

    def getPeer(self) -> Any:
        """The address of the other end."""
        return self.transport.getPeer()

    def getHost(self) -> Any:
        """Our own address."""
        return self.transport.getHost()

    def getTcpNoDelay(self) -> bool:
        """See `ITCPTransport`."""
        return bool(self._option("getTcpNoDelay"))

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001  # Twisted's signature.
        """See `ITCPTransport`."""
        self._option("setTcpNoDelay", enabled)

    def getTcpKeepAlive(self) -> bool:
        """See `ITCPTransport`."""
        return bool(self._option("getTcpKeepAlive"))

    def setTcpKeepAlive(self, enabled: bool) -> None:  # noqa: FBT001
        """See `ITCPTransport`. May raise `OSError`, as the one below."""
        self._option("setTcpKeepAlive", enabled)

    def _option(self, name: str, *value: bool) -> object:
        return getattr(self.transport, name, bool)(*value)
