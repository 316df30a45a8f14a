"""Who somebody is, and how they prove it."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from zope.interface import Interface

from chatproto.account import Account
from chatproto.interfaces.links import Peer


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

    def make(key: str, name: str, password: str) -> Awaitable[Account]:
        """The same for an operator, who makes it for somebody else. Raises `AccountExists`, `BadPassword`."""

    def find(key: str) -> Awaitable[Account | None]:
        """The account with that key."""

    def suspended(count: int) -> Awaitable[Sequence[Account]]:
        """The accounts that are suspended, by key, at most so many."""

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
        """Forget the account. Raises `NoSuchAccount`, or `NoAccounts` where it has to stay."""
