"""Accounts in a database."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from chatproto.account import Account
from chatproto.errors import Unavailable
from chatproto.interfaces import IAccountStore
from chatproto.stores.database import Database, StoreFailed
from chatproto.stores.forgetting import forget_markers, forget_talks
from chatproto.stores.rows import is_storable, storable
from chatproto.stores.schema import accounts, certificates

T = TypeVar("T")

_COLUMNS = [field.name for field in fields(Account) if field.name in accounts.c]


@implementer(IAccountStore)
class SqlAccounts:
    """Keeps accounts in a `Database`, which is open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: Account) -> bool:
        """See `IAccountStore.add`."""
        return await _unless_taken(self._database.write(lambda connection: _insert(connection, account))) is not None

    async def find(self, key: str) -> Account | None:
        """See `IAccountStore.find`."""
        return await _answered(self._database.read(lambda connection: _find(connection, key)))

    async def by_certificate(self, fingerprint: str) -> Account | None:
        """See `IAccountStore.by_certificate`."""
        return await _answered(self._database.read(lambda connection: _by_certificate(connection, fingerprint)))

    async def change(self, key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Account | None:
        """See `IAccountStore.change`."""
        expected = was or {}
        return await _unless_taken(self._database.write(lambda connection: _change(connection, key, expected, fields)))

    async def remove(self, key: str) -> bool:
        """See `IAccountStore.remove`. Its talks and markers are gone with it, but for what waits to be written."""
        return await _answered(self._database.write(lambda connection: remove(connection, key)))

    async def suspended(self, count: int) -> Sequence[Account]:
        """See `IAccountStore.suspended`."""
        return await _answered(self._database.read(lambda connection: _suspended(connection, count)))

    async def names(self) -> Sequence[tuple[str, str]]:
        """See `IAccountStore.names`."""
        return await _answered(self._database.read(_names))

    def names_at_once(self) -> Sequence[tuple[str, str]]:
        """The same, blocking: for who has to know before the reactor runs. Raises `StoreFailed`."""
        return self._database.at_once(_names)


async def _answered(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except StoreFailed as failed:
        raise Unavailable from failed


async def _unless_taken(answer: Awaitable[T]) -> T | None:
    """None if a key or a certificate is another's."""
    try:
        return await _answered(answer)
    except IntegrityError:
        return None


def _insert(connection: Connection, account: Account) -> Account:
    connection.execute(insert(accounts), _row(account))
    _certify(connection, account.key, account.certificates)
    return account


def _by_certificate(connection: Connection, fingerprint: str) -> Account | None:
    owner = select(certificates.c.account).where(certificates.c.fingerprint == fingerprint)
    key = connection.scalar(owner) if is_storable(fingerprint) else None
    return None if key is None else _find(connection, key)


def _find(connection: Connection, key: str, *, locked: bool = False) -> Account | None:
    """The account with that key. `locked`: nobody changes it before this transaction has ended."""
    if not is_storable(key):
        return None
    chosen = select(accounts).where(accounts.c.key == key)
    row = connection.execute(chosen.with_for_update() if locked else chosen).mappings().first()
    # They are asked for where there is no such account, too: it takes as long.
    owned = connection.scalars(select(certificates.c.fingerprint).where(certificates.c.account == key)).all()
    return None if row is None else Account(**{**row, "certificates": tuple(sorted(owned))})


def _change(connection: Connection, key: str, expected: Mapping[str, Any], chosen: Mapping[str, Any]) -> Account | None:
    old = _find(connection, key, locked=True)
    if old is None or any(getattr(old, field) != value for field, value in expected.items()):
        return None
    new = replace(old, **chosen)
    new = replace(new, suspended=storable(new.suspended))  # Operators give any text for a reason.
    connection.execute(update(accounts).where(accounts.c.key == key), _row(new))
    if new.certificates != old.certificates:
        connection.execute(delete(certificates).where(certificates.c.account == key))
        _certify(connection, key, new.certificates)
    return new


def remove(connection: Connection, key: str) -> bool:
    """Remove an account, and in the same transaction what its owner read and said to others in private: nobody is to
    have the name before that is gone. Tells whether there was one. Blocks."""
    if not is_storable(key):
        return False
    forget_markers(connection, key)
    forget_talks(connection, key)
    return connection.execute(delete(accounts).where(accounts.c.key == key)).rowcount == 1


def _suspended(connection: Connection, count: int) -> list[Account]:
    # Sorted here: PostgreSQL has its own order of letters.
    keys = sorted(connection.scalars(select(accounts.c.key).where(accounts.c.suspended != "")))
    return [account for key in keys[:count] if (account := _find(connection, key)) is not None]


def _names(connection: Connection) -> list[tuple[str, str]]:
    # Sorted here: PostgreSQL has its own order of letters.
    return sorted((key, name) for key, name in connection.execute(select(accounts.c.key, accounts.c.name)))


def _certify(connection: Connection, key: str, fingerprints: Iterable[str]) -> None:
    rows = [{"fingerprint": each, "account": key} for each in fingerprints]
    if rows:
        connection.execute(insert(certificates), rows)


def _row(account: Account) -> dict[str, Any]:
    row = {column: getattr(account, column) for column in _COLUMNS}
    return {**row, "settings": dict(account.settings)}
