"""What is kept in the place of a password: an argon2id hash (RFC 9106), and keys for SCRAM-SHA-256 (RFC 7677).

Both cost much on purpose: by the defaults 64 MiB and some tenths of a second. That is done on a few threads of its own,
a few more wait for them, and whatever comes beyond these is refused. So nobody who guesses takes more than that, and
the reactor never waits.
"""

from __future__ import annotations

import hmac
import unicodedata
from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import partial
from secrets import token_bytes
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY as SIZES
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from chatproto.accounts.scram import Keys, keys
from chatproto.accounts.settings import AccountSettings
from chatproto.errors import NotChecked

Defer = Callable[..., Awaitable[Any]]
"""Calls a function with arguments elsewhere; what comes of it can be awaited. See `threads`."""


class Secrets(NamedTuple):
    """What is kept of a password: fields of `Account`."""

    password: str
    scram: str


class Hashing:
    """Hashes passwords and checks them, elsewhere, with bounds on how many: `hashes_at_once` and `hashes_waiting`. To
    be awaited under Twisted, and not cancelled. `secret` makes the salts of accounts that are not there: it has to be
    kept, for those of accounts are the same after a restart."""

    def __init__(self, settings: AccountSettings, defer: Defer, secret: bytes) -> None:
        self.settings = settings
        self._defer = defer
        self._secret = secret
        self._argon2 = PasswordHasher(settings.hash_passes, settings.hash_memory, settings.hash_lanes)
        self._places = settings.hashes_at_once + settings.hashes_waiting
        self._decoy = decoy(settings)

    async def secrets(self, password: str) -> Secrets:
        """What to keep of a password. Raises `NotChecked` if too many others wait."""
        made: Secrets = await self._elsewhere(self._secrets, password)
        return made

    async def matches(self, hashed: str, password: str) -> bool:
        """Whether this is the password. Takes as long for an empty hash, which none matches. Raises `NotChecked` if too
        many others wait."""
        return bool(await self._elsewhere(self._verify, hashed or self._decoy, password))

    def outdated(self, hashed: str) -> bool:
        """Whether the settings ask for other costs than those of this hash."""
        return self._argon2.check_needs_rehash(hashed)

    def pretended(self, key: str) -> Keys:
        """Keys for an account that is not there: salt and iterations look like those of others, and are the same each
        time (RFC 5802, 5.1). Nobody knows a password for them."""
        salt = hmac.digest(self._secret, key.encode("utf-8", "surrogatepass"), "sha256")
        return Keys(salt, token_bytes(32), token_bytes(32), self.settings.scram_iterations)

    async def _elsewhere(self, work: Callable[..., Any], *arguments: str) -> Any:
        if not self._places:
            raise NotChecked
        self._places -= 1
        try:
            return await self._defer(work, *arguments)
        finally:
            self._places += 1

    def _secrets(self, password: str) -> Secrets:
        made = keys(password, self.settings.scram_iterations, self.settings.password_least)
        return Secrets(self._argon2.hash(octets(password)), made.encoded() if made else "")

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, octets(password))
        except (VerificationError, ValueError):  # Another password; or the hash is broken.
            return False


def octets(password: str) -> bytes:
    """What of a password counts: the same for the same characters, however a keyboard composes them (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def decoy(settings: AccountSettings) -> str:
    """A hash in the form of the others, of no password: checking it costs the same."""
    costs = f"m={settings.hash_memory},t={settings.hash_passes},p={settings.hash_lanes}"
    salt, hashed = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (SIZES.salt_len, SIZES.hash_len))
    return f"$argon2id$v={SIZES.version}${costs}${salt}${hashed}"


def threads(reactor: Any, settings: AccountSettings) -> Defer:
    """Threads for `Hashing`, which begin and end with the reactor."""
    pool = ThreadPool(0, settings.hashes_at_once, "passwords")
    reactor.callWhenRunning(pool.start)
    reactor.addSystemEventTrigger("during", "shutdown", pool.stop)
    return partial(deferToThreadPool, reactor, pool)
