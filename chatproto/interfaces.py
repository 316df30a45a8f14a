"""The seams of the house. What keeps one of these can be put in its place; `tests/contracts/` tells whether it does.

    transport --ILink--> dialect            a dialect writes frames to a link, and says when it is done
    transport --ICrowd--> rooms             a room writes frames to many links at once
    transport <--IConversation-- dialect    a transport hands lines to a conversation
    rooms --IBackplane--> nodes             what happens is numbered and handed back for delivery
    rooms --IHistoryStore--> memory, disk   what was said is kept
    dialect --IMarkerStore--> memory        how far it was read
    dialect --IAccounts--> accounts         who somebody is, and how they prove it
    accounts --IAccountStore--> memory, disk

(zope.interface leaves `self` out of the signatures.)
"""

# mypy-zope reads these as interfaces; methods have no self and no body by zope.interface's convention.
from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from ipaddress import ip_address
from typing import Any, NamedTuple

from zope.interface import Attribute, Interface

from chatproto.account import Account
from chatproto.events import Ending, Event, Said, Stamp, Whispered
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

    def hold(until: Coroutine[Any, Any, None]) -> None:
        """Send nothing until that has ended, neither what was written before in this turn nor what is written
        meanwhile; all of it stays in order. It is begun at once."""

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


Mark = Stamp | float
"""A place in a stream: that of an event, or a time in seconds since 1970. Places are in the order of time, epoch and
offset. Where a stamp's time is 0, as in `Stamp.parse`, it is that of the event which is kept with its epoch and offset,
and no place if there is none."""


class IHistoryStore(Interface):
    """Keeps what happened in rooms and between people. A stream is a room's key; or, for what two say to each other,
    the keys of their accounts, sorted, with a space between them."""

    lasts: bool = Attribute("Whether there is room for what was said in rooms that are gone.")

    def append(stream: str, event: Event, stamp: Stamp) -> None:
        """Keep one event. Those of one stream come in the order of their stamps' times. Never blocks or raises; stores
        may drop the oldest. Called for each line."""

    def stored() -> Awaitable[bool] | None:
        """None if all that was appended is stored. Else it resolves, later, when all that was appended until now is:
        to True; or to False if the store fails, and so soon. It goes on trying."""

    def read(
        stream: str,
        count: int,
        *,
        after: Mark | None = None,
        before: Mark | None = None,
        newest: bool = True,
        every: bool = False,
    ) -> Awaitable[Sequence[tuple[Event, Stamp]]]:
        """What was appended before this call and stands between the marks, which do not belong to it, oldest first. Of
        more than `count` the newest, or the oldest. Only what was said (`Said`, `Whispered`), or `every` event. Nothing
        where a mark is no place."""

    def active(
        streams: Sequence[str], after: float, before: float, count: int
    ) -> Awaitable[Sequence[tuple[str, float]]]:
        """In which of these streams something was said between those times, and when last before the second of them,
        oldest first; of more than `count` the newest."""

    def find(stream: str, message: str) -> Awaitable[Said | Whispered | None]:
        """What was said under that id (`Stamp.id`), if it is kept."""

    def redact(stream: str, message: str) -> None:
        """Forget what that line said; it still is a place. Does nothing if it is not kept."""

    def rename(stream: str, new: str) -> None:
        """The stream is called `new` from now on, where there was none."""

    def drop(stream: str) -> None:
        """Forget the stream's lines."""


class IMarkerStore(Interface):
    """Keeps how far people have read. A reader is the key of an account, and a buffer what it reads: the key of a room,
    of another account, or of a name. Times are in seconds since 1970."""

    def ready(reader: str) -> Awaitable[None] | None:
        """None if the other two know what is kept of that reader. Else it resolves when they do, or raises
        `Unavailable`."""

    def find(reader: str, buffer: str) -> float | None:
        """Up to when it has read that. Never blocks or raises."""

    def move(reader: str, buffer: str, time: float) -> None:
        """It has read that up to then; a time before the one that is kept changes nothing. Never blocks or raises;
        stores may forget what was moved longest ago."""


class IAccountStore(Interface):
    """Keeps accounts. Each of these may wait for a disk or another machine, and raises `Unavailable` if that fails."""

    def add(account: Account) -> Awaitable[bool]:
        """Keep a new account. False, and nothing is changed, if its key or one of its certificates is another's."""

    def find(key: str) -> Awaitable[Account | None]:
        """The account with that key."""

    def by_certificate(fingerprint: str) -> Awaitable[Account | None]:
        """The account that has this certificate."""

    def change(key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Awaitable[Account | None]:
        """Give those fields of `Account`, any but `key`, other values, and return what it is then. None, and nothing is
        changed, if there is no such account, a certificate is another's, or a field has not the value of `was`."""

    def remove(key: str) -> Awaitable[bool]:
        """Forget the account. False if there is none."""

    def names() -> Awaitable[Sequence[tuple[str, str]]]:
        """Key and name of each account, by key."""


class IExchange(Interface):
    """One try to log in by SASL (RFC 4422). The client speaks first in all mechanisms here."""

    def respond(response: bytes) -> Awaitable[bytes | Account]:
        """What the client sent, decoded. Resolves to the next challenge for it, or, at the end, to the account that it
        may use. Raises `WrongLogin`, `TooManyAttempts`, `NotChecked`, `Unavailable`, or `Garbled` for what is no
        message of the mechanism or has more than `LONGEST_RESPONSE` bytes: the exchange is over then. To be awaited
        before it is called again, and not cancelled."""


class IAccounts(Interface):
    """Who has which name, and how they prove it. `peer` is who asks: attempts are counted by its address, and a
    password is taken over TLS or from this machine only (`NotEncrypted` else). Any of these may raise `Unavailable`,
    those that take a password `NotChecked` as well, and those that make or change something `NoAccounts` where that is
    not done here. None is to be cancelled."""

    def registers() -> bool:
        """Whether people may make accounts for themselves."""

    def mechanisms(peer: Peer, fingerprint: str) -> Sequence[str]:
        """The SASL mechanisms that this peer can use. `fingerprint` is that of its certificate, as `Account` has them;
        empty if it showed none."""

    def begin(mechanism: str, peer: Peer, fingerprint: str) -> IExchange:
        """Log in by SASL. Raises `UnknownMechanism`, which says those that there are, or `NotEncrypted`."""

    def log_in(name: str, password: str, peer: Peer) -> Awaitable[Account]:
        """The account of that name, as anybody may write it. Raises `WrongLogin`, whatever it is that is wrong, or
        `TooManyAttempts`."""

    def register(key: str, name: str, password: str, peer: Peer) -> Awaitable[Account]:
        """Make an account; that the name is allowed is known. Raises `AccountExists`, `BadPassword`, `TooManyAttempts`
        or `RegistrationClosed`."""

    def find(key: str) -> Awaitable[Account | None]:
        """The account with that key."""

    def names() -> Awaitable[Sequence[tuple[str, str]]]:
        """Key and name of each account, by key."""

    def change_password(key: str, old: str, new: str, peer: Peer) -> Awaitable[Account]:
        """Give the account another password, for its owner. Raises `WrongLogin`, `BadPassword`, `TooManyAttempts`."""

    def reset_password(key: str, new: str) -> Awaitable[Account]:
        """The same for an operator, who need not know the old one. Raises `NoSuchAccount`, `BadPassword`."""

    def add_certificate(key: str, fingerprint: str) -> Awaitable[Account]:
        """Let whoever has that certificate in. Raises `NoSuchAccount`, `CertificateTaken` or `TooManyCertificates`."""

    def remove_certificate(key: str, fingerprint: str) -> Awaitable[Account]:
        """Let them in no more; does nothing if it is not there. Raises `NoSuchAccount`."""

    def suspend(key: str, reason: str) -> Awaitable[Account]:
        """Let nobody in any more; with an empty reason, let them in again. Who is in stays. Raises `NoSuchAccount`."""

    def choose(key: str, setting: str, value: str) -> Awaitable[Account]:
        """Keep what its owner chose; an empty value forgets it. Raises `NoSuchAccount`."""

    def remove(key: str) -> Awaitable[None]:
        """Forget the account. Raises `NoSuchAccount`."""
