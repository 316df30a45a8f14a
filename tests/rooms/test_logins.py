"""Being logged in: what it does to people, and what it lets them do."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatproto.errors import AccountExists, BadName, NameTaken, NoAccounts, Unavailable, WrongLogin
from chatproto.events import AccountChanged
from chatproto.interfaces import Peer
from chatproto.rooms import logins
from chatproto.rooms.logins import LoggedIn, NotLoggedIn, account_of
from chatproto.rooms.owned import NameReserved
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.stores.memory_accounts import MemoryAccounts
from chatproto.testing import NOON
from tests.accounts.quick import CHEAP, at_once, quick
from tests.rooms.chat import FROM, ChatTestCase, connection, link_of, user_of

PASSWORD = "correct horse"


class AccountsTestCase(ChatTestCase):
    """A chat where ada has an account."""

    def setUp(self) -> None:
        """Make it, and let the chat know."""
        super().setUp()
        self.build()

    def build(self, defer: Any = at_once) -> None:
        """Once more, with passwords hashed elsewhere."""
        clock = Clock()
        clock.advance(NOON)
        store = MemoryAccounts()
        self.done(quick(clock, CHEAP, store).make("ada", "Ada", PASSWORD))
        self.accounts = quick(clock, CHEAP, store, defer)
        self.service = RoomService(self.backplane, self.history, self.limits, lambda: self.now, accounts=self.accounts)
        self.lobby = self.service.room(self.limits.default_room)
        self.done(logins.load(self.service))

    def local(self, session: Session) -> Session:
        """The same, from this machine, where passwords may be given."""
        link_of(session).peer = Peer("127.0.0.1", secure=False)
        return session

    def log_in(self, session: Session, name: str = "ada") -> bool:
        """By the right password."""
        return self.done(logins.log_in(self.service, self.local(session), name, PASSWORD))


class LoggingIn(AccountsTestCase):
    """In and out."""

    def test_in_a_room(self) -> None:
        """Who shares a room with somebody sees it, and so does what is said from then on; again is not told."""
        bob, carl = self.enter("bob", "#x"), self.enter("carl", "#x")
        self.join(carl, "#x")
        version = user_of(bob).rooms["#x"].version
        self.assertTrue(self.log_in(bob))
        who = user_of(bob).who
        self.assertEqual((who.account, account_of(bob)), ("Ada", "Ada"))
        self.assertGreater(user_of(bob).rooms["#x"].version, version)
        self.sees(carl, AccountChanged(who))
        self.told(bob, AccountChanged(who))
        self.assertTrue(self.log_in(bob))
        self.sees(carl)

    def test_out(self) -> None:
        """Who logs out is told of in the same way, and keeps the name."""
        bob, carl = self.enter("bob", "#x"), self.enter("carl", "#x")
        self.join(carl, "#x")
        self.log_in(bob)
        self.done(self.service.rename(bob, "ada"))
        link_of(carl).written.clear()
        logins.log_out(self.service, bob)
        self.sees(carl, AccountChanged(user_of(bob).who))
        self.assertEqual((account_of(bob), user_of(bob).name.key), ("", "ada"))
        self.assertRaises(NotLoggedIn, logins.log_out, self.service, bob)

    def test_wrong(self) -> None:
        """A wrong password changes nothing."""
        bob = self.local(self.enter("bob"))
        self.refused(WrongLogin, logins.log_in(self.service, bob, "ada", "wrong"))
        self.assertEqual(account_of(bob), "")

    def test_before_a_name(self) -> None:
        """Who has no name yet takes it along."""
        session = connection()
        self.log_in(session)
        self.assertEqual(account_of(session), "Ada")
        self.assertEqual(self.done(self.service.enter(session, "ada", *FROM)).who.account, "Ada")
        logins.log_out(self.service, session)
        self.assertEqual(account_of(session), "")

    def test_out_before_a_name(self) -> None:
        """And may log out before that."""
        session = connection()
        self.log_in(session)
        logins.log_out(self.service, session)
        self.assertEqual(self.done(self.service.enter(session, "bob", *FROM)).who.account, "")

    def test_removed_before_a_name(self) -> None:
        """What is no account any more one does not come in with."""
        session = connection()
        self.log_in(session)
        logins.forget(self.service, "ada")
        self.assertEqual(self.done(self.service.enter(session, "bob", *FROM)).who.account, "")

    def test_gone_meanwhile(self) -> None:
        """Who has gone while the password was looked at is not logged in."""
        waiting: list[Deferred[Any]] = []

        def later(work: Any, *arguments: Any) -> Deferred[Any]:
            waiting.append(Deferred().addCallback(lambda _: work(*arguments)))
            return waiting[-1]

        self.build(later)
        bob = self.local(self.enter("bob"))
        answer = Deferred.fromCoroutine(logins.log_in(self.service, bob, "ada", PASSWORD))
        self.service.quit(bob, "")
        waiting[0].callback(None)
        self.assertFalse(self.successResultOf(answer))
        self.assertEqual(bob.account, "")

    def test_no_accounts(self) -> None:
        """Where there are none nothing of it can be done."""
        super().setUp()
        service = RoomService(self.backplane, self.history, self.limits)
        bob = connection()
        self.refused(NoAccounts, logins.log_in(service, bob, "ada", PASSWORD))
        self.refused(NoAccounts, logins.register(service, bob, "bob", PASSWORD))
        self.refused(NoAccounts, logins.load(service))
        self.assertRaises(NotLoggedIn, logins.log_out, service, bob)


class Names(AccountsTestCase):
    """Names of accounts."""

    def test_entering(self) -> None:
        """Nobody comes in under an account's name, or one like it, but its owner; no part of it is held then."""
        for name in ("ada", "ADA", "аdа"):
            self.refused(NameReserved, self.service.enter(connection(), name, *FROM))
        session = connection()
        self.log_in(session)
        self.done(self.service.enter(session, "ADA", *FROM))

    def test_renaming(self) -> None:
        """Nor does anybody take it later."""
        bob = self.enter("bob")
        self.refused(NameReserved, self.service.rename(bob, "ada"))
        self.assertEqual(user_of(bob).name.shown, "bob")
        self.log_in(bob)
        self.done(self.service.rename(bob, "ada"))
        self.assertEqual(user_of(bob).name.shown, "ada")

    def test_not_loaded(self) -> None:
        """Before it is known which names are whose nobody comes in."""
        service = RoomService(self.backplane, self.history, self.limits, accounts=self.accounts)
        self.refused(Unavailable, service.enter(connection(), "bob", *FROM))
        self.done(logins.load(service))
        self.done(service.enter(connection(), "bob", *FROM))


class Registering(AccountsTestCase):
    """Making accounts, and forgetting them."""

    def register(self, session: Session, name: str) -> Any:
        """With a good password."""
        return logins.register(self.service, self.local(session), name, PASSWORD)

    def test_own_name(self) -> None:
        """One's own name becomes an account, and stays held."""
        bob, carl = self.enter("bob"), self.enter("carl")
        self.assertTrue(self.done(self.register(bob, "bob")))
        self.assertEqual(account_of(bob), "bob")
        self.assertIn("bob", self.service.owned)
        self.refused(NameReserved, self.service.rename(carl, "bob"))
        self.log_in(carl, "bob")
        self.refused(NameTaken, self.service.rename(carl, "bob"))

    def test_another_name(self) -> None:
        """A name that nobody has can be registered too, and is free for its owner then."""
        bob = self.enter("bob")
        self.done(self.register(bob, "Dan"))
        self.done(self.service.rename(bob, "dan"))

    def test_refused(self) -> None:
        """What is no name, somebody else's, or like an account's, is refused; so is who is logged in. Nothing of the
        name is held then."""
        bob = self.enter("bob")
        carl = self.enter("carl")
        for kind, name in (
            (BadName, "a b"), (BadName, "root"), (NameTaken, "carl"), (AccountExists, "ADA"), (NameReserved, "аdа"),
        ):  # fmt: skip
            error = self.refused(kind, self.register(bob, name))
            self.assertIs(type(error), kind)
        self.service.quit(carl, "")
        self.done(self.service.rename(bob, "carl"))
        self.done(self.register(bob, "eve"))
        self.assertEqual(str(self.refused(LoggedIn, self.register(bob, "carl"))),
                         "You are logged in as eve already. Log out first.")  # fmt: skip

    def test_meanwhile(self) -> None:
        """While it is registered nobody comes in under that name, or registers it; after it failed they may."""
        waiting: list[Deferred[Any]] = []

        def later(work: Any, *arguments: Any) -> Deferred[Any]:
            waiting.append(Deferred().addCallback(lambda _: work(*arguments)))
            return waiting[-1]

        self.build(later)
        bob, carl = self.enter("bob"), self.enter("carl")
        answer = Deferred.fromCoroutine(self.register(bob, "dan"))
        self.refused(NameTaken, self.service.rename(carl, "dan"))
        self.refused(NameTaken, self.register(carl, "dan"))
        waiting[0].errback(Unavailable())
        self.failureResultOf(answer, Unavailable)
        self.done(self.service.rename(carl, "dan"))

    def test_remove(self) -> None:
        """An account is removed by its password; all who are logged in to it are not any more."""
        bob, carl = self.enter("bob", "#x"), self.enter("carl", "#x")
        self.log_in(bob)
        self.log_in(carl)
        self.refused(WrongLogin, logins.remove(self.service, bob, "ada", "wrong"))
        self.done(logins.remove(self.service, bob, "ADA", PASSWORD))
        self.assertEqual((account_of(bob), account_of(carl)), ("", ""))
        self.assertNotIn("ada", self.service.owned)
        self.done(self.service.rename(carl, "ada"))

    def test_own_account(self) -> None:
        """One's account is what is kept of it; who has none is told so, also if it was removed elsewhere."""
        bob = self.enter("bob")
        self.refused(NotLoggedIn, logins.own(self.service, bob))
        self.log_in(bob)
        self.assertEqual(self.done(logins.own(self.service, bob)).name, "Ada")
        self.done(self.accounts.remove("ada"))
        self.refused(NotLoggedIn, logins.own(self.service, bob))

    def test_password(self) -> None:
        """Another password takes the place of the old one."""
        bob = self.local(self.enter("bob"))
        self.refused(NotLoggedIn, logins.change_password(self.service, bob, PASSWORD, "other horse"))
        self.log_in(bob)
        self.done(logins.change_password(self.service, bob, PASSWORD, "other horse"))
        self.refused(WrongLogin, logins.log_in(self.service, bob, "ada", PASSWORD))
