"""One's own lines come back when they are stored."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.backplanes.alone import Alone
from chatproto.dialects.plain import PlainConversation
from chatproto.dialects.plain.echo import NOT_STORED
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.testing import NOON, RecordingLink
from tests.dialects.committed import SlowHistory


class Echoes(SynchronousTestCase):
    """ada is in the lobby and wants echoes."""

    def setUp(self) -> None:
        """Let her in."""
        self.history = SlowHistory()
        service = RoomService(Alone(lambda: NOON), self.history, RoomLimits(), lambda: NOON)
        self.link = RecordingLink()
        self.talk = PlainConversation(self.link, service, "")
        self.talk.opened()
        self.type("ada")
        self.type("/echo on")
        self.history.commit()
        self.link.lines()

    def type(self, line: str) -> Deferred[None] | None:
        """Type a line. The result fires when the next may be."""
        answer = self.talk.line_received(line.encode())
        return None if answer is None else Deferred.fromCoroutine(answer)

    def seen(self) -> list[str]:
        """What was shown, without the time of day."""
        return [line[6:] if line[:2].isdigit() else line for line in self.link.lines()]

    def test_stored(self) -> None:
        """Not before."""
        for line in ("hello", "/me waves"):
            answer = self.type(line)
            assert answer is not None
            self.assertEqual(self.seen(), [])
            self.assertNoResult(answer)
            self.history.commit()
            self.successResultOf(answer)
            (echo,) = self.seen()
            self.assertIn(line.removeprefix("/me "), echo)

    def test_not_stored(self) -> None:
        """They come with a warning."""
        answer = self.type("hello")
        self.history.commit(stored=False)
        self.assertIsNotNone(answer)
        self.assertEqual(self.seen(), ["<ada> hello", f"!! {NOT_STORED}"])

    def test_next_line(self) -> None:
        """A warning is for one line only."""
        self.type("hello")
        self.history.commit(stored=False)
        self.seen()
        self.type("again")
        self.history.commit()
        self.assertEqual(self.seen(), ["<ada> again"])
