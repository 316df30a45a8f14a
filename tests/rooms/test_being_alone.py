"""What others see of who loses the last connection, and what a person has in common with all of theirs."""

from __future__ import annotations

from chatproto.errors import NameTaken, TooManyClients
from chatproto.events import Quit, Renamed
from chatproto.modes import UserMode
from chatproto.rooms import operators
from chatproto.rooms.limits import ALWAYS_ON, DM_HISTORY, MULTICLIENT, OFF, ON
from chatproto.rooms.presence_record import DISCONNECTED
from chatproto.rooms.user import Session
from tests.rooms.chat import owner_of, user_of
from tests.rooms.test_presence import PresenceTestCase


class LastConnection(PresenceTestCase):
    """Ada, who stays, and Bob, an operator of the server, are in #a."""

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        self.ada, self.bob = self.staying(), self.client("Bob")
        for session in (self.ada, self.bob):
            self.join(session, "#a")
        user_of(self.bob).become(frozenset({UserMode.OPERATOR}))
        self.who = user_of(self.ada).who

    def ends_when_cut(self, session: Session) -> None:
        """Have its owner do what it is to do."""
        owner = owner_of(session)
        owner.cut = lambda who, reason: self.service.quit(session, f"Killed ({who.name} ({reason}))")  # type: ignore[method-assign]

    def test_going_down(self) -> None:
        """When the server goes down nobody is told that others are away: each would be told of all others. They are
        away all the same when it is up again."""
        second = self.attach(self.ada)
        second.unattended = True
        self.service.closing = True
        for session in (self.ada, second):
            self.service.quit(session, "")
        self.sees(self.bob)
        self.start()
        self.assertEqual(self.service.people.find("ada").away, DISCONNECTED)

    def test_killed(self) -> None:
        """Who is cut off by an operator is gone at once, by one connection or several: nobody sees them away first."""
        second = self.attach(self.ada)
        for session in (self.ada, second):
            self.ends_when_cut(session)
        operators.kill(self.service, self.bob, user_of(self.ada), "spam")
        self.sees(self.bob, Quit(self.who, "Killed (Bob (spam))"))
        self.assertIsNone(self.service.people.get("ada"))
        self.start()
        self.assertIsNone(self.service.people.get("ada"))

    def test_killed_where_all_stay(self) -> None:
        """So is who has chosen nothing, on a server where that means to stay."""
        self.start(always_on=ON)
        ada, bob = self.client(), self.client("Bob")
        for session in (ada, bob):
            self.join(session, "#a")
        user_of(bob).become(frozenset({UserMode.OPERATOR}))
        self.ends_when_cut(ada)
        operators.kill(self.service, bob, user_of(ada), "spam")
        self.sees(bob, Quit(self.who, "Killed (Bob (spam))"))
        self.assertIsNone(self.service.people.get("ada"))
        self.start(always_on=ON)
        self.assertIsNone(self.service.people.get("ada"))

    def test_unseen(self) -> None:
        """Who was cut off, and has sent nothing since they came, is alone since they came; else since their last
        line."""
        came = self.now
        for heard in (came, came + 7):
            self.now = came + 100
            self.ada.heard = heard
            self.service.quit(self.ada, "", unseen=True)
            self.assertEqual(self.service.people.find("ada").alone_since, heard)
            self.ada = self.staying()
            self.assertEqual(self.ada.heard, self.now)

    def test_seen(self) -> None:
        """Who said goodbye is alone since then."""
        self.now += 100
        self.service.quit(self.ada, "")
        self.assertEqual(self.service.people.find("ada").alone_since, self.now)

    def test_moved(self) -> None:
        """So is whose last connection becomes another person's."""
        self.client(name="ada2")
        self.now += 100
        self.done(self.service.rename(self.ada, "ada2"))
        self.assertEqual(self.service.people.find("ada").alone_since, self.now)

    def test_choices(self) -> None:
        """A further connection may have logged in before they chose something, and changes nothing of it; the first
        one after a while has their choices as they are by then."""
        second = self.client(choices={ALWAYS_ON: OFF})
        self.assertEqual(user_of(second).choices, {ALWAYS_ON: ON})
        for session in (self.ada, second):
            self.service.quit(session, "")
        ada = self.client(choices={ALWAYS_ON: ON, DM_HISTORY: OFF})
        self.assertEqual(user_of(ada).choices, {ALWAYS_ON: ON, DM_HISTORY: OFF})


class OneName(PresenceTestCase):
    """Who may have no further connection."""

    def test_case(self) -> None:
        """They may write their own name in another way; that of another person of theirs they cannot have."""
        for error, limits in ((NameTaken, {MULTICLIENT: OFF}), (TooManyClients, {"clients_per_person": 1})):
            self.start(**limits)
            ada, other = self.client(), self.client(name="eve")
            who = user_of(ada).who
            self.join(ada, "#a")
            self.join(other, "#a")
            self.assertFalse(self.done(self.service.rename(ada, "ADA")))
            self.assertEqual(user_of(ada).name.shown, "ADA")
            self.sees(other, Renamed(who, "ADA"))
            self.refused(error, self.service.rename(other, "ada"))
            self.assertEqual(user_of(other).name.shown, "eve")
