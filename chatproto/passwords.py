"""Passwords: hashed with argon2id (RFC 9106), and checked on other threads than the reactor's.

One check takes 64 MiB and about a tenth of a second, so a few run at once, a few more wait, and whatever comes beyond
them is not looked at. A peer that guesses cannot take more than that.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from twisted.internet.defer import DeferredSemaphore
from twisted.internet.threads import deferToThread

from chatproto.errors import NotChecked

LONGEST = 1024
"""Bytes of a password in UTF-8; a longer one is refused, and matches nothing."""

AT_ONCE = 2
"""Checks that run at the same time, each on a thread of its own and with 64 MiB (by the defaults of `hashed`)."""

MOST_WAITING = 20
"""Checks that wait for those. They are done within a few seconds; a person waits no longer."""

_HASH = re.compile(r"\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+", re.ASCII)

Defer = Callable[[Callable[[str, str], bool], str, str], Awaitable[bool]]
"""Calls a function elsewhere; what comes of it can be awaited. Twisted's `deferToThread`, or a fake of it."""


def hashed(password: str) -> str:
    """The hash of a password, as settings have it: its algorithm, its costs and its salt stand in it. Blocks for about
    a tenth of a second. Raises `ValueError`, with a sentence without its point, for none and for one that is too long.
    """
    octets = _octets(password)
    if not octets:
        raise ValueError("an empty password protects nothing")
    if len(octets) > LONGEST:
        raise ValueError(f"a password has {LONGEST} bytes at most, not {len(octets)}")
    return PasswordHasher().hash(octets)


def is_hash(text: str) -> bool:
    """Whether `text` has the form of an argon2 hash; not whether any password matches it."""
    return _HASH.fullmatch(text) is not None


class Passwords:
    """Checks of passwords against hashes, with bounds on how many there are: `AT_ONCE` and `MOST_WAITING`."""

    def __init__(self, defer: Defer = deferToThread) -> None:
        self._defer = defer
        self._turns = DeferredSemaphore(AT_ONCE)

    async def matches(self, hash: str, password: str) -> bool:  # noqa: A002  # Nothing else names it.
        """Whether this is the password. No, if it is longer than `LONGEST`, or if the hash is broken. Raises
        `NotChecked` if too many others are asking; to be awaited under Twisted, and not cancelled."""
        if len(_octets(password)) > LONGEST:
            return False
        if len(self._turns.waiting) >= MOST_WAITING:
            raise NotChecked
        await self._turns.acquire()
        try:
            return await self._defer(_verify, hash, password)
        finally:
            self._turns.release()


class Operators:
    """Who may become an operator, and by which password: a hash for each name, from the settings."""

    def __init__(self, hashes: Mapping[str, str], defer: Defer = deferToThread) -> None:
        self._hashes = hashes
        self._passwords = Passwords(defer)

    async def check(self, name: str, password: str) -> bool:
        """Whether there is such an operator, by the name as it is written, with that password. Raises `NotChecked`.
        A name that is none takes as long as one that is, so that nobody can find out the names."""
        if not self._hashes:
            return False
        anybody = next(iter(self._hashes.values()))
        right = await self._passwords.matches(self._hashes.get(name, anybody), password)
        return right and name in self._hashes


class Secret:
    """One password that all must know, from the settings: as a hash, or as it is. An empty one lets everybody in."""

    def __init__(self, expected: str, defer: Defer = deferToThread) -> None:
        self._expected = expected
        self._passwords = Passwords(defer)

    async def check(self, password: str) -> bool:
        """Whether this is the password; no, if too many others are asking. Never raises."""
        if is_hash(self._expected):
            with suppress(NotChecked):
                return await self._passwords.matches(self._expected, password)
            return False
        return not self._expected or hmac.compare_digest(_octets(self._expected), _octets(password))


def _octets(password: str) -> bytes:
    """What of a password counts: the same for the same characters, however a keyboard composes them (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _verify(hash: str, password: str) -> bool:  # noqa: A002
    try:
        return is_hash(hash) and PasswordHasher().verify(hash, _octets(password))
    except VerificationError:  # Another password; or costs, salt or hash are not what they must be.
        return False
