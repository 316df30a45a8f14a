"""So many connections per address, however they come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending
from chatproto.transports.admission import Admission, Places, network_of
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import LineLink
from chatproto.transports.tls import RenewedCertificate, self_signed
from tests.transports import Client, Site, connect, connect_unix, listening, reactor, until

REFUSAL = b"too many\r\n"


def ip4(host: str) -> IAddress:
    """An IPv4 address."""
    return IPv4Address("TCP", host, 50_000)


def ip6(host: str) -> IAddress:
    """An IPv6 address."""
    return IPv6Address("TCP", host, 50_000)


class Plain(Protocol):
    """A protocol that knows nothing of half-closed connections."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def connectionMade(self) -> None:
        """Remember it."""
        self.events.append("made")

    def dataReceived(self, data: bytes) -> None:
        """Remember it."""
        self.events.append(data)

    def connectionLost(self, reason: Any = None) -> None:
        """Remember it."""
        self.events.append("lost")


class Networks(SynchronousTestCase):
    """What counts as one address."""

    def test_of_addresses(self) -> None:
        """An IPv4 address is itself, however it is written; an IPv6 address stands for its network of 64 bits."""
        for address, network in (
            (ip4("192.0.2.1"), "192.0.2.1"),
            (ip6("::ffff:192.0.2.1"), "192.0.2.1"),
            (ip6("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
            (ip6("2001:db8:1:2::"), "2001:db8:1:2::/64"),
            (ip6("2001:db8:1:3::"), "2001:db8:1:3::/64"),
            (ip6("fe80::1%eth0"), "fe80::/64"),
            (ip6("::1"), "::/64"),
        ):
            self.assertEqual(network_of(address), network)

    def test_of_what_a_proxy_made_up(self) -> None:
        """What is no IP address is counted as it stands."""
        for host in ("junk", "", "192.0.2.256", "192.0.2.1 ", "::1::", "%eth0"):
            self.assertEqual(network_of(ip4(host)), host)

    def test_of_what_has_none(self) -> None:
        """A Unix socket has no address to be counted by."""
        self.assertIsNone(network_of(UNIXAddress("/run/chat.sock")))
        self.assertIsNone(network_of(UNIXAddress(None)))


class Counting(SynchronousTestCase):
    """Who is let in."""

    def setUp(self) -> None:
        """At most three connections per address."""
        self.made: list[Plain] = []
        factory = Factory.forProtocol(self.protocol)
        self.admission = Admission(factory, Places(3), REFUSAL)

    def protocol(self) -> Plain:
        """A protocol that the test can see."""
        self.made.append(Plain())
        return self.made[-1]

    def enter(self, address: IAddress) -> tuple[Any, StringTransport]:
        """One more connection."""
        transport = StringTransport(peerAddress=address)
        protocol: Any = self.admission.buildProtocol(address)
        protocol.makeConnection(transport)
        return protocol, transport

    def admitted(self, address: IAddress) -> bool:
        """Whether one more connection is let in."""
        _, transport = self.enter(address)
        return not transport.disconnecting

    def test_edges(self) -> None:
        """n-1 and n connections of an address are let in, n+1 are not; another address does not matter."""
        here, there = ip4("192.0.2.1"), ip4("192.0.2.2")
        self.assertEqual([self.admitted(here) for _ in range(5)], [True, True, True, False, False])
        self.assertTrue(self.admitted(there))

    def test_refusal(self) -> None:
        """One that is not let in gets the sentence and is closed; its protocol hears of nothing."""
        for _ in range(3):
            self.enter(ip4("192.0.2.1"))
        protocol, transport = self.enter(ip4("192.0.2.1"))
        self.assertEqual(transport.value(), REFUSAL)
        self.assertTrue(transport.disconnecting)
        protocol.dataReceived(b"let me in\n")
        protocol.readConnectionLost()
        protocol.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.made[3].events, [])

    def test_place_is_given_back(self) -> None:
        """A connection that is gone makes room for another one; a refused one that goes makes none."""
        address = ip4("192.0.2.1")
        first, *_ = [self.enter(address)[0] for _ in range(3)]
        refused, _ = self.enter(address)
        refused.connectionLost(Failure(ConnectionDone()))
        self.assertFalse(self.admitted(address))
        first.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.made[0].events, ["made", "lost"])
        self.assertTrue(self.admitted(address))
        self.assertFalse(self.admitted(address))

    def test_nothing_is_kept_of_those_who_are_gone(self) -> None:
        """Addresses that have no connection take no memory."""
        for number in range(100):
            protocol, _ = self.enter(ip4(f"192.0.2.{number}"))
            protocol.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(len(self.admission.places.taken), 0)

    def test_site_with_many_ipv6_addresses(self) -> None:
        """All addresses of a 64-bit network share one count, the next network has its own."""
        self.assertEqual([self.admitted(ip6(f"2001:db8::{number}")) for number in range(4)], [True, True, True, False])
        self.assertTrue(self.admitted(ip6("2001:db8:0:1::1")))

    def test_ipv4_through_an_ipv6_socket(self) -> None:
        """An IPv4 address has one count on whichever socket it arrives."""
        both = [ip4("192.0.2.1"), ip6("::ffff:192.0.2.1")]
        self.assertEqual([self.admitted(both[number % 2]) for number in range(4)], [True, True, True, False])

    def test_unix_sockets_are_not_counted(self) -> None:
        """Whoever may open the socket file is trusted that far."""
        self.assertEqual([self.admitted(UNIXAddress(None)) for _ in range(10)], [True] * 10)

    def test_data_and_ends_pass_through(self) -> None:
        """The protocol gets what is received; one that knows no half-closed connections is closed by one."""
        protocol, transport = self.enter(ip4("192.0.2.1"))
        protocol.dataReceived(b"hello\n")
        protocol.writeConnectionLost()
        self.assertFalse(transport.disconnecting)
        protocol.readConnectionLost()
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.made[0].events, ["made", b"hello\n"])

    def test_half_closed_connections_pass_through(self) -> None:
        """A protocol that knows of them is told, and decides."""
        site = Site()
        protocol: Any = Admission(site.factory, Places(3), REFUSAL).buildProtocol(None)
        transport = StringTransport(peerAddress=ip4("192.0.2.1"))
        protocol.makeConnection(transport)
        protocol.dataReceived(b"one\n")
        protocol.writeConnectionLost()
        protocol.readConnectionLost()
        self.assertEqual(site.conversations[0].told, ["opened", b"one", Ending.LOST])

    def test_factory_that_lets_nobody_in(self) -> None:
        """If the wrapped factory has no protocol for an address, there is none."""

        class Nobody(Factory):
            def buildProtocol(self, addr: IAddress | None) -> None:
                return None

        self.assertIsNone(Admission(Nobody(), Places(3), REFUSAL).buildProtocol(HostnameAddress(b"example.org", 1)))


# -- on real sockets and the running reactor


@pytest_twisted.ensureDeferred
async def test_one_too_many() -> None:
    """The connection that is one too many reads why, and there is room again when another one leaves."""
    site = Site(reactor)
    async with listening(Admission(site.factory, Places(2), REFUSAL)) as port:
        first, second = await connect(port), await connect(port)
        await until(lambda: len(site.connections) == 2, "both")
        third = await connect(port)
        third.send(b"hello\n")
        await third.ended()
        assert third.lines() == [b"too many"]
        await first.leave()
        await until(lambda: len(site.connections) == 1, "one to be gone")
        fourth = await connect(port)
        fourth.send(b"hello\n")
        await fourth.heard(b"hello\r\n")
        for client in (second, fourth):
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_one_too_many_on_tls(tmp_path: Path) -> None:
    """One that is too many and says nothing, so that TLS never begins, is closed all the same."""
    site = Site(reactor)
    certificate = RenewedCertificate(self_signed(tmp_path), reactor)
    admission = Admission(site.factory, Places(1), REFUSAL)
    async with listening(TLSMemoryBIOFactory(certificate, False, admission, reactor)) as port:
        first = await connect(port)
        await until(lambda: len(site.connections) == 1, "the first one")
        second = await connect(port)
        await second.ended()
        assert first.why is None
        await first.leave()


@pytest_twisted.ensureDeferred
async def test_unix_socket(tmp_path: Path) -> None:
    """Connections over a Unix socket are served, however many there are."""
    site = Site(reactor)
    path = str(tmp_path / "chat.sock")
    async with listening(Admission(site.factory, Places(1), REFUSAL), serverFromString(reactor, f"unix:{path}")):
        clients = [await connect_unix(path) for _ in range(5)]
        for client in clients:
            client.send(b"hello\n")
        for client in clients:
            await client.heard(b"hello\r\n")
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_behind_a_proxy() -> None:
    """Behind HAProxy the address that its PROXY line tells is what is counted, and neither the proxy's own nor what
    came before the line."""
    site = Site(reactor, LinkLimits(closing_seconds=1.0))
    endpoint = serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")
    async with listening(Admission(site.factory, Places(2), REFUSAL), endpoint) as port:

        async def through_proxy(host: str) -> Client:
            client = await connect(port)
            client.send(f"PROXY TCP4 {host} 198.51.100.1 50000 7000\r\n".encode())
            client.send(f"hello from {host}\n".encode())
            return client

        people = [await through_proxy(host) for host in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2")]
        for person in people:
            await person.heard(b"hello from 192.0.2.")
        refused = await through_proxy("192.0.2.1")
        await refused.ended()
        assert refused.lines() == [b"too many"]
        await people[0].leave()
        await until(lambda: len(site.connections) == 3, "one to be gone")
        again = await through_proxy("192.0.2.1")
        await again.heard(b"hello from 192.0.2.1")
        for person in (*people[1:], again):
            await person.leave()
        await until(lambda: not len(site.connections), "everybody to be gone")


@pytest_twisted.ensureDeferred
async def test_proxy_that_only_connects() -> None:
    """A proxy that goes away without a word was counted nowhere."""
    site = Site(reactor)
    admission = Admission(site.factory, Places(1), REFUSAL)
    async with listening(admission, serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")) as port:
        for _ in range(3):
            client = await connect(port)
            await until(lambda: len(site.connections) == 1, "the connection")
            await client.leave()
            await until(lambda: not len(site.connections), "its end")
    assert not admission.places.taken


@pytest_twisted.ensureDeferred
async def test_half_closed_behind_a_proxy() -> None:
    """A peer behind HAProxy that closes its sending side is served what it sent, as everywhere."""
    site = Site(reactor, LinkLimits(burst=2, lines_per_second=50.0))
    endpoint = serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")
    async with listening(Admission(site.factory, Places(2), REFUSAL), endpoint) as port:
        client = await connect(port)
        lines = [b"line %d" % number for number in range(10)]
        client.send(b"PROXY TCP4 192.0.2.1 198.51.100.1 50000 7000\r\n" + b"".join(line + b"\n" for line in lines))
        client.transport.loseWriteConnection()
        await client.ended()
        assert client.lines() == [*lines, b"connection closed"]
        await until(lambda: not len(site.connections), "its end")


@pytest_twisted.ensureDeferred
async def test_silent_behind_a_proxy() -> None:
    """Whoever says nothing after the PROXY header is counted by the address in it: of n-1, n and n+1 the last one is
    closed. Another address has its own count, and a place that was left is free again."""
    site = Site(reactor)
    admission = Admission(site.factory, Places(2), REFUSAL)
    async with listening(admission, serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")) as port:

        async def through_proxy(host: str) -> Client:
            client = await connect(port)
            client.send(f"PROXY TCP4 {host} 198.51.100.1 50000 7000\r\n".encode())
            return client

        first, second, other = [await through_proxy(host) for host in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
        await until(lambda: admission.places.taken == {"192.0.2.1": 2, "192.0.2.2": 1}, "the headers")
        refused = await through_proxy("192.0.2.1")
        await refused.ended()
        assert refused.lines() == [b"too many"]
        await until(lambda: len(site.connections) == 3, "the refused one to be gone")
        assert not any(client.finished for client in (first, second, other))
        await first.leave()
        await until(lambda: admission.places.taken["192.0.2.1"] == 1, "the place")
        again = await through_proxy("192.0.2.1")
        await until(lambda: admission.places.taken["192.0.2.1"] == 2, "the header")
        for client in (second, other, again):
            await client.leave()
        await until(lambda: not len(site.connections), "everybody to be gone")
    assert not admission.places.taken


@pytest_twisted.ensureDeferred
async def test_header_that_comes_in_pieces() -> None:
    """A PROXY header may be cut anywhere after its first bytes; nobody is counted before it is whole."""
    site = Site(reactor)
    admission = Admission(site.factory, Places(2), REFUSAL)
    async with listening(admission, serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")) as port:
        client = await connect(port)
        await until(lambda: len(site.connections) == 1, "the connection")
        (link,) = site.connections._members
        assert isinstance(link, LineLink)
        link.transport.dataReceived(b"PROXY TCP4 192.0.2.1 198.51.")
        assert not admission.places.taken
        link.transport.dataReceived(b"100.1 50000 7000\r\n")
        assert admission.places.taken == {"192.0.2.1": 1}
        await client.leave()
        await until(lambda: not len(site.connections), "its end")
    assert not admission.places.taken


@pytest.mark.parametrize("said", [b"", b"hello\n"])
@pytest_twisted.ensureDeferred
async def test_proxy_that_tells_no_address(said: bytes) -> None:
    """What stands in the PROXY header in the place of an address is counted as it is, whether or not something comes
    after it: nothing is raised, and the connection is served."""
    site = Site(reactor)
    admission = Admission(site.factory, Places(1), REFUSAL)
    async with listening(admission, serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")) as port:
        header = b"PROXY TCP4 junk 198.51.100.1 50000 7000\r\n"
        client = await connect(port)
        client.send(header + said)
        await until(lambda: admission.places.taken == {"junk": 1}, "the header")
        refused = await connect(port)
        refused.send(header)
        await refused.ended()
        assert refused.lines() == [b"too many"]
        client.send(b"alive\n")
        await client.heard(b"alive\r\n")
        await client.leave()
        await until(lambda: not len(site.connections), "everybody to be gone")
    assert not admission.places.taken
