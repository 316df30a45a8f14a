"""What people on bare terminals have not seen, of whom nobody knows how long their connection had been dead."""

from __future__ import annotations

from chatproto.events import Ending
from chatproto.rooms import logins
from chatproto.rooms.limits import ALWAYS_ON, ON
from chatproto.testing import NOON
from tests.dialects.plain.test_missed import DAY, SINCE, MissedTestCase, Terminal

UNSEEN = (Ending.SILENT, Ending.TOO_SLOW)


class Ticking(MissedTestCase):
    """Time goes on with each look at the clock."""

    ticks = NOON

    @property
    def now(self) -> float:
        """In seconds since 1970."""
        self.ticks += 0.001
        return self.ticks

    @now.setter
    def now(self, now: float) -> None:
        self.ticks = now

    def test_own_words(self) -> None:
        """What somebody said last is stamped after it came, and they have seen it all the same."""
        for ending in UNSEEN:
            ada = self.come("ada")
            ada.type("mine")
            ada.end(ending)
            self.assertNotIn(SINCE, self.told(self.come("ada")), ending)
            self.service.quit(self.service.people.find("ada").sessions[0], "")


class DeadLines(MissedTestCase):
    """Ada stays, and reads; she never says anything."""

    def stays(self) -> Terminal:
        """She has come in, and chosen that."""
        ada = self.come("ada")
        self.done(logins.choose(self.service, ada.talk.session, ALWAYS_ON, ON))
        return ada

    def alone_since(self) -> float:
        """Since when she is connected by nothing."""
        return self.service.people.find("ada").alone_since

    def test_reads_only(self) -> None:
        """What she typed last shows that she was there: a command, or only Enter. Who comes now and then is not put out
        as not seen for too long, though she spoke never."""
        for ending in UNSEEN:
            for line in ("/who", ""):
                ada = self.stays()
                self.now += 100 * DAY
                ada.type(line)
                typed = self.now
                self.now += 60
                ada.end(ending)
                self.assertEqual(self.alone_since(), typed, (ending, line))
                self.service.presences.expire()
                self.assertIsNotNone(self.service.people.get("ada"))

    def test_only_came(self) -> None:
        """Who typed nothing since she came was there when she came."""
        for ending in UNSEEN:
            ada = self.stays()
            came = self.now
            self.now += 60
            ada.end(ending)
            self.assertEqual(self.alone_since(), came, ending)

    def test_seen(self) -> None:
        """Of any other end it is known when it was."""
        ada = self.stays()
        self.now += 60
        ada.end(Ending.LOST)
        self.assertEqual(self.alone_since(), self.now)

    def test_what_was_missed(self) -> None:
        """Only what was said after her last line is told as missed, in rooms and in private, also if she went on
        reading for days without a word."""
        for ending in UNSEEN:
            ada = self.come("ada")
            self.say("read", "/msg ada read")
            ada.type("/who")
            self.say("missed", "/msg ada missed")
            ada.end(ending)
            told = self.told(self.come("ada"))
            self.assertEqual(told[told.index(SINCE) + 1 :][:1], ["<bob> missed"], ending)
            self.assertEqual(told[-1], "-- bob whispered to you while you were away: /history bob", ending)
            self.service.quit(self.service.people.find("ada").sessions[0], "")
