"""Being logged in: what it does to people, and what it lets them do."""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.errors import NoAccounts, Unavailable, WrongLogin
from chatproto.events import AccountChanged, AccountGone
from chatproto.interfaces import Peer
from chatproto.rooms import logins
from chatproto.rooms.logins import NotLoggedIn, account_of
from chatproto.rooms.owned import NameReserved
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.stores.memory_accounts import MemoryAccounts
from chatproto.testing import NOON
from tests.accounts.quick import CHEAP, at_once, quick
from tests.rooms.chat import FROM, ChatTestCase, SlowBackplane, connection, link_of, user_of

PASSWORD = "correct horse"


class AccountsTestCase(ChatTestCase):
    """A chat where ada has an account."""

    def setUp(self) -> None:
        """Make it, and let the chat know."""
        super().setUp()
        self.build()

    def build(self, defer: Any = at_once) -> None:
        """Once more, with passwords hashed elsewhere."""
        self.clock = clock = Clock()
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
        self.told(session, AccountGone("Ada"))
        self.assertEqual(account_of(session), "")
        self.assertEqual(self.done(self.service.enter(session, "bob", *FROM)).who.account, "")

    def test_somebody_elses_before_a_name(self) -> None:
        """Nor as the owner of an account that somebody else made since, of the same name."""
        session, other = connection(), connection()
        self.log_in(session)
        self.done(logins.remove(self.service, session, "ada", PASSWORD))
        self.done(self.service.enter(other, "ada", *FROM))
        self.done(logins.register(self.service, self.local(other), "ada", PASSWORD))
        self.assertEqual(self.done(self.service.enter(session, "bob", *FROM)).who.account, "")
        self.refused(NameReserved, self.service.rename(session, "ada"))

    def test_nobody_is_left_behind(self) -> None:
        """Who has come in, or has gone, is not among those who may come in as somebody."""
        first, second, third = connection(), connection(), connection()
        for session in (first, second, third):
            self.log_in(session)
        self.assertEqual(self.service.nameless, {first, second, third})
        for session in (first, second):
            self.done(self.service.enter(session, "ada", *FROM))
        self.service.quit(third, "")
        self.assertEqual(self.service.nameless, set())

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

    def test_made_meanwhile(self) -> None:
        """While another node is asked for a name somebody makes it an account's: nobody else gets it then, and no part
        of it is held. The one who logs in meanwhile does."""
        self.backplane = cast("Alone", SlowBackplane())
        slow = cast("SlowBackplane", self.backplane)
        self.build()
        bob = connection()
        coming = Deferred.fromCoroutine(self.service.enter(bob, "bob", *FROM))
        slow.answer()
        self.successResultOf(coming)
        eve, owner = connection(), connection()
        answers: list[Deferred[Any]] = [
            Deferred.fromCoroutine(self.service.enter(eve, "eve", *FROM)),
            Deferred.fromCoroutine(self.service.rename(bob, "dan")),
            Deferred.fromCoroutine(self.service.enter(owner, "fay", *FROM)),
        ]
        for name in ("eve", "dan", "fay"):
            self.service.owned.add(name, name)
        logins.admit(self.service, owner, Account("fay", "fay"))
        slow.answer()
        for answer in answers[:2]:
            self.failureResultOf(answer, NameReserved)
        self.assertEqual(slow.held & {"eve", "dan"}, set())
        self.assertEqual(self.successResultOf(answers[2]).who.account, "fay")

    def test_not_loaded(self) -> None:
        """Before it is known which names are whose nobody comes in."""
        service = RoomService(self.backplane, self.history, self.limits, accounts=self.accounts)
        self.refused(Unavailable, service.enter(connection(), "bob", *FROM))
        self.done(logins.load(service))
        self.done(service.enter(connection(), "bob", *FROM))
