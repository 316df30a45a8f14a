"""Certificates that are put on an account's list."""

from __future__ import annotations

from dataclasses import replace

from chatproto.account import EXTERNAL, Account
from chatproto.errors import CertificateTaken, NoSuchAccount, TooManyCertificates
from tests.accounts.quick import CHEAP, FINGERPRINT, TLS
from tests.accounts.trying import LOVELACE, AccountsCase


def fingerprint(number: int) -> str:
    """One of many certificates."""
    return f"{number:064x}"


class CertificateTests(AccountsCase):
    """Certificates that let somebody in."""

    settings = replace(CHEAP, certificates_per_account=3)

    def test_how_many(self) -> None:
        """One less than are allowed, and as many, but no more; one that is there already may be added again."""
        for number in (3, 1, 2):
            account = self.result(self.accounts.add_certificate("ada", fingerprint(number)))
        self.assertEqual(account.certificates, (fingerprint(1), fingerprint(2), fingerprint(3)))
        error = self.error(self.accounts.add_certificate("ada", fingerprint(4)), TooManyCertificates)
        self.assertEqual(error.limit, 3)
        self.assertEqual(self.result(self.accounts.add_certificate("ada", fingerprint(2))), account)
        self.result(self.accounts.remove_certificate("ada", fingerprint(2)))
        self.result(self.accounts.remove_certificate("ada", fingerprint(2)))
        account = self.result(self.accounts.add_certificate("ada", fingerprint(4)))
        self.assertEqual(account.certificates, (fingerprint(1), fingerprint(3), fingerprint(4)))

    def test_of_another(self) -> None:
        """A certificate lets in to one account only; when it is taken off there it may be added here."""
        self.result(self.accounts.register("bob", "Bob", LOVELACE, TLS))
        self.result(self.accounts.add_certificate("bob", FINGERPRINT))
        self.error(self.accounts.add_certificate("ada", FINGERPRINT), CertificateTaken)
        self.result(self.accounts.remove_certificate("bob", FINGERPRINT))
        self.result(self.accounts.add_certificate("ada", FINGERPRINT))
        account = self.result(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b""))
        assert isinstance(account, Account)
        self.assertEqual(account.key, "ada")

    def test_nobody(self) -> None:
        """Who is not there has none."""
        self.error(self.accounts.add_certificate("bob", FINGERPRINT), NoSuchAccount)
        self.error(self.accounts.remove_certificate("bob", FINGERPRINT), NoSuchAccount)
