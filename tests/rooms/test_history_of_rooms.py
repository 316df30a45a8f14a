"""What is read of a room's past by those who come when it was gone: all, if it was open to everybody, else nothing."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.backplanes.alone import Alone
from chatproto.events import Said
from chatproto.modes import CLOSED, Change, Rule
from chatproto.rooms import moderation
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON
from tests.rooms.chat import FROM, connection


class Lasting(MemoryHistory):
    """What was said in rooms that are gone is kept."""

    lasts = True


class Past(SynchronousTestCase):
    """A history that outlasts rooms, and servers."""

    def setUp(self) -> None:
        """One server, with ada in it."""
        self.history: MemoryHistory = Lasting(100)
        self.now = NOON
        self.start()

    def start(self, rules: str = "nt") -> None:
        """Another server, which knows the history only."""
        self.now += 1.0
        limits = RoomLimits(room_rules=rules)
        self.chat = RoomService(Alone(lambda: self.now), self.history, limits, lambda: self.now)
        self.ada = self.enter("ada")

    def done(self, answer: Coroutine[Any, Any, Any]) -> Any:
        """What comes at once."""
        return self.successResultOf(Deferred.fromCoroutine(answer))

    def enter(self, name: str) -> Session:
        """Somebody who comes in."""
        session = connection()
        self.done(self.chat.enter(session, name, *FROM))
        return session

    def open(self, name: str = "#a", said: str = "") -> Room:
        """A room that ada goes into, where she may say something."""
        room = self.chat.join(self.ada, name)
        if said:
            self.chat.say(self.ada, room, said)
        return room

    def leave(self, room: Room) -> None:
        """Nobody is in it any more."""
        self.chat.leave(self.ada, room, "")

    def set_rule(self, room: Room, rule: Rule) -> None:
        """Have it hold in the room."""
        value = {Rule.KEY: "secret", Rule.LIMIT: "5"}.get(rule, "")
        self.assertEqual(moderation.change(self.chat, self.ada, room, [Change(add=True, what=rule, value=value)]), [])

    def past(self, room: Room) -> list[str]:
        """What can be read there."""
        return [said.text for said, _ in self.done(self.history.read(room.stream, 99)) if isinstance(said, Said)]

    def test_open_to_everybody(self) -> None:
        """It stays, when the room is empty and when the server is another."""
        self.leave(self.open(said="one"))
        room = self.open(said="two")
        self.assertEqual(self.past(room), ["one", "two"])
        self.start()
        self.assertEqual(self.past(self.open()), ["one", "two"])

    def test_closed_to_some(self) -> None:
        """Who is in reads all of it; who opens the room when it was empty, or on another server, nothing."""
        for rule in CLOSED:
            for server_ends in (False, True):
                self.history = Lasting(100)
                self.start()
                room = self.open(said="before")
                self.set_rule(room, rule)
                self.chat.say(self.ada, room, "after")
                self.assertEqual(self.past(room), ["before", "after"], rule)
                if server_ends:
                    self.start()
                else:
                    self.leave(room)
                    self.assertEqual(self.past(room), [])
                self.assertEqual(self.past(self.open()), [], rule)

    def test_closed_and_open_again(self) -> None:
        """What was said while it was closed is not everybody's because it is not any more."""
        room = self.open(said="before")
        self.set_rule(room, Rule.INVITE_ONLY)
        self.set_rule(room, Rule.SECRET)
        moderation.change(self.chat, self.ada, room, [Change(add=False, what=Rule.INVITE_ONLY)])
        self.chat.say(self.ada, room, "after")
        self.assertEqual(self.past(room), ["before", "after"])
        self.start()
        self.assertEqual(self.past(self.open()), [])

    def test_other_rules(self) -> None:
        """Those that keep nobody from reading change nothing."""
        for rule in (Rule.MODERATED, Rule.LIMIT, Rule.NO_COLOURS):
            self.assertNotIn(rule, CLOSED)
            room = self.open(said="x")
            self.set_rule(room, rule)
            self.assertEqual(room.stream, room.name.key)
            self.leave(room)

    def test_closed_from_the_start(self) -> None:
        """Where rooms are opened so, by the server's settings."""
        self.start("s")
        room = self.open(said="one")
        self.assertEqual(self.past(room), ["one"])
        self.leave(room)
        self.assertEqual(self.past(self.open()), [])

    def test_renamed(self) -> None:
        """What was said goes with the room, and what was said in one of the new name before is not touched by it."""
        self.leave(self.open("#b", "old b"))
        room = self.open("#a", "one")
        moderation.rename(self.chat, self.ada, room, "#b", "")
        self.chat.say(self.ada, room, "two")
        self.assertEqual(self.past(room), ["one", "two"])
        self.leave(room)
        self.assertEqual((self.past(self.open("#b")), self.past(self.open("#a"))), (["old b"], []))

    def test_what_was_said_before_it_was_opened(self) -> None:
        """It was for everybody, and stays: who opens a room that was empty and closes it, or has it renamed, takes
        nothing of it along."""

        def close(room: Room) -> None:
            self.set_rule(room, Rule.INVITE_ONLY)

        def rename(room: Room) -> None:
            moderation.rename(self.chat, self.ada, room, "#elsewhere", "")

        for end in (close, rename):
            self.history = Lasting(100)
            self.start()
            self.leave(self.open(said="minutes"))
            self.now += 1.0
            room = self.open(said="mine")
            end(room)
            self.assertEqual(self.past(room), ["mine"])
            self.leave(room)
            self.assertEqual(self.past(self.open()), ["minutes"])

    def test_nothing_lasts(self) -> None:
        """Where there is no room for it, what was said in a room goes with it."""
        self.history = MemoryHistory(100)
        self.start()
        self.leave(self.open(said="one"))
        self.assertEqual(self.past(self.open()), [])
