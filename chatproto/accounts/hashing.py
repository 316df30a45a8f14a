"""What is kept in the place of a password: an argon2id hash (RFC 9106), and keys for SCRAM-SHA-256 (RFC 7677).

Both cost much on purpose: by the defaults 64 MiB and some tenths of a second. That is done on a few threads of its own,
some more wait for them, and whatever comes beyond these is refused. So nobody who guesses takes more memory than that,
and the reactor never waits.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Awaitable, Callable
from functools import partial
from secrets import token_bytes
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError
from argon2.low_level import error_to_str
from argon2.profiles import RFC_9106_LOW_MEMORY as SIZES
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from chatproto.accounts.scram import Keys, keys
from chatproto.accounts.settings import AccountSettings
from chatproto.errors import NotChecked
from chatproto.passwords import octets
from chatproto.turns import Turns

Defer = Callable[..., Awaitable[Any]]
"""Calls a function with arguments elsewhere; what comes of it can be awaited. See `threads`."""

ACCOUNTS, OPERATORS, SERVER = "accounts", "operators", "server"
"""What a password is for. Those for one wait in a queue of their own, so that nobody keeps operators out by guessing at
accounts."""

NO_MEMORY = error_to_str(-22)
"""What argon2 says when it gets no memory (`ARGON2_MEMORY_ALLOCATION_ERROR`)."""


class Secrets(NamedTuple):
    """What is kept of a password: fields of `Account`."""

    password: str
    scram: str


class Hashing:
    """Hashes passwords and checks them, elsewhere, with bounds on how many: `hashes_at_once`, and `hashes_waiting` for
    each purpose. To be awaited under Twisted, and not cancelled. `secret` makes the salts of accounts that are not
    there: it has to be kept, for those of accounts are the same after a restart."""

    def __init__(self, settings: AccountSettings, defer: Defer, secret: bytes) -> None:
        self.settings = settings
        self._defer = defer
        self._secret = secret
        self._argon2 = PasswordHasher(settings.hash_passes, settings.hash_memory, settings.hash_lanes)
        self._turns = Turns(settings.hashes_at_once, NotChecked, settings.hashes_waiting)
        self._decoy = decoy(settings)

    async def secrets(self, password: str) -> Secrets:
        """What to keep of a password. Raises `NotChecked` if too many others wait."""
        made: Secrets = await self._elsewhere(ACCOUNTS, self._secrets, password)
        return made

    async def matches(self, hashed: str, password: str, purpose: str = ACCOUNTS) -> bool:
        """Whether this is the password. Takes as long for an empty hash, which none matches. Raises `NotChecked` if too
        many others wait."""
        return bool(await self._elsewhere(purpose, self._verify, hashed or self._decoy, password))

    def outdated(self, hashed: str) -> bool:
        """Whether the settings ask for other costs than those of this hash."""
        return self._argon2.check_needs_rehash(hashed)

    def pretended(self, key: str) -> Keys:
        """Keys for an account that is not there: salt and iterations look like those of others, and are the same each
        time (RFC 5802, 5.1). Nobody knows a password for them."""
        salt = hmac.digest(self._secret, key.encode("utf-8", "surrogatepass"), "sha256")
        return Keys(salt, token_bytes(32), token_bytes(32), self.settings.scram_iterations)

    async def _elsewhere(self, purpose: str, work: Callable[..., Any], *arguments: str) -> Any:
        await self._turns.take(purpose)
        try:
            return await self._defer(work, *arguments)
        finally:
            self._turns.give_back()

    def _secrets(self, password: str) -> Secrets:
        made = keys(password, self.settings.scram_iterations, self.settings.password_least)
        try:
            return Secrets(self._argon2.hash(octets(password)), made.encoded() if made else "")
        except HashingError:  # There is no memory: the costs are known to be possible.
            raise NotChecked from None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, octets(password))
        except (VerificationError, ValueError) as error:
            if str(error) == NO_MEMORY:
                raise NotChecked from None
            return False  # Another password; or the hash is broken.


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
