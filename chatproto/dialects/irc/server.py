"""What all IRC conversations of one server share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from chatproto.dialects.irc import identity
from chatproto.dialects.irc.caps import CAPS
from chatproto.dialects.irc.isupport import tokens
from chatproto.dialects.irc.look import SEEN, Look
from chatproto.dialects.irc.message import LINE_LENGTH
from chatproto.dialects.irc.render import rendering
from chatproto.dialects.irc.roster import Rosters
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.interfaces import IMarkerStore, Peer
from chatproto.rooms.operators import CheckOperator
from chatproto.rooms.service import RoomService
from chatproto.wire import Frame, Wire


class Surroundings(NamedTuple):
    """What the dialect is given by the program around it. The two checks may take their time."""

    check_operator: CheckOperator
    check_password: Callable[[str], Awaitable[bool]]
    """Whether that is the server's password."""
    connections: Callable[[], int]
    """Counts all open connections, of every dialect."""
    reload: Callable[[], Sequence[str]]
    """Reads again what can be read again while the server runs; returns what went wrong, a sentence each."""
    markers: IMarkerStore
    turns: Callable[[], tuple[int, float, float, float]] = lambda: (0, 0.0, 0.0, 0.0)
    """The reactor's turns since it was asked last: how many, and in seconds the median, the 99th percentile and the
    longest."""
    sts_port: int = 0
    """Where clients in cleartext are sent to, if there is a policy; 0 sends them nowhere."""
    version: str = ""


class IrcServer:
    """One for all conversations. Its `motd` can be replaced at any time."""

    def __init__(self, rooms: RoomService, settings: IrcSettings, surroundings: Surroundings) -> None:
        self.rooms = rooms
        self.settings = settings
        self.name = settings.name
        self.check_operator = surroundings.check_operator
        self.check_password = surroundings.check_password
        self.connections = surroundings.connections
        self.reload = surroundings.reload
        self.turns = surroundings.turns
        self.markers = surroundings.markers
        self.version = f"chatproto-{surroundings.version}"
        self.created = rooms.now()
        """When the server started, in seconds since 1970."""
        self.motd: Sequence[str] = ()
        self.commands: Counter[str] = Counter()
        """How often each verb came."""
        self.rosters = Rosters()
        self.isupport = tokens(settings, rooms.limits)
        self._sts_port = surroundings.sts_port
        # One wire for all connections that look alike. What is forgotten here is made again, and merely not shared.
        self._wire = lru_cache(maxsize=1024)(lambda frame, caps: Wire(rendering(self.name, caps), frame))

    def wire(self, frame: Frame, caps: frozenset[str]) -> Wire:
        """How events are shown to all connections that have these capabilities."""
        return self._wire(frame, caps & SEEN)

    def space(self, verb: str, *params: str) -> int:
        """Bytes that are left for the last parameter of a line from the server, after those."""
        return LINE_LENGTH - len(" ".join((f":{self.name}", verb, *params, ":")).encode())

    def look(self, caps: frozenset[str]) -> Look:
        """The same, for a line that is made for one connection alone."""
        return Look(self.name, caps)

    def capabilities(self, peer: Peer) -> Mapping[str, str]:
        """All capabilities with their values, for the connection of `peer`."""
        settings = self.settings
        values = {
            "draft/multiline": f"max-bytes={settings.multiline_bytes},max-lines={settings.multiline_lines}",
            "draft/metadata-2": f"before-connect,max-subs={settings.metadata_subs},max-keys={settings.metadata_keys},"
            f"max-value-bytes={settings.metadata_value_bytes}",
        }
        found = {**CAPS, **values, **identity.capabilities(self.rooms.accounts, peer)}
        if settings.sts_seconds and peer.secure:
            found["sts"] = f"duration={settings.sts_seconds}"
        elif settings.sts_seconds and self._sts_port:
            found["sts"] = f"port={self._sts_port}"
        return found
