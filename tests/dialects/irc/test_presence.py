"""AWAY and SETNAME."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from tests.dialects.irc.network import Client, Network

AWAY = ":chatproto.local 306 ada :You have been marked as being away"
BACK = ":chatproto.local 305 ada :You are no longer marked as being away"


class AwayTests(SynchronousTestCase):
    """AWAY of those who are in."""

    def setUp(self) -> None:
        """Ada shares a room with bob, who is told of such things."""
        self.network = Network(IrcSettings(away_length=10))
        self.ada = self.network.connect("ada")
        self.bob = self.network.connect("bob", ["away-notify"])
        self.network.room("#garden", self.ada, self.bob)

    def away(self) -> str:
        """Why ada is away."""
        return self.network.rooms.people.find("ada").away

    def test_away_and_back(self) -> None:
        """One is away with a message, and back without; both are told to oneself and to those who want to know."""
        self.assertEqual(self.ada.says("AWAY :at lunch"), [AWAY])
        self.assertEqual(self.bob.got(), [":ada!~ada@localhost AWAY :at lunch"])
        self.assertEqual(self.ada.says("AWAY"), [BACK])
        self.assertEqual(self.bob.got(), [":ada!~ada@localhost AWAY"])

    def test_empty(self) -> None:
        """An empty message is none."""
        self.ada.send("AWAY :lunch")
        self.assertEqual(self.ada.says("AWAY :"), [BACK])
        self.assertEqual(self.away(), "")

    def test_again(self) -> None:
        """What changes nothing is acknowledged, and told to nobody."""
        self.ada.send("AWAY :lunch")
        self.bob.got()
        self.assertEqual(self.ada.says("AWAY :lunch"), [AWAY])
        self.assertEqual(self.bob.got(), [])

    def test_too_long(self) -> None:
        """A message is cut at its limit."""
        self.ada.send("AWAY :0123456789x")
        self.assertEqual(self.away(), "0123456789")

    def test_unspecified(self) -> None:
        """A star is a message like any other."""
        self.assertEqual(self.ada.says("AWAY *"), [AWAY])
        self.assertEqual(self.away(), "*")


class EarlyAwayTests(SynchronousTestCase):
    """AWAY before registration is done (pre-away)."""

    def setUp(self) -> None:
        """Somebody has connected."""
        self.network = Network()
        self.ada = Client(self.network)

    def test_with_the_capability(self) -> None:
        """It is acknowledged, and holds from the beginning."""
        early = ":chatproto.local 306 * :You have been marked as being away"
        self.ada.send("CAP REQ draft/pre-away")
        self.assertEqual(self.ada.says("AWAY :asleep"), [early])
        self.ada.send("NICK ada", "USER ada 0 * :Ada", "CAP END")
        self.assertEqual(self.network.rooms.people.find("ada").away, "asleep")

    def test_taken_back(self) -> None:
        """The last one counts."""
        self.ada.send("CAP REQ draft/pre-away", "AWAY :asleep", "AWAY", "NICK ada", "USER ada 0 * :Ada", "CAP END")
        self.assertEqual(self.network.rooms.people.find("ada").away, "")

    def test_without_the_capability(self) -> None:
        """It is refused, and changes nothing."""
        self.assertEqual(self.ada.says("AWAY :asleep"), [":chatproto.local 451 * :You have not registered"])
        self.ada.send("NICK ada", "USER ada 0 * :Ada")
        self.assertEqual(self.network.rooms.people.find("ada").away, "")


class SetnameTests(SynchronousTestCase):
    """SETNAME."""

    def setUp(self) -> None:
        """Ada and bob know SETNAME, eve does not; all share a room."""
        self.network = Network(IrcSettings(realname_length=10))
        self.ada = self.network.connect("ada", ["setname"])
        self.bob = self.network.connect("bob", ["setname"])
        self.eve = self.network.connect("eve")
        self.network.room("#garden", self.ada, self.bob, self.eve)

    def realname(self, nick: str) -> str:
        """The real name of somebody."""
        return self.network.rooms.people.find(nick).realname

    def test_told(self) -> None:
        """Oneself and others are told who know the verb."""
        line = ":ada!~ada@localhost SETNAME :Ada L."
        self.assertEqual(self.ada.says("SETNAME :Ada L."), [line])
        self.assertEqual((self.bob.got(), self.eve.got()), ([line], []))
        self.assertEqual(self.realname("ada"), "Ada L.")

    def test_without_the_capability(self) -> None:
        """It works in silence."""
        self.assertEqual(self.eve.says("SETNAME Eve"), [])
        self.assertEqual(self.bob.got(), [":eve!~eve@localhost SETNAME Eve"])

    def test_invalid(self) -> None:
        """An empty name, or one that is too long, is refused."""
        refusal = ":chatproto.local FAIL SETNAME INVALID_REALNAME :Realname is not valid"
        for name in ("", " ", "0123456789x", "é" * 6):
            self.assertEqual(self.ada.says(f"SETNAME :{name}"), [refusal])
        self.assertEqual(self.realname("ada"), "ada Real")
        self.assertEqual(self.ada.says("SETNAME 0123456789"), [":ada!~ada@localhost SETNAME 0123456789"])

    def test_missing(self) -> None:
        """A name must be given."""
        self.assertEqual(self.ada.says("SETNAME"), [":chatproto.local 461 ada SETNAME :Not enough parameters"])
