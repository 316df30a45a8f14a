"""One port for all, as `tap` puts it together: on real sockets, with what each kind of client sends."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
import pytest_twisted
from twisted.internet.endpoints import SSL4ClientEndpoint, serverFromString
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.dialects.plain import REFUSED, PlainConversation
from chatproto.dialects.turned_away import IRC_REFUSED
from chatproto.events import Ending
from chatproto.interfaces import IConversation, ILink, Peer
from chatproto.tap import make_reception, make_rooms
from chatproto.testing import MemoryTransport, RecordingConversation
from chatproto.transports.admission import MOST_HEARD
from chatproto.transports.connections import Connections
from chatproto.transports.limits import LinkLimits
from chatproto.transports.listeners import ListenSettings
from chatproto.transports.reception import OverTLS
from chatproto.transports.tls import BadCertificate, RenewedCertificate, self_signed
from chatproto.transports.turn import Turn
from tests.transports import LOCALHOST, Client, Echo, connect, connect_unix, listening, reactor, until

ASKED = [b"-- Welcome to chat.", b"-- What is your name?"]
ALL = ("plain", "irc", "tls")
TURNS = 20


class Irc(Echo):
    """Sends each line back behind a word, so that it can be told from the chat's own."""

    def line_received(self, line: bytes) -> Any:
        """Send it back."""
        RecordingConversation.line_received(self, line)
        self.link.write(b"IRC " + line + b"\r\n")


class Unhurried:
    """The reactor's clock, but for what is to happen later: that has to wait for some turns of the reactor, too. Both
    ends of a connection are in this process, and on a busy machine a second may pass from one turn to the next: nobody
    is silent who was to speak in the next one."""

    seconds = staticmethod(reactor.seconds)

    def callLater(self, delay: float, call: Callable[..., object], *arguments: Any, **named: Any) -> Any:
        """As the reactor's."""
        if delay <= 0:
            return reactor.callLater(delay, call, *arguments, **named)
        return Later(delay, partial(call, *arguments, **named))


class Later:
    """Something that will happen."""

    def __init__(self, delay: float, call: Callable[[], object]) -> None:
        """After so many seconds, and then so many turns."""
        self._waiting: IDelayedCall = reactor.callLater(delay, self._turn, TURNS, call)

    def _turn(self, left: int, call: Callable[[], object]) -> None:
        if left:
            self._waiting = reactor.callLater(0, self._turn, left - 1, call)
        else:
            call()

    def cancel(self) -> None:
        """See `IDelayedCall`."""
        self._waiting.cancel()

    def active(self) -> bool:
        """See `IDelayedCall`."""
        return self._waiting.active()


class House:
    """The receptions of a server whose IRC is an `Irc`."""

    def __init__(self, clock: Any = None, listen: ListenSettings | None = None, **limits: Any) -> None:
        self.settings = Settings(
            listen=listen or ListenSettings(), connections=LinkLimits(**{"sniff_seconds": 0.1, **limits})
        )
        clock = clock or Unhurried()
        self.connections = Connections(clock, self.settings.connections.closing_seconds)
        self.irc: list[Irc] = []
        rooms = make_rooms(self.settings, reactor.seconds)
        self.directory = TemporaryDirectory()
        self.reception = make_reception(
            self.settings,
            clock,
            self.connections,
            self._certificate,
            {"plain": lambda link: PlainConversation(link, rooms, "Welcome to chat."), "irc": self._converse},
            Turn(clock),
        )

    def _certificate(self) -> RenewedCertificate:
        return RenewedCertificate(self_signed(Path(self.directory.name)), reactor)

    def _converse(self, link: ILink) -> IConversation:
        self.irc.append(Irc(link))
        return self.irc[-1]

    @asynccontextmanager
    async def open(self, takes: Collection[str] = ALL, endpoint: str | None = None, *, tls: bool = False) -> Any:
        """A port of it; in the end nobody may be left, and nothing be counted."""
        factory = self.reception.tls(takes) if tls else self.reception.cleartext(takes)
        described = serverFromString(reactor, endpoint) if endpoint else None
        async with listening(factory, described) as port:
            yield port
            await until(lambda: not len(self.connections), "everybody to be gone")
            counts = [self.reception._places.taken, self.reception._heard.taken]
            await until(lambda: not any(counts), "every place to be free")
        self.directory.cleanup()


async def connect_tls(port: Any) -> Client:
    """A client that believes any certificate."""
    endpoint = SSL4ClientEndpoint(reactor, LOCALHOST, port.getHost().port, CertificateOptions())
    client: Client = await endpoint.connect(Factory.forProtocol(Client))
    return client


@asynccontextmanager
async def no_tracebacks() -> AsyncIterator[None]:
    """Nothing is logged as a failure meanwhile."""
    events: list[LogEvent] = []
    observer = cast("ILogObserver", events.append)
    globalLogPublisher.addObserver(observer)
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(observer)
    assert [event for event in events if "log_failure" in event or event.get("isError")] == []


@pytest_twisted.ensureDeferred
async def test_one_port_for_all() -> None:
    """Plain lines, IRC, and both of them over TLS come in at one port, one after the other and at the same time."""
    house = House(sniff_seconds=30)
    async with no_tracebacks(), house.open() as port:
        clients = [await connect(port), await connect(port), await connect_tls(port), await connect_tls(port)]
        for client, line in zip(clients, (b"ada\n", b"NICK bob\r\n", b"eve\n", b"NICK kim\r\n"), strict=True):
            client.send(line)
        await clients[0].heard(b"-- Hello, ada.")
        await clients[2].heard(b"-- Hello, eve.")
        await clients[1].heard(b"IRC NICK bob\r\n")
        await clients[3].heard(b"IRC NICK kim\r\n")
        assert [clients[number].lines() for number in (1, 3)] == [[b"IRC NICK bob"], [b"IRC NICK kim"]]
        assert sorted(each.link.peer for each in house.irc) == [Peer(LOCALHOST, False), Peer(LOCALHOST, True)]
        for client in clients:
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_silent() -> None:
    """Who says nothing is greeted after a moment, over TLS too; and can still begin with IRC."""
    house = House()
    async with house.open() as port:
        for join in (connect, connect_tls):
            client = await join(port)
            await client.heard(b"name?\r\n")
            client.send(b"NICK ada\r\n")
            await client.heard(b"IRC NICK ada\r\n")
            assert client.lines() == [*ASKED, b"IRC NICK ada"]
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_byte_by_byte() -> None:
    """However slowly something comes, it is told right."""
    house = House(sniff_seconds=30)
    async with house.open() as port:
        client = await connect(port)
        for byte in b"nick a\n":
            client.send(bytes([byte]))
            await until(lambda: True, "a turn")
        await client.heard(b"IRC nick a\r\n")
        await client.leave()


@pytest.mark.parametrize("sniff_seconds", [30.0, 0.0])
@pytest_twisted.ensureDeferred
async def test_half_closed(sniff_seconds: float) -> None:
    """`printf 'ada\\nhello\\n' | nc -N`: it is served, and the connection ends; so is one that says nothing."""
    house = House(sniff_seconds=sniff_seconds)
    async with no_tracebacks(), house.open() as port:
        client = await connect(port)
        client.send(b"ada\n/rooms\n")
        client.transport.loseWriteConnection()
        await client.ended()
        assert client.lines()[:2] == ASKED
        assert client.lines()[-1].startswith(b"-- #lobby")
        client = await connect(port)
        client.transport.loseWriteConnection()
        await client.ended()
        assert client.lines() == ASKED


@pytest_twisted.ensureDeferred
async def test_one_dialect() -> None:
    """Where IRC alone is taken nobody is greeted, and everything is IRC; where plain lines alone are, one is greeted at
    once, and everything is plain."""
    house = House(sniff_seconds=30)
    async with house.open(("irc",)) as irc, house.open(("plain",)) as plain:
        ada, bob = await connect(irc), await connect(plain)
        await bob.heard(b"name?\r\n")
        ada.send(b"hello\n")
        await ada.heard(b"IRC hello\r\n")
        assert ada.lines() == [b"IRC hello"]
        bob.send(b"NICK\n")
        await bob.heard(b"-- Hello, NICK.")
        for client in (ada, bob):
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_irc_or_tls() -> None:
    """TLS by its first byte, and IRC in it and beside it, whatever is said; nobody is greeted."""
    house = House(sniff_seconds=0)
    async with house.open(("irc", "tls")) as port:
        for join in (connect, connect_tls):
            client = await join(port)
            client.send(b"ada\n")
            await client.heard(b"IRC ada\r\n")
            assert client.lines() == [b"IRC ada"]
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_tls_alone() -> None:
    """A port that takes TLS alone has in it what stands in the settings, and so has the TLS port."""
    house = House(listen=ListenSettings(tls_dialects=("irc",)))
    async with house.open(("tls",)) as port, house.open(("irc",), tls=True) as tls_port:
        for each in (port, tls_port):
            client = await connect_tls(each)
            client.send(b"ada\n")
            await client.heard(b"IRC ada\r\n")
            await client.leave()


@pytest.mark.parametrize("tls", [False, True])
@pytest_twisted.ensureDeferred
async def test_broken_handshakes(*, tls: bool) -> None:
    """What begins like TLS and is none ends that connection without a word in the log; so does a peer that goes away in
    the middle."""
    house = House(sniff_seconds=30)
    async with no_tracebacks(), house.open(("plain", "irc") if tls else ALL, tls=tls) as port:
        for rubbish in (b"\x16\x03\x01\x00\x05hello", b"\x16\x03" + b"\x00" * 1000, b"\x16\x03\xff\xff\xff" * 9000):
            client = await connect(port)
            client.send(rubbish)
            client.transport.loseWriteConnection()
            await client.ended()
            await until(lambda: not len(house.connections), "its end")
        client = await connect(port)
        client.send(b"\x16\x03\x01")
        await client.leave()
        client = await connect(port)
        client.send(b"\x16\x03\x01")
        await until(lambda: len(house.connections), "the connection")
        client.transport.abortConnection()


@pytest_twisted.ensureDeferred
async def test_lines_before_the_end_of_tls() -> None:
    """What a peer sent before it ended TLS properly is served."""
    house = House()
    async with no_tracebacks(), house.open() as port:
        client = await connect_tls(port)
        client.send(b"NICK ada\r\nUSER a\r\n")
        client.transport.loseConnection()
        await client.ended()
        assert client.why is not None
        assert client.why.check(ConnectionDone)
        await until(lambda: house.irc and Ending.LOST in house.irc[0].told, "its end")
        assert house.irc[0].told == ["opened", b"NICK ada", b"USER a", Ending.LOST]


@pytest_twisted.ensureDeferred
async def test_handshake_that_never_ends() -> None:
    """It has the time to log in, and no more, on the shared port and on that of TLS."""
    house = House(login_seconds=0.2, closing_seconds=0.2)
    house.connections.startService()
    async with house.open() as port, house.open(("plain", "irc"), tls=True) as tls_port:
        for each in (port, tls_port):
            client = await connect(each)
            client.send(b"\x16\x03\x01\x02\x00\x01")
            await client.ended()
            assert client.received == b""
    await house.connections.stopService()


@pytest_twisted.ensureDeferred
async def test_one_too_many() -> None:
    """Silent connections are counted at once, on all listeners together; the one that is too many and silent reads why
    in words of the listener's dialect, after a moment, and on a port of TLS nothing."""
    house = House(per_address=2)
    async with (
        no_tracebacks(),
        house.open() as port,
        house.open(("irc", "tls")) as irc,
        house.open(("tls",)) as only_tls,
        house.open(("plain",), tls=True) as tls_port,
    ):
        first, second = await connect(port), await connect(irc)
        await until(lambda: len(house.connections) == 2, "both")
        for where, words in (
            (port, [b"!! There are too many connections from your address. Close one first."]),
            (irc, [b"ERROR :There are too many connections from your address"]),
            (only_tls, []),
            (tls_port, []),
        ):
            third = await connect(where)
            await third.ended()
            assert third.lines() == words
        await second.leave()
        await until(lambda: len(house.connections) == 1, "one to be gone")
        again = await connect_tls(port)
        again.send(b"NICK ada\n")
        await again.heard(b"IRC NICK ada\r\n")
        for client in (first, again):
            await client.leave()


FULL, IRC_FULL = (each.encode() for each in (REFUSED, IRC_REFUSED))


@pytest_twisted.ensureDeferred
async def test_one_too_many_in_its_own_words() -> None:
    """Where there is a choice, the one that is too many reads why in words of what it speaks, and on TLS nothing; it
    becomes nobody's conversation, and is gone soon even if it never says what it speaks."""
    house = House(per_address=1, sniff_seconds=0.3)
    async with (
        no_tracebacks(),
        house.open() as port,
        house.open(("plain", "tls")) as plain,
        house.open(("irc", "tls")) as irc,
    ):
        first = await connect(port)
        await first.heard(b"name?\r\n")
        for where, said, words in (
            (port, b"CAP LS 302\r\nNICK ada\r\nUSER ada 0 * :Ada\r\n", [IRC_FULL]),
            (port, b"NICK", [FULL]),
            (port, b"ada\n", [FULL]),
            (port, b"", [FULL]),
            (port, b"\x16\x03\x01", []),
            (plain, b"\x16\x03\x01", []),
            (plain, b"NICK ada\r\n", [FULL]),
            (irc, b"\x16\x03\x01", []),
            (irc, b"", [IRC_FULL]),
        ):
            client = await connect(where)
            client.send(said)
            await client.ended()
            assert client.lines() == words, said
        assert house.irc == []
        half = await connect(port)
        half.transport.loseWriteConnection()
        await half.ended()
        assert half.lines() == [FULL]
        await first.leave()


@pytest_twisted.ensureDeferred
async def test_how_many_too_many_are_heard() -> None:
    """Of those who are too many, n-1 and n are waited for, and n+1 is told at once; when one is gone, there is room for
    another. None of them takes a place of those who are not too many."""
    house = House(per_address=1, sniff_seconds=30)
    async with no_tracebacks(), house.open() as port, house.open(("plain",)) as plain:
        first = await connect(port)
        await until(lambda: len(house.connections) == 1, "the first one")
        waiting = [await connect(port) for _ in range(MOST_HEARD)]
        await until(lambda: len(house.connections) == 1 + MOST_HEARD, "all that are heard")
        beyond = await connect(port)
        await beyond.ended()
        assert beyond.lines() == [FULL]
        assert not any(client.finished or client.received for client in waiting)
        waiting[0].send(b"NICK ada\r\n")
        await waiting[0].ended()
        assert waiting[0].lines() == [IRC_FULL]
        another = await connect(port)
        await until(lambda: len(house.connections) == 1 + MOST_HEARD, "another one")
        assert not another.finished
        no_choice = await connect(plain)
        await no_choice.ended()
        assert no_choice.lines() == [FULL]
        await first.leave()
        await until(lambda: not house.reception._places.taken, "the place")
        second = await connect(port)
        second.send(b"NICK ada\r\n")
        await second.heard(b"IRC NICK ada\r\n")
        for client in (*waiting[1:], another, second):
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_one_too_many_when_the_server_stops() -> None:
    """Who is waited for then is let go with the others."""
    house = House(per_address=1, sniff_seconds=30)
    house.connections.startService()
    async with no_tracebacks(), house.open() as port:
        first = await connect(port)
        await until(lambda: len(house.connections) == 1, "the first one")
        second = await connect(port)
        await until(lambda: len(house.connections) == 2, "the second one")
        await house.connections.stopService()
        await first.ended()
        await second.ended()
        assert not second.received


@pytest_twisted.ensureDeferred
async def test_one_too_many_behind_a_proxy() -> None:
    """Behind HAProxy, too: by the address that it tells, whether the header comes alone or not."""
    house = House(per_address=1, sniff_seconds=0.3)
    header = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 7000\r\n"
    async with no_tracebacks(), house.open(ALL, "haproxy:tcp:0:interface=127.0.0.1") as port:
        first = await connect(port)
        first.send(header + b"NICK ada\r\n")
        await first.heard(b"IRC NICK ada\r\n")
        for said, later, words in (
            (b"NICK bob\r\n", b"", [IRC_FULL]),
            (b"", b"NICK bob\r\n", [IRC_FULL]),
            (b"", b"", [FULL]),
            (b"\x16\x03\x01", b"", []),
        ):
            client = await connect(port)
            client.send(header + said)
            if later:
                await until(lambda: bool(house.reception._heard.taken), "the header")
                client.send(later)
            await client.ended()
            assert client.lines() == words
        await first.leave()


@pytest_twisted.ensureDeferred
async def test_behind_a_proxy() -> None:
    """Behind HAProxy all dialects are told apart as well, once the header has come; the address is the client's own."""
    house = House(sniff_seconds=0.2)
    header = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 7000\r\n"
    async with no_tracebacks(), house.open(ALL, "haproxy:tcp:0:interface=127.0.0.1") as port:
        irc, silent, late, nobody = [await connect(port) for _ in range(4)]
        irc.send(header + b"NICK ada\r\n")
        await irc.heard(b"IRC NICK ada\r\n")
        assert house.irc[0].link.peer == Peer("192.0.2.7", secure=False)
        silent.send(header)
        await silent.heard(b"name?\r\n")
        silent.send(b"bob\n")
        await silent.heard(b"-- Hello, bob.")
        late.send(header)
        await late.heard(b"name?\r\n")
        late.send(b"NICK eve\r\n")
        await late.heard(b"IRC NICK eve\r\n")
        assert not nobody.received
        half = await connect(port)
        half.send(header + b"kim\n/rooms\n")
        half.transport.loseWriteConnection()
        await half.ended()
        assert half.lines()[-1].startswith(b"-- #lobby")
        for client in (irc, silent, late, nobody):
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_one_dialect_behind_a_proxy() -> None:
    """There, too, a client that is silent after the header is greeted; one that the proxy says nothing of, as well."""
    house = House(sniff_seconds=30)
    async with house.open(("plain",), "haproxy:tcp:0:interface=127.0.0.1") as port:
        for header in (
            b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 7000\r\n",
            b"PROXY UNKNOWN 192.0.2.7 198.51.100.1 1 2\r\n",
        ):
            client = await connect(port)
            client.send(header)
            await client.heard(b"name?\r\n")
            await client.leave()


@pytest_twisted.ensureDeferred
async def test_tls_behind_a_proxy() -> None:
    """TLS can begin behind the PROXY header."""
    house = House(sniff_seconds=30)
    async with no_tracebacks(), house.open(ALL, "haproxy:tcp:0:interface=127.0.0.1") as port:
        client = await connect(port)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing)
        client.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 7000\r\n")

        def step(what: Callable[[], Any]) -> bool:
            incoming.write(bytes(client.received))
            client.received.clear()
            try:
                what()
            except ssl.SSLWantReadError:
                return False
            finally:
                client.send(outgoing.read())
            return True

        await until(lambda: step(tls.do_handshake), "the handshake")
        await until(lambda: step(lambda: tls.write(b"NICK ada\r\n")), "the line to be sent")
        read = bytearray()
        await until(lambda: step(lambda: read.extend(tls.read(100))), "the answer")
        assert bytes(read) == b"IRC NICK ada\r\n"
        assert house.irc[0].link.peer == Peer("192.0.2.7", secure=True)
        await client.leave()


HIDDEN = ListenSettings(cleartext="loopback")


@pytest_twisted.ensureDeferred
async def test_cleartext_on_this_machine_only(tmp_path: Path) -> None:
    """With cleartext kept to this machine, others are told so in their dialect and closed; this machine, Unix sockets
    and TLS go on as ever."""
    house = House(listen=HIDDEN)
    path = str(tmp_path / "chat.sock")
    async with (
        house.open() as port,
        house.open(ALL, "haproxy:tcp:0:interface=127.0.0.1") as proxied,
        house.open(ALL, f"unix:{path}"),
    ):
        for client in (await connect(port), await connect_tls(port), await connect_unix(path)):
            client.send(b"NICK ada\r\n")
            await client.heard(b"IRC NICK ada\r\n")
            await client.leave()
        for said, words in (
            (b"", b"!! From where you are this server is reached over TLS only."),
            (b"ada\n", b"!! From where you are this server is reached over TLS only."),
            (b"NICK ada\r\n", b"ERROR :From where you are this server is reached over TLS only"),
        ):
            client = await connect(proxied)
            client.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 7000\r\n" + said)
            await client.ended()
            assert client.lines() == [words]


class LineLengths(SynchronousTestCase):
    """How long a line may be."""

    def test_of_each_dialect(self) -> None:
        """IRC has its own length, at n-1 and n and not at n+1, however short plain lines are to be."""
        for dialect, longest in (("irc", 16_383), ("plain", 64)):
            for length, taken in ((longest - 1, True), (longest, True), (longest + 1, False)):
                clock = Clock()
                house = House(clock, line_length=64, endless_line=65, input_waiting=65)
                self.addCleanup(house.directory.cleanup)
                transport = MemoryTransport(clock, "192.0.2.1")
                protocol: Any = house.reception.cleartext((dialect,)).buildProtocol(transport.getPeer())
                transport.connect(protocol)
                protocol.dataReceived(b"x" * length + b"\n")
                clock.advance(0)
                if dialect == "irc":
                    told = [b"x" * length] if taken else [("too long", longest)]
                    self.assertEqual(house.irc[0].told, ["opened", *told])
                else:
                    self.assertIs(b"That line was not sent on" in transport.value(), not taken)


class WithoutCertificate(SynchronousTestCase):
    """TLS that nobody asked for, where no certificate can be had."""

    def test_told_once(self) -> None:
        """Such connections are closed; the log has one line of it."""
        events: list[LogEvent] = []
        observer = cast("ILogObserver", events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

        def certificate() -> Any:
            raise BadCertificate("there is none")

        factory = OverTLS(certificate, Factory(), Clock())
        for _ in range(3):
            self.assertIsNone(factory.buildProtocol(None))
        self.assertEqual([event.get("bad") for event in events], ["there is none"])
