"""How often somebody may try: a table of those who did, by address or by name, with a bound on its size."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Self

from chatproto.accounts.settings import AccountSettings
from chatproto.accounts.waiting import Waiting
from chatproto.errors import NotChecked, TooManyAttempts, Unavailable

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
        self._under_way: dict[str, int] = {}
        """How many of somebody's are not known to be right or wrong yet, if any."""

    def __len__(self) -> int:
        return len(self._forgiven)

    def wait(self, who: str) -> float:
        """Seconds until one more is allowed; 0 if it is now."""
        wait = self._forgiven.get(who, 0.0) + self._each - self._seconds - self._now()
        return wait if wait > _ROUNDING else 0.0

    def pending(self, who: str) -> bool:
        """Whether one of theirs is under way, which may be right."""
        return who in self._under_way

    def begin(self, who: str) -> None:
        """One more, which is under way."""
        self.count(who)
        self._under_way[who] = self._under_way.get(who, 0) + 1

    def end(self, who: str) -> None:
        """It is under way no more."""
        self._under_way[who] -= 1
        if not self._under_way[who]:
            del self._under_way[who]

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


Counted = Sequence[tuple[Attempts, str]]


class Attempt:
    """Something that was tried, and counts until it is forgiven. It is under way until it has been a context, which
    forgives what nobody could look at (`NotChecked`, `Unavailable`)."""

    def __init__(self, counted: Counted, ended: Callable[[], None], let_in: Callable[[str], None]) -> None:
        self._counted = self._under_way = counted
        self._ended = ended
        self._let_in = let_in
        for attempts, who in counted:
            attempts.begin(who)

    def forgive(self) -> None:
        """It does not count: it was right, or nobody looked at it."""
        for attempts, who in self._counted:
            attempts.take_back(who)
        self._counted = ()

    def right(self, account: str) -> None:
        """It does not count: who tried is let in to the account with that key."""
        self.forgive()
        self._let_in(account)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, NotChecked | Unavailable):
            self.forgive()
        for attempts, who in self._under_way:
            attempts.end(who)
        self._under_way = ()
        self._ended()


class Throttle:
    """Counts wrong logins by address and by name, and registering by address. It does not know which accounts there
    are, and so cannot tell. An empty address, that of a Unix socket, is not counted: all of a proxy's people have it.
    Where somebody was let in to an account, it counts for itself: others who guess do not keep its owner out there.
    `now` gives seconds of any clock that does not jump."""

    def __init__(self, settings: AccountSettings, now: Callable[[], float]) -> None:
        kept, seconds = settings.attempts_kept, settings.attempt_seconds
        self.addresses = Attempts(settings.attempts_per_address, seconds, kept, now)
        self.names = Attempts(settings.attempts_per_account, seconds, kept, now)
        self.known = Attempts(settings.attempts_per_account, seconds, kept, now)
        """With a name at an address where somebody was let in to the account."""
        self.registering = Attempts(settings.registrations_per_address, settings.registration_seconds, kept, now)
        self._let_in: OrderedDict[str, None] = OrderedDict()
        """Addresses with names of accounts, of which `attempts_kept` are known as well."""
        self._kept = kept
        self._most_waiting = settings.hashes_waiting
        self._waiting = Waiting()

    async def login(self, address: str, key: str = "") -> Attempt:
        """Somebody at this address tries to log in, to the account with this key if it has a name. It counts at once,
        so that many at a time count as many; if they were too many, it waits for those that are under way, for they may
        be right. Raises `TooManyAttempts`; then nothing more is counted. Not to be cancelled."""
        site, name = network(address), key[:LONGEST_KEY]
        while True:
            place = _place(site, name)
            counted = (self.addresses, site), ((self.known, place) if place in self._let_in else (self.names, name))
            full = [(attempts, who) for attempts, who in counted if who and attempts.wait(who)]
            if not full:
                return self._attempt(address, name, *counted)
            if len(self._waiting) >= self._most_waiting or not all(attempts.pending(who) for attempts, who in full):
                raise _too_many(full)
            await self._waiting.wait()

    def let_in(self, address: str, key: str) -> None:
        """Somebody at this address was let in by that key of a name."""
        if address:
            place = _place(network(address), key[:LONGEST_KEY])
            self._let_in[place] = None
            self._let_in.move_to_end(place)
            if len(self._let_in) > self._kept:
                self._let_in.popitem(last=False)

    def registration(self, address: str) -> Attempt:
        """Somebody at this address registers. Raises `TooManyAttempts`."""
        site = network(address)
        if self.registering.wait(site):
            raise _too_many([(self.registering, site)])
        return self._attempt(address, "", (self.registering, site))

    def _attempt(self, address: str, name: str, *counted: tuple[Attempts, str]) -> Attempt:
        """`name` is what was counted; a site may know its people by others than their accounts have."""
        return Attempt(
            [(attempts, who) for attempts, who in counted if who],
            self._waiting.tell,
            lambda account: self.let_in(address, name or account),
        )


def _place(site: str, name: str) -> str:
    """A network has no spaces, so no two are the same."""
    return f"{site} {name}"


def _too_many(full: Counted) -> TooManyAttempts:
    return TooManyAttempts(math.ceil(max(attempts.wait(who) for attempts, who in full)))


def network(address: str) -> str:
    """What attempts are counted by: the IPv4 address, or the IPv6 network of 64 bits, which is commonly one site."""
    if not address:
        return ""
    ip = ip_address(address)
    return str(ip if ip.version == 4 else ip_network((ip, 64), strict=False))
