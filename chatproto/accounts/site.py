"""A site's own users in the place of our accounts: checkers of twisted.cred say who somebody is (`--auth`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.error import LoginFailed
from twisted.internet.defer import maybeDeferred
from zope.interface import implementer

from chatproto.account import PLAIN, Account
from chatproto.accounts.login import Logins
from chatproto.accounts.source import Accounts
from chatproto.errors import NoAccounts, WrongLogin
from chatproto.interfaces import IAccounts, Peer

NameOf = Callable[[str], tuple[str, str]]
"""Key and name as it is shown, of a name that a checker gives. Raises a `ChatError` if nobody can have it here."""


class SiteLogins(Logins):
    """Asks the checkers, one after the other, in the place of looking at passwords. What people choose, and whether
    they are suspended, is kept in our store, from the first time that they are here."""

    mechanisms = (PLAIN,)

    def __init__(self, logins: Logins, checkers: Sequence[Any], name_of: NameOf) -> None:
        super().__init__(logins.store, logins.hashing, logins.throttle, logins.key_of, logins.now)
        self._checkers = [each for each in checkers if IUsernamePassword in each.credentialInterfaces]
        self._name_of = name_of

    async def checked(self, name: str, key: str, password: str) -> Account:
        """See `Logins.checked`. The account is that of the name which the checker gives; raises what `name_of` does."""
        credentials = UsernamePassword(_octets(name), _octets(password))
        for checker in self._checkers:
            avatar = await _avatar(checker, credentials)
            if avatar:
                return await self._known(*self._name_of(avatar))
        raise WrongLogin

    async def _known(self, key: str, name: str) -> Account:
        account = Account(name, key, self.now(), self.now())
        if await self.store.add(account):
            return account
        return await self.store.find(key) or account


async def _avatar(checker: ICredentialsChecker, credentials: UsernamePassword) -> str:
    """Who it is; empty if it is nobody, as of a checker that lets everybody in."""
    try:
        avatar: object = await maybeDeferred(checker.requestAvatarId, credentials)
    except LoginFailed:
        return ""
    if isinstance(avatar, bytes):
        return avatar.decode("utf-8", "replace")
    return avatar if isinstance(avatar, str) else ""


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@implementer(IAccounts)
class SiteAccounts(Accounts):
    """Accounts of which the site decides who has them, and by which password."""

    def __init__(self, logins: SiteLogins) -> None:
        super().__init__(logins)

    def registers(self) -> bool:
        """See `IAccounts.registers`."""
        return False

    async def register(self, key: str, name: str, password: str, peer: Peer) -> Account:
        """See `IAccounts.register`."""
        raise NoAccounts

    async def make(self, key: str, name: str, password: str) -> Account:
        """See `Accounts.make`."""
        raise NoAccounts

    async def change_password(self, key: str, old: str, new: str, peer: Peer) -> Account:
        """See `IAccounts.change_password`."""
        raise NoAccounts

    async def reset_password(self, key: str, new: str) -> Account:
        """See `IAccounts.reset_password`."""
        raise NoAccounts

    async def add_certificate(self, key: str, fingerprint: str) -> Account:
        """See `IAccounts.add_certificate`."""
        raise NoAccounts
