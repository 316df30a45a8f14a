"""One's own lines come back when they are stored."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.dialects.plain import PlainConversation
from chatproto.errors import Unavailable
from chatproto.events import Said, Stamp, Who
from chatproto.rooms import logins
from chatproto.rooms.limits import DM_HISTORY, OFF, RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.testing import NOON, RecordingLink
from tests.dialects.committed import SlowHistory

NOT_STORED = "!! That was said, but it is not stored: the history takes nothing at the moment."


class Echoes(SynchronousTestCase):
    """ada is in the lobby and wants echoes."""

    def setUp(self) -> None:
        """Let her in."""
        self.history = SlowHistory()
        self.service = service = RoomService(Alone(lambda: NOON), self.history, RoomLimits(), lambda: NOON)
        self.link = RecordingLink()
        self.talk = PlainConversation(self.link, service, "")
        self.talk.opened()
        self.type("ada")
        bob = PlainConversation(RecordingLink(), service, "")
        answer = bob.line_received(b"bob")
        assert answer is not None
        self.successResultOf(Deferred.fromCoroutine(answer))
        self.type("/echo on")
        self.history.commit()
        self.link.lines()

    def type(self, *lines: str) -> None:
        """Type lines, one after the other."""
        for line in lines:
            answer = self.talk.line_received(line.encode())
            if answer is not None:
                self.successResultOf(Deferred.fromCoroutine(answer))

    def log_in(self, **choices: str) -> None:
        """Have her be logged in, to an account that has made these choices."""
        logins.admit(self.service, self.talk.session, Account("ada", "ada", settings=choices))

    def seen(self) -> list[str]:
        """What was shown, without the time of day."""
        return [line[6:] if line[:2].isdigit() else line for line in self.link.lines()]

    def test_stored(self) -> None:
        """Not before, and what comes after them neither."""
        self.type("hello", "/me waves", "/nick ada")
        self.assertEqual(self.seen(), [])
        self.history.commit()
        self.assertEqual(self.seen()[:2], ["<ada> hello", "* ada waves"])

    def test_not_stored(self) -> None:
        """They come with a warning, which is for one line only."""
        self.type("hello")
        self.history.commit(stored=False)
        self.assertEqual(self.seen(), ["<ada> hello", NOT_STORED])
        self.type("again")
        self.history.commit()
        self.assertEqual(self.seen(), ["<ada> again"])

    def test_whispers(self) -> None:
        """That one whispered is told when it is stored, too; at once where no echo is wanted."""
        self.log_in()
        for target, told in (("bob", "-- To bob (whispering): psst"), ("ada", "ada (whispering): psst")):
            with self.subTest(target):
                self.type(f"/msg {target} psst")
                self.assertEqual(self.seen(), [])
                self.history.commit()
                self.assertEqual(self.seen(), [told])
        self.type("/echo off", "hello", "/msg bob psst")
        self.assertEqual(self.seen()[1:], ["-- To bob (whispering): psst"])

    def test_whispers_that_nobody_keeps(self) -> None:
        """One waits neither for other things to be stored nor is told that they are not: where nobody has an account,
        or one of the two wants nothing kept."""
        told = "-- To bob (whispering): psst"
        for choices in (None, {DM_HISTORY: OFF}):
            if choices is not None:
                self.log_in(**choices)
            self.history.fails = False
            self.history.append("#x", Said("#x", Who("eve"), "hi"), Stamp(1, 1, NOON))
            self.type("/msg bob psst")
            self.assertEqual(self.seen(), [told])
            self.history.fails = True
            self.type("/msg bob psst")
            self.assertEqual(self.seen(), [told])

    def test_whispers_in_trouble(self) -> None:
        """Of one that is to be kept one is told that it is not stored."""
        self.log_in()
        self.history.fails = True
        self.type("/msg bob psst")
        self.assertEqual(self.seen(), ["-- To bob (whispering): psst", NOT_STORED])


class Unreadable(SynchronousTestCase):
    """The store fails."""

    def test_coming_into_a_room(self) -> None:
        """One is in it all the same, and is told that what was said before cannot be read."""

        class Broken(SlowHistory):
            async def read(self, *where: Any, **wanted: Any) -> Any:
                raise Unavailable

        service = RoomService(Alone(lambda: NOON), Broken(), RoomLimits(), lambda: NOON)
        link = RecordingLink()
        talk = PlainConversation(link, service, "")
        talk.opened()
        answer = talk.line_received(b"ada")
        assert answer is not None
        self.successResultOf(Deferred.fromCoroutine(answer))
        self.assertEqual(link.lines()[-1], "!! What was said here before cannot be read at the moment.")
        assert talk.session.user is not None
        self.assertEqual(list(talk.session.user.rooms), ["#lobby"])
        answer = talk.line_received(b"/history")
        assert answer is not None
        self.successResultOf(Deferred.fromCoroutine(answer))
        self.assertEqual(link.lines(), [f"!! {Unavailable()}"])
