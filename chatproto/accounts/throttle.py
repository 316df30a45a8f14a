"""How often somebody may try: a table of those who did, by address or by name, with a bound on its size."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network

from chatproto.accounts.settings import AccountSettings
from chatproto.errors import TooManyAttempts

LONGEST_KEY = 256
"""Characters of a name that are looked at; those of accounts are shorter."""

_ROUNDING = 1e-6
"""Seconds that floating-point numbers may be wrong by."""


class Attempts:
    """At most `limit` attempts of each at once, and one more every `seconds / limit`: never more than `limit` in
    `seconds` at that rate. Knows `kept` of them, and beyond that forgets who was there the longest ago."""

    def __init__(self, limit: int, seconds: float, kept: int, now: Callable[[], float]) -> None:
        self._seconds = seconds
        self._each = seconds / limit
        self._kept = kept
        self._now = now
        self._forgiven: OrderedDict[str, float] = OrderedDict()
        """When all attempts of somebody are forgiven: `_each` seconds for each of them, one after the other."""

    def __len__(self) -> int:
        return len(self._forgiven)

    def wait(self, who: str) -> float:
        """Seconds until one more is allowed; 0 if it is now."""
        wait = self._forgiven.get(who, 0.0) + self._each - self._seconds - self._now()
        return wait if wait > _ROUNDING else 0.0

    def count(self, who: str) -> None:
        """One more."""
        self._forgiven[who] = max(self._forgiven.pop(who, 0.0), self._now()) + self._each
        if len(self._forgiven) > self._kept:
            self._forgiven.popitem(last=False)

    def take_back(self, who: str) -> None:
        """One less, for it was none."""
        if who in self._forgiven:
            self._forgiven[who] -= self._each
            if self._forgiven[who] <= self._now() + _ROUNDING:
                del self._forgiven[who]


class Attempt:
    """Something that was tried, and counts until it is forgiven."""

    def __init__(self, counted: Sequence[tuple[Attempts, str]]) -> None:
        self._counted = counted
        for attempts, who in counted:
            attempts.count(who)

    def forgive(self) -> None:
        """It does not count: it was right, or nobody looked at it."""
        for attempts, who in self._counted:
            attempts.take_back(who)
        self._counted = ()


class Throttle:
    """Counts wrong logins by address and by name, and registering by address. It does not know which accounts there
    are, and so cannot tell. An empty address, that of a Unix socket, is not counted: all of a proxy's people have it.
    `now` gives seconds of any clock that does not jump."""

    def __init__(self, settings: AccountSettings, now: Callable[[], float]) -> None:
        kept, seconds = settings.attempts_kept, settings.attempt_seconds
        self.addresses = Attempts(settings.attempts_per_address, seconds, kept, now)
        self.names = Attempts(settings.attempts_per_account, seconds, kept, now)
        self.registering = Attempts(settings.registrations_per_address, settings.registration_seconds, kept, now)

    def login(self, address: str, key: str = "") -> Attempt:
        """Somebody at this address tries to log in, to the account with this key if it has a name. It counts at once,
        so that many at a time count as many. Raises `TooManyAttempts`; then nothing more is counted."""
        return _attempt((self.addresses, network(address)), (self.names, key[:LONGEST_KEY]))

    def registration(self, address: str) -> Attempt:
        """Somebody at this address registers. Raises `TooManyAttempts`."""
        return _attempt((self.registering, network(address)))


def _attempt(*counted: tuple[Attempts, str]) -> Attempt:
    named = [(attempts, who) for attempts, who in counted if who]
    wait = max((attempts.wait(who) for attempts, who in named), default=0.0)
    if wait:
        raise TooManyAttempts(math.ceil(wait))
    return Attempt(named)


def network(address: str) -> str:
    """What attempts are counted by: the IPv4 address, or the IPv6 network of 64 bits, which is commonly one site."""
    if not address:
        return ""
    ip = ip_address(address)
    return str(ip if ip.version == 4 else ip_network((ip, 64), strict=False))
