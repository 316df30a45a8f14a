"""What connections are sent when something happens, by their capabilities."""

from __future__ import annotations

from chatproto.dialects.irc.render import rendering
from chatproto.events import Event, Stamp, Who

ADA = Who("ada", "~ada", "example.org", "Ada")
BOT = Who("bob", "~bob", "example.org", bot=True, operator=True)
STAMP = Stamp(10, 11, 1_800_000_000.25)
A = ":ada!~ada@example.org"


def lines(event: Event, *caps: str) -> list[str]:
    """What connections with these capabilities are sent."""
    return list(rendering("irc.example", frozenset(caps))(event, STAMP))
