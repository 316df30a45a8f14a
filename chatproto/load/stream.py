"""One connection's bytes: TCP, or TLS on it, neither of which ever blocks."""

from __future__ import annotations

import os
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from chatproto.load.loop import READ, WRITE, Loop

RECEIVED = 65_536
"""Bytes that are read at once."""

BACKLOG = 1 << 20
"""Bytes of ours that may wait for the server to take them; a stream whose `full` is set takes no more."""

LONGEST_LINE = 1 << 20
"""Bytes without the end of a line after which the server is taken not to speak in lines."""

_NOT_NOW = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_LINE_FEED = 10

BIND_ADDRESS_NO_PORT = 24
"""IP_BIND_ADDRESS_NO_PORT of Linux (ip(7)): a port is only chosen when the destination is known."""


class Listener(Protocol):
    """Who is told what becomes of a stream."""

    def opened(self, now: int) -> None:
        """It is there, and its TLS too; it can be spoken on."""

    def heard(self, data: bytes, now: int) -> None:
        """Whole lines came, with their ends."""

    def closed(self, why: str, now: int) -> None:
        """It ended, and not because of us."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where the connections of a run lead, and how."""

    family: socket.AddressFamily
    address: tuple[str, int]
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    """What the certificate must be of, if it is looked at."""

    @property
    def many_sources(self) -> bool:
        """Connections can come from many addresses of this machine: they lead to the loopback network, on Linux, which
        has all of 127.0.0.0/8."""
        return sys.platform == "linux" and self.family == socket.AF_INET and self.address[0].startswith("127.")


class Stream:
    """Connects at once. `source` is the address that it comes from, if that matters; `received` limits what the kernel
    keeps for it, in bytes. Raises `OSError` if that cannot be."""

    __slots__ = (
        "_backlog",
        "_events",
        "_listener",
        "_loop",
        "_prompt",
        "_receive",
        "_route",
        "_socket",
        "_tail",
        "open",
    )

    def __init__(
        self, loop: Loop, route: Route, listener: Listener, source: str = "", *, received: int = 0, prompt: bool = False
    ) -> None:
        self._loop, self._route, self._listener, self._prompt = loop, route, listener, prompt
        self._tail = b""
        self._backlog = bytearray()
        self.open = False
        """It is there, and has not ended."""
        self._socket: socket.socket = _connecting(route, source, received)
        self._receive: Callable[[int], bytes] = self._socket.recv
        self._events = WRITE
        loop.add(self._socket.fileno(), self, WRITE, prompt=prompt)

    @property
    def full(self) -> bool:
        """The server does not take what is sent to it."""
        return len(self._backlog) >= BACKLOG

    @property
    def waiting(self) -> int:
        """Bytes that the server has not taken yet, those aside that the kernel holds."""
        return len(self._backlog)

    def send(self, data: bytes, now: int) -> None:
        """Send all of it, now or as soon as there is room; nothing if the stream has ended."""
        if self._backlog:
            self._backlog += data
            return
        if not self.open:
            return
        try:
            sent = self._socket.send(data)
        except _NOT_NOW:
            sent = 0
        except OSError:
            return  # What the server said before it went is still to be read, and then the end is found.
        if sent < len(data):
            self._backlog += data[sent:]
            self._look_for(READ | WRITE)

    def pause(self) -> None:
        """Read no more, for good."""
        self._look_for(0)

    def close(self) -> None:
        """End it, without a word to the listener."""
        if self._socket.fileno() >= 0:
            if self._events:
                self._loop.remove(self._socket.fileno(), prompt=self._prompt)
            self._socket.close()
        self.open = False

    def read(self, now: int) -> None:
        """For the loop: there is something to read."""
        if not self.open:
            self._open(now)
            return
        try:
            data = self._receive(RECEIVED)
        except _NOT_NOW:
            return
        except OSError as error:
            self._lose(_reason(error), now)
            return
        if not data:
            self._lose("the server closed the connection", now)
            return
        if self._tail:
            data = self._tail + data
            self._tail = b""
        if data[-1] != _LINE_FEED:
            data = self._cut(data, now)
        if data:
            self._listener.heard(data, now)
        # What TLS has taken from the socket already, no selector tells of.
        if self._route.tls and self.open and self._socket.pending():  # type: ignore[attr-defined]
            self.read(now)

    def write(self, now: int) -> None:
        """For the loop: there is room to write."""
        if not self.open:
            self._open(now)
            return
        try:
            del self._backlog[: self._socket.send(self._backlog[:RECEIVED])]
        except _NOT_NOW:
            return
        except OSError:
            self._backlog.clear()  # As above.
        if not self._backlog:
            self._look_for(READ)

    def _open(self, now: int) -> None:
        """Connected, or a step further with TLS."""
        try:
            if self._route.tls is None:
                self._connected()
            else:
                self._shake_hands(self._route.tls)
        except ssl.SSLWantReadError:
            self._look_for(READ)
            return
        except ssl.SSLWantWriteError:
            self._look_for(WRITE)
            return
        except OSError as error:
            self._lose(_reason(error), now)
            return
        self.open = True
        self._look_for(READ)
        self._listener.opened(now)

    def _connected(self) -> None:
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, os.strerror(number))

    def _shake_hands(self, context: ssl.SSLContext) -> None:
        if not isinstance(self._socket, ssl.SSLSocket):
            self._connected()
            self._loop.remove(self._socket.fileno(), prompt=self._prompt)
            self._socket = context.wrap_socket(
                self._socket, do_handshake_on_connect=False, server_hostname=self._route.server_name
            )
            self._receive = self._socket.recv
            self._loop.add(self._socket.fileno(), self, self._events, prompt=self._prompt)
        assert isinstance(self._socket, ssl.SSLSocket)
        self._socket.do_handshake()

    def _cut(self, data: bytes, now: int) -> bytes:
        """Keep the line that has no end yet for the next time."""
        end = data.rfind(b"\n") + 1
        self._tail = data[end:]
        if len(self._tail) > LONGEST_LINE:
            self._lose("the server sent a line without an end", now)
            return b""
        return data[:end]

    def _look_for(self, events: int) -> None:
        descriptor = self._socket.fileno()
        if events == self._events or descriptor < 0:
            return
        if not events:
            self._loop.remove(descriptor, prompt=self._prompt)
        elif self._events:
            self._loop.change(descriptor, self, events, prompt=self._prompt)
        else:
            self._loop.add(descriptor, self, events, prompt=self._prompt)
        self._events = events

    def _lose(self, why: str, now: int) -> None:
        if self._socket.fileno() >= 0:
            self.close()
            self._listener.closed(why, now)


def _connecting(route: Route, source: str, received: int) -> socket.socket:
    made = socket.socket(route.family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)  # noqa: FBT003  # It is the name of the thing.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if received:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
        if source:
            made.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
            made.bind((source, 0))
        with suppress(BlockingIOError):  # It will say when it is there.
            made.connect(route.address)
    except OSError:
        made.close()
        raise
    return made


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}"
    return error.strerror or str(error)
