"""Attempts: how many, for how long, and how many of those who made them are known."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.settings import AccountSettings
from chatproto.accounts.throttle import LONGEST_KEY, Attempt, Attempts, Throttle, network
from chatproto.errors import NotChecked, TooManyAttempts, Unavailable, WrongLogin

NOW = 1_000_000.0
SETTINGS = AccountSettings(
    attempts_per_address=4,
    attempts_per_account=3,
    attempt_seconds=60.0,
    registrations_per_address=2,
    registration_seconds=600.0,
    attempts_kept=5,
)


class AttemptsTests(SynchronousTestCase):
    """A table of attempts."""

    def setUp(self) -> None:
        """Three in a minute."""
        self.clock = Clock()
        self.clock.rightNow = NOW
        self.attempts = Attempts(3, 60.0, 5, self.clock.seconds)

    def count(self, *names: str) -> None:
        """Each of them tries once."""
        for name in names:
            self.attempts.count(name)

    def test_limit(self) -> None:
        """One less than the limit, and as many, may try; then one has to wait for a third of the time."""
        self.count("ada", "ada")
        self.assertEqual(self.attempts.wait("ada"), 0)
        self.count("ada")
        self.assertAlmostEqual(self.attempts.wait("ada"), 20)
        self.assertEqual(self.attempts.wait("bob"), 0)

    def test_time(self) -> None:
        """One more is allowed after a third of the time, not before, and all of them after the whole."""
        self.count("ada", "ada", "ada")
        self.clock.advance(19.9)
        self.assertAlmostEqual(self.attempts.wait("ada"), 0.1)
        self.clock.advance(0.1)
        self.assertEqual(self.attempts.wait("ada"), 0)
        self.count("ada")
        self.assertAlmostEqual(self.attempts.wait("ada"), 20)
        self.clock.advance(60)
        self.count("ada", "ada")
        self.assertEqual(self.attempts.wait("ada"), 0)
        self.count("ada")
        self.assertAlmostEqual(self.attempts.wait("ada"), 20)

    def test_limit_of_one(self) -> None:
        """One attempt, and the next after the whole time."""
        attempts = Attempts(1, 60.0, 5, self.clock.seconds)
        self.assertEqual(attempts.wait("ada"), 0)
        attempts.count("ada")
        self.assertAlmostEqual(attempts.wait("ada"), 60)
        self.clock.advance(60)
        self.assertEqual(attempts.wait("ada"), 0)

    def test_take_back(self) -> None:
        """What is taken back was none; who has none left is not kept, and nobody gets below none."""
        self.count("ada", "ada", "ada")
        self.attempts.take_back("ada")
        self.assertEqual(self.attempts.wait("ada"), 0)
        self.attempts.take_back("ada")
        self.attempts.take_back("ada")
        self.assertEqual(len(self.attempts), 0)
        self.attempts.take_back("ada")
        self.count("ada", "ada", "ada")
        self.assertAlmostEqual(self.attempts.wait("ada"), 20)

    def test_kept(self) -> None:
        """One less than are kept, and as many, are; with one more, who tried the longest ago is forgotten."""
        for number in range(6):
            self.count(*[f"name{number}"] * 3)
            self.assertEqual(len(self.attempts), min(number + 1, 5))
        self.assertEqual(self.attempts.wait("name0"), 0)
        for number in range(1, 6):
            self.assertAlmostEqual(self.attempts.wait(f"name{number}"), 20)

    def test_who_tries_again_is_kept(self) -> None:
        """Trying again makes one the latest."""
        self.count("a", "a", "b", "c", "d", "e", "a", "f")
        self.assertAlmostEqual(self.attempts.wait("a"), 20)
        self.assertEqual(len(self.attempts), 5)


class ThrottleTests(SynchronousTestCase):
    """What counts for whom."""

    def setUp(self) -> None:
        """Four of an address, three with a name, two registrations."""
        self.clock = Clock()
        self.clock.rightNow = NOW
        self.throttle = Throttle(SETTINGS, self.clock.seconds)

    def begin(self, address: str, key: str = "") -> Deferred[Attempt]:
        """A login that begins, or waits for others."""
        return Deferred.fromCoroutine(self.throttle.login(address, key))

    def login(self, address: str, key: str = "") -> Attempt:
        """One that is wrong, if nobody forgives it."""
        with self.successResultOf(self.begin(address, key)) as attempt:
            return attempt

    def refused(self, address: str, key: str = "") -> int:
        """How many seconds one has to wait."""
        seconds: int = self.failureResultOf(self.begin(address, key), TooManyAttempts).value.seconds
        return seconds

    def test_account(self) -> None:
        """From many addresses: up to the limit of one name, no more. Another name may be tried still."""
        for number in range(3):
            self.login(f"192.0.2.{number}", "ada")
        self.assertEqual(self.refused("192.0.2.9", "ada"), 20)
        self.login("192.0.2.9", "bob")

    def test_address(self) -> None:
        """With many names: up to the limit of one address, no more. Another address may try still."""
        for number in range(4):
            self.login("192.0.2.1", f"name{number}")
        self.assertEqual(self.refused("192.0.2.1", "ada"), 15)
        self.login("192.0.2.2", "ada")

    def test_refused_attempts_count_for_nobody(self) -> None:
        """Who is refused for one of the two does not use up the other."""
        for number in range(3):
            self.login(f"192.0.2.{number}", "ada")
        for _ in range(10):
            self.refused("192.0.2.9", "ada")
        for number in range(4):
            self.login("192.0.2.9", f"name{number}")

    def test_forgiven(self) -> None:
        """A forgiven attempt counts for neither; forgiving it again changes nothing."""
        for _ in range(2):
            self.login("192.0.2.1", "ada")
        for _ in range(10):
            attempt = self.login("192.0.2.1", "ada")
            attempt.forgive()
            attempt.forgive()
        self.login("192.0.2.1", "ada")
        self.refused("192.0.2.2", "ada")
        self.login("192.0.2.1", "bob")
        self.refused("192.0.2.1", "bob")

    def test_without_address(self) -> None:
        """All who come by a Unix socket have no address: only their names count."""
        for number in range(10):
            self.login("", f"name{number}")
            self.throttle.registration("")
        self.assertEqual(len(self.throttle.addresses), 0)

    def test_without_name(self) -> None:
        """A certificate has no name: only the address counts."""
        for _ in range(4):
            self.login("192.0.2.1")
        self.refused("192.0.2.1")
        self.assertEqual(len(self.throttle.names), 0)

    def test_registration(self) -> None:
        """Registering has a limit of its own, by address."""
        self.throttle.registration("192.0.2.1")
        self.throttle.registration("192.0.2.1")
        error = self.assertRaises(TooManyAttempts, self.throttle.registration, "192.0.2.1")
        self.assertEqual(error.seconds, 300)
        self.throttle.registration("192.0.2.2")
        self.login("192.0.2.1", "ada")

    def test_at_home(self) -> None:
        """Where somebody was let in to an account others who guess do not keep them out, and they guess no further for
        it: there it has a count of its own, up to the same limit. It is of no use for another account."""
        self.throttle.let_in("192.0.2.1", "ada")
        for number in range(3):
            self.login(f"192.0.2.{number + 10}", "ada")
        self.refused("192.0.2.20", "ada")
        for _ in range(3):
            self.login("192.0.2.1", "ada")
        self.assertEqual(self.refused("192.0.2.1", "ada"), 20)
        for number in range(3):
            self.login(f"192.0.2.{number + 30}", "bob")
        self.refused("192.0.2.1", "bob")

    def test_at_home_by_what_was_counted(self) -> None:
        """Who is let in by another name than the account has is at home by that one, and who gave none by the
        account's; those who guess at it elsewhere do not count there."""
        for name, account in (("ada@example.org", "ada"), ("", "bob")):
            self.login("192.0.2.1", name).right(account)
        for name in ("ada@example.org", "bob"):
            for number in range(3):
                self.login(f"192.0.2.{number + 10}", name).forgive()
                self.login(f"192.0.2.{number + 10}", name)
            self.refused("192.0.2.20", name)
            self.login("192.0.2.1", name).forgive()
        for number in range(3):
            self.login(f"192.0.2.{number + 30}", "ada")
        self.refused("192.0.2.1", "ada")

    def test_right(self) -> None:
        """What was right does not count."""
        for _ in range(10):
            self.login("192.0.2.1", "ada").right("ada")
        for _ in range(3):
            self.login("192.0.2.1", "ada")
        self.refused("192.0.2.1", "ada")

    def test_at_home_is_at_an_address(self) -> None:
        """Who comes by a Unix socket is let in nowhere that is known; nobody can be anywhere by a name they send."""
        for address, key in (("", "ada"), ("192.0.2.1", "ada")):
            self.throttle.let_in(address, key)
        for number in range(3):
            self.login(f"192.0.2.{number + 10}", "ada")
            self.login(f"192.0.2.{number + 10}", "192.0.2.1 ada")
        self.refused("", "ada")
        self.login("192.0.2.1", "ada")

    def test_how_many_are_at_home(self) -> None:
        """One less than are kept, and as many, are known; with one more, who was let in longest ago is forgotten."""
        for number in range(5):
            self.throttle.let_in(f"192.0.2.{number}", "ada")
        self.throttle.let_in("192.0.2.0", "ada")
        for number in range(3):
            self.login(f"192.0.2.{number + 10}", "ada")
        for number in range(5):
            self.login(f"192.0.2.{number}", "ada").forgive()
        self.throttle.let_in("192.0.2.5", "ada")
        for number in (0, 2, 3, 4, 5):
            self.login(f"192.0.2.{number}", "ada").forgive()
        self.refused("192.0.2.1", "ada")

    def test_under_way(self) -> None:
        """Where too many are under way one more waits for them, for they may be right. As many of those that wait go on
        as were right, in their order; when the last was wrong, the others are refused."""
        first = [self.successResultOf(self.begin("192.0.2.1")) for _ in range(4)]
        waiting = [self.begin("192.0.2.1") for _ in range(4)]
        self.successResultOf(self.begin("192.0.2.2"))
        with first[0]:
            first[0].forgive()
        second = self.successResultOf(waiting[0])
        for attempt in (first[1], first[2], second):
            for each in waiting[1:]:
                self.assertNoResult(each)
            with attempt:
                pass
        with first[3]:
            first[3].forgive()
        with self.successResultOf(waiting[1]):
            self.assertNoResult(waiting[2])
        for each in waiting[2:]:
            self.failureResultOf(each, TooManyAttempts)
        self.refused("192.0.2.1")

    def test_how_many_wait(self) -> None:
        """One less than may wait for a hash, and as many, wait; one more is refused."""
        self.throttle = Throttle(replace(SETTINGS, hashes_waiting=2), self.clock.seconds)
        attempts = [self.successResultOf(self.begin("192.0.2.1")) for _ in range(4)]
        waiting = [self.begin("192.0.2.1") for _ in range(2)]
        self.refused("192.0.2.1")
        for attempt in attempts:
            with attempt:
                attempt.forgive()
        for each in waiting:
            self.successResultOf(each)

    def test_looked_at_by_nobody(self) -> None:
        """What nobody could look at counts for nothing, and keeps nobody waiting; what is wrong counts."""
        for kind, times in ((NotChecked, 5), (Unavailable, 5), (WrongLogin, 3)):
            for _ in range(times):
                with contextlib.suppress(kind), self.successResultOf(self.begin("192.0.2.1", "ada")):
                    raise kind
        self.refused("192.0.2.1", "ada")

    def test_long_names(self) -> None:
        """Of a name only so many characters are kept."""
        self.throttle = Throttle(replace(SETTINGS, attempts_per_address=100), self.clock.seconds)
        for length in (LONGEST_KEY, LONGEST_KEY + 1, 100_000):
            self.login("192.0.2.1", "x" * length)
        self.refused("192.0.2.1", "x" * LONGEST_KEY)
        self.login("192.0.2.1", "x" * (LONGEST_KEY - 1))

    def test_networks(self) -> None:
        """IPv4 addresses count one by one, IPv6 by networks of 64 bits."""
        self.assertEqual(network("192.0.2.1"), "192.0.2.1")
        self.assertEqual(network("2001:db8:0:1:a::1"), network("2001:db8:0:1:b::2"))
        self.assertNotEqual(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"))
        self.assertEqual(network(""), "")
