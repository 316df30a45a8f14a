"""Commands that keep a room."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatproto.dialects.plain.rules import ACCOUNTS_SHOWN
from chatproto.modes import Status, UserMode
from chatproto.testing import Person
from tests.dialects.plain.test_accounts import HERE, PASSWORD, AccountsTestCase
from tests.rooms.kept_records import KeptRecords

KEPT = "-- #den is yours now, and kept: with its operators, topic and rules."


class Keeping(AccountsTestCase):
    """Ada has opened #den, where bob is, who has an account as well; carl has none."""

    def setUp(self) -> None:
        """They are in."""
        super().setUp()
        self.says(self.bob, "/register bobs-password")
        self.ada = self.network.connect(HERE)
        self.says(self.ada, f"/login ada {PASSWORD}")
        self.carl = self.network.enter("carl")
        for each in (self.ada, self.bob, self.carl):
            each.say("/join #den")
        for each in (self.ada, self.bob, self.carl):
            each.heard()

    def kept(self) -> None:
        """#den is ada's."""
        self.ada.say("/keep")
        for each in (self.ada, self.bob, self.carl):
            each.heard()

    def root(self, person: Person) -> None:
        """An operator of the server."""
        user = self.network.rooms.people.find("carl")
        self.network.rooms.people.become(user, user.modes | {UserMode.OPERATOR})

    def test_keep(self) -> None:
        """It is hers, and there when nobody is in it."""
        self.assertEqual(self.says(self.bob, "/keep"), ["!! Only operators of #den may do that."])
        self.assertEqual(self.says(self.ada, "/keep"), ["-- the server made Ada a founder", KEPT])
        self.assertEqual(self.bob.heard(), ["-- the server made Ada a founder"])
        self.assertEqual(self.says(self.ada, "/keep"), ["!! #den is registered already, by Ada."])
        self.ada.say("/topic tea")
        for each in (self.ada, self.bob, self.carl):
            each.say("/part #den")
        self.assertIn("-- #den (0, kept): tea", self.says(self.carl, "/rooms"))
        self.assertIn("-- The topic is: tea", self.says(self.carl, "/join den"))
        told = self.says(self.ada, "/join #den")
        self.assertIn("#den -- the server made Ada a founder", told)
        self.assertIn("-- the server made Ada an operator", self.carl.heard())

    def test_stored(self) -> None:
        """That it is hers is told when it is stored."""
        warning = "!! That was done, but it is not stored: the store takes nothing at the moment."
        records = self.network.rooms.records = KeptRecords()
        for stored, told in ((True, [KEPT]), (False, [KEPT, warning])):
            waiting = records.waiting = Deferred()
            self.assertEqual(self.says(self.ada, "/keep"), [])
            waiting.callback(stored)
            self.network.settle()
            self.assertEqual(self.ada.heard()[-len(told) :], told)
            self.network.rooms.recorded.release(self.network.rooms.room("#den"))

    def test_no_account(self) -> None:
        """One must be logged in."""
        self.assertEqual(self.says(self.carl, "/join #y", "/keep")[-1], "!! You are not logged in.")

    def test_unkeep(self) -> None:
        """By its name, from outside as well, by who owns it."""
        self.kept()
        self.assertIn("/unkeep #ROOM", self.says(self.ada, "/unkeep")[0])
        self.assertEqual(self.says(self.bob, "/unkeep #den"), ["!! Only the founder of #den may do that."])
        for each in (self.ada, self.bob, self.carl):
            each.say("/part #den")
        self.assertEqual(self.says(self.ada, "/unkeep den"), ["-- #den is not kept any more."])
        self.assertEqual(self.says(self.ada, "/unkeep den"), ["!! There is no room #den."])

    def test_heir(self) -> None:
        """It is handed over to somebody who takes it, by their name or that of the account."""
        self.kept()
        self.assertEqual(self.says(self.bob, "/heir bob"), ["!! Only the founder of #den may do that."])
        self.assertEqual(self.says(self.ada, "/heir carl"), ["!! There is no account carl."])
        for name in ("bert", "bob"):
            self.bob.say("/nick bert")
            self.ada.heard()
            self.assertEqual(
                self.says(self.ada, f"/heir {name}"), ["-- #den is bob's as soon as they type /keep in it."]
            )
            self.assertEqual(self.says(self.ada, "/heir ada"), ["-- You keep #den."])
            self.assertEqual(self.says(self.bob, "/keep"), ["!! Only operators of #den may do that."])
        self.ada.say("/heir bob")
        self.ada.heard()
        self.assertEqual(
            self.says(self.bob, "/keep"),
            [
                "-- the server took the rights of a founder from Ada",
                "-- the server made bert a founder",
                "-- #den is yours now.",
            ],
        )

    def test_heir_by_operator(self) -> None:
        """An operator of the server gives it away at once."""
        self.kept()
        self.root(self.carl)
        self.assertEqual(self.says(self.carl, "/heir bob")[-1], "-- #den is bob's now.")

    def test_shown(self) -> None:
        """`/room` tells whose it is; operators are told what others are, not of more than fit."""
        self.assertNotIn("kept", " ".join(self.says(self.ada, "/room")))
        self.kept()
        self.ada.say("/op bob")
        self.assertIn("-- It is kept: Ada (founder), bob (operator).", self.says(self.ada, "/room"))
        self.assertIn("-- It is kept: Ada (founder).", self.says(self.carl, "/room"))
        registration = self.network.rooms.room("#den").registration
        assert registration is not None
        for count in (ACCOUNTS_SHOWN - 1, ACCOUNTS_SHOWN, ACCOUNTS_SHOWN + 1):
            registration.ranks = {f"a{number}": Status.VOICE for number in range(count - 1)}
            (line,) = (line for line in self.says(self.ada, "/room") if "It is kept" in line)
            self.assertEqual(line.count("(voice)"), min(count, ACCOUNTS_SHOWN) - 1)
            self.assertEqual(line.endswith(", and 1 more."), count > ACCOUNTS_SHOWN)
