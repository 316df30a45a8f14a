"""Reading back from a store that takes its time, or fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import Unavailable
from chatproto.events import Event, Stamp
from chatproto.stores.memory import MemoryHistory
from tests.dialects.irc.network import Network
from tests.dialects.irc.past import CAPS, S, bare, texts, timestamp

UNKNOWN = ":Messages could not be retrieved"
EVER = f"{timestamp(0)} timestamp=2262-04-11T23:47:16.854Z"


class SlowReading(MemoryHistory):
    """Answers when a test lets it, or fails."""

    def __init__(self) -> None:
        super().__init__(100)
        self.waiting: Deferred[None] | None = None

    async def read(self, *asked: Any, **wanted: Any) -> Sequence[tuple[Event, Stamp]]:
        """Wait."""
        if self.waiting is not None:
            await self.waiting
        return await super().read(*asked, **wanted)


class Waiting(SynchronousTestCase):
    """A store that takes its time, and one that fails."""

    def setUp(self) -> None:
        """ada has said something in #a."""
        self.history = SlowReading()
        self.network = Network(history=self.history)
        self.ada = self.network.connect("ada", CAPS)
        self.network.room("#a", self.ada)
        self.ada.send("PRIVMSG #a :hi")
        self.history.waiting = self.waiting = Deferred[None]()

    def ask(self, line: str) -> Deferred[None]:
        """Ask; the answer comes when the store answers."""
        answer = self.ada.talk.line_received(line.encode())
        assert answer is not None
        done = Deferred.fromCoroutine(answer)
        self.assertNoResult(done)
        self.ada.got()
        return done

    def test_left_meanwhile(self) -> None:
        """Who is not in there any more when the answer comes does not read it."""
        done = self.ask("CHATHISTORY LATEST #a * 5")
        self.ada.talk.rooms.leave(self.ada.talk.session, self.network.rooms.room("#a"), "")
        self.ada.got()
        self.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(
            [bare(each) for each in self.ada.got()], [f"{S} FAIL CHATHISTORY INVALID_TARGET LATEST #a {UNKNOWN}"]
        )

    def test_gone_meanwhile(self) -> None:
        """If the connection ends nothing is sent or raised."""
        for line in ("LATEST #a * 5", f"TARGETS {EVER} 5", "LATEST bob * 5"):  # The store has a stream of each kind.
            with self.subTest(line):
                self.setUp()
                if line.startswith("LATEST bob"):
                    self.ada.talk.user.looks(account="ada")
                done = self.ask(f"CHATHISTORY {line}")
                self.network.rooms.quit(self.ada.talk.session, "gone")
                self.waiting.callback(None)
                self.successResultOf(done)
                self.assertEqual(self.ada.got(), [])

    def test_playback(self) -> None:
        """The same for ZNC's way: a room that one has left is not played, and that it cannot be had is told."""
        done = self.ask("PRIVMSG *playback :PLAY #a")
        self.ada.talk.rooms.leave(self.ada.talk.session, self.network.rooms.room("#a"), "")
        self.ada.got()
        self.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(self.ada.got(), [])
        self.network.room("#a", self.ada)
        self.history.waiting = self.waiting = Deferred[None]()
        done = self.ask("PRIVMSG *playback :PLAY #a")
        self.waiting.errback(Unavailable())
        self.successResultOf(done)
        self.assertEqual(texts(self.ada.got()), ["What was said in #a is not to be had now."])

    def test_failing(self) -> None:
        """That it cannot be had is told."""
        for line, rest in (("LATEST #a * 5", "LATEST #a"), (f"TARGETS {EVER} 5", "TARGETS")):
            self.history.waiting = self.waiting = Deferred[None]()
            done = self.ask(f"CHATHISTORY {line}")
            self.waiting.errback(Unavailable())
            self.successResultOf(done)
            self.assertEqual(
                [bare(each) for each in self.ada.got()], [f"{S} FAIL CHATHISTORY MESSAGE_ERROR {rest} {UNKNOWN}"]
            )
