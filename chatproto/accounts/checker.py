"""Our accounts for other parts of a program: a checker of twisted.cred. `site.py` is the other way round."""

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred
from zope.interface import implementer

from chatproto.errors import ChatError
from chatproto.interfaces import IAccounts, Peer

HERE = Peer("", True)  # noqa: FBT003
"""Who asks in the name of another part of this program."""


@implementer(ICredentialsChecker)
class AccountsChecker:
    """Our accounts, for whatever takes a checker of twisted.cred. An avatar's id is the account's key, in UTF-8."""

    credentialInterfaces = (IUsernamePassword,)  # noqa: N815  # Twisted asks for it.

    def __init__(self, accounts: IAccounts) -> None:
        self._accounts = accounts

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """Fails with `UnauthorizedLogin`, whatever the reason. Name and password are text, or bytes in UTF-8."""
        return Deferred.fromCoroutine(self._key(credentials.username, credentials.password))

    async def _key(self, name: str | bytes, password: str | bytes) -> bytes | tuple[()]:
        try:
            account = await self._accounts.log_in(_text(name), _text(password), HERE)
        except (ChatError, UnicodeDecodeError) as error:
            raise UnauthorizedLogin(str(error)) from None
        return account.key.encode()


def _text(given: str | bytes) -> str:
    return given.decode() if isinstance(given, bytes) else given
