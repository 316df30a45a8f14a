"""Passwords, and their hashes in settings."""

from __future__ import annotations

from argon2 import PasswordHasher, extract_parameters
from twisted.trial.unittest import SynchronousTestCase

from chatproto.passwords import LONGEST, hashed, is_hash

ADA = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("lovelace")
BROKEN = "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"


class HashTests(SynchronousTestCase):
    """What is made of a password."""

    def test_hashed(self) -> None:
        """It is argon2id with the library's defaults, and another salt each time; only its password matches it."""
        first, second = hashed("secret"), hashed("secret")
        self.assertNotEqual(first, second)
        self.assertTrue(first.startswith("$argon2id$v=19$"))
        self.assertEqual(extract_parameters(first), extract_parameters(PasswordHasher().hash("x")))
        self.assertTrue(PasswordHasher().verify(first, "secret"))

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
