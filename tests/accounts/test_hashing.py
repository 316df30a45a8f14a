"""Hashes of passwords: what they cost, that they cost it elsewhere, and how many there may be."""

from __future__ import annotations

import resource
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar
from unittest import SkipTest

import pytest_twisted
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from twisted.internet.defer import Deferred, execute
from twisted.internet.task import Clock
from twisted.python import threadable
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.hashing import ACCOUNTS, OPERATORS, SERVER, Hashing, decoy, threads
from chatproto.accounts.scram import SALT_BYTES, decoded
from chatproto.accounts.settings import AccountSettings
from chatproto.errors import NotChecked
from tests.accounts.quick import CHEAP, at_once

T = TypeVar("T")


class Elsewhere:
    """A `defer` that does nothing by itself: it remembers what is asked of it, and does it when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Callable[[], None]] = []

    def __call__(self, work: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        """Remember it."""
        answer: Deferred[Any] = Deferred()
        self.asked.append(lambda: answer.callback(work(*arguments)))
        return answer

    def answer(self) -> None:
        """Do the oldest."""
        self.asked.pop(0)()


class HashingTests(SynchronousTestCase):
    """Passwords that are hashed and checked."""

    def result(self, asked: Coroutine[Any, Any, T]) -> T:
        """What has come of it already."""
        return self.successResultOf(Deferred.fromCoroutine(asked))

    def test_secrets(self) -> None:
        """A password has an argon2id hash with the costs of the settings, which only it matches, and keys for SCRAM."""
        hashing = Hashing(replace(CHEAP, hash_passes=2, hash_memory=16, hash_lanes=2), at_once, b"")
        secrets = self.result(hashing.secrets("lovelace"))
        self.assertTrue(secrets.password.startswith("$argon2id$v=19$m=16,t=2,p=2$"))
        keys = decoded(secrets.scram)
        assert keys is not None
        self.assertEqual(keys.iterations, 4096)
        for password, right in (("lovelace", True), ("Lovelace", False), ("lovelace ", False), ("", False)):
            self.assertIs(self.result(hashing.matches(secrets.password, password)), right)

    def test_normal_form(self) -> None:
        """A password is the same however its letters are composed."""
        hashing = Hashing(CHEAP, at_once, b"")
        secrets = self.result(hashing.secrets("A\u0308rgernis"))
        self.assertTrue(self.result(hashing.matches(secrets.password, "Ärgernis")))

    def test_default_costs(self) -> None:
        """By default they are those of RFC 9106's second choice, which the library has as its defaults."""
        self.assertEqual(extract_parameters(decoy(AccountSettings())), extract_parameters(PasswordHasher().hash("x")))

    def test_no_hash(self) -> None:
        """No hash, and a broken one, are matched by nothing."""
        hashing = Hashing(CHEAP, at_once, b"")
        for hashed in ("", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$$", "ä"):
            for password in ("", "x", "\ud800"):
                self.assertIs(self.result(hashing.matches(hashed, password)), False)

    def test_decoy(self) -> None:
        """What is checked in the place of no hash has the form and the costs of the others, and is no password's."""
        real, first, second = PasswordHasher(1, 8, 1).hash("x"), decoy(CHEAP), decoy(CHEAP)
        self.assertEqual(extract_parameters(first), extract_parameters(real))
        self.assertEqual(len(first), len(real))
        self.assertNotEqual(first, second)
        self.assertRaises(VerifyMismatchError, PasswordHasher().verify, first, "x")

    def test_outdated(self) -> None:
        """A hash with other costs than the settings' is outdated."""
        hashed = self.result(Hashing(CHEAP, at_once, b"").secrets("lovelace")).password
        self.assertFalse(Hashing(CHEAP, at_once, b"").outdated(hashed))
        for other in (replace(CHEAP, hash_passes=2), replace(CHEAP, hash_memory=16)):
            self.assertTrue(Hashing(other, at_once, b"").outdated(hashed))

    def test_pretended(self) -> None:
        """Accounts that are not there have a salt as others have, the same each time; it cannot be told without the
        secret, and is another one for each name."""
        hashing = Hashing(CHEAP, at_once, b"secret")
        ada = hashing.pretended("ada")
        self.assertEqual((len(ada.salt), ada.iterations), (SALT_BYTES, 4096))
        self.assertEqual(Hashing(CHEAP, at_once, b"secret").pretended("ada").salt, ada.salt)
        self.assertNotEqual(Hashing(CHEAP, at_once, b"other").pretended("ada").salt, ada.salt)
        self.assertNotEqual(hashing.pretended("bob").salt, ada.salt)
        self.assertNotEqual(hashing.pretended("ada").stored_key, ada.stored_key)
        hashing.pretended("\ud800")

    def test_elsewhere(self) -> None:
        """Nothing is hashed here."""
        elsewhere = Elsewhere()
        hashing = Hashing(CHEAP, elsewhere, b"")
        for asked in (hashing.secrets("lovelace"), hashing.matches("", "lovelace")):
            answer: Deferred[Any] = Deferred.fromCoroutine(asked)
            self.assertNoResult(answer)
            elsewhere.answer()
            self.successResultOf(answer)

    def test_how_many(self) -> None:
        """Some are hashed, some wait, one more is refused; when one is done, there is place for one."""
        elsewhere = Elsewhere()
        hashing = Hashing(replace(CHEAP, hashes_at_once=2, hashes_waiting=3), elsewhere, b"")
        answers = [Deferred.fromCoroutine(hashing.matches("", "x")) for _ in range(4)]
        answers.append(Deferred.fromCoroutine(hashing.matches("", "x")))
        self.failureResultOf(Deferred.fromCoroutine(hashing.matches("", "x")), NotChecked)
        self.failureResultOf(Deferred.fromCoroutine(hashing.secrets("x")), NotChecked)
        self.assertEqual(len(elsewhere.asked), 2)
        elsewhere.answer()
        self.assertEqual(len(elsewhere.asked), 2)
        answers.append(Deferred.fromCoroutine(hashing.matches("", "x")))
        self.failureResultOf(Deferred.fromCoroutine(hashing.matches("", "x")), NotChecked)
        while elsewhere.asked:
            elsewhere.answer()
        for answer in answers:
            self.successResultOf(answer)

    def test_purposes(self) -> None:
        """Those for operators, and for the server, have queues of their own, and all three take turns: as many as may
        guess at accounts, an operator waits for those under way and one more of each."""
        elsewhere = Elsewhere()
        done: list[str] = []
        hashing = Hashing(replace(CHEAP, hashes_at_once=1, hashes_waiting=3), elsewhere, b"")

        def ask(purpose: str) -> None:
            Deferred.fromCoroutine(hashing.matches("", "x", purpose)).addCallback(lambda _: done.append(purpose))

        for purpose in (ACCOUNTS, *[ACCOUNTS] * 3, *[SERVER] * 3, OPERATORS):
            ask(purpose)
        for purpose in (ACCOUNTS, SERVER):
            self.failureResultOf(Deferred.fromCoroutine(hashing.matches("", "x", purpose)), NotChecked)
        while elsewhere.asked:
            elsewhere.answer()
        self.assertEqual(done, [ACCOUNTS, ACCOUNTS, SERVER, OPERATORS, ACCOUNTS, SERVER, ACCOUNTS, SERVER])

    def test_no_memory(self) -> None:
        """Without the memory for it nothing is known of a password, and nothing of it kept: it is no wrong one."""
        if sys.platform != "linux":
            raise SkipTest("only Linux holds the limit that is set here")

        def without_memory(work: Any, *arguments: Any) -> Deferred[Any]:
            soft, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (2**32, hard))
            try:
                return execute(work, *arguments)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

        hashing = Hashing(replace(CHEAP, hash_memory=2**23), without_memory, b"")
        for asked in (hashing.matches("", "x"), hashing.secrets("x")):
            answer: Deferred[Any] = Deferred.fromCoroutine(asked)
            self.failureResultOf(answer, NotChecked)

    def test_place_after_a_failure(self) -> None:
        """What fails gives its place back."""

        def fail(*_: object) -> Deferred[Any]:
            raise ZeroDivisionError

        hashing = Hashing(replace(CHEAP, hashes_at_once=1, hashes_waiting=0), fail, b"")
        for _ in range(3):
            self.failureResultOf(Deferred.fromCoroutine(hashing.matches("", "x")), ZeroDivisionError)


class Program(Clock):
    """What `threads` asks of a reactor, told when it starts and when it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.starts: list[Callable[[], Any]] = []
        self.ends: list[Callable[[], Any]] = []

    def callWhenRunning(self, call: Callable[[], Any]) -> None:
        """Remember it."""
        self.starts.append(call)

    def addSystemEventTrigger(self, phase: str, event: str, call: Callable[[], Any]) -> None:
        """Remember it."""
        assert (phase, event) == ("during", "shutdown")
        self.ends.append(call)


class ThreadTests(SynchronousTestCase):
    """The threads that do the work."""

    def test_life(self) -> None:
        """There are none before the reactor runs, and none after it ended: what was asked for is done first."""
        before = set(threading.enumerate())  # Some of those that other tests had may be about to end.
        program = Program()
        done: list[str] = []
        called = threading.Event()
        program.callFromThread = lambda *_: called.set()  # type: ignore[attr-defined]
        defer = threads(program, replace(CHEAP, hashes_at_once=1))
        self.assertLessEqual(set(threading.enumerate()), before)
        for start in program.starts:
            start()
        defer(done.append, "done")
        self.assertTrue(called.wait(60))
        for end in program.ends:
            end()
        self.assertEqual(done, ["done"])
        self.assertLessEqual(set(threading.enumerate()), before)


@pytest_twisted.ensureDeferred
async def test_not_on_the_reactors_thread() -> None:
    """A real reactor's thread hashes nothing."""
    from twisted.internet import reactor  # noqa: PLC0415  # Importing it installs it.

    program = Program()
    program.callFromThread = reactor.callFromThread  # type: ignore[attr-defined]
    defer = threads(program, CHEAP)
    for start in program.starts:
        start()
    try:
        assert not await defer(threadable.isInIOThread)
        hashing = Hashing(CHEAP, defer, b"")
        secrets = await hashing.secrets("lovelace")
        assert await hashing.matches(secrets.password, "lovelace")
    finally:
        for end in program.ends:
            end()
