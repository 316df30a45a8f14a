"""Lines on their way to the conversation: what holds them back, and what becomes of them when the connection ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import SSL4ClientEndpoint
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import LineLink
from chatproto.transports.tls import RenewedCertificate, self_signed
from chatproto.transports.turn import READING_SECONDS
from tests.transports import LOCALHOST, Client, Echo, Site, connect, listening, reactor, until

NUMBERS = [b"%d" % number for number in range(30)]


def typed(lines: list[bytes]) -> bytes:
    """The lines as a peer sends them."""
    return b"".join(line + b"\n" for line in lines)


class Wordy(Echo):
    """Answers each line with a frame of 1,000 bytes that begins with it."""

    def line_received(self, line: bytes) -> None:
        """Answer it."""
        self.told.append(line)
        self.link.write(line.ljust(998, b".") + b"\r\n")


class Slowly(Echo):
    """Answers `?` when the test lets it, and all other lines at once."""

    def line_received(self, line: bytes) -> Any:
        """Take it."""
        if line != b"?":
            return super().line_received(line)
        self.told.append(line)
        return self._answer()

    async def _answer(self) -> None:
        self.answer: Deferred[None] = Deferred()
        await self.answer


def answers(count: int) -> list[bytes]:
    """What `Wordy` makes of the first numbers."""
    return [line.ljust(998, b".") for line in NUMBERS[:count]]


class Gone(SynchronousTestCase):
    """A peer that ended its connection properly while lines of it wait for their rate, where half of a connection
    cannot be closed."""

    def setUp(self) -> None:
        """A burst of two is taken, and four lines wait."""
        self.site = Site(limits=LinkLimits(burst=2, lines_per_second=1.0, closing_seconds=5.0))
        self.site.connections.startService()
        self.link, self.transport = self.site.connect()
        self.told = self.site.conversations[0].told
        self.link.dataReceived(typed(NUMBERS[:6]))

    def test_is_served_at_the_rate(self) -> None:
        """The lines come in order, and the end after the last of them; until then the link is a member."""
        self.transport.lost(ConnectionDone())
        for count in (2, 3, 4, 5):
            self.assertEqual(self.told, ["opened", *NUMBERS[:count]])
            self.assertEqual(len(self.site.connections), 1)
            self.site.clock.advance(1.001)
        self.assertEqual(self.told, ["opened", *NUMBERS[:6], Ending.LOST])
        self.assertEqual(len(self.site.connections), 0)

    def test_reset(self) -> None:
        """A connection that broke is over at once, and what waits is dropped."""
        self.transport.lost(ConnectionLost())
        self.assertEqual(self.told, ["opened", *NUMBERS[:2], Ending.LOST])
        self.assertEqual(len(self.site.connections), 0)
        self.site.clock.advance(10)
        self.assertEqual(self.told, ["opened", *NUMBERS[:2], Ending.LOST])

    def test_shutdown(self) -> None:
        """A server that ends does not wait for such a link, which is told why."""
        self.site.clock.advance(0)
        self.transport.lost(ConnectionDone())
        self.successResultOf(self.site.connections.stopService())
        self.assertEqual(self.told, ["opened", *NUMBERS[:2], Ending.SHUTDOWN])
        self.assertEqual(len(self.site.connections), 0)
        self.site.clock.advance(0)
        self.assertEqual(self.site.clock.getDelayedCalls(), [])

    def test_with_nothing_left(self) -> None:
        """If no line of it waits, it is over at once."""
        self.site.clock.pump([1.001] * 4)
        self.assertEqual(self.told, ["opened", *NUMBERS[:6]])
        self.transport.lost(ConnectionDone())
        self.assertEqual(self.told, ["opened", *NUMBERS[:6], Ending.LOST])


class Congested(SynchronousTestCase):
    """A peer that asks for more than it reads."""

    def setUp(self) -> None:
        """A connection that takes nothing for now, and a queue that has room for eight answers."""
        limits = LinkLimits(send_queue=8000, burst=1000, lines_per_turn=1000)
        self.site = Site(limits=limits, make=Wordy)
        self.link, self.transport = self.site.connect()
        self.transport.producer.pauseProducing()
        self.told = self.site.conversations[0].told

    def test_its_lines_wait_until_it_has_read(self) -> None:
        """Beyond a quarter of the queue no line is taken and nothing is read; nothing is lost, and it is not cut."""
        self.link.dataReceived(typed(NUMBERS))
        for taken in range(3, 30, 3):
            self.site.clock.pump([0.1] * 10)
            self.assertEqual(self.told, ["opened", *NUMBERS[:taken]])
            self.assertEqual(self.transport.producerState, "paused")
            self.transport.producer.resumeProducing()
            self.transport.producer.pauseProducing()
        self.site.clock.advance(0)
        self.assertEqual(self.told, ["opened", *NUMBERS])
        self.assertEqual(self.transport.producerState, "producing")
        self.transport.producer.resumeProducing()
        self.assertEqual(self.transport.value().split(b"\r\n")[:-1], answers(30))
        self.assertTrue(self.transport.open)

    def test_the_bound(self) -> None:
        """With a quarter of the queue in use lines are taken; with a byte more they are not."""
        for queued, taken in ((1999, 1), (2000, 1), (2001, 0)):
            site = Site(limits=self.site.limits, make=Wordy)
            link, transport = site.connect()
            transport.producer.pauseProducing()
            link.write(b"x" * queued)
            link.dataReceived(b"0\n")
            self.assertEqual(len(site.conversations[0].told) - 1, taken)

    def test_lines_of_a_reader_that_keeps_up(self) -> None:
        """Where the transport takes all, the queue is sent when it is full enough, and all lines come soon."""
        self.transport.producer.resumeProducing()
        self.link.dataReceived(typed(NUMBERS))
        self.site.clock.advance(0)
        self.assertEqual(self.told, ["opened", *NUMBERS])
        self.assertEqual(self.transport.value().split(b"\r\n")[:-1], answers(30))
        self.assertEqual(self.transport.producerState, "producing")

    def test_lost(self) -> None:
        """Lines of a peer that left properly are taken yet: nobody has to be waited for any more."""
        self.link.dataReceived(typed(NUMBERS))
        self.transport.lost(ConnectionDone())
        self.site.clock.pump([0.1] * 10)
        self.assertEqual(self.told, ["opened", *NUMBERS, Ending.LOST])
        self.assertEqual(len(self.site.connections), 0)


class Fair(SynchronousTestCase):
    """Lines that take long to serve."""

    def test_a_turn_ends_in_time(self) -> None:
        """However many lines a turn may have, it ends after some milliseconds; timers of others come in between, and
        all lines in order."""
        clock = Clock()
        happened: list[bytes] = []

        class Slow(Echo):
            def line_received(self, line: bytes) -> None:
                clock.rightNow += READING_SECONDS * 0.6
                happened.append(line)

        site = Site(clock, LinkLimits(lines_per_turn=1000, burst=1000), Slow)
        link, transport = site.connect()
        link.dataReceived(typed(NUMBERS))
        self.assertEqual(happened, NUMBERS[:2])
        self.assertEqual(transport.producerState, "paused")
        clock.callLater(0, happened.append, b"somebody else")
        clock.advance(0)
        self.assertIn(b"somebody else", happened[:5])
        happened.remove(b"somebody else")
        self.assertEqual(happened, NUMBERS)
        self.assertEqual(transport.producerState, "producing")


class Spent(SynchronousTestCase):
    """What is read in a turn whose time is over."""

    def setUp(self) -> None:
        """A connection, in such a turn."""
        self.site = Site(limits=LinkLimits(burst=1000), make=Slowly)
        self.link, self.transport = self.site.connect()
        self.told = self.site.conversations[0].told
        self.spend()

    def spend(self) -> None:
        """Take all the time of this turn."""
        self.site.factory.turn.spent(self.site.clock.seconds())
        self.site.clock.rightNow += READING_SECONDS * 1.01

    def test_waits_for_the_next(self) -> None:
        """It is kept, in order; who sends more than once is not read until then."""
        self.link.dataReceived(b"one\n")
        self.assertEqual((self.told, self.transport.producerState), (["opened"], "producing"))
        self.link.dataReceived(b"two\n")
        self.link.dataReceived(b"three\nfo")
        self.assertEqual((self.told, self.transport.producerState), (["opened"], "paused"))
        self.site.clock.advance(0)
        self.assertEqual((self.told, self.transport.producerState), (["opened", b"one", b"two", b"three"], "producing"))
        self.link.dataReceived(b"ur\n")
        self.assertEqual(self.told[-1], b"four")
        self.site.clock.advance(0)
        self.assertEqual(self.transport.value(), b"one\r\ntwo\r\nthree\r\nfour\r\n")
        self.assertEqual(self.site.clock.calls, [])

    def test_end_of_the_input(self) -> None:
        """What waits is served yet, once, and the link ends then."""
        for half in (True, False):
            self.setUp()
            self.link.dataReceived(b"one\ntwo\n")
            self.link.readConnectionLost() if half else self.transport.lost(ConnectionDone())
            self.site.clock.advance(0)
            self.assertEqual(self.told, ["opened", b"one", b"two", Ending.LOST])
            self.assertEqual(len(self.site.connections), 0)

    def test_closed(self) -> None:
        """Nothing is delivered of what waits when the link is closed."""
        self.link.dataReceived(b"one\n")
        self.link.close()
        self.site.clock.advance(0)
        self.assertEqual(self.told, ["opened"])
        self.assertEqual(self.site.clock.calls, [])

    def test_answer_that_is_awaited(self) -> None:
        """Nor as long as an answer is awaited; but then all, and once."""
        self.site.clock.advance(0)
        self.link.dataReceived(b"?\n")
        self.spend()
        self.link.dataReceived(b"one\n")
        self.link.dataReceived(b"two\n")
        self.site.clock.advance(1)
        self.assertEqual(self.told, ["opened", b"?"])
        self.assertEqual(self.site.clock.calls, [])
        self.link.dataReceived(b"three\n")
        self.assertEqual(self.told, ["opened", b"?"])
        self.site.conversations[0].answer.callback(None)
        self.site.clock.advance(0)
        self.assertEqual(self.told, ["opened", b"?", b"one", b"two", b"three"])

    def test_congested(self) -> None:
        """Nor as long as the peer does not read what it was answered."""
        self.site.clock.advance(0)
        self.transport.producer.pauseProducing()
        self.link.write(b"x" * (self.site.limits.send_queue // 4 + 1))
        self.link.dataReceived(b"one\n")
        self.site.clock.advance(1)
        self.assertEqual((self.told, self.transport.producerState), (["opened"], "paused"))
        self.transport.producer.resumeProducing()
        self.site.clock.advance(0)
        self.assertEqual((self.told, self.transport.producerState), (["opened", b"one"], "producing"))

    def test_cut_while_congested(self) -> None:
        """A link that is stopped for being too slow takes none of the lines that waited, even if the peer reads on."""
        self.site.clock.advance(0)
        self.transport.producer.pauseProducing()
        self.link.write(b"x" * self.site.limits.send_queue)
        self.link.dataReceived(b"one\n")
        self.link.write(b"x")
        self.link.outbox.flush()
        self.transport.producer.resumeProducing()
        self.site.clock.advance(0)
        self.assertEqual(self.told, ["opened", Ending.TOO_SLOW])

    def test_what_comes_while_a_line_is_taken(self) -> None:
        """It is taken after that line and those before it."""

        class Nested(Echo):
            def line_received(self, line: bytes) -> None:
                if line == b"two":
                    link.dataReceived(b"three\n")
                super().line_received(line)

        site = Site(make=Nested)
        link, _ = site.connect()
        link.dataReceived(b"one\ntwo\n")
        site.clock.advance(0)
        self.assertEqual(site.conversations[0].told, ["opened", b"one", b"two", b"three"])


class LastWord(SynchronousTestCase):
    """What is said when a link ends, to one that reads slowly."""

    def test_it_makes_the_queue_overflow(self) -> None:
        """It is sent after what is queued, though both together are more than may be queued."""
        for ending in (Ending.SHUTDOWN, Ending.LATE):
            site = Site(limits=LinkLimits(send_queue=8000))
            link, transport = site.connect()
            transport.producer.pauseProducing()
            link.write(b"x" * 7996 + b"\r\n")
            link.end(ending)
            site.clock.advance(0)
            self.assertTrue(transport.open)
            transport.producer.resumeProducing()
            site.clock.advance(0)
            self.assertEqual(transport.value(), b"x" * 7996 + b"\r\n" + ending.value.encode() + b"\r\n")
            self.assertEqual(site.conversations[0].told, ["opened", ending])
            self.assertFalse(transport.open)
            self.assertEqual(len(site.connections), 0)


# -- on real sockets and the running reactor


@asynccontextmanager
async def over_tcp(site: Site) -> AsyncIterator[Client]:
    """A client that speaks in the clear with the site."""
    async with listening(site.factory) as port:
        yield await connect(port)


@asynccontextmanager
async def over_tls(site: Site, directory: Path) -> AsyncIterator[Client]:
    """A client that speaks TLS with the site."""
    certificate = RenewedCertificate(self_signed(directory), reactor)
    async with listening(TLSMemoryBIOFactory(certificate, False, site.factory, reactor)) as port:
        endpoint: Any = SSL4ClientEndpoint(reactor, LOCALHOST, port.getHost().port, CertificateOptions())
        yield await endpoint.connect(Factory.forProtocol(Client))


@pytest_twisted.ensureDeferred
async def test_end_of_tls(tmp_path: Path) -> None:
    """`printf ... | openssl s_client`: what was sent before TLS was ended is served, at the rate, and the end is told
    after it; until then the link counts."""
    times: list[float] = []
    members: list[int] = []

    class Watched(Echo):
        def line_received(self, line: bytes) -> None:
            super().line_received(line)
            times.append(reactor.seconds())
            members.append(len(site.connections))

    site = Site(reactor, LinkLimits(burst=10, lines_per_second=100.0), Watched)
    async with over_tls(site, tmp_path) as client:
        client.send(typed(NUMBERS))
        await client.leave()
        assert client.why is not None
        assert client.why.check(ConnectionDone), "TLS was not ended properly"
        await until(lambda: not len(site.connections), "the end of the lines")
    assert site.conversations[0].told == ["opened", *NUMBERS, Ending.LOST]
    assert members == [1] * 30
    assert times[-1] - times[0] > 0.19, "20 lines that come at 100 per second take 0.2 seconds"


@pytest.mark.parametrize("tls", [False, True])
@pytest_twisted.ensureDeferred
async def test_reset(tmp_path: Path, tls: bool) -> None:
    """A peer that resets its connection is told of at once, and what waits of it is dropped."""
    site = Site(reactor, LinkLimits(burst=10, lines_per_second=0.1))
    async with over_tls(site, tmp_path) if tls else over_tcp(site) as client:
        client.send(typed(NUMBERS))
        await client.heard(b"9\r\n")
        client.transport.abortConnection()
        await until(lambda: not len(site.connections), "the server to notice")
        await until(lambda: client.why, "the client to notice")
    assert site.conversations[0].told == ["opened", *NUMBERS[:10], Ending.LOST]


@pytest_twisted.ensureDeferred
async def test_shutdown_after_the_end_of_tls(tmp_path: Path) -> None:
    """The server does not wait for a peer that has left, however many lines of it wait."""
    site = Site(reactor, LinkLimits(burst=10, lines_per_second=0.1))
    site.connections.startService()
    async with over_tls(site, tmp_path) as client:
        client.send(typed(NUMBERS))
        await client.heard(b"9\r\n")
        (link,) = site.connections._members
        assert isinstance(link, LineLink)
        await client.leave()
        await until(lambda: link._lost, "the server to notice")
        assert len(site.connections) == 1
        stopped = site.connections.stopService()
        assert stopped.called
        await stopped
    assert site.conversations[0].told == ["opened", *NUMBERS[:10], Ending.SHUTDOWN]


class Huge(Echo):
    """Answers each line with a frame of 100,000 bytes."""

    def line_received(self, line: bytes) -> None:
        """Answer it."""
        self.told.append(line)
        self.link.write(line.ljust(99_998, b".") + b"\r\n")


def only_link(site: Site) -> LineLink:
    """The link of the only client."""
    (link,) = site.connections._members
    assert isinstance(link, LineLink)
    return link


@pytest.mark.parametrize("tls", [False, True])
@pytest_twisted.ensureDeferred
async def test_peer_that_asks_for_more_than_may_be_queued(tmp_path: Path, tls: bool) -> None:
    """While it does not read, its lines are not read either; it gets all its answers once it reads."""
    site = Site(reactor, LinkLimits(burst=1000, lines_per_turn=1000, send_queue=800_000), Huge)
    lines = [b"%d" % number for number in range(200)]
    async with over_tls(site, tmp_path) if tls else over_tcp(site) as client:
        client.send(typed(lines[:1]))
        await client.heard(b"\r\n")
        client.transport.pauseProducing()
        client.send(typed(lines[1:]))
        await until(lambda: only_link(site)._paused, "the server to pause")
        client.transport.resumeProducing()
        await until(lambda: len(client.received) == 200 * 100_000, "all answers")
        assert client.lines() == [line.ljust(99_998, b".") for line in lines]
        assert site.conversations[0].told == ["opened", *lines]
        await client.leave()
        await until(lambda: not len(site.connections), "the server to notice")


@pytest_twisted.ensureDeferred
async def test_end_of_tls_before_the_answers_are_read(tmp_path: Path) -> None:
    """A peer that ends TLS while answers wait that were too many for its socket is gone before any time-limit."""
    site = Site(reactor, LinkLimits(burst=1000, lines_per_turn=1000, send_queue=100_000_000), Huge)
    async with over_tls(site, tmp_path) as client:
        client.send(typed(NUMBERS[:1]))
        await client.heard(b"\r\n")
        client.transport.pauseProducing()
        client.send(b"x\n" * 200)
        await until(lambda: only_link(site).outbox.size, "the queue to fill")
        client.transport.loseConnection()
        client.transport.resumeProducing()
        await until(lambda: client.why, "the client to be gone")
        await until(lambda: not len(site.connections), "the server to notice")
    assert site.conversations[0].told[-1] is Ending.LOST


@pytest_twisted.ensureDeferred
async def test_end_of_tls_while_congested(tmp_path: Path) -> None:
    """Lines that wait because answers are unread are served all the same when TLS ends behind them."""
    site = Site(reactor, LinkLimits(burst=1000, lines_per_turn=1000, send_queue=800_000), Huge)
    lines = [b"%d" % number for number in range(200)]
    async with over_tls(site, tmp_path) as client:
        client.send(typed(lines[:1]))
        await client.heard(b"\r\n")
        client.send(typed(lines[1:]))
        client.transport.loseConnection()
        await until(lambda: client.why, "the client to be gone")
        await until(lambda: not len(site.connections), "the server to notice")
    assert site.conversations[0].told == ["opened", *lines, Ending.LOST]
