"""Passwords that stand in the settings: those of operators of the server, and the server's own."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from contextlib import suppress

from chatproto.accounts.hashing import OPERATORS, SERVER, Hashing
from chatproto.accounts.throttle import Throttle
from chatproto.errors import NotChecked
from chatproto.interfaces import Peer
from chatproto.passwords import LONGEST, is_hash, octets


class Operators:
    """Who may become an operator, and by which password: a hash for each name, from the settings."""

    def __init__(self, hashes: Mapping[str, str], hashing: Hashing, throttle: Throttle) -> None:
        self._hashes = hashes
        self._hashing = hashing
        self._throttle = throttle

    async def check(self, name: str, password: str, peer: Peer) -> bool:
        """Whether there is such an operator, by the name as it is written, with that password. A wrong one counts as a
        wrong login from that address. A name that is none takes as long as one that is, so that nobody can find out the
        names. Raises `TooManyAttempts` or `NotChecked`."""
        if not self._hashes:
            return False
        with await self._throttle.login(peer.address) as attempt:
            anybody = next(iter(self._hashes.values()))
            right = await _matches(self._hashing, self._hashes.get(name, anybody), password, OPERATORS)
            if right and name in self._hashes:
                attempt.forgive()
                return True
            return False


class Secret:
    """One password that all must know, from the settings: as a hash, or as it is. An empty one lets everybody in."""

    def __init__(self, expected: str, hashing: Hashing) -> None:
        self._expected = expected
        self._hashing = hashing

    async def check(self, password: str) -> bool:
        """Whether this is the password; no, if too many others are asking. Never raises."""
        if is_hash(self._expected):
            with suppress(NotChecked):
                return await _matches(self._hashing, self._expected, password, SERVER)
            return False
        return not self._expected or hmac.compare_digest(octets(self._expected), octets(password))


async def _matches(hashing: Hashing, hashed: str, password: str, purpose: str) -> bool:
    return len(octets(password)) <= LONGEST and await hashing.matches(hashed, password, purpose)
