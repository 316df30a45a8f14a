"""IRC clients of one server, without a transport: lines in, lines out."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any

from chatproto.backplanes.alone import Alone
from chatproto.dialects.irc.conversation import IrcConversation
from chatproto.dialects.irc.server import IrcServer, Surroundings
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.interfaces import IAccounts, IHistoryStore, IMarkerStore, Peer
from chatproto.rooms import logins
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.stores.markers import MemoryMarkers
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON, RecordingLink

HOST = "localhost"
"""What everyone has for a host: they all come from this machine."""


class Client:
    """One client. What it is sent is read with `got`."""

    def __init__(self, network: Network, *, secure: bool = False, peer: Peer | None = None) -> None:
        self.network = network
        self.link = RecordingLink()
        self.link.peer = peer or Peer("127.0.0.1", secure)
        self.talk = IrcConversation(self.link, network.server)
        network.clients.append(self)
        self.talk.opened()

    def send(self, *lines: str | bytes) -> None:
        """Send lines, one after the other."""
        for line in lines:
            answer = self.talk.line_received(line if isinstance(line, bytes) else line.encode())
            if answer is not None:
                finish(answer)

    def got(self) -> list[str]:
        """The lines that came since one looked last."""
        return self.link.lines()

    def says(self, *lines: str | bytes) -> list[str]:
        """Send lines, and return what comes back; what came before is dropped."""
        self.got()
        self.send(*lines)
        return self.got()

    @property
    def closed(self) -> bool:
        """Whether the server has closed the connection."""
        return self.link.closed


class Network:
    """One server; its clock stands at `now`, in seconds since 1970, until a test moves it."""

    def __init__(
        self,
        settings: IrcSettings | None = None,
        limits: RoomLimits | None = None,
        history: IHistoryStore | None = None,
        accounts: IAccounts | None = None,
    ) -> None:
        self.now = NOON
        self.clients: list[Client] = []
        self.operators = {"root": "secret"}
        self.reloaded = 0
        self.problems: list[str] = []
        """What goes wrong when the server reads its files again."""
        self.limits = limits or RoomLimits()
        history = history or MemoryHistory(self.limits.history_kept)
        self.rooms = RoomService(Alone(lambda: self.now), history, self.limits, lambda: self.now, accounts=accounts)
        if accounts is not None:
            finish(logins.load(self.rooms))
        self.markers: IMarkerStore = MemoryMarkers()
        self.settings = settings or IrcSettings()
        surroundings = Surroundings(
            check_operator=self._check_operator,
            check_password=self._check_password,
            connections=lambda: sum(not client.closed for client in self.clients),
            reload=self._reload,
            markers=self.markers,
            sts_port=6697,
            version="1",
        )
        self.server = IrcServer(self.rooms, self.settings, surroundings)

    def connect(
        self, nick: str = "", caps: Iterable[str] = (), *, secure: bool = False, peer: Peer | None = None
    ) -> Client:
        """A client; if it has a nick, it is registered with these capabilities, and has read its welcome."""
        client = Client(self, secure=secure, peer=peer)
        if nick:
            wanted = " ".join(caps)
            client.send(*([f"CAP REQ :{wanted}"] if wanted else []), f"NICK {nick}", f"USER {nick} 0 * :{nick} Real")
            client.send(*(["CAP END"] if wanted else []))
            assert any(" 001 " in line for line in client.got())
        return client

    def room(self, name: str, *clients: Client) -> None:
        """Have clients join a room, the first as its operator; what they are told of it is read."""
        for client in clients:
            client.send(f"JOIN {name}")
        for client in self.clients:
            client.got()

    async def _check_operator(self, name: str, password: str, peer: Peer) -> bool:
        return self.operators.get(name) == password

    async def _check_password(self, password: str) -> bool:
        return password == self.settings.password

    def _reload(self) -> list[str]:
        self.reloaded += 1
        return self.problems


def finish(answer: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing to its end."""
    try:
        answer.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")
