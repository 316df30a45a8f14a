"""An IRC server in the client's own loop: honest unless it is told to lie. It holds few people and short talks."""

from __future__ import annotations

import socket
from collections.abc import Callable
from time import monotonic_ns as clock

from chatproto.load.loop import MILLISECOND, READ, Loop

Deliver = Callable[["FakeServer", "Peer", list["Peer"], bytes], None]
"""What brings a line of a speaker to the others of the room."""


def honest(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
    """Each gets it, once."""
    for other in others:
        other.send(line)


class Peer:
    """Somebody who is connected."""

    def __init__(self, server: FakeServer, connection: socket.socket) -> None:
        self.server, self.socket = server, connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # It is no liar about time either.
        self.name = self.room = b""
        self.said = 0
        self._data = b""
        self.write = self.read

    def send(self, line: bytes) -> None:
        """Send a line, whole and at once."""
        self.socket.sendall(line + b"\r\n")

    def read(self, now: int) -> None:
        """For the loop."""
        data = b"" if self.socket.fileno() < 0 else self.socket.recv(65536)
        if not data:
            self.close()
            return
        *lines, self._data = (self._data + data).split(b"\r\n")
        for line in lines:
            if self in self.server.peers:
                self.server.take(self, line)

    def take_leave(self, words: bytes) -> None:
        """Say so, and end it."""
        self.send(words)
        self.close()

    def close(self) -> None:
        """End it."""
        if self.socket.fileno() >= 0:
            self.server.loop.remove(self.socket.fileno())
            self.socket.close()
        self.server.peers.discard(self)


class FakeServer:
    """Listens on a port that the system chooses, unless one is given. `refuse` makes of a line the answer that there is
    to it instead of what would happen."""

    def __init__(
        self,
        loop: Loop,
        deliver: Deliver = honest,
        refuse: Callable[[Peer, bytes], bytes | None] = lambda peer, line: None,
        port: int = 0,
    ) -> None:
        self.loop, self.deliver, self.refuse = loop, deliver, refuse
        self.peers: set[Peer] = set()
        self.watchers: list[Peer] = []
        self.turns = b"turns=12 p50_us=100 p99_us=250 max_us=300"
        self._listener = socket.create_server(("127.0.0.1", port), backlog=100)
        self.port = int(self._listener.getsockname()[1])
        self.write = self.read
        loop.add(self._listener.fileno(), self, READ)

    def read(self, now: int) -> None:
        """For the loop: somebody comes."""
        peer = Peer(self, self._listener.accept()[0])
        self.peers.add(peer)
        self.loop.add(peer.socket.fileno(), peer, READ)

    def stall(self, milliseconds: int) -> None:
        """Take no lines for so long, and then all that came."""
        stalled = list(self.peers)
        for peer in stalled:
            self.loop.remove(peer.socket.fileno())

        def go_on(now: int) -> None:
            for peer in stalled:
                self.loop.add(peer.socket.fileno(), peer, READ)

        self.loop.at(clock() + milliseconds * MILLISECOND, go_on)

    def take(self, peer: Peer, line: bytes) -> None:
        """One line of somebody."""
        answer = self.refuse(peer, line)
        if answer is not None:
            if answer:
                peer.send(answer)
            if answer.startswith(b"ERROR"):
                peer.close()
            return
        word, _, rest = line.partition(b" ")
        getattr(self, f"_{word.decode().lower()}")(peer, rest)

    def close(self) -> None:
        """End everything."""
        for peer in list(self.peers):
            peer.close()
        self.loop.remove(self._listener.fileno())
        self._listener.close()

    def _nick(self, peer: Peer, rest: bytes) -> None:
        peer.name = rest

    def _user(self, peer: Peer, rest: bytes) -> None:
        peer.send(b"PING :are you there")

    def _pong(self, peer: Peer, rest: bytes) -> None:
        peer.send(b":fake 001 %b :Welcome\r\n:fake 376 %b :End of MOTD" % (peer.name, peer.name))

    def _join(self, peer: Peer, rest: bytes) -> None:
        peer.room = rest
        for other in self.peers:
            if other.room == rest:
                other.send(b":%b!load@fake JOIN %b" % (peer.name, rest))
        peer.send(b":fake 353 %b = %b :%b\r\n:fake 366 %b %b :End" % (peer.name, rest, peer.name, peer.name, rest))

    def _watch(self, peer: Peer, rest: bytes) -> None:
        """Is told of all that is said, in any room."""
        self.watchers.append(peer)

    def _privmsg(self, peer: Peer, rest: bytes) -> None:
        others = sorted((other for other in self.peers if other.room == peer.room), key=lambda other: other.name)
        others.remove(peer)
        line = b":%b!load@fake PRIVMSG %b" % (peer.name, rest)
        self.deliver(self, peer, others, line)
        for watcher in self.peers.intersection(self.watchers):
            watcher.send(line)
        peer.said += 1

    def _ping(self, peer: Peer, rest: bytes) -> None:
        peer.send(b":fake PONG fake :%b" % rest)

    def _stats(self, peer: Peer, rest: bytes) -> None:
        peer.send(b":fake 249 %b %b\r\n:fake 219 %b t :End" % (peer.name, self.turns, peer.name))

    def _quit(self, peer: Peer, rest: bytes) -> None:
        peer.send(b"ERROR :bye")
        peer.close()
        for other in self.peers:
            if other.room == peer.room:
                other.send(b":%b!load@fake QUIT :bye" % peer.name)
