"""What lets somebody in is changed while they are let in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from scramp import ScramClient

from chatproto.account import EXTERNAL, SCRAM, Account
from chatproto.accounts.login import TRIES
from chatproto.errors import Unavailable, WrongLogin
from chatproto.stores.memory_accounts import MemoryAccounts
from tests.accounts.quick import CHEAP, FINGERPRINT, TLS, quick
from tests.accounts.test_hashing import Elsewhere
from tests.accounts.trying import LOVELACE, AccountsCase


class Overtaken(MemoryAccounts):
    """A store in which somebody else comes first, just before one is let in."""

    def __init__(self) -> None:
        super().__init__()
        self.first: list[Callable[[], Awaitable[Any]]] = []

    async def change(self, key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Account | None:
        """Change it, but let the others come first."""
        if "seen" in fields and self.first:
            await self.first.pop(0)()
        return await super().change(key, was, **fields)


class MeanwhileTests(AccountsCase):
    """Ada is about to be let in."""

    def make_store(self) -> Overtaken:
        """One in which others may come first."""
        self.overtaken = Overtaken()
        return self.overtaken

    def reset(self) -> Awaitable[Account]:
        """She gets another password."""
        return self.accounts.reset_password("ada", "another password")

    def test_password_is_being_checked(self) -> None:
        """Another password is given while the old one is checked: the old one lets nobody in."""
        elsewhere = Elsewhere()
        answer = self.asked(quick(self.clock, CHEAP, self.store, elsewhere).log_in("Ada", LOVELACE, TLS))
        new = self.result(self.reset())
        while elsewhere.asked:
            elsewhere.answer()
        self.failureResultOf(answer, WrongLogin)
        self.assertEqual(self.result(self.store.find("ada")), new)

    def test_password(self) -> None:
        """The same when it was found to be right."""
        self.overtaken.first = [self.reset]
        self.refused("Ada", LOVELACE, WrongLogin)
        self.by_password("Ada", "another password")

    def test_proof(self) -> None:
        """A proof that one knows the old password lets nobody in either."""
        client = ScramClient([SCRAM], "ada", LOVELACE)
        exchange = self.accounts.begin(SCRAM, TLS, "")
        first = self.result(exchange.respond(client.get_client_first().encode()))
        assert isinstance(first, bytes)
        client.set_server_first(first.decode())
        self.overtaken.first = [self.reset]
        self.error(exchange.respond(client.get_client_final().encode()), WrongLogin)

    def test_certificate(self) -> None:
        """Nor does a certificate that is taken off; one that stays does, though another one comes to it."""
        self.result(self.accounts.add_certificate("ada", FINGERPRINT))
        self.overtaken.first = [lambda: self.accounts.add_certificate("ada", "cd" * 32)]
        account = self.result(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b""))
        assert isinstance(account, Account)
        self.assertEqual(len(account.certificates), 2)
        self.overtaken.first = [lambda: self.accounts.remove_certificate("ada", FINGERPRINT)]
        self.error(self.accounts.begin(EXTERNAL, TLS, FINGERPRINT).respond(b""), WrongLogin)

    def test_again_and_again(self) -> None:
        """Others may come first one time less than it is tried; beyond that one is asked to try again."""
        for others in (TRIES - 1, TRIES):
            self.overtaken.first = [lambda: self.accounts.reset_password("ada", LOVELACE)] * others
            if others < TRIES:
                self.by_password()
            else:
                self.refused("Ada", LOVELACE, Unavailable)
