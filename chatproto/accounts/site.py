"""A site's own users in the place of our accounts: checkers of twisted.cred say who somebody is (`--auth`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.error import LoginFailed
from twisted.cred.strcred import InvalidAuthType, makeChecker
from twisted.internet.defer import maybeDeferred
from twisted.logger import Logger
from zope.interface import implementer

from chatproto.account import PLAIN, Account
from chatproto.accounts.login import Logins
from chatproto.accounts.source import Accounts
from chatproto.errors import NoAccounts, Unavailable, WrongLogin
from chatproto.interfaces import IAccounts, Peer

NameOf = Callable[[str], tuple[str, str]]
"""Key and name as it is shown, of a name that a checker gives. Raises a `ChatError` if nobody can have it here."""

PATIENCE = 10.0
"""Seconds after which nobody waits any more for a checker that does not answer."""

ELSEWHERE = "Who has an account is not decided here: log in with the name and the password that you have at this site."
STAYS = "A suspended account stays: without it, its owner could log in again at once. End the suspension first."

_log = Logger()


class BadAuth(Exception):
    """A description of a checker that cannot be used; `str(error)` is one sentence."""


def checkers(descriptions: Sequence[str]) -> list[ICredentialsChecker]:
    """What these describe, each as TYPE or TYPE:ARGUMENTS, as all programs of Twisted have them (`--auth`). Raises
    `BadAuth`."""
    return [_checker(each) for each in descriptions]


def _checker(description: str) -> Any:
    try:
        found = makeChecker(description)
    except InvalidAuthType:
        raise BadAuth(
            f"auth: {description!r} is of no type that there is; twistd chat --help-auth lists them."
        ) from None
    except Exception as error:  # noqa: BLE001  # Each plugin raises its own for arguments that it cannot use.
        raise BadAuth(f"auth: {description!r} cannot be used: {str(error).rstrip('.')}.") from None
    if IUsernamePassword not in found.credentialInterfaces:
        raise BadAuth(f"auth: {description!r} knows no names with passwords.")
    return found


class SiteLogins(Logins):
    """Asks the checkers, one after the other, in the place of looking at passwords. What people choose, and whether
    they are suspended, is kept in our store, from the first time that they are here. Of the `clock` it needs
    `callLater`."""

    mechanisms = (PLAIN,)

    def __init__(self, logins: Logins, checkers: Sequence[Any], name_of: NameOf, clock: Any) -> None:
        super().__init__(logins.store, logins.hashing, logins.throttle, logins.key_of, logins.now)
        self._checkers = [each for each in checkers if IUsernamePassword in each.credentialInterfaces]
        self._name_of = name_of
        self._clock = clock
        self._failing: set[Any] = set()
        """Checkers that failed when they were asked last."""

    async def checked(self, name: str, key: str, password: str) -> Account:
        """See `Logins.checked`. The account is that of the name which the checker gives; raises what `name_of` does.
        Where a checker fails the others are asked; it is `Unavailable` if none of them knows who it is."""
        credentials = UsernamePassword(_octets(name), _octets(password))
        avatars = []
        for checker in self._checkers:
            avatars.append(await self._avatar(checker, credentials))
            if avatars[-1]:
                return await self._known(*self._name_of(avatars[-1]))
        raise Unavailable if None in avatars else WrongLogin

    async def _avatar(self, checker: Any, credentials: UsernamePassword) -> str | None:
        """Who it is; empty if it is nobody, as of a checker that lets everybody in; None if the checker fails."""
        try:
            asked = maybeDeferred(checker.requestAvatarId, credentials)
            avatar: object = await asked.addTimeout(PATIENCE, self._clock)
        except LoginFailed:
            avatar = ""
        except Exception as error:  # noqa: BLE001  # Each plugin raises its own, if a directory is down.
            self._fails(checker, error)
            return None
        self._failing.discard(checker)
        if isinstance(avatar, bytes):
            return avatar.decode("utf-8", "replace")
        return avatar if isinstance(avatar, str) else ""

    def _fails(self, checker: Any, error: Exception) -> None:
        """It is told once, until the checker answers again."""
        if checker not in self._failing:
            self._failing.add(checker)
            what, why = type(checker).__name__, f"{type(error).__name__}: {error}"
            _log.error("auth: {what} fails, and lets nobody in: {why}", what=what, why=why)

    async def _known(self, key: str, name: str) -> Account:
        account = Account(name, key, self.now(), self.now())
        if await self.store.add(account):
            return account
        return await self.store.find(key) or account


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
        raise NoAccounts(ELSEWHERE)

    async def make(self, key: str, name: str, password: str) -> Account:
        """See `IAccounts.make`."""
        raise NoAccounts(ELSEWHERE)

    async def change_password(self, key: str, old: str, new: str, peer: Peer) -> Account:
        """See `IAccounts.change_password`."""
        raise NoAccounts(ELSEWHERE)

    async def reset_password(self, key: str, new: str) -> Account:
        """See `IAccounts.reset_password`."""
        raise NoAccounts(ELSEWHERE)

    async def add_certificate(self, key: str, fingerprint: str) -> Account:
        """See `IAccounts.add_certificate`."""
        raise NoAccounts(ELSEWHERE)

    async def remove(self, key: str) -> None:
        """See `IAccounts.remove`. Raises `NoAccounts` if it is suspended: nothing else keeps its owner out."""
        account = await self.find(key)
        if account is not None and account.suspended:
            raise NoAccounts(STAYS)
        await super().remove(key)
