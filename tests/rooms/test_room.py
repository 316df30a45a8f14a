"""Rooms: members, and how one line reaches each of their links once."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Event, Joined, Renamed, Said, Stamp, Who
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Room
from chatproto.rooms.user import User
from chatproto.testing import NOON
from chatproto.wire import Wire
from tests.rooms.chat import WIRE, connection, frame, link_of

STAMP = Stamp(1, 1, NOON)
HELLO = Said("#garden", Who("ada"), "hello")
LINE = [repr(HELLO)]


class CountingWire(Wire):
    """Counts what it encodes, and shows it behind a word of its own. Shows nobody coming."""

    __slots__ = ("encoded",)

    def __init__(self, word: str) -> None:
        self.encoded = 0
        super().__init__(lambda event, stamp: [] if isinstance(event, Joined) else [f"{word} {stamp.offset}"], frame)

    def encode(self, event: Event, stamp: Stamp) -> bytes:
        """Count."""
        self.encoded += 1
        return super().encode(event, stamp)


def room(name: str = "#garden") -> Room:
    """An empty room."""
    return Room(names.room(name, RoomLimits()))


def person(name: str, *wires: Wire) -> User:
    """Someone with a connection for each of `wires`."""
    user = User(names.person(name, RoomLimits()), Who(name), name, NOON)
    for wire in wires:
        session = connection(wire)
        session.user = user
        user.sessions.append(session)
    return user


def lines(user: User) -> list[list[str]]:
    """What each connection of `user` was shown since one looked last."""
    return [link_of(session).lines() for session in user.sessions]


class MembershipTests(SynchronousTestCase):
    """`add` and `remove`."""

    def test_add(self) -> None:
        """A member is in the room, the room is among its rooms, and its connections see what happens there."""
        garden, ada = room(), person("ada", WIRE, WIRE)
        garden.add(ada)
        self.assertEqual((list(garden.members), ada.rooms), ([ada], {"#garden": garden}))
        garden.broadcast(HELLO, STAMP)
        self.assertEqual(lines(ada), [LINE, LINE])

    def test_remove(self) -> None:
        """Who was removed is as before, and sees nothing; the others are where they were."""
        garden, ada, bob = room(), person("ada", WIRE, WIRE), person("bob", WIRE)
        garden.add(ada)
        garden.add(bob)
        garden.remove(ada)
        self.assertEqual((list(garden.members), ada.rooms, bob.rooms), ([bob], {}, {"#garden": garden}))
        self.assertEqual([session.views for session in ada.sessions], [{}, {}])
        garden.broadcast(HELLO, STAMP)
        self.assertEqual((lines(ada), lines(bob)), ([[], []], [LINE]))

    def test_a_member_without_connections(self) -> None:
        """Someone whom no connection is attached to for a while is a member all the same."""
        garden, ada = room(), person("ada")
        garden.add(ada)
        garden.broadcast(HELLO, STAMP)
        self.assertIn(ada, garden.members)
        garden.remove(ada)
        self.assertEqual(garden.members, {})


class AttachTests(SynchronousTestCase):
    """`attach` and `detach`: through which wire a connection sees a room."""

    def setUp(self) -> None:
        """One person in the room."""
        self.here, self.elsewhere = CountingWire("here"), CountingWire("elsewhere")
        self.garden, self.ada = room(), person("ada", self.elsewhere)
        self.session = self.ada.sessions[0]
        self.garden.add(self.ada)

    def seen(self) -> list[str]:
        """What she is shown of one line."""
        self.garden.broadcast(HELLO, STAMP)
        return lines(self.ada)[0]

    def test_one_wire_at_a_time(self) -> None:
        """Who sees the room through another wire sees it through that one only, however often the two change."""
        self.assertEqual(self.seen(), ["elsewhere 1"])
        for _ in range(3):
            self.garden.attach(self.session, self.here)
            self.assertEqual(self.seen(), ["here 1"])
            self.assertEqual(self.session.views, {self.garden: self.here})
            self.garden.attach(self.session, self.elsewhere)
            self.assertEqual(self.seen(), ["elsewhere 1"])

    def test_attached_twice(self) -> None:
        """Who is attached again through the same wire sees each line once."""
        self.garden.attach(self.session, self.elsewhere)
        self.assertEqual(self.seen(), ["elsewhere 1"])

    def test_detach(self) -> None:
        """Who is detached sees nothing, and may be detached again."""
        self.garden.detach(self.session)
        self.garden.detach(self.session)
        self.assertEqual((self.seen(), self.session.views), ([], {}))

    def test_no_wire_without_links(self) -> None:
        """Nothing is encoded for a wire that nobody looks through any more."""
        self.garden.attach(self.session, self.here)
        self.seen()
        self.assertEqual((self.here.encoded, self.elsewhere.encoded), (1, 0))
        self.garden.remove(self.ada)
        self.seen()
        self.assertEqual((self.here.encoded, self.elsewhere.encoded), (1, 0))


class BroadcastTests(SynchronousTestCase):
    """`broadcast`: one line to everyone."""

    def setUp(self) -> None:
        """Three people on two wires."""
        self.one, self.two = CountingWire("one"), CountingWire("two")
        self.garden = room()
        self.people = [person("ada", self.one), person("bob", self.two), person("eve", self.one, self.two)]
        for user in self.people:
            self.garden.add(user)

    def test_encoded_once_per_wire(self) -> None:
        """An event is encoded once for each wire and written once to each link, as the same bytes."""
        self.garden.broadcast(HELLO, STAMP)
        self.assertEqual((self.one.encoded, self.two.encoded), (1, 1))
        first, other = link_of(self.people[0].sessions[0]), link_of(self.people[2].sessions[0])
        self.assertIs(first.written[0], other.written[0])
        self.assertEqual([lines(user) for user in self.people], [[["one 1"]], [["two 1"]], [["one 1"], ["two 1"]]])

    def test_skip(self) -> None:
        """One link may be left out; another link of the same person is not."""
        self.garden.broadcast(HELLO, STAMP, self.people[2].sessions[0].link)
        self.assertEqual([lines(user) for user in self.people], [[["one 1"]], [["two 1"]], [[], ["two 1"]]])

    def test_what_a_wire_does_not_show(self) -> None:
        """Where an event is not shown, nothing is written, not even nothing."""
        self.garden.broadcast(Joined("#garden", Who("eve")), STAMP)
        self.garden.broadcast_once(Joined("#garden", Who("eve")), STAMP, set())
        self.assertEqual([link_of(each).written for user in self.people for each in user.sessions], [[], [], [], []])


class BroadcastOnceTests(SynchronousTestCase):
    """`broadcast_once`: what concerns several rooms."""

    def test_each_once(self) -> None:
        """Who is in several rooms, seen through whatever wires, is shown the event once; who was told, not at all."""
        garden, yard = room(), room("#yard")
        ada, bob, eve = person("ada", WIRE), person("bob", WIRE), person("eve", WIRE, WIRE)
        for member, place in ((ada, garden), (ada, yard), (bob, yard), (eve, garden), (eve, yard)):
            place.add(member)
        yard.attach(ada.sessions[0], CountingWire("yard"))
        told = {eve.sessions[0].link, None}
        event = Renamed(Who("joe"), "jim")
        for place in (garden, yard):
            place.broadcast_once(event, STAMP, told)
        self.assertEqual(
            [lines(user) for user in (ada, bob, eve)], [[[repr(event)]], [[repr(event)]], [[], [repr(event)]]]
        )
        self.assertEqual(told, {None, *(each.link for user in (ada, bob, eve) for each in user.sessions)})
