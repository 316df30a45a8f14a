"""Who is let in to an account: by password, by proof, or by certificate. Nothing here tells whether an account exists:
neither what is raised, nor, as far as hashing takes time, when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chatproto.account import EXTERNAL, PLAIN, SCRAM, Account
from chatproto.accounts.hashing import Hashing
from chatproto.accounts.scram import Keys, decoded
from chatproto.accounts.throttle import Attempt, Throttle
from chatproto.errors import NotEncrypted, Unavailable, WrongLogin
from chatproto.interfaces import IAccountStore, Peer
from chatproto.passwords import LONGEST

TRIES = 3
"""How often something is looked at, or tried, that others change meanwhile."""


def must_be_private(peer: Peer) -> None:
    """Raises `NotEncrypted` if others may read what `peer` sends."""
    if not peer.secure and not peer.local:
        raise NotEncrypted


class Claim:
    """Somebody says to be somebody, and has not proved it yet. It counts as a wrong login until it is admitted."""

    def __init__(self, account: Account | None, attempt: Attempt, keys: Keys) -> None:
        self.account = account
        self.attempt = attempt
        self.keys = keys
        """Those of the account, or some that nobody can have."""


class Logins:
    """Lets people in. `key_of` makes the key of an account of any text that somebody gives for its name; `now` gives
    seconds since 1970."""

    mechanisms: tuple[str, ...] = (EXTERNAL, SCRAM, PLAIN)
    """Those of SASL by which one may log in, the best first."""

    def __init__(
        self,
        store: IAccountStore,
        hashing: Hashing,
        throttle: Throttle,
        key_of: Callable[[str], str],
        now: Callable[[], float],
    ) -> None:
        self.store = store
        self.hashing = hashing
        self.throttle = throttle
        self.key_of = key_of
        self.now = now

    async def by_password(self, name: str, password: str, peer: Peer) -> Account:
        """The account of that name and password. Raises `WrongLogin`, `TooManyAttempts`, `NotEncrypted`, `NotChecked`
        or `Unavailable`."""
        must_be_private(peer)
        key = self.key_of(name)
        with await self.throttle.login(peer.address, key) as attempt:
            return await self._admitted(lambda: self.checked(name, key, password), "password", attempt)

    async def checked(self, name: str, key: str, password: str) -> Account:
        """The account with that name, written like this, and key, if this is its password. Raises `WrongLogin`,
        `NotChecked` or `Unavailable`."""
        account = await self.store.find(key)
        known = account.password if account and len(password) <= LONGEST else ""
        right = await self.hashing.matches(known, password[:LONGEST])
        if account is None or not right:
            raise WrongLogin
        return await self._renewed(account, password)

    async def by_certificate(self, fingerprint: str, name: str, peer: Peer) -> Account:
        """The account that has this certificate, which TLS has verified; `name` may be empty. Raises `WrongLogin`,
        `TooManyAttempts` or `Unavailable`."""
        with await self.throttle.login(peer.address) as attempt:
            return await self._admitted(lambda: self._certified(fingerprint, name), "certificates", attempt)

    async def _certified(self, fingerprint: str, name: str) -> Account:
        account = await self.store.by_certificate(fingerprint)
        if account is None or (name and self.key_of(name) != account.key):
            raise WrongLogin
        return account

    async def claim(self, name: str, peer: Peer) -> Claim:
        """Begin to prove that one knows the password of the account of that name. Raises `TooManyAttempts` or
        `Unavailable`, and nothing if there is no such account."""
        key = self.key_of(name)
        with await self.throttle.login(peer.address, key) as attempt:  # Nobody waits for the client's proof.
            account = await self.store.find(key)
        pretended = self.hashing.pretended(key)
        known = decoded(account.scram if account and account.scram else pretended.encoded())
        return Claim(account, attempt, known or pretended)

    async def proved(self, claim: Claim) -> Account:
        """The account, now that one has proved to know its password. It may be asked for again, and can be another
        answer then. Raises `WrongLogin` or `Unavailable`."""
        with claim.attempt:
            return await self._admitted(lambda: self._still(claim.account), "scram", claim.attempt)

    async def _still(self, known: Account | None) -> Account:
        account = await self.store.find(known.key) if known else None
        if account is None or known is None or account.scram != known.scram:  # It was changed meanwhile.
            raise WrongLogin
        return account

    async def _admitted(self, check: Callable[[], Awaitable[Account]], field: str, attempt: Attempt) -> Account:
        """The account that `check` finds to be theirs, by what it has in that field. If that is something else by the
        time they are let in, it is checked again: whoever knew only the old one is not let in."""
        for _ in range(TRIES):
            account = await check()
            if account.suspended:
                raise WrongLogin
            admitted = await self.store.change(account.key, {field: getattr(account, field)}, seen=self.now())
            if admitted is not None:
                break
        else:
            raise Unavailable
        if admitted.suspended:
            raise WrongLogin
        attempt.right(account.key)
        return admitted

    async def _renewed(self, account: Account, password: str) -> Account:
        """The same, its password hashed again if that costs something else by now."""
        keys = decoded(account.scram)
        iterations = self.hashing.settings.scram_iterations
        if self.hashing.outdated(account.password) or (keys and keys.iterations != iterations):
            was = {"password": account.password, "scram": account.scram}
            secrets = await self.hashing.secrets(password)
            return await self.store.change(account.key, was, **secrets._asdict()) or account
        return account
