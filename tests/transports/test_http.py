"""What is a request of HTTP, and what becomes of those who send one."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.dialects.irc.conversation import IrcConversation
from chatproto.dialects.irc.server import IrcServer, Surroundings
from chatproto.stores.markers import MemoryMarkers
from chatproto.tap import make_factory, make_rooms
from chatproto.testing import MemoryTransport
from chatproto.transports.connections import Connections
from chatproto.transports.http import REFUSAL, is_request
from chatproto.transports.limits import LinkLimits
from tests.fuzz.test_framing import CUTS, chunks
from tests.transports import Site

PAGE = (
    b"POST /chat HTTP/1.1\r\nHost: localhost:7000\r\n\r\nmallory\r\nspam\r\nNICK mallory\r\nUSER m 0 * :m\r\n/quit\r\n"
)
"""What a page has a browser send."""


class Requests(SynchronousTestCase):
    """How HTTP begins."""

    def test_requests(self) -> None:
        """A method, what is asked for, and the version of HTTP."""
        for method in ("GET", "POST", "OPTIONS", "patch", "CONNECT", "PRI", "M-SEARCH", "NICK"):
            for target in ("/", "*", "/a?b=%20", "http://a/", "a:443", "/\xe4"):
                for version in ("1.0", "1.1", "2.0", "2"):
                    self.assertTrue(is_request(f"{method} {target} HTTP/{version}".encode()))
        self.assertTrue(is_request(b"GET /  HTTP/1.1 \r"))

    def test_others(self) -> None:
        """Nothing else is."""
        for line in (b"", b"GET", b"GET /", b"GET HTTP/1.1", b"GET / HTTP", b"GET / HTTP/x", b"get me a tea",
                     b"USER a 0 * :I speak HTTP/1.1", b"I like HTTP/1.1 most", b"GET / RTSP/1.0"):  # fmt: skip
            self.assertFalse(is_request(line), line)

    def test_refusal(self) -> None:
        """It is a whole answer, of the length that it says."""
        head, text = REFUSAL.split(b"\r\n\r\n")
        self.assertEqual(
            head.split(b"\r\n"),
            [
                b"HTTP/1.1 400 Bad Request",
                b"Content-Type: text/plain",
                b"Content-Length: %d" % len(text),
                b"Connection: close",
            ],
        )


async def _never(*args: object) -> bool:
    return False


class Refused(SynchronousTestCase):
    """A browser at a listener of each kind."""

    def setUp(self) -> None:
        """A chat in memory."""
        self.site = Site()
        self.clock = self.site.clock

    def connect(self, *takes: str, limits: LinkLimits | None = None) -> tuple[Any, MemoryTransport]:
        """A connection to a listener that takes these dialects."""
        chosen = Settings(connections=limits or LinkLimits())
        self.rooms = make_rooms(chosen, lambda: 0.0)
        self.connections = Connections(self.clock, 5.0)
        surroundings = Surroundings(_never, _never, lambda: 0, list, MemoryMarkers())
        irc = IrcServer(self.rooms, chosen.irc, surroundings)
        factory: Any = make_factory(
            chosen, self.clock, self.rooms, self.connections, takes, lambda link: IrcConversation(link, irc)
        )
        transport = MemoryTransport(self.clock, "192.0.2.1")
        protocol = factory.buildProtocol(None)
        transport.connect(protocol)
        return protocol, transport

    def assert_refused(self, transport: MemoryTransport, said: bytes = b"") -> None:
        """It was answered, after what was `said`, is closed, and nobody came in."""
        self.clock.pump([0, 0, 0])
        answer = transport.value()
        self.assertTrue(answer.startswith(said + REFUSAL), answer)
        self.assertNotIn(b"mallory", answer)
        self.assertFalse(transport.open)
        self.assertIsNone(self.rooms.people.get("mallory"))

    def test_in_any_chunks(self) -> None:
        """On every listener a request is answered and the connection closed, however its bytes come; nothing that
        follows is taken."""
        greeting = b"-- Welcome to chat.\r\n-- What is your name?\r\n"

        @settings(deadline=None, max_examples=50)
        @given(CUTS)
        def check(cuts: list[int]) -> None:
            for takes, said in ((("plain", "irc", "tls"), b""), (("plain", "irc"), b""), (("irc",), b""),
                                (("irc", "tls"), b""), (("plain",), greeting)):  # fmt: skip
                protocol, transport = self.connect(*takes)
                self.clock.advance(0)
                for chunk in chunks(PAGE, cuts):
                    if transport.open:
                        protocol.dataReceived(chunk)
                self.assert_refused(transport, said)

        check()

    def test_after_the_greeting(self) -> None:
        """A browser that is slow gets the greeting, and then the same."""
        protocol, transport = self.connect("plain", "irc", "tls")
        self.clock.pump([0.5, 0, 0])
        protocol.dataReceived(PAGE)
        self.assert_refused(transport, b"-- Welcome to chat.\r\n-- What is your name?\r\n")

    def test_after_other_lines(self) -> None:
        """It need not be the first line, as long as nobody has come in."""
        for takes, first in (("irc", b"NICK ada\r\n"), ("plain", b"a b\r\n")):
            protocol, transport = self.connect(takes)
            protocol.dataReceived(first + PAGE)
            self.clock.pump([0, 0])
            self.assertIn(REFUSAL, transport.value())
            self.assertIsNone(self.rooms.people.get("mallory"))

    def test_request_that_is_too_long(self) -> None:
        """A request that is longer than a line may be ends the connection too, at any length."""
        for length in (100, 4096, 5000, 9300, 17_000, 70_000):
            for takes in (("plain", "irc", "tls"), ("plain",), ("irc",)):
                protocol, transport = self.connect(*takes)
                protocol.dataReceived(PAGE.replace(b"/chat", b"/" + b"x" * length))
                self.clock.pump([0, 0, 0])
                transport_open, answer = transport.open, transport.value()
                self.assertFalse(transport_open, (length, takes, answer))
                self.assertIsNone(self.rooms.people.get("mallory"))

    def test_people_who_are_in(self) -> None:
        """Who has come in may talk of HTTP."""
        protocol, transport = self.connect("plain")
        protocol.dataReceived(b"ada\nGET / HTTP/1.1\n")
        self.clock.pump([0, 0, 0])
        self.assertTrue(transport.open)
        self.assertNotIn(REFUSAL, transport.value())
