"""Silence, and a server that has not read yet what came in time: on real sockets, a reactor turned by hand."""

from __future__ import annotations

import select
import socket
from types import SimpleNamespace
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.protocols.haproxy._wrapper import HAProxyWrappingFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatproto.events import Ending
from chatproto.testing import MemoryTransport
from chatproto.transports.limits import LinkLimits
from chatproto.transports.readiness import Readiness, unread
from chatproto.transports.tls_connection import TLSConnection
from chatproto.transports.turn import READING_SECONDS, Turn
from tests.transports import HandReactor, Wire
from tests.transports.test_sniff import OnePort
from tests.transports.tls_peer import Peer, server_side

MANY = 100
HELLO = b"\x16\x03\x01"
PROXY = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"


class Busy(HandReactor):
    """Its turns are those of a real reactor: first the timers that are due, and then what can be read."""

    def turn(self, seconds: float = 0) -> None:
        """One of them, so long after the one before."""
        self.advance(seconds)
        for reader in self.getReaders():
            if select.select([reader], [], [], 0)[0]:
                reader.doRead()


def heard(peer: socket.socket) -> bytes:
    """What has come for it; it does not wait."""
    try:
        return peer.recv(100_000, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""


class Waiting(SynchronousTestCase):
    """What waits to be read when time is over."""

    def setUp(self) -> None:
        """A port."""
        if not hasattr(select, "epoll"):
            raise SkipTest("this system has no epoll")
        self.reactor = Busy()
        self.readiness = Readiness(self.reactor, Turn(self.reactor))
        self.port = OnePort(clock=self.reactor)
        self.port.places._limit = MANY

    def connect(self, protocol: Any = None) -> socket.socket:
        """The peer of a new connection, on which `protocol` is spoken, or what the port takes."""
        ours, peer = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(peer.close)
        protocol = protocol or self.port.factory.buildProtocol(None)
        server = SimpleNamespace(_realPortNumber=0)
        connection: Any = self.readiness.accept(ours, protocol, ("192.0.2.1", 5), server, 0, self.reactor)
        connection.setTcpNoDelay = bool  # A pair of sockets has no such thing.
        protocol.makeConnection(connection)
        return peer

    def test_more_than_one_turn_can_read(self) -> None:
        """All who spoke in time are understood, however many turns it takes until they are read; who has said nothing
        is greeted in time."""
        build = self.port.tls.buildProtocol

        def slowly(addr: Any) -> Any:
            self.reactor.rightNow += READING_SECONDS * 0.6
            return build(addr)

        self.port.tls.buildProtocol = slowly  # type: ignore[method-assign]
        peers = [self.connect() for _ in range(MANY)]
        silent = peers.pop()
        for peer in peers:
            peer.send(HELLO)
        self.reactor.turn(1)
        self.assertEqual(silent.recv(100), b"welcome\r\n")
        self.assertEqual(len(self.port.tls.made), 2)
        while len(self.port.tls.made) < len(peers):
            self.reactor.turn(0.1)
        self.assertEqual([name for name, _ in self.port.told()], ["plain"])

    def test_what_tells_nothing(self) -> None:
        """Who had said something that tells nothing yet is greeted when as much time has passed again; who has said
        nothing more since then, not later."""
        peer = self.connect()
        peer.send(b"NI")
        self.reactor.turn(0.4)
        self.reactor.turn(0.39)
        self.assertEqual(self.port.told(), [])
        self.reactor.turn(0.02)
        self.assertEqual(self.port.told(), [("plain", ["opened"])])

    def test_end(self) -> None:
        """The end of the peer is something that is read first."""
        peer = self.connect()
        peer.send(b"NICK ada\r\n")
        peer.close()
        self.reactor.turn(0.4)
        self.reactor.turn(0)
        self.assertEqual([(name, told[:2]) for name, told in self.port.told()], [("irc", ["opened", b"NICK ada"])])

    def test_behind_a_proxy(self) -> None:
        """The same when the connection was made by a proxy, whose header has come."""
        address: Any = IPv4Address("TCP", "192.0.2.3", 3)
        peer = self.connect(HAProxyWrappingFactory(self.port.factory).buildProtocol(address))
        peer.send(PROXY)
        self.reactor.turn()
        peer.send(b"NICK ada\r\n")
        self.reactor.turn(0.4)
        self.assertEqual(self.port.told(), [("irc", ["opened", b"NICK ada"])])

    def test_inside_tls(self) -> None:
        """The same in TLS: what waits is encrypted yet."""
        protocol = self.port.factory.buildProtocol(None)
        tls = TLSConnection(server_side(), protocol, self.reactor)
        peer = self.connect(tls)
        client = Peer()
        hello = client.shake_hands()
        while hello:
            peer.send(hello)
            self.reactor.turn()
            hello = client.shake_hands(heard(peer))
        peer.send(client.say(b"NICK ada\r\n"))
        self.reactor.turn(0.4)
        self.assertEqual(self.port.told(), [("irc", ["opened", b"NICK ada"])])


class TimeLimits(SynchronousTestCase):
    """Other time that is over."""

    def setUp(self) -> None:
        """A connection that has five seconds to log in, five to be idle, and five to answer."""
        self.reactor = HandReactor()
        limits = LinkLimits(login_seconds=5.0, idle_seconds=5.0, answer_seconds=5.0)
        self.port = OnePort(limits, patience=None, clock=self.reactor)

    def connect(self, protocol: Any) -> Wire:
        """Its socket."""
        wire = Wire(self.reactor, protocol)
        self.addCleanup(wire.close)
        protocol.makeConnection(wire.transport)
        return wire

    def check(self, seconds: float) -> None:
        """So much later all are looked at."""
        self.reactor.advance(seconds)
        self.port.connections._check_all()
        self.reactor.advance(0)

    def late(self) -> int:
        """How many were told that they are."""
        return sum(told.count(Ending.LATE) for _, told in self.port.told())

    def test_log_in(self) -> None:
        """Who has said something that was not read yet is read first, once; that alone does not make it be in time."""
        for ended, factory in enumerate((self.port.plain.factory, self.port.sniff)):
            protocol = factory.buildProtocol(None)
            wire = self.connect(protocol)
            wire.peer.send(b"N")
            self.check(5.1)
            self.assertEqual(self.late(), ended)
            wire.transport.doRead()
            wire.peer.send(b"I")
            self.check(1)
            self.assertEqual(self.late(), ended + 1)
            wire.transport.connectionLost(Failure(ConnectionDone()))

    def test_nothing_said(self) -> None:
        """Who has said nothing is not waited for."""
        for ended, factory in enumerate((self.port.plain.factory, self.port.sniff)):
            wire = self.connect(factory.buildProtocol(None))
            self.check(5.1)
            self.assertEqual(self.late(), ended + 1)
            wire.transport.connectionLost(Failure(ConnectionDone()))

    def test_sign_of_life(self) -> None:
        """One that came and was not read yet is one."""
        link = self.port.plain.factory.buildProtocol(None)
        wire = self.connect(link)
        link.settle()
        self.check(5.1)
        wire.peer.send(b"here\n")
        self.check(5.1)
        wire.transport.doRead()
        self.check(1)
        self.assertEqual(self.port.plain.conversations[0].told, ["opened", "probe", b"here"])


class Unread(SynchronousTestCase):
    """What is asked of the system."""

    def setUp(self) -> None:
        """A pair of sockets."""
        self.ours, self.peer = socket.socketpair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.peer.close)

    def test_what_waits(self) -> None:
        """It waits until all of it is read, whatever layers are above; and so does an end."""
        layered = SimpleNamespace(transport=SimpleNamespace(transport=self.ours))
        for transport in (self.ours, layered):
            self.assertFalse(unread(transport))
            self.peer.send(b"hi")
            for _ in range(2):
                self.assertTrue(unread(transport))
                self.ours.recv(1)
            self.assertFalse(unread(transport))
        self.peer.close()
        self.assertTrue(unread(layered))

    def test_nothing_to_ask(self) -> None:
        """Where there is no socket, or none any more, nothing waits."""
        self.ours.close()
        self.assertFalse(unread(self.ours))
        self.assertFalse(unread(MemoryTransport(Clock(), "192.0.2.1")))
