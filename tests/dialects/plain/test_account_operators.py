"""`/account`: operators of the server, and the accounts of others."""

from __future__ import annotations

from chatproto.modes import UserMode
from chatproto.rooms import logins
from tests.dialects.plain.test_accounts import HERE, PASSWORD, AccountsTestCase

FORM = "!! Use it like this: /account list|suspended|add|password|suspend|resume|remove [NAME] [PASSWORD|WHY]"
OTHER = "battery staple"


class AccountTests(AccountsTestCase):
    """root is an operator of the server."""

    def setUp(self) -> None:
        """root is in the lobby, as bob is."""
        super().setUp()
        self.root = self.network.connect(HERE)
        self.root.say("root2")
        user = self.network.rooms.people.find("root2")
        self.network.rooms.people.become(user, frozenset({UserMode.OPERATOR}))

    def asks(self, line: str) -> list[str]:
        """What root is told, without who comes and goes."""
        return [each for each in self.says(self.root, line) if " quit " not in each and " joined" not in each]

    def test_others(self) -> None:
        """All others are refused, whatever they want."""
        for line in ("/account list", "/account", "/account suspend ada"):
            self.assertEqual(self.says(self.bob, line), ["!! Only operators of the server may do that."], line)

    def test_misused(self) -> None:
        """What is wrong is told with the right form."""
        for line in (
            "",
            " make ada",
            " add ada",
            " password ada",
            " resume",
            " resume ada x",
            " suspended x",
            " remove",
        ):
            self.assertTrue(self.asks(f"/account{line}")[0].startswith(FORM), line)

    def test_add_and_list(self) -> None:
        """One is made for somebody; a password may have several words."""
        made = self.asks(f"/account add Eve {OTHER}")
        self.assertEqual(made, ["-- root2 made the account Eve.", "-- Eve is an account now."])
        self.assertEqual(self.asks("/account list"), ["--   Ada", "--   Eve", "-- 2 accounts."])
        self.assertEqual(self.asks("/account LIST e*"), ["--   Eve", "-- 1 account."])
        self.assertIn("-- You are logged in as Eve.", self.says(self.bob, f"/login Eve {OTHER}"))

    def test_password(self) -> None:
        """Another one is given."""
        self.assertEqual(self.asks(f"/account password ada {OTHER}")[-1], "-- Ada has another password now.")
        self.assertIn("-- You are logged in as Ada.", self.says(self.bob, f"/login ada {OTHER}"))

    def test_suspend(self) -> None:
        """Who is logged in is cut off; the list says why; it can be taken back."""
        self.says(self.bob, f"/login ada {PASSWORD}")
        self.assertEqual(
            self.asks("/account suspend ada much spam"),
            ["-- root2 suspended the account Ada: much spam.", "-- Nobody can log in to Ada now."],
        )
        self.assertIsNone(self.network.rooms.people.get("bob"))
        self.assertEqual(self.asks("/account suspended"), ["--   Ada: much spam", "-- 1 suspended account."])
        self.assertEqual(self.asks("/account resume ada")[-1], "-- Ada can log in again.")
        self.assertEqual(self.asks("/account suspended"), ["-- 0 suspended accounts."])

    def test_remove(self) -> None:
        """One is forgotten."""
        self.assertEqual(self.asks("/account remove ada")[-1], "-- The account Ada is there no more.")
        self.assertEqual(self.asks("/account remove ada"), ["!! There is no account ada."])
        self.done(logins.load(self.network.rooms))
        self.assertEqual(len(self.network.rooms.owned), 0)
