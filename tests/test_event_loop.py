"""What an essay on event loops teaches (see section 1 of the design), lesson by lesson, on real sockets."""

from __future__ import annotations

import gc
import io
import select
import socket
import struct
import sys
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import tcp
from twisted.internet.task import deferLater

import chatproto
from chatproto.config import Settings
from chatproto.events import Ending
from chatproto.interfaces import ILink
from chatproto.stores.settings import MEMORY, StoreSettings
from chatproto.tap import make_server
from chatproto.transports.limits import LinkLimits
from chatproto.transports.listeners import ListenSettings
from chatproto.transports.outbox import CHUNK
from tests.transports import LOCALHOST, PATIENCE, Echo, Site, connect, listening, reactor, until

IDLE_SECONDS = 0.25
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close with a reset."""
DESCRIPTORS = Path("/proc/self/fd")
EPOLL = hasattr(select, "epoll")

in_both_ways = pytest.mark.parametrize("by_reactor", [False, True], ids=["readiness", "reactor"])
"""As the server reads its connections, and as it does where there is no epoll."""


class Greeting(Echo):
    """Speaks first."""

    def __init__(self, link: ILink) -> None:
        super().__init__(link)

    def opened(self) -> None:
        """Greet."""
        super().opened()
        self.link.write(b"welcome\r\n")


class Turns:
    """Counts the reactor's turns, and notes in which of them a transport was read from and written to."""

    def __init__(self) -> None:
        self.count = 0
        self.events: list[tuple[int, str]] = []

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count while this lasts."""
        wait = reactor.doIteration

        def counting(delay: float | None) -> None:
            self.count += 1
            wait(delay)

        reactor.doIteration = counting
        try:
            yield
        finally:
            del reactor.doIteration

    def watch(self, transport: Any) -> None:
        """Note what the reactor does with `transport`."""
        for name in ("read", "doRead", "doWrite"):
            if hasattr(transport, name):
                setattr(transport, name, self._noting(name, getattr(transport, name)))

    def _noting(self, name: str, method: Any) -> Any:
        def noting() -> Any:
            self.events.append((self.count, name))
            return method()

        return noting

    async def idle(self) -> int:
        """How many turns the reactor makes while nothing happens."""
        before = self.count
        await deferLater(reactor, IDLE_SECONDS)
        return self.count - before


def raw(port: Any) -> socket.socket:
    """A client without Twisted: the kernel connects it before the server has accepted it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect((LOCALHOST, port.getHost().port))
    client.setblocking(False)
    return client


def read(client: socket.socket) -> bytes:
    """What is there."""
    data = b""
    try:
        while part := client.recv(1_000_000):
            data += part
    except BlockingIOError:
        pass
    return data


def gather(client: socket.socket, received: bytearray) -> bytearray:
    """Add what is there to what was."""
    received += read(client)
    return received


def descriptors() -> int:
    """How many this process has; none where the system does not tell."""
    return len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.exists() else 0


def only_link(site: Site) -> Any:
    """The link of the site's only connection."""
    (link,) = site.connections._members
    return link


async def stall(link: Any) -> int:
    """Send numbered lines until the kernel takes no more, and stays so; returns how many there were."""
    link.transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    count = calm = 0
    while calm < 20 or link.transport not in reactor.getWriters():  # It may have found room in the last wait.
        if link.transport in reactor.getWriters():
            await deferLater(reactor, 0.001)
            calm += 1
        else:
            link.write(b"%0998d\r\n" % count)
            link.outbox.flush()
            count += 1
            calm = 0
    return count


def nothing() -> None:
    """What a transport of Twisted's own does in the place of what ours does beside it."""


def tried_in_vain(link: Any) -> bool:
    """Whether a write that would block changed nothing. The kernel may find some room meanwhile: then it is tried
    again, for that readiness was true."""
    transport = link.transport
    for _ in range(100):
        before = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
        assert transport.doWrite() is None
        link.outbox.flush()
        if before == len(transport.dataBuffer) - transport.offset + transport._tempDataLen:
            return True
    return False


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_readiness_can_be_false(by_reactor: bool) -> None:
    """A read or write that would block is not an error and changes nothing; no busy loop follows."""
    site, turns = Site(reactor), Turns()
    async with listening(site.factory, by_reactor=by_reactor) as port:
        client = raw(port)
        await until(lambda: len(site.connections) == 1, "the connection")
        link = only_link(site)
        for _ in range(3):
            for name in ("read", "doRead", "doWrite"):
                assert getattr(link.transport, name, nothing)() is None
            link.outbox.flush()
        turns.watch(link.transport)
        with turns.counted():
            assert await turns.idle() <= 5
        assert turns.events == []

        count = await stall(link)
        assert tried_in_vain(link)
        link.write(b"behind\r\n")
        turns.events.clear()
        with turns.counted():
            assert await turns.idle() <= 5
        assert len(turns.events) <= 2  # TCP tries its peer now and then, and some bytes may find room by that.
        assert site.conversations[0].told == ["opened"]

        client.sendall(b"still here\n")
        received = bytearray()
        await until(lambda: gather(client, received).endswith(b"still here\r\n"), "all of it")
        expected = b"".join(b"%0998d\r\n" % number for number in range(count))
        assert received == expected + b"behind\r\nstill here\r\n"
        client.close()
        await until(lambda: not len(site.connections), "the end")


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_server_speaks_first(by_reactor: bool) -> None:
    """A new socket is writable before it is readable: the server greets without waiting for input."""
    site = Site(reactor, make=Greeting)
    async with listening(site.factory, by_reactor=by_reactor) as port:
        client = raw(port)
        received = bytearray()
        await until(lambda: gather(client, received), "the greeting")
        assert received == b"welcome\r\n"
        assert site.conversations[0].told == ["opened"]
        client.close()
        await until(lambda: not len(site.connections), "the end")


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_no_descriptor_is_left(by_reactor: bool) -> None:
    """One descriptor per connection, ever: after 2,000 connections, half of which end by a reset and some of which hold
    unread data, there are as many as before."""
    if not descriptors():
        pytest.skip("this system does not show a process its descriptors")
    site = Site(reactor, make=Greeting)
    async with listening(site.factory, by_reactor=by_reactor) as port:
        gc.collect()
        before, ours = descriptors(), EPOLL and not by_reactor  # One for all that are read.
        for batch in range(20):
            clients = [raw(port) for _ in range(100)]
            await until(lambda: len(site.connections) == 100, "all to be accepted")
            assert descriptors() == before + 200 + ours  # Both ends are in this process.
            for number, client in enumerate(clients):
                if number % 2:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                if number % 3 == 0:
                    client.send(b"hello\nand")
                client.close()
            await until(lambda: not len(site.connections), f"all of batch {batch} to be gone")
        assert descriptors() == before
    assert len(site.conversations) == 2000
    assert all(conversation.told[-1] is Ending.LOST for conversation in site.conversations)


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_length_is_not_capacity(by_reactor: bool) -> None:
    """What is kept for one connection is bounded in bytes, in either direction, at n-1, n and n+1."""
    limits = LinkLimits(line_length=100, endless_line=300, input_waiting=1000, burst=1, lines_per_second=0.001)
    cases = [
        (b"x" * 99 + b"\n", b"x" * 99),
        (b"x" * 100 + b"\n", b"x" * 100),
        (b"x" * 101 + b"\n", ("too long", 100)),
        (b"x" * 300, ("too long", 100)),
        (b"x" * 301, Ending.ENDLESS_LINE),
        (b"\n" * 1000, b""),
        (b"\n" * 1001, b""),
        (b"\n" * 1002, Ending.FLOOD),
    ]
    for data, last in cases:
        site = Site(reactor, limits)
        async with listening(site.factory, by_reactor=by_reactor) as port:
            client = await connect(port)
            client.send(data)
            await until(lambda: site.conversations and len(site.conversations[0].told) > 1, "the line")  # noqa: B023
            await deferLater(reactor, 0)
            assert site.conversations[0].told[-1] == last
            if isinstance(last, Ending):
                await client.ended()
            else:
                client.transport.abortConnection()  # A mere close would have us serve the lines that wait.
            await until(lambda: not len(site.connections), "the end")  # noqa: B023


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_capacity_for_one_who_never_reads(by_reactor: bool) -> None:
    """Whatever is written to a connection that takes nothing, no more of it is kept than `send_queue` and the piece
    that the transport has in hand; then it is cut."""
    site = Site(reactor, LinkLimits(send_queue=50_000))
    async with listening(site.factory, by_reactor=by_reactor) as port:
        client = raw(port)
        await until(lambda: len(site.connections) == 1, "the connection")
        link = only_link(site)
        await stall(link)
        for number in range(1000):
            link.write(b"%0998d\r\n" % number)
            link.outbox.flush()
            assert link.outbox.size <= 50_000
            held = len(link.transport.dataBuffer) + link.transport._tempDataLen
            assert held <= 2 * CHUNK
        await until(lambda: site.conversations[0].told == ["opened", Ending.TOO_SLOW], "the cut")
        link.abort()
        await until(lambda: not len(site.connections), "the end")
        client.close()


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_readable_and_writable_at_once(by_reactor: bool) -> None:
    """One event can say both: both are served in the same turn, reading first, and what was waiting goes out before the
    answer to what was read."""
    site, turns = Site(reactor), Turns()
    async with listening(site.factory, by_reactor=by_reactor) as port:
        client = raw(port)
        await until(lambda: len(site.connections) == 1, "the connection")
        link = only_link(site)
        count = await stall(link)
        turns.watch(link.transport)
        ours = link.transport.getHandle()
        client.sendall(b"answer me\n")
        received = bytearray()
        for _ in range(1000):  # All of this in one turn of the reactor, which so sees both only afterwards.
            received += read(client)
            readable, writable, _ = select.select([ours], [ours], [], 0.01)
            if readable and writable:
                break
        assert readable
        assert writable
        with turns.counted():
            await until(lambda: gather(client, received).endswith(b"answer me\r\n"), "the answer")
        (first, did_first), (second, did_second) = turns.events[:2]
        assert (did_first, did_second) == ("doRead", "doWrite")
        assert first == second
        assert received == b"".join(b"%0998d\r\n" % number for number in range(count)) + b"answer me\r\n"
        client.close()
        await until(lambda: not len(site.connections), "the end")


def test_reactor(pytestconfig: pytest.Config) -> None:
    """Twisted's default is in use: epoll on Linux, kqueue on BSD and macOS."""
    if pytestconfig.getoption("reactor") not in (None, "default"):
        pytest.skip("another reactor was asked for")
    name = type(reactor).__name__
    if sys.platform == "linux":
        assert name == "EPollReactor"
    elif sys.platform == "darwin" or "bsd" in sys.platform:
        assert name in ("KQueueReactor", "SelectReactor", "PollReactor")


def test_nothing_assumes_a_reactor() -> None:
    """The server names no reactor in its code and installs none. It names a way of polling in one place, for where that
    is there; the load tool is a client with a poll loop of its own."""
    ways = ("epoll", "kqueue", "selectors", "install", "pollreactor", "selectreactor", "asyncioreactor")
    package = Path(chatproto.__file__).parent
    named = set()
    for path in package.rglob("*.py"):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
            if token.type == tokenize.NAME and any(way in token.string.lower() for way in ways):
                named.add((path.relative_to(package).as_posix(), token.string))
    server = {(name, word) for name, word in named if not name.startswith("load/")}
    assert server == {("transports/readiness.py", word) for word in ("epoll", "_epoll", "EPOLLIN")}


@in_both_ways
@pytest_twisted.ensureDeferred
async def test_no_need_of_epoll(by_reactor: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server serves where the system has no epoll: then the reactor reads its connections, whichever that is."""
    if by_reactor:
        monkeypatch.delattr(select, "epoll", raising=False)
    listen = ListenSettings(listen=(f"plain=tcp:0:interface={LOCALHOST}",))
    (listener,) = make_server(Settings(listen=listen, store=StoreSettings(store=MEMORY)), reactor).listeners
    listener.startService()
    assert isinstance(listener.port, tcp.Port)
    assert (listener.port.transport is tcp.Server) == (by_reactor or not EPOLL)
    client = await connect(listener.port)
    await client.heard(b"What is your name?\r\n")
    client.send(b"ada\n")
    await client.heard(b"-- Hello, ada.")
    await client.leave()
    await listener.stopService()
