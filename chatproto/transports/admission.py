"""Who may connect at all: so many connections per address, whatever is spoken on them. Wraps any factory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any, NamedTuple

from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import IAddress, IProtocol, IProtocolFactory, ISSLTransport
from twisted.internet.protocol import Factory, connectionDone
from twisted.python.failure import Failure

from chatproto.transports.peer import ip_of
from chatproto.transports.relay import Relay, behind_proxy, told


def network_of(address: IAddress) -> str | None:
    """What connections are counted by: the IPv4 address, or the IPv6 network of 64 bits, which is commonly one site.
    None for what has no address, such as a Unix socket."""
    try:
        ip = ip_of(address)
    except ValueError:  # A proxy may say what it likes.
        return str(getattr(address, "host", ""))
    if ip is None:
        return None
    return str(ip if ip.version == 4 else ip_network((ip, 64), strict=False))


MOST_HEARD = 10
"""Connections of one network that are too many, and are heard before they are told so. Others are told at once."""


class Places:
    """How many connections there are of each network: at most `limit`. Shared by all listeners of a server."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.taken: Counter[str] = Counter()

    def enter(self, network: str) -> bool:
        """Count one more connection, if one more is allowed."""
        if self.taken[network] >= self._limit:
            return False
        self.taken[network] += 1
        return True

    def leave(self, network: str) -> None:
        """Count one less."""
        self.taken[network] -= 1
        if not self.taken[network]:
            del self.taken[network]


class WaitingRoom(NamedTuple):
    """Where some of those who are too many say what they speak, and are turned away in words of that, soon."""

    factory: IProtocolFactory
    places: Places


class Admission(Factory):
    """Lets those connections through to the `wrapped` factory that have a place. Others come into the `waiting_room`,
    if there is one; those who have no place there either get the line `refusal`, and are closed. On TLS they are closed
    at once."""

    noisy = False

    def __init__(
        self, wrapped: IProtocolFactory, places: Places, refusal: bytes, waiting_room: WaitingRoom | None = None
    ) -> None:
        self.wrapped = wrapped
        self.places = places
        self.refusal = refusal
        self.waiting_room = waiting_room

    def logPrefix(self) -> str:
        """What Twisted calls the server in its log."""
        return "chat"

    def buildProtocol(self, addr: IAddress | None) -> Admitted | None:
        """A protocol that is counted before the wrapped factory's has its connection."""
        inner = self.wrapped.buildProtocol(addr)  # type: ignore[arg-type]  # The interface is stricter than Factory.
        return None if inner is None else Admitted(self, inner)


class Admitted(Relay):
    """Stands before a connection's protocol until it is known where the connection comes from."""

    def __init__(self, admission: Admission, inner: IProtocol) -> None:
        self._admission = admission
        self.inner = inner
        self._network: str | None = None
        self._places = admission.places
        """Where it is counted."""
        self._unknown = False
        """Behind a proxy: the address is known when its header has come, and is counted then."""
        self._refused = False
        self._passed_on = False

    def makeConnection(self, transport: Any) -> None:
        """Hand the connection on, if it is admitted."""
        self.transport = transport
        self.connected = 1
        self._unknown = behind_proxy(transport)
        if self._unknown:
            self._watch(transport)
            self._give(self.inner)
        elif self._enter(self._admission.places):
            self._give(self.inner)
            self.stand_aside()
        else:
            self._refuse()

    def dataReceived(self, data: bytes) -> None:
        """Hand on what was read."""
        if self._unknown:
            self._known()
        if not self._refused:
            self.inner.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Give the place back."""
        if self._network is not None:
            self._places.leave(self._network)
        if self._passed_on:
            self.inner.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """Hand it on; what was refused is over."""
        if self._refused:
            self.transport.loseConnection()
        else:
            super().readConnectionLost()

    def knows_half_closed(self) -> bool:
        """What was refused knows, so that the refusal is sent yet."""
        return self._refused or super().knows_half_closed()

    def _watch(self, wrapper: Any) -> None:
        """Twisted's wrapper for proxies would take a half-closed connection for a lost one: let it pass that on. And
        look after each read whether the header has come: it may come alone, and its peer be silent."""
        wrapper.__conform__ = self.__conform__
        wrapper.readConnectionLost = self.readConnectionLost
        wrapper.writeConnectionLost = self.writeConnectionLost
        wrapper.dataReceived = self._until_known(wrapper.dataReceived)

    def _until_known(self, received: Callable[[bytes], None]) -> Callable[[bytes], None]:
        def look(data: bytes) -> None:
            received(data)
            if self._unknown and told(self.transport):
                self._known()

        return look

    def _known(self) -> None:
        self._unknown = False
        del self.transport.dataReceived  # Nothing needs to be looked for any more.
        if self._enter(self._admission.places):
            self.ready()
            self.stand_aside()
        else:
            self.transport.unregisterProducer()
            self._passed_on = False
            self.inner.connectionLost(Failure(ConnectionAborted()))
            self._refuse()

    def _give(self, inner: Any) -> None:
        self._passed_on = True
        self.pass_on(inner)

    def _enter(self, places: Places) -> bool:
        network = network_of(self.transport.getPeer())
        if network is not None and not places.enter(network):
            return False
        self._network, self._places = network, places
        return True

    def _refuse(self) -> None:
        room = self._admission.waiting_room
        if ISSLTransport.providedBy(self.transport):
            # The line would wait for the peer's handshake and the end for its consent: for ever, if it so wishes.
            self._refused = True
            self.transport.abortConnection()
        elif room is not None and self._enter(room.places):
            self._give(room.factory.buildProtocol(self.transport.getPeer()))
        else:
            self._refused = True
            self.transport.write(self._admission.refusal)
            self.transport.loseConnection()
