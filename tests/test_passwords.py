"""Passwords: their hashes, the bounds of checking them, and that checks tell nothing but yes and no."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest_twisted
from argon2 import PasswordHasher, extract_parameters
from twisted.internet import threads
from twisted.internet.defer import Deferred, succeed
from twisted.python import threadable
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import NotChecked
from chatproto.passwords import AT_ONCE, LONGEST, MOST_WAITING, Operators, Passwords, Secret, hashed, is_hash

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ADA, BOB = (CHEAP.hash(password) for password in ("lovelace", "builder"))
BROKEN = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"


class Threads:
    """A `defer` that does nothing by itself: it remembers what is asked of it, and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self._steps: list[Callable[[], None]] = []

    def __call__(self, verify: Callable[[str, str], bool], stored: str, password: str) -> Deferred[bool]:
        """Remember it."""
        answer: Deferred[bool] = Deferred()
        self.asked.append((stored, password))
        self._steps.append(lambda: answer.callback(verify(stored, password)))
        return answer

    def answer(self) -> None:
        """Answer the oldest question."""
        self._steps.pop(0)()


def at_once(verify: Callable[[str, str], bool], stored: str, password: str) -> Deferred[bool]:
    """A `defer` that does it here and now."""
    return succeed(verify(stored, password))


class HashTests(SynchronousTestCase):
    """What is made of a password."""

    def test_hashed(self) -> None:
        """It is argon2id with the library's defaults, and another salt each time; only its password matches it."""
        first, second = hashed("secret"), hashed("secret")
        self.assertNotEqual(first, second)
        self.assertTrue(first.startswith("$argon2id$v=19$"))
        self.assertEqual(extract_parameters(first), extract_parameters(PasswordHasher().hash("x")))
        passwords = Passwords(at_once)
        for password, right in (("secret", True), ("Secret", False), ("secret ", False), ("", False)):
            self.assertIs(self.successResultOf(Deferred.fromCoroutine(passwords.matches(first, password))), right)

    def test_empty(self) -> None:
        """An empty password is refused."""
        error = self.assertRaises(ValueError, hashed, "")
        self.assertEqual(str(error), "an empty password protects nothing")

    def test_longest(self) -> None:
        """As many bytes as are allowed are taken, one more is refused."""
        for password in ("x" * (LONGEST - 1), "x" * LONGEST, "ä" * (LONGEST // 2)):
            self.assertTrue(is_hash(hashed(password)))
        error = self.assertRaises(ValueError, hashed, "x" * (LONGEST - 1) + "ä")
        self.assertEqual(str(error), "a password has 1024 bytes at most, not 1025")

    def test_is_hash(self) -> None:
        """A hash is known by its form, of each kind of argon2; nothing before or after it."""
        for text in (ADA, hashed("x"), ADA.replace("argon2id", "argon2i"), ADA.replace("argon2id", "argon2d"), BROKEN):
            self.assertTrue(is_hash(text), text)
        for text in (
            "",
            "secret",
            ADA + "\n",
            " " + ADA,
            ADA.replace("argon2id", "argon2x"),
            ADA.replace("m=8", "m=٨"),
            ADA[: ADA.rindex("$")],
        ):
            self.assertFalse(is_hash(text), text)


class Answers(SynchronousTestCase):
    """What checks come to."""

    def answer(self, check: Coroutine[Any, Any, bool]) -> Deferred[bool]:
        """What will come of it."""
        return Deferred.fromCoroutine(check)

    def result(self, check: Coroutine[Any, Any, bool]) -> bool:
        """What has come of it already."""
        return self.successResultOf(self.answer(check))


class PasswordsTests(Answers):
    """Passwords that are checked against hashes."""

    def test_elsewhere(self) -> None:
        """The work is not done here; what comes of it is told when it is done."""
        threads = Threads()
        answer = self.answer(Passwords(threads).matches(ADA, "lovelace"))
        self.assertNoResult(answer)
        self.assertEqual(threads.asked, [(ADA, "lovelace")])
        threads.answer()
        self.assertIs(self.successResultOf(answer), True)

    def test_at_once_and_waiting(self) -> None:
        """Some checks run, some wait and run in order as others end, and one more than that is not done. When
        they are done there is place again."""
        threads = Threads()
        passwords = Passwords(threads)
        answers = [self.answer(passwords.matches(ADA, "lovelace")) for _ in range(AT_ONCE + MOST_WAITING)]
        self.assertEqual(len(threads.asked), AT_ONCE)
        self.failureResultOf(self.answer(passwords.matches(ADA, "lovelace")), NotChecked)
        for number, answer in enumerate(answers, 1):
            self.assertNoResult(answer)
            threads.answer()
            self.assertIs(self.successResultOf(answer), True)
            self.assertEqual(len(threads.asked), min(len(answers), AT_ONCE + number))
        last = self.answer(passwords.matches(ADA, "lovelace"))
        threads.answer()
        self.assertIs(self.successResultOf(last), True)

    def test_failed(self) -> None:
        """A check that fails for a reason of ours is not hidden, and keeps no place."""
        passwords = Passwords(lambda *_: self.broken())
        for _ in range(AT_ONCE + MOST_WAITING + 1):
            self.failureResultOf(self.answer(passwords.matches(ADA, "lovelace")), ZeroDivisionError)

    def broken(self) -> Deferred[bool]:
        """A thread with a bug."""
        raise ZeroDivisionError

    def test_longest(self) -> None:
        """A password of as many bytes as are allowed is checked; one that is longer is not, though it was hashed."""
        threads = Threads()
        for count, checked in ((LONGEST - 1, True), (LONGEST, True), (LONGEST + 1, False)):
            password = "ä" * (count // 2) + "x" * (count % 2)
            answer = self.answer(Passwords(threads).matches(CHEAP.hash(password), password))
            if checked:
                threads.answer()
            self.assertIs(self.successResultOf(answer), checked, count)

    def test_broken_hash(self) -> None:
        """Nothing matches a hash that is broken or none, and nothing is raised."""
        passwords = Passwords(at_once)
        for text in (BROKEN, ADA[:-1] + "!", "", "lovelace", "ä"):
            self.assertIs(self.result(passwords.matches(text, "lovelace")), False, text)

    def test_composed(self) -> None:
        """A letter matches itself however it is composed; half of a surrogate pair is no reason for an error."""
        passwords = Passwords(at_once)
        self.assertIs(self.result(passwords.matches(CHEAP.hash("ä"), "a\u0308")), True)
        self.assertIs(self.result(passwords.matches(CHEAP.hash("ä"), "a")), False)
        self.assertIs(self.result(passwords.matches(ADA, "\udc80")), False)


class OperatorsTests(Answers):
    """Who may become an operator."""

    def test_check(self) -> None:
        """Each name has its own password, and is compared as it is written."""
        operators = Operators({"ada": ADA, "bob": BOB}, at_once)
        for name, password, right in (
            ("ada", "lovelace", True),
            ("bob", "builder", True),
            ("ada", "builder", False),
            ("ada", "", False),
            ("Ada", "lovelace", False),
            ("ada ", "lovelace", False),
            ("", "lovelace", False),
            ("eve", "lovelace", False),
            ("eve", "builder", False),
        ):
            self.assertIs(self.result(operators.check(name, password)), right, (name, password))

    def test_unknown_name(self) -> None:
        """A name that is none costs a check as well, even if the password is that of somebody."""
        threads = Threads()
        answer = self.answer(Operators({"ada": ADA}, threads).check("eve", "lovelace"))
        self.assertEqual(threads.asked, [(ADA, "lovelace")])
        threads.answer()
        self.assertIs(self.successResultOf(answer), False)

    def test_nobody(self) -> None:
        """Where there are no operators, nobody is one, and there is nothing to check."""
        threads = Threads()
        self.assertIs(self.result(Operators({}, threads).check("ada", "")), False)
        self.assertEqual(threads.asked, [])


class SecretTests(Answers):
    """One password for all."""

    def test_hash(self) -> None:
        """A hash is matched by its password, not by itself, and elsewhere."""
        self.assertIs(self.result(Secret(ADA, at_once).check("lovelace")), True)
        self.assertIs(self.result(Secret(ADA, at_once).check("builder")), False)
        self.assertIs(self.result(Secret(ADA, at_once).check(ADA)), False)
        threads = Threads()
        answer = self.answer(Secret(ADA, threads).check("lovelace"))
        self.assertNoResult(answer)
        threads.answer()
        self.assertIs(self.successResultOf(answer), True)

    def test_too_many(self) -> None:
        """With as many checks waiting as may, it is wrong."""
        threads = Threads()
        secret = Secret(ADA, threads)
        answers = [self.answer(secret.check("lovelace")) for _ in range(AT_ONCE + MOST_WAITING)]
        self.assertIs(self.result(secret.check("lovelace")), False)
        for answer in answers:
            self.assertNoResult(answer)
            threads.answer()
            self.assertIs(self.successResultOf(answer), True)

    def test_as_it_is(self) -> None:
        """Anything else is matched by itself, at once, by letters however they are composed."""
        secret = Secret("schlüssel", Threads())
        for password, right in (("schlüssel", True), ("schlu\u0308ssel", True), ("schlussel", False), ("", False)):
            self.assertIs(self.result(secret.check(password)), right)

    def test_none(self) -> None:
        """Without a password everybody is let in, whatever they say."""
        for password in ("", "anything"):
            self.assertIs(self.result(Secret("", Threads()).check(password)), True)


@pytest_twisted.ensureDeferred
async def test_threads() -> None:
    """By default a check runs on another thread than the reactor's, and ends on that."""
    assert await Operators({"ada": ADA}).check("ada", "lovelace")
    assert threadable.isInIOThread()
    assert not await Operators({"ada": ADA}).check("ada", "builder")
    assert not await threads.deferToThread(threadable.isInIOThread)
