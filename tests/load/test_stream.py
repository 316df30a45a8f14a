"""One connection's bytes: lines that come in pieces, a server that does not read, and every way to end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic_ns as clock

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import stream
from chatproto.load.loop import MILLISECOND, SECOND, Loop
from chatproto.load.plan import Plan
from chatproto.load.resources import route
from chatproto.load.stream import Route, Stream
from chatproto.transports.tls import self_signed
from tests.ports import kept_port

PATIENCE = 30 * SECOND


class Notes:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.open = 0
        self.data: list[bytes] = []
        self.ends: list[str] = []

    def opened(self, now: int) -> None:
        """It is there."""
        self.open += 1

    def heard(self, data: bytes, now: int) -> None:
        """Lines came."""
        self.data.append(data)

    def closed(self, why: str, now: int) -> None:
        """It ended."""
        self.ends.append(why)


class StreamTests(SynchronousTestCase):
    """A stream to a listener of ours."""

    def setUp(self) -> None:
        """A stream that is open, and the other end of it."""
        self.loop = Loop()
        self.addCleanup(self.loop.close)
        self.notes = Notes()
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.stream = Stream(self.loop, Route(socket.AF_INET, listener.getsockname()), self.notes)
        self.addCleanup(self.stream.close)
        self.server = listener.accept()[0]
        self.addCleanup(self.server.close)
        self.wait(lambda: self.notes.open == 1)

    def wait(self, done: object) -> None:
        """Serve until it is done."""
        self.assertTrue(self.loop.run(done, clock() + PATIENCE))  # type: ignore[arg-type]

    def test_pieces(self) -> None:
        """Only whole lines are told; what has no end yet is told with the next piece."""
        self.server.sendall(b"one\r\ntwo\nth")
        self.wait(lambda: self.notes.data == [b"one\r\ntwo\n"])
        self.server.sendall(b"ree")
        self.assertFalse(self.loop.run(lambda: len(self.notes.data) > 1, clock() + 20 * MILLISECOND))
        self.server.sendall(b"\nfour\n")
        self.wait(lambda: self.notes.data[1:] == [b"three\nfour\n"])

    def test_endless_line(self) -> None:
        """A line may be so long and no longer: beyond it the server is taken to speak no lines."""
        self.patch(stream, "LONGEST_LINE", 100)
        for size in (99, 100):
            self.server.sendall(b"x" * size)
            self.loop.run(lambda: False, clock() + 20 * MILLISECOND)
            self.server.sendall(b"\n")
            self.wait(lambda size=size: self.notes.data[-1:] == [b"x" * size + b"\n"])
        self.server.sendall(b"x" * 101)
        self.wait(lambda: self.notes.ends == ["the server sent a line without an end"])

    def test_slow_server(self) -> None:
        """What the server does not take waits, up to a bound that is told, and comes in its order when it is taken."""
        data = b"".join(b"%d\n" % number for number in range(100_000))
        sent = bytearray()
        self.assertFalse(self.stream.full)
        for _ in range(100):
            if not self.stream.full:
                self.stream.send(data, clock())
                sent += data
        self.assertGreaterEqual(self.stream.waiting, stream.BACKLOG)
        self.assertLess(self.stream.waiting, stream.BACKLOG + len(data))
        self.server.setblocking(False)
        got = bytearray()

        def all_came() -> bool:
            with contextlib.suppress(BlockingIOError):
                got.extend(self.server.recv(1 << 20))
            return len(got) >= len(sent)

        begin = clock()
        while not self.loop.run(all_came, clock() + MILLISECOND):
            self.assertLess(clock() - begin, PATIENCE, f"{len(got)} of {len(sent)} bytes came")
        self.assertEqual(bytes(sent), bytes(got))
        self.assertEqual((0, False), (self.stream.waiting, self.stream.full))

    def test_closed(self) -> None:
        """The end of the stream is told once, and what is sent after it goes nowhere."""
        self.server.close()
        self.wait(lambda: self.notes.ends == ["the server closed the connection"])
        self.stream.send(b"x\n", clock())
        self.stream.close()
        self.assertEqual((1, 0), (len(self.notes.ends), self.stream.waiting))

    def test_last_words(self) -> None:
        """What a server said before it went is read, though nothing can be sent to it any more."""
        self.server.sendall(b"too many\n")
        self.server.close()
        for _ in range(3):  # The first is answered with a reset, which the next find out.
            self.stream.send(b"x\n", clock())
        self.wait(lambda: bool(self.notes.ends))
        self.assertEqual(([b"too many\n"], 1), (self.notes.data, len(self.notes.ends)))

    def test_last_words_behind_a_backlog(self) -> None:
        """Not even what waited to be sent."""
        while not self.stream.waiting:
            self.stream.send(b"x" * 100_000, clock())
        self.server.sendall(b"too fast\n")
        self.server.close()
        self.wait(lambda: bool(self.notes.ends))
        self.assertEqual(([b"too fast\n"], 1), (self.notes.data, len(self.notes.ends)))

    def test_reset(self) -> None:
        """A reset is told by the system's words for it."""
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.close()
        self.wait(lambda: self.notes.ends == ["Connection reset by peer"])

    def test_pause(self) -> None:
        """Who is paused reads no more."""
        self.stream.pause()
        self.server.sendall(b"x\n")
        self.assertFalse(self.loop.run(lambda: bool(self.notes.data), clock() + 20 * MILLISECOND))

    def test_refused(self) -> None:
        """Where nobody listens, that is told as an end."""
        notes = Notes()
        Stream(self.loop, Route(socket.AF_INET, ("127.0.0.1", kept_port(self))), notes)
        self.wait(lambda: notes.ends == ["Connection refused"])
        self.assertEqual(0, notes.open)

    def test_one_record(self) -> None:
        """What TLS has decrypted already is read to its end, though the socket has no more."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self_signed(Path(directory.name)).cert)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            notes = Notes()
            near = route(Plan(port=listener.getsockname()[1], tls=True))
            secret = Stream(self.loop, near, notes)
            self.addCleanup(secret.close)
            accepted = listener.accept()[0]
        accepted.setblocking(False)
        server = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        self.addCleanup(server.close)

        def shaken() -> bool:
            with contextlib.suppress(ssl.SSLWantReadError):
                server.do_handshake()
            return notes.open == 1

        self.wait(shaken)
        self.patch(stream, "RECEIVED", 100)
        lines = b"".join(b"%d\n" % number for number in range(1000))
        shaken()
        server.send(lines)
        self.wait(lambda: b"".join(notes.data) == lines)

    def test_source(self) -> None:
        """A stream comes from the address that it is told to come from."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            route = Route(socket.AF_INET, listener.getsockname())
            if not route.many_sources:
                return
            other = Stream(self.loop, route, Notes(), "127.0.0.9")
            connection, (host, _) = listener.accept()
            connection.close()
            other.close()
        self.assertEqual("127.0.0.9", host)
