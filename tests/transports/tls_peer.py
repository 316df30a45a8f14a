"""The other end of TLS, in memory: what its tests share."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
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
        context.set_keylog_callback(self._note)
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self._secret = b""
        self.heard = bytearray()
        """What was said to it."""
        self.ended = False
        """And then the server ended TLS."""

    def _note(self, _: object, line: bytes) -> None:
        """What OpenSSL tells those who debug: a name, the client's random bytes, and a secret."""
        name, _random, secret = line.split()
        if name == b"CLIENT_TRAFFIC_SECRET_0":
            self._secret = bytes.fromhex(secret.decode())

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


class Raw(Peer):
    """A client of TLS 1.3 that makes its records itself, once hands are shaken: such as no library lets one send."""

    def __init__(self) -> None:
        super().__init__(SSL.TLS1_3_VERSION)
        self._count = 0

    def say(self, text: bytes, padding: int = 0) -> bytes:
        """A record that says it, made longer by so many bytes of nothing (RFC 8446, 5.4)."""
        return self._record(text + b"\x17" + bytes(padding))

    def new_key(self, padding: int = 0) -> bytes:
        """A record that says that those after it have another key, and asks for the same (RFC 8446, 4.6.3)."""
        record = self._record(b"\x18\0\0\1\1\x16" + bytes(padding))
        self._secret = self._expand(b"traffic upd", self._hash().digest_size)
        self._count = 0
        return record

    def _record(self, inside: bytes) -> bytes:
        header = b"\x17\x03\x03" + (len(inside) + 16).to_bytes(2, "big")
        number = int.from_bytes(self._expand(b"iv", 12), "big") ^ self._count
        self._count += 1
        key = self._expand(b"key", 32 if self._cipher().startswith("TLS_AES_256") else 16)
        return header + AESGCM(key).encrypt(number.to_bytes(12, "big"), inside, header)

    def _expand(self, label: bytes, length: int) -> bytes:
        """HKDF-Expand-Label without a context (RFC 8446, 7.1)."""
        full = b"tls13 " + label
        info = length.to_bytes(2, "big") + bytes([len(full)]) + full + b"\0"
        return HKDFExpand(self._hash(), length, info).derive(self._secret)

    def _hash(self) -> hashes.HashAlgorithm:
        return hashes.SHA384() if self._cipher().endswith("SHA384") else hashes.SHA256()

    def _cipher(self) -> str:
        name = self.connection.get_cipher_name()
        assert name is not None
        assert "AES" in name, name
        return name


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
