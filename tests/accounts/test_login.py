"""Who is let in by password: what counts, what is told, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from argon2 import extract_parameters
from scramp import ScramClient
from twisted.internet.defer import Deferred

from chatproto.account import EXTERNAL, SCRAM, Account
from chatproto.errors import NotChecked, NotEncrypted, TooManyAttempts, Unavailable, WrongLogin
from chatproto.interfaces import Peer
from chatproto.passwords import LONGEST
from chatproto.stores.memory_accounts import MemoryAccounts
from tests.accounts.quick import CHEAP, CLEARTEXT, FINGERPRINT, LOCAL, TLS, at_once, quick
from tests.accounts.test_hashing import Elsewhere
from tests.accounts.trying import LOVELACE, NOON, AccountsCase


class FailingAccounts(MemoryAccounts):
    """A store that fails when it is told to."""

    failing = ""

    async def find(self, key: str) -> Account | None:
        """Find it, or fail."""
        if self.failing == "find":
            raise Unavailable
        return await super().find(key)

    async def by_certificate(self, fingerprint: str) -> Account | None:
        """Find it, or fail."""
        if self.failing == "find":
            raise Unavailable
        return await super().by_certificate(fingerprint)

    async def change(self, key: str, was: Mapping[str, Any] | None = None, **fields: Any) -> Account | None:
        """Change it, or fail."""
        if self.failing == "change":
            raise Unavailable
        return await super().change(key, was, **fields)


class PasswordTests(AccountsCase):
    """Name and password."""

    def test_right(self) -> None:
        """The owner is let in, however the name is written, and when that was is kept."""
        self.clock.advance(60)
        for name in ("Ada", "ada", "ADA", "ＡＤＡ"):
            self.assertEqual(self.by_password(name), replace(self.ada, seen=NOON + 60))
        self.assertEqual(self.result(self.store.find("ada")), replace(self.ada, seen=NOON + 60))

    def test_wrong(self) -> None:
        """Other passwords and names let nobody in, and one is told the same."""
        told = {
            str(self.refused(name, password, WrongLogin))
            for name, password in (
                ("Ada", "lovelace1816"),
                ("Ada", ""),
                ("Bob", LOVELACE),
                ("", LOVELACE),
                ("", ""),
                ("Ada", "\ud800"),
                ("\ud800", "x"),
                ("Ada\0", LOVELACE),
                ("x" * 10_000, "x" * 10_000),
            )
        }
        self.assertEqual(told, {"There is no such account, or that is not its password (or certificate)."})

    def test_suspended(self) -> None:
        """Nobody is let in to a suspended account, and one is told the same; it was seen by nobody. Afterwards the
        owner is let in again."""
        self.result(self.accounts.suspend("ada", "spam"))
        self.clock.advance(60)
        self.refused("Ada", LOVELACE, WrongLogin)
        self.assertEqual(self.result(self.store.find("ada")), replace(self.ada, suspended="spam"))
        self.result(self.accounts.suspend("ada", ""))
        self.assertEqual(self.by_password(), replace(self.ada, seen=NOON + 60))

    def test_without_password(self) -> None:
        """No password lets anybody in where there is none."""
        self.result(self.store.add(Account("Bob", "bob")))
        for password in ("", "x", LOVELACE):
            self.refused("Bob", password, WrongLogin)

    def test_too_long(self) -> None:
        """A password that is longer than any can be is not looked at further."""
        longest = "x" * LONGEST
        accounts = quick(self.clock, replace(CHEAP, password_most=LONGEST), self.store)
        self.result(accounts.register("bob", "Bob", longest, TLS))
        self.assertEqual(self.by_password("Bob", longest).key, "bob")
        for password in (longest[:-1], longest + "x", longest * 2):
            self.refused("Bob", password, WrongLogin)

    def test_cleartext(self) -> None:
        """Where others may read it no password is taken, a right one neither; on this machine it is."""
        for name, password in (("Ada", LOVELACE), ("Ada", "x"), ("Bob", "x")):
            self.refused(name, password, NotEncrypted, CLEARTEXT)
        for peer in (LOCAL, Peer("", False), Peer("::1", False), TLS):
            self.by_password(peer=peer)


class SilenceTests(AccountsCase):
    """Nobody can find out which accounts there are."""

    def work(self, name: str) -> list[tuple[Any, ...]]:
        """What is computed for one who tries to log in under this name, without what differs each time."""
        done: list[tuple[Any, ...]] = []

        def remember(work: Any, *arguments: str) -> Deferred[Any]:
            parameters = extract_parameters(arguments[0])
            done.append((work.__name__, parameters, len(arguments[0]), arguments[1]))
            return at_once(work, *arguments)

        accounts = quick(self.clock, CHEAP, self.store, remember)
        self.error(accounts.log_in(name, "wrong password", Peer("", True)), WrongLogin)
        return done

    def test_time(self) -> None:
        """The same is computed for one who is there, one who is not, one without a password and one suspended."""
        self.result(self.store.add(Account("Bob", "bob")))
        self.result(self.accounts.register("eve", "Eve", LOVELACE, TLS))
        self.result(self.accounts.suspend("eve", "spam"))
        works = [self.work(name) for name in ("Ada", "Nobody", "Bob", "Eve", "", "\ud800")]
        self.assertEqual(len(works[0]), 1)
        self.assertEqual(works, [works[0]] * len(works))

    def test_attempts(self) -> None:
        """As many attempts are allowed with a name that is nobody's, and one waits as long."""
        waits = []
        for name in ("Ada", "Nobody"):
            for number in range(CHEAP.attempts_per_account):
                self.refused(name, "wrong password", WrongLogin, Peer(f"192.0.2.{number}", True))
            error = self.refused(name, LOVELACE, TooManyAttempts, Peer("192.0.2.200", True))
            waits.append((error.seconds, str(error)))
        self.assertEqual(waits[0], waits[1])


class AttemptTests(AccountsCase):
    """Wrong logins are counted."""

    settings = replace(CHEAP, attempts_per_address=3, attempts_per_account=5, attempt_seconds=60.0)

    def test_by_address(self) -> None:
        """One less than the limit of wrong logins, and one more is allowed; then no password is looked at, a right one
        neither, until some time has passed. From another address it is."""
        for name in ("Bob", "Ada"):
            self.refused(name, "x", WrongLogin)
        self.by_password()
        self.refused("Eve", "x", WrongLogin)
        self.assertEqual(self.refused("Ada", LOVELACE, TooManyAttempts).seconds, 20)
        self.by_password(peer=Peer("192.0.2.2", True))
        self.clock.advance(20)
        self.by_password()

    def test_by_account(self) -> None:
        """The same for one name, from anywhere; but who was let in at an address is let in there all the same, by a
        password, by a proof, and by a certificate."""
        self.result(self.store.change("ada", certificates=(FINGERPRINT,)))
        self.by_password(peer=Peer("192.0.2.201", True))
        self.by_scram("Ada", LOVELACE, Peer("192.0.2.202", True))
        self.result(self.accounts.begin(EXTERNAL, Peer("192.0.2.203", True), FINGERPRINT).respond(b""))
        for number in range(5):
            self.refused("Ada" if number % 2 else "ADA", "x", WrongLogin, Peer(f"192.0.2.{number}", True))
        self.assertEqual(self.refused("Ada", LOVELACE, TooManyAttempts, Peer("192.0.2.100", True)).seconds, 12)
        self.refused("Bob", "x", WrongLogin, Peer("192.0.2.100", True))
        for number in (201, 202, 203, 99):  # From the last one she registered.
            self.by_password("ADA", peer=Peer(f"192.0.2.{number}", True))
        self.clock.advance(12)
        self.by_password(peer=Peer("192.0.2.100", True))

    def test_right_ones_do_not_count(self) -> None:
        """One may log in as often as one likes; and that forgives no wrong ones, which would let one guess on."""
        self.refused("Bob", "x", WrongLogin)
        for _ in range(20):
            self.by_password()
        self.refused("Bob", "x", WrongLogin)
        self.refused("Bob", "x", WrongLogin)
        self.refused("Ada", LOVELACE, TooManyAttempts)

    def test_many_at_once(self) -> None:
        """Attempts count when they begin: many at the same time are no more than one after the other."""
        elsewhere = Elsewhere()
        accounts = quick(self.clock, self.settings, self.store, elsewhere)
        answers = [self.asked(accounts.log_in("Ada", "x", TLS)) for _ in range(3)]
        last = self.asked(accounts.log_in("Ada", LOVELACE, TLS))
        for answer in answers:
            self.assertNoResult(last)
            elsewhere.answer()
            self.failureResultOf(answer, WrongLogin)
        self.failureResultOf(last, TooManyAttempts)
        self.assertEqual(elsewhere.asked, [])

    def test_many_right_ones_at_once(self) -> None:
        """Those of a bouncer, or of all after a restart, are let in, however many they are."""
        elsewhere = Elsewhere()
        accounts = quick(self.clock, self.settings, self.store, elsewhere)
        answers = [self.asked(accounts.log_in("Ada", LOVELACE, TLS)) for _ in range(40)]
        for answer in answers:
            self.assertNoResult(answer)
            elsewhere.answer()
            self.successResultOf(answer)

    def test_not_looked_at(self) -> None:
        """What nobody looked at does not count: too many wait, or the store fails."""
        elsewhere = Elsewhere()
        crowded = quick(self.clock, replace(self.settings, hashes_at_once=1, hashes_waiting=0), self.store, elsewhere)
        first = self.asked(crowded.log_in("Ada", LOVELACE, TLS))
        for _ in range(10):
            self.error(crowded.log_in("Ada", LOVELACE, TLS), NotChecked)
        elsewhere.answer()
        self.successResultOf(first)

    def test_suspended_ones_count(self) -> None:
        """The right password of a suspended account is a wrong login."""
        self.result(self.accounts.suspend("ada", "spam"))
        for _ in range(3):
            self.refused("Ada", LOVELACE, WrongLogin)
        self.refused("Ada", LOVELACE, TooManyAttempts)


class FailingStoreTests(AccountsCase):
    """The store fails for a while."""

    settings = replace(CHEAP, attempts_per_address=3)

    def make_store(self) -> FailingAccounts:
        """One that does when it is told to."""
        self.failing = FailingAccounts()
        return self.failing

    def test_fails_and_heals(self) -> None:
        """One is told so, it does not count, and afterwards all is as before."""
        for failing in ("find", "change"):
            self.failing.failing = failing
            for _ in range(10):
                self.refused("Ada", LOVELACE, Unavailable)
        self.failing.failing = "find"
        for _ in range(10):
            self.error(self.accounts.begin("EXTERNAL", TLS, "ab" * 32).respond(b""), Unavailable)
            self.error(self.accounts.begin("SCRAM-SHA-256", TLS, "").respond(b"n,,n=ada,r=x"), Unavailable)
            self.error(self.accounts.register("bob", "Bob", LOVELACE, TLS), Unavailable)
        self.failing.failing = ""
        self.by_password()
        self.by_scram("ada", LOVELACE)

    def test_fails_between(self) -> None:
        """It fails when somebody has proved to know the password: that does not count either."""
        for _ in range(10):
            self.failing.failing = ""
            client = ScramClient([SCRAM], "ada", LOVELACE)
            exchange = self.accounts.begin(SCRAM, TLS, "")
            first = self.result(exchange.respond(client.get_client_first().encode()))
            assert isinstance(first, bytes)
            client.set_server_first(first.decode())
            self.failing.failing = "find"
            self.error(exchange.respond(client.get_client_final().encode()), Unavailable)
