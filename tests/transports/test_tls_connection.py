"""TLS connections of the server's own: in memory, and written directly to a socket. See test_tls for the real thing."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL
from twisted.internet import tcp, unix
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol, IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides, implementer
from zope.interface.verify import verifyObject

from chatproto.testing import MemoryTransport
from chatproto.transports.outbox import Outbox
from chatproto.transports.outlet import Outlet
from chatproto.transports.peer import peer_of
from chatproto.transports.readiness import Accepted
from chatproto.transports.records import DirectRecords, Records
from chatproto.transports.tls_connection import MOST_EARLY, MOST_UNREAD, TLSConnection
from tests.transports import HandReactor, Site, Wire
from tests.transports.tls_peer import VERSIONS, Peer, broken, in_pieces, server_side

DONE = Failure(ConnectionDone())
KINDS = (Records, DirectRecords)


@implementer(IHandshakeListener)
class Inner(Protocol):
    """Whoever speaks on it: notes what it is told."""

    transport: Any

    def __init__(self) -> None:
        self.told: list[object] = []
        self.heard = bytearray()

    def handshakeCompleted(self) -> None:
        """Note it."""
        self.told.append("ready")

    def dataReceived(self, data: bytes) -> None:
        """Note it."""
        self.heard += data

    def readConnectionLost(self) -> None:
        """Note it: for those who are `half_closing`."""
        self.told.append("read all")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note it."""
        self.told.append(reason.type)


class Producer:
    """Whoever writes: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        """Note it."""
        self.told.append("pause")

    def resumeProducing(self) -> None:
        """Note it."""
        self.told.append("resume")

    def stopProducing(self) -> None:
        """Note it."""
        self.told.append("stop")


class Memory(MemoryTransport):
    """A network that knows whether it is read from, and aborts as TCP does."""

    def abortConnection(self) -> None:
        """Note it, too."""
        self.aborted = True
        super().abortConnection()

    aborted = False


class Line:
    """A peer, the server's side, and what is between them. Nothing is on its way but what a test carries."""

    def __init__(self, kind: type[Records] = DirectRecords, version: int | None = None, inner: Any = None) -> None:
        self.clock = Clock()
        self.inner: Any = inner or Inner()
        self.records = server_side(kind)
        self.tls = TLSConnection(self.records, self.inner, self.clock)
        self.net: Any = Memory(self.clock, "192.0.2.1")
        self.net.connect(self.tls)
        self.peer = Peer(version)

    def shake_hands(self) -> Line:
        """Carry to and fro what that takes."""
        received = b""
        while not self.tls._shaken:
            self.tls.dataReceived(self.peer.shake_hands(received))
            received = self.sent()
        self.peer.take(received)
        return self

    def sent(self) -> bytes:
        """What is on its way to the peer."""
        sent: bytes = self.net.value()
        self.net.clear()
        return sent

    def say(self, data: bytes) -> None:
        """The peer says something, and it arrives."""
        self.tls.dataReceived(self.peer.say(data))

    def hear(self) -> bytes:
        """What the peer hears."""
        self.peer.take(self.sent())
        heard = bytes(self.peer.heard)
        self.peer.heard.clear()
        return heard

    def produce(self) -> Producer:
        """Someone who writes."""
        producer: Any = Producer()
        self.tls.registerProducer(producer, True)
        return cast("Producer", producer)


def half_closing() -> Inner:
    """One that knows half-closed connections."""
    inner = Inner()
    directlyProvides(inner, IHalfCloseableProtocol)
    return inner


class Speaking(SynchronousTestCase):
    """What is said."""

    def test_it_is_a_transport(self) -> None:
        """It has what TLS transports have, and the answers of the transport below; nobody has shown a certificate. What
        only TCP has does nothing elsewhere."""
        line = Line().shake_hands()
        verifyObject(ISSLTransport, line.tls)
        self.assertEqual(line.tls.getPeer(), line.net.getPeer())
        self.assertEqual(line.tls.getHost(), line.net.getHost())
        self.assertTrue(peer_of(line.tls).secure)
        self.assertIsNone(line.tls.getPeerCertificate())
        line.tls.setTcpNoDelay(True)
        line.tls.setTcpKeepAlive(True)
        self.assertEqual((line.tls.getTcpNoDelay(), line.tls.getTcpKeepAlive()), (False, False))
        line.tls.abortConnection()
        self.assertIsNone(line.tls.getPeerCertificate())

    def test_options_of_tcp(self) -> None:
        """They are handed on where there are any."""
        line = Line()
        below: Any = line.net
        options: list[bool] = []
        below.setTcpNoDelay = below.setTcpKeepAlive = options.append
        below.getTcpNoDelay = below.getTcpKeepAlive = lambda: 1
        line.tls.setTcpNoDelay(True)
        line.tls.setTcpKeepAlive(False)
        self.assertEqual(options, [True, False])
        self.assertIs(line.tls.getTcpNoDelay(), True)
        self.assertIs(line.tls.getTcpKeepAlive(), True)

    def test_to_and_fro(self) -> None:
        """Once hands are shaken, of which one is told once, everything arrives; in either version of TLS."""
        for kind in KINDS:
            for version in VERSIONS:
                line = Line(kind, version)
                self.assertEqual(line.inner.told, [])
                line.shake_hands()
                line.say(b"hello")
                line.say(b" world")
                line.tls.write(b"one, ")
                line.tls.write(b"")
                line.tls.writeSequence([b"two, ", b"three"])
                self.assertEqual((bytes(line.inner.heard), line.hear()), (b"hello world", b"one, two, three"))
                self.assertEqual(line.inner.told, ["ready"])

    @settings(deadline=None, max_examples=50)
    @given(
        said=st.lists(st.binary(min_size=1, max_size=40_000), min_size=1, max_size=4),
        sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=8),
        version=st.sampled_from(VERSIONS),
        kind=st.sampled_from(KINDS),
    )
    def test_any_chunking(self, said: list[bytes], sizes: list[int], version: int, kind: type[Records]) -> None:
        """From the first byte to the last, wherever what the peer sends is cut, everything arrives in order."""
        line = Line(kind, version, half_closing())
        received = b""
        while not line.tls._shaken:
            for piece in in_pieces(line.peer.shake_hands(received), sizes):
                line.tls.dataReceived(piece)
            received = line.sent()
        line.peer.take(received)
        for each in said:
            for piece in in_pieces(line.peer.say(each), sizes):
                line.tls.dataReceived(piece)
            line.tls.write(each)
        for piece in in_pieces(line.peer.end(), sizes):
            line.tls.dataReceived(piece)
        line.tls.loseConnection()
        self.assertEqual(line.inner.heard, b"".join(said))
        self.assertEqual(line.hear(), b"".join(said))
        self.assertTrue(line.peer.ended)
        self.assertEqual(line.inner.told, ["ready", "read all"])

    def test_right_behind_the_handshake(self) -> None:
        """What comes with the last bytes of a handshake is heard after one was told of it."""
        line = Line(version=SSL.TLS1_3_VERSION)
        line.inner.dataReceived = line.inner.told.append
        line.tls.dataReceived(line.peer.shake_hands())
        line.tls.dataReceived(line.peer.shake_hands(line.sent()) + line.peer.say(b"at once"))
        self.assertEqual(line.inner.told, ["ready", b"at once"])

    def test_writing_before_the_handshake(self) -> None:
        """What is written early waits for the handshake. With more than the bound whoever writes is paused, at n-1, n
        and n+1, and goes on after it."""
        for length, told in ((MOST_EARLY - 1, []), (MOST_EARLY, []), (MOST_EARLY + 1, ["pause", "resume"])):
            line = Line()
            producer = line.produce()
            line.tls.write(b"x" * (length - 1))
            line.tls.write(b"y")
            self.assertEqual(line.sent(), b"")
            self.assertEqual(producer.told, told[:1])
            line.shake_hands()
            line.hear()
            self.assertEqual(producer.told, told)
            line.tls.write(b"later")
            self.assertEqual(line.hear(), b"later")

    def test_early_words_are_heard(self) -> None:
        """First of all."""
        line = Line()
        line.tls.write(b"early, ")
        line.tls.write(b"soon")
        received = b""
        while not line.tls._shaken:
            line.tls.dataReceived(line.peer.shake_hands(received))
            received = line.sent()
        line.peer.take(received)
        self.assertEqual(line.peer.heard, b"early, soon")


class Ending(SynchronousTestCase):
    """How it ends."""

    def lost(self, line: Line, why: Failure = DONE) -> object:
        """The connection below is lost; what `inner` is told last."""
        line.net.open = False
        line.tls.connectionLost(why)
        return line.inner.told[-1]

    def test_peer_that_ends_tls(self) -> None:
        """Who knows half-closed connections is told, and can say its last words; then the connection is closed."""
        line = Line(inner=half_closing()).shake_hands()
        self.assertIsNone(IHalfCloseableProtocol(line.tls, None))
        line.tls.dataReceived(line.peer.say(b"bye") + line.peer.end())
        self.assertEqual((bytes(line.inner.heard), line.inner.told), (b"bye", ["ready", "read all"]))
        half_closed: Any = IHalfCloseableProtocol(line.tls, None)
        half_closed.readConnectionLost()
        self.assertFalse(line.net.disconnecting)
        line.tls.dataReceived(b"rubbish")
        line.tls.write(b"good-bye")
        line.tls.loseConnection()
        self.assertEqual((line.hear(), line.peer.ended), (b"good-bye", True))
        self.assertTrue(line.net.disconnecting)
        self.assertIsNone(IHalfCloseableProtocol(line.tls, None))
        line.clock.advance(0)
        self.assertEqual(line.inner.told, ["ready", "read all", ConnectionDone])

    def test_peer_that_ends_tls_and_goes(self) -> None:
        """Nothing was cut off: it was a proper end, even if we had no time for our own."""
        line = Line(inner=half_closing()).shake_hands()
        line.tls.dataReceived(line.peer.end())
        self.assertIs(self.lost(line), ConnectionDone)

    def test_for_those_who_know_nothing_of_that(self) -> None:
        """The connection of others is closed when the peer ends it."""
        line = Line().shake_hands()
        line.tls.dataReceived(line.peer.end())
        line.peer.take(line.sent())
        self.assertTrue(line.peer.ended)
        line.clock.advance(0)
        self.assertEqual(line.inner.told, ["ready", ConnectionDone])

    def test_peer_that_goes_without_a_word(self) -> None:
        """Before, in and after the handshake, and in the middle of a record: it is lost, and what was whole is heard.
        A reason that the transport below has is handed on."""
        line = Line()
        self.assertIs(self.lost(line), ConnectionLost)
        line = Line()
        line.tls.dataReceived(line.peer.shake_hands()[:50])
        self.assertIs(self.lost(line), ConnectionLost)
        line = Line(inner=half_closing()).shake_hands()
        line.tls.dataReceived(line.peer.say(b"hello") + line.peer.say(b"world")[:-1])
        self.assertIs(self.lost(line), ConnectionLost)
        self.assertEqual(line.inner.heard, b"hello")
        self.assertEqual(line.inner.told, ["ready", ConnectionLost])
        line = Line().shake_hands()
        self.assertIs(self.lost(line, Failure(ConnectionAborted())), ConnectionAborted)

    def test_closing(self) -> None:
        """The peer hears what was said and then the end. Nothing is sent after it, nothing heard; a peer that goes then
        without a word has not cut off anything."""
        line = Line().shake_hands()
        line.tls.write(b"bye")
        line.tls.loseConnection()
        line.tls.write(b"never")
        line.tls.loseConnection()
        self.assertEqual((line.hear(), line.peer.ended), (b"bye", True))
        line.say(b"never")
        self.assertEqual(line.inner.heard, b"")
        self.assertIs(self.lost(line), ConnectionDone)

    def test_other_words_for_it(self) -> None:
        """Half a connection is not offered; and who wants to read no more, wants nothing more."""
        for name in ("loseWriteConnection", "stopProducing"):
            line = Line().shake_hands()
            getattr(line.tls, name)()
            line.hear()
            self.assertTrue(line.peer.ended)

    def test_closing_with_a_producer(self) -> None:
        """The end waits until there is none, and what it writes meanwhile is sent."""
        line = Line().shake_hands()
        line.produce()
        line.tls.loseConnection()
        line.tls.write(b"yet")
        self.assertEqual((line.hear(), line.peer.ended), (b"yet", False))
        line.tls.unregisterProducer()
        self.assertEqual((line.hear(), line.peer.ended), (b"", True))
        line.tls.unregisterProducer()

    def test_closing_before_the_handshake(self) -> None:
        """There is nothing that could be said: it is over at once."""
        line = Line()
        line.tls.write(b"early")
        line.tls.dataReceived(line.peer.shake_hands())
        line.tls.loseConnection()
        self.assertTrue(line.net.aborted)
        line.clock.advance(0)
        self.assertEqual(line.inner.told, [ConnectionAborted])

    def test_aborting(self) -> None:
        """Nothing more is heard, not even what has been received already; and nothing more is said."""
        line = Line().shake_hands()

        def received(data: bytes) -> None:
            line.inner.heard += data
            line.tls.abortConnection()

        line.inner.dataReceived = received
        line.tls.dataReceived(line.peer.say(b"one") + line.peer.say(b"two") + line.peer.end())
        line.tls.write(b"never")
        self.assertEqual(line.sent(), b"")
        line.clock.advance(0)
        self.assertEqual((bytes(line.inner.heard), line.inner.told), (b"one", ["ready", ConnectionAborted]))

    def test_rubbish(self) -> None:
        """In the place of a handshake, and after it: what was right is heard, the peer is told by an alert, and it is
        told in the log to those alone who want to know everything."""
        events: list[LogEvent] = []
        observer = cast("ILogObserver", events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        for kind in KINDS:
            line = Line(kind)
            line.tls.dataReceived(b"\x16\x03\x01\x00\x05hello")
            self.assertEqual(line.sent()[:1], b"\x15")
            line.clock.advance(0)
            self.assertEqual(line.inner.told, [ConnectionLost])
            line = Line(kind).shake_hands()
            line.tls.dataReceived(line.peer.say(b"right") + broken(line.peer.say(b"wrong")))
            self.assertEqual(line.inner.heard, b"right")
            self.assertRaises(SSL.Error, line.hear)
            line.tls.write(b"never")
            line.clock.advance(0)
            self.assertEqual(line.inner.told, ["ready", ConnectionLost])
        self.assertEqual({event["log_level"] for event in events}, {LogLevel.debug})
        self.assertIn("bad record mac", str(events[-1]["why"]))

    def test_rubbish_from_one_who_does_not_read(self) -> None:
        """That one is not waited for."""
        line = Line().shake_hands()
        line.net.producer.pauseProducing()
        line.say(b"right")
        line.tls.dataReceived(broken(line.peer.say(b"wrong")))
        self.assertTrue(line.net.aborted)

    def test_broken_when_writing(self) -> None:
        """It is over, and whoever writes is told nothing but that."""
        line = Line().shake_hands()
        producer = line.produce()
        line.records.connection.shutdown()  # Behind its back: OpenSSL encrypts nothing after that.
        line.tls.write(b"hello")
        self.assertTrue(line.net.disconnecting)
        self.assertEqual(producer.told, [])
        line.clock.advance(0)
        self.assertEqual((producer.told, line.inner.told), (["stop"], ["ready", ConnectionLost]))

    def answering(self, *lengths: int) -> Line:
        """A line on which OpenSSL has so much to say for itself, one after the other, whenever something arrives."""
        line = Line().shake_hands()
        line.tls._records = Answering(line.records.connection, [b"x" * length for length in lengths])
        return line

    def test_asking_without_reading(self) -> None:
        """OpenSSL's answers to one who does not read are bounded, at n-1, n and n+1."""
        for length, over in ((MOST_UNREAD - 1, False), (MOST_UNREAD, False), (MOST_UNREAD + 1, True)):
            line = self.answering(length - 10, 10, 0)
            line.net.producer.pauseProducing()
            line.tls.dataReceived(b"")
            self.assertFalse(line.net.aborted)
            line.tls.dataReceived(b"")
            self.assertEqual(line.net.aborted, over)

    def test_asking_and_reading(self) -> None:
        """Who reads may ask for ever: what was read is not counted any more."""
        line = self.answering(MOST_UNREAD, 1, MOST_UNREAD, MOST_UNREAD + 1)
        line.net.producer.pauseProducing()
        line.tls.dataReceived(b"")
        line.net.producer.resumeProducing()
        line.tls.dataReceived(b"")
        line.net.producer.pauseProducing()
        line.tls.dataReceived(b"")
        line.net.producer.resumeProducing()
        line.tls.dataReceived(b"")
        self.assertFalse(line.net.aborted)


class Answering(Records):
    """TLS that has nothing to deliver, and much to say for itself."""

    def __init__(self, connection: SSL.Connection, answers: list[bytes]) -> None:
        super().__init__(connection)
        self._answers = iter(answers)

    def feed(self, data: bytes) -> None:
        """Whatever."""

    def decrypt(self) -> bytes:
        """Nothing."""
        return b""

    def to_send(self) -> bytes:
        """The next."""
        return next(self._answers)


class Pausing(SynchronousTestCase):
    """Reading and writing no more for a while."""

    def test_nothing_is_delivered_while_paused(self) -> None:
        """What had been received is delivered after that, not at once, in order; the transport below is paused."""
        line = Line().shake_hands()

        def received(data: bytes) -> None:
            line.inner.heard += data
            line.tls.pauseProducing()

        line.inner.dataReceived = received
        line.tls.dataReceived(b"".join(map(line.peer.say, (b"one ", b"two ", b"three "))))
        self.assertEqual((bytes(line.inner.heard), line.net.producerState), (b"one ", "paused"))
        line.clock.advance(0)
        del line.inner.dataReceived
        line.tls.resumeProducing()
        self.assertEqual((bytes(line.inner.heard), line.net.producerState), (b"one ", "producing"))
        line.clock.advance(0)
        self.assertEqual(line.inner.heard, b"one two three ")

    def test_paused_again(self) -> None:
        """Whoever pauses again before that gets nothing, and all of it later; nothing twice."""
        line = Line().shake_hands()
        line.tls.pauseProducing()
        line.say(b"hello")
        for _ in range(3):
            line.tls.resumeProducing()
            line.tls.pauseProducing()
            line.clock.advance(0)
        self.assertEqual(line.inner.heard, b"")
        line.tls.resumeProducing()
        line.say(b" world")
        line.clock.advance(0)
        self.assertEqual(line.inner.heard, b"hello world")
        self.assertEqual(line.clock.getDelayedCalls(), [])

    def test_nothing_was_held(self) -> None:
        """Then nothing is to be done later."""
        line = Line().shake_hands()
        line.tls.pauseProducing()
        line.tls.resumeProducing()
        self.assertEqual(line.clock.getDelayedCalls(), [])

    def test_paused_before_the_handshake(self) -> None:
        """That goes on; what comes with it waits."""
        line = Line()
        line.tls.pauseProducing()
        line.tls.dataReceived(line.peer.shake_hands())
        line.tls.dataReceived(line.peer.shake_hands(line.sent()) + line.peer.say(b"hello"))
        self.assertEqual((line.inner.told, bytes(line.inner.heard)), (["ready"], b""))
        line.tls.resumeProducing()
        line.clock.advance(0)
        self.assertEqual(line.inner.heard, b"hello")

    def test_end_while_paused(self) -> None:
        """The peer's end comes after what was held."""
        line = Line(inner=half_closing()).shake_hands()
        line.tls.pauseProducing()
        line.tls.dataReceived(line.peer.say(b"hello") + line.peer.end())
        self.assertEqual(line.inner.told, ["ready"])
        line.tls.resumeProducing()
        line.clock.advance(0)
        self.assertEqual((bytes(line.inner.heard), line.inner.told), (b"hello", ["ready", "read all"]))

    def test_lost_with_something_held(self) -> None:
        """It is delivered before one is told, if it is wanted."""
        for paused, heard in ((False, b"hello"), (True, b"")):
            line = Line(inner=half_closing()).shake_hands()
            line.tls.pauseProducing()
            line.tls.dataReceived(line.peer.say(b"hello") + line.peer.end())
            if not paused:
                line.tls.resumeProducing()
            line.net.open = False
            line.tls.connectionLost(DONE)
            self.assertEqual((bytes(line.inner.heard), line.inner.told[-1]), (heard, line.inner.told[-1]))
            self.assertIs(line.inner.told[-1], ConnectionLost if paused else ConnectionDone)
            line.clock.advance(0)

    def test_one_producer(self) -> None:
        """There can be one at a time, that can be told to pause."""
        line = Line()
        producer: Any = line.produce()
        self.assertRaises(RuntimeError, line.tls.registerProducer, producer, True)
        line.tls.unregisterProducer()
        self.assertRaises(ValueError, line.tls.registerProducer, producer, False)
        line.produce()

    def test_producer_that_comes_late(self) -> None:
        """It is told how things are: full, or over."""
        line = Line().shake_hands()
        line.net.producer.pauseProducing()
        self.assertEqual(line.produce().told, ["pause"])
        line.tls.abortConnection()
        line.tls.unregisterProducer()
        self.assertEqual(line.produce().told, ["stop"])


class OnASocket(SynchronousTestCase):
    """Above a stream socket of the reactor's own, which is written to directly."""

    def setUp(self) -> None:
        """A peer behind a socket with a small buffer."""
        self.reactor = HandReactor()
        self.inner = Inner()
        self.tls = TLSConnection(server_side(), self.inner, self.reactor)
        self.wire = Wire(self.reactor, self.tls)
        self.addCleanup(self.wire.close)
        self.peer = Peer()
        self.tls.makeConnection(self.wire.transport)
        received = b""
        while not self.tls._shaken:
            self.tls.dataReceived(self.peer.shake_hands(received))
            received = self.wire.read()
        self.peer.take(received)
        self.wire.socket.sends = 0

    def test_one_send(self) -> None:
        """A write is one send, at once, and does not bother the reactor."""
        self.tls.write(b"hello")
        self.assertEqual(self.wire.socket.sends, 1)
        self.assertEqual(self.reactor.writers, set())
        self.peer.take(self.wire.read())
        self.assertEqual(self.peer.heard, b"hello")

    def test_what_does_not_fit(self) -> None:
        """It waits, and so does what comes after it; whoever writes is paused, and goes on when all of it is sent."""
        producer: Any = Producer()
        self.tls.registerProducer(producer, True)
        said = bytes(number % 251 for number in range(60_000))
        self.tls.write(said)
        self.assertEqual(producer.told, ["pause"])
        sends = self.wire.socket.sends
        self.tls.write(b"and this")
        self.assertEqual(self.wire.socket.sends, sends)
        self.peer.take(self.wire.read_all())
        self.assertEqual(self.peer.heard, said + b"and this")
        self.assertEqual(producer.told, ["pause", "resume"])
        self.tls.write(b"directly")
        self.assertEqual(self.reactor.writers, set())

    def test_full_socket(self) -> None:
        """Nothing at all can be sent: that is no error."""
        while True:
            try:
                self.wire.socket.send(b"\x17\x03\x03\x00\x10" + b"x" * 16)
            except BlockingIOError:
                break
        self.tls.write(b"hello")
        self.assertIn(self.wire.transport, self.reactor.writers)

    def test_closing_with_something_waiting(self) -> None:
        """All of it is sent, and the end of TLS, and then our side is closed; reading goes on until the peer closes, so
        that nothing is lost by a reset."""
        said = b"x" * 60_000
        self.tls.pauseProducing()
        self.tls.write(said)
        self.tls.loseConnection()
        self.assertIn(self.wire.transport, self.reactor.readers)
        self.peer.take(self.wire.read_all())
        self.assertEqual((bytes(self.peer.heard), self.peer.ended), (said, True))
        self.assertEqual(self.wire.peer.recv(1), b"")
        self.assertEqual(self.inner.told, ["ready"])
        self.wire.peer.send(self.peer.say(b"did you hear") + self.peer.end())
        self.assertIsNone(self.wire.transport.doRead())
        self.wire.peer.shutdown(socket.SHUT_WR)
        self.wire.transport.readConnectionLost(Failure(self.wire.transport.doRead()))
        self.assertEqual((bytes(self.inner.heard), self.inner.told), (b"", ["ready", ConnectionDone]))

    def test_closing_after_the_peer(self) -> None:
        """If the peer has ended TLS before, there is nothing to wait for."""
        directlyProvides(self.inner, IHalfCloseableProtocol)
        self.tls.dataReceived(self.peer.end())
        self.wire.transport.readConnectionLost(DONE)
        self.assertEqual(self.inner.told, ["ready", "read all"])
        self.tls.write(b"bye")
        self.tls.loseConnection()
        self.peer.take(self.wire.read_all())
        self.assertEqual((bytes(self.peer.heard), self.peer.ended), (b"bye", True))
        self.assertEqual(self.inner.told, ["ready", "read all", ConnectionDone])

    def test_half_closed_below(self) -> None:
        """A peer that closes its sending side without an end of TLS is lost at once."""
        directlyProvides(self.inner, IHalfCloseableProtocol)
        self.wire.transport.readConnectionLost(DONE)
        self.assertEqual(self.inner.told, ["ready", ConnectionLost])

    def test_broken_socket(self) -> None:
        """The error is left to Twisted, which tells."""
        self.wire.peer.close()
        self.tls.write(b"hello")
        self.tls.write(b"world")
        self.wire.writable()
        self.assertEqual(self.inner.told, ["ready", ConnectionLost])
        self.tls.write(b"nobody")
        self.tls.loseConnection()

    def test_sockets(self) -> None:
        """Those are written to directly that are without TLS; what is made of them elsewhere is not."""

        class Wrapper(Accepted):
            """Would lend us its socket."""

        for kind, direct in ((tcp.Server, True), (unix.Server, True), (Accepted, True), (Wrapper, False)):
            sent: list[bytes] = []
            transport: Any = kind.__new__(kind)
            transport.socket = SimpleNamespace(send=lambda data, sent=sent: sent.append(data) or len(data))
            transport.write = lambda data: None
            self.assertIs(Outbox(transport, Site().factory.turn, 1, lambda: None).put == transport.socket.send, direct)
            transport.unregisterProducer()
            Outlet(transport).send(b"hello")
            self.assertEqual(sent, [b"hello"] if direct else [])

    def test_under_an_outbox(self) -> None:
        """All that an outbox is given arrives, in order, however little the socket takes; what waits is counted there,
        and not in Twisted's buffer."""
        site = Site(self.reactor)
        outbox = Outbox(self.tls, site.factory.turn, 10_000_000, lambda: None)
        frames = [b"%0999d\n" % number for number in range(300)]
        for frame in frames:
            outbox.write(frame)
        self.reactor.advance(0)
        self.assertGreater(outbox.size, 150_000)
        waiting: Any = self.wire.transport
        self.assertLess(len(waiting.dataBuffer) + waiting._tempDataLen, 70_000)
        self.peer.take(self.wire.read_all())
        self.assertEqual(self.peer.heard, b"".join(frames))
        self.assertEqual(outbox.size, 0)
