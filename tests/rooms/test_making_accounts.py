"""Making accounts, what their owners change, and forgetting them."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from chatproto.errors import AccountExists, BadName, NameTaken, NotOperator, Unavailable, WrongLogin
from chatproto.events import AccountGone, Stamp, Whispered
from chatproto.rooms import logins, moderation
from chatproto.rooms.logins import LoggedIn, NotLoggedIn, account_of
from chatproto.rooms.owned import NameReserved
from chatproto.rooms.user import Session
from chatproto.stores.markers import MemoryMarkers
from chatproto.testing import NOON
from tests.rooms.chat import FROM, connection, owner_of, user_of
from tests.rooms.test_logins import PASSWORD, AccountsTestCase


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
        self.assertTrue(self.done(self.service.rename(carl, "bob")))
        self.assertIs(carl.user, bob.user)

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
            (BadName, "a b"), (BadName, "server"), (NameTaken, "carl"), (AccountExists, "ADA"), (NameReserved, "аdа"),
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
        second = self.attach(carl)
        dan = self.enter("dan")
        for each in (bob, carl):
            owner_of(each).told.clear()
        self.done(logins.remove(self.service, bob, "ADA", PASSWORD))
        self.assertEqual((account_of(bob), account_of(carl)), ("", ""))
        for each in (bob, carl, second):
            self.told(each, AccountGone("Ada"))
            self.assertEqual((each.account, each.choices), ("", {}))
        self.told(dan)
        self.assertNotIn("ada", self.service.owned)
        self.done(self.service.rename(carl, "ada"))

    def test_of_who_had_it_before(self) -> None:
        """Who has an account of the same name next reads no private talk of the first, has read nothing yet, and takes
        back nothing that the first said."""
        self.service.markers = MemoryMarkers()
        old, kim = self.enter("bob", "#x"), self.enter("kim", "#x")
        room = self.join(kim, "#x")
        self.log_in(old)
        self.service.say(old, room, "mine")
        assert room.latest is not None
        message = room.latest.id
        self.service.markers.move("ada", "#x", NOON)
        for stream in ("ada kim", "ada zoe", "kim zoe", "#x"):
            self.history.append(stream, Whispered(user_of(old).who, "kim", "psst"), Stamp(1, 1, NOON))
        self.done(logins.remove(self.service, old, "ada", PASSWORD))
        self.service.quit(old, "")
        for stream, left in (("ada kim", 0), ("ada zoe", 0), ("kim zoe", 1), ("#x", 1)):
            whispered = [each for each, _ in self.done(self.history.read(stream, 9)) if isinstance(each, Whispered)]
            self.assertEqual(len(whispered), left, stream)
        self.assertIsNone(self.service.markers.find("ada", "#x"))
        self.clock.advance(60.0)
        new = self.local(self.enter("eve"))
        self.done(logins.register(self.service, new, "Ada", PASSWORD))
        self.join(new, "#x")
        self.assertEqual(account_of(new), "Ada")
        self.refused(NotOperator, moderation.redact(self.service, new, room, message, ""))
        self.now = NOON + 70.0
        self.service.say(new, room, "mine, too")
        self.done(moderation.redact(self.service, new, room, room.latest.id, ""))

    def test_choose(self) -> None:
        """What an owner chose is kept, and holds for all that are logged in to the account, in or not yet."""
        bob, carl, dan, coming = self.enter("bob"), self.enter("carl"), self.enter("dan"), connection()
        for session in (bob, carl, coming):
            self.log_in(session)
        self.done(logins.choose(self.service, bob, "color", "green"))
        for session in (bob, carl):
            self.assertEqual(user_of(session).choices, {"color": "green"})
        self.assertEqual(user_of(dan).choices, {})
        self.assertEqual(self.done(logins.own(self.service, carl)).settings, {"color": "green"})
        self.assertEqual(self.done(self.service.enter(coming, "eve", *FROM)).choices, {"color": "green"})
        self.done(logins.choose(self.service, carl, "color", ""))
        self.assertEqual([user_of(session).choices for session in (bob, carl, coming)], [{}] * 3)
        self.refused(NotLoggedIn, logins.choose(self.service, dan, "color", "green"))

    def test_choices(self) -> None:
        """What was chosen before holds for who logs in, before or after they come in, and not for who logs out."""
        self.done(self.accounts.choose("ada", "color", "green"))
        bob, session = self.enter("bob"), connection()
        self.log_in(bob)
        self.log_in(session)
        for user in (user_of(bob), self.done(self.service.enter(session, "carl", *FROM))):
            self.assertEqual(user.choices, {"color": "green"})
        for each in (bob, session):
            logins.log_out(self.service, each)
            self.assertEqual(user_of(each).choices, {})

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
