"""Commands about accounts."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.modes import UserMode
from chatproto.rooms import logins
from chatproto.testing import NOON, MemoryNetwork, Person
from chatproto.transports.limits import LinkLimits
from tests.accounts.quick import CHEAP, quick

ASKED = "-- What is your name?"
PASSWORD = "correct-horse"
WRONG = "!! There is no such account, or that is not its password (or certificate)."
NO_ROOM = "-- You are in no room now. /join takes you into one."
HERE, FAR = "127.0.0.1", "192.0.2.1"


class AccountsTestCase(SynchronousTestCase):
    """A server where ada has an account, and bob has not."""

    def setUp(self) -> None:
        """They are on the server's machine; bob is in."""
        clock = Clock()
        clock.advance(NOON)
        self.accounts = quick(clock)
        self.done(self.accounts.make("ada", "Ada", PASSWORD))
        self.network = MemoryNetwork(Settings(connections=LinkLimits(burst=10_000)), self.accounts)
        self.done(logins.load(self.network.rooms))
        self.bob = self.network.connect(HERE)
        self.bob.say("bob")
        self.bob.heard()

    def done(self, answer: Coroutine[Any, Any, Any]) -> Any:
        """What comes of it, at once."""
        return self.successResultOf(Deferred.fromCoroutine(answer))

    def says(self, person: Person, *lines: str) -> list[str]:
        """What a person is told after these lines."""
        person.heard()
        person.say(*lines)
        return person.heard()

    def account(self, name: str) -> str:
        """What that person is logged in to."""
        return self.network.rooms.people.find(name).who.account


class LoggingIn(AccountsTestCase):
    """`/login` and `/logout`."""

    def test_before_a_name(self) -> None:
        """Who logs in first comes in under the account's name."""
        ada = self.network.connect(HERE)
        told = self.says(ada, f"/login ada {PASSWORD}")
        self.assertEqual(told[0], "-- You are logged in as Ada.")
        self.assertTrue(told[1].startswith("-- Hello, Ada."), told)
        self.assertEqual(self.account("ada"), "Ada")

    def test_name_of_an_account(self) -> None:
        """A name that is an account's, or looks like one, is refused with what to type; then it can be had."""
        ada = self.network.connect(HERE)
        self.assertEqual(
            self.says(ada, "ada"),
            [
                "!! ada is registered. Log in if that is yours, or choose another name. To log in: /login Ada PASSWORD",
                ASKED,
            ],
        )
        (told, _) = self.says(ada, "аdа")
        self.assertTrue(told.startswith("!! аdа is too much like Ada, which is registered. Log in"), told)
        self.assertEqual(self.says(self.bob, "/nick ada")[0][:22], "!! ada is registered. ")
        self.assertTrue(self.says(ada, f"/login ada {PASSWORD}")[1].startswith("-- Hello, Ada."))

    def test_own_name(self) -> None:
        """With one word it is the account of one's name; without a name there is none."""
        self.says(self.bob, "/register secret-enough", "/logout")
        self.assertEqual(self.says(self.bob, "/login secret-enough"), ["-- You are logged in as bob."])
        ada = self.network.connect(HERE)
        refused, asked = self.says(ada, f"/login {PASSWORD}")
        self.assertTrue(refused.startswith("!! Use it like this: /login [NAME] PASSWORD"), refused)
        self.assertEqual(asked, ASKED)

    def test_another_name(self) -> None:
        """Who is in under another name keeps it, and may take the account's."""
        self.assertEqual(self.says(self.bob, f"/login ADA {PASSWORD}"), ["-- You are logged in as Ada."])
        self.assertEqual(self.account("bob"), "Ada")
        self.assertEqual(self.says(self.bob, "/nick ada"), ["-- You are now called ada."])

    def test_wrong(self) -> None:
        """What is wrong is not told."""
        for line in ("/login ada wrong", f"/login eve {PASSWORD}", "/login nothing"):
            self.assertEqual(self.says(self.bob, line), [WRONG])

    def test_name_taken(self) -> None:
        """Where that is not wanted, there is no second connection under the account's name: one is logged in, and is
        asked for another name."""
        first, second = self.network.connect(HERE), self.network.connect(HERE)
        self.says(first, f"/login ada {PASSWORD}")
        self.says(first, "/settings multiclient off")
        self.assertEqual(
            self.says(second, f"/login ada {PASSWORD}"),
            ["-- You are logged in as Ada.", "!! Ada is taken. Choose another name.", ASKED],
        )
        self.says(second, "eve")
        self.assertEqual(self.account("eve"), "Ada")

    def test_one_more(self) -> None:
        """Who has the name already has one more connection: it sees the rooms they are in, what one says the other
        sees, and where one goes both go."""
        first, second = self.network.connect(HERE), self.network.connect(HERE)
        self.says(first, f"/login ada {PASSWORD}")
        self.says(first, "/join #tea")
        got = self.says(second, f"/login ada {PASSWORD}")
        self.assertEqual(got[2:], ["-- You are in #lobby with bob.", "-- You are in #tea with nobody else yet.",
                                   "-- You are now talking in #tea."])  # fmt: skip
        first.heard()
        self.says(second, "milk?")
        self.assertEqual(first.heard(), ["<Ada> milk?"])
        self.says(second, "/msg bob psst")
        self.assertEqual(first.heard(), ["-- To bob (whispering): psst"])
        self.says(second, "/part")
        self.assertEqual(first.heard(), ["-- You left #tea.", "-- You are now talking in #lobby."])
        self.says(second, "/join #milk")
        self.assertEqual(first.heard(), ["-- You are in #milk with nobody else yet."])
        self.assertEqual(self.bob.heard(), ["-- Ada joined", "Ada (whispering): psst"])

    def test_becomes_oneself(self) -> None:
        """Who logged in under another name is one more connection by taking the name."""
        first, second = self.network.connect(HERE), self.network.connect(HERE)
        self.says(first, f"/login ada {PASSWORD}")
        self.says(second, "eve")
        self.says(second, f"/login ada {PASSWORD}")
        self.assertEqual(
            self.says(second, "/nick ada"),
            ["-- You are Ada now, like your other connections.", "-- You are in #lobby with bob."],
        )

    def test_in_no_room(self) -> None:
        """Nor does it change where the other connections are, nor what: with them it is in no room. But who comes alone
        comes into the default room."""
        first, second, third = (self.network.connect(HERE) for _ in range(3))
        self.says(first, f"/login ada {PASSWORD}", "/part")
        ada = self.network.rooms.people.find("ada")
        self.assertEqual(ada.modes, {UserMode.WALLOPS})
        self.network.rooms.people.become(ada, frozenset())
        self.assertEqual(self.says(second, f"/login ada {PASSWORD}")[2:], [NO_ROOM])
        self.assertEqual((first.heard(), ada.modes, list(ada.rooms)), ([], frozenset(), []))
        self.says(third, "eve", f"/login ada {PASSWORD}")
        self.assertEqual(self.says(third, "/nick ada")[1:], [NO_ROOM])
        self.says(first, "/settings always-on on")
        for each in (first, second, third):
            self.says(each, "/quit")
        self.assertEqual(self.network.rooms.people.get("ada"), ada)
        fourth = self.network.connect(HERE)
        self.assertEqual(self.says(fourth, f"/login ada {PASSWORD}")[2:], ["-- You are in #lobby with bob."])

    def test_out(self) -> None:
        """Who logs out keeps the name; who is not logged in is told so."""
        self.assertEqual(self.says(self.bob, "/logout"), ["!! You are not logged in."])
        self.says(self.bob, f"/login ada {PASSWORD}")
        self.assertEqual(self.says(self.bob, "/logout"), ["-- You are logged out."])
        self.assertEqual(self.account("bob"), "")

    def test_out_before_a_name(self) -> None:
        """It works before there is a name, too."""
        person = self.network.connect(HERE)
        self.assertEqual(self.says(person, "/logout"), ["!! You are not logged in.", ASKED])

    def test_cleartext(self) -> None:
        """Where others may read along no password is taken, and one is told how to come by TLS."""
        person = self.network.connect(FAR)
        told, asked = self.says(person, f"/login ada {PASSWORD}")
        self.assertEqual(
            told,
            "!! Others may read this connection: no password is taken here, and one that you sent is better changed. "
            "To log in, come by TLS: openssl s_client -quiet -connect HOST:PORT, with the host and the port you came "
            "to.",
        )
        self.assertEqual(asked, ASKED)
        (told_first, _) = self.says(person, "ada")
        self.assertIn(" is registered. ", told_first)
        self.assertIn(" To log in, come by TLS: openssl ", told_first)
        self.assertNotIn("PASSWORD", told_first)
        person.say("eve")
        for line in (f"/login ada {PASSWORD}", "/register secret-enough"):
            self.assertEqual(self.says(person, line), [told])


class Registering(AccountsTestCase):
    """`/register` and `/password`."""

    def test_register(self) -> None:
        """One's name becomes an account, which one is logged in to, and which others cannot use."""
        self.assertEqual(
            self.says(self.bob, "/register secret-enough"),
            [
                "-- bob is your account now, and you are logged in.",
                "-- When you come again: /login bob PASSWORD",
            ],
        )
        self.assertEqual(self.account("bob"), "bob")
        self.bob.hang_up()
        self.assertTrue(self.says(self.network.connect(HERE), "bob")[0].startswith("!! bob is registered."))

    def test_needs_a_name(self) -> None:
        """Without a name there is nothing to register."""
        self.assertEqual(
            self.says(self.network.connect(HERE), "/register secret-enough"),
            ["!! First tell your name: type it and press Enter.", ASKED],
        )

    def test_refused(self) -> None:
        """What cannot be a password is refused with what can; who is logged in has an account."""
        for line, told in (
            ("/register", "!! Use it like this: /register PASSWORD  (make your name an account, which is yours alone)"),
            ("/register two words", "!! A password that is typed here is one word."),
            ("/register short", "!! That password cannot be used: it has 5 bytes, and 8 are needed."),
        ):
            self.assertEqual(self.says(self.bob, line), [told])
        self.says(self.bob, f"/login ada {PASSWORD}")
        self.assertEqual(
            self.says(self.bob, "/register secret-enough"), ["!! You are logged in as Ada already. Log out first."]
        )

    def test_closed(self) -> None:
        """Where people may not register they are told whom to ask."""
        self.accounts._hashing.settings = type(CHEAP)(registration="closed")
        self.assertEqual(
            self.says(self.bob, "/register secret-enough"),
            ["!! New accounts are made by operators only. Ask one of them."],
        )

    def test_no_accounts(self) -> None:
        """Where there are no accounts all of it is refused."""
        bob = MemoryNetwork().enter("bob")
        for line in ("/register secret-enough", "/login bob secret-enough", "/password a b"):
            self.assertEqual(self.says(bob, line)[-1], "!! There are no accounts here.")

    def test_password(self) -> None:
        """Another password holds from now on; the old one is needed for it."""
        self.assertEqual(self.says(self.bob, f"/password {PASSWORD} other-horse"), ["!! You are not logged in."])
        self.says(self.bob, f"/login ada {PASSWORD}")
        self.assertTrue(self.says(self.bob, "/password one")[0].startswith("!! Use it like this: /password OLD NEW"))
        self.assertEqual(
            self.says(self.bob, "/password wrong other-horse"),
            [WRONG],
        )
        self.assertEqual(self.says(self.bob, f"/password {PASSWORD} other-horse"), ["-- Your password is changed."])
        self.assertEqual(len(self.says(self.bob, "/logout", f"/login ada {PASSWORD}", "/login ada other-horse")), 3)
        self.assertEqual(self.account("bob"), "Ada")

    def test_password_ends_the_others(self) -> None:
        """Then all other connections of the account end, and are told why."""
        eve = self.network.connect(HERE)
        for person in (eve, self.bob):
            self.says(person, f"/login ada {PASSWORD}")
        self.assertEqual(self.says(self.bob, f"/password {PASSWORD} other-horse")[-1], "-- Your password is changed.")
        self.assertEqual(eve.heard(), ["!! You are cut off by bob: The password was changed"])
        self.assertEqual((eve.connected, self.bob.connected), (False, True))

    def test_dropped(self) -> None:
        """Who is logged in to an account that is dropped elsewhere is told so."""
        self.says(self.bob, f"/login ada {PASSWORD}")
        logins.forget(self.network.rooms, "ada")
        self.network.settle()
        self.assertEqual(self.bob.heard(), ["-- The account Ada is there no more: you are logged out."])
        self.assertEqual(self.account("bob"), "")


class Secrets(AccountsTestCase):
    """What is typed of passwords is shown to nobody."""

    def test_leading_blank(self) -> None:
        """A blank before such a command does not make it something to say."""
        eve = self.network.connect(HERE)
        eve.say("eve", "/echo on")
        eve.heard()
        self.says(self.bob, "/echo on")
        for blank in (" ", "\t", "   ", "\u00a0", "\u3000"):
            for line in (f"/login ada {PASSWORD}", f"/LOGIN {PASSWORD}", "/register s", "/password a b"):
                self.says(self.bob, blank + line)
            self.assertEqual(eve.heard(), [])
        (entry,) = self.says(self.bob, " /me waves")
        self.assertEqual(entry, "<bob>  /me waves")
        self.assertEqual(eve.heard(), [entry])

    def test_not_repeated(self) -> None:
        """No answer repeats it, neither where something is wrong."""
        for line in (
            f"/login ada {PASSWORD} more",
            f"/login {PASSWORD}",
            f"/register {PASSWORD} x",
            f"/logn {PASSWORD}",
        ):
            self.assertNotIn(PASSWORD, "".join(self.says(self.bob, line)))
