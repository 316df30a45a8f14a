"""Who comes back to many rooms: only those are read in which something happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatproto.events import Event, Stamp
from chatproto.rooms.limits import ALWAYS_ON, ON
from tests.dialects.irc.network import finish
from tests.dialects.irc.test_returning import ReturningTestCase


class Reads(ReturningTestCase):
    """Ada is in three more rooms, and has talked with somebody else who has an account."""

    def setUp(self) -> None:
        """Have all of it said before she goes."""
        super().setUp()
        self.choose(ALWAYS_ON, ON)
        finish(self.made("eve"))
        eve = self.logged_in("eve", account="eve")
        for name in ("#b", "#c", "#d"):
            self.network.room(name, self.bob, self.ada)
            self.bob.send(f"PRIVMSG {name} :before")
        eve.send("PRIVMSG ada :before")
        self.network.now += 1
        self.ada.send("QUIT")
        self.network.now += 1
        self.read: list[str] = []
        read = self.network.rooms.history.read

        async def noted(stream: str, *asked: Any, **wanted: Any) -> Sequence[tuple[Event, Stamp]]:
            if asked != (1,):  # So a history in memory looks for what is new.
                self.read.append(stream)
            return await read(stream, *asked, **wanted)

        self.network.rooms.history.read = noted  # type: ignore[method-assign]

    def test_nothing_new(self) -> None:
        """Nothing is read where nothing was said."""
        _, got = self.comes("ada", "server-time")
        self.assertEqual((self.read, [line for line in got if " PRIVMSG " in line]), ([], []))

    def test_something_new(self) -> None:
        """What is new is shown, rooms in the order of joining and then private talk, whatever was said last."""
        for number, target in enumerate(("ada", "#c", "#a")):
            self.network.now += number
            self.bob.send(f"PRIVMSG {target} :new in {target}")
        _, got = self.comes("ada", "server-time")
        said = [line.rpartition(":")[2] for line in got if " PRIVMSG " in line]
        self.assertEqual((self.read, said), (["#a", "#c", "ada ~bob"], ["new in #a", "new in #c", "new in ada"]))

    def test_what_else_happened(self) -> None:
        """Who is shown that somebody came and went is so where nobody said anything."""
        self.bob.send("PART #c")
        _, got = self.comes("ada", "server-time", "batch", "draft/event-playback")
        self.assertIn("#c", self.read)
        self.assertTrue(any("batch=" in line and " PART #c" in line for line in got), got)
