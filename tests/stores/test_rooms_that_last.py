"""Registered rooms over a restart, in the databases that they are kept in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.config import load
from chatproto.events import Said
from chatproto.keeping import Keeping, keep
from chatproto.modes import Change, Listing, Rule, Status
from chatproto.rooms import logins, moderation, registered, restarting
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import KIND
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.testing import NOON
from tests.accounts.quick import quick
from tests.rooms.chat import FROM, connection, user_of
from tests.stores.databases import opened, postgresql
from tests.stores.loop import Loop

ODD = "tea\0 ☕ 🫖 \u202e"
"""A topic that databases have not all the characters of."""


class InAFile(SynchronousTestCase):
    """A SQLite file in a state directory."""

    def setUp(self) -> None:
        """A server on it, with Ada in it."""
        made = TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.flags = {"state_dir": str(Path(made.name)), "store": self.store()}
        self.loop = Loop()
        self.now = NOON
        self.problems: list[str] = []
        self.start()

    def store(self) -> str:
        """What the setting says."""
        return ""

    def start(self) -> None:
        """A server that finds what is there; it is stopped when the test is over."""
        self.now += 100.0
        self.keeping: Keeping = keep(load(None, self.flags), self.loop, lambda: self.now)
        self.chat = RoomService(
            Alone(lambda: self.now, self.keeping.since),
            self.keeping.history,
            RoomLimits(),
            lambda: self.now,
            accounts=quick(Clock()),
            records=self.keeping.records,
        )
        self.chat.owned.load([("ada", "Ada"), ("bob", "Bob")])
        self.problems = self.loop.result(restarting.all_again(self.chat))
        self.keeping.forget_rooms_but(restarting.streams(self.chat))
        self.addCleanup(self.stop)
        if (stored := self.chat.records.stored()) is not None:
            self.loop.result(stored)
        self.ada = self.come("Ada")

    def stop(self) -> None:
        """Once is enough."""
        keeping, self.keeping = self.keeping, Keeping(None, None, b"")  # type: ignore[arg-type]
        self.loop.result(keeping.close())

    def come(self, name: str) -> Session:
        """Somebody who is logged in to the account of their name."""
        session = connection()
        logins.admit(self.chat, session, Account(name, name.lower()))
        self.loop.result(self.chat.enter(session, name, *FROM))
        return session

    def said(self, room: Room) -> list[str]:
        """What the history has of it."""
        found: Any = self.loop.result(self.chat.history.read(room.stream, 99))
        return [event.text for event, _ in found if isinstance(event, Said)]

    def change(self, room: Room, what: Any, value: str = "") -> None:
        """Have that hold in it."""
        self.assertEqual(moderation.change(self.chat, self.ada, room, [Change(add=True, what=what, value=value)]), [])

    def test_all_of_it(self) -> None:
        """Another server, and one more, have it as it was; what was said in it, too, and nothing in others."""
        room = self.chat.join(self.ada, "#Garden")
        registered.register(self.chat, self.ada, room)
        self.chat.set_topic(self.ada, room, ODD)
        self.change(room, Rule.KEY, "ключ")
        self.change(room, Listing.BAN, "eve")
        registered.set_rank(self.chat, self.ada, room, "bob", Status.OPERATOR, add=True)
        self.chat.say(self.ada, room, "hush")
        other = self.chat.join(self.ada, "#other")
        self.change(other, Rule.SECRET)
        self.chat.say(self.ada, other, "gone")
        was = (room.created, room.topic, room.topic_by, room.topic_at, room.rules, room.lists, room.stream)
        for _ in range(2):
            self.stop()
            self.start()
            self.assertEqual(self.problems, [])
            room = self.chat.room("#garden")
            now = (room.created, room.topic, room.topic_by, room.topic_at, room.rules, room.lists, room.stream)
            self.assertEqual((room.name.shown, now), ("#Garden", was))
            self.assertEqual(self.said(room), ["hush"])
            bob = self.come("Bob")
            self.chat.join(bob, "#garden", "ключ")
            self.assertEqual(room.members[user_of(bob)], Status.OPERATOR)
        self.assertEqual(self.said(other), [])

    def test_renamed_and_given_up(self) -> None:
        """There is no record under an old name, and none of a room that is registered no more."""
        for name in ("#a", "#b"):
            registered.register(self.chat, self.ada, self.chat.join(self.ada, name))
        moderation.rename(self.chat, self.ada, self.chat.room("#a"), "#c", "")
        registered.unregister(self.chat, self.ada, self.chat.room("#b"))
        self.stop()
        self.start()
        self.assertEqual([key for key, _ in self.chat.records.all(KIND)], ["#c"])


class InPostgresql(InAFile):
    """The same there."""

    def store(self) -> str:
        """The one for tests, with nothing in it."""
        loop, url = Loop(), postgresql()
        loop.result(opened(self, url, loop).close())
        return url
