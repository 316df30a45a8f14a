"""What `IAccountStore` promises."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.account import Account
from chatproto.errors import Unavailable
from chatproto.interfaces import IAccountStore
from chatproto.stores.accounts import SqlAccounts
from chatproto.stores.memory_accounts import MemoryAccounts
from chatproto.stores.schema import markers, streams
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object

T = TypeVar("T")
FIRST, SECOND, THIRD = ("11" * 32, "22" * 32, "33" * 32)
ADA = Account(
    "Ada",
    "ada",
    1_800_000_000.25,
    1_800_000_001.5,
    "$argon2id$v=19$m=8,t=1,p=1$AAAA$BBBB",
    "SCRAM-SHA-256$4096:AAAA$BBBB:CCCC",
    "spam, 'and' more",
    (FIRST, SECOND),
    {"color": "grün 🐴", "always-on": "yes"},
)
BOB = Account("Bob", "bob")
AERGER = Account("Ärger", "ärger")


class AccountStoreContract(_Case):
    """Mix this into a SynchronousTestCase that sets `kind` and makes stores."""

    kind: type[Any]

    def make(self) -> IAccountStore:
        """An empty store."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with an empty store."""
        self.loop = Loop()
        self.store = self.make()

    def result(self, awaited: Awaitable[T]) -> T:
        """What comes of it."""
        result: T = self.loop.result(awaited)
        return result

    def add(self, *accounts: Account) -> None:
        """Keep these."""
        for account in accounts:
            self.assertIs(self.result(self.store.add(account)), True)

    def change(self, key: str, was: dict[str, Any] | None = None, **fields: Any) -> Account | None:
        """Change one."""
        return self.result(self.store.change(key, was, **fields))

    def assert_kept(self, *accounts: Account) -> None:
        """These are there, and no others."""
        for account in accounts:
            self.assertEqual(self.result(self.store.find(account.key)), account)
        self.assertEqual(self.result(self.store.names()), [(account.key, account.name) for account in accounts])

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IAccountStore, self.kind)
        verifyObject(IAccountStore, self.store)

    def test_empty(self) -> None:
        """Nobody is there."""
        self.assert_kept()
        self.assertIsNone(self.result(self.store.find("ada")))
        self.assertIsNone(self.result(self.store.by_certificate(FIRST)))
        self.assertIsNone(self.change("ada", seen=1.0))
        self.assertIs(self.result(self.store.remove("ada")), False)

    def test_add(self) -> None:
        """All that is known of an account is kept; names come in the order of their keys."""
        self.add(BOB, AERGER, ADA)
        self.assert_kept(ADA, BOB, AERGER)

    def test_key_taken(self) -> None:
        """A second account with the same key is not kept, and the first stays as it is."""
        self.add(ADA)
        self.assertIs(self.result(self.store.add(Account("ADA", "ada", certificates=(THIRD,)))), False)
        self.assert_kept(ADA)
        self.assertIsNone(self.result(self.store.by_certificate(THIRD)))

    def test_certificate_taken(self) -> None:
        """Nor is one with a certificate that is another's."""
        self.add(ADA)
        self.assertIs(self.result(self.store.add(replace(BOB, certificates=(THIRD, SECOND)))), False)
        self.assert_kept(ADA)
        self.assertIsNone(self.result(self.store.by_certificate(THIRD)))

    def test_by_certificate(self) -> None:
        """An account is found by each of its certificates."""
        self.add(ADA, replace(BOB, certificates=(THIRD,)))
        for fingerprint, key in ((FIRST, "ada"), (SECOND, "ada"), (THIRD, "bob")):
            found = self.result(self.store.by_certificate(fingerprint))
            assert found is not None
            self.assertEqual(found.key, key)
        self.assertEqual(self.result(self.store.by_certificate(FIRST)), ADA)

    def test_change(self) -> None:
        """The fields that are given change, the others and other accounts do not."""
        self.add(ADA, BOB)
        changes: dict[str, Any] = {
            "name": "ADA",
            "created": 1.5,
            "seen": 2.5,
            "password": "another",
            "scram": "",
            "suspended": "",
            "certificates": (SECOND, THIRD),
            "settings": {"color": "blue"},
        }
        account = ADA
        for field, value in changes.items():
            account = replace(account, **{field: value})
            self.assertEqual(self.change("ada", **{field: value}), account)
            self.assert_kept(account, BOB)
        self.assertEqual(
            self.change("bob", **{**changes, "certificates": ()}), Account(**{**changes, "certificates": ()}, key="bob")
        )
        self.assertEqual(self.change("ada"), account)

    def test_change_certificates(self) -> None:
        """Those that are taken off find nobody any more; one that is another's changes nothing at all."""
        self.add(ADA, BOB)
        self.assertIsNone(self.change("bob", certificates=(FIRST, THIRD), name="BOB"))
        self.assert_kept(ADA, BOB)
        self.assertIsNone(self.result(self.store.by_certificate(THIRD)))
        self.change("ada", certificates=(SECOND,))
        self.assertIsNone(self.result(self.store.by_certificate(FIRST)))
        changed = self.change("bob", certificates=(FIRST, THIRD))
        self.assertEqual(changed, replace(BOB, certificates=(FIRST, THIRD)))
        self.assertEqual(self.result(self.store.by_certificate(FIRST)), changed)

    def test_change_what_was(self) -> None:
        """A change that is for another state of the account changes nothing."""
        self.add(ADA)
        wrong: tuple[dict[str, Any], ...] = (
            {"password": "x"},
            {"certificates": (FIRST,)},
            {"settings": {}},
            {"password": ADA.password, "seen": 0.0},
        )
        for was in wrong:
            self.assertIsNone(self.change("ada", was, name="ADA"))
        self.assert_kept(ADA)
        was = {"password": ADA.password, "certificates": ADA.certificates, "settings": ADA.settings, "seen": ADA.seen}
        self.assertEqual(self.change("ada", was, name="ADA"), replace(ADA, name="ADA"))

    def test_remove(self) -> None:
        """What is removed is gone, with its certificates; key and certificates are free."""
        self.add(ADA, BOB)
        self.assertIs(self.result(self.store.remove("ada")), True)
        self.assert_kept(BOB)
        self.assertIsNone(self.result(self.store.by_certificate(FIRST)))
        self.assertIs(self.result(self.store.remove("ada")), False)
        self.add(ADA)
        self.assert_kept(ADA, BOB)

    def test_suspended(self) -> None:
        """Those that are suspended, by key, at most so many."""
        self.add(replace(BOB, suspended="spam"), ADA, AERGER, Account("Eve", "eve", suspended="x"))
        for count, keys in ((4, ["ada", "bob", "eve"]), (3, ["ada", "bob", "eve"]), (2, ["ada", "bob"]), (0, [])):
            self.assertEqual([each.key for each in self.result(self.store.suspended(count))], keys)
        self.assertEqual(list(self.result(self.store.suspended(1))), [ADA])

    def test_any_reason(self) -> None:
        """Operators may give any text for the reason why somebody is suspended."""
        self.add(ADA)
        for reason in ("\0", "a\0b", "\ud800", "ж 🐴", "'; --"):
            changed = self.change("ada", suspended=reason)
            assert changed is not None
            self.assertNotEqual(changed.suspended, "")
            self.assertEqual(self.result(self.store.find("ada")), changed)

    def test_any_key(self) -> None:
        """Anybody may ask for any text: nobody has it."""
        for key in ("", "\0", "a\0", "\ud800", "x" * 100_000, "%", "'; --"):
            self.assertIsNone(self.result(self.store.find(key)))
            self.assertIsNone(self.change(key, seen=1.0))
            self.assertIs(self.result(self.store.remove(key)), False)
            self.assertIsNone(self.result(self.store.by_certificate(key)))


class MemoryAccountsTests(AccountStoreContract, SynchronousTestCase):
    """In memory."""

    kind = MemoryAccounts

    def make(self) -> MemoryAccounts:
        """A new one."""
        return MemoryAccounts()


class SqlAccountsContract(AccountStoreContract):
    """In a database."""

    kind = SqlAccounts

    def url(self) -> str:
        """Which."""
        raise NotImplementedError

    def make(self) -> SqlAccounts:
        """An empty database."""
        self.database = opened(self, self.url(), self.loop)
        return SqlAccounts(self.database)

    def test_lasting(self) -> None:
        """What was kept is there when it is opened again."""
        self.add(ADA)
        self.loop.result(self.database.close())
        url = self.database.url.render_as_string(hide_password=False)
        again = type(self.database)(url, self.loop)
        again.open()
        self.addCleanup(lambda: self.loop.result(again.close()))
        self.store = SqlAccounts(again)
        self.assert_kept(ADA)

    def test_remove_all(self) -> None:
        """With an account its markers and its private talk are gone, before the answer is there: nobody who takes the
        name then has them, also if the server is killed at once."""
        self.add(ADA, BOB)
        marks = [{"reader": reader, "buffer": "#x", "time": 1.0} for reader in ("ada", "bob")]
        talks = [{"key": key} for key in ("ada bob", "ada eve", "bob eve", "#ada", "ada")]
        self.loop.result(self.database.write(lambda connection: connection.execute(markers.insert(), marks)))
        self.loop.result(self.database.write(lambda connection: connection.execute(streams.insert(), talks)))
        self.assertIs(self.result(self.store.remove("ada")), True)
        readers = self.database.at_once(lambda connection: connection.scalars(select(markers.c.reader)).all())
        keys = self.database.at_once(lambda connection: connection.scalars(select(streams.c.key)).all())
        self.assertEqual((readers, {*keys}), (["bob"], {None, "bob eve", "#ada", "ada"}))

    def test_failing(self) -> None:
        """A store that fails is unavailable, whatever one asks."""
        self.loop.result(self.database.close())
        store = self.store
        asked: tuple[Awaitable[Any], ...] = (
            store.add(BOB),
            store.find("bob"),
            store.by_certificate(FIRST),
            store.change("bob", seen=1.0),
            store.remove("bob"),
            store.names(),
        )
        for each in asked:
            self.assertRaises(Unavailable, self.result, each)


class SqliteAccountsTests(SqlAccountsContract, SynchronousTestCase):
    """SQLite."""

    def url(self) -> str:
        """A new file."""
        return sqlite(self)


class PostgresqlAccountsTests(SqlAccountsContract, SynchronousTestCase):
    """PostgreSQL."""

    def url(self) -> str:
        """The cluster for tests."""
        return postgresql()
