"""Registered rooms as what is kept of them, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Said
from chatproto.modes import VALUED, Change, Listing, Rule, Status, UserMode
from chatproto.rooms import metadata, moderation, names, registered, restarting
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.metadata import Bounds
from chatproto.rooms.registration import Registration
from chatproto.rooms.room import Entry, Room
from chatproto.rooms.room_record import KIND, BadRecord, RoomRecord, letters, record_of, stream_of
from chatproto.testing import NOON
from tests.rooms.chat import user_of
from tests.rooms.registering import RegisteredTestCase

LIMITS = RoomLimits()

accounts = st.sampled_from(["ada", "bob", "жанна", "x[y]"])
statuses = st.sampled_from([Status(number) for number in range(1, 32)])
times = st.floats(0, 1e11)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = {Rule.KEY: st.sampled_from(["k", "ключ"]), Rule.LIMIT: st.sampled_from(["1", "999999999"])}
rules = st.fixed_dictionaries(
    {},
    optional={rule: values.get(rule, st.just("#z")) if rule in VALUED else st.just("") for rule in Rule},
)
entries = st.dictionaries(
    st.sampled_from(["eve!*@*", "m:a:Eve", "a:bob", "a:ada", "m:a:Ada", "a:a*", "*!*@h.org"]),
    st.builds(Entry, st.just("ada!~u@h"), times),
    min_size=1,
)


@st.composite
def rooms(draw: st.DrawFn) -> Room:
    """Any registered room that nobody is in."""
    room = Room(names.room(draw(st.sampled_from(["#x", "#Garden", "#Ж.1"])), LIMITS), draw(times))
    room.stream += draw(st.sampled_from(["", " 1800000000000000"]))
    room.topic = draw(texts)
    room.topic_by, room.topic_at = ("ada!~u@h" if room.topic else ""), draw(times)
    room.rules, room.lists = draw(rules), draw(st.dictionaries(st.sampled_from(Listing), entries))
    room.facts = draw(st.dictionaries(st.sampled_from(["url", "a/b"]), texts)) or None
    room.registration = Registration(
        draw(accounts),
        draw(times),
        draw(st.dictionaries(accounts, statuses)),
        draw(st.just("") | accounts),
        draw(st.floats(0, NOON)),
    )
    return room


def state(room: Room) -> object:
    """All there is to a room."""
    its = room.registration
    assert its is not None
    return (
        (room.name, room.stream, room.created, room.topic, room.topic_by, room.topic_at),
        (room.rules, {listing: list(found.items()) for listing, found in room.lists.items()}, room.facts),
        (its.founder, its.at, its.ranks, its.heir, its.left_at),
    )


def read(key: str, record: Any) -> Room:
    """The room that comes of it."""
    found = RoomRecord(key, record, LIMITS)
    room = Room(found.name)
    room.stream = found.stream
    found.fill(room, NOON)
    return room


class RoundTrip(SynchronousTestCase):
    """Nothing is lost on the way, nor added."""

    @settings(deadline=None)
    @given(rooms())
    def test_any(self, room: Room) -> None:
        """By way of JSON."""
        record = json.loads(json.dumps(record_of(room)))
        again = read(room.name.key, record)
        self.assertEqual(state(again), state(room))
        self.assertEqual(json.loads(json.dumps(record_of(again))), record)
        self.assertEqual(stream_of(record), room.stream)

    def test_not_registered(self) -> None:
        """Of a room that is not registered the rest is kept."""
        record = record_of(Room(names.room("#x", LIMITS)))
        self.assertNotIn("founder", record)
        again = Room(names.room("#x", LIMITS))
        RoomRecord("#x", record, LIMITS).fill(again, 0.0)
        self.assertIsNone(again.registration)

    def test_letters(self) -> None:
        """Statuses are written as IRC does, the highest first."""
        self.assertEqual(letters(Status.VOICE | Status.FOUNDER | Status.OPERATOR), "qov")


GOOD: dict[str, Any] = {
    "name": "#X", "stream": "#x", "created": 1.0, "founder": "ada", "registered": 2, "heir": "", "left_at": None,
    "ranks": {"ada": "qo"}, "rules": {"n": "", "l": "5"}, "facts": {}, "topic": "", "topic_by": "", "topic_at": 0,
    "lists": {"b": [["eve!*@*", "ada!~u@h", 1.0]]},
}  # fmt: skip
BAD: dict[str, list[Any]] = {
    "name": [None, "x", "#y", "#x y", "#" * 60, 5, ""],
    "stream": [None, "#y", "#y 5", "", 5],
    "created": [None, "1", float("nan"), float("inf"), True],
    "founder": ["", None, "Ada", 5],
    "registered": [None, "x"],
    "heir": [5, "Ada", ["ada"]],
    "left_at": ["x", float("nan")],
    "ranks": [None, [], {"ada": "x"}, {"ada": 4}, {"Ada": "o"}, {"": "o"}],
    "rules": [
        None, [], {"z": ""}, {"l": ""}, {"l": "x"}, {"l": "٣"}, {"l": "1" * 10},
        {"k": "a b"}, {"k": 5}, {"f": ""},
    ],
    "facts": [None, ["x"], {"a b": "x"}, {"a": 5}, {"a": "\ud800"}],
    "topic": [None, 5, "\ud800", "set by nobody"],
    "topic_by": [5, "a b", ":a"],
    "topic_at": [None, "x"],
    "lists": [
        None, [], {"z": []}, {"b": [["eve!*@*"]]}, {"b": [[5, "a", 1]]}, {"b": [["", "a", 1]]},
        {"b": [["a b", "a", 1]]},
        {"b": [["x" * 201, "a", 1]]}, {"b": [["eve!*@*", "", 1]]}, {"b": [["eve!*@*", "a", None]]}, {"b": 5},
    ],
}  # fmt: skip


class Broken(SynchronousTestCase):
    """What is no record is told in half a sentence, and nothing else happens."""

    def test_good(self) -> None:
        """This one is one; so is it with more in it than is known today."""
        room = read("#x", {**GOOD, "later": 1})
        self.assertEqual((room.name.shown, room.rules), ("#X", {Rule.NO_OUTSIDE: "", Rule.LIMIT: "5"}))

    def test_fields(self) -> None:
        """Each field that is not there, or is what it cannot be."""
        for field, found in BAD.items():
            self.assertRaises(BadRecord, read, "#x", {key: value for key, value in GOOD.items() if key != field})
            for each in found:
                with self.assertRaises(BadRecord, msg=f"{field}: {each!r}"):
                    read("#x", {**GOOD, field: each})

    def test_none(self) -> None:
        """No mapping at all, or that of another room."""
        nothing: list[Any] = [None, [], "x", 5]
        for each in nothing:
            self.assertRaises(BadRecord, read, "#x", each)
            self.assertIsNone(stream_of(each))
        self.assertRaises(BadRecord, read, "#y", GOOD)
        self.assertIsNone(stream_of({"stream": 5}))


class Restarted(RegisteredTestCase):
    """A server that starts again."""

    def test_everything(self) -> None:
        """All that a room is, is there again; who is in comes in as what they were."""
        room = self.room("#Garden", self.bob)
        self.service.set_topic(self.ada, room, "tea")
        self.mode(self.ada, room, Status.OPERATOR, "Bob")
        changes = [
            Change(add=True, what=Rule.KEY, value="secret"),
            Change(add=True, what=Rule.MODERATED),
            Change(add=True, what=Listing.BAN, value="eve"),
            Change(add=True, what=Listing.INVITED, value="a:bob"),
        ]
        self.assertEqual(moderation.change(self.service, self.ada, room, changes), [])
        metadata.set_fact(self.service, self.ada, room, "url", "https://example.org", Bounds(5, 50))
        registered.offer(self.service, self.ada, room, "bob")
        self.service.say(self.ada, room, "hello")
        before = state(room)
        self.service.leave(self.ada, room, "")
        self.service.leave(self.bob, room, "")
        self.now += 100.0
        self.start()
        self.assertEqual(self.problems, [])
        again = self.service.room("#garden")
        self.assertEqual(state(again), state(room))
        self.assertEqual(state(again)[0], before[0])  # type: ignore[index]
        self.service.join(self.bob, "#garden", "secret")
        self.assertEqual(self.status(self.bob, again), Status.OPERATOR)
        self.assertEqual(self.said(again), ["hello"])

    def test_each_change(self) -> None:
        """Whatever of it is different is kept; nothing else that happens there makes it be written."""
        room = self.room("#x", self.bob)
        self.records.changed()
        change = partial(moderation.change, self.service, self.ada, room)
        bounds = Bounds(5, 50)
        acts: tuple[Callable[[], object], ...] = (
            lambda: self.service.set_topic(self.ada, room, "tea"),
            lambda: change([Change(add=True, what=Rule.MODERATED)]),
            lambda: change([Change(add=True, what=Listing.BAN, value="eve")]),
            lambda: self.mode(self.ada, room, Status.VOICE, "Bob"),
            lambda: metadata.set_fact(self.service, self.ada, room, "url", "x", bounds),
            lambda: registered.offer(self.service, self.ada, room, "bob"),
            lambda: registered.set_rank(self.service, self.ada, room, "bob", Status.OPERATOR, add=True),
        )
        for act in acts:
            act()
            self.assertEqual(self.records.changed(), {(KIND, "#x")})
        self.service.say(self.ada, room, "hello")
        self.service.leave(self.bob, room, "")
        self.service.join(self.bob, "#x")
        self.service.join(self.carl, "#y")
        self.service.set_topic(self.carl, self.service.room("#y"), "cake")
        self.assertEqual(self.records.changed(), set())
        moderation.rename(self.service, self.ada, room, "#z", "")
        self.assertEqual(self.records.changed(), {(KIND, "#x"), (KIND, "#z")})

    def test_killed(self) -> None:
        """Where somebody was in, it is as if they left when the server started again."""
        self.room()
        self.now += 1000.0
        self.start()
        self.assertEqual(self.kept(self.service.room("#x")).left_at, self.now)

    def test_looked_into(self) -> None:
        """The same, when it was empty before."""
        room = self.room()
        self.service.leave(self.ada, room, "")
        self.start()
        self.now += 1000.0
        self.service.join(self.carl, "#x")
        self.start()
        self.assertEqual(self.kept(self.service.room("#x")).left_at, self.now)

    def test_unregistered(self) -> None:
        """What is registered no more is not there; nor is a room that never was."""
        registered.unregister(self.service, self.ada, self.room())
        self.service.join(self.ada, "#y")
        self.start()
        self.assertEqual([each.name.shown for each in self.service.rooms()], ["#lobby"])

    def test_default_room(self) -> None:
        """It can be registered by an operator of the server, and keeps its topic then."""
        self.service.people.become(user_of(self.ada), user_of(self.ada).modes | {UserMode.OPERATOR})
        registered.register(self.service, self.ada, self.lobby)
        self.service.set_topic(self.ada, self.lobby, "welcome")
        self.start()
        self.assertEqual((self.lobby.topic, self.lobby.rules), ("welcome", {Rule.NO_OUTSIDE: ""}))
        self.assertIs(self.service.directory.default, self.lobby)
        self.assertEqual(self.service.directory.used, 1)

    def test_useless(self) -> None:
        """A record that is of no use is told of, and is there for a program that knows better; the others are used."""
        self.room("#a")
        self.records.keep(KIND, "#b", lambda: {**GOOD, "name": "#b", "stream": "#b 5", "rules": {"?": ""}})
        self.records.keep(KIND, "#1obby", lambda: {**GOOD, "name": "#1obby", "stream": "#1obby"})
        for _ in range(2):
            self.start()
            self.assertEqual(
                sorted(self.problems),
                [
                    "The room #1obby cannot be had: it looks the same as #lobby.",
                    "The room '#b' cannot be had: ValueError: '?' is not a valid Rule.",
                ],
            )
            self.assertEqual([each.name.shown for each in self.service.rooms()], ["#lobby", "#a"])
            self.assertEqual(restarting.streams(self.service), {"#lobby", "#a", "#b 5", "#1obby"})

    def test_closed(self) -> None:
        """What was said in a room that is not for everybody is still read by who is in it after that, and by nobody who
        opens one of its name when it is registered no more."""
        room = self.room()
        moderation.change(self.service, self.ada, room, [Change(add=True, what=Rule.INVITE_ONLY)])
        self.service.say(self.ada, room, "hush")
        self.start()
        again = self.service.join(self.ada, "#x")
        self.assertEqual((again.stream, self.said(again)), (room.stream, ["hush"]))
        self.assertIsInstance(self.done(self.history.read(again.stream, 1))[0][0], Said)
        self.service.leave(self.ada, again, "")
        registered.unregister(self.service, self.ada, again)
        self.assertEqual(self.said(self.service.join(self.carl, "#x")), [])
