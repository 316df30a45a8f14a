"""Peers that send anything at all."""

from __future__ import annotations

import os
import random
import selectors
import socket
import time

from twisted.trial.unittest import SynchronousTestCase

from tests.fuzz.irc_words import Typist
from tests.live.harness import PATIENCE, Server, Socket

CONNECTIONS = 200
SECONDS = float(os.environ.get("NOISE_SECONDS", "10"))
"""How long the noise goes on; `.ci/run` lets it be a minute."""

WAITING = ("--input-waiting", "65536")
MEMORY = 24 * 1024 * 1024
"""Bytes the server may grow by once it has warmed up: what waits on 200 rude connections, 13 MB at the most, comes and
goes. In a minute some 20,000 connections are cut, so a leak of little more than 1 KB for each would show."""

LONGEST = SECONDS + 300
"""Seconds in which also a slow machine has warmed up, and heard all."""

CHEAP = ("--hash-memory", "64", "--hash-lanes", "1", "--scram-iterations", "4096")
"""Somebody registers by chance, and a password takes 64 MiB for a moment: that is known, and not what is looked for."""


class Noise:
    """A connection that sends random bytes in random pieces; it comes again when it is cut."""

    def __init__(self, port: int, dice: random.Random, selector: selectors.BaseSelector) -> None:
        self._port = port
        self._dice = dice
        self._typist = Typist(dice.randrange(10**6))
        self._selector = selector
        self.cuts = -1
        self.connect()

    def connect(self) -> None:
        """Begin, or begin again."""
        self.cuts += 1
        self.socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        self.socket.setblocking(False)
        self._selector.register(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def act(self, events: int) -> None:
        """Read what came, and send something."""
        try:
            if events & selectors.EVENT_READ and not self.socket.recv(65536):
                raise ConnectionResetError
            if events & selectors.EVENT_WRITE:
                self.socket.send(self._piece())
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            self.connect()

    def close(self) -> None:
        """End."""
        self._selector.unregister(self.socket)
        self.socket.close()

    def _piece(self) -> bytes:
        dice = self._dice
        size = dice.choice((1, 2, 7, 100, 1000, 20_000))
        kind = dice.randrange(6)
        if kind == 0:
            return dice.randbytes(size)
        if kind == 1:
            return dice.randbytes(min(size, 100)).replace(b"\xff", b"\n") + b"\r\n"
        if kind == 2:
            return dice.choice((b"x", b"\xff\xfa", b"\x1b[2J", b"\n", b"\r", b"\0", b"\x16\x03\x01")) * size
        if kind == 3:
            return b"CAP REQ :batch message-tags labeled-response\nNICK n%d\nUSER n 0 * :n\n" % dice.randrange(10**6)
        if kind == 4:
            lines = "\n".join(self._typist.irc() for _ in range(dice.randrange(5))) + "\n"
            return lines.encode("utf-8", "surrogateescape")
        return dice.choice((b"noise%d\n" % dice.randrange(10**6), b"/join #noise\n", b"/nick \xff\n", b"/", b"/help\n"))


class NoiseTests(SynchronousTestCase):
    """Any bytes, any chunks: no error, no growth, and nobody else is disturbed."""

    def test_noise(self) -> None:
        """Random bytes on 200 connections: no traceback in the log, memory flat, other people's talk undisturbed."""
        dice = random.Random(2019)
        with Server("--per-address", "1000", *CHEAP, *WAITING) as server, selectors.DefaultSelector() as selector:
            iris, otto = Socket(server.port), Socket(server.port)
            for person, name in ((iris, "iris"), (otto, "otto")):
                person.enter(name)
                person.say("/join #quiet", "/part #lobby")
                person.until("-- You left #lobby.")
            iris.until("-- otto joined")
            crowd = [Noise(server.port, dice, selector) for _ in range(CONNECTIONS)]
            before, talked, next_talk = 0, 0, 0.0
            begun = now = time.monotonic()
            end = begun + SECONDS
            while not before or talked <= SECONDS or now < end:
                now = time.monotonic()
                self.assertLess(now, begun + LONGEST, "the noise never met a bound")
                for key, events in selector.select(0.1):
                    key.data.act(events)
                if now > next_talk:
                    next_talk, talked = now + 0.5, talked + 1
                    otto.say(f"line {talked}")
                    iris.expect(f"<otto> line {talked}")
                warm = now > begun + SECONDS / 4 and sum(noise.cuts for noise in crowd) >= CONNECTIONS
                if warm and not before:
                    before, end = server.memory(), now + SECONDS * 3 / 4
            grown = server.memory() - before
            for noise in crowd:
                noise.close()
            self.assertLess(grown, MEMORY, f"{sum(noise.cuts for noise in crowd)} cuts")
            iris.close()
            otto.close()
