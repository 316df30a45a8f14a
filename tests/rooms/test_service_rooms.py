"""The chat: what holds in a room from its opening, rooms that move, being away, and how rooms look."""

from __future__ import annotations

import dataclasses

from chatproto.backplanes.alone import Alone
from chatproto.errors import NoSuchRoom, RoomLooksLike, WrongKey
from chatproto.events import AwayChanged, Joined, RealnameChanged, Said, Who
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms import moderation, names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.testing import NOON
from chatproto.wire import Wire
from tests.rooms.chat import FROM, ChatTestCase, connection, frame, link_of, user_of


class OpenedTests(ChatTestCase):
    """Who opens a room, and what holds there."""

    def test_operator(self) -> None:
        """Who opens a room is its operator; who comes later is nothing yet. The default room has no operator."""
        self.now += 5
        ada, bob = self.enter("ada", "#lobby", "#a"), self.enter("bob", "#a")
        room = self.service.room("#a")
        self.assertEqual(room.members, {user_of(ada): Status.OPERATOR, user_of(bob): Status.NONE})
        self.assertEqual(self.lobby.members, {user_of(ada): Status.NONE})
        self.assertEqual((room.created, self.lobby.created), (NOON + 5, NOON))

    def test_rules(self) -> None:
        """A room that is opened has the rules of the settings; the default room has one."""
        self.enter("ada", "#a")
        self.assertEqual(self.service.room("#a").rules, {Rule.NO_OUTSIDE: "", Rule.TOPIC_LOCKED: ""})
        self.assertEqual(self.lobby.rules, {Rule.NO_OUTSIDE: ""})
        service = RoomService(Alone(lambda: NOON), self.history, RoomLimits(room_rules="s"), lambda: NOON)
        ada = connection()
        self.done(service.enter(ada, "ada", *FROM))
        self.assertEqual(service.join(ada, "#a").rules, {Rule.SECRET: ""})

    def test_from_outside(self) -> None:
        """Where a room allows it, who is not in it speaks there; its owner is told, and its members see it."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob")
        room = self.service.room("#a")
        del room.rules[Rule.NO_OUTSIDE]
        self.service.say(bob, room, "hello")
        self.sees(ada, Said("#a", Who("bob"), "hello"))
        self.told(bob, Said("#a", Who("bob"), "hello"))
        self.sees(bob)

    def test_key(self) -> None:
        """The key of a room lets in who has it."""
        self.enter("ada", "#a")
        bob = self.enter("bob")
        self.service.room("#a").rules[Rule.KEY] = "sesame"
        for key in ("", "Sesame"):
            self.assertRaises(WrongKey, self.service.join, bob, "#a", key)
        self.assertIn(user_of(bob), self.service.join(bob, "#a", "sesame").members)

    def test_secret(self) -> None:
        """Of a secret or private room only its members, and operators of the server, may know."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob")
        room = self.service.room("#a")
        self.assertTrue(self.service.visible(room, user_of(bob)))
        for rule in (Rule.PRIVATE, Rule.SECRET):
            room.rules = {rule: ""}
            self.assertFalse(self.service.visible(room, user_of(bob)))
        self.assertTrue(self.service.visible(room, user_of(ada)))
        user_of(bob).become(frozenset({UserMode.OPERATOR}))
        self.assertTrue(self.service.visible(room, user_of(bob)))

    def test_invitations(self) -> None:
        """An invitation is kept until one comes; of too many the oldest are forgotten, and one given again is new."""
        ada, bob = self.enter("ada"), self.enter("bob")
        user_of(ada).become(frozenset({UserMode.OPERATOR}))
        limits = dataclasses.replace(self.limits, rooms_per_person=moderation.INVITATIONS + 1)
        self.service.limits = limits
        rooms = [self.service.join(ada, f"#r{number}x") for number in range(moderation.INVITATIONS + 1)]
        for room in (*rooms[:-1], rooms[0]):
            moderation.invite(self.service, ada, room, user_of(bob))
        self.assertEqual(list(user_of(bob).invitations), [*rooms[1:-1], rooms[0]])
        moderation.invite(self.service, ada, rooms[-1], user_of(bob))
        self.assertEqual(list(user_of(bob).invitations), [*rooms[2:-1], rooms[0], rooms[-1]])
        self.service.join(bob, "#r0x")
        self.assertNotIn(rooms[0], user_of(bob).invitations)


class MoveTests(ChatTestCase):
    """A room under another name."""

    def setUp(self) -> None:
        """Ada has opened #a, and Bob is in it; something was said there."""
        super().setUp()
        self.ada, self.bob = self.enter("ada", "#a"), self.enter("bob", "#a", "#b")
        self.room = self.service.room("#a")
        self.service.say(self.ada, self.room, "hello")
        self.sees(self.bob, Said("#a", Who("ada"), "hello"))

    def move(self, text: str) -> None:
        """Rename the room."""
        self.service.directory.move(self.room, names.room(text, self.limits))

    def test_moved(self) -> None:
        """Members, rules and lines stay; the room is found by the new name only, and the old one can be opened anew."""
        self.move("#Park")
        self.assertIs(self.service.room("#park"), self.room)
        self.assertRaises(NoSuchRoom, self.service.room, "#a")
        self.assertEqual((self.room.name.shown, self.said(self.room)), ("#Park", ["hello"]))
        self.assertEqual(set(user_of(self.bob).rooms), {"#b", "#park"})
        self.service.say(self.ada, self.room, "trees")
        self.sees(self.bob, Said("#Park", Who("ada"), "trees"))
        self.assertEqual(self.said(self.room), ["hello", "trees"])
        other = self.service.join(self.bob, "#a")
        self.assertEqual((self.said(other), list(other.members)), ([], [user_of(self.bob)]))
        self.assertRaises(RoomLooksLike, self.service.join, self.ada, "#раrk")

    def test_another_case(self) -> None:
        """In another case it is the same room with the same lines, in one order with what comes."""
        latest = self.room.latest
        self.move("#A")
        self.service.say(self.ada, self.room, "again")
        self.assertEqual((self.room.name.shown, self.said(self.room)), ("#A", ["hello", "again"]))
        assert latest is not None
        assert self.room.latest is not None
        self.assertEqual(self.room.latest[:2], (latest.epoch, latest.offset + 1))

    def test_dropped(self) -> None:
        """When all have left it, nothing of it is left under either name."""
        self.move("#park")
        self.service.leave(self.ada, self.room, "")
        self.service.leave(self.bob, self.room, "")
        for name in ("#a", "#park"):
            self.assertRaises(NoSuchRoom, self.service.room, name)
            self.assertEqual(list(self.done(self.history.read(name, 9))), [])


class AwayTests(ChatTestCase):
    """Being away, and real names."""

    def test_away(self) -> None:
        """Others are told once that somebody is away, and once that they are back; who comes in away, with that."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        for message in ("lunch", "lunch", "", ""):
            self.service.set_away(bob, message)
            self.assertEqual(user_of(bob).away, message)
        away, back = AwayChanged(Who("bob"), "lunch"), AwayChanged(Who("bob"), "")
        self.sees(ada, away, back)
        self.told(bob, away, back)
        self.sees(bob)
        self.service.set_away(bob, "tea")
        self.service.join(bob, "#b")
        self.told(bob, AwayChanged(Who("bob"), "tea"), Joined("#b", Who("bob"), "bob", "tea"))

    def test_realname(self) -> None:
        """Others are told of a new real name."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.service.set_realname(bob, "Robert")
        self.sees(ada, RealnameChanged(Who("bob"), "Robert"))
        self.told(bob, RealnameChanged(Who("bob"), "Robert"))
        self.assertEqual(user_of(bob).realname, "Robert")

    def test_active(self) -> None:
        """When somebody did something last is known; what happens to them by others is not their doing."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.now += 60
        self.service.say(ada, self.service.room("#a"), "hello")
        self.assertEqual((user_of(ada).active, user_of(bob).active), (NOON + 60, NOON))
        self.assertEqual((user_of(ada).signed_on, user_of(bob).signed_on), (NOON, NOON))


class LookTests(ChatTestCase):
    """How everything looks to a connection."""

    def test_look(self) -> None:
        """From then on a connection sees all its rooms, and what belongs to none, through the wire it chose."""
        ada, bob = self.enter("ada", "#a", "#b"), self.enter("bob", "#a", "#b")
        self.service.look(ada, Wire(lambda event, _: [type(event).__name__], frame))
        self.service.say(bob, self.service.room("#a"), "one")
        self.service.say(bob, self.service.room("#b"), "two")
        self.service.whisper(bob, user_of(ada), "psst")
        self.service.join(ada, "#c")
        self.service.join(bob, "#c")
        self.assertEqual(link_of(ada).lines(), ["Said", "Said", "Whispered", "Joined"])
        self.sees(bob)

    def test_of_another_connection(self) -> None:
        """A connection that was not shown a room that its person is in sees it when it joins it; nobody is told."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        second = self.attach(ada)
        room = self.service.room("#a")
        room.detach(second)
        self.service.say(bob, room, "one")
        self.sees(second)
        self.assertIs(self.service.join(second, "#a"), room)
        self.service.say(bob, room, "two")
        self.sees(second, Said("#a", Who("bob"), "two"))
        self.sees(bob)
