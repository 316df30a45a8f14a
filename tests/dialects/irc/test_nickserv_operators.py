"""What NickServ does for operators of the server."""

from __future__ import annotations

from chatproto.dialects.irc.verbs.nickserv import COMMANDS
from tests.dialects.irc.signing_in import PASSWORD
from tests.dialects.irc.test_nickserv import WRONG, Asking

NOT_OPERATOR = "Only operators of the server may do that."
OTHER = "battery staple"


class OperatorTests(Asking):
    """root is one."""

    def setUp(self) -> None:
        """root is here, beside bob."""
        super().setUp()
        self.root = self.network.connect("root2")
        self.root.send("OPER root secret")
        self.root.got()

    def asks(self, line: str) -> list[str]:
        """What root is answered; what all operators are told is left out."""
        return [each for each in self.says(self.root, line) if not each.startswith(":chatproto.local ")]

    def logged(self, line: str) -> list[str]:
        """What all operators are told."""
        return [
            each.partition(" :*** ")[2] for each in self.says(self.root, line) if each.startswith(":chatproto.local ")
        ]

    def test_others(self) -> None:
        """All others are refused, and HELP does not show them what they cannot do."""
        privileged = [each for each in COMMANDS.values() if each.privileged]
        self.assertEqual(
            {each.form.partition(" <")[0].partition(" [")[0] for each in privileged},
            {"LIST", "SAREGISTER", "PASSWD", "SUSPEND ADD", "SUSPEND DEL", "SUSPEND LIST", "ERASE"},
        )
        for each in privileged:
            word = each.form.partition(" <")[0].partition(" [")[0]
            self.assertEqual(self.says(self.bob, f"{word} {' '.join(['ada'] * each.least)}"), [NOT_OPERATOR], word)
        self.assertNotIn("SUSPEND", " ".join(self.says(self.bob, "HELP")))
        self.assertIn("SUSPEND ADD", " ".join(self.asks("HELP")))

    def test_list(self) -> None:
        """Names that fit, and how many those are."""
        self.asks(f"SAREGISTER Eve {OTHER}")
        self.assertEqual(self.asks("LIST"), ["ada", "Eve", "2 accounts."])
        self.assertEqual(self.asks("list E*"), ["Eve", "1 account."])

    def test_saregister(self) -> None:
        """An account for somebody."""
        self.assertEqual(self.logged(f"SAREGISTER Eve {OTHER}"), ["root2 made the account Eve."])
        self.assertIn("Eve is registered already", self.asks(f"SAREGISTER Eve {OTHER}")[0])
        self.assertIn("You are logged in as Eve.", self.says(self.bob, f"IDENTIFY eve {OTHER}"))

    def test_passwd(self) -> None:
        """Another password."""
        self.assertEqual(self.asks(f"PASSWD ADA {OTHER}"), ["ada has another password now."])
        self.assertIn("You are logged in as ada.", self.says(self.bob, f"IDENTIFY ada {OTHER}"))

    def test_suspend(self) -> None:
        """Who is logged in is cut off, and does not come in again, until that is taken back."""
        ada = self.logged_in("ada")
        self.assertEqual(self.asks("SUSPEND ADD ADA much spam"), ["Nobody can log in to ada now."])
        self.assertTrue(ada.closed)
        self.assertIn("Account suspended", ada.got()[-1])
        self.assertEqual(self.asks("SUSPEND LIST"), ["ada: much spam", "1 suspended account."])
        self.assertEqual(self.asks("INFO ada")[-1], "Nobody can log in to it: much spam")
        self.assertEqual(self.says(self.bob, f"IDENTIFY ada {PASSWORD}"), [WRONG])
        self.assertEqual(self.logged("SUSPEND DEL ada"), ["root2 lets the owner of the account ada log in again."])
        self.assertEqual(self.asks("SUSPEND LIST"), ["0 suspended accounts."])
        self.logged_in("ada")

    def test_no_reason(self) -> None:
        """It needs no reason."""
        self.asks("SUSPEND ADD ada")
        self.assertEqual(self.asks("SUSPEND LIST")[0], "ada: no reason was given")

    def test_erase(self) -> None:
        """Somebody's account is forgotten; the name is free."""
        self.assertEqual(self.asks("ERASE ADA"), ["The account ada is there no more."])
        self.assertEqual(self.asks("ERASE ada"), ["There is no account ada."])
        self.bob.send("NICK ada")
        self.assertEqual(self.bob.talk.nick, "ada")

    def test_unregister(self) -> None:
        """With a code: one's own account, and anybody's for an operator."""
        self.assertEqual(self.says(self.bob, "UNREGISTER ada"), ["That is not the account you are logged in to."])
        for client, name in ((self.root, "ada"), (self.logged_in("ada"), "ada")):
            asked = self.says(client, f"UNREGISTER {name.upper()}")
            self.assertIn("ada would be forgotten for good", asked[0])
            self.assertTrue(asked[1].startswith("/msg NickServ UNREGISTER ada "), asked)
            self.assertEqual(self.says(client, f"UNREGISTER {name} 123456")[:1], asked[:1])
        code = asked[1].removeprefix("/msg NickServ ")
        self.assertEqual(self.says(client, code)[-1], "The account ada is there no more.")
        self.assertEqual(self.account(client), "")
        self.assertEqual(self.asks(code), ["There is no account ada."])

    def test_unregister_by_an_operator(self) -> None:
        """The code that was told is right, and it is logged."""
        code = self.asks("UNREGISTER ada")[1].removeprefix("/msg NickServ ")
        self.assertEqual(self.logged(code), ["root2 removed the account ada."])
        self.assertNotIn("ada", self.network.rooms.owned)

    def test_info(self) -> None:
        """Operators are told of anybody's account, others only of their own."""
        self.assertEqual(self.says(self.bob, "INFO ada"), [NOT_OPERATOR])
        self.assertTrue(self.asks("INFO ada")[0].startswith("ada was registered "), self.asks("INFO ada"))
        self.assertEqual(self.asks("INFO eve"), ["There is no account eve."])
