"""What a person may read back."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import NotInRoom
from chatproto.events import Stamp, Whispered, Who
from chatproto.rooms import reading
from chatproto.rooms.reading import PARTNERS, Buffer
from tests.dialects.irc.network import Client, Network, finish


class ReadingTests(SynchronousTestCase):
    """ada is in #Tea and logged in as Lovelace; bob is logged in, and eve is not."""

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network()
        self.ada, self.bob, self.eve = map(self.network.connect, ("ada", "bob", "eve"))
        self.network.room("#Tea", self.ada)
        self.ada.talk.user.looks(account="Lovelace")
        self.bob.talk.user.looks(account="Bob")
        self.network.rooms.owned.add("bob", "Bob")

    def found(self, target: str) -> Buffer:
        """What ada means by that."""
        return reading.buffer(self.network.rooms, self.ada.talk.user, target)

    def test_rooms(self) -> None:
        """Rooms that one is in; any other is not to be had, whether or not it is there."""
        stream = self.network.rooms.room("#tea").stream
        self.assertEqual(self.found("#TEA"), Buffer("#Tea", stream, "#tea"))
        self.network.room("#there", self.bob)
        for name in ("#there", "#not-there", "#"):
            self.assertRaises(NotInRoom, self.found, name)

    def test_people(self) -> None:
        """People by their accounts, or by their names; who is not here by the name as it was asked for, of an account
        if there is one. Neither is taken for the other."""
        self.assertEqual(self.found("BOB"), Buffer("bob", "bob lovelace", "bob"))
        self.assertEqual(self.found("EVE"), Buffer("eve", "lovelace ~eve", "eve"))
        self.assertEqual(self.found("Tim"), Buffer("Tim", "lovelace ~tim", "tim"))
        self.network.rooms.owned.add("tim", "Tim")
        self.assertEqual(self.found("Tim"), Buffer("Tim", "lovelace tim", "tim"))
        self.assertEqual(self.found("ada"), Buffer("ada", "lovelace lovelace", "lovelace"))

    def test_without_account(self) -> None:
        """Who is not logged in reads nothing of what was said to people."""
        self.ada.talk.user.looks(account="")
        for name in ("bob", "tim", "ada"):
            self.assertEqual(self.found(name).stream, "")

    def test_all(self) -> None:
        """Rooms, and people with whom there is talk that is kept, those of the latest last; whose account is there no
        more has its key for a name."""
        self.assertEqual(self.everything(self.ada), [Buffer("#Tea", "#tea", "#tea")])
        self.eve.talk.user.looks(account="Eve")
        for client in (self.bob, self.eve, self.bob):
            self.network.now += 1
            client.send("PRIVMSG ada :hi")
        bob, eve = Buffer("Bob", "bob lovelace", "bob"), Buffer("eve", "eve lovelace", "eve")
        self.assertEqual(self.everything(self.ada), [Buffer("#Tea", "#tea", "#tea"), eve, bob])
        self.eve.talk.user.looks(account="")
        self.assertEqual(self.everything(self.eve), [])

    def test_partners(self) -> None:
        """Of very many only those of the latest talk are looked at."""
        history, now = self.network.rooms.history, self.network.now
        for number in range(PARTNERS + 1):
            event = Whispered(Who("x", account=f"x{number}"), "ada", "hi")
            history.append(f"lovelace x{number}", event, Stamp(1, number + 1, now + number))
        partners = [each.key for each in self.everything(self.ada)[1:]]
        self.assertEqual(partners, [f"x{number}" for number in range(1, PARTNERS + 1)])

    def test_still(self) -> None:
        """What was allowed may be over: a room left or renamed, another account."""
        tea, bob = self.found("#tea"), self.found("bob")
        me = self.ada.talk.user
        self.assertTrue(reading.still(me, tea) and reading.still(me, bob))
        self.assertFalse(reading.still(self.bob.talk.user, tea))
        self.ada.send("RENAME #tea #coffee")
        self.assertFalse(reading.still(me, tea))
        coffee = self.found("#coffee")
        self.ada.send("PART #coffee")
        self.assertFalse(reading.still(me, coffee))
        for account in ("other", ""):
            me.looks(account=account)
            self.assertFalse(reading.still(me, bob))
            self.assertFalse(reading.still(me, Buffer("eve", "", "eve")))

    def everything(self, client: Client) -> list[Buffer]:
        """All that there is for somebody, at once."""
        found: list[Buffer] = []

        async def ask() -> None:
            found.extend(await reading.buffers(self.network.rooms, client.talk.user))

        finish(ask())
        return found
