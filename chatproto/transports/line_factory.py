"""What all links of one dialect share, and what makes one for each connection."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory

from chatproto.interfaces import IConversation, ILink
from chatproto.transports.connections import Connections
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line import LineLink
from chatproto.transports.turn import Turn

MakeConversation = Callable[[ILink], IConversation]
"""Somebody has connected, and this is the link to them: who is to speak with them?"""


class LineFactory(Factory):
    """Makes a `LineLink` for each connection. One per dialect, shared by all listeners of the server:
    `make_conversation` decides which dialect a link speaks, and `limits` how long its lines may be."""

    noisy = False

    def __init__(
        self,
        clock: IReactorTime,
        limits: LinkLimits,
        connections: Connections,
        make_conversation: MakeConversation,
        turn: Turn | None = None,
    ) -> None:
        self.clock = clock
        self.limits = limits
        self.connections = connections
        self.make_conversation = make_conversation
        self.turn = turn or Turn(clock)

    def buildProtocol(self, addr: IAddress | None) -> LineLink:
        """A link for a new connection."""
        return LineLink(self)
