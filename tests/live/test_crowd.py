"""A thousand people in one room, one of whom does not read."""

from __future__ import annotations

import contextlib
import selectors
import socket
import time

from twisted.trial.unittest import SynchronousTestCase

from tests.live.harness import PATIENCE, Server, Socket

PEOPLE = 1000
LINES = 10_000
PADDING = "x" * 450
"""Makes what one person is sent larger than all that the kernel and the send queue hold for one that does not read."""

OPTIONS = ["--per-address", "2000", "--lines-per-second", "1000000", "--burst", "1000000"]


class Listener:
    """Someone who reads everything and compares it with what somebody else was sent."""

    def __init__(self, port: int, number: int) -> None:
        self.client = Socket(port)
        self.client.enter(f"listener{number}x")
        self.received = bytearray()
        self.socket = self.client.socket
        self.socket.setblocking(False)


class CrowdTests(SynchronousTestCase):
    """A slow reader costs itself, never its room."""

    def test_one_does_not_read(self) -> None:
        """10,000 lines reach the other 999 whole and in order; the one who does not read is cut, and all are told."""
        with Server(*OPTIONS) as server:
            listeners = [Listener(server.port, number) for number in range(PEOPLE - 2)]
            stalled = Socket(server.port, received=4096)
            stalled.enter("stalled")
            speaker = Listener(server.port, PEOPLE)
            speaker.client.say("/echo on")
            speaker.client.until("-- Your own lines are shown to you.")
            for listener in listeners:
                listener.client.until(f"-- listener{PEOPLE}x joined")

            lines = b"".join(f"{number} {PADDING}\n".encode() for number in range(LINES))
            self._exchange([*listeners, speaker], speaker.socket, lines)

            whole = bytes(listeners[0].received)
            told = [line.split(b" ", 1)[1] for line in whole.split(b"\r\n")[:-1]]
            said = [f"<listener{PEOPLE}x> {number} {PADDING}".encode() for number in range(LINES)]
            cut = b"-- stalled quit (too slow: the send queue was full)"
            self.assertIn(cut, told)
            told.remove(cut)
            self.assertEqual(said, told)
            for listener in [*listeners, speaker]:
                self.assertTrue(listener.received == whole, "somebody was sent something else")
            self.assertLess(self._lines_of(stalled), LINES, "the one who did not read was not cut")
            for client in [*(listener.client for listener in listeners), speaker.client, stalled]:
                client.close()

    def _exchange(self, listeners: list[Listener], speaker: socket.socket, lines: bytes) -> None:
        """Send `lines`, and read until every listener has seen the last one."""
        done = f" {LINES - 1} {PADDING}\r\n".encode()
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            for listener in listeners:
                selector.register(listener.socket, selectors.EVENT_READ, listener)
            selector.modify(speaker, selectors.EVENT_READ | selectors.EVENT_WRITE, listeners[-1])
            sent, waiting = 0, len(listeners)
            while waiting:
                self.assertLess(time.monotonic(), deadline, f"{waiting} have not seen everything")
                for key, events in selector.select(1.0):
                    listener = key.data
                    if events & selectors.EVENT_WRITE:
                        sent += speaker.send(lines[sent : sent + 65536])
                        if sent == len(lines):
                            selector.modify(speaker, selectors.EVENT_READ, listener)
                    if events & selectors.EVENT_READ:
                        data = listener.socket.recv(1 << 20)
                        self.assertNotEqual(b"", data, "somebody who reads was cut")
                        listener.received += data
                        deadline = time.monotonic() + PATIENCE
                        if listener.received.endswith(done):
                            waiting -= 1

    def _lines_of(self, stalled: Socket) -> int:
        """How many lines the one who was cut finds, when it reads at last, before its connection ends."""
        count = 0
        with contextlib.suppress(OSError):
            while stalled.line() is not None:
                count += 1
        return count
