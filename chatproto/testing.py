"""An in-memory network for tests: a server without sockets, people who speak to it, and a clock that stands still.

    network = MemoryNetwork()
    ada, bob = network.enter("ada"), network.enter("bob")
    ada.say("hello")
    assert bob.heard() == ["<ada> hello"]

Nothing here needs a running reactor; time passes when `MemoryNetwork.clock` is advanced. For one dialect or one
transport alone there are `RecordingLink` and `RecordingConversation`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine, KeysView
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import IProtocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from chatproto.config import Settings
from chatproto.events import Ending
from chatproto.interfaces import IAccounts, IConversation, ICrowd, ILink, Peer
from chatproto.tap import make_factory, make_rooms
from chatproto.transports.connections import Connections
from chatproto.transports.line import line_frame

NOON = 1_800_000_000.0
"""When a `MemoryNetwork` begins, in seconds since 1970."""

_TIME = re.compile(r"^\d\d:\d\d ")


class MemoryTransport(StringTransport):
    """A TCP connection to nowhere. Closing it tells the protocol, as a reactor would, a moment later."""

    def __init__(self, clock: Clock, host: str) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", host, 50_000))
        self._clock = clock
        self._protocol: IProtocol | None = None
        self.open = True

    def connect(self, protocol: IProtocol) -> None:
        """Let `protocol` have this connection."""
        self._protocol = protocol
        protocol.makeConnection(self)

    def loseConnection(self) -> None:
        """Close; what was written has been sent."""
        super().loseConnection()
        self._close(ConnectionDone())

    def abortConnection(self) -> None:
        """Close at once."""
        self._close(ConnectionAborted())  # First, for the other calls loseConnection.
        super().abortConnection()

    def _close(self, why: Exception) -> None:
        if self.open:
            self.open = False
            self._clock.callLater(0, self.lost, why)

    def lost(self, why: Exception) -> None:
        """Tell the protocol."""
        self.open = False
        if self.producer is not None:
            self.producer.stopProducing()
        if self._protocol is not None:
            self._protocol.connectionLost(Failure(why))


class Person:
    """Someone with a bare terminal."""

    def __init__(self, network: MemoryNetwork, host: str) -> None:
        self._network = network
        self.transport = MemoryTransport(network.clock, host)
        protocol = network.factory.buildProtocol(self.transport.getPeer())
        assert protocol is not None
        self.protocol: Any = protocol
        self.transport.connect(protocol)
        network.settle()

    @property
    def connected(self) -> bool:
        """Whether the connection is open."""
        return self.transport.open

    def say(self, *lines: str) -> None:
        """Type lines, one after the other, each followed by Enter."""
        for line in lines:
            self.send(line.encode() + b"\n")

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.protocol.dataReceived(data)
        self._network.settle()

    def hang_up(self) -> None:
        """Lose the connection."""
        self.transport.lost(ConnectionDone())
        self._network.settle()

    def seen(self) -> list[str]:
        """The lines on the screen since one looked last, as they are."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data.decode().split("\r\n")[:-1]

    def heard(self) -> list[str]:
        """The same without the time of day in front."""
        return [_TIME.sub("", line) for line in self.seen()]


class MemoryNetwork:
    """A server as `tap` puts it together, on a clock of its own and without listeners. There are no `accounts` but
    those that are given; their names are to be loaded (`rooms.logins.load`)."""

    def __init__(self, settings: Settings | None = None, accounts: IAccounts | None = None) -> None:
        self.settings = settings or Settings()
        self.clock = Clock()
        self.clock.rightNow = NOON
        self.rooms = make_rooms(self.settings, self.clock.seconds, accounts)
        self.connections = Connections(self.clock, self.settings.connections.closing_seconds)
        self.factory = make_factory(self.settings, self.clock, self.rooms, self.connections)

    def connect(self, host: str = "192.0.2.1") -> Person:
        """Someone who has connected and is asked for a name."""
        return Person(self, host)

    def enter(self, name: str) -> Person:
        """Someone who has given a name, is in the default room and has read the greeting."""
        person = self.connect()
        person.say(name)
        person.heard()
        return person

    def settle(self) -> None:
        """Let everything happen that waits for the end of the reactor's turn."""
        self.clock.advance(0)


@implementer(ICrowd)
class SimpleCrowd:
    """Writes to each link, one after the other."""

    def __init__(self) -> None:
        self._links: dict[ILink, None] = {}

    @property
    def links(self) -> KeysView[ILink]:
        """See `ICrowd.links`."""
        return self._links.keys()

    def add(self, link: ILink) -> None:
        """See `ICrowd.add`."""
        self._links[link] = None

    def discard(self, link: ILink) -> None:
        """See `ICrowd.discard`."""
        self._links.pop(link, None)

    def write(self, data: bytes, skip: ILink | None = None) -> None:
        """See `ICrowd.write`."""
        for link in self._links:
            if link is not skip:
                link.write(data)


@implementer(ILink)
class RecordingLink:
    """A link that remembers what a dialect did with it."""

    @staticmethod
    def frame(text: str) -> bytes:
        """As `LineLink` frames it. Not the same function: links that are in a crowd together are of one kind."""
        return line_frame(text)

    def __init__(self) -> None:
        self.peer = Peer("192.0.2.1", False)  # noqa: FBT003
        self.written: list[bytes] = []
        self.settled = False
        self.closed = False
        self.drains = 0
        """How often somebody wanted to know whether all was sent."""
        self.held = 0

    def write(self, data: bytes) -> None:
        """Remember it."""
        if not self.closed:
            self.written.append(data)

    def crowd(self) -> SimpleCrowd:
        """See `ILink.crowd`."""
        return SimpleCrowd()

    async def drained(self) -> None:
        """It always is."""
        self.drains += 1

    def hold(self, until: Awaitable[bool], otherwise: Callable[[], None]) -> None:
        """Have `lines` see nothing until that has resolved."""
        self.held += 1
        Deferred.fromCoroutine(self._let_go(until, otherwise)).addErrback(Failure.raiseException)

    async def _let_go(self, until: Awaitable[bool], otherwise: Callable[[], None]) -> None:
        try:
            if not await until:
                otherwise()
        finally:
            self.held -= 1

    def settle(self) -> None:
        """Remember it."""
        self.settled = True

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    def lines(self) -> list[str]:
        """The lines written since one looked last."""
        if self.held:
            return []
        data = b"".join(self.written)
        self.written.clear()
        return data.decode().split("\r\n")[:-1]


@implementer(IConversation)
class RecordingConversation:
    """A conversation that remembers what a transport told it."""

    def __init__(self, link: ILink) -> None:
        self.link = link
        self.told: list[object] = []
        """In order: `"opened"`, each line as bytes, `("too long", limit)`, `"probe"`, an `Ending`."""

    def opened(self) -> None:
        """Remember it."""
        self.told.append("opened")

    def line_received(self, line: bytes) -> Coroutine[Any, Any, None] | None:
        """Remember it."""
        self.told.append(line)
        return None

    def line_too_long(self, limit: int) -> None:
        """Remember it."""
        self.told.append(("too long", limit))

    def probe(self) -> None:
        """Remember it."""
        self.told.append("probe")

    def ended(self, ending: Ending) -> None:
        """Remember it."""
        self.told.append(ending)
