"""NickServ: accounts for clients that know nothing of them."""

from __future__ import annotations

from chatproto.dialects.irc.verbs.nickserv import COMMANDS
from chatproto.rooms.choices import CHOICES
from tests.accounts.quick import FINGERPRINT
from tests.dialects.irc.network import Client, Network, finish
from tests.dialects.irc.signing_in import HERE, PASSWORD, SHOWN, AccountsTestCase, S, plain

WRONG = "There is no such account, or that is not its password (or certificate)."
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
        self.assertEqual(self.says(self.bob, "JUMP", "SETS", "CERT", "CERT KILL on"), [unknown] * 4)
        self.assertEqual(self.says(self.bob, "IDENTIFY"), ["Use it like this: IDENTIFY [<account>] <password>"])
        self.assertEqual(self.says(self.bob, "LOGOUT now"), ["Use it like this: LOGOUT"])

    def test_help(self) -> None:
        """All that one can ask of it is told, or one; an empty line is a question, too."""
        forms = [f"{each.form}: {each.summary}" for each in COMMANDS.values() if not each.privileged]
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
        """One's nick becomes an account; that is told first."""
        self.assertEqual(
            self.says(self.bob, "REGISTER hunter22 mail@example.org"),
            ["Account created", f"{S} 900 bob bob!~bob@localhost bob :You are now logged in as bob"],
        )
        self.assertEqual(self.account(self.bob), "bob")
        self.assertEqual(self.says(self.bob, "REGISTER hunter22"), ["You are logged in as bob already. Log out first."])
        weak = "That password cannot be used: it has 1 bytes, and 8 are needed."
        eve = self.network.connect("eve")
        self.assertEqual(self.says(eve, "REGISTER x"), [weak])
        several = "A password that is typed here is one word; what comes after it is an e-mail address."
        self.assertEqual(self.says(eve, "REGISTER correct horse"), [several])
        self.assertNotIn("eve", self.network.rooms.owned)

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

    def test_blanks(self) -> None:
        """A password with blanks in it, given elsewhere, works here too where an account is named before it."""
        self.bob.says("REGISTER bob * :correct  horse battery")
        told = ["You are logged in as bob."]
        self.assertEqual(self.says(self.bob, "LOGOUT", "IDENTIFY bob  correct  horse battery ")[-1:], told)
        changed = "Your password is changed."
        self.assertEqual(self.says(self.bob, "SET PASSWORD correct  horse battery hunter22"), [changed])
        self.assertEqual(self.says(self.bob, "SET PASSWORD hunter22"),
                         ["Say the old password, and the new one behind it."])  # fmt: skip
        carl = self.network.connect("carl")
        carl.says("REGISTER carl * :correct horse  battery")
        self.assertEqual(self.says(self.bob, "DROP carl correct horse battery"), [WRONG])
        self.assertEqual(self.says(self.bob, "DROP carl correct horse  battery"),
                         ["The account carl is there no more."])  # fmt: skip

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

    def test_password_ends_the_others(self) -> None:
        """All other connections of the account end, before they have come in, too; those of others do not."""
        self.says(self.bob, "REGISTER hunter22")
        carl, dan = self.network.connect("carl"), self.network.connect("dan")
        self.says(carl, "IDENTIFY bob hunter22")
        coming = self.client()
        coming.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('bob', 'hunter22')}")
        self.assertEqual(self.says(self.bob, "SET PASSWORD hunter22 hunter33"), ["Your password is changed."])
        for each, nick in ((carl, "carl"), (coming, "*")):
            why = "The password was changed"
            self.assertEqual(each.got(), [f":bob!~bob@localhost KILL {nick} :{why}",
                                          f"ERROR :Closing Link: (Killed (bob ({why})))"])  # fmt: skip
        self.assertEqual((self.bob.closed, carl.closed, dan.closed, coming.closed), (False, True, False, True))

    def test_drop(self) -> None:
        """An account is forgotten with its password alone; whoever is logged in to it is not any more, and its name is
        free."""
        self.says(self.bob, "REGISTER hunter22")
        carl = self.network.connect("carl", ["account-notify"])
        self.network.room("#x", self.bob, carl)
        self.assertEqual(self.says(carl, "DROP bob wrong"), [WRONG])
        dan = self.network.connect("dan")
        self.says(dan, "IDENTIFY bob hunter22")
        out = "You are now logged out"
        self.assertEqual(self.says(self.bob, "DROP BOB hunter22"),
                         [f"{S} 901 bob bob!~bob@localhost :{out}", "The account BOB is there no more."])  # fmt: skip
        self.assertEqual(dan.got(), [f"{S} 901 dan dan!~dan@localhost :{out}"])
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
        """One is named by its fingerprint, as other programs write it too."""
        ada = self.logged_in("ada", peer=SHOWN)
        written = ":".join(FINGERPRINT[start : start + 2] for start in range(0, 64, 2)).upper()
        self.assertEqual(self.says(ada, f"CERT ADD {written}"), [f"That certificate lets you in now: {FINGERPRINT}"])
        self.assertEqual(self.says(ada, f"CERT DEL {FINGERPRINT}"), [f"That certificate lets nobody in: {FINGERPRINT}"])

    def test_of_somebody_else(self) -> None:
        """Who does not come with a certificate cannot add it: its owner could not add it any more. Only an operator of
        the server can, for an account that is named."""
        ada, other = self.logged_in("ada", peer=SHOWN), "cd" * 32
        only = "You can add only the certificate that you come with: connect with it, and add it then."
        self.assertEqual(self.says(ada, f"CERT ADD {other}"), [only])
        operators = "Only operators of the server may do that."
        self.assertEqual(self.says(ada, f"CERT ADD ada {other}"), [operators])
        self.assertEqual(self.says(ada, "CERT LIST"), ["No certificates let you in."])
        self.bob.says("OPER root secret")
        self.assertEqual(self.says(self.bob, f"CERT ADD ADA {other}")[-1], f"That certificate lets ada in now: {other}")
        self.assertEqual(self.says(ada, "CERT LIST")[-1], other)
        self.assertEqual(self.says(self.bob, f"CERT ADD eve {other}"), ["There is no account eve."])

    def test_refused(self) -> None:
        """What is no fingerprint, is not there, or somebody else's, is refused; so is who is not logged in."""
        ada = self.logged_in("ada", peer=HERE)
        none = "You came without a certificate: say which, by its SHA-256 fingerprint."
        form = "A fingerprint is the SHA-256 of a certificate, in 64 hexadecimal digits."
        only = "You can add only the certificate that you come with: connect with it, and add it then."
        self.assertEqual(self.says(ada, "CERT ADD", "CERT DEL"), [only, none])
        for wrong in (FINGERPRINT[1:], FINGERPRINT + "a", "g" * 64, "x"):
            self.assertEqual(self.says(ada, f"CERT DEL {wrong}"), [form])
        for name in ("fay", "gil"):
            told = self.says(self.network.connect(name, peer=SHOWN), "REGISTER hunter22", "CERT ADD")
        self.assertEqual(told[-1], "That certificate belongs to another account.")
        self.assertEqual(self.says(self.network.connect("eve"), "CERT ADD", "CERT LIST", "CERT DEL"), [NOBODY] * 3)


class Choosing(Asking):
    """`SET` and `GET`."""

    def test_choose(self) -> None:
        """What is chosen is told, as what it means; and what is no choice."""
        ada = self.logged_in("ada")
        self.assertEqual(self.says(ada, "SET DM-HISTORY off"), ["dm-history: off"])
        (told,) = self.says(ada, "GET dm-history")
        self.assertTrue(told.startswith("dm-history: off. On means: "), told)
        self.assertEqual(len(self.says(ada, "GET")), len(CHOICES))
        self.assertEqual(self.says(ada, "SET dm-history default"), ["dm-history: on, as usual"])
        self.assertIn("There is no choice kill", self.says(ada, "SET kill on")[0])
        self.assertIn("There is no choice kill", self.says(ada, "GET kill")[0])

    def test_nobody(self) -> None:
        """Who is not logged in chooses nothing."""
        self.assertEqual(self.says(self.bob, "SET dm-history off", "GET"), [NOBODY] * 2)
