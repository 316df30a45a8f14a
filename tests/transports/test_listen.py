"""Where connections come from: the server's own ports and any endpoint of Twisted."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IProtocolFactory, IStreamServerEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatproto.transports.listen import BACKLOG, BadEndpoint, DualStackEndpoint, Listener, described
from tests.transports import Site, connect, connect_unix, listening, reactor, until

DESCRIPTORS = Path("/proc/self/fd")
_LIMIT = Path("/proc/sys/net/core/somaxconn")
SOMAXCONN = int(_LIMIT.read_text()) if _LIMIT.exists() else 128
"""The longest backlog that the system allows."""


def descriptors() -> int:
    """How many this process has, where the system tells."""
    return len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.exists() else 0


class Port:
    """A listening port that is none, and has no socket."""

    def __init__(self) -> None:
        self.open = True

    def getHost(self) -> str:
        """Where it is."""
        return "nowhere"

    def stopListening(self) -> Deferred[None]:
        """Close it."""
        self.open = False
        return succeed(None)


@implementer(IStreamServerEndpoint)
class Endpoint:
    """An endpoint that listens on what it is given, or fails, at once or when its outcome is there."""

    def __init__(self, outcome: Port | Exception | Deferred[Any]) -> None:
        self.outcome = outcome
        self.listened = 0

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:  # noqa: N803
        """Do so."""
        self.listened += 1
        if isinstance(self.outcome, Deferred):
            return self.outcome
        return fail(self.outcome) if isinstance(self.outcome, Exception) else succeed(self.outcome)


class Described(SynchronousTestCase):
    """Endpoints as strings."""

    def test_bad_descriptions(self) -> None:
        """What is no endpoint is refused in one sentence that repeats it."""
        unknown = ("nonsense", "nonsense:1", "tcp:notaport", "tcp", "ssl:0:privateKey=/nowhere.pem", "")
        not_given = ("systemd:domain=INET6:index=0", "systemd:domain=FOO:index=0", "systemd:domain=INET:name=x")
        for description in (*unknown, *not_given):
            with self.assertRaises(BadEndpoint) as raised:
                described(reactor, description)
            self.assertIn(repr(description), str(raised.exception))
            self.assertIn("is no endpoint that can be used: ", str(raised.exception))
            self.assertNotIn("\n", str(raised.exception))

    def test_why(self) -> None:
        """It says why in no words of Python's."""
        for description, why in (
            ("tcp:bar", "'bar' is no whole number"),
            ("tcp", "it has not the parts that this kind of endpoint has"),
            ("tcp:1:foo=2", "it has not the parts that this kind of endpoint has"),
            ("nonsense:1", "Unknown endpoint type: 'nonsense'"),
        ):
            with self.assertRaises(BadEndpoint) as raised:
                described(reactor, description)
            self.assertEqual(str(raised.exception), f"{description!r} is no endpoint that can be used: {why}")

    def test_good_description(self) -> None:
        """What Twisted knows is an endpoint."""
        self.assertTrue(IStreamServerEndpoint.providedBy(described(reactor, "tcp:0")))


class Listeners(SynchronousTestCase):
    """The service that listens."""

    def test_life(self) -> None:
        """It listens once, with privileges if there are any, until it is stopped, and can be started again."""
        endpoint = Endpoint(port := Port())
        listener = Listener(endpoint, Factory(), "nothing")
        listener.privilegedStartService()
        listener.startService()
        self.assertEqual(endpoint.listened, 1)
        self.assertIs(listener.port, port)
        stopped = listener.stopService()
        assert stopped is not None
        self.successResultOf(stopped)
        self.assertFalse(port.open)
        self.assertIsNone(listener.port)
        listener.startService()
        self.assertEqual(endpoint.listened, 2)

    def test_failure(self) -> None:
        """An endpoint that cannot be listened on is told in one sentence, and there is nothing to stop."""
        listener = Listener(
            Endpoint(CannotListenError("", 7000, OSError(13, "Permission denied"))), Factory(), "port 7"
        )
        with self.assertRaises(BadEndpoint) as raised:
            listener.startService()
        self.assertEqual(str(raised.exception), "cannot listen on port 7: Permission denied")
        self.assertIsNone(listener.stopService())

    def test_late_failure(self) -> None:
        """An endpoint that takes its time and then fails is told in the log."""
        listening: Deferred[Port] = Deferred()
        listener = Listener(Endpoint(listening), Factory(), "port 7")
        listener.startService()
        listening.errback(CannotListenError("", 7, "Permission denied"))
        self.assertEqual(len(self.flushLoggedErrors(CannotListenError)), 1)
        self.assertIsNone(listener.stopService())

    def test_stopped_while_it_is_opened(self) -> None:
        """A port that opens when nobody wants it any more is closed."""
        listening: Deferred[Port] = Deferred()
        listener = Listener(Endpoint(listening), Factory(), "port 7")
        listener.startService()
        self.assertIsNone(listener.stopService())
        listening.callback(port := Port())
        self.assertFalse(port.open)
        self.assertIsNone(listener.port)

    def test_stopped_before_it_listens(self) -> None:
        """A listener that never started can be stopped."""
        self.assertIsNone(Listener(Endpoint(Port()), Factory(), "nothing").stopService())


# -- on real sockets and the running reactor


@pytest_twisted.ensureDeferred
async def test_both_stacks() -> None:
    """One port of the server's own is reached by IPv4 and by IPv6."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    site = Site(reactor)
    async with listening(site.factory, DualStackEndpoint(reactor, 0)) as port:
        for host in ("127.0.0.1", "::1"):
            client = await connect(port, host)
            client.send(b"hello\n")
            await client.heard(b"hello\r\n")
            await client.leave()
        await until(lambda: not len(site.connections), "both to be gone")


@pytest_twisted.ensureDeferred
async def test_taken_port() -> None:
    """A port that somebody has cannot be listened on: one sentence says which and why, and nothing is left open."""
    with socket.create_server(("", 0)) as taken:
        number = taken.getsockname()[1]
        before = descriptors()
        listener = Listener(DualStackEndpoint(reactor, number), Factory.forProtocol(Protocol), f"TCP port {number}")
        with pytest.raises(BadEndpoint) as raised:
            listener.startService()
        assert str(raised.value).startswith(f"cannot listen on TCP port {number}: ")
        assert "in use" in str(raised.value)
        assert listener.port is None
        assert descriptors() == before


@pytest_twisted.ensureDeferred
async def test_burst_of_connections() -> None:
    """As many connections as the backlog allows can come before one is accepted, on any endpoint; Twisted's own backlog
    of 50 would stall them for seconds."""
    count = min(200, BACKLOG, SOMAXCONN)
    for endpoint in (DualStackEndpoint(reactor, 0), described(reactor, "tcp:0:interface=127.0.0.1")):
        site = Site(reactor)
        listener = Listener(endpoint, site.factory, "a test")
        listener.startService()
        port: Any = listener.port
        address = "127.0.0.1", port.getHost().port
        clients = [socket.create_connection(address, timeout=0.9) for _ in range(count)]
        await until(lambda: len(site.connections) == count, "all to be accepted")  # noqa: B023
        for client in clients:
            client.close()
        await until(lambda: not len(site.connections), "all to be gone")  # noqa: B023
        await listener.stopService()  # type: ignore[misc]


@pytest_twisted.ensureDeferred
async def test_unix_endpoint(tmp_path: Path) -> None:
    """`unix:` is served from end to end, and its file is gone when the listener has stopped."""
    site = Site(reactor)
    path = tmp_path / "chat.sock"
    listener = Listener(described(reactor, f"unix:{path}"), site.factory, f"unix:{path}")
    listener.startService()
    client = await connect_unix(str(path))
    client.send(b"one\ntwo\r\n")
    await client.heard(b"two\r\n")
    client.transport.loseWriteConnection()
    await client.ended()
    assert client.lines() == [b"one", b"two", b"connection closed"]
    stopped = listener.stopService()
    assert stopped is not None
    await stopped
    assert not path.exists()


@pytest_twisted.ensureDeferred
async def test_connections_outlive_their_listener() -> None:
    """A listener that has stopped takes no new connections, and those that there are go on."""
    site = Site(reactor)
    listener = Listener(described(reactor, "tcp:0:interface=127.0.0.1"), site.factory, "a test")
    listener.startService()
    port: Any = listener.port
    number = port.getHost().port
    client = await connect(port)
    await until(lambda: len(site.connections), "the connection")
    stopped = listener.stopService()
    assert stopped is not None
    await stopped
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", number), timeout=1).close()
    client.send(b"hello\n")
    await client.heard(b"hello\r\n")
    await client.leave()


@pytest_twisted.ensureDeferred
async def test_peers_are_watched() -> None:
    """Connections have the system ask silent peers for a sign of life after a minute, not after two hours."""
    site = Site(reactor)
    listener = Listener(DualStackEndpoint(reactor, 0), site.factory, "a port")
    listener.startService()
    client = await connect(listener.port)
    await until(lambda: len(site.connections) == 1, "the connection")
    (link,) = site.connections._members
    handle = link.transport.getHandle()  # type: ignore[attr-defined]
    assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    idle = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
    assert idle is not None
    assert handle.getsockopt(socket.IPPROTO_TCP, idle) == 60
    await client.leave()
    await until(lambda: not len(site.connections), "its end")
    stopped = listener.stopService()
    assert stopped is not None
    await stopped
