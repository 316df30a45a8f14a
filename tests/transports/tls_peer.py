"""The other end of TLS, in memory: what its tests share."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from OpenSSL import SSL

from chatproto.transports.records import Records, records_of
from chatproto.transports.tls import self_signed

VERSIONS = (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION)


@cache
def server_context() -> SSL.Context:
    """What a server has that made its certificate itself."""
    with TemporaryDirectory() as directory:
        return self_signed(Path(directory)).load()


def server_side(kind: type[Records] = records_of) -> Records:
    """A new connection's."""
    return kind(SSL.Connection(server_context(), None))


class Peer:
    """A client that speaks one version of TLS, or whatever it can; its network is the test."""

    def __init__(self, version: int | None = None) -> None:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        if version is not None:
            context.set_min_proto_version(version)
            context.set_max_proto_version(version)
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self.heard = bytearray()
        """What was said to it."""
        self.ended = False
        """And then the server ended TLS."""

    def shake_hands(self, received: bytes = b"") -> bytes:
        """Go on with the handshake; what it sends."""
        self._feed(received)
        with contextlib.suppress(SSL.WantReadError):
            self.connection.do_handshake()
        return self.sent()

    def take(self, received: bytes) -> None:
        """Decrypt what the server sent. Raises `SSL.Error` for an alert."""
        self._feed(received)
        try:
            while True:
                self.heard += self.connection.recv(100_000)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.ended = True

    def say(self, data: bytes) -> bytes:
        """The records that say it, one for each 16 KiB."""
        for start in range(0, len(data), 16_384):
            self.connection.send(data[start : start + 16_384])
        return self.sent()

    def end(self) -> bytes:
        """Its end of TLS."""
        self.connection.shutdown()
        return self.sent()

    def sent(self) -> bytes:
        """What it sends."""
        sent = bytearray()
        with contextlib.suppress(SSL.WantReadError):
            while True:
                sent += self.connection.bio_read(100_000)
        return bytes(sent)

    def _feed(self, received: bytes) -> None:
        if received:
            self.connection.bio_write(received)


def connected(kind: type[Records] = records_of, version: int | None = None) -> tuple[Peer, Records]:
    """Two that have shaken hands, with nothing under way."""
    peer, records = Peer(version), server_side(kind)
    received = b""
    done = False
    while not done:
        records.feed(peer.shake_hands(received))
        done = records.shake_hands()
        received = records.to_send()
    peer.take(received)
    return peer, records


def in_pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    """The same bytes, cut into pieces of these sizes, over and over."""
    pieces: list[bytes] = []
    start = 0
    while start < len(data):
        size: Any = sizes[len(pieces) % len(sizes)]
        pieces.append(data[start : start + size])
        start += size
    return pieces


def broken(record: bytes) -> bytes:
    """A record of TLS whose last byte came wrong."""
    return record[:-1] + bytes([record[-1] ^ 1])
