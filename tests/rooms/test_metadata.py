"""What is told of people and rooms: who may set and see it, and its bounds."""

from __future__ import annotations

from chatproto.errors import ChatError
from chatproto.events import MetadataChanged
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms import metadata
from chatproto.rooms.metadata import BadKey, BadValue, Bounds, NotSet, NotYours, TooManyKeys
from chatproto.rooms.room import Room
from chatproto.rooms.user import Session, User
from tests.rooms.chat import ChatTestCase, owner_of, user_of

BOUNDS = Bounds(keys=2, value_bytes=4)


class MetadataTestCase(ChatTestCase):
    """Ada has opened #garden, and bob is in there; eve is not."""

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        self.ada = self.enter("ada", "#garden")
        self.bob = self.enter("bob", "#garden")
        self.eve = self.enter("eve")
        self.garden = self.service.room("#garden")

    def set(self, session: Session, target: User | Room, key: str, value: str | None) -> None:
        """Set one thing."""
        metadata.set_fact(self.service, session, target, key, value, BOUNDS)

    def refuses(self, kind: type[ChatError], target: User | Room, key: str, value: str | None) -> None:
        """Ada may not do that, and nothing has changed then."""
        before = target.facts
        with self.assertRaises(kind):
            self.set(self.ada, target, key, value)
        self.assertEqual(target.facts, before)

    def learnt(self, session: Session) -> list[MetadataChanged]:
        """What a session was told since one looked last."""
        told = owner_of(session).told
        found = [event for event in told if isinstance(event, MetadataChanged)]
        told.clear()
        return found


class SetTests(MetadataTestCase):
    """Setting it."""

    def test_set(self) -> None:
        """What is set is known, and what is not any more takes no place."""
        ada = user_of(self.ada)
        self.set(self.ada, ada, "one", "1")
        self.set(self.ada, ada, "two", "")
        self.assertEqual(ada.facts, {"one": "1", "two": ""})
        self.set(self.ada, ada, "one", None)
        self.set(self.ada, ada, "two", None)
        self.assertIsNone(ada.facts)

    def test_bounds(self) -> None:
        """So many keys, so many bytes of a value, so many characters of a key."""
        ada = user_of(self.ada)
        self.set(self.ada, ada, "k" * 64, "éé")
        for key in ("", "K", "é", "a b", "a\n", "k" * 65):
            self.refuses(BadKey, ada, key, "1")
        self.refuses(BadValue, ada, "one", "ééx")
        self.refuses(NotSet, ada, "one", None)
        self.set(self.ada, ada, "one", "1")
        self.refuses(TooManyKeys, ada, "two", "2")
        self.set(self.ada, ada, "one", "2")

    def test_who_may(self) -> None:
        """One sets it of oneself, operators of their room, operators of the server of all."""
        bob = user_of(self.bob)
        self.refuses(NotYours, bob, "one", "1")
        self.set(self.ada, self.garden, "one", "1")
        self.garden.members[user_of(self.ada)] = Status.HALFOP
        self.refuses(NotYours, self.garden, "one", "2")
        user_of(self.ada).modes |= {UserMode.OPERATOR}
        self.set(self.ada, self.garden, "one", "2")
        self.set(self.ada, bob, "one", "1")

    def test_clear(self) -> None:
        """All is forgotten, and returned, and told."""
        self.set(self.ada, self.garden, "one", "1")
        self.set(self.ada, self.garden, "two", "2")
        self.learnt(self.bob)
        with self.assertRaises(NotYours):
            metadata.clear(self.service, self.bob, self.garden, BOUNDS)
        cleared = metadata.clear(self.service, self.ada, self.garden, BOUNDS)
        self.assertEqual((cleared, self.garden.facts), ({"one": "1", "two": "2"}, None))
        self.assertEqual([(event.key, event.value) for event in self.learnt(self.bob)], [("one", None), ("two", None)])

    def test_who_may_see(self) -> None:
        """What is known of people is for all, of rooms for their members and operators of the server."""
        eve = user_of(self.eve)
        metadata.may_see(eve, user_of(self.ada))
        metadata.may_see(user_of(self.bob), self.garden)
        with self.assertRaises(NotYours):
            metadata.may_see(eve, self.garden)
        eve.modes |= {UserMode.OPERATOR}
        metadata.may_see(eve, self.garden)


class ToldTests(MetadataTestCase):
    """Who is told of it."""

    def test_of_people(self) -> None:
        """Who shares a room with them, or watches them, each once, and who did it."""
        dan = self.enter("dan")
        for name in ("#shed", "#barn"):
            self.service.join(self.ada, name)
            self.service.join(self.bob, name)
        for session in (self.bob, dan):
            self.service.people.watch(session, "ada")
        self.set(self.ada, user_of(self.ada), "one", "1")
        event = MetadataChanged(user_of(self.ada).who, "ada", "one", "1")
        for session in (self.ada, self.bob, dan):
            self.assertEqual(self.learnt(session), [event])
        self.assertEqual(self.learnt(self.eve), [])

    def test_of_rooms(self) -> None:
        """All members."""
        self.set(self.ada, self.garden, "one", "1")
        event = MetadataChanged(user_of(self.ada).who, "#garden", "one", "1")
        self.assertEqual([self.learnt(each) for each in (self.ada, self.bob, self.eve)], [[event], [event], []])

    def test_no_change(self) -> None:
        """What is as it was is not told."""
        self.set(self.ada, self.garden, "one", "1")
        self.learnt(self.bob)
        self.set(self.ada, self.garden, "one", "1")
        self.assertEqual(self.learnt(self.bob), [])

    def test_hidden_members(self) -> None:
        """Who does not see somebody in a room is not told."""
        dan = self.enter("dan", "#garden")
        self.garden.rules[Rule.AUDITORIUM] = ""
        self.set(self.bob, user_of(self.bob), "one", "1")
        told = [len(self.learnt(each)) for each in (self.ada, self.bob, dan)]
        self.assertEqual(told, [1, 1, 0])
