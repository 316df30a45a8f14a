"""The chat: rooms, and leaving the server. Names, lines and limits have modules of their own."""

from __future__ import annotations

from chatproto.errors import (
    BadName,
    NoSuchPerson,
    NoSuchRoom,
    NotInRoom,
    NotOperator,
    RoomLooksLike,
)
from chatproto.events import Event, Joined, Left, Quit, Said, Stamp, TopicChanged, Who
from chatproto.modes import Rule
from chatproto.testing import NOON
from chatproto.wire import Wire
from tests.rooms.chat import WIRE, ChatTestCase, connection, frame, link_of, user_of


class QuitTests(ChatTestCase):
    """Leaving the server."""

    def test_who_is_told(self) -> None:
        """Everyone who shares a room is told once, however many rooms are shared; nobody else is."""
        ada = self.enter("ada", "#a", "#b", "#c")
        bob = self.enter("bob", "#a", "#b", "#c")
        eve = self.enter("eve", "#b")
        joe = self.enter("joe", "#d")
        user = user_of(ada)
        self.service.quit(ada, "bye")
        for session in (bob, eve):
            self.sees(session, Quit(Who("ada"), "bye"))
        self.sees(ada)
        self.sees(joe)
        self.assertEqual((user.rooms, user.sessions, ada.views, ada.user, ada.gone), ({}, [], {}, None, True))
        for room in self.service.rooms():
            self.assertNotIn(user, room.members)
        self.assertRaises(NoSuchPerson, self.service.people.find, "ada")

    def test_once_is_enough(self) -> None:
        """Quitting again does nothing; nor does quitting before one came in."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.service.quit(ada, "bye")
        self.service.quit(ada, "again")
        self.sees(bob, Quit(Who("ada"), "bye"))
        nobody = connection()
        self.service.quit(nobody, "bye")
        self.assertTrue(nobody.gone)
        self.sees(bob)

    def test_closing(self) -> None:
        """When the server goes down, departures are announced to nobody, but all is released."""
        ada, bob = self.enter("ada", "#a", "#lobby"), self.enter("bob", "#a", "#lobby")
        self.service.closing = True
        self.service.quit(ada, "server going down")
        self.sees(bob)
        self.assertEqual(list(self.lobby.members), [user_of(bob)])
        self.service.quit(bob, "server going down")
        self.assertEqual(list(self.service.rooms()), [self.lobby])
        self.enter("ada")

    def test_nothing_is_shown_afterwards(self) -> None:
        """A connection that is over is written to no more."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.service.quit(ada, "bye")
        self.service.say(bob, self.service.room("#a"), "hello")
        self.done(self.service.rename(bob, "ben"))
        self.sees(ada)


class JoinTests(ChatTestCase):
    """Going into rooms."""

    def test_join(self) -> None:
        """Those who are in the room see who comes; who comes sees it only if it asked for that."""
        ada = self.enter("ada", "#garden")
        bob = self.enter("bob", echoes=(Joined,))
        joe = self.enter("joe", "#lobby")
        garden = self.service.join(bob, "#garden")
        self.assertIs(garden, self.service.room("#garden"))
        self.assertEqual(list(garden.members), [user_of(ada), user_of(bob)])
        for session in (ada, bob):
            self.sees(session, Joined("#garden", Who("bob"), "bob"))
        self.service.join(joe, "#garden")
        self.sees(joe)

    def test_same_room_in_another_case(self) -> None:
        """A room keeps the name it was opened under, and is found by any that is the same."""
        ada, bob = self.enter("ada", "#Garden"), self.enter("bob")
        for text in ("#garden", "#ＧＡＲＤＥＮ"):
            self.assertIs(self.service.join(bob, text), self.service.room("#gARDEN"))
        self.sees(ada, Joined("#Garden", Who("bob"), "bob"))

    def test_once_in_again_changes_nothing(self) -> None:
        """Who is in the room already stays there, and nobody hears of it."""
        ada, bob = self.enter("ada", "#garden"), self.enter("bob", "#garden")
        self.service.join(bob, "#garden")
        self.sees(ada)
        self.assertEqual(len(self.service.room("#garden").members), 2)

    def test_rooms_in_order(self) -> None:
        """Rooms are listed in the order they were opened, a person's in the order it joined."""
        ada = self.enter("ada", "#b", "#lobby", "#a")
        self.assertEqual([room.name.shown for room in self.service.rooms()], ["#lobby", "#b", "#a"])
        self.assertEqual(list(user_of(ada).rooms), ["#b", "#lobby", "#a"])

    def test_look_alike(self) -> None:
        """A room that looks like one that exists is refused with the name of that, and opens nothing."""
        bob = self.enter("bob")
        self.enter("ada", "#garden", "#modern")
        for text, existing in (("#gаrden", "#garden"), ("#rnodern", "#modern"), ("#1obby", "#lobby")):
            with self.assertRaises(RoomLooksLike) as caught:
                self.service.join(bob, text)
            self.assertEqual((caught.exception.name, caught.exception.existing), (text, existing))
            self.assertRaises(NoSuchRoom, self.service.room, text)
        self.assertEqual(user_of(bob).rooms, {})
        self.assertEqual(len(list(self.service.rooms())), 3)

    def test_bad_name(self) -> None:
        """What is no room's name opens no room."""
        ada = self.enter("ada")
        for text in ("garden", "#", "#a b", "#" + "x" * 50):
            self.assertRaises(BadName, self.service.join, ada, text)
        self.assertEqual(list(self.service.rooms()), [self.lobby])


class LeaveTests(ChatTestCase):
    """Leaving rooms."""

    def test_leave(self) -> None:
        """Those who stay see who leaves and why; who leaves sees it only if it asked for that."""
        ada, bob = self.enter("ada", "#garden"), self.enter("bob", "#garden", echoes=(Left,))
        eve = self.enter("eve", "#garden")
        garden = self.service.room("#garden")
        self.service.leave(bob, garden, "tea")
        self.sees(ada, Left("#garden", Who("bob"), "tea"))
        self.sees(bob, Left("#garden", Who("bob"), "tea"))
        self.service.leave(ada, garden, "")
        self.sees(ada)
        self.sees(eve, Left("#garden", Who("bob"), "tea"), Left("#garden", Who("ada"), ""))
        self.assertEqual((list(garden.members), user_of(ada).rooms), ([user_of(eve)], {}))

    def test_not_there(self) -> None:
        """One cannot leave a room that one is not in."""
        ada, bob = self.enter("ada", "#garden"), self.enter("bob")
        self.assertRaises(NotInRoom, self.service.leave, bob, self.service.room("#garden"), "")
        self.sees(ada)

    def test_an_empty_room_is_dropped(self) -> None:
        """When the last one leaves, in either way, the room, its topic and its lines are gone, and its look is free."""
        for way in ("leave", "quit"):
            ada = self.enter("ada", "#garden")
            garden = self.service.room("#garden")
            self.service.set_topic(ada, garden, "roses")
            self.service.say(ada, garden, "hello")
            self.assertEqual(self.said(garden), ["hello"])
            if way == "leave":
                self.service.leave(ada, garden, "")
            self.service.quit(ada, "")
            self.assertRaises(NoSuchRoom, self.service.room, "#garden")
            self.assertEqual((list(self.service.rooms()), self.said(garden)), ([self.lobby], []))
            bob = self.enter("bob", "#gаrden")
            self.service.quit(bob, "")
            bob = self.enter("bob", "#garden")
            self.assertEqual(self.service.room("#garden").topic, "")
            self.service.quit(bob, "")

    def test_a_room_that_comes_again_is_another_epoch(self) -> None:
        """A room that was empty and is opened again counts its lines anew, in another epoch."""
        seen: list[tuple[Event, Stamp]] = []
        wire = Wire(lambda event, stamp: seen.append((event, stamp)) or [], frame)  # type: ignore[func-returns-value]
        for _ in range(2):
            ada = self.enter("ada", "#garden", wire=wire)
            bob = self.enter("bob", "#garden")
            self.service.say(bob, self.service.room("#garden"), "hello")
            self.service.quit(bob, "")
            self.service.quit(ada, "")
        stamps = [stamp for event, stamp in seen if isinstance(event, Said)]
        self.assertEqual([stamp.offset for stamp in stamps], [3, 3])
        self.assertNotEqual(stamps[0].epoch, stamps[1].epoch)

    def test_the_default_room_stays(self) -> None:
        """The default room is there when everyone has left it, with its topic and its lines."""
        ada = self.enter("ada", "#lobby")
        self.service.set_topic(ada, self.lobby, "welcome")
        self.service.say(ada, self.lobby, "hello")
        self.service.leave(ada, self.lobby, "")
        self.join(ada, "#LOBBY")
        self.service.quit(ada, "")
        self.assertIs(self.service.room("#lobby"), self.lobby)
        self.assertEqual((self.lobby.topic, self.said(self.lobby), self.lobby.members), ("welcome", ["hello"], {}))


class ViewTests(ChatTestCase):
    """Choosing how a room looks."""

    def test_view(self) -> None:
        """A connection sees one room through the wire it chose, and the rest through its own."""
        ada, bob = self.enter("ada", "#a", "#b"), self.enter("bob", "#a", "#b")
        self.service.view(ada, self.service.room("#a"), Wire(lambda event, _: [type(event).__name__], frame))
        self.service.say(bob, self.service.room("#a"), "one")
        self.service.say(bob, self.service.room("#b"), "two")
        self.assertEqual(link_of(ada).lines(), ["Said", repr(Said("#b", Who("bob"), "two"))])

    def test_not_there(self) -> None:
        """Nobody can look into a room without being in it."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob")
        self.assertRaises(NotInRoom, self.service.view, bob, self.service.room("#a"), WIRE)
        self.service.say(ada, self.service.room("#a"), "secret")
        self.sees(bob)


class TopicTests(ChatTestCase):
    """Topics."""

    def test_set_and_clear(self) -> None:
        """Any member sets the topic where it is not locked; the others see it, and who set it and when is kept."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a", echoes=(TopicChanged,))
        room = self.service.room("#a")
        del room.rules[Rule.TOPIC_LOCKED]
        self.now += 5
        self.service.set_topic(bob, room, "roses")
        self.assertEqual((room.topic, room.topic_by, room.topic_at), ("roses", "bob!user@localhost", NOON + 5))
        self.service.set_topic(ada, room, "")
        self.assertEqual(room.topic, "")
        self.sees(ada, TopicChanged("#a", Who("bob"), "roses"))
        self.sees(bob, TopicChanged("#a", Who("bob"), "roses"), TopicChanged("#a", Who("ada"), ""))

    def test_locked(self) -> None:
        """A room that somebody opened leaves the topic to its operators; the default room does not."""
        ada, bob = self.enter("ada", "#a", "#lobby"), self.enter("bob", "#a", "#lobby")
        room = self.service.room("#a")
        self.assertRaises(NotOperator, self.service.set_topic, bob, room, "roses")
        self.assertEqual(room.topic, "")
        self.sees(ada)
        self.service.set_topic(ada, room, "tea")
        self.service.set_topic(bob, self.lobby, "coffee")
        self.assertEqual((room.topic, self.lobby.topic), ("tea", "coffee"))
        self.sees(ada, TopicChanged("#lobby", Who("bob"), "coffee"))

    def test_not_there(self) -> None:
        """Who is not in the room cannot change it."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob")
        room = self.service.room("#a")
        self.assertRaises(NotInRoom, self.service.set_topic, bob, room, "thorns")
        self.assertEqual(room.topic, "")
        self.sees(ada)
