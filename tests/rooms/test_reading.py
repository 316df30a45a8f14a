"""What a person may read back."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import NotInRoom
from chatproto.rooms import reading
from chatproto.rooms.reading import Buffer
from tests.dialects.irc.network import Network


class ReadingTests(SynchronousTestCase):
    """ada is in #Tea and logged in as Lovelace; bob is logged in, and eve is not."""

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network()
        self.ada, self.bob, self.eve = map(self.network.connect, ("ada", "bob", "eve"))
        self.network.room("#Tea", self.ada)
        self.ada.talk.user.looks(account="Lovelace")
        self.bob.talk.user.looks(account="Bob")

    def found(self, target: str) -> Buffer:
        """What ada means by that."""
        return reading.buffer(self.network.rooms.people, self.ada.talk.user, target)

    def test_rooms(self) -> None:
        """Rooms that one is in; any other is not to be had, whether or not it is there."""
        stream = self.network.rooms.room("#tea").stream
        self.assertEqual(self.found("#TEA"), Buffer("#Tea", stream, "#tea"))
        self.network.room("#there", self.bob)
        for name in ("#there", "#not-there", "#"):
            self.assertRaises(NotInRoom, self.found, name)

    def test_people(self) -> None:
        """People by their accounts, where both have one; who is not here by the name as it was asked for."""
        self.assertEqual(self.found("BOB"), Buffer("bob", "bob lovelace", "bob"))
        self.assertEqual(self.found("eve"), Buffer("eve", "", "eve"))
        self.assertEqual(self.found("Tim"), Buffer("Tim", "lovelace tim", "tim"))
        self.assertEqual(self.found("ada"), Buffer("ada", "lovelace lovelace", "lovelace"))

    def test_without_account(self) -> None:
        """Who is not logged in reads nothing of what was said to people."""
        self.ada.talk.user.looks(account="")
        for name in ("bob", "tim", "ada"):
            self.assertEqual(self.found(name).stream, "")

    def test_all(self) -> None:
        """Rooms, and people one was in talk with since both were logged in."""
        self.bob.send("PRIVMSG ada :hi")
        self.eve.send("PRIVMSG ada :hi")
        found = reading.buffers(self.network.rooms.correspondents, self.ada.talk.user)
        self.assertEqual(found, [Buffer("#Tea", "#tea", "#tea"), Buffer("Bob", "bob lovelace", "bob")])
        self.assertEqual(reading.buffers(self.network.rooms.correspondents, self.eve.talk.user), [])
