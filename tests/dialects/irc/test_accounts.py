"""REGISTER and VERIFY."""

from __future__ import annotations

from chatproto.accounts.settings import AccountSettings
from chatproto.dialects.irc.settings import IrcSettings
from tests.accounts.quick import CHEAP
from tests.dialects.irc.network import Client, Network
from tests.dialects.irc.signing_in import FAR, HERE, SAFE, AccountsTestCase, S

CLOSED = AccountSettings(
    registration="closed", hash_passes=1, hash_memory=8, hash_lanes=1, scram_iterations=CHEAP.scram_iterations
)


def success(name: str, nick: str = "*", mask: str = "*") -> list[str]:
    """What one is told who has an account now."""
    return [
        f"{S} REGISTER SUCCESS {name} :Account successfully registered",
        f"{S} 900 {nick} {mask} {name} :You are now logged in as {name}",
    ]


class Registering(AccountsTestCase):
    """REGISTER."""

    def code(self, client: Client, line: str) -> str:
        """What the FAIL that `line` is answered with says: its code and what it is about."""
        (told,) = client.says(line)
        self.assertTrue(told.startswith(f"{S} FAIL REGISTER "), told)
        return told.removeprefix(f"{S} FAIL REGISTER ").partition(" :")[0]

    def test_own_nick(self) -> None:
        """An asterisk stands for one's nick; who registers is logged in, which others see."""
        bob, carl = self.network.connect("Bob"), self.network.connect("carl", ["account-notify"])
        self.network.room("#x", bob, carl)
        self.assertEqual(bob.says("REGISTER * * hunter22"), success("Bob", "Bob", "Bob!~Bob@localhost"))
        self.assertEqual(carl.got(), [":Bob!~Bob@localhost ACCOUNT Bob"])
        self.assertEqual(self.account(bob), "Bob")

    def test_before_connecting(self) -> None:
        """It works before one has come in, if there is a nick; the account is there on coming in."""
        client = self.client()
        self.assertEqual(self.code(client, "REGISTER * * hunter22"), "NEED_NICK *")
        client.send("CAP LS 302", "NICK bob", "USER u 0 * :r")
        self.assertEqual(client.says("REGISTER * mail@example.org hunter22"), success("bob"))
        client.send("CAP END")
        self.assertEqual(self.account(client), "bob")

    def test_another_name(self) -> None:
        """It may be another name than the nick, that nobody has; others cannot take it from then on. Nobody registers a
        nick that somebody else has, also who wanted it and comes in only now."""
        bob = self.network.connect("bob")
        self.network.connect("carl")
        self.assertEqual(self.code(bob, "REGISTER carl * hunter22"), "USERNAME_EXISTS carl")
        client = self.client()
        client.says("NICK carl")
        self.assertEqual(self.code(client, "REGISTER * * hunter22"), "USERNAME_EXISTS carl")
        self.assertEqual(bob.says("REGISTER Dan * hunter22"), success("Dan", "bob", "bob!~bob@localhost"))
        self.assertIn(" 433 * dan ", self.client().says("NICK dan", "USER u 0 * :r")[0])
        self.assertEqual(bob.says("NICK dan"), [":bob!~bob@localhost NICK dan"])

    def test_refused_names(self) -> None:
        """What is an account already, or looks like one, or can be nobody's name, is refused."""
        bob = self.network.connect("bob")
        for name, code in (
            ("ada", "ACCOUNT_EXISTS ada"),
            ("ADA", "ACCOUNT_EXISTS ADA"),
            ("аdа", "ACCOUNT_EXISTS аdа"),
            ("NickServ", "BAD_ACCOUNT_NAME NickServ"),
            ("1st", "BAD_ACCOUNT_NAME 1st"),
            ("#x", "BAD_ACCOUNT_NAME #x"),
        ):
            self.assertEqual(self.code(bob, f"REGISTER {name} * hunter22"), code)
        self.assertEqual(self.account(bob), "")

    def test_passwords(self) -> None:
        """A password has its bounds."""
        bob = self.network.connect("bob")
        least, most = CHEAP.password_least, CHEAP.password_most
        self.assertEqual(self.code(bob, f"REGISTER * * {'x' * (least - 1)}"), "WEAK_PASSWORD bob")
        self.assertEqual(self.code(bob, "REGISTER * * :"), "WEAK_PASSWORD bob")
        self.assertEqual(self.code(bob, f"REGISTER * * {'x' * (most + 1)}"), "UNACCEPTABLE_PASSWORD bob")
        self.assertEqual(bob.says("REGISTER * * :with a blank")[0], success("bob")[0])

    def test_logged_in(self) -> None:
        """Who is logged in has an account."""
        ada = self.logged_in("ada")
        self.assertEqual(self.code(ada, "REGISTER eve * hunter22"), "ALREADY_AUTHENTICATED eve")

    def test_parameters(self) -> None:
        """One that is missing is asked for."""
        bob = self.network.connect("bob")
        self.assertEqual(bob.says("REGISTER * hunter22"), [f"{S} 461 bob REGISTER :Not enough parameters"])

    def test_cleartext(self) -> None:
        """A password is taken only where nobody reads along."""
        for peer, done in ((FAR, False), (SAFE, True), (HERE, True)):
            client = self.client(peer)
            nick = f"x{peer.secure:d}{peer.local:d}"
            got = client.says(f"NICK {nick}", "REGISTER * * hunter22")
            self.assertEqual(got[0] == success(nick)[0], done, got)
            self.assertEqual(f" FAIL REGISTER DISALLOWED {nick} :Passwords are taken over TLS only" in got[0], not done)

    def test_too_often(self) -> None:
        """Who registers too often is to wait."""
        for place in range(CHEAP.registrations_per_address + 1):
            client = self.client(SAFE)
            got = client.says(f"NICK x{place}", "REGISTER * * hunter22")
        self.assertIn(" FAIL REGISTER TEMPORARILY_UNAVAILABLE x10 :That was tried too often.", got[0])

    def test_closed(self) -> None:
        """Where people may not register it is not offered, and refused."""
        self.build(CLOSED)
        bob = self.network.connect("bob")
        self.assertNotIn("draft/account-registration", "".join(bob.says("CAP LS 302")))
        self.assertEqual(self.code(bob, "REGISTER * * hunter22"), "DISALLOWED bob")

    def test_no_accounts(self) -> None:
        """So it is where there are none."""
        bob = Network().connect("bob")
        self.assertEqual(self.code(bob, "REGISTER * * hunter22"), "DISALLOWED bob")

    def test_password_of_the_server(self) -> None:
        """Who has not the server's password has no account either."""
        self.irc = IrcSettings(password="sesame")
        self.build()
        client = self.client()
        client.send("NICK bob", "PASS wrong")
        self.assertEqual(self.code(client, "REGISTER * * hunter22"), "DISALLOWED bob")
        self.assertEqual(client.says("PASS sesame", "REGISTER * * hunter22"), success("bob"))


class Verifying(AccountsTestCase):
    """VERIFY."""

    def test_nothing_to_verify(self) -> None:
        """Accounts are there at once."""
        bob = self.network.connect("bob")
        self.assertEqual(bob.says("VERIFY bob 123"), [f"{S} FAIL VERIFY INVALID_CODE bob :There is nothing to verify"])
        bob.send("REGISTER * * hunter22")
        self.assertEqual(
            bob.says("VERIFY bob 123"), [f"{S} FAIL VERIFY ALREADY_AUTHENTICATED bob :You are logged in already"]
        )
