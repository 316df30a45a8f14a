"""What people on bare terminals see while a history store takes its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatproto.backplanes.alone import Alone
from chatproto.dialects.plain.conversation import PlainConversation
from chatproto.events import Ending, Event, Stamp
from chatproto.interfaces import IHistoryStore, Mark
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON, RecordingLink

Lines = Sequence[tuple[Event, Stamp]]


class LateHistory(MemoryHistory):
    """Keeps lines at once; whoever asks for them waits until `answer` is called, and gets what is there by then."""

    def __init__(self, kept: int) -> None:
        super().__init__(kept)
        self.asked: list[tuple[str, int, Mark | None]] = []
        self._waiting: list[Deferred[None]] = []

    async def read(self, stream: str, count: int, *, before: Mark | None = None, **wanted: Any) -> Lines:
        """Wait."""
        ready: Deferred[None] = Deferred()
        self.asked.append((stream, count, before))
        self._waiting.append(ready)
        await ready
        return await super().read(stream, count, before=before, **wanted)

    def answer(self) -> None:
        """Answer whoever waits."""
        waiting, self._waiting = self._waiting, []
        for ready in waiting:
            ready.callback(None)


class Terminal:
    """Someone on a bare terminal, who may have to wait for what a line does."""

    def __init__(self, service: RoomService) -> None:
        self.link = RecordingLink()
        self.talk = PlainConversation(self.link, service, "")
        self.talk.opened()

    def types(self, line: str) -> Deferred[None]:
        """Type a line. The result fires when the next one may be delivered."""
        answer = self.talk.line_received(line.encode())
        done: Deferred[None] = Deferred()
        if answer is None:
            done.callback(None)
        else:
            done = Deferred.fromCoroutine(answer)
        return done

    def heard(self) -> list[str]:
        """What was shown since one looked last, without the time of day."""
        return [line[6:] if line[:2].isdigit() else line for line in self.link.lines()]


class LateHistoryTests(SynchronousTestCase):
    """Ada is in #lobby and has said something; Bob comes in while the store takes its time."""

    limits = RoomLimits(history_shown=3)

    def setUp(self) -> None:
        """Ada is in."""
        self.history = LateHistory(10)
        self.service = RoomService(Alone(lambda: NOON), self.history, self.limits, lambda: NOON)
        self.ada, self.bob = Terminal(self.service), Terminal(self.service)
        self.ready(self.ada.types("ada"))
        self.ready(self.ada.types("earlier"))
        self.ada.heard()
        self.bob.heard()
        self.history.asked.clear()

    def ready(self, done: Deferred[None]) -> None:
        """Let the store answer; then the line that was typed is over and done with."""
        self.history.answer()
        self.successResultOf(done)

    def test_interface(self) -> None:
        """The store that is late is a store."""
        self.assertTrue(verifyObject(IHistoryStore, self.history))

    def test_shown_once(self) -> None:
        """What is said while the store is asked is seen as it happens, and not again as said before."""
        done = self.bob.types("bob")
        self.assertNoResult(done)
        self.assertEqual(self.bob.heard()[-1], "-- You are in #lobby with ada.")
        self.successResultOf(self.ada.types("meanwhile"))
        self.ready(done)
        self.assertEqual(self.bob.heard(), ["<ada> meanwhile", "-- Said here before:", "<ada> earlier"])

    def test_much_is_said_meanwhile(self) -> None:
        """However much is said meanwhile, it takes no place of what was said before."""
        self.ready(self.ada.types("earlier still"))
        done = self.bob.types("bob")
        self.bob.heard()
        for number in range(5):
            self.successResultOf(self.ada.types(f"line {number}"))
        self.ready(done)
        meanwhile = [f"<ada> line {number}" for number in range(5)]
        before = ["-- Said here before:", "<ada> earlier", "<ada> earlier still"]
        self.assertEqual(self.bob.heard(), meanwhile + before)

    def test_asked_with_the_join(self) -> None:
        """The store is asked for what came before the join, whatever came after it."""
        done = self.bob.types("bob")
        joined = self.service.room("#lobby").latest
        assert joined is not None
        self.assertEqual(self.history.asked, [("#lobby", 3, joined._replace(offset=joined.offset + 1))])
        self.assertEqual(joined.offset, 3)  # Ada came, Ada spoke, Bob came.
        self.ready(done)

    def test_asked_by_a_command(self) -> None:
        """Another room's history is asked for in the same way; nothing was said there, so nothing is shown."""
        self.ready(self.bob.types("bob"))
        done = self.bob.types("/join #garden")
        joined = self.service.room("#garden").latest
        assert joined is not None
        self.assertEqual(self.history.asked[1:], [("#garden", 3, joined._replace(offset=joined.offset + 1))])
        self.bob.heard()
        self.ready(done)
        self.assertEqual(self.bob.heard(), [])

    def test_talking_there_already(self) -> None:
        """Whoever is in a room is not shown again what was said there, and the store is not asked."""
        self.successResultOf(self.ada.types("/join #lobby"))
        self.assertEqual((self.ada.heard(), self.history.asked), (["-- You are now talking in #lobby."], []))

    def test_gone_meanwhile(self) -> None:
        """If the connection ends while the store is asked, nothing is raised or written, and the name is free."""
        done = self.bob.types("bob")
        self.bob.heard()
        self.bob.talk.ended(Ending.LOST)
        self.bob.link.close()
        self.ready(done)
        self.assertEqual(self.bob.heard(), [])
        self.assertEqual(self.ada.heard(), ["-- bob joined", "-- bob quit (connection closed)"])
        self.ready(Terminal(self.service).types("bob"))
        self.assertEqual(self.ada.heard(), ["-- bob joined"])

    def test_gone_during_a_command(self) -> None:
        """The same while `/history` and `/join` wait; a room that closes with its only member is left closed."""
        self.ready(self.bob.types("bob"))
        for line in ("/history 5", "/join #garden"):
            person = Terminal(self.service)
            self.ready(person.types("eva"))
            done = person.types(line)
            self.assertNoResult(done)
            person.heard()
            person.talk.ended(Ending.LOST)
            person.link.close()
            self.ready(done)
            self.assertEqual(person.heard(), [])
        self.assertEqual([room.name.shown for room in self.service.rooms()], ["#lobby"])

    def test_history_waits(self) -> None:
        """`/history` is answered when the store answers."""
        done = self.ada.types("/history")
        self.assertNoResult(done)
        self.assertEqual(self.ada.heard(), [])
        self.ready(done)
        self.assertEqual(self.ada.heard(), ["-- The last line in #lobby:", "<ada> earlier"])
        self.assertEqual(self.history.asked, [("#lobby", 3, None)])

    def test_put_out_meanwhile(self) -> None:
        """Who is not in the room any more when the store answers is told so, and does not read what was said there,
        neither by `/history` nor by coming into it."""
        self.ready(self.ada.types("/join #a"))
        for line, told in (("/history #a", ["!! You are not in #a. Use /join #a first."]), ("/join #a", [])):
            bob = Terminal(self.service)
            self.ready(bob.types("bob"))
            if line == "/history #a":
                self.ready(bob.types("/join #a"))
            done = bob.types(line)
            self.assertNoResult(done)
            self.successResultOf(self.ada.types("/kick bob"))
            self.successResultOf(self.ada.types("a secret"))
            bob.heard()
            self.ready(done)
            self.assertEqual(bob.heard(), told)
            self.ready(bob.types("/quit"))
