"""Where connections, dialects, rooms and nodes meet."""

# mypy-zope reads these as interfaces; methods have no self and no body by zope.interface's convention.
from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Hashable
from collections.abc import Set as AbstractSet
from ipaddress import ip_address
from typing import Any, NamedTuple

from zope.interface import Attribute, Interface

from chatproto.events import Ending, Event, Stamp
from chatproto.wire import Frame


class Peer(NamedTuple):
    """Who is at the other end of a connection."""

    address: str
    """Its IP address as text; one that is mapped into IPv6 as IPv4. Empty where there is none, as on a Unix socket."""
    secure: bool
    """Whether what is sent is encrypted on its way to here (TLS)."""
    fingerprint: str = ""
    """SHA-256 of the certificate that it has shown, and proved to be its own, as `Account` has them; empty if it has
    shown none."""

    @property
    def local(self) -> bool:
        """Whether it never left this machine: a loopback address, or none."""
        return not self.address or ip_address(self.address).is_loopback


class ILink(Interface):
    """One connection, as a dialect sees it: somewhere to write frames to. Nothing here blocks or raises."""

    frame: Frame = Attribute(
        "Turns one line of text into the bytes this kind of link sends for it. Links of another kind have another one."
    )

    peer: Peer = Attribute("Who is at the other end. It can be asked for from `IConversation.opened` on.")

    def write(data: bytes) -> None:
        """Queue whole frames, in order. They are sent at the end of the reactor's turn, joined with whatever else is
        queued. Never calls back into the caller. A link that is closing ignores it."""

    def crowd() -> ICrowd:
        """A new crowd, for links like this one."""

    def drained() -> Awaitable[None]:
        """Resolves once nothing is queued here, or the link is closed, and not before others have had their turn: who
        writes very much awaits this between two pieces of it."""

    def hold(until: Awaitable[bool], otherwise: Callable[[], None]) -> None:
        """Send nothing that is written in this turn, or later, until that has resolved; all of it stays in order. What
        was held before by something else is sent when that resolves. If it does not resolve to True, or so much is
        queued meanwhile that one might be cut for it, `otherwise` is called, once, and the link waits for it no more;
        that may be before this returns. `otherwise` does not raise, and may write."""

    def settle() -> None:
        """The peer has said who it is: the time-limit for that is over."""

    def close() -> None:
        """Send what is queued, then close. No line is delivered after this, and `ended` is not called."""


class ICrowd(Interface):
    """Links of one kind that are written to together: the members of a room that see it alike. Nothing here blocks or
    raises."""

    links: AbstractSet[ILink] = Attribute("Who is in it.")

    def add(link: ILink) -> None:
        """Have `link` in it, for what is written from now on. It is not in it yet."""

    def discard(link: ILink) -> None:
        """Have it in there no more; what was written before is sent. Does nothing if it is not in there."""

    def write(data: bytes, skip: ILink | None = None) -> None:
        """The same as `write` of each link in it but `skip`, and as much in order with what else is written to them."""


class IConversation(Interface):
    """One peer's talk in one dialect: the lines it sends, and what becomes of them."""

    def opened() -> None:
        """The link is up. The conversation may speak first."""

    def line_received(line: bytes) -> Coroutine[Any, Any, None] | None:
        """One line without its end, within the length limit. What is returned, if anything, must be awaited before the
        next line is delivered: later lines wait, and stay in order."""

    def line_too_long(limit: int) -> None:
        """A line of more than `limit` bytes was thrown away in place of being delivered: tell the peer, and go on or
        close the link."""

    def probe() -> None:
        """The peer has been silent for long: make it show a sign of life."""

    def ended(ending: Ending) -> None:
        """The transport ends the connection. Called once at most, and not after `ILink.close`. One last line may be
        written, to tell the peer why; the link sends it if it still can."""


class IBackplane(Interface):
    """Numbers what happens, tells every node, and says which names are held anywhere."""

    deliver: Callable[[str, Event, Stamp, Hashable | None], None] = Attribute(
        "Called as deliver(stream, event, stamp, origin) for each event, in the stream's one order. Set once, by who "
        "wants to hear."
    )

    def publish(stream: str, event: Event, origin: Hashable | None) -> None:
        """Let it happen: `deliver` is called with the event and its stamp, before this returns. `stream` is the room's
        key, or empty outside of rooms. `origin` comes back as it is. Never blocks or raises."""

    def drop(stream: str) -> None:
        """The stream's room is gone. If it comes again, it starts a new epoch."""

    def claim(token: str) -> Awaitable[bool]:
        """Hold `token`, one of those of a name, for this node. Resolves to whether it was free on all nodes."""

    def release(token: str) -> None:
        """Give back what was claimed here."""
