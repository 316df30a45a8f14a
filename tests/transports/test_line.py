"""One connection that speaks in lines: what is delivered when, what ends it and how, and what happens to the others."""

from __future__ import annotations

import socket
from collections.abc import Coroutine
from typing import Any

import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.events import Ending
from chatproto.interfaces import ILink
from chatproto.tap import make_factory, make_rooms
from chatproto.testing import MemoryTransport, RecordingConversation
from chatproto.transports.connections import Connections
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import LineLink
from tests.transports import Client, Echo, HandReactor, Site, Wire, connect, listening, reactor, until

SHORT = LinkLimits(line_length=64, endless_line=200, input_waiting=1000, burst=1_000_000)


class Asked(Echo):
    """Answers a line that begins with `?` when the test lets it, and all others at once."""

    def __init__(self, link: ILink) -> None:
        super().__init__(link)
        self.waiting: list[Deferred[bytes]] = []

    def line_received(self, line: bytes) -> Coroutine[Any, Any, None] | None:
        """Take it."""
        if line.startswith(b"?"):
            self.told.append(line)
            return self._answer()
        super().line_received(line)
        return None

    async def _answer(self) -> None:
        self.waiting.append(Deferred())
        self.link.write(await self.waiting[-1] + b"\r\n")


class Quick(Echo):
    """Answers by a coroutine that has nothing to wait for."""

    async def line_received(self, line: bytes) -> None:
        """Take it."""
        super().line_received(line)


class Faulty(Echo):
    """Has a bug in whatever place its class says."""

    bug_in = ""

    def _maybe(self, place: str) -> None:
        if self.bug_in == place:
            raise RuntimeError(f"a bug in {place}")

    def opened(self) -> None:
        """See `IConversation`."""
        super().opened()
        self._maybe("opened")

    def line_received(self, line: bytes) -> Coroutine[Any, Any, None] | None:
        """See `IConversation`."""
        super().line_received(line)
        self._maybe("line_received")
        return self._later() if self.bug_in == "answer" else None

    async def _later(self) -> None:
        self._maybe("answer")

    def line_too_long(self, limit: int) -> None:
        """See `IConversation`."""
        super().line_too_long(limit)
        self._maybe("line_too_long")

    def probe(self) -> None:
        """See `IConversation`."""
        super().probe()
        self._maybe("probe")

    def ended(self, ending: Ending) -> None:
        """See `IConversation`."""
        super().ended(ending)
        self._maybe("ended")


class Closing(Echo):
    """Closes the link on `/quit`."""

    def line_received(self, line: bytes) -> None:
        """Take it."""
        super().line_received(line)
        if line == b"/quit":
            self.link.close()
            self.link.write(b"never seen\r\n")


def wait(clock: Clock, seconds: int) -> None:
    """Let time pass, a second after the other, as the sweep needs it."""
    clock.pump([1.0] * seconds)


class Delivering(SynchronousTestCase):
    """When which lines reach the conversation."""

    def test_speaks_first(self) -> None:
        """A conversation may write when it is opened, before anything was received."""

        class Greeting(Echo):
            def opened(self) -> None:
                self.link.write(b"welcome\r\n")

        site = Site(make=Greeting)
        _, transport = site.connect()
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"welcome\r\n")

    def test_lines_come_in_order(self) -> None:
        """Lines are delivered as they come, and what is written is sent at the end of the turn, in order."""
        site = Site()
        link, transport = site.connect()
        link.dataReceived(b"one\r\ntwo\nth")
        link.dataReceived(b"ree\n")
        self.assertEqual(site.conversations[0].told, ["opened", b"one", b"two", b"three"])
        self.assertEqual(transport.value(), b"")
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"one\r\ntwo\r\nthree\r\n")

    def test_held(self) -> None:
        """Nothing is sent until what it waits for is there; lines are taken all the same."""
        site = Site()
        link, transport = site.connect()
        stored: Deferred[bool] = Deferred()
        link.dataReceived(b"one\n")
        link.hold(stored, lambda: link.write(b"not stored\r\n"))
        link.dataReceived(b"two\n")
        site.clock.advance(0)
        self.assertEqual((site.conversations[0].told, transport.value()), (["opened", b"one", b"two"], b""))
        stored.callback(False)
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"one\r\ntwo\r\nnot stored\r\n")

    def test_held_by_what_fails(self) -> None:
        """It is logged, and the connection ends; what was written is sent."""
        site = Site()
        link, transport = site.connect()
        stored: Deferred[bool] = Deferred()
        link.write(b"one\r\n")
        link.hold(stored, lambda: None)
        site.clock.advance(0)
        stored.errback(RuntimeError("it fails"))
        for _ in range(3):
            site.clock.advance(0)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertTrue(transport.value().startswith(b"one\r\n"))
        self.assertFalse(transport.open)

    def test_held_is_not_slow(self) -> None:
        """Who is sent more than may be queued while it is held reads on: it is let go, and told."""
        site = Site(limits=LinkLimits(send_queue=1000))
        link, transport = site.connect()
        link.hold(Deferred(), lambda: link.write(b"not stored\r\n"))
        link.write(b"x" * 5000)
        site.clock.advance(0)
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"x" * 5000 + b"not stored\r\n")
        self.assertTrue(transport.open)

    def test_lines_per_turn(self) -> None:
        """n-1 and n lines are taken in one turn; of n+1 the last one waits until others had theirs."""
        limits = LinkLimits(lines_per_turn=5, burst=1000)
        for sent, at_once in ((4, 4), (5, 5), (6, 5)):
            site = Site(limits=limits)
            link, _ = site.connect()
            other, _ = site.connect()
            link.dataReceived(b"x\n" * sent)
            told = site.conversations[0].told
            self.assertEqual(len(told) - 1, at_once)
            other.dataReceived(b"y\n")
            self.assertEqual(site.conversations[1].told, ["opened", b"y"])
            site.clock.advance(1e-6)
            self.assertEqual(len(told) - 1, sent)

    def test_rate_delays_and_loses_nothing(self) -> None:
        """Lines beyond the burst come at the rate, all of them, in order."""
        site = Site(limits=LinkLimits(burst=3, lines_per_second=2.0))
        link, _ = site.connect()
        lines = [b"%d" % number for number in range(8)]
        link.dataReceived(b"\n".join(lines) + b"\n")
        told = site.conversations[0].told
        self.assertEqual(told[1:], lines[:3])
        site.clock.advance(0.4)
        self.assertEqual(told[1:], lines[:3])
        site.clock.advance(0.2)
        self.assertEqual(told[1:], lines[:4])
        site.clock.pump([0.1] * 30)
        self.assertEqual(told[1:], lines)
        self.assertEqual(site.clock.getDelayedCalls(), [])

    def test_data_that_comes_while_lines_wait(self) -> None:
        """It waits behind them and is not delivered before its time."""
        site = Site(limits=LinkLimits(burst=1, lines_per_second=2.0))
        link, _ = site.connect()
        link.dataReceived(b"one\ntwo\n")
        link.dataReceived(b"three\n")
        told = site.conversations[0].told
        self.assertEqual(told, ["opened", b"one"])
        site.clock.pump([0.1] * 20)
        self.assertEqual(told, ["opened", b"one", b"two", b"three"])

    def test_line_that_is_too_long(self) -> None:
        """The conversation is told, with the limit, in place of the line."""
        site = Site(limits=SHORT)
        link, _ = site.connect()
        link.dataReceived(b"one\n" + b"x" * 65 + b"\n" + b"y" * 64 + b"\n")
        self.assertEqual(site.conversations[0].told, ["opened", b"one", ("too long", 64), b"y" * 64])

    def test_answer_that_must_be_waited_for(self) -> None:
        """Later lines wait for it, and stay in order; other connections do not wait."""
        site = Site(make=Asked)
        link, transport = site.connect()
        other, _ = site.connect()
        link.dataReceived(b"one\n?two\nthree\n")
        link.dataReceived(b"?four\nfive\n")
        other.dataReceived(b"mine\n")
        asked = site.conversations[0]
        self.assertEqual(asked.told, ["opened", b"one", b"?two"])
        self.assertEqual(site.conversations[1].told, ["opened", b"mine"])
        asked.waiting[0].callback(b"TWO")
        self.assertEqual(asked.told, ["opened", b"one", b"?two", b"three", b"?four"])
        asked.waiting[1].callback(b"FOUR")
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"one\r\nTWO\r\nthree\r\nFOUR\r\nfive\r\n")

    def test_answer_that_is_there_at_once(self) -> None:
        """A coroutine that waits for nothing holds nothing up, however many of them there are."""
        site = Site(make=Quick, limits=LinkLimits(burst=10_000, lines_per_turn=10_000))
        link, transport = site.connect()
        link.dataReceived(b"x\n" * 5000)
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"x\r\n" * 5000)

    def test_answer_that_comes_too_late(self) -> None:
        """An answer for a connection that is gone does no harm, and no later line is delivered."""
        site = Site(make=Asked)
        link, transport = site.connect()
        link.dataReceived(b"?one\ntwo\n")
        transport.lost(ConnectionError())
        site.conversations[0].waiting[0].callback(b"ONE")
        site.clock.advance(0)
        self.assertEqual(site.conversations[0].told, ["opened", b"?one", Ending.LOST])
        self.assertEqual(transport.value(), b"")

    def test_nothing_is_read_while_lines_wait_for_us(self) -> None:
        """While an answer is awaited and more lines are there, or a turn was not enough for all lines, reading pauses:
        what waits stays bounded, and the peer is not blamed."""
        site = Site(make=Asked, limits=LinkLimits(burst=1000, lines_per_turn=5))
        link, transport = site.connect()
        link.dataReceived(b"?one\n")
        self.assertEqual(transport.producerState, "producing")
        link.dataReceived(b"two\n")
        self.assertEqual(transport.producerState, "paused")
        site.conversations[0].waiting[0].callback(b"ONE")
        self.assertEqual(transport.producerState, "producing")
        link.dataReceived(b"x\n" * 6)
        self.assertEqual(transport.producerState, "paused")
        site.clock.advance(0)
        self.assertEqual(transport.producerState, "producing")
        self.assertEqual(len(site.conversations[0].told), 9)

    def test_a_fast_peer_is_read_from(self) -> None:
        """Lines that the rate holds back do not pause the reading: a flood is to be noticed, not to be kept."""
        site = Site(limits=LinkLimits(burst=1))
        link, transport = site.connect()
        link.dataReceived(b"one\ntwo\n")
        self.assertEqual(transport.producerState, "producing")

    def test_closing_goes_on_reading(self) -> None:
        """A link that closes while reading is paused reads again, to learn that its peer has gone."""
        site = Site(make=Asked)
        link, transport = site.connect()
        link.dataReceived(b"?one\ntwo\n")
        self.assertEqual(transport.producerState, "paused")
        transport.producer.pauseProducing()
        link.close()
        self.assertEqual(transport.producerState, "producing")

    def test_lines_typed_before_a_close_only(self) -> None:
        """After `close` no line is delivered, no `ended` comes, and nothing more is written."""
        site = Site(make=Closing)
        link, transport = site.connect()
        link.dataReceived(b"one\n/quit\ntwo\n")
        link.dataReceived(b"three\n")
        site.clock.advance(0)
        self.assertEqual(site.conversations[0].told, ["opened", b"one", b"/quit"])
        self.assertEqual(transport.value(), b"one\r\n/quit\r\n")
        self.assertFalse(transport.open)
        self.assertEqual(len(site.connections), 0)


class Ended(SynchronousTestCase):
    """What ends a connection, and what is still said."""

    def check_ended(self, site: Site, transport: Any, ending: Ending) -> None:
        """The last word was said, the connection is closed, and it was told once why."""
        site.clock.advance(0)
        site.clock.advance(0)
        self.assertEqual(site.conversations[0].told.count(ending), 1)
        self.assertTrue(transport.value().endswith(ending.value.encode() + b"\r\n"))
        self.assertFalse(transport.open)
        self.assertEqual(len(site.connections), 0)

    def test_flood(self) -> None:
        """n-1 and n bytes may wait their turn; n+1 end the connection, with a reason."""
        limits = LinkLimits(line_length=64, endless_line=200, input_waiting=1000, burst=1)
        for waiting, ends in ((999, False), (1000, False), (1001, True)):
            site = Site(limits=limits)
            link, transport = site.connect()
            link.dataReceived(b"first\n")
            link.dataReceived(b"x" * (waiting - 960) + b"\n" * 960)
            self.assertIs(Ending.FLOOD in site.conversations[0].told, ends)
            if ends:
                link.dataReceived(b"more\n")
                self.assertEqual(site.conversations[0].told, ["opened", b"first", Ending.FLOOD])
                self.check_ended(site, transport, Ending.FLOOD)
                self.assertEqual(site.clock.getDelayedCalls(), [])

    def test_line_without_an_end(self) -> None:
        """It ends the connection, with a reason, once it is longer than is borne."""
        for length, ends in ((199, False), (200, False), (201, True)):
            site = Site(limits=SHORT)
            link, transport = site.connect()
            link.dataReceived(b"x" * 150)
            link.dataReceived(b"x" * (length - 150))
            self.assertIs(Ending.ENDLESS_LINE in site.conversations[0].told, ends)
            if ends:
                self.check_ended(site, transport, Ending.ENDLESS_LINE)

    def test_lost(self) -> None:
        """The conversation is told of a lost connection once, and not again of what would have ended it."""
        site = Site()
        link, transport = site.connect()
        transport.lost(ConnectionError())
        link.end(Ending.SHUTDOWN)
        link.abort()
        self.assertEqual(site.conversations[0].told, ["opened", Ending.LOST])
        self.assertEqual(len(site.connections), 0)

    def test_ended_once(self) -> None:
        """The first reason counts."""
        site = Site()
        link, transport = site.connect()
        link.end(Ending.SILENT)
        link.end(Ending.SHUTDOWN)
        link.close()
        site.clock.advance(0)
        self.assertEqual(site.conversations[0].told, ["opened", Ending.SILENT])
        self.check_ended(site, transport, Ending.SILENT)

    def test_send_line_keeps_its_place(self) -> None:
        """What LineReceiver sends lines with goes through the queue, after what was written before."""
        site = Site()
        link, transport = site.connect()
        link.write(b"first\r\n")
        link.sendLine(b"second")
        link.write(b"third\r\n")
        self.assertEqual(transport.value(), b"")
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"first\r\nsecond\r\nthird\r\n")

    def test_close_sends_what_is_queued(self) -> None:
        """A link that closes waits for its transport to take what is queued; later writes are ignored."""
        site = Site()
        link, transport = site.connect()
        transport.producer.pauseProducing()
        link.write(b"last\r\n")
        link.close()
        link.write(b"ignored\r\n")
        site.clock.advance(1)
        self.assertTrue(transport.open)
        self.assertEqual(transport.value(), b"")
        transport.producer.resumeProducing()
        self.assertFalse(transport.open)
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"last\r\n")
        link.write(b"ignored\r\n")
        site.clock.advance(0)
        self.assertEqual(transport.value(), b"last\r\n")

    def test_abort(self) -> None:
        """Whatever waits is dropped, and the connection is closed at once."""
        site = Site()
        link, transport = site.connect()
        transport.producer.pauseProducing()
        link.write(b"never sent\r\n")
        link.abort()
        site.clock.advance(0)
        self.assertEqual(site.conversations[0].told, ["opened", Ending.LOST])
        self.assertEqual(transport.value(), b"")

    def test_rate_limited_lines_of_a_lost_connection(self) -> None:
        """They are not delivered, and no timer is left."""
        site = Site(limits=LinkLimits(burst=1))
        link, transport = site.connect()
        link.dataReceived(b"one\ntwo\n")
        transport.lost(ConnectionError())
        site.clock.advance(0)
        self.assertEqual(site.clock.getDelayedCalls(), [])
        self.assertEqual(site.conversations[0].told, ["opened", b"one", Ending.LOST])

    def test_lines_that_were_answered_to_a_link_that_ends(self) -> None:
        """An end in the middle of a delivery stops it."""

        class Fatal(Echo):
            def line_received(self, line: bytes) -> None:
                super().line_received(line)
                assert isinstance(self.link, LineLink)
                self.link.end(Ending.SHUTDOWN)

        site = Site(make=Fatal)
        link, transport = site.connect()
        link.dataReceived(b"one\ntwo\n")
        self.assertEqual(site.conversations[0].told, ["opened", b"one", Ending.SHUTDOWN])
        self.check_ended(site, transport, Ending.SHUTDOWN)


class Bugs(SynchronousTestCase):
    """An exception in a conversation is ours: it is logged once and ends that connection only."""

    def broken(self, place: str, limits: LinkLimits | None = None) -> tuple[Site, LineLink, Any]:
        """A site with a good connection first, and then one that has a bug in `place`."""
        site = Site(limits=limits or SHORT)
        site.connect()
        make, site._make = site._make, type("Bug", (Faulty,), {"bug_in": place})
        link, transport = site.connect()
        site._make = make
        return site, link, transport

    def check(self, site: Site, transport: Any, *told: object) -> None:
        """It was logged once, the connection was told and closed, and the other one lives."""
        site.clock.advance(0)
        site.clock.advance(0)
        (failure,) = self.flushLoggedErrors(RuntimeError)
        self.assertIn("_maybe", failure.getTraceback())
        self.assertEqual(site.conversations[1].told, ["opened", *told])
        self.assertFalse(transport.open)
        self.assertEqual(len(site.connections), 1)
        (other,) = site.connections._members
        assert isinstance(other, LineLink)
        other.dataReceived(b"alive\n")
        self.assertEqual(site.conversations[0].told, ["opened", b"alive"])

    def test_in_opened(self) -> None:
        """Nobody gets in, and nobody else notices."""
        site, _, transport = self.broken("opened")
        self.check(site, transport, Ending.BUG)

    def test_in_a_line(self) -> None:
        """Later lines are not delivered, and the person is told."""
        site, link, transport = self.broken("line_received")
        link.dataReceived(b"one\ntwo\n")
        link.dataReceived(b"three\n")
        self.check(site, transport, b"one", Ending.BUG)
        self.assertTrue(transport.value().endswith(b"an error in the server\r\n"))

    def test_in_an_answer(self) -> None:
        """The same holds for what is awaited."""
        site, link, transport = self.broken("answer")
        link.dataReceived(b"one\ntwo\n")
        self.check(site, transport, b"one", Ending.BUG)

    def test_in_a_line_that_had_to_wait(self) -> None:
        """The same holds for a line that the rate held back."""
        site, link, transport = self.broken("line_received", LinkLimits(burst=1))
        site.conversations[1].bug_in = ""
        link.dataReceived(b"one\ntwo\nthree\n")
        site.conversations[1].bug_in = "line_received"
        site.clock.advance(0.2)
        self.check(site, transport, b"one", b"two", Ending.BUG)

    def test_in_a_line_that_is_too_long(self) -> None:
        """The same holds for being told of an over-long line."""
        site, link, transport = self.broken("line_too_long")
        link.dataReceived(b"x" * 65 + b"\n")
        self.check(site, transport, ("too long", 64), Ending.BUG)

    def test_in_probe(self) -> None:
        """The same holds for asking for a sign of life."""
        site, link, transport = self.broken("probe")
        link.settle()
        link.check(1e9)
        self.check(site, transport, "probe", Ending.BUG)

    def test_in_ended_by_us(self) -> None:
        """A connection that is ended closes even if the conversation fails in that."""
        site, link, transport = self.broken("ended")
        link.end(Ending.SILENT)
        self.check(site, transport, Ending.SILENT)

    def test_in_ended_by_the_peer(self) -> None:
        """A connection that is lost is forgotten even if the conversation fails in that."""
        site, _, transport = self.broken("ended")
        transport.lost(ConnectionError())
        self.check(site, transport, Ending.LOST)

    def test_twice(self) -> None:
        """A second error before the first one has ended the connection is logged as well, and ends nothing twice."""
        site = Site(make=Asked)
        link, transport = site.connect()
        link.dataReceived(b"?one\n")
        link.failed(Failure(RuntimeError("first")))
        site.conversations[0].waiting[0].errback(RuntimeError("second"))
        site.clock.advance(0)
        site.clock.advance(0)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
        self.assertEqual(site.conversations[0].told, ["opened", b"?one", Ending.BUG])
        self.assertFalse(transport.open)

    def test_after_close(self) -> None:
        """An answer that fails when the link closes already is logged, and the connection ends."""
        site = Site(make=Asked)
        link, transport = site.connect()
        link.dataReceived(b"?one\n")
        transport.producer.pauseProducing()
        link.close()
        site.conversations[0].waiting[0].errback(RuntimeError("late"))
        site.clock.advance(0)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertFalse(transport.open)

    def test_no_conversation_at_all(self) -> None:
        """A connection for which no conversation can be made is logged once and closed."""

        def fail(link: ILink) -> RecordingConversation:
            raise RuntimeError("no conversation")

        site = Site(make=fail)
        _, transport = site.connect()
        site.clock.advance(0)
        site.clock.advance(0)
        self.assertFalse(transport.open)
        self.assertEqual(len(site.connections), 0)
        self.assertEqual([failure.type for failure in self.flushLoggedErrors()], [RuntimeError])

    def test_socket_that_refuses_options(self) -> None:
        """Some systems refuse to set options on a socket whose peer has gone already: that is no bug of ours."""

        class Gone(MemoryTransport):
            def setTcpKeepAlive(self, enabled: bool) -> None:
                raise OSError(22, "Invalid argument")

        site = Site()
        site.connect(Gone(site.clock, "192.0.2.1"))
        self.assertEqual(site.conversations[0].told, ["opened"])


class Deadlines(SynchronousTestCase):
    """The time-limits, as the sweep of `Connections` finds them."""

    def site(self, **limits: float) -> tuple[Site, LineLink, Any]:
        """A site whose sweep runs, and a connection."""
        site = Site(limits=LinkLimits(**limits))  # type: ignore[arg-type]
        site.connections.startService()
        return site, *site.connect()

    def test_login(self) -> None:
        """A name must come in time; lines alone do not count."""
        site, link, transport = self.site(login_seconds=60.0)
        wait(site.clock, 59)
        link.dataReceived(b"not a name\n")
        wait(site.clock, 1)
        self.assertTrue(transport.open)
        wait(site.clock, 1)
        self.assertEqual(site.conversations[0].told[2:], [Ending.LATE])
        self.assertFalse(transport.open)

    def test_settled(self) -> None:
        """Who has given a name may take any time."""
        site, link, transport = self.site(login_seconds=60.0)
        link.settle()
        wait(site.clock, 600)
        self.assertTrue(transport.open)

    def test_silence(self) -> None:
        """Who is silent for long is asked once, and cut if nothing comes."""
        site, link, transport = self.site(idle_seconds=100.0, answer_seconds=30.0)
        told = site.conversations[0].told
        link.settle()
        wait(site.clock, 99)
        self.assertEqual(told, ["opened"])
        wait(site.clock, 1)
        self.assertEqual(told, ["opened"])
        wait(site.clock, 1)
        self.assertEqual(told, ["opened", "probe"])
        wait(site.clock, 30)
        self.assertEqual(told, ["opened", "probe"])
        wait(site.clock, 1)
        self.assertEqual(told, ["opened", "probe", Ending.SILENT])
        self.assertFalse(transport.open)

    def test_sign_of_life(self) -> None:
        """Any byte is one, and starts the time anew; what we send is none."""
        site, link, transport = self.site(idle_seconds=100.0, answer_seconds=30.0)
        told = site.conversations[0].told
        link.settle()
        wait(site.clock, 90)
        link.write(b"to you\r\n")
        wait(site.clock, 11)
        self.assertEqual(told, ["opened", "probe"])
        wait(site.clock, 30)
        link.dataReceived(b"x")
        wait(site.clock, 100)
        self.assertEqual(told, ["opened", "probe"])
        wait(site.clock, 1)
        self.assertEqual(told, ["opened", "probe", "probe"])
        self.assertTrue(transport.open)

    def test_closing(self) -> None:
        """A peer that does not take what is queued is cut off when its time is over."""
        site, link, transport = self.site(closing_seconds=5.0)
        transport.producer.pauseProducing()
        link.write(b"last\r\n")
        link.close()
        wait(site.clock, 5)
        self.assertTrue(transport.open)
        wait(site.clock, 1)
        self.assertFalse(transport.open)
        self.assertEqual(len(site.connections), 0)
        self.assertEqual(transport.value(), b"")


class HalfClosed(SynchronousTestCase):
    """A peer that has closed its sending side is served yet."""

    def test_lines_that_wait(self) -> None:
        """Lines that the rate holds back are delivered, then the link ends."""
        site = Site(limits=LinkLimits(burst=1, lines_per_second=1.0))
        link, transport = site.connect()
        link.dataReceived(b"one\ntwo\nthree\nno end")
        link.readConnectionLost()
        site.clock.pump([0.5] * 3)
        self.assertEqual(site.conversations[0].told, ["opened", b"one", b"two"])
        self.assertTrue(transport.open)
        site.clock.pump([0.5] * 3)
        self.assertEqual(site.conversations[0].told, ["opened", b"one", b"two", b"three", Ending.LOST])
        self.assertFalse(transport.open)

    def test_answer_that_is_awaited(self) -> None:
        """It is sent before the link ends."""
        site = Site(make=Asked)
        link, transport = site.connect()
        link.dataReceived(b"?one\n")
        link.readConnectionLost()
        site.clock.advance(1)
        self.assertTrue(transport.open)
        site.conversations[0].waiting[0].callback(b"ONE")
        site.clock.advance(0)
        self.assertFalse(transport.open)
        self.assertEqual(transport.value(), b"ONE\r\nconnection closed\r\n")

    def test_while_closing(self) -> None:
        """A link that is closing when its peer closes too gets rid of what is queued."""
        site = Site()
        link, transport = site.connect()
        link.close()
        link.readConnectionLost()
        link.writeConnectionLost()
        site.clock.advance(0)
        self.assertFalse(transport.open)
        self.assertEqual(site.conversations[0].told, ["opened"])

    def test_on_a_socket_with_a_queue(self) -> None:
        """What is queued for a slow reader that closed its sending side arrives, down to the last byte."""
        hand = HandReactor()
        site = Site(clock=hand)
        link = site.factory.buildProtocol(None)
        wire = Wire(hand, link)
        self.addCleanup(wire.close)
        link.makeConnection(wire.transport)
        link.dataReceived(b"".join(b"%04000d\n" % number for number in range(20)))
        link.close()
        link.readConnectionLost()
        received = wire.read_all()
        self.assertEqual(received, b"".join(b"%04000d\r\n" % number for number in range(20)))
        self.assertEqual(len(site.connections), 0)


class SlowReader(SynchronousTestCase):
    """Who does not read is cut when its queue is full; on a socket in the test's hands."""

    def setUp(self) -> None:
        """A connection that is not read from, and one that is."""
        self.reactor = HandReactor()
        self.site = Site(clock=self.reactor, limits=LinkLimits(send_queue=10_000, closing_seconds=5.0))
        self.site.connections.startService()
        self.wires = []
        self.links = []
        for _ in range(2):
            link = self.site.factory.buildProtocol(None)
            wire = Wire(self.reactor, link)
            link.makeConnection(wire.transport)
            self.addCleanup(wire.close)
            self.wires.append(wire)
            self.links.append(link)
        self.slow, self.quick = self.wires

    def say(self, number: int) -> bytes:
        """Send everybody a line in one turn, and let the quick one read; returns what it read."""
        for link in self.links:
            link.write(b"%0998d\r\n" % number)
        self.reactor.advance(0)
        return self.quick.read_all()

    def stall(self) -> int:
        """Speak until the slow one is cut; returns how many lines it took."""
        for number in range(1000):
            self.assertEqual(self.say(number), b"%0998d\r\n" % number)
            if Ending.TOO_SLOW in self.site.conversations[0].told:
                return number
        raise AssertionError("the slow reader was never cut")

    def test_is_cut_and_told(self) -> None:
        """It is cut with a reason, which it reads as its last line if it goes on reading; no line is torn."""
        count = self.stall()
        self.assertEqual(self.say(5000), b"%0998d\r\n" % 5000)
        *lines, last, rest = self.slow.read_all().split(b"\r\n")
        self.assertEqual(last, b"too slow: the send queue was full")
        self.assertEqual(rest, b"")
        self.assertEqual(lines, [b"%0998d" % number for number in range(len(lines))])
        self.assertLess(len(lines), count)
        self.assertEqual(self.site.conversations[0].told, ["opened", Ending.TOO_SLOW])
        self.assertEqual(len(self.site.connections), 1)

    def test_is_aborted_if_it_never_reads(self) -> None:
        """It has `closing_seconds` and no more."""
        self.stall()
        wait(self.reactor, 5)
        self.assertEqual(len(self.site.connections), 2)
        wait(self.reactor, 2)
        self.assertEqual(len(self.site.connections), 1)
        self.assertEqual(self.site.conversations[0].told, ["opened", Ending.TOO_SLOW])

    def test_is_lost_before_it_is_cut(self) -> None:
        """A connection that is lost in the turn in which its queue ran over ends once."""
        for _ in range(100):
            self.links[0].write(b"x" * 1000)
        self.slow.transport.connectionLost(Failure(ConnectionLost()))
        self.reactor.advance(0)
        self.assertEqual(self.site.conversations[0].told, ["opened", Ending.LOST])

    def test_its_lines_are_not_taken_any_more(self) -> None:
        """What it says after it was cut is thrown away."""
        self.stall()
        self.links[0].dataReceived(b"hello\n")
        self.assertEqual(self.site.conversations[0].told, ["opened", Ending.TOO_SLOW])


# -- on real sockets and the running reactor


@pytest_twisted.ensureDeferred
async def test_conversation() -> None:
    """Lines go to the server and come back, over TCP, and the connection's end is seen."""
    site = Site(reactor)
    async with listening(site.factory) as port:
        client = await connect(port)
        client.send(b"one\r\ntwo\n")
        await client.heard(b"two\r\n")
        assert client.lines() == [b"one", b"two"]
        await client.leave()
        await until(lambda: not len(site.connections), "the server to notice")
    assert site.conversations[0].told == ["opened", b"one", b"two", Ending.LOST]


@pytest_twisted.ensureDeferred
async def test_half_closed_peer_gets_everything() -> None:
    """`printf ... | nc -N`: what was sent before the end of the input is served, at the rate, and the link closes."""
    site = Site(reactor, LinkLimits(burst=2, lines_per_second=100.0))
    async with listening(site.factory) as port:
        client = await connect(port)
        client.send(b"".join(b"%d\n" % number for number in range(10)))
        client.transport.loseWriteConnection()
        await client.ended()
    assert client.lines() == [b"%d" % number for number in range(10)] + [b"connection closed"]
    assert site.conversations[0].told[-1] is Ending.LOST


@pytest_twisted.ensureDeferred
async def test_flooding_peer_reads_why() -> None:
    """A peer that is cut while it still sends gets the reason as its last line, and no reset before it."""
    site = Site(reactor, LinkLimits(input_waiting=10_000, burst=1))
    async with listening(site.factory) as port:
        client = await connect(port)
        client.send(b"x\n" * 1_000_000)
        await client.ended()
        assert client.lines()[-1] == b"flooding"
        assert client.why is not None
        assert client.why.check(ConnectionDone), "the connection was reset"
        await until(lambda: not len(site.connections), "the server to notice")


@pytest_twisted.ensureDeferred
async def test_endless_peer_reads_why() -> None:
    """The same holds for a line without an end."""
    site = Site(reactor)
    async with listening(site.factory) as port:
        client = await connect(port)
        client.send(b"x" * 3_000_000)
        await client.ended()
        assert client.lines()[-1] == b"a line without an end"
        assert client.why is not None
        assert client.why.check(ConnectionDone), "the connection was reset"
        await until(lambda: not len(site.connections), "the server to notice")


@pytest_twisted.ensureDeferred
async def test_bug_ends_one_connection() -> None:
    """The person is told, and others go on."""
    site = Site(reactor)
    async with listening(site.factory) as port:
        good = await connect(port)
        await until(lambda: len(site.connections) == 1, "the connection")
        site._make = type("Bug", (Faulty,), {"bug_in": "line_received"})
        bad = await connect(port)
        bad.send(b"one\n")
        await bad.ended()
        assert bad.lines() == [b"one", b"an error in the server"]
        good.send(b"alive\n")
        await good.heard(b"alive\r\n")
        await good.leave()


@pytest_twisted.ensureDeferred
async def test_slow_reader_costs_itself_and_not_its_room() -> None:
    """In a room of the real server the others get every line and are told why the slow one is gone; it reads why itself
    if it goes on reading in time."""
    settings = Settings(connections=LinkLimits(send_queue=20_000, burst=100_000, lines_per_second=1e6))
    connections = Connections(reactor, 5.0)
    factory = make_factory(settings, reactor, make_rooms(settings, reactor.seconds), connections)
    async with listening(factory) as port:
        people: dict[str, Client] = {}
        for name in ("ada", "bob", "snail"):
            people[name] = await connect(port)
            people[name].send(name.encode() + b"\n")
            await people[name].heard(b"You are in #lobby")
        ada, bob, snail = people.values()
        for link in connections._members:
            assert isinstance(link, LineLink)
            link.transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        snail.transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        snail.transport.pauseProducing()
        sent = 0
        while b"snail quit" not in bob.received:
            ada.send(b"%01000d\n" % sent)
            await bob.heard(b"<ada> %01000d\r\n" % sent)
            sent += 1
            assert sent < 20_000, "the slow reader was never cut"
        assert b"-- snail quit (too slow: the send queue was full)\r\n" in bob.received
        assert b"-- snail quit (too slow: the send queue was full)\r\n" in ada.received
        ada.send(b"goodbye, snail\n")
        await bob.heard(b"goodbye, snail")
        heard = [int(line.split(b"<ada> ")[1]) for line in bob.lines() if b"<ada> 0" in line]
        assert heard == list(range(sent))
        snail.transport.resumeProducing()
        await snail.ended()
        assert b"too slowly" in snail.lines()[-1]
        got = [int(line.split(b"<ada> ")[1]) for line in snail.lines() if b"<ada> 0" in line]
        assert got == list(range(len(got)))
        assert 0 < len(got) < sent
        for person in (ada, bob):
            await person.leave()
