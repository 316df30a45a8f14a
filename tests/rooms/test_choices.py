"""What people choose for their accounts."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import ChatError
from chatproto.rooms import choices
from chatproto.rooms.choices import CHOICES, Chosen, NoSuchChoice, NotToChoose
from chatproto.rooms.limits import DM_HISTORY, NEVER, OFF, ON, RoomLimits
from chatproto.rooms.logins import NotLoggedIn
from tests.accounts.quick import quick
from tests.dialects.irc.network import Client, Network

PASSWORD = "correct horse"


class ChoicesTestCase(SynchronousTestCase):
    """ada and bob have accounts and are logged in; eve is not."""

    limits = RoomLimits()

    def setUp(self) -> None:
        """Let them in."""
        clock = Clock()
        accounts = quick(clock)
        self.network = Network(limits=self.limits, accounts=accounts)
        self.ada, self.bob, self.eve = map(self.network.connect, ("ada", "bob", "eve"))
        for client in (self.ada, self.bob):
            client.send(f"NS :REGISTER {PASSWORD.replace(' ', '_')}")
            client.got()

    def done(self, answer: Any) -> Any:
        """What comes of it, at once."""
        return self.successResultOf(ensureDeferred(answer))

    def choose(self, client: Client, name: str, value: str) -> Any:
        """Choose it."""
        return self.done(choices.choose(self.network.rooms, client.talk.session, name, value))

    def chosen(self, client: Client, name: str = DM_HISTORY) -> Chosen:
        """What holds."""
        (found,) = (each for each in choices.chosen(self.network.rooms, client.talk.session) if each.name == name)
        return found

    def refused(self, kind: type[Exception], client: Client, name: str, value: str) -> str:
        """Why it is not done."""
        answer = Deferred.fromCoroutine(choices.choose(self.network.rooms, client.talk.session, name, value))
        return str(self.failureResultOf(answer, kind).value)

    def kept(self) -> int:
        """How much of what ada and bob say to each other is kept."""
        found: Any = self.done(self.network.rooms.history.read("ada bob", 100))
        return len(found)


class Choosing(ChoicesTestCase):
    """How they do that."""

    def test_usual(self) -> None:
        """Who chose nothing has what the settings say, for each."""
        found = list(choices.chosen(self.network.rooms, self.ada.talk.session))
        self.assertEqual([each.name for each in found], list(CHOICES))
        self.assertEqual(self.chosen(self.ada), Chosen(DM_HISTORY, on=True, own=False))
        self.assertEqual(str(self.chosen(self.ada)), "dm-history: on, as usual")

    def test_values(self) -> None:
        """On and off in many words, in any case; default is what the settings say."""
        for value, on in (("OFF", False), ("on", True), ("False", False), ("yes", True), ("0", False), ("1", True)):
            self.assertEqual(self.choose(self.ada, "DM_History", value), Chosen(DM_HISTORY, on, own=True))
            self.assertEqual(self.chosen(self.ada), Chosen(DM_HISTORY, on, own=True))
        self.assertEqual(self.choose(self.ada, DM_HISTORY, "default"), Chosen(DM_HISTORY, on=True, own=False))
        self.assertEqual(self.chosen(self.ada), Chosen(DM_HISTORY, on=True, own=False))

    def test_lasts(self) -> None:
        """It is the account's: it holds for other connections, and when one comes again."""
        self.choose(self.ada, DM_HISTORY, OFF)
        self.assertTrue(self.chosen(self.bob).on)
        self.ada.send("QUIT")
        again = self.network.connect("tim")
        again.send(f"NS :IDENTIFY ada {PASSWORD.replace(' ', '_')}")
        self.assertFalse(self.chosen(again).on)

    def test_refused(self) -> None:
        """What is no choice, or no value, is told; and who is not logged in has none."""
        self.assertIn("There is no choice colour; there are: ", self.refused(NoSuchChoice, self.ada, "colour", ON))
        why = "dm-history can be on, off, or default, not maybe."
        self.assertEqual(self.refused(ChatError, self.ada, DM_HISTORY, "maybe"), why)
        self.refused(NotLoggedIn, self.eve, DM_HISTORY, ON)
        self.assertRaises(NotLoggedIn, list, choices.chosen(self.network.rooms, self.eve.talk.session))


class PrivateHistory(ChoicesTestCase):
    """What people say to each other is kept if both want it."""

    def test_both(self) -> None:
        """Either can have it not kept; then nothing is, of either."""
        self.ada.send("PRIVMSG bob :one")
        self.assertEqual(self.kept(), 1)
        self.choose(self.bob, DM_HISTORY, OFF)
        self.ada.send("PRIVMSG bob :two")
        self.bob.send("PRIVMSG ada :three")
        self.assertEqual(self.kept(), 1)
        self.choose(self.bob, DM_HISTORY, "default")
        self.bob.send("PRIVMSG ada :four")
        self.assertEqual(self.kept(), 2)

    def test_notes(self) -> None:
        """One's own notes are kept if one wants it."""
        self.choose(self.ada, DM_HISTORY, OFF)
        self.ada.send("PRIVMSG ada :note")
        self.assertEqual(self.done(self.network.rooms.history.read("ada ada", 9)), [])


class UsuallyOff(ChoicesTestCase):
    """A server where it is not kept unless both choose it."""

    limits = RoomLimits(dm_history=OFF)

    def test_both(self) -> None:
        """One alone is not enough."""
        self.choose(self.ada, DM_HISTORY, ON)
        self.ada.send("PRIVMSG bob :one")
        self.assertEqual(self.kept(), 0)
        self.choose(self.bob, DM_HISTORY, ON)
        self.ada.send("PRIVMSG bob :two")
        self.assertEqual(self.kept(), 1)


class Never(ChoicesTestCase):
    """A server where it never is."""

    limits = RoomLimits(dm_history=NEVER)

    def test_never(self) -> None:
        """It cannot be chosen, and what was chosen elsewhere, or before, does not count."""
        self.assertEqual(self.refused(NotToChoose, self.ada, DM_HISTORY, ON), "dm-history is off for everyone here.")
        for client in (self.ada, self.bob):
            client.talk.user.choices = {DM_HISTORY: ON}
        self.ada.send("PRIVMSG bob :one")
        self.assertEqual(self.kept(), 0)
        self.assertFalse(self.chosen(self.ada).on)
