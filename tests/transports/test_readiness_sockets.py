"""Connections that are read by an epoll of our own: on a running reactor, through whatever endpoint they come."""

from __future__ import annotations

import contextlib
import gc
import resource
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import tcp, unix
from twisted.internet.abstract import FileDescriptor
from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions

from chatproto.events import Ending
from chatproto.transports.limits import LinkLimits
from chatproto.transports.listen import DualStackEndpoint, Listener, described
from chatproto.transports.readiness import Accepted, Readiness
from chatproto.transports.reception import OverTLS
from chatproto.transports.tls import RenewedCertificate, self_signed
from chatproto.transports.turn import Turn
from tests.transports import LOCALHOST, Client, Site, connect, connect_unix, listening, reactor, until

pytestmark = pytest.mark.skipif(not hasattr(select, "epoll"), reason="this system has no epoll")

MANY = 1000
DESCRIPTORS = Path("/proc/self/fd")
PROXY = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"


def descriptors() -> set[str]:
    """Those of this process, where the system tells, and what the reactor waits for."""
    gc.collect()
    open_ones = {each.name for each in DESCRIPTORS.iterdir()} if DESCRIPTORS.exists() else set()
    return open_ones | {repr(each) for each in reactor.getReaders() + reactor.getWriters()}


@contextlib.contextmanager
def files(count: int) -> Iterator[None]:
    """Allow this process as many open ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"{count} open files are not allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def listener(site: Site, endpoint: IStreamServerEndpoint, factory: Any = None) -> Listener:
    """As the server has it."""
    return Listener(endpoint, factory or site.factory, "a port", Readiness(reactor, Turn(reactor)))


def only_link(site: Site) -> Any:
    """That of the only connection."""
    (link,) = site.connections._members
    return link


def beneath(site: Site) -> FileDescriptor:
    """What carries the only connection, below TLS and the proxy's header."""
    transport = only_link(site).transport
    while not isinstance(transport, FileDescriptor):
        transport = transport.transport
    return transport


async def echoes(client: Client, line: bytes) -> None:
    """Have `line` sent back."""
    client.send(line + b"\n")
    await client.heard(line + b"\r\n")


def read(client: socket.socket) -> bytes:
    """What is there."""
    with contextlib.suppress(BlockingIOError):
        return client.recv(1_000_000)
    return b""


@pytest_twisted.ensureDeferred
async def test_thousand() -> None:
    """A thousand connections are served, each with its own lines, and the reactor sees one descriptor; when they are
    gone, all is as before."""
    site = Site(reactor)
    with files(3 * MANY):
        async with listening(site.factory) as port:
            before = descriptors()
            clients = [socket.create_connection((LOCALHOST, port.getHost().port)) for _ in range(MANY)]
            for number, client in enumerate(clients):
                client.setblocking(False)
                client.send(b"I am number %d\n" % number)
            heard = [b""] * MANY

            def all_heard() -> bool:
                heard[:] = [before + read(client) for before, client in zip(heard, clients, strict=True)]
                return all(heard)

            await until(all_heard, "the answers")
            assert heard == [b"I am number %d\r\n" % number for number in range(MANY)]
            assert len(site.connections) == MANY
            assert not any(isinstance(each, Accepted) for each in reactor.getReaders())
            for client in clients:
                client.close()
            await until(lambda: not len(site.connections), "the end of all")
            assert descriptors() == before


@pytest_twisted.ensureDeferred
async def test_reading_first() -> None:
    """Lines of a peer that goes away while we wait to write to it are taken before it is lost."""
    for _ in range(20):
        site = Site(reactor, LinkLimits(send_queue=10_000_000))
        async with listening(site.factory) as port:
            client = socket.create_connection((LOCALHOST, port.getHost().port))
            await until(lambda: len(site.connections) == 1, "the connection")  # noqa: B023
            link = only_link(site)
            link.write(b"x" * 9_000_000)
            await until(lambda: link.transport in reactor.getWriters(), "the system to be full")  # noqa: B023
            client.send(b"good night\n")
            client.close()  # With unread data: that is a reset.
            await until(lambda: not len(site.connections), "the end")  # noqa: B023
            assert site.conversations[0].told == ["opened", b"good night", Ending.LOST]


@pytest.mark.parametrize("description", [
    f"tcp:0:interface={LOCALHOST}", "tcp6:0:interface=\\:\\:1", f"haproxy:tcp:0:interface={LOCALHOST}", "both",
])  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_endpoints(description: str) -> None:
    """Any port of Twisted's own for TCP gives us its connections, whatever stands before the protocol, and one that was
    opened by somebody else too; the server can be stopped and started."""
    if "6" in description and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    site = Site(reactor)
    endpoint = DualStackEndpoint(reactor, 0) if description == "both" else described(reactor, description)
    service = listener(site, endpoint)
    for _ in range(2):
        before = descriptors()
        service.startService()
        client = await connect(service.port, "::1" if "6" in description else LOCALHOST)
        if "haproxy" in description:
            client.send(PROXY)
        await echoes(client, b"hello")
        assert type(beneath(site)) is Accepted
        await service.stopService()  # type: ignore[misc]  # A port on a socket takes a moment.
        await echoes(client, b"still here")
        await client.leave()
        await until(lambda: not len(site.connections), "the end")
        assert descriptors() == before


@pytest_twisted.ensureDeferred
async def test_others_are_left_alone(tmp_path: Path) -> None:
    """A Unix socket's connections are Twisted's own, and are served as well."""
    site = Site(reactor)
    service = listener(site, described(reactor, f"unix:{tmp_path}/chat"))
    service.startService()
    client = await connect_unix(str(tmp_path / "chat"))
    await echoes(client, b"hello")
    assert type(beneath(site)) is unix.Server
    await client.leave()
    await until(lambda: not len(site.connections), "the end")
    await service.stopService()  # type: ignore[misc]


@pytest.mark.parametrize("ours", [True, False], ids=["ours", "Twisted's"])
@pytest_twisted.ensureDeferred
async def test_tls(ours: bool, tmp_path: Path) -> None:
    """TLS runs on them, ours and Twisted's: in pieces, paused, and to its end."""
    site = Site(reactor, LinkLimits(line_length=200_000, endless_line=300_000, input_waiting=300_000))
    pair = self_signed(tmp_path)
    certificate = RenewedCertificate(pair, reactor)
    kind = "tcp:0" if ours else f"ssl:0:privateKey={pair.key}:certKey={pair.cert}"
    factory = OverTLS(lambda: certificate, site.factory, reactor) if ours else site.factory
    service = listener(site, described(reactor, f"{kind}:interface={LOCALHOST}"), factory)
    service.startService()
    assert isinstance(service.port, tcp.Port)
    address: Any = TCP4ClientEndpoint(reactor, LOCALHOST, service.port.getHost().port)
    client: Client = await wrapClientTLS(CertificateOptions(verify=False), address).connect(Factory.forProtocol(Client))
    await echoes(client, b"hello")
    assert type(beneath(site)) is Accepted
    transport = only_link(site).transport
    transport.pauseProducing()
    client.send(b"x" * 199_999 + b"\n")
    await until(lambda: select.select([beneath(site)], [], [], 0)[0], "it to be there")
    transport.resumeProducing()
    await client.heard(b"x" * 199_999 + b"\r\n")
    await client.leave()
    await until(lambda: not len(site.connections), "the end")
    await service.stopService()
