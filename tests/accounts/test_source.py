"""Registering, and what owners and operators change."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from zope.interface.verify import verifyObject

from chatproto.account import Account
from chatproto.accounts.login import TRIES
from chatproto.errors import (
    AccountExists,
    BadPassword,
    NoSuchAccount,
    NotChecked,
    NotEncrypted,
    RegistrationClosed,
    TooManyAttempts,
    Unavailable,
    WrongLogin,
)
from chatproto.interfaces import IAccounts, Peer
from chatproto.stores.memory_accounts import MemoryAccounts
from tests.accounts.quick import CHEAP, CLEARTEXT, FINGERPRINT, LOCAL, TLS, quick
from tests.accounts.test_hashing import Elsewhere
from tests.accounts.trying import LOVELACE, NOON, AccountsCase


class RegisterTests(AccountsCase):
    """People make accounts for themselves."""

    settings = replace(CHEAP, registrations_per_address=3, registration_seconds=60.0)

    def test_interface(self) -> None:
        """All that dialects may ask for is there."""
        verifyObject(IAccounts, self.accounts)

    def test_register(self) -> None:
        """The account has the name as it was written; it is there at once, by its key."""
        self.assertEqual((self.ada.name, self.ada.key, self.ada.created, self.ada.seen), ("Ada", "ada", NOON, NOON))
        self.assertEqual(self.result(self.accounts.find("ada")), self.ada)
        self.assertIsNone(self.result(self.accounts.find("bob")))
        self.result(self.accounts.register("bob", "Bob", LOVELACE, LOCAL))
        self.assertEqual(self.result(self.accounts.names()), [("ada", "Ada"), ("bob", "Bob")])

    def test_secrets_are_not_shown(self) -> None:
        """What is kept of a password stands in no log by accident, and the password itself nowhere."""
        self.assertNotIn("argon2", repr(self.ada))
        self.assertNotIn("SCRAM", repr(self.ada))
        self.assertNotIn(LOVELACE, self.ada.password + self.ada.scram)

    def test_exists(self) -> None:
        """A name that is somebody's is refused, and its account stays as it is."""
        error = self.error(self.accounts.register("ada", "ADA", "another password", TLS), AccountExists)
        self.assertEqual(error.name, "ADA")
        self.by_password()

    def test_two_at_once(self) -> None:
        """Of two who register the same name at the same time one gets it."""
        elsewhere = Elsewhere()
        accounts = quick(self.clock, self.settings, self.store, elsewhere)
        first = self.asked(accounts.register("bob", "Bob", "first password", TLS))
        second = self.asked(accounts.register("bob", "BOB", "second password", TLS))
        elsewhere.answer()
        elsewhere.answer()
        self.successResultOf(first)
        self.failureResultOf(second, AccountExists)
        self.by_password("bob", "first password")

    def test_password_length(self) -> None:
        """The shortest and the longest password are taken, those that are a byte shorter or longer are not."""
        accounts = quick(self.clock, replace(CHEAP, password_least=8, password_most=64), self.store)
        for number, password in enumerate(("x" * 8, "x" * 9, "x" * 63, "x" * 64, "ä" * 4, "ä" * 32)):
            self.result(accounts.register(f"x{number}", f"x{number}", password, TLS))
        for password, sentence, weak in (
            ("x" * 7, "That password cannot be used: it has 7 bytes, and 8 are needed.", True),
            ("", "That password cannot be used: it has 0 bytes, and 8 are needed.", True),
            ("x" * 65, "That password cannot be used: it has 65 bytes, and 64 are allowed.", False),
            ("ä" * 32 + "x", "That password cannot be used: it has 65 bytes, and 64 are allowed.", False),
        ):
            error = self.error(accounts.register("bob", "Bob", password, TLS), BadPassword)
            self.assertEqual((str(error), error.weak), (sentence, weak))

    def test_bad_characters(self) -> None:
        """A password with control characters, which many clients cannot send, or halves of characters is refused."""
        for character in ("\0", "\n", "\x7f", "\x85", "\ud800"):
            error = self.error(self.accounts.register("bob", "Bob", LOVELACE + character, TLS), BadPassword)
            self.assertFalse(error.weak)
        self.result(self.accounts.register("bob", "Bob", "correct horse 🐴 €", TLS))

    def test_cleartext(self) -> None:
        """Where others may read the password nobody registers; on this machine one does."""
        self.error(self.accounts.register("bob", "Bob", LOVELACE, CLEARTEXT), NotEncrypted)
        self.result(self.accounts.register("bob", "Bob", LOVELACE, LOCAL))

    def test_throttle(self) -> None:
        """So many tries of one address, whatever comes of them, and no more; bad passwords are none."""
        for _ in range(10):
            self.error(self.accounts.register("bob", "Bob", "x", TLS), BadPassword)
        self.result(self.accounts.register("bob", "Bob", LOVELACE, TLS))
        self.error(self.accounts.register("bob", "Bob", LOVELACE, TLS), AccountExists)
        self.result(self.accounts.register("eve", "Eve", LOVELACE, TLS))
        error = self.error(self.accounts.register("dan", "Dan", LOVELACE, TLS), TooManyAttempts)
        self.assertEqual(error.seconds, 20)
        self.result(self.accounts.register("dan", "Dan", LOVELACE, Peer("192.0.2.2", True)))
        self.by_password()
        self.clock.advance(20)
        self.result(self.accounts.register("fay", "Fay", LOVELACE, TLS))

    def test_crowded(self) -> None:
        """What nobody looked at, for too many waited, does not count."""
        crowded = replace(self.settings, hashes_at_once=1, hashes_waiting=0)
        elsewhere = Elsewhere()
        accounts = quick(self.clock, crowded, self.store, elsewhere)
        first = self.asked(accounts.register("bob", "Bob", LOVELACE, TLS))
        for _ in range(10):
            self.error(accounts.register("eve", "Eve", LOVELACE, TLS), NotChecked)
        elsewhere.answer()
        self.successResultOf(first)

    def test_closed(self) -> None:
        """Where registration is closed, operators make accounts, and people log in."""
        accounts = quick(self.clock, replace(CHEAP, registration="closed"), self.store)
        self.assertEqual((self.accounts.registers(), accounts.registers()), (True, False))
        self.error(accounts.register("bob", "Bob", LOVELACE, TLS), RegistrationClosed)
        self.result(accounts.make("bob", "Bob", LOVELACE))
        self.error(accounts.make("bob", "Bob", LOVELACE), AccountExists)
        self.error(accounts.make("eve", "Eve", "x"), BadPassword)
        self.result(accounts.log_in("bob", LOVELACE, TLS))


class PasswordTests(AccountsCase):
    """Another password."""

    def test_change(self) -> None:
        """The owner gives the old one and a new one; only the new one lets anybody in, by SCRAM as well."""
        self.result(self.accounts.change_password("ada", LOVELACE, "another password", TLS))
        self.refused("Ada", LOVELACE, WrongLogin)
        self.by_password("Ada", "another password")
        self.by_scram("Ada", "another password")

    def test_refused(self) -> None:
        """A wrong old one, a bad new one, a connection that others may read: nothing is changed."""
        change = self.accounts.change_password
        self.error(change("ada", "wrong password", "another password", TLS), WrongLogin)
        self.error(change("ada", LOVELACE, "x", TLS), BadPassword)
        self.error(change("ada", LOVELACE, "another password", CLEARTEXT), NotEncrypted)
        self.assertEqual(self.result(self.accounts.find("ada")), self.ada)

    def test_bad_new_one(self) -> None:
        """A bad new one is refused before the old one is looked at: no try, and nothing is hashed."""
        elsewhere = Elsewhere()
        accounts = quick(self.clock, replace(CHEAP, attempts_per_address=1), self.store, elsewhere)
        for _ in range(3):
            self.error(accounts.change_password("ada", "wrong password", "x", TLS), BadPassword)
        self.assertEqual(elsewhere.asked, [])

    def test_changed_meanwhile(self) -> None:
        """While the new one is hashed the password is changed otherwise, or the account becomes somebody else's: that
        stays as it is."""

        async def again() -> None:
            await self.accounts.remove("ada")
            await self.accounts.register("ada", "Ada", "her own password", TLS)

        changes: list[Awaitable[Any]] = [again(), self.accounts.reset_password("ada", LOVELACE)]
        for old, change in zip((LOVELACE, "her own password"), changes, strict=True):
            elsewhere = Elsewhere()
            accounts = quick(self.clock, CHEAP, self.store, elsewhere)
            answer = self.asked(accounts.change_password("ada", old, "another password", TLS))
            elsewhere.answer()
            self.result(change)
            elsewhere.answer()
            self.failureResultOf(answer, WrongLogin)
            self.refused("Ada", "another password", WrongLogin)

    def test_guessing(self) -> None:
        """Wrong old ones count as wrong logins."""
        for _ in range(CHEAP.attempts_per_address):
            self.error(self.accounts.change_password("ada", "wrong", "another password", TLS), WrongLogin)
        self.error(self.accounts.change_password("ada", LOVELACE, "another password", TLS), TooManyAttempts)
        self.refused("Ada", LOVELACE, TooManyAttempts)

    def test_reset(self) -> None:
        """An operator gives a new one."""
        self.result(self.accounts.reset_password("ada", "another password"))
        self.by_password("Ada", "another password")
        self.error(self.accounts.reset_password("ada", "x"), BadPassword)
        error = self.error(self.accounts.reset_password("bob", "another password"), NoSuchAccount)
        self.assertEqual(error.name, "bob")


class ChangeTests(AccountsCase):
    """What else is changed."""

    def test_suspend(self) -> None:
        """The reason is kept until it is lifted."""
        self.assertEqual(self.result(self.accounts.suspend("ada", "spam")).suspended, "spam")
        self.assertEqual(self.result(self.accounts.suspend("ada", "")), self.ada)
        self.error(self.accounts.suspend("bob", "spam"), NoSuchAccount)

    def test_choose(self) -> None:
        """What an owner chose is kept by name; an empty value forgets it."""
        self.result(self.accounts.choose("ada", "always-on", "yes"))
        self.result(self.accounts.choose("ada", "color", "green"))
        account = self.result(self.accounts.choose("ada", "color", "blue"))
        self.assertEqual(account.settings, {"always-on": "yes", "color": "blue"})
        self.result(self.accounts.choose("ada", "always-on", ""))
        account = self.result(self.accounts.choose("ada", "never", ""))
        self.assertEqual(account.settings, {"color": "blue"})
        self.error(self.accounts.choose("bob", "color", "green"), NoSuchAccount)

    def test_remove(self) -> None:
        """What is removed is gone, and its name and its certificates are free."""
        self.result(self.accounts.add_certificate("ada", FINGERPRINT))
        self.result(self.accounts.remove("ada"))
        self.assertIsNone(self.result(self.accounts.find("ada")))
        self.refused("Ada", LOVELACE, WrongLogin)
        self.error(self.accounts.remove("ada"), NoSuchAccount)
        self.result(self.accounts.register("ada", "Ada", LOVELACE, TLS))
        self.result(self.accounts.add_certificate("ada", FINGERPRINT))


class BusyAccounts(MemoryAccounts):
    """A store in which others change something before each change, for a while."""

    others = 0
    another: Account | None = None

    async def change(self, key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Account | None:
        """Change it, after somebody else."""
        if self.another is not None and self.another.created != getattr(await self.find(key), "created", 0.0):
            await self.remove(key)
            await self.add(self.another)
        if self.others and was:
            self.others -= 1
            await super().change(key, settings={"other": str(self.others)})
        return await super().change(key, was, **fields)


class BusyTests(AccountsCase):
    """Several change one account at the same time."""

    def make_store(self) -> BusyAccounts:
        """One where that happens."""
        self.busy = BusyAccounts()
        return self.busy

    def test_nothing_is_lost(self) -> None:
        """What others changed meanwhile stays."""
        self.busy.others = TRIES - 1
        account = self.result(self.accounts.choose("ada", "color", "green"))
        self.assertEqual(account.settings, {"color": "green", "other": "0"})

    def test_somebody_elses(self) -> None:
        """If the account is dropped meanwhile, and made by somebody else, nothing of it is changed."""
        for change in (
            lambda: self.accounts.add_certificate("ada", FINGERPRINT),
            lambda: self.accounts.choose("ada", "color", "green"),
        ):
            self.clock.advance(1)
            self.busy.another = replace(self.ada, created=self.clock.seconds())
            self.error(change(), NoSuchAccount)
            self.assertEqual(self.result(self.store.find("ada")), self.busy.another)

    def test_too_busy(self) -> None:
        """If that happens again and again, one is told to try later."""
        self.busy.others = TRIES
        self.error(self.accounts.choose("ada", "color", "green"), Unavailable)
        self.assertEqual(self.result(self.accounts.choose("ada", "color", "green")).settings["color"], "green")
