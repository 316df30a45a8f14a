"""What operators of the server do with the accounts of others."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from chatproto.errors import AccountExists, BadName, BadPassword, NoSuchAccount, NotServerOperator, WrongLogin
from chatproto.events import AccountChanged, Warned
from chatproto.modes import UserMode
from chatproto.rooms import account_operators, logins
from chatproto.rooms.account_operators import LISTED, SUSPENDED
from chatproto.rooms.limits import ALWAYS_ON, ON
from chatproto.rooms.masks import LONGEST_MASK, BadMask
from chatproto.rooms.owned import NameReserved
from chatproto.rooms.user import Session
from tests.rooms.chat import FROM, connection, link_of, owner_of, user_of
from tests.rooms.test_logins import PASSWORD, AccountsTestCase

OTHER = "battery staple"


class OperatorTestCase(AccountsTestCase):
    """root is an operator of the server, and bob is not."""

    def setUp(self) -> None:
        """Both are here."""
        super().setUp()
        self.root, self.bob = self.enter("root2"), self.enter("bob")
        self.service.people.become(user_of(self.root), frozenset({UserMode.OPERATOR}))

    def logged(self, *sentences: str) -> None:
        """Operators were told this, each sentence once."""
        self.told(self.root, *(Warned(sentence) for sentence in sentences))


class RightsTests(OperatorTestCase):
    """Who may."""

    def ways(self, session: Session) -> list[Coroutine[Any, Any, Any]]:
        """All that there are."""
        chat = self.service
        return [
            account_operators.found(chat, session, "ada"),
            account_operators.matching(chat, session, "*"),
            account_operators.suspended(chat, session),
            account_operators.make(chat, session, "eve", PASSWORD),
            account_operators.reset_password(chat, session, "ada", OTHER),
            account_operators.suspend(chat, session, "ada", "spam"),
            account_operators.resume(chat, session, "ada"),
            account_operators.remove(chat, session, "ada"),
        ]

    def test_others(self) -> None:
        """All others are refused, and nothing is changed."""
        before = self.done(self.accounts.find("ada"))
        for way in self.ways(self.bob):
            self.refused(NotServerOperator, way)
        self.assertEqual(self.done(self.accounts.find("ada")), before)
        self.assertIsNone(self.done(self.accounts.find("eve")))
        self.logged()

    def test_nobody(self) -> None:
        """Of an account that is not there nothing is done or told."""
        chat = self.service
        for way in (
            account_operators.found(chat, self.root, "eve"),
            account_operators.reset_password(chat, self.root, "eve", OTHER),
            account_operators.suspend(chat, self.root, "eve", "spam"),
            account_operators.resume(chat, self.root, "eve"),
            account_operators.remove(chat, self.root, "eve"),
        ):
            self.assertEqual(str(self.refused(NoSuchAccount, way)), "There is no account eve.")
        self.logged()


class ChangeTests(OperatorTestCase):
    """What is done."""

    def test_suspend(self) -> None:
        """Who is logged in is cut off by each connection, nobody logs in any more, and the name stays theirs."""
        self.log_in(self.bob)
        second = self.attach(self.bob)
        carl = self.enter("carl")
        account = self.done(account_operators.suspend(self.service, self.root, "ADA", "spam."))
        self.assertEqual((account.name, account.suspended), ("Ada", "spam."))
        who = user_of(self.root).who
        self.assertEqual([owner_of(each).cuts for each in (self.bob, second, carl)], [[(who, SUSPENDED)]] * 2 + [[]])
        self.refused(WrongLogin, logins.log_in(self.service, self.local(carl), "ada", PASSWORD))
        self.refused(NameReserved, self.service.rename(carl, "ada"))
        self.assertIn(Warned("root2 suspended the account Ada: spam."), owner_of(self.root).told)

    def test_suspend_before_a_name(self) -> None:
        """So is who is logged in and has not come in yet."""
        session = connection()
        self.log_in(session)
        self.done(account_operators.suspend(self.service, self.root, "ada", "spam"))
        self.assertEqual(owner_of(session).cuts, [(user_of(self.root).who, SUSPENDED)])

    def test_suspend_who_is_always_on(self) -> None:
        """Who stays without a connection does so no more."""
        self.done(self.accounts.choose("ada", ALWAYS_ON, ON))
        session = connection()
        self.log_in(session)
        self.done(self.service.enter(session, "ada", *FROM))
        self.service.quit(session, "")
        self.assertIsNotNone(self.service.people.get("ada"))
        self.done(account_operators.suspend(self.service, self.root, "ada", "spam"))
        self.assertIsNone(self.service.people.get("ada"))

    def test_suspend_who_is_here(self) -> None:
        """Who stays and is connected is gone with the connections, and nobody sees them away first."""
        self.done(self.accounts.choose("ada", ALWAYS_ON, ON))
        session, other = connection(), connection()
        self.log_in(session)
        for each, name in ((session, "ada"), (other, "other")):
            self.done(self.service.enter(each, name, *FROM))
            self.service.join(each, "#x")
        owner_of(session).cut = lambda who, reason: self.service.quit(session, reason)  # type: ignore[method-assign]
        link_of(other).lines()
        self.done(account_operators.suspend(self.service, self.root, "ada", "spam"))
        self.assertIsNone(self.service.people.get("ada"))
        self.assertEqual([line.partition("(")[0] for line in link_of(other).lines()], ["Quit"])

    def test_resume(self) -> None:
        """They are let in again."""
        self.done(account_operators.suspend(self.service, self.root, "ada", "spam"))
        self.done(account_operators.resume(self.service, self.root, "Ada"))
        self.assertTrue(self.log_in(self.bob))
        self.logged("root2 suspended the account Ada: spam.", "root2 lets the owner of the account Ada log in again.")

    def test_gone_meanwhile(self) -> None:
        """An operator who has left when it is done has done it all the same."""
        self.log_in(self.bob)
        started = account_operators.suspend(self.service, self.root, "ada", "spam")
        who = user_of(self.root).who
        find = self.accounts.find

        async def leaving(key: str) -> Any:
            self.service.quit(self.root, "")
            return await find(key)

        self.patch(self.accounts, "find", leaving)
        self.done(started)
        self.assertEqual(owner_of(self.bob).cuts, [(who, SUSPENDED)])

    def test_password(self) -> None:
        """The new one is right then, and the old one wrong; who is logged in is cut off, but for the operator."""
        self.log_in(self.bob)
        nameless = self.local(connection())
        for session in (nameless, self.root):
            self.log_in(session)
        second = self.attach(self.bob)
        self.done(account_operators.reset_password(self.service, self.root, "ada", OTHER))
        for session, times in ((self.bob, 1), (second, 1), (nameless, 1), (self.root, 0)):
            self.assertEqual(owner_of(session).cuts, [(user_of(self.root).who, logins.PASSWORD_CHANGED)] * times)
        carl = self.local(self.enter("carl"))
        self.refused(WrongLogin, logins.log_in(self.service, carl, "ada", PASSWORD))
        self.assertTrue(self.done(logins.log_in(self.service, carl, "ada", OTHER)))
        self.refused(BadPassword, account_operators.reset_password(self.service, self.root, "ada", "short"))

    def test_remove(self) -> None:
        """The name is free, and who was logged in is not any more."""
        self.log_in(self.bob)
        owner_of(self.root).told.clear()
        self.done(account_operators.remove(self.service, self.root, "ada"))
        self.assertIsNone(self.done(self.accounts.find("ada")))
        self.assertEqual(user_of(self.bob).who.account, "")
        self.done(self.service.rename(self.enter("carl"), "ada"))
        self.assertEqual([each for each in owner_of(self.root).told if not isinstance(each, AccountChanged)],
                         [Warned("root2 removed the account Ada.")])  # fmt: skip

    def test_make(self) -> None:
        """An account is made for somebody; its name is theirs at once."""
        account = self.done(account_operators.make(self.service, self.root, "Eve", OTHER))
        self.assertEqual((account.key, account.name), ("eve", "Eve"))
        self.refused(NameReserved, self.service.rename(self.bob, "eve"))
        self.assertTrue(self.done(logins.log_in(self.service, self.local(self.bob), "eve", OTHER)))
        self.assertIn(Warned("root2 made the account Eve."), owner_of(self.root).told)

    def test_not_made(self) -> None:
        """One that is there, or looks like one, or that nobody can have; and a password that none can have."""
        for name, password, kind in (
            ("ADA", OTHER, AccountExists), ("АDA", OTHER, NameReserved), ("1st", OTHER, BadName),
            ("eve", "short", BadPassword),
        ):  # fmt: skip
            self.refused(kind, account_operators.make(self.service, self.root, name, password))
        self.logged()


class ListTests(OperatorTestCase):
    """What is listed."""

    def make(self, *names: str) -> None:
        """Make accounts."""
        for name in names:
            self.done(self.accounts.make(name.lower(), name, PASSWORD))

    def test_matching(self) -> None:
        """Names that fit a mask, in any case, by their keys."""
        self.make("Carl", "bert")
        for mask, names in (("*", ["Ada", "bert", "Carl"]), ("?A*", ["Carl"]), ("ada", ["Ada"]), ("x*", [])):
            self.assertEqual(self.done(account_operators.matching(self.service, self.root, mask)), (names, False))
        self.refused(BadMask, account_operators.matching(self.service, self.root, "*" * (LONGEST_MASK + 1)))

    def test_bound(self) -> None:
        """At most so many, and whether there are more."""
        self.make(*(f"user{number:03}" for number in range(LISTED - 1)))
        for more in (False, True):
            names, others = self.done(account_operators.matching(self.service, self.root, "*"))
            self.assertEqual((len(names), others), (LISTED, more))
            self.make(f"zoe{more}")

    def test_suspended(self) -> None:
        """Accounts that are suspended, with the reasons."""
        self.make("bert", "carl")
        for name in ("carl", "ada"):
            self.done(account_operators.suspend(self.service, self.root, name, f"{name} spams"))
        found, more = self.done(account_operators.suspended(self.service, self.root))
        self.assertEqual(
            [(each.name, each.suspended) for each in found], [("Ada", "ada spams"), ("carl", "carl spams")]
        )
        self.assertFalse(more)
