"""`twistd chat accounts remove`, and what a server finds when it starts after that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chatproto.account import Account
from chatproto.accounts.site import STAYS
from chatproto.backplanes.alone import Alone
from chatproto.interfaces import Record
from chatproto.keeping import keep
from chatproto.modes import Change, Listing, Rule, Status
from chatproto.rooms import logins, moderation, names, registered, restarting
from chatproto.rooms.limits import ALWAYS_ON, ON, RoomLimits
from chatproto.rooms.registration import Registration
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import KIND, RoomRecord, record_of
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.stores.direct import directly
from chatproto.stores.schema import markers, records, streams
from chatproto.testing import NOON
from tests.admin.commanding import Commanding
from tests.rooms.chat import FROM, connection
from tests.stores.loop import Loop

LISTS: dict[str, list[list[Any]]] = {
    "b": [["*!*@bad.example", "bob!~u@h", 1.0], ["m:a:ada", "bob!~u@h", 1.0]],
    "I": [["a:Ada", "bob!~u@h", 1.0]],
}


def room(name: str, founder: str = "") -> Record:
    """The record of a room, which has a founder if it is registered."""
    made = Room(names.room(name, RoomLimits()), 1.0)
    if founder:
        made.registration = Registration(founder, 1.0, {"ada": Status.OPERATOR, "eve": Status.VOICE}, "ada")
    return {**record_of(made), "lists": LISTS}


class RemoveTests(Commanding):
    """What is left in the store."""

    def setUp(self) -> None:
        """Two accounts."""
        super().setUp()
        self.make("Ada", "bob")

    def test_removed(self) -> None:
        """One that is removed is gone with its presence, its place in rooms, its markers and its private talk; its own
        room is registered no more."""
        adas, bobs, free = room("#ada", "ada"), room("#bob", "bob"), room("#free")
        rows = [
            *({"kind": "room", "key": each["name"], "record": each} for each in (adas, bobs, free)),
            {"kind": "presence", "key": "ada", "record": {}},
            {"kind": "presence", "key": "bob", "record": {}},
            {"kind": "other", "key": "ada", "record": {"founder": "ada"}},
        ]
        marks = [{"reader": reader, "buffer": "#x", "time": 1.0} for reader in ("ada", "bob")]
        database = self.opened()
        directly(database.write(lambda connection: connection.execute(records.insert(), rows)))
        directly(database.write(lambda connection: connection.execute(markers.insert(), marks)))
        talks = [{"key": key} for key in ("ada bob", "ada eve", "bob eve")]
        directly(database.write(lambda connection: connection.execute(streams.insert(), talks)))
        directly(database.close())
        self.assertEqual(self.done("accounts", "remove", "ADA"), ["Ada is no account any more."])
        database = self.opened()
        left = database.at_once(lambda connection: connection.execute(records.select()).all())
        self.assertEqual(
            {(each.kind, each.key): each.record for each in left},
            {
                ("room", "#ada"): {**room("#ada"), "lists": {"b": LISTS["b"][:1]}},
                ("room", "#bob"): {**bobs, "heir": "", "ranks": {"eve": "v"}, "lists": {"b": LISTS["b"][:1]}},
                ("room", "#free"): {**free, "lists": {"b": LISTS["b"][:1]}},
                ("presence", "bob"): {},
                ("other", "ada"): {"founder": "ada"},
            },
        )
        for each in left:
            if each.kind == KIND:
                RoomRecord(each.key, each.record, RoomLimits())
        readers = database.at_once(lambda connection: connection.scalars(markers.select()).all())
        self.assertEqual(readers, ["bob"])
        talks_left = database.at_once(lambda connection: connection.scalars(select(streams.c.key)).all())
        self.assertEqual([key for key in talks_left if key is not None], ["bob eve"])
        self.assertIsNone(self.account("ada"))
        self.assertIsNotNone(self.account("bob"))

    def test_removed_and_suspended(self) -> None:
        """One that is suspended stays where the site says who has an account: they could log in again at once. What is
        suspended no more does not, nor where accounts are ours."""
        site = ("--auth", "memory:ada:x")
        for name in ("ada", "bob"):
            self.done("accounts", "suspend", name, "spam")
        self.assertEqual(self.refused("accounts", "remove", "ada", options=site), STAYS)
        self.assertIsNotNone(self.account("ada"))
        self.done("accounts", "resume", "ada", options=site)
        self.assertEqual(self.done("accounts", "remove", "ada", options=site), ["Ada is no account any more."])
        self.assertEqual(self.done("accounts", "remove", "bob"), ["bob is no account any more."])

    def alter(self, how: str, table: str) -> None:
        """Have a table be called otherwise."""
        database = self.opened()
        directly(database.write(lambda connection: connection.exec_driver_sql(f"ALTER TABLE {table} {how}")))
        directly(database.close())

    def test_removed_whole(self) -> None:
        """Where that fails on the way, it is still an account, and the command can be given again."""
        self.alter("RENAME TO elsewhere", "records")
        self.assertIn("no such table: records", self.refused("accounts", "remove", "ada"))
        self.assertIsNotNone(self.account("ada"))
        self.alter("RENAME TO records", "elsewhere")
        self.assertEqual(self.done("accounts", "remove", "ada"), ["Ada is no account any more."])


class StartTests(Commanding):
    """Bob and Eve have accounts, and stay in their rooms while they are not connected."""

    def setUp(self) -> None:
        """A server with both of them in it."""
        super().setUp()
        self.make("Bob", "Eve")
        self.loop = Loop()
        self.now = NOON
        self.problems: list[str] = []
        self.start()
        self.bob, self.eve = self.come("Bob"), self.come("Eve")

    def start(self) -> None:
        """A server that finds what is there; it is stopped when the test is over."""
        self.now += 100.0
        keeping = keep(self.settings("--state-dir", str(self.directory)), self.loop, lambda: self.now)
        self.keeping = [keeping]
        self.addCleanup(self.stop)
        clock = Alone(lambda: self.now, keeping.since)
        self.chat = RoomService(clock, keeping.history, RoomLimits(), lambda: self.now, records=keeping.records)
        self.chat.owned.load(keeping.names)
        self.problems = self.loop.result(restarting.all_again(self.chat))

    def stop(self) -> None:
        """Once is enough."""
        while self.keeping:
            self.loop.result(self.keeping.pop().close())

    def come(self, name: str) -> Session:
        """Somebody who has chosen to stay."""
        session = connection()
        logins.admit(self.chat, session, Account(name, name.lower(), settings={ALWAYS_ON: ON}))
        self.loop.result(self.chat.enter(session, name, *FROM))
        return session

    def opened_by(self, session: Session, name: str, topic: str) -> Room:
        """A room of theirs, which is closed to others, with somebody banned and somebody let in by their accounts."""
        room = self.chat.join(session, name)
        self.chat.set_topic(session, room, topic)
        masks = {Listing.BAN: ("m:a:eve", "*!*@bad.example"), Listing.INVITED: ("a:Eve", "a:bob")}
        changes = [Change(add=True, what=listing, value=mask) for listing, its in masks.items() for mask in its]
        changes.append(Change(add=True, what=Rule.INVITE_ONLY, value=""))
        self.assertEqual(moderation.change(self.chat, session, room, changes), [])
        return room

    def is_as_before(self, name: str, topic: str) -> Room:
        """Bob alone is in such a room, and Eve is nothing to it any more."""
        room = self.chat.room(name)
        self.assertEqual({user.name.shown for user in room.members}, {"Bob"})
        self.assertEqual((room.topic, Rule.INVITE_ONLY in room.rules), (topic, True))
        self.assertEqual(list(room.lists[Listing.BAN]), ["*!*@bad.example"])
        self.assertEqual(list(room.lists[Listing.INVITED]), ["a:bob"])
        return room

    def test_rooms(self) -> None:
        """All rooms are there in which somebody else stays, registered or not, and no others; they are as they were,
        and as closed, but Eve and her account are nothing in them."""
        den, eves = self.opened_by(self.bob, "#den", "tea"), self.opened_by(self.eve, "#eves", "cake")
        registered.register(self.chat, self.eve, eves)
        self.chat.join(self.bob, "#eves")
        kept = self.opened_by(self.bob, "#kept", "milk")
        registered.register(self.chat, self.bob, kept)
        registered.set_rank(self.chat, self.bob, kept, "eve", Status.OPERATOR, add=True)
        registered.offer(self.chat, self.bob, kept, "eve")
        self.opened_by(self.eve, "#alone", "hush")
        self.stop()
        self.assertEqual(self.done("accounts", "remove", "eve"), ["Eve is no account any more."])
        self.start()
        self.assertEqual(self.problems, [])
        self.assertEqual({room.name.shown for room in self.chat.rooms()}, {"#lobby", "#den", "#eves", "#kept"})
        again = self.is_as_before("#den", "tea")
        self.assertEqual((again.created, again.registration), (den.created, None))
        self.assertEqual(list(again.members.values()), [Status.OPERATOR])
        self.assertIsNone(self.is_as_before("#eves", "cake").registration)
        its = self.is_as_before("#kept", "milk").registration
        assert its is not None
        self.assertEqual((its.founder, its.ranks, its.heir), ("bob", {"bob": Status.OPERATOR}, ""))
