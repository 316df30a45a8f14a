"""NickServ: accounts for clients that know nothing of them."""

from __future__ import annotations

from chatproto.dialects.irc.verbs.nickserv import COMMANDS
from tests.accounts.quick import FINGERPRINT
from tests.dialects.irc.network import Client, Network, finish
from tests.dialects.irc.signing_in import HERE, PASSWORD, SHOWN, AccountsTestCase, S

WRONG = "That is not an account here, or not how to log in to it."
NOBODY = "You are not logged in."


class Asking(AccountsTestCase):
    """Somebody who says something to it."""

    def setUp(self) -> None:
        """bob is here, and has no account."""
        super().setUp()
        self.bob = self.network.connect("bob")

    def says(self, client: Client, *lines: str) -> list[str]:
        """What it answers, each in a notice of its own; other lines as they are."""
        got = client.says(*(f"PRIVMSG NickServ :{line}" for line in lines))
        start = f":NickServ!NickServ@chatproto.local NOTICE {client.talk.nick} :"
        return [line.removeprefix(start) for line in got]


class Ways(Asking):
    """How it is spoken to."""

    def test_forms(self) -> None:
        """As a person, in any case of letters, or by verbs of its own."""
        for line in (
            "PRIVMSG NickServ :LOGOUT", "PRIVMSG nickserv logout", "NS LOGOUT", "ns :logout", "NICKSERV Logout",
        ):  # fmt: skip
            self.assertEqual(self.bob.says(line), [f":NickServ!NickServ@chatproto.local NOTICE bob :{NOBODY}"], line)

    def test_with_words(self) -> None:
        """Verbs take the words one by one, or all behind a colon."""
        for line in (f"NS IDENTIFY ada {PASSWORD.replace(' ', '_')}", f"NS :IDENTIFY ada {PASSWORD.replace(' ', '_')}"):
            self.assertIn(WRONG, self.bob.says(line)[0])

    def test_notice(self) -> None:
        """A notice is answered as one to somebody who is not there: not at all."""
        self.assertEqual(self.bob.says("NOTICE NickServ :LOGOUT"), [])

    def test_nobody(self) -> None:
        """It is nobody: the name cannot be had, and with others together it is not there."""
        self.assertIn(" 432 bob NickServ ", self.bob.says("NICK NickServ")[0])
        self.assertIn(" 401 bob NickServ ", self.bob.says("PRIVMSG NickServ,bob :x")[0])

    def test_echo(self) -> None:
        """What is said to it does not come back."""
        carl = self.network.connect("carl", ["echo-message"])
        got = carl.says("PRIVMSG NickServ :IDENTIFY ada secret")
        self.assertEqual(len(got), 1)
        self.assertNotIn("secret", got[0])

    def test_label(self) -> None:
        """Its answer has the label."""
        carl = self.network.connect("carl", ["labeled-response", "batch"])
        self.assertEqual(
            carl.says("@label=7 PRIVMSG NickServ :LOGOUT"),
            [f"@label=7 :NickServ!NickServ@chatproto.local NOTICE carl :{NOBODY}"],
        )

    def test_unknown(self) -> None:
        """What it does not know, or is used wrong, it says how to put right."""
        unknown = "There is no such command. /msg NickServ HELP lists those there are."
        self.assertEqual(self.says(self.bob, "JUMP", "SET", "CERT", "SET KILL on"), [unknown] * 4)
        self.assertEqual(self.says(self.bob, "IDENTIFY"), ["Use it like this: IDENTIFY [<account>] <password>"])
        self.assertEqual(self.says(self.bob, "LOGOUT now"), ["Use it like this: LOGOUT"])

    def test_help(self) -> None:
        """All that it knows is told, or one; an empty line is a question, too."""
        forms = [f"{each.form}: {each.summary}" for each in COMMANDS.values()]
        for line in ("HELP", "  "):
            self.assertEqual(self.says(self.bob, line)[1:], forms)
        self.assertEqual(self.says(self.bob, "help logout"), ["LOGOUT: logs you out"])
        self.assertEqual(len(self.says(self.bob, "HELP CERT")), 3)
        self.assertEqual(len(self.says(self.bob, "HELP CERT ADD")), 1)
        self.assertEqual(self.says(self.bob, "HELP JUMP"), ["There is no such command."])

    def test_no_accounts(self) -> None:
        """Where there are no accounts it is nobody at all; its verbs say so."""
        bob = Network().connect("bob")
        self.assertIn(" 401 bob NickServ ", bob.says("PRIVMSG NickServ :HELP")[0])
        self.assertIn("There are no accounts here.", bob.says("NS REGISTER hunter22")[0])


class Doing(Asking):
    """What it does."""

    def test_register(self) -> None:
        """One's nick becomes an account."""
        self.assertEqual(
            self.says(self.bob, "REGISTER hunter22 mail@example.org"),
            [
                f"{S} 900 bob bob!~bob@localhost bob :You are now logged in as bob",
                "bob is registered now, and you are logged in.",
            ],
        )
        self.assertEqual(self.account(self.bob), "bob")
        self.assertEqual(self.says(self.bob, "REGISTER hunter22"), ["You are logged in as bob already. Log out first."])
        weak = "That password cannot be used: it has 1 bytes, and 8 are needed."
        self.assertEqual(self.says(self.network.connect("eve"), "REGISTER x"), [weak])

    def test_identify(self) -> None:
        """With a password one is logged in to the account of one's nick, or to the one that is named."""
        self.says(self.bob, "REGISTER hunter22", "LOGOUT")
        for line in ("IDENTIFY hunter22", "IDENTIFY BOB hunter22"):
            self.assertEqual(
                self.says(self.bob, line),
                [f"{S} 900 bob bob!~bob@localhost bob :You are now logged in as bob", "You are logged in as bob."],
            )
        for line in ("IDENTIFY wrong", "IDENTIFY eve hunter22"):
            self.assertEqual(self.says(self.bob, line), [WRONG])

    def test_logout(self) -> None:
        """One is logged out, and keeps the nick."""
        ada = self.logged_in("ada")
        self.assertEqual(
            self.says(ada, "LOGOUT"),
            [f"{S} 901 ada ada!~u@localhost :You are now logged out", "You are logged out."],
        )
        self.assertEqual((self.account(ada), ada.talk.nick), ("", "ada"))

    def test_password(self) -> None:
        """Another password holds from then on."""
        self.assertEqual(self.says(self.bob, "SET PASSWORD a b"), [NOBODY])
        self.says(self.bob, "REGISTER hunter22")
        self.assertEqual(self.says(self.bob, "SET PASSWORD wrong hunter33"), [WRONG])
        self.assertEqual(self.says(self.bob, "set password hunter22 hunter33"), ["Your password is changed."])
        self.assertEqual(self.says(self.bob, "IDENTIFY hunter22"), [WRONG])
        self.assertEqual(self.says(self.bob, "IDENTIFY hunter33")[-1], "You are logged in as bob.")

    def test_drop(self) -> None:
        """An account is forgotten with its password alone; whoever is logged in to it is not any more, and its name is
        free."""
        self.says(self.bob, "REGISTER hunter22")
        carl = self.network.connect("carl", ["account-notify"])
        self.network.room("#x", self.bob, carl)
        self.assertEqual(self.says(carl, "DROP bob wrong"), [WRONG])
        self.assertEqual(self.says(self.bob, "DROP BOB hunter22"), ["The account BOB is there no more."])
        self.assertEqual(carl.got(), [":bob!~bob@localhost ACCOUNT *"])
        self.assertEqual(self.says(self.bob, "INFO"), [NOBODY])
        self.bob.send("QUIT")
        self.assertEqual(self.account(self.network.connect("bob")), "")

    def test_info(self) -> None:
        """It tells of one's own account only."""
        ada = self.logged_in("ada")
        self.assertEqual(
            self.says(ada, "INFO"),
            [
                "You are logged in as ada, which was registered 2027-01-15 08:00:00 UTC.",
                "No certificates let you in.",
            ],
        )

    def test_removed_elsewhere(self) -> None:
        """Who is logged in to what is no account any more is not logged in."""
        ada = self.logged_in("ada")
        finish(self.accounts.remove("ada"))
        self.assertEqual(self.says(ada, "INFO", "CERT LIST"), [NOBODY] * 2)


class Certificates(Asking):
    """CERT."""

    def test_own(self) -> None:
        """The one that one has come with is added, listed and taken off again."""
        ada = self.logged_in("ada", peer=SHOWN)
        self.assertEqual(self.says(ada, "CERT ADD"), [f"That certificate lets you in now: {FINGERPRINT}"])
        self.assertEqual(self.says(ada, "CERT LIST"), ["One certificate lets you in.", FINGERPRINT])
        client = self.client(SHOWN)
        self.assertIn(" 903 ", client.says("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")[-1])
        self.assertEqual(self.says(ada, "CERT DEL"), [f"That certificate lets nobody in: {FINGERPRINT}"])
        self.assertEqual(self.says(ada, "CERT LIST"), ["No certificates let you in."])

    def test_named(self) -> None:
        """Any other one is named by its fingerprint, as other programs write it too."""
        ada = self.logged_in("ada")
        written = ":".join(FINGERPRINT[start : start + 2] for start in range(0, 64, 2)).upper()
        self.assertEqual(self.says(ada, f"CERT ADD {written}"), [f"That certificate lets you in now: {FINGERPRINT}"])
        self.assertEqual(self.says(ada, f"CERT DEL {FINGERPRINT}"), [f"That certificate lets nobody in: {FINGERPRINT}"])

    def test_refused(self) -> None:
        """What is no fingerprint, is not there, or somebody else's, is refused; so is who is not logged in."""
        ada = self.logged_in("ada", peer=HERE)
        none = "You came without a certificate: say which, by its SHA-256 fingerprint."
        form = "A fingerprint is the SHA-256 of a certificate, in 64 hexadecimal digits."
        self.assertEqual(self.says(ada, "CERT ADD", "CERT DEL"), [none] * 2)
        for wrong in (FINGERPRINT[1:], FINGERPRINT + "a", "g" * 64, "x"):
            self.assertEqual(self.says(ada, f"CERT ADD {wrong}"), [form])
        self.says(self.bob, "REGISTER hunter22", f"CERT ADD {FINGERPRINT}")
        self.assertEqual(self.says(ada, f"CERT ADD {FINGERPRINT}"), ["That certificate belongs to another account."])
        self.assertEqual(self.says(self.network.connect("eve"), "CERT ADD", "CERT LIST", "CERT DEL"), [NOBODY] * 3)
