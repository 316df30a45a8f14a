"""Who gets a connection, when that is decided, and what becomes of its bytes; in memory."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending
from chatproto.testing import MemoryTransport
from chatproto.transports import first_bytes, sniff
from chatproto.transports.admission import Admission, Places
from chatproto.transports.first_bytes import MOST_KEPT
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import LineLink
from chatproto.transports.sniff import Row, Sniff
from tests.fuzz.test_framing import CUTS, chunks
from tests.transports import Echo, HandReactor, Site, Wire

LIMITS = LinkLimits(line_length=20_000, burst=1_000_000, lines_per_turn=100_000)


class Greeting(Echo):
    """A conversation that speaks first."""

    greeting = b"welcome\r\n"

    def opened(self) -> None:
        """Greet."""
        super().opened()
        self.link.write(self.greeting)


class Bare(Factory):
    """Protocols that take any bytes."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def buildProtocol(self, addr: Any) -> Any:
        """One more."""
        self.made.append(MemoryLess())
        return self.made[-1]


class MemoryLess:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.received = b""
        self.lost = False

    def makeConnection(self, transport: Any) -> None:
        """Nothing to do."""

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self.received += data

    def connectionLost(self, reason: Any) -> None:
        """Keep it in mind."""
        self.lost = True


class OnePort:
    """A port for plain lines, IRC and TLS, in memory. TLS is a protocol that keeps what it gets."""

    def __init__(
        self, limits: LinkLimits = LIMITS, patience: float | None = 0.4, clock: Any = None, names: str = "tls irc"
    ) -> None:
        self.plain = Site(clock, limits, Greeting)
        self.clock = self.plain.clock
        self.connections = self.plain.connections
        self.irc = Site(self.clock, limits)
        self.irc.factory.connections = self.connections
        self.tls = Bare()
        rows = [
            Row("tls", first_bytes.tls, self.tls),
            Row("irc", first_bytes.irc, self.irc.factory, first_bytes.irc_after_greeting),
        ]
        rows = [row for row in rows if row.name in names.split()]
        self.sniff = Sniff(self.clock, limits, self.connections, rows, self.plain.factory, patience)
        self.places = Places(5)
        self.factory = Admission(self.sniff, self.places, b"too many\r\n")

    def connect(self) -> tuple[Any, MemoryTransport]:
        """One more connection."""
        transport = MemoryTransport(self.clock, "192.0.2.1")
        protocol: Any = self.factory.buildProtocol(None)
        transport.connect(protocol)
        return protocol, transport

    def told(self) -> list[tuple[str, list[object]]]:
        """The dialects that were spoken, and what each conversation was told."""
        sites = (("plain", self.plain), ("irc", self.irc))
        return [(name, each.told) for name, site in sites for each in site.conversations]


class Deciding(SynchronousTestCase):
    """Who gets a connection."""

    def test_by_the_first_bytes(self) -> None:
        """Each gets what is theirs, with all bytes, at once, and from then on without a detour."""
        port = OnePort()
        ada, _ = port.connect()
        ada.dataReceived(b"ada\nhello\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"ada", b"hello"])])
        bob, _ = port.connect()
        bob.dataReceived(b"\r\nNICK bob\r\nUSER b 0 * :b\r\nJOIN")
        bob.dataReceived(b" #a\r\n")
        self.assertEqual(port.told()[1], ("irc", ["opened", b"", b"NICK bob", b"USER b 0 * :b", b"JOIN #a"]))
        eve, _ = port.connect()
        eve.dataReceived(b"\x16")
        self.assertEqual(port.tls.made, [])
        eve.dataReceived(b"\x03\x01")
        eve.dataReceived(b"more")
        self.assertEqual(port.tls.made[0].received, b"\x16\x03\x01more")
        for protocol in (ada, bob):
            self.assertIsInstance(protocol.inner, LineLink)
            self.assertEqual(protocol.dataReceived, protocol.inner.dataReceived)
        self.assertEqual(eve.dataReceived, port.tls.made[0].dataReceived)
        waiting = {call.func.__qualname__ for call in port.clock.getDelayedCalls()}
        self.assertEqual(waiting, {"Turn._end"})

    def test_silence(self) -> None:
        """Who says nothing is greeted when the time is over, and not before."""
        port = OnePort()
        _, transport = port.connect()
        port.clock.advance(0.39)
        self.assertEqual((transport.value(), port.told()), (b"", []))
        port.clock.advance(0.02)
        port.clock.advance(0)
        self.assertEqual(transport.value(), b"welcome\r\n")
        self.assertEqual(len(port.connections), 1)

    def test_no_patience(self) -> None:
        """With 0 seconds everybody is greeted at once."""
        port = OnePort(patience=0)
        port.connect()
        self.assertEqual(port.told(), [("plain", ["opened"])])

    def test_no_choice(self) -> None:
        """Where only one dialect is taken it is used at once, and for everything."""
        port = OnePort(names="")
        protocol, _ = port.connect()
        self.assertIsInstance(protocol.inner, LineLink)
        protocol.dataReceived(b"NICK ada\n\x16\x03\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"NICK ada", b"\x16\x03"])])

    def test_not_yet_whole(self) -> None:
        """What cannot be told yet is kept; the time runs on."""
        port = OnePort()
        protocol, _ = port.connect()
        protocol.dataReceived(b"NI")
        self.assertEqual(port.told(), [])
        port.clock.advance(0.5)
        self.assertEqual(port.told(), [("plain", ["opened"])])
        protocol.dataReceived(b"na\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"NIna"])])

    def test_without_late_rows(self) -> None:
        """Where nothing may come after the greeting, it decides."""
        port = OnePort(names="tls")
        protocol, _ = port.connect()
        port.clock.advance(0.5)
        self.assertIsInstance(protocol.inner, LineLink)
        protocol.dataReceived(b"\x16\x03\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"\x16\x03"])])
        self.assertEqual(port.tls.made, [])

    def test_row_that_does_not_want_it(self) -> None:
        """If a factory has no protocol, the connection is closed, and nobody hears of it."""
        port = OnePort()
        port.tls.buildProtocol = lambda addr: None  # type: ignore[method-assign]
        protocol, transport = port.connect()
        protocol.dataReceived(b"\x16\x03")
        port.clock.advance(0)
        protocol.dataReceived(b"more")
        self.assertFalse(transport.open)
        self.assertEqual((port.told(), len(port.connections), port.places.taken), ([], 0, {}))
        self.assertEqual(port.clock.getDelayedCalls(), [])

    def test_bound(self) -> None:
        """What is told by n-1 bytes or n counts, what takes n+1 does not any more; nothing is lost."""
        for length, dialect in ((MOST_KEPT - 7, "irc"), (MOST_KEPT - 6, "irc"), (MOST_KEPT - 5, "plain")):
            for cut in (0, 1, length, length + 5):
                port = OnePort()
                protocol, _ = port.connect()
                line = b"@" * length + b" NICK a"
                protocol.dataReceived(line[:cut])
                self.assertIs(port.told() == [], cut < MOST_KEPT)
                protocol.dataReceived(line[cut:] + b"\n")
                self.assertEqual(port.told(), [(dialect, ["opened", line])])
        port = OnePort()
        protocol, _ = port.connect()
        protocol.dataReceived(b"@" * (MOST_KEPT - 1))
        self.assertEqual(port.told(), [])
        protocol.dataReceived(b"@")
        self.assertEqual(port.told(), [("plain", ["opened"])])

    def test_many_blank_lines(self) -> None:
        """They are nobody's first line, but more of them than are kept get the greeting."""
        port = OnePort()
        protocol, _ = port.connect()
        protocol.dataReceived(b"\n" * (MOST_KEPT - 1))
        self.assertEqual(port.told(), [])
        protocol.dataReceived(b"\n")
        self.assertEqual(port.told(), [("plain", ["opened", *[b""] * MOST_KEPT])])
        protocol.dataReceived(b"NICK a\n")
        self.assertEqual(port.told()[1], ("irc", ["opened", b"NICK a"]))
        protocol, _ = port.connect()
        protocol.dataReceived(b"\r" * (MOST_KEPT + 1) + b"\nNICK a\n")
        self.assertEqual(port.told()[1], ("plain", ["opened", b"\r" * MOST_KEPT, b"NICK a"]))


class TakingOver(SynchronousTestCase):
    """IRC that begins after the greeting."""

    def test_late(self) -> None:
        """A client that was greeted and then speaks IRC gets it: the first conversation hears nothing of it, not even
        an end, and what was said before arrives once."""
        port = OnePort()
        protocol, transport = port.connect()
        port.clock.advance(0.4)
        protocol.dataReceived(b"NI")
        protocol.dataReceived(b"CK ada\r\nUS")
        protocol.dataReceived(b"ER a\r\n")
        port.clock.advance(0)
        self.assertEqual(port.told(), [("plain", ["opened"]), ("irc", ["opened", b"NICK ada", b"USER a"])])
        self.assertEqual(transport.value(), b"welcome\r\nNICK ada\r\nUSER a\r\n")
        self.assertIs(protocol.inner.transport, transport)
        self.assertEqual(protocol.dataReceived, protocol.inner.dataReceived)
        self.assertEqual(len(port.connections), 1)
        port.plain.conversations[0].link.write(b"never seen\r\n")
        port.plain.conversations[0].link.close()
        transport.lost(ConnectionDone())
        self.assertEqual(port.told()[0], ("plain", ["opened"]))
        self.assertEqual(port.told()[1][1][-1], Ending.LOST)
        self.assertEqual((len(port.connections), port.places.taken), (0, {}))

    def test_enter_alone(self) -> None:
        """Blank lines reach whoever greeted at once; a line that is not blank decides."""
        port = OnePort()
        protocol, _ = port.connect()
        port.clock.advance(0.4)
        protocol.dataReceived(b"\r\n\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"", b""])])
        protocol.dataReceived(b"ada\nNICK x\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"", b"", b"ada", b"NICK x"])])

    def test_paused(self) -> None:
        """Reading that the first link had paused goes on under the second."""
        port = OnePort(LinkLimits(lines_per_turn=5))
        protocol, transport = port.connect()
        port.clock.advance(0.4)
        protocol.dataReceived(b"\n" * 6)
        self.assertEqual(transport.producerState, "paused")
        protocol.dataReceived(b"NICK ada\n")
        self.assertEqual(transport.producerState, "producing")
        self.assertEqual(port.told()[1], ("irc", ["opened", b"NICK ada"]))

    def test_answers_to_the_greeting(self) -> None:
        """What programs may begin with before the greeting is a person's after it, unless only programs say so."""
        for line, late in ((b"HELP", "plain"), (b"nick ada", "plain"), (b"LIST", "plain"), (b"CAP LS", "irc")):
            for seconds, dialect in ((0.3, "irc"), (0.5, late)):
                port = OnePort()
                protocol, _ = port.connect()
                port.clock.pump([seconds, 0])
                protocol.dataReceived(line[:2])
                protocol.dataReceived(line[2:] + b"\r\n")
                self.assertEqual(port.told()[-1], (dialect, ["opened", line]))

    def test_settled(self) -> None:
        """Who has said who it is stays what it is."""
        port = OnePort()
        protocol, _ = port.connect()
        port.clock.advance(0.4)
        port.plain.conversations[0].link.settle()
        protocol.dataReceived(b"NICK ada\n")
        self.assertEqual(port.told(), [("plain", ["opened", b"NICK ada"])])

    def test_closing(self) -> None:
        """A link that closes is not taken over, and one that has a bug to answer for neither."""
        for end in (lambda link: link.close(), lambda link: link.failed_by_test()):
            port = OnePort()
            protocol, transport = port.connect()
            port.clock.advance(0.4)
            link = port.plain.conversations[0].link
            link.failed_by_test = lambda link=link: link._doom(Ending.BUG)
            end(link)
            protocol.dataReceived(b"NICK ada\n")
            port.clock.pump([0, 0, 0])
            self.assertEqual(port.irc.conversations, [])
            self.assertFalse(transport.open)

    def test_time_to_log_in(self) -> None:
        """The new link has its own time, and the old one none."""
        port = OnePort(LinkLimits(login_seconds=5.0))
        port.connections.startService()
        protocol, _ = port.connect()
        port.clock.advance(1)
        protocol.dataReceived(b"NICK ada\n")
        port.clock.pump([1.0] * 7)
        self.assertEqual([told[-1] for _, told in port.told()], ["opened", Ending.LATE])

    def test_what_is_queued_stays_in_order(self) -> None:
        """On a socket that takes little at a time, what the first link wrote comes before what the second writes, all
        of it."""
        hand = HandReactor()
        port = OnePort(clock=hand)
        sent = b"".join(b"%0998d\r\n" % number for number in range(200))
        port.plain._make = type("Long", (Greeting,), {"greeting": sent})
        protocol: Any = port.sniff.buildProtocol(None)
        wire = Wire(hand, protocol)
        self.addCleanup(wire.close)
        protocol.makeConnection(wire.transport)
        hand.advance(0.4)
        protocol.dataReceived(b"NICK ada\n")
        hand.advance(0)
        self.assertEqual(wire.read_all(), sent + b"NICK ada\r\n")
        self.assertIs(wire.transport.producer, protocol.inner.outbox)
        protocol.inner.close()
        hand.advance(0)
        self.assertTrue(wire.transport.disconnecting or wire.transport.disconnected)

    def test_slow_reader_after_it(self) -> None:
        """The queue is bounded as before, and the new link is the one that is cut."""
        hand = HandReactor()
        port = OnePort(LinkLimits(send_queue=10_000), clock=hand)
        protocol: Any = port.sniff.buildProtocol(None)
        wire = Wire(hand, protocol)
        self.addCleanup(wire.close)
        protocol.makeConnection(wire.transport)
        hand.advance(0.4)
        protocol.dataReceived(b"NICK ada\n")
        for _ in range(300):
            protocol.inner.write(b"x" * 1000)
        hand.advance(0)
        self.assertEqual(port.told(), [("plain", ["opened"]), ("irc", ["opened", b"NICK ada", Ending.TOO_SLOW])])


class Undecided(SynchronousTestCase):
    """What ends an undecided connection."""

    def test_lost(self) -> None:
        """One that is lost is forgotten, with its timer and its place."""
        port = OnePort()
        protocol, transport = port.connect()
        protocol.dataReceived(b"NI")
        self.assertEqual((len(port.connections), port.places.taken), (1, {"192.0.2.1": 1}))
        transport.lost(ConnectionLost())
        self.assertEqual((len(port.connections), port.places.taken), (0, {}))
        self.assertEqual((port.told(), port.clock.getDelayedCalls()), ([], []))

    def test_half_closed(self) -> None:
        """One whose peer has sent all it wanted to is decided at once, and served."""
        for data, told in (
            (b"", []),
            (b"ada\nhello\n", [b"ada", b"hello"]),
            (b"\n\n", [b"", b""]),
            (b"NI", []),
        ):
            port = OnePort()
            protocol, transport = port.connect()
            protocol.dataReceived(data)
            protocol.readConnectionLost()
            port.clock.pump([0, 0])
            self.assertEqual(port.told(), [("plain", ["opened", *told, Ending.LOST])])
            self.assertTrue(transport.value().startswith(b"welcome\r\n"))
            self.assertFalse(transport.open)
            self.assertEqual(len(port.connections), 0)

    def test_half_closed_after_the_greeting(self) -> None:
        """What was kept is served then, too."""
        port = OnePort()
        protocol, transport = port.connect()
        port.clock.advance(0.4)
        protocol.dataReceived(b"N")
        protocol.readConnectionLost()
        port.clock.pump([0, 0])
        self.assertEqual(port.told(), [("plain", ["opened", Ending.LOST])])
        self.assertFalse(transport.open)

    def test_shutdown(self) -> None:
        """When the server ends it is told so, in the dialect of those who say nothing, and the server waits for it."""
        port = OnePort()
        port.connections.startService()
        _, transport = port.connect()
        gone = port.connections.stopService()
        self.assertNoResult(gone)
        port.clock.pump([0, 0])
        self.successResultOf(gone)
        self.assertEqual(transport.value(), b"server going down\r\n")
        _, transport = port.connect()
        port.clock.pump([0, 0])
        self.assertFalse(transport.open)

    def test_time_to_log_in(self) -> None:
        """Where nobody speaks first it ends when the time to log in is over, and not before."""
        port = OnePort(LinkLimits(login_seconds=5.0), patience=None)
        port.connections.startService()
        _, transport = port.connect()
        port.clock.pump([1.0] * 5)
        self.assertEqual((transport.open, port.told()), (True, []))
        port.clock.pump([1.0, 0, 0])
        self.assertEqual(transport.open, False)
        self.assertEqual(port.told()[0][1][-1], Ending.LATE)
        self.assertEqual(len(port.connections), 0)

    def test_bug(self) -> None:
        """An error of ours is logged once, and ends that connection."""
        port = OnePort()
        protocol, transport = port.connect()

        def bug(data: bytes) -> bool:
            raise RuntimeError("a bug")

        port.sniff.rows = (Row("bug", bug, port.tls),)
        protocol.inner._rows = port.sniff.rows
        protocol.dataReceived(b"x")
        port.clock.advance(0)
        self.assertFalse(transport.open)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)


KEPT = 96
"""Bytes that are kept, for what follows: a hundredth of what is kept else. Everything that is too much is a hundredth,
too, and so is what an example costs."""

TELLING = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\n", b"\r\n", b"\r", b" ", b"NICK", b"nick ", b"NICK ada\r\n", b"@a ", b":b ", b"PI", b"NG"]
        ),
        st.sampled_from([b"x" * (KEPT + 1), b"@" * KEPT, b"\n" * (KEPT + 1), b"\r" * (KEPT - 1)]),
        st.sampled_from(
            [b"@" * (KEPT - 5) + b" NICK a\n", b"@" * (KEPT - 9) + b" NICK a\n", b"\r" * KEPT + b"\nNICK a\n"]
        ),
        st.sampled_from([b"ada\n", b"\x16", b"\x16\x02"]),
        st.binary(max_size=4),
    ),
    max_size=8,
).map(b"".join)


def lines_of(pieces: list[bytes], silent_after: int) -> list[tuple[str, list[object]]]:
    """Whom these pieces reach, and with what, but for blank lines and conversations that heard nothing else; the time
    for silence is over after so many of them."""
    port = OnePort()
    protocol, _ = port.connect()
    for number, piece in enumerate([*pieces, b""]):
        if number == silent_after:
            port.clock.advance(0.4)
        if piece:
            protocol.dataReceived(piece)
    port.clock.advance(0.4)
    heard = [(name, [each for each in told if each not in ("opened", b"")]) for name, told in port.told()]
    return [*(each for each in heard if each[1]), *(("tls", [each.received]) for each in port.tls.made)]


class Chunks(SynchronousTestCase):
    """Any bytes, cut anywhere, and silence at any time."""

    def setUp(self) -> None:
        """Little is kept."""
        self.patch(sniff, "MOST_KEPT", KEPT)
        blank = sniff._BLANK_LINES.pattern.replace(b"%d" % (MOST_KEPT - 1), b"%d" % (KEPT - 1))
        self.patch(sniff, "_BLANK_LINES", re.compile(blank))

    @settings(max_examples=500, deadline=None)
    @given(TELLING, CUTS, st.integers(0, 40))
    def test_nothing_matters_but_the_bytes(self, data: bytes, cuts: list[int], silent_after: int) -> None:
        """The same lines reach the same dialect as in one piece, before the greeting or after it. (TLS does not begin
        then.)"""
        pieces = chunks(data, cuts)
        whole = lines_of([data], 9)
        if not data.startswith(b"\x16\x03"):
            self.assertIn(lines_of(pieces, silent_after), (whole, lines_of([data], 0)))
        else:
            self.assertEqual(lines_of(pieces, 99), whole)
