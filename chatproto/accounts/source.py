"""The accounts that this server keeps itself: registering, logging in, and what owners and operators change."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from zope.interface import implementer

from chatproto.account import Account
from chatproto.accounts import sasl
from chatproto.accounts.login import TRIES, Logins, must_be_private
from chatproto.accounts.settings import OPEN, AccountSettings
from chatproto.errors import (
    AccountExists,
    BadPassword,
    CertificateTaken,
    NoSuchAccount,
    RegistrationClosed,
    TooManyCertificates,
    Unavailable,
    WrongLogin,
)
from chatproto.interfaces import IAccounts, Peer
from chatproto.passwords import octets


@implementer(IAccounts)
class Accounts:
    """Accounts in a store, with whatever `logins` has."""

    def __init__(self, logins: Logins) -> None:
        self.logins = logins
        self._store = logins.store
        self._hashing = logins.hashing

    def registers(self) -> bool:
        """See `IAccounts.registers`."""
        return self._hashing.settings.registration == OPEN

    def mechanisms(self, peer: Peer, fingerprint: str) -> tuple[str, ...]:
        """See `IAccounts.mechanisms`."""
        return sasl.mechanisms(self.logins, peer, fingerprint)

    def begin(self, mechanism: str, peer: Peer, fingerprint: str) -> sasl.Exchange:
        """See `IAccounts.begin`."""
        return sasl.begin(self.logins, mechanism, peer, fingerprint)

    async def log_in(self, name: str, password: str, peer: Peer) -> Account:
        """See `IAccounts.log_in`."""
        return await self.logins.by_password(name, password, peer)

    async def register(self, key: str, name: str, password: str, peer: Peer) -> Account:
        """See `IAccounts.register`."""
        if not self.registers():
            raise RegistrationClosed
        must_be_private(peer)
        check_password(password, self._hashing.settings)
        with self.logins.throttle.registration(peer.address):
            account = await self.make(key, name, password)
            self.logins.throttle.let_in(peer.address, key)
            return account

    async def make(self, key: str, name: str, password: str) -> Account:
        """See `IAccounts.make`."""
        check_password(password, self._hashing.settings)
        if await self._store.find(key):
            raise AccountExists(name)
        secrets = await self._hashing.secrets(password)
        now = self.logins.now()
        account = Account(name, key, now, now, *secrets)
        if not await self._store.add(account):
            raise AccountExists(name)
        return account

    async def find(self, key: str) -> Account | None:
        """See `IAccounts.find`."""
        return await self._store.find(key)

    async def suspended(self, count: int) -> Sequence[Account]:
        """See `IAccounts.suspended`."""
        return await self._store.suspended(count)

    async def names(self) -> Sequence[tuple[str, str]]:
        """See `IAccounts.names`."""
        return await self._store.names()

    async def change_password(self, key: str, old: str, new: str, peer: Peer) -> Account:
        """See `IAccounts.change_password`."""
        check_password(new, self._hashing.settings)
        known = await self.logins.by_password(key, old, peer)
        secrets = await self._hashing.secrets(new)
        changed = await self._store.change(key, {"password": known.password}, **secrets._asdict())
        if changed is None:  # It was changed meanwhile, or is somebody else's account by now.
            raise WrongLogin
        return changed

    async def reset_password(self, key: str, new: str) -> Account:
        """See `IAccounts.reset_password`."""
        check_password(new, self._hashing.settings)
        secrets = await self._hashing.secrets(new)
        return await self._change(key, **secrets._asdict())

    async def add_certificate(self, key: str, fingerprint: str) -> Account:
        """See `IAccounts.add_certificate`."""
        account = await self._found(key)
        owner = await self._store.by_certificate(fingerprint)
        if owner and owner.key != key:
            raise CertificateTaken
        most = self._hashing.settings.certificates_per_account

        def added(old: tuple[str, ...]) -> tuple[str, ...]:
            if len(old) >= most and fingerprint not in old:
                raise TooManyCertificates(most)
            return tuple(sorted({*old, fingerprint}))

        return await self._alter(account, "certificates", added)

    async def remove_certificate(self, key: str, fingerprint: str) -> Account:
        """See `IAccounts.remove_certificate`."""
        account = await self._found(key)
        return await self._alter(account, "certificates", lambda old: tuple(its for its in old if its != fingerprint))

    async def suspend(self, key: str, reason: str) -> Account:
        """See `IAccounts.suspend`."""
        return await self._change(key, suspended=reason)

    async def choose(self, key: str, setting: str, value: str) -> Account:
        """See `IAccounts.choose`."""

        def chosen(old: dict[str, str]) -> dict[str, str]:
            rest = {name: each for name, each in old.items() if name != setting}
            return {**rest, setting: value} if value else rest

        return await self._alter(await self._found(key), "settings", chosen)

    async def remove(self, key: str) -> None:
        """See `IAccounts.remove`."""
        if not await self._store.remove(key):
            raise NoSuchAccount(key)

    async def _change(self, key: str, **fields: Any) -> Account:
        changed = await self._store.change(key, **fields)
        if changed is None:
            raise NoSuchAccount(key)
        return changed

    async def _found(self, key: str) -> Account:
        account = await self._store.find(key)
        if account is None:
            raise NoSuchAccount(key)
        return account

    async def _alter(self, account: Account, field: str, alter: Callable[[Any], Any]) -> Account:
        """Make something else of what a field is, though others may do so at the same time; but not in an account that
        somebody else made meanwhile."""
        for _ in range(TRIES):
            old = getattr(account, field)
            same = {"created": account.created, field: old}
            changed = await self._store.change(account.key, same, **{field: alter(old)})
            if changed:
                return changed
            found = await self._found(account.key)
            if found.created != account.created:
                raise NoSuchAccount(account.key)
            account = found
        raise Unavailable


def check_password(password: str, settings: AccountSettings) -> None:
    """Raises `BadPassword` if no account may have this one."""
    length = len(octets(password))
    if length < settings.password_least:
        raise BadPassword(f"it has {length} bytes, and {settings.password_least} are needed", weak=True)
    if length > settings.password_most:
        raise BadPassword(f"it has {length} bytes, and {settings.password_most} are allowed")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        raise BadPassword("it has control characters in it")
