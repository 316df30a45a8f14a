"""Passwords that stand in the settings: who becomes an operator by them, and who is let in to the server."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from argon2 import PasswordHasher
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.configured import Operators, Secret
from chatproto.accounts.hashing import Hashing
from chatproto.accounts.settings import AccountSettings
from chatproto.accounts.throttle import Throttle
from chatproto.errors import NotChecked, TooManyAttempts
from chatproto.interfaces import Peer
from chatproto.passwords import LONGEST
from tests.accounts.quick import CHEAP, TLS, at_once
from tests.accounts.test_hashing import Elsewhere

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ADA, BOB = (HASHER.hash(password) for password in ("lovelace", "builder"))


class PasswordsCase(SynchronousTestCase):
    """Hashes are made when they are asked for."""

    settings: AccountSettings = CHEAP

    def setUp(self) -> None:
        """Nobody has tried anything."""
        self.throttle = Throttle(self.settings, Clock().seconds)
        self.elsewhere = Elsewhere()
        self.hashing = Hashing(self.settings, at_once, b"")
        self.slow = Hashing(self.settings, self.elsewhere, b"")

    def answer(self, check: Coroutine[Any, Any, bool]) -> Deferred[bool]:
        """What will come of it."""
        return Deferred.fromCoroutine(check)

    def result(self, check: Coroutine[Any, Any, bool]) -> bool:
        """What has come of it already."""
        return self.successResultOf(self.answer(check))


class OperatorsTests(PasswordsCase):
    """Who may become an operator."""

    settings = replace(CHEAP, attempts_per_address=3, hashes_at_once=1, hashes_waiting=2)

    def operators(self, hashing: Hashing) -> Operators:
        """Two of them."""
        return Operators({"ada": ADA, "bob": BOB}, hashing, self.throttle)

    def test_check(self) -> None:
        """Each name has its own password, and is compared as it is written."""
        operators = self.operators(self.hashing)
        for number, (name, password, right) in enumerate((
            ("ada", "lovelace", True),
            ("bob", "builder", True),
            ("ada", "builder", False),
            ("ada", "", False),
            ("Ada", "lovelace", False),
            ("ada ", "lovelace", False),
            ("", "lovelace", False),
            ("eve", "lovelace", False),
            ("eve", "builder", False),
        )):  # fmt: skip
            peer = Peer(f"192.0.2.{number}", secure=True)
            self.assertIs(self.result(operators.check(name, password, peer)), right, (name, password))

    def test_unknown_name(self) -> None:
        """A name that is none costs a check as well, even if the password is that of somebody."""
        answer = self.answer(self.operators(self.slow).check("eve", "lovelace", TLS))
        self.assertNoResult(answer)
        self.elsewhere.answer()
        self.assertIs(self.successResultOf(answer), False)

    def test_nobody(self) -> None:
        """Where there are no operators, nobody is one, and there is nothing to check."""
        self.assertIs(self.result(Operators({}, self.slow, self.throttle).check("ada", "", TLS)), False)
        self.assertEqual(self.elsewhere.asked, [])

    def test_longest(self) -> None:
        """A password of as many bytes as are allowed is checked; one that is longer is not, though it was hashed."""
        for count, right in ((LONGEST - 1, True), (LONGEST, True), (LONGEST + 1, False)):
            password = "ä" * (count // 2) + "x" * (count % 2)
            operators = Operators({"ada": HASHER.hash(password)}, self.hashing, self.throttle)
            self.assertIs(self.result(operators.check("ada", password, TLS)), right, count)

    def test_composed(self) -> None:
        """A letter matches itself however it is composed; half of a surrogate pair is no reason for an error."""
        operators = Operators({"ada": HASHER.hash("ä")}, self.hashing, self.throttle)
        for password, right in (("a\u0308", True), ("a", False), ("\udc80", False)):
            self.assertIs(self.result(operators.check("ada", password, TLS)), right)

    def test_guessing(self) -> None:
        """So many wrong ones from one address, and no more is looked at, as with accounts, with which they are counted;
        right ones do not count. From elsewhere one may try."""
        operators = self.operators(self.hashing)
        for name, password in (("ada", "x"), ("eve", "lovelace"), ("ada", "lovelace"), ("bob", "x")):
            self.result(operators.check(name, password, TLS))
        self.failureResultOf(self.answer(operators.check("ada", "lovelace", TLS)), TooManyAttempts)
        self.failureResultOf(Deferred.fromCoroutine(self.throttle.login(TLS.address, "ada")), TooManyAttempts)
        self.assertTrue(self.result(operators.check("ada", "lovelace", Peer("192.0.2.2", secure=True))))

    def test_others_log_in(self) -> None:
        """Those who log in, or come in by the server's password, as many as may wait, keep no operator from being
        looked at next but two."""
        answers = [Deferred.fromCoroutine(self.slow.matches(ADA, "x")) for _ in range(3)]
        answers += [self.answer(Secret(ADA, self.slow).check("x")) for _ in range(2)]
        answer = self.answer(self.operators(self.slow).check("ada", "lovelace", TLS))
        for _ in range(4):
            self.assertNoResult(answer)
            self.elsewhere.answer()
        self.assertIs(self.successResultOf(answer), True)
        while self.elsewhere.asked:
            self.elsewhere.answer()
        for each in answers:
            self.successResultOf(each)

    def test_too_many(self) -> None:
        """What nobody had time for is no wrong one."""
        operators = self.operators(self.slow)
        peers = [Peer(f"192.0.2.{number}", secure=True) for number in range(4)]
        answers = [self.answer(operators.check("ada", "lovelace", peer)) for peer in peers[:3]]
        for _ in range(5):
            self.failureResultOf(self.answer(operators.check("ada", "lovelace", peers[3])), NotChecked)
        for answer in answers:
            self.elsewhere.answer()
            self.assertIs(self.successResultOf(answer), True)


class SecretTests(PasswordsCase):
    """One password for all."""

    settings = replace(CHEAP, hashes_at_once=1, hashes_waiting=2)

    def test_hash(self) -> None:
        """A hash is matched by its password, not by itself, and elsewhere."""
        for password, right in (("lovelace", True), ("builder", False), (ADA, False)):
            self.assertIs(self.result(Secret(ADA, self.hashing).check(password)), right)
        answer = self.answer(Secret(ADA, self.slow).check("lovelace"))
        self.assertNoResult(answer)
        self.elsewhere.answer()
        self.assertIs(self.successResultOf(answer), True)

    def test_too_many(self) -> None:
        """With as many checks waiting as may, it is wrong; those who log in to accounts are not among them."""
        secret = Secret(ADA, self.slow)
        logins = [Deferred.fromCoroutine(self.slow.matches(ADA, "x")) for _ in range(3)]
        answers = [self.answer(secret.check("lovelace")) for _ in range(2)]
        self.assertIs(self.result(secret.check("lovelace")), False)
        while self.elsewhere.asked:
            self.elsewhere.answer()
        self.assertEqual([self.successResultOf(answer) for answer in logins], [False] * 3)
        self.assertEqual([self.successResultOf(answer) for answer in answers], [True] * 2)

    def test_as_it_is(self) -> None:
        """Anything else is matched by itself, at once, by letters however they are composed."""
        secret = Secret("schlüssel", self.slow)
        for password, right in (("schlüssel", True), ("schlu\u0308ssel", True), ("schlussel", False), ("", False)):
            self.assertIs(self.result(secret.check(password)), right)

    def test_none(self) -> None:
        """Without a password everybody is let in, whatever they say."""
        for password in ("", "anything"):
            self.assertIs(self.result(Secret("", self.slow).check(password)), True)
