"""The talk of those who are not let in: one line in their dialect, and the end."""

from __future__ import annotations

from zope.interface import implementer

from chatproto.events import Ending
from chatproto.interfaces import IConversation, ILink

ONLY_TLS = "!! From where you are this server is reached over TLS only."
IRC_ONLY_TLS = "ERROR :From where you are this server is reached over TLS only"
IRC_REFUSED = "ERROR :There are too many connections from your address"


@implementer(IConversation)
class TurnedAway:
    """Says `refusal`, a whole line without its end, and closes the link."""

    def __init__(self, link: ILink, refusal: str) -> None:
        self._link = link
        self._refusal = refusal

    def opened(self) -> None:
        """Say it."""
        self._link.write(self._link.frame(self._refusal))
        self._link.close()

    def line_received(self, line: bytes) -> None:
        """Nothing is delivered after the link was closed."""

    def line_too_long(self, limit: int) -> None:
        """Nor is this."""

    def probe(self) -> None:
        """Nobody needs to be asked."""

    def ended(self, ending: Ending) -> None:
        """There is nothing more to be said."""
