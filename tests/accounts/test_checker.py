"""Accounts of ours for other programs, by a checker of twisted.cred."""

from __future__ import annotations

from typing import Any

from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred

from chatproto.accounts.checker import AccountsChecker
from tests.accounts.quick import CHEAP
from tests.accounts.trying import AccountsCase


class CheckerTests(AccountsCase):
    """Our accounts for others."""

    def check(self, username: str | bytes, password: str | bytes) -> Deferred[Any]:
        """Ask as twisted.cred does."""

        class Credentials:
            """A name and a password."""

        credentials: Any = Credentials()
        credentials.username, credentials.password = username, password
        checker = AccountsChecker(self.accounts)
        self.assertEqual(checker.credentialInterfaces, (IUsernamePassword,))
        return checker.requestAvatarId(credentials)

    def test_right(self) -> None:
        """The id is the account's key, for text and for bytes."""
        for name, password in (("Ada", "lovelace1815"), (b"ADA", b"lovelace1815")):
            self.assertEqual(self.successResultOf(self.check(name, password)), b"ada")

    def test_wrong(self) -> None:
        """All else is an unauthorized login, too many of them as well."""
        for name, password in (("Ada", "x"), (b"\xff", b"x"), ("Bob", "x")):
            self.failureResultOf(self.check(name, password), UnauthorizedLogin)
        for _ in range(CHEAP.attempts_per_account):
            self.failureResultOf(self.check("Ada", "x"), UnauthorizedLogin)
        self.failureResultOf(self.check("Ada", "lovelace1815"), UnauthorizedLogin)
