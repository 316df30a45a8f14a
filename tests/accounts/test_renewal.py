"""Passwords that are hashed again when they are given, for hashing costs something else by now."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from argon2 import extract_parameters

from chatproto.account import Account
from chatproto.accounts.scram import decoded
from chatproto.errors import WrongLogin
from tests.accounts.quick import CHEAP, TLS, quick
from tests.accounts.test_hashing import Elsewhere
from tests.accounts.trying import LOVELACE, AccountsCase


class RenewalTests(AccountsCase):
    """Hashing costs something else by now."""

    def renewed(self, **costs: Any) -> Account:
        """Ada logs in under other settings."""
        self.accounts = quick(self.clock, replace(CHEAP, **costs), self.store)
        self.by_password()
        account = self.result(self.store.find("ada"))
        assert account is not None
        return account

    def test_argon2(self) -> None:
        """A hash with other costs is made again when its password is there; it is the same password."""
        account = self.renewed(hash_passes=2)
        self.assertEqual(extract_parameters(account.password).time_cost, 2)
        self.by_password()
        self.by_scram("ada", LOVELACE)

    def test_scram(self) -> None:
        """So are keys with other iterations."""
        keys = decoded(self.renewed(scram_iterations=4097).scram)
        assert keys is not None
        self.assertEqual(keys.iterations, 4097)
        self.by_scram("ada", LOVELACE)

    def test_not_needed(self) -> None:
        """What is as it should be stays; so do accounts that have no keys, for their passwords cannot have any."""
        self.assertEqual(self.renewed(), self.ada)
        self.result(self.store.change("ada", scram=""))
        self.assertEqual(self.renewed(), replace(self.ada, scram=""))

    def test_not_by_others(self) -> None:
        """A wrong password changes nothing."""
        self.accounts = quick(self.clock, replace(CHEAP, hash_passes=2), self.store)
        self.refused("Ada", "wrong password", WrongLogin)
        self.assertEqual(self.result(self.store.find("ada")), self.ada)

    def test_changed_meanwhile(self) -> None:
        """A password that is changed while the old one is hashed again stays changed, and the old one lets nobody
        in."""
        elsewhere = Elsewhere()
        self.accounts = quick(self.clock, replace(CHEAP, hash_passes=2), self.store, elsewhere)
        answer = self.asked(self.accounts.log_in("Ada", LOVELACE, TLS))
        elsewhere.answer()
        new = self.result(quick(self.clock, CHEAP, self.store).reset_password("ada", "another password"))
        elsewhere.answer()
        elsewhere.answer()  # It is checked again.
        self.failureResultOf(answer, WrongLogin)
        self.assertEqual(self.result(self.store.find("ada")), new)

    def test_renewed_meanwhile(self) -> None:
        """Two who log in at a time are both let in, though one finds the password hashed again by the other."""
        elsewhere = Elsewhere()
        self.accounts = quick(self.clock, replace(CHEAP, hash_passes=2), self.store, elsewhere)
        answers = [self.asked(self.accounts.log_in("Ada", LOVELACE, TLS)) for _ in range(2)]
        while elsewhere.asked:
            elsewhere.answer()
        self.assertEqual(*map(self.successResultOf, answers))

    def test_removed_meanwhile(self) -> None:
        """An account that is removed or suspended while its password is checked lets nobody in."""
        changes: list[Awaitable[Any]] = [self.store.change("ada", suspended="spam"), self.store.remove("ada")]
        for change in changes:
            elsewhere = Elsewhere()
            accounts = quick(self.clock, CHEAP, self.store, elsewhere)
            answer = self.asked(accounts.log_in("Ada", LOVELACE, TLS))
            self.result(change)
            while elsewhere.asked:
                elsewhere.answer()
            self.failureResultOf(answer, WrongLogin)
            self.result(self.store.change("ada", suspended=""))
