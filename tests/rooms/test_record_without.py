"""The record of a room when there is an account no more."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.backplanes.alone import Alone
from chatproto.interfaces import Record
from chatproto.rooms import names
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import RoomRecord, record_of, without
from chatproto.rooms.service import RoomService
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON
from tests.rooms.test_room_record import GOOD, LIMITS, accounts, rooms

words = st.sampled_from(["ada", "a:ada", "m:a:Ada", "a:\ud800", "", "b", "o"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=9,
)
objects = st.dictionaries(st.sampled_from(sorted(GOOD)), anything)


def as_json(room: Room) -> Record:
    """The record of a room, as it is read back."""
    record: Record = json.loads(json.dumps(record_of(room)))
    return record


def live(room: Room) -> tuple[RoomService, Room]:
    """A server that has found the record of that room."""
    chat = RoomService(Alone(lambda: NOON), MemoryHistory(9), LIMITS, lambda: NOON)
    found = chat.directory.restore(room.name, room.stream)
    RoomRecord(room.name.key, as_json(room), LIMITS).fill(found, NOON)
    return chat, found


class Without(SynchronousTestCase):
    """As a server leaves it that runs."""

    @settings(deadline=None)
    @given(rooms(), st.booleans(), accounts)
    def test_any(self, room: Room, registered: bool, account: str) -> None:
        """Of any room, registered or not, that is left which `Recorded.forget` leaves, and it can be read back; again,
        nothing changes."""
        if not registered:
            room.registration = None
        chat, found = live(room)
        self.assertEqual(as_json(found), as_json(room))
        chat.recorded.forget(account)
        left = without(as_json(room), account)
        self.assertEqual(left, as_json(found))
        RoomRecord(room.name.key, left, LIMITS)
        self.assertEqual(without(left, account), left)

    def test_given(self) -> None:
        """The record that it is made of stays what it is."""
        room = Room(names.room("#x", LIMITS))
        record = {**as_json(room), "lists": {"b": [["a:ada", "eve!~u@h", 1.0]]}}
        before = json.dumps(record)
        self.assertEqual(without(record, "ada"), as_json(room))
        self.assertEqual(json.dumps(record), before)


class NoRecord(SynchronousTestCase):
    """What is no record of a room."""

    @settings(deadline=None)
    @given(objects, objects)
    def test_any(self, some: Record, more: Record) -> None:
        """Nothing is raised, and where nothing in it is of the account it stays as it is."""
        for record in (some, {**GOOD, **some}, {**GOOD, "lists": some, "ranks": more}):
            without(record, "ada")
            self.assertEqual(without(record, "bob"), record)

    def test_fields(self) -> None:
        """Where one of the fields that accounts are in is missing, or is what it cannot be, it stays as it is."""
        record: dict[str, Any] = {**GOOD, "founder": "bob", "heir": "ada", "lists": {"b": [["a:ada", "eve!~u@h", 1]]}}
        self.assertNotEqual(without(record, "ada"), record)
        for field in ("heir", "ranks", "lists"):
            less = {key: value for key, value in record.items() if key != field}
            self.assertIs(without(less, "ada"), less)
        for field, found in (("ranks", None), ("ranks", []), ("lists", None), ("lists", []), ("lists", {"b": 5})):
            bad = {**record, field: found}
            self.assertIs(without(bad, "ada"), bad)
