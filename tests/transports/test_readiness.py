"""Connections that are read by an epoll of our own: on real sockets, with a reactor that the test turns by hand."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol, IReadDescriptor
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from chatproto.events import Ending
from chatproto.transports import readiness
from chatproto.transports.intake import Overflow
from chatproto.transports.readiness import MOST, Accepted, Readiness
from chatproto.transports.turn import READING_SECONDS, Turn
from tests.transports import HandReactor


class Broken(Exception):
    """A bug."""


def nothing() -> None:
    """Do nothing."""


class Told(Protocol):
    """Remembers what it was told, and then does what a test wants."""

    def __init__(self, then: Callable[[], object] = nothing) -> None:
        self.told: list[object] = []
        self.then = then

    def dataReceived(self, data: bytes) -> None:
        """There was something to read."""
        self.told.append(data)
        self.then()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is over."""
        self.told.append(reason.type)
        self.then()


@implementer(IHalfCloseableProtocol)
class ToldOfHalf(Told):
    """The same, for half an end."""

    def readConnectionLost(self) -> None:
        """The peer has sent all it wanted to."""
        self.told.append("half")
        self.then()

    def writeConnectionLost(self) -> None:
        """Our half is closed."""
        self.told.append("our half")


class ByHand(SynchronousTestCase):
    """What these tests share."""

    def setUp(self) -> None:
        """A readiness and no connection."""
        if not hasattr(select, "epoll"):
            raise SkipTest("this system has no epoll")
        self.reactor = HandReactor()
        self.turns = Turn(self.reactor)
        self.readiness = Readiness(self.reactor, self.turns)

    def connect(self, protocol: Protocol | None = None) -> tuple[Accepted, Any, socket.socket]:
        """A connection, its protocol, and its peer."""
        ours, peer = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(peer.close)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        peer.setblocking(False)
        protocol = protocol or Told()
        server = SimpleNamespace(_realPortNumber=0)
        connection = self.readiness.accept(ours, protocol, ("192.0.2.1", 5), server, 0, self.reactor)
        protocol.makeConnection(connection)
        return connection, protocol, peer

    def turn(self) -> None:
        """One turn of the reactor: what was due when it began, and then what can be read."""
        due, self.reactor.calls = self.reactor.calls, []
        for call in due:
            call.called = 1
            call.func(*call.args, **call.kw)
        if self.readiness in self.reactor.readers and select.select([self.readiness], [], [], 0)[0]:
            self.readiness.doRead()

    def fill(self, connection: Accepted) -> None:
        """Write until the system takes no more."""
        connection.write(b"x" * 1_000_000)
        connection.doWrite()
        self.assertIn(connection, self.reactor.writers)

    def drain(self, connection: Accepted, peer: socket.socket) -> None:
        """Have the peer read until everything is written."""
        while connection in self.reactor.writers:
            self.assertTrue(peer.recv(1_000_000))
            connection.doWrite()

    def assert_nothing_left(self) -> None:
        """Nobody is waited for, and the system has everything back."""
        self.assertEqual((self.reactor.readers, self.reactor.writers), (set(), set()))
        self.assertEqual(self.readiness.fileno(), -1)


class Reading(ByHand):
    """What comes in."""

    def test_read(self) -> None:
        """What the peers send is handed on, once, to those whom it is for."""
        (_, ada, one), (_, bob, other), (_, eve, _) = [self.connect() for _ in range(3)]
        one.send(b"hello")
        other.send(b"hi")
        self.turn()
        self.turn()
        self.assertEqual((ada.told, bob.told, eve.told), ([b"hello"], [b"hi"], []))

    def test_readiness_was_false(self) -> None:
        """Nothing happens where there is nothing to read."""
        connection, ada, _ = self.connect()
        connection.read()
        self.readiness.doRead()
        self.assertEqual(ada.told, [])

    def test_in_pieces(self) -> None:
        """So much is read of one connection in a turn and no more; the rest is still there in the next."""
        for size, pieces in ((MOST - 1, [MOST - 1]), (MOST, [MOST]), (MOST + 1, [MOST, 1])):
            connection, ada, peer = self.connect()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MOST)
            self.assertEqual(peer.send(b"x" * size), size)
            self.turn()
            self.assertEqual([len(data) for data in ada.told], pieces[:1])
            self.turn()
            self.assertEqual([len(data) for data in ada.told], pieces)
            connection.stopReading()

    def test_told_of_at_once(self) -> None:
        """The system tells of so many at once, and of the others in the next turn."""
        self.patch(readiness, "AT_ONCE", 3)
        for count in (2, 3, 4):
            connections = [self.connect() for _ in range(count)]
            for _, _, peer in connections:
                peer.send(b"hello")
            self.turn()
            self.assertEqual(sum(len(ada.told) for _, ada, _ in connections), min(count, 3))
            self.turn()
            self.assertEqual([ada.told for _, ada, _ in connections], [[b"hello"]] * count)
            for connection, _, _ in connections:
                connection.stopReading()

    def test_as_the_reactor_sees_it(self) -> None:
        """One descriptor that can be read, as long as there is a connection to be read."""
        self.assert_nothing_left()
        verifyObject(IReadDescriptor, self.readiness)
        self.assertEqual(self.readiness.logPrefix(), "chat")
        connections = [self.connect()[0] for _ in range(3)]
        self.assertEqual(self.reactor.readers, {self.readiness})
        for connection in connections:
            self.assertNotEqual(self.readiness.fileno(), -1)
            connection.stopReading()
        self.assert_nothing_left()
        self.readiness.doRead()  # A reactor may have been told of it before that.

    def test_twice(self) -> None:
        """To start or to stop reading twice is to do it once."""
        connection, ada, peer = self.connect()
        connection.startReading()
        peer.send(b"hello")
        self.turn()
        self.assertEqual(ada.told, [b"hello"])
        for _ in range(2):
            connection.stopReading()
            self.assert_nothing_left()
        connection.startReading()
        self.assertEqual(self.reactor.readers, {self.readiness})

    def test_pause(self) -> None:
        """What is paused is not read until it is resumed, and is not waited for; others are."""
        (connection, ada, one), (_, bob, other) = self.connect(), self.connect()
        connection.pauseProducing()
        one.send(b"hello")
        other.send(b"hi")
        self.turn()
        self.assertEqual((ada.told, bob.told), ([], [b"hi"]))
        self.assertEqual(select.select([self.readiness], [], [], 0)[0], [])
        connection.resumeProducing()
        self.turn()
        self.assertEqual(ada.told, [b"hello"])

    def test_pause_in_the_turn(self) -> None:
        """One that another has paused in the same turn is not read; one that pauses and resumes itself goes on."""
        (first, ada, one), (second, bob, other) = self.connect(), self.connect()
        ada.then, bob.then = second.pauseProducing, first.pauseProducing
        one.send(b"hello")
        other.send(b"hi")
        self.turn()
        self.assertEqual(len(ada.told + bob.told), 1)
        ada.then = bob.then = nothing
        first.resumeProducing()
        second.resumeProducing()
        self.turn()
        self.assertEqual((ada.told, bob.told), ([b"hello"], [b"hi"]))
        second.pauseProducing()

        def again() -> None:
            first.pauseProducing()
            self.assert_nothing_left()
            first.resumeProducing()

        ada.then = again
        for _ in range(2):
            one.send(b"more")
            self.turn()
        self.assertEqual(ada.told, [b"hello", b"more", b"more"])

    def test_descriptor_that_is_used_again(self) -> None:
        """A number that another connection has since the system told of it says nothing about that one."""
        (first, ada, one), (second, bob, other) = self.connect(), self.connect()
        born = []

        def replace(old: Accepted, protocol: Told) -> None:
            protocol.then = nothing
            number = old.fileno()
            old.connectionLost(Failure(CONNECTION_DONE))
            born.append(self.connect())
            self.assertEqual(born[0][0].fileno(), number)

        ada.then, bob.then = lambda: replace(second, bob), lambda: replace(first, ada)
        one.send(b"hello")
        other.send(b"hello")
        self.turn()
        self.assertIn((ada.told, bob.told), (([b"hello"], [ConnectionDone]), ([ConnectionDone], [b"hello"])))
        _, eve, peer = born[0]
        self.assertEqual(eve.told, [])
        peer.send(b"I am eve")
        self.turn()
        self.assertEqual(eve.told, [b"I am eve"])

    def test_no_room(self) -> None:
        """Where the system cannot watch another one, that is an error, and nothing is left of it."""
        with TemporaryFile() as file:  # Which no epoll takes.
            unwatched: Any = file
            for others in range(2):
                with self.assertRaises(OSError):
                    self.readiness.add(unwatched)
                self.readiness.remove(unwatched)
                self.assertEqual(len(self.reactor.readers), others)
                self.connect()


class Turns(ByHand):
    """What one turn has time for."""

    def setUp(self) -> None:
        """Five connections; to take a line of the two first takes longer than a turn may be."""
        super().setUp()
        self.order: list[int] = []
        self.peers = []
        for number in range(5):
            _, ada, peer = self.connect()
            ada.then = lambda number=number: self.take(number)
            self.peers.append(peer)
        self.took = READING_SECONDS * 0.6

    def take(self, number: int) -> None:
        """Take a line. Its peer has another one, at once."""
        self.order.append(number)
        self.reactor.rightNow += self.took
        self.peers[number].send(b"more")

    def test_rest_is_read_in_the_next(self) -> None:
        """Once the time of a turn is used up, nobody is read until the next; who comes then is who came after."""
        for peer in self.peers:
            peer.send(b"hello")
        for turn, count in enumerate((2, 4, 5), start=1):
            self.turn()
            self.assertEqual(self.order, list(range(count)), f"turn {turn}")

    def test_nobody_starves(self) -> None:
        """Nobody has a second turn before all others had theirs, however much those in front of them have to say."""
        for peer in self.peers:
            peer.send(b"hello")
        while len(self.order) < 500:
            self.turn()
        for number in range(5):
            self.assertEqual(self.order.count(number), 100)
        self.took = 0
        self.turn()
        self.assertLessEqual(len(self.order), 505)  # Once for each, though there was time for more.

    def test_time_of_its_own(self) -> None:
        """However long it took to take the lines that waited, somebody is read in each turn."""

        def take() -> None:
            self.reactor.rightNow += 2 * READING_SECONDS
            self.turns.take_later(take)

        self.turns.take_later(take)
        self.peers[0].send(b"hello")
        for turn in range(1, 4):
            self.turn()
            self.assertEqual(len(self.order), turn)

    def test_bound(self) -> None:
        """The time is used up when more than that has passed."""
        for took, count in ((READING_SECONDS * 0.999, 2), (READING_SECONDS, 2), (READING_SECONDS * 1.001, 1)):
            self.setUp()
            self.took = took
            self.peers[0].send(b"hello")
            self.peers[1].send(b"hello")
            self.turn()
            self.assertEqual(len(self.order), count, took)


class Ends(ByHand):
    """How a connection ends."""

    def test_half(self) -> None:
        """A peer that closes its sending side is read no more, what it sent before is; it can be written to yet."""
        connection, ada, peer = self.connect(ToldOfHalf())
        peer.send(b"good night")
        peer.shutdown(socket.SHUT_WR)
        for _ in range(3):
            self.turn()
        self.assertEqual(ada.told, [b"good night", "half"])
        self.assert_nothing_left()
        self.fill(connection)
        self.assertEqual(self.reactor.readers, set())
        self.drain(connection, peer)
        self.assert_nothing_left()
        connection.loseConnection()
        self.assertEqual(connection.doWrite(), CONNECTION_DONE)

    def test_whole(self) -> None:
        """For a protocol that knows no half it is the end, as it is where the peer closes."""
        for end in (lambda peer: peer.shutdown(socket.SHUT_WR), socket.socket.close):
            _, ada, peer = self.connect()
            peer.send(b"good night")
            end(peer)
            for _ in range(2):
                self.turn()
            self.assertEqual(ada.told, [b"good night", ConnectionDone])
            self.assert_nothing_left()

    def test_reset(self) -> None:
        """A connection that the peer has broken is lost, and not ended properly."""
        for protocol in (Told(), ToldOfHalf()):
            connection, ada, peer = self.connect(protocol)
            connection.socket.send(b"unread")
            peer.close()
            self.turn()
            self.assertEqual(ada.told, [ConnectionLost])
            self.assert_nothing_left()

    def test_end_while_paused(self) -> None:
        """The end of one that is paused keeps nobody busy. It is told after what was sent before, once that is
        read."""
        connection, ada, peer = self.connect()
        connection.pauseProducing()
        peer.send(b"good night")
        peer.close()
        self.turn()
        self.assertEqual(ada.told, [])
        self.assert_nothing_left()
        connection.resumeProducing()
        self.turn()
        self.turn()
        self.assertEqual(ada.told, [b"good night", ConnectionDone])

    def test_both_halves(self) -> None:
        """Ours closed first, the peer's is the end of it."""
        connection, ada, peer = self.connect(ToldOfHalf())
        connection.loseWriteConnection()
        self.assertIsNone(connection.doWrite())
        self.assertEqual(peer.recv(1), b"")
        peer.send(b"good night")
        self.turn()
        peer.close()
        self.turn()
        self.assertEqual(ada.told, ["our half", b"good night", "half"])
        connection.loseConnection()
        self.assertEqual(ada.told[3:], [ConnectionDone])
        self.assert_nothing_left()

    def test_lose(self) -> None:
        """What is written is sent before the end; nothing more is read."""
        connection, ada, peer = self.connect()
        connection.write(b"good night")
        connection.loseConnection()
        connection.resumeProducing()
        peer.send(b"too late")
        self.assertEqual(self.reactor.readers, set())
        self.assertEqual(connection.doWrite(), CONNECTION_DONE)
        connection.connectionLost(Failure(CONNECTION_DONE))
        self.assertEqual(ada.told, [ConnectionDone])
        self.assert_nothing_left()
        self.assertEqual(peer.recv(100), b"good night")

    def test_abort(self) -> None:
        """What is aborted is neither read nor written to any more, even if it is resumed."""
        for busy in (False, True):
            connection, ada, peer = self.connect()
            if busy:
                self.fill(connection)
            peer.send(b"too late")
            connection.abortConnection()
            connection.resumeProducing()
            self.assert_nothing_left()
            self.turn()
            self.assertEqual(ada.told, [ConnectionAborted])
            connection.resumeProducing()
            connection.stopReading()
            self.assert_nothing_left()

    def test_reactor_stops(self) -> None:
        """The connections of which it does not know end as those do of which it does; a bug in one does not matter."""
        connections = [self.connect() for _ in range(3)]
        connections[0][1].then = fail
        self.readiness.connectionLost(Failure(CONNECTION_LOST))
        self.assertEqual([ada.told for _, ada, _ in connections], [[ConnectionLost]] * 3)
        self.assert_nothing_left()
        self.assertEqual(len(self.flushLoggedErrors(Broken)), 1)


def fail() -> None:
    """Be a bug."""
    raise Broken


class Bugs(ByHand):
    """What no protocol answered for."""

    def test_only_that_connection_ends(self) -> None:
        """A bug is logged once and ends that connection; the others are served in the same turn."""
        (_, ada, one), (_, bob, other) = self.connect(Told(fail)), self.connect()
        one.send(b"hello")
        other.send(b"hi")
        self.turn()
        self.assertEqual(bob.told, [b"hi"])
        ada.then = nothing
        one.send(b"more")
        self.turn()
        self.assertEqual(ada.told, [b"hello", ConnectionAborted])
        self.assertEqual(len(self.flushLoggedErrors(Broken)), 1)
        self.assertEqual(self.reactor.readers, {self.readiness})

    def test_at_the_end(self) -> None:
        """The same where the protocol is told of an end."""
        for protocol in (Told(fail), ToldOfHalf(fail)):
            _, ada, one = self.connect(protocol)
            _, bob, other = self.connect()
            one.close()
            other.send(b"hi")
            self.turn()
            self.assertEqual(bob.told, [b"hi"])
            self.turn()
            self.assertEqual(ada.told[0], "half" if isinstance(ada, ToldOfHalf) else ConnectionDone)
            self.assertEqual(self.reactor.readers, {self.readiness})
            self.assertTrue(self.flushLoggedErrors(Broken))

    def test_overflow(self) -> None:
        """A fault of the peer's that nobody answered for ends its connection, without a word in the log."""

        def overflow() -> None:
            ada.then = nothing
            raise Overflow(Ending.FLOOD)

        _, ada, peer = self.connect(Told(overflow))
        peer.send(b"hello")
        self.turn()
        self.turn()
        self.assertEqual(ada.told, [b"hello", ConnectionAborted])
        self.assert_nothing_left()


class Writing(ByHand):
    """One that waits to write is with the reactor."""

    def test_for_that_time(self) -> None:
        """The reactor reads it, too, so that it serves both in one turn; afterwards it is where it was."""
        connection, ada, peer = self.connect()
        for _ in range(2):
            self.fill(connection)
            self.assertEqual((self.reactor.readers, self.reactor.writers), ({connection}, {connection}))
            peer.send(b"hello")
            connection.doRead()
            self.drain(connection, peer)
            self.assertEqual((self.reactor.readers, self.reactor.writers), ({self.readiness}, set()))
            peer.send(b"again")
            self.turn()
        self.assertEqual(ada.told, [b"hello", b"again"] * 2)

    def test_paused_meanwhile(self) -> None:
        """To pause and to resume it meanwhile is as ever."""
        connection, _, peer = self.connect()
        for resumed in (False, True):
            self.fill(connection)
            for _ in range(2):
                connection.pauseProducing()
                self.assertEqual(self.reactor.readers, set())
            if resumed:
                connection.resumeProducing()
                self.assertEqual(self.reactor.readers, {connection})
            self.drain(connection, peer)
            self.assertEqual(self.reactor.readers, {self.readiness} if resumed else set())
            connection.resumeProducing()
            self.assertEqual(self.reactor.readers, {self.readiness})

    def test_paused_before(self) -> None:
        """One that is paused before is not read because it waits to write."""
        connection, _, peer = self.connect()
        connection.pauseProducing()
        self.fill(connection)
        self.assertEqual(self.reactor.readers, set())
        connection.resumeProducing()
        self.assertEqual(self.reactor.readers, {connection})
        self.drain(connection, peer)
        self.assertEqual(self.reactor.readers, {self.readiness})

    def test_half_closed_meanwhile(self) -> None:
        """A peer that closes its sending side meanwhile is not read again once everything is written."""
        connection, ada, peer = self.connect(ToldOfHalf())
        self.fill(connection)
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.doRead(), CONNECTION_DONE)
        self.reactor.removeReader(connection)
        connection.readConnectionLost(Failure(CONNECTION_DONE))
        self.drain(connection, peer)
        self.turn()
        self.assertEqual(ada.told, ["half"])
        self.assert_nothing_left()

    def test_lost_meanwhile(self) -> None:
        """Nothing of one that is lost meanwhile is left."""
        connection, ada, _ = self.connect()
        self.fill(connection)
        connection.connectionLost(Failure(CONNECTION_LOST))
        self.assertEqual(ada.told, [ConnectionLost])
        self.assert_nothing_left()
