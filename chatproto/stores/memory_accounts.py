"""Accounts in memory, gone with the process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from zope.interface import implementer

from chatproto.account import Account
from chatproto.interfaces import IAccountStore


@implementer(IAccountStore)
class MemoryAccounts:
    """Keeps accounts for as long as the process lives, without a bound. Never waits."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._certificates: dict[str, str] = {}
        """Fingerprint -> key of its account."""

    async def add(self, account: Account) -> bool:
        """See `IAccountStore.add`."""
        if account.key in self._accounts or not self._free(account.key, account.certificates):
            return False
        self._keep(account)
        return True

    async def find(self, key: str) -> Account | None:
        """See `IAccountStore.find`."""
        return self._accounts.get(key)

    async def by_certificate(self, fingerprint: str) -> Account | None:
        """See `IAccountStore.by_certificate`."""
        key = self._certificates.get(fingerprint)
        return None if key is None else self._accounts[key]

    async def change(self, key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Account | None:
        """See `IAccountStore.change`."""
        old = self._accounts.get(key)
        if old is None or not self._free(key, fields.get("certificates", ())):
            return None
        if any(getattr(old, field) != value for field, value in (was or {}).items()):
            return None
        new = replace(old, **fields)
        self._forget(old)
        self._keep(new)
        return new

    async def remove(self, key: str) -> bool:
        """See `IAccountStore.remove`."""
        account = self._accounts.get(key)
        if account is not None:
            self._forget(account)
        return account is not None

    async def suspended(self, count: int) -> Sequence[Account]:
        """See `IAccountStore.suspended`."""
        return [account for _, account in sorted(self._accounts.items()) if account.suspended][:count]

    async def names(self) -> Sequence[tuple[str, str]]:
        """See `IAccountStore.names`."""
        return sorted((account.key, account.name) for account in self._accounts.values())

    def _free(self, key: str, certificates: Iterable[str]) -> bool:
        return all(self._certificates.get(each, key) == key for each in certificates)

    def _keep(self, account: Account) -> None:
        self._accounts[account.key] = account
        self._certificates.update(dict.fromkeys(account.certificates, account.key))

    def _forget(self, account: Account) -> None:
        del self._accounts[account.key]
        for each in account.certificates:
            self._certificates.pop(each, None)
