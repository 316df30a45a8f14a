"""Accounts that cost nothing: in memory, hashed here and now, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from chatproto.accounts.hashing import Hashing
from chatproto.accounts.login import Logins
from chatproto.accounts.settings import AccountSettings
from chatproto.accounts.source import Accounts
from chatproto.accounts.throttle import Throttle
from chatproto.interfaces import IAccountStore, Peer
from chatproto.rooms.names import key_of
from chatproto.stores.memory_accounts import MemoryAccounts

CHEAP = AccountSettings(hash_passes=1, hash_memory=8, hash_lanes=1, scram_iterations=4096)
"""The least that hashing can cost."""

TLS = Peer("192.0.2.1", True)
CLEARTEXT = Peer("192.0.2.1", False)
LOCAL = Peer("127.0.0.1", False)
FINGERPRINT = "ab" * 32


def at_once(work: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
    """A `defer` that does it here and now."""
    return succeed(work(*arguments))


def quick(
    clock: Clock, settings: AccountSettings = CHEAP, store: IAccountStore | None = None, defer: Any = at_once
) -> Accounts:
    """Accounts that never wait, but for `store` and `defer`."""
    throttle = Throttle(settings, clock.seconds)
    kept = MemoryAccounts() if store is None else store
    return Accounts(Logins(kept, Hashing(settings, defer, b"secret"), throttle, key_of, clock.seconds))
