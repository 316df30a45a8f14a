"""People and their connections."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Appeared, Event, Stamp, Vanished, Who
from chatproto.modes import UserMode
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.user import ACCEPTED, User
from chatproto.testing import NOON
from chatproto.wire import Wire
from tests.rooms.chat import connection, frame, link_of

STAMP = Stamp(1, 1, NOON)


def person(name: str = "ada") -> User:
    """Somebody who came at noon."""
    return User(names.person(name, RoomLimits()), Who(name, "user", "example.org"), "Real", NOON)


class UserTests(SynchronousTestCase):
    """A person."""

    def test_new(self) -> None:
        """Who has just come is in no room, is nothing special, and has been here since then."""
        ada = person()
        self.assertEqual((ada.signed_on, ada.active, ada.away, ada.title), (NOON, NOON, "", ""))
        self.assertEqual((ada.rooms, ada.invitations, ada.sessions, ada.facts), ({}, (), [], None))
        self.assertEqual((ada.modes, ada.operator), (frozenset(), False))

    def test_looks(self) -> None:
        """What others see changes for what happens later, and not in what has happened."""
        ada = person()
        before = ada.who
        ada.looks(host="elsewhere.example", account="ada")
        self.assertEqual(before, Who("ada", "user", "example.org"))
        self.assertEqual(ada.who, Who("ada", "user", "elsewhere.example", "ada"))
        self.assertEqual(ada.who.mask, "ada!user@elsewhere.example")

    def test_become(self) -> None:
        """Operators of the server, and bots, are shown as what they are; who is an operator no longer has no title."""
        ada = person()
        ada.become(frozenset({UserMode.OPERATOR, UserMode.WALLOPS}))
        ada.title = "root"
        self.assertEqual((ada.operator, ada.who.operator, ada.who.bot), (True, True, False))
        ada.become(ada.modes | {UserMode.BOT})
        self.assertEqual((ada.operator, ada.who.operator, ada.who.bot, ada.title), (True, True, True, "root"))
        ada.become(frozenset({UserMode.BOT}))
        self.assertEqual((ada.operator, ada.who.operator, ada.who.bot, ada.title), (False, False, True, ""))

    def test_accept(self) -> None:
        """It remembers so many whom it accepts, those of late."""
        ada = person()
        others = [person() for _ in range(ACCEPTED + 1)]
        for other in others[:-1]:
            ada.accept(other)
        self.assertEqual(ada.accepted, tuple(others[:-1]))
        ada.accept(others[0])
        ada.accept(others[-1])
        self.assertEqual(ada.accepted, (*others[2:-1], others[0], others[-1]))
        ada.refuse(others[0])
        ada.refuse(others[1])
        self.assertEqual(ada.accepted, (*others[2:-1], others[-1]))


class SessionTests(SynchronousTestCase):
    """A connection."""

    def test_show(self) -> None:
        """An event is written as the wire shows it; where that shows nothing, nothing is written."""

        def lines(event: Event, stamp: Stamp) -> list[str]:
            return ["one", "two"] if isinstance(event, Appeared) else []

        wire = Wire(lines, frame)
        session = connection()
        session.show(Vanished("bob"), STAMP, wire)
        self.assertEqual(link_of(session).written, [])
        session.show(Appeared(Who("bob")), STAMP, wire)
        self.assertEqual(link_of(session).written, [b"one\r\ntwo\r\n"])
