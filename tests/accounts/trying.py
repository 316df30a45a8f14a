"""A test case with accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from scramp import ScramClient
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import SCRAM, Account
from chatproto.accounts.settings import AccountSettings
from chatproto.interfaces import IAccountStore, IExchange, Peer
from chatproto.stores.memory_accounts import MemoryAccounts
from tests.accounts.quick import CHEAP, CLEARTEXT, TLS, quick

T = TypeVar("T")
NOON = 1_800_000_000.0
LOVELACE = "lovelace1815"


async def _awaited(asked: Awaitable[T]) -> T:
    return await asked


class AccountsCase(SynchronousTestCase):
    """Somebody called Ada has an account."""

    settings: AccountSettings = CHEAP

    def setUp(self) -> None:
        """Ada registers."""
        self.clock = Clock()
        self.clock.rightNow = NOON
        self.store = self.make_store()
        self.accounts = quick(self.clock, self.settings, self.store)
        self.ada = self.result(self.accounts.register("ada", "Ada", LOVELACE, Peer("192.0.2.99", True)))

    def make_store(self) -> IAccountStore:
        """Where accounts are kept."""
        return MemoryAccounts()

    def asked(self, asked: Awaitable[T]) -> Deferred[T]:
        """What will come of it."""
        return Deferred.fromCoroutine(asked if isinstance(asked, Coroutine) else _awaited(asked))

    def result(self, asked: Awaitable[T]) -> T:
        """What has come of it already."""
        return self.successResultOf(self.asked(asked))

    def error(self, asked: Awaitable[Any], kind: type[Exception]) -> Any:
        """What was raised."""
        return self.failureResultOf(self.asked(asked), kind).value

    def by_scram(self, name: str, password: str, peer: Peer = CLEARTEXT) -> Account:
        """Log in as a client does that has the library."""
        client = ScramClient([SCRAM], name, password)
        exchange: IExchange = self.accounts.begin(SCRAM, peer, "")
        first = self.result(exchange.respond(client.get_client_first().encode()))
        assert isinstance(first, bytes)
        client.set_server_first(first.decode())
        final = self.successResultOf(self.asked(exchange.respond(client.get_client_final().encode())))
        assert isinstance(final, bytes)
        client.set_server_final(final.decode())
        account = self.result(exchange.respond(b""))
        assert isinstance(account, Account)
        return account

    def by_password(self, name: str = "Ada", password: str = LOVELACE, peer: Peer = TLS) -> Account:
        """Log in by name and password."""
        return self.result(self.accounts.log_in(name, password, peer))

    def refused(self, name: str, password: str, kind: type[Exception], peer: Peer = TLS) -> Any:
        """Why one is not let in."""
        return self.error(self.accounts.log_in(name, password, peer), kind)
