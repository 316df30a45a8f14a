"""Attempts: how many, for how long, and how many of those who made them are known."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.settings import AccountSettings
from chatproto.accounts.throttle import LONGEST_KEY, Attempts, Throttle, network
from chatproto.errors import TooManyAttempts

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

    def test_account(self) -> None:
        """From many addresses: up to the limit of one name, no more. Another name may be tried still."""
        for number in range(3):
            self.throttle.login(f"192.0.2.{number}", "ada")
        error = self.assertRaises(TooManyAttempts, self.throttle.login, "192.0.2.9", "ada")
        self.assertEqual(error.seconds, 20)
        self.throttle.login("192.0.2.9", "bob")

    def test_address(self) -> None:
        """With many names: up to the limit of one address, no more. Another address may try still."""
        for number in range(4):
            self.throttle.login("192.0.2.1", f"name{number}")
        error = self.assertRaises(TooManyAttempts, self.throttle.login, "192.0.2.1", "ada")
        self.assertEqual(error.seconds, 15)
        self.throttle.login("192.0.2.2", "ada")

    def test_refused_attempts_count_for_nobody(self) -> None:
        """Who is refused for one of the two does not use up the other."""
        for number in range(3):
            self.throttle.login(f"192.0.2.{number}", "ada")
        for _ in range(10):
            self.assertRaises(TooManyAttempts, self.throttle.login, "192.0.2.9", "ada")
        for number in range(4):
            self.throttle.login("192.0.2.9", f"name{number}")

    def test_forgiven(self) -> None:
        """A forgiven attempt counts for neither; forgiving it again changes nothing."""
        for _ in range(2):
            self.throttle.login("192.0.2.1", "ada")
        for _ in range(10):
            attempt = self.throttle.login("192.0.2.1", "ada")
            attempt.forgive()
            attempt.forgive()
        self.throttle.login("192.0.2.1", "ada")
        self.assertRaises(TooManyAttempts, self.throttle.login, "192.0.2.2", "ada")
        self.throttle.login("192.0.2.1", "bob")
        self.assertRaises(TooManyAttempts, self.throttle.login, "192.0.2.1", "bob")

    def test_without_address(self) -> None:
        """All who come by a Unix socket have no address: only their names count."""
        for number in range(10):
            self.throttle.login("", f"name{number}")
            self.throttle.registration("")
        self.assertEqual(len(self.throttle.addresses), 0)

    def test_without_name(self) -> None:
        """A certificate has no name: only the address counts."""
        for _ in range(4):
            self.throttle.login("192.0.2.1")
        self.assertRaises(TooManyAttempts, self.throttle.login, "192.0.2.1")
        self.assertEqual(len(self.throttle.names), 0)

    def test_registration(self) -> None:
        """Registering has a limit of its own, by address."""
        self.throttle.registration("192.0.2.1")
        self.throttle.registration("192.0.2.1")
        error = self.assertRaises(TooManyAttempts, self.throttle.registration, "192.0.2.1")
        self.assertEqual(error.seconds, 300)
        self.throttle.registration("192.0.2.2")
        self.throttle.login("192.0.2.1", "ada")

    def test_long_names(self) -> None:
        """Of a name only so many characters are kept."""
        throttle = Throttle(replace(SETTINGS, attempts_per_address=100), self.clock.seconds)
        for length in (LONGEST_KEY, LONGEST_KEY + 1, 100_000):
            throttle.login("192.0.2.1", "x" * length)
        self.assertRaises(TooManyAttempts, throttle.login, "192.0.2.1", "x" * LONGEST_KEY)
        throttle.login("192.0.2.1", "x" * (LONGEST_KEY - 1))

    def test_networks(self) -> None:
        """IPv4 addresses count one by one, IPv6 by networks of 64 bits."""
        self.assertEqual(network("192.0.2.1"), "192.0.2.1")
        self.assertEqual(network("2001:db8:0:1:a::1"), network("2001:db8:0:1:b::2"))
        self.assertNotEqual(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"))
        self.assertEqual(network(""), "")
