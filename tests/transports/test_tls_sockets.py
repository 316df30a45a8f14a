"""TLS as the server does it, on real sockets, with clients that are none of Twisted's."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
import pytest_twisted
from OpenSSL import SSL
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from chatproto.events import Ending
from chatproto.transports import reception
from chatproto.transports.limits import LinkLimits
from chatproto.transports.reception import OverTLS
from chatproto.transports.records import DirectRecords, Records
from tests.transports import LOCALHOST, PATIENCE, Site, listening, reactor, until
from tests.transports.tls_peer import Peer, Raw, server_context

Result = TypeVar("Result")


class Certificate:
    """Shows the one of the tests."""

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """A connection over memory buffers."""
        return SSL.Connection(server_context(), None)


@pytest.fixture(params=[Records, DirectRecords], autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either way of calling OpenSSL."""
    monkeypatch.setattr(reception, "records_of", request.param)


@asynccontextmanager
async def serving(limits: LinkLimits | None = None, endpoint: str | None = None) -> AsyncIterator[tuple[Site, Any]]:
    """A site over TLS and its port; in the end nobody may be left."""
    site = Site(reactor, limits)
    certificate: Any = Certificate()
    described = serverFromString(reactor, endpoint) if endpoint else None
    async with listening(OverTLS(lambda: certificate, site.factory, reactor), described) as port:
        yield site, port
        await until(lambda: not len(site.connections), "everybody to be gone")


def trusting(version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """A client that believes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


async def meanwhile(client: Callable[[Any], Result], port: Any) -> Result:
    """What a client that blocks came to, in a thread; it is given a connected socket, and that is closed."""

    def run() -> Result:
        with socket.create_connection((LOCALHOST, port.getHost().port), PATIENCE) as plain:
            return client(plain)

    result: Result = await deferToThread(run)
    return result


def read_to_the_end(tls: ssl.SSLSocket) -> bytes:
    """All that comes before the end of TLS. Raises `ssl.SSLError` if there is none."""
    return b"".join(iter(lambda: tls.recv(100_000), b""))


def let_go(site: Site) -> None:
    """Close all its connections."""
    for connection in list(site.connections._members):
        connection.end(Ending.SHUTDOWN)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("offered", [(), ("irc", "h2")])
@pytest_twisted.ensureDeferred
async def test_clients_of_the_standard_library(version: ssl.TLSVersion, offered: tuple[str, ...]) -> None:
    """In both versions, whether or not they offer protocols: lines go to and fro, and they end it properly."""

    def client(plain: socket.socket) -> list[bytes]:
        context = trusting(version)
        context.set_alpn_protocols(offered)
        with context.wrap_socket(plain, suppress_ragged_eofs=False) as tls:
            lines = []
            for number in range(3):
                tls.sendall(b"%d\n" % number)
                lines.append(tls.recv(100))
            assert tls.selected_alpn_protocol() is None
            with contextlib.suppress(OSError):  # It expects our end at once, and gets our last word before it.
                tls.unwrap()
            return lines

    async with serving() as (site, port):
        assert await meanwhile(client, port) == [b"0\r\n", b"1\r\n", b"2\r\n"]
    assert site.conversations[0].told == ["opened", b"0", b"1", b"2", Ending.LOST]


@pytest_twisted.ensureDeferred
async def test_much_at_once() -> None:
    """Who says much and reads nothing until all is said gets everything, in order."""
    lines = [b"%04000d" % number for number in range(200)]

    def client(plain: socket.socket) -> bytes:
        with trusting().wrap_socket(plain) as tls:
            tls.sendall(b"".join(line + b"\n" for line in lines))
            got = bytearray()
            while len(got) < 4002 * len(lines):
                got += tls.recv(100_000)
            return bytes(got)

    limits = LinkLimits(burst=1000, send_queue=10_000_000, input_waiting=10_000_000)
    async with serving(limits) as (_, port):
        got = await meanwhile(client, port)
    assert got.split(b"\r\n")[:-1] == lines


@pytest_twisted.ensureDeferred
async def test_reading_after_the_own_end() -> None:
    """A client that ends its side of TLS gets the answers to all it has asked, even those that wait for their turn, and
    then a proper end."""

    def client(plain: socket.socket) -> bytes:
        plain.setblocking(True)
        tls = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), plain)
        tls.set_connect_state()
        tls.do_handshake()
        tls.sendall(b"".join(b"%d\n" % number for number in range(10)))
        tls.shutdown()
        plain.shutdown(socket.SHUT_WR)
        got = bytearray()
        with contextlib.suppress(SSL.ZeroReturnError):
            while True:
                got += tls.recv(1000)
        return bytes(got)

    async with serving(LinkLimits(burst=2, lines_per_second=100.0)) as (site, port):
        got = await meanwhile(client, port)
    assert got == b"".join(b"%d\r\n" % number for number in range(10)) + b"connection closed\r\n"
    assert site.conversations[0].told[-1] is Ending.LOST


@pytest_twisted.ensureDeferred
async def test_last_words_to_one_who_goes_on_talking() -> None:
    """Who sends more than is read when the server closes hears all the same why, and a proper end: no reset eats it."""

    def client(plain: socket.socket) -> bytes:
        with trusting().wrap_socket(plain, suppress_ragged_eofs=False) as tls:
            tls.sendall(b"hello\n")
            assert tls.recv(100) == b"hello\r\n"
            reactor.callFromThread(let_go, site)
            for _ in range(50):
                tls.sendall(b"x" * 10_000)
            return read_to_the_end(tls)

    async with serving() as (site, port):
        assert await meanwhile(client, port) == b"server going down\r\n"


@pytest.mark.parametrize("reset", [False, True])
@pytest_twisted.ensureDeferred
async def test_cut_off(*, reset: bool) -> None:
    """A client that is gone without an end of TLS, in the middle of a record or by a reset, is lost, and what was whole
    is served."""

    def client(plain: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = trusting().wrap_bio(incoming, outgoing)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(10_000))
        tls.write(b"one\n")
        plain.sendall(outgoing.read())
        tls.write(b"two\n")
        plain.sendall(outgoing.read()[:-1])
        incoming.write(plain.recv(10_000))
        while True:
            try:
                assert tls.read(100) == b"one\r\n"
                break
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(10_000))
        if reset:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    async with serving() as (site, port):
        await meanwhile(client, port)
    assert site.conversations[0].told == ["opened", b"one", Ending.LOST]


@pytest_twisted.ensureDeferred
async def test_client_that_never_closes() -> None:
    """A client that is told of the end, and does nothing, is closed when its time is over."""
    limits = LinkLimits(closing_seconds=600.0)

    def client(plain: socket.socket) -> ssl.SSLSocket:
        tls = trusting().wrap_socket(plain)
        tls.sendall(b"hello\n")
        assert tls.recv(100) == b"hello\r\n"
        reactor.callFromThread(let_go, site)
        assert read_to_the_end(tls) == b"server going down\r\n"
        return tls

    async with serving(limits) as (site, port):
        with await meanwhile(client, port):
            (link,) = site.connections._members
            link.check(reactor.seconds() + 500.0)
            for _ in range(10):  # In which it would end.
                await deferLater(reactor, 0)
            assert len(site.connections) == 1
            link.check(reactor.seconds() + 600.1)
            await until(lambda: not len(site.connections), "its end")


@pytest_twisted.ensureDeferred
async def test_over_a_unix_socket(tmp_path: Any) -> None:
    """TLS does not need TCP."""

    def client() -> bytes:
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(str(tmp_path / "socket"))
            with trusting().wrap_socket(plain) as tls:
                tls.sendall(b"hello\n")
                return tls.recv(100)

    async with serving(endpoint=f"unix:{tmp_path}/socket"):
        assert await deferToThread(client) == b"hello\r\n"


def shake_hands(plain: socket.socket, peer: Peer) -> None:
    """On a socket; of what comes behind the handshake nothing is lost."""
    plain.sendall(peer.shake_hands())
    while True:
        answer = peer.shake_hands(plain.recv(100_000))
        if answer:
            plain.sendall(answer)
            return


@pytest_twisted.ensureDeferred
async def test_broken_behind_the_handshake() -> None:
    """A client whose records are none any more is told why by TLS, and closed at once, without being waited for."""

    def client(plain: socket.socket) -> bytes:
        with trusting().wrap_socket(plain) as tls:
            tls.sendall(b"hello\n")
            assert tls.recv(100) == b"hello\r\n"
            raw = socket.socket(fileno=tls.detach())
        raw.settimeout(PATIENCE)
        with raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"z" * 32)
            return b"".join(iter(lambda: raw.recv(100_000), b""))

    async with serving(LinkLimits(closing_seconds=10 * PATIENCE)) as (site, port):
        assert await meanwhile(client, port)
    assert site.conversations[0].told == ["opened", b"hello", Ending.LOST]


@pytest_twisted.ensureDeferred
async def test_nothing_but_new_keys() -> None:
    """A client that sends nothing else is closed soon; what it said before was heard."""

    def client(plain: socket.socket) -> None:
        raw = Raw()
        shake_hands(plain, raw)
        plain.sendall(raw.say(b"hello\n"))
        keys = [b"".join(raw.new_key() for _ in range(500)) for _ in range(10)]
        with contextlib.suppress(ConnectionError):
            for each in keys:
                plain.sendall(each)
            while plain.recv(100_000):
                pass

    async with serving() as (site, port):
        await meanwhile(client, port)
    assert site.conversations[0].told == ["opened", b"hello", Ending.LOST]
