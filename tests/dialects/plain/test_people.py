"""The commands about people: who somebody is, and being away."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.modes import Rule, UserMode
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import MemoryNetwork

DAY = 86_400.0


class People(SynchronousTestCase):
    """Ada and Bob are in #lobby."""

    def setUp(self) -> None:
        """Both have read what is on their screens."""
        self.network = MemoryNetwork(Settings(rooms=RoomLimits(topic_length=10)))
        self.ada, self.bob = self.network.enter("ada"), self.network.enter("bob")
        self.ada.heard()
        self.user = self.network.rooms.people.find("bob")
        self.now = self.network.rooms.now()

    def answers(self, line: str, *answers: str) -> None:
        """Ada types `line` and sees these answers; Bob sees nothing."""
        self.ada.say(line)
        self.assertEqual((self.ada.heard(), self.bob.heard()), (list(answers), []), line)


class Whois(People):
    """`/whois NAME`."""

    def about(self, *facts: str) -> None:
        """Ada asks about Bob, and is told these facts besides his address and his silence."""
        cloak = self.network.rooms.cloak.of("192.0.2.1")
        lines = [f"--   {fact}" for fact in facts]
        self.answers("/whois BOB", f"-- bob is ~plain@{cloak}", *lines, "--   silent for less than a minute")

    def test_little(self) -> None:
        """Of most people their address, the rooms that both are in, and since when they say nothing is told."""
        self.about("in #lobby")

    def test_much(self) -> None:
        """What else there is to be known is told, each in a line."""
        self.user.realname = "Robert"
        self.user.looks(account="rob")
        self.user.modes |= {UserMode.OPERATOR, UserMode.BOT}
        self.bob.say("/away lunch")
        self.bob.heard()
        self.user.active = self.now
        operator = "an operator of the server"
        self.about("real name: Robert", "account: rob", operator, "a bot", "in #lobby", "away: lunch")

    def test_rooms(self) -> None:
        """Rooms that only the other is in are not told, nor those where one may not see them."""
        self.bob.say("/join #garden", "/join #den")
        self.ada.say("/join #den")
        self.ada.heard()
        self.bob.heard()
        self.user.active = self.now
        self.about("in #lobby, #den (operator)")
        self.network.rooms.room("#lobby").rules[Rule.AUDITORIUM] = ""
        self.about("in #den (operator)")
        self.ada.say("/part #lobby", "/part #den")
        self.ada.heard()
        self.bob.heard()
        self.about()

    def test_silence(self) -> None:
        """How long somebody has said nothing is told in the largest unit that fits."""
        for seconds, told in (
            *((59.9, "less than a minute"), (60.0, "1 minute"), (3599.0, "59 minutes"), (3600.0, "1 hour")),
            *((DAY - 1, "23 hours"), (DAY, "1 day"), (2 * DAY, "2 days"), (-1.0, "less than a minute")),
        ):
            self.user.active = self.now - seconds
            self.ada.say("/whois bob")
            self.assertEqual(self.ada.heard()[-1], f"--   silent for {told}")

    def test_refused(self) -> None:
        """Of nobody there is nothing to tell."""
        self.answers("/whois cora", "!! Nobody here is called cora.")
        self.answers("/whois", "!! Use it like this: /whois NAME  (tell what others may know of somebody)")


class Away(People):
    """`/away [WHY]` and `/back`."""

    def test_away_and_back(self) -> None:
        """One is away until one is back, with a reason or without; nobody in the room is shown it."""
        ada = self.network.rooms.people.find("ada")
        self.answers("/away tea", "-- You are away: tea")
        self.assertEqual(ada.away, "tea")
        self.answers("/away", "-- You are away: gone for now")
        self.assertEqual(ada.away, "gone for now")
        for answer in ("-- You are away no longer.", "-- You were not away."):
            self.answers("/back", answer)
            self.assertEqual(ada.away, "")

    def test_length(self) -> None:
        """The reason is no longer than a topic may be."""
        self.answers("/away " + "x" * 10, "-- You are away: " + "x" * 10)
        self.answers("/away " + "x" * 11, "!! That reason has 11 characters; 10 are allowed.")
        self.assertEqual(self.network.rooms.people.find("ada").away, "x" * 10)
