"""The bounds of the chat: one less, as many, one more."""

from __future__ import annotations

from chatproto.config import Settings
from chatproto.errors import (
    BadName,
    NoSuchRoom,
    RoomFull,
    TooLong,
    TooManyRooms,
)
from chatproto.events import Left, Said, TopicChanged, Whispered, Who
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import MemoryNetwork
from tests.rooms.chat import FROM, ChatTestCase, connection, user_of


class LimitTests(ChatTestCase):
    """Bounds: one less, as many, one more."""

    limits = RoomLimits(rooms_per_person=3, people_per_room=3, message_length=10, topic_length=5, name_length=4)

    def test_rooms_per_person(self) -> None:
        """A person is in as many rooms as is allowed, and may leave one for another; a refused room is not opened."""
        ada = self.enter("ada", "#1", "#2", "#3")
        with self.assertRaises(TooManyRooms) as caught:
            self.service.join(ada, "#4")
        self.assertEqual(caught.exception.limit, 3)
        self.assertRaises(NoSuchRoom, self.service.room, "#4")
        self.assertEqual(list(user_of(ada).rooms), ["#1", "#2", "#3"])
        self.assertIs(self.service.join(ada, "#3"), self.service.room("#3"))
        self.service.leave(ada, self.service.room("#1"), "")
        self.join(ada, "#4")

    def test_people_per_room(self) -> None:
        """A room holds as many people as is allowed; who is in may join again, who is not waits until one leaves."""
        people = [self.enter(name, "#a") for name in ("ada", "bob", "eve")]
        joe = self.enter("joe")
        room = self.service.room("#a")
        with self.assertRaises(RoomFull) as caught:
            self.service.join(joe, "#a")
        self.assertEqual((caught.exception.room, caught.exception.limit), ("#a", 3))
        self.assertEqual((len(room.members), user_of(joe).rooms), (3, {}))
        for session in people:
            self.sees(session)
        self.assertIs(self.service.join(people[0], "#a"), room)
        self.service.quit(people[1], "")
        self.join(joe, "#a")

    def test_message_length(self) -> None:
        """A line, a whisper and a reason have at most as many characters as is allowed, whatever their bytes."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        room = self.service.room("#a")
        for text in ("☃" * 9, "☃" * 10):
            self.service.say(ada, room, text)
            self.service.whisper(ada, user_of(bob), text)
            self.sees(bob, Said("#a", Who("ada"), text), Whispered(Who("ada"), "bob", text))
        with self.assertRaises(TooLong) as caught:
            self.service.say(ada, room, "x" * 11)
        self.assertEqual((caught.exception.length, caught.exception.limit), (11, 10))
        self.assertRaises(TooLong, self.service.whisper, ada, user_of(bob), "x" * 11)
        self.assertRaises(TooLong, self.service.leave, ada, room, "x" * 11)
        self.sees(bob)
        self.assertIn(user_of(ada), room.members)
        self.assertEqual(self.said(room), ["☃" * 9, "☃" * 10])
        self.service.leave(ada, room, "x" * 10)
        self.sees(bob, Left("#a", Who("ada"), "x" * 10))

    def test_topic_length(self) -> None:
        """A topic has at most as many characters as is allowed; a longer one changes nothing."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        room = self.service.room("#a")
        for topic in ("x" * 4, "x" * 5):
            self.service.set_topic(ada, room, topic)
            self.sees(bob, TopicChanged("#a", Who("ada"), topic))
        self.assertRaises(TooLong, self.service.set_topic, ada, room, "x" * 6)
        self.assertEqual(room.topic, "x" * 5)
        self.sees(bob)

    def test_name_length(self) -> None:
        """People come in and are renamed within the length that is allowed."""
        ada = self.enter("abcd")
        self.done(self.service.rename(ada, "abc"))
        self.refused(BadName, self.service.rename(ada, "abcde"))
        self.refused(BadName, self.service.enter(connection(), "abcde", *FROM))

    def test_history(self) -> None:
        """As many lines are kept as the store is told; the first one more costs the oldest."""
        history = MemoryHistory(3)
        service = RoomService(self.backplane, history, self.limits)
        self.service, self.history = service, history
        ada = self.enter("ada", "#a")
        for count, expected in ((2, ["1", "2"]), (3, ["1", "2", "3"]), (4, ["2", "3", "4"])):
            for number in range(len(self.said(service.room("#a"))) + 1, count + 1):
                service.say(ada, service.room("#a"), str(number))
            self.assertEqual(self.said(service.room("#a")), expected)


class RulesOfRoomsTests(ChatTestCase):
    """The rules that a new room can have."""

    def test_known(self) -> None:
        """Rules without a value are letters that can be given, all or none of them."""
        for letters in ("", "nt", "imnstuCEMRUc"):
            self.assertEqual(RoomLimits(room_rules=letters).room_rules, letters)

    def test_unknown(self) -> None:
        """Rules with a value, and letters that are none, are refused, with those there are."""
        for letters in ("k", "ntl", "f", "nx", "n t"):
            with self.assertRaises(ValueError) as caught:
                RoomLimits(room_rules=letters)
            self.assertEqual(str(caught.exception), f"room_rules = {letters!r} must be letters of CEMRUcimnpstu")


class LimitsOnTheNetworkTests(ChatTestCase):
    """Limits that only show on a whole server."""

    def test_history_shown(self) -> None:
        """Who comes into a room is shown the last lines, as many as the settings say, if there are so many."""
        for kept, said, expected in (
            (9, 2, ["1", "2"]),
            (9, 3, ["1", "2", "3"]),
            (9, 4, ["2", "3", "4"]),
            (2, 4, ["3", "4"]),
        ):
            network = MemoryNetwork(Settings(rooms=RoomLimits(history_shown=3, history_kept=kept)))
            ada = network.enter("ada")
            ada.say(*(str(number) for number in range(1, said + 1)))
            bob = network.connect()
            bob.say("bob")
            self.assertEqual(
                [line for line in bob.heard() if line.startswith("<ada>")], [f"<ada> {n}" for n in expected]
            )

    def test_no_history(self) -> None:
        """Neither a server that keeps nothing nor one that shows nothing speaks of earlier lines."""
        for limits in (RoomLimits(history_kept=0), RoomLimits(history_shown=0)):
            network = MemoryNetwork(Settings(rooms=limits))
            network.enter("ada").say("hello")
            bob = network.connect()
            bob.say("bob")
            self.assertFalse([line for line in bob.heard() if "hello" in line or "before" in line])
