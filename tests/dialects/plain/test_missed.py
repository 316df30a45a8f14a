"""What people on bare terminals are told on coming again: what was said meanwhile."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.backplanes.alone import Alone
from chatproto.dialects.plain.conversation import PlainConversation
from chatproto.dialects.plain.past import NOT_READ, WHISPERERS, WHISPERS
from chatproto.errors import Unavailable
from chatproto.events import Ending, Stamp, Whispered, Who
from chatproto.interfaces import Peer
from chatproto.rooms import logins
from chatproto.rooms.limits import ALWAYS_ON, ON, RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.stores.markers import MemoryMarkers
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON, RecordingLink
from tests.accounts.quick import quick

PASSWORD = "correct-horse"
HERE = "-- Said here before:"
SINCE = "-- Said since you were here:"
DAY = 86_400.0


class LateMarkers(MemoryMarkers):
    """Markers that are not at hand."""

    waiting: Deferred[None] | None = None
    fails = False

    def ready(self, reader: str) -> Deferred[None] | None:
        """See `IMarkerStore.ready`."""
        return fail(Unavailable()) if self.fails else self.waiting


class Terminal:
    """Somebody on a bare terminal of the server's machine."""

    def __init__(self, service: RoomService, *lines: str) -> None:
        self.link = RecordingLink()
        self.link.peer = Peer("127.0.0.1", secure=False)
        self.talk = PlainConversation(self.link, service, "")
        self.type(*lines)

    def type(self, *lines: str) -> Deferred[None]:
        """Type lines. The result is that of the last one."""
        done: Deferred[None] = Deferred()
        for line in lines:
            answer = self.talk.line_received(line.encode())
            done = Deferred.fromCoroutine(answer) if answer is not None else done
        return done

    def heard(self) -> list[str]:
        """What was shown since one looked last, without the time of day."""
        return [line[6:] if line[:2].isdigit() else line for line in self.link.lines()]

    def end(self, ending: Ending = Ending.LOST) -> None:
        """The connection ends."""
        self.talk.ended(ending)
        self.link.close()


class MissedTestCase(SynchronousTestCase):
    """ada, bob and carl have accounts; bob is in #lobby. A second passes before each line."""

    limits = RoomLimits(history_shown=2, missed_shown=3, history_kept=100, default_room="#lobby")

    def setUp(self) -> None:
        """Make the accounts."""
        self.now = NOON
        clock = Clock()
        self.accounts = quick(clock)
        for name in ("ada", "bob", "carl"):
            self.done(self.accounts.make(name, name, PASSWORD))
        self.history, self.markers = MemoryHistory(200), LateMarkers()
        self.service = self.served()
        self.bob = self.come("bob")

    def served(self) -> RoomService:
        """A server, or the same one started again."""
        service = RoomService(
            Alone(lambda: self.now), self.history, self.limits, lambda: self.now, accounts=self.accounts,
            markers=self.markers,
        )  # fmt: skip
        self.done(logins.load(service))
        return service

    def done(self, answer: Coroutine[Any, Any, Any]) -> Any:
        """What comes of it, at once."""
        return self.successResultOf(Deferred.fromCoroutine(answer))

    def come(self, name: str) -> Terminal:
        """Somebody who logs in and has come in."""
        self.now += 1
        return Terminal(self.service, f"/login {name} {PASSWORD}")

    def say(self, *lines: str) -> None:
        """Have bob say them."""
        for line in lines:
            self.now += 1
            self.bob.type(line)

    def told(self, person: Terminal) -> list[str]:
        """What they were told of what was said."""
        return person.heard()[3:]


class Rooms(MissedTestCase):
    """What was said in a room."""

    def test_first_time(self) -> None:
        """Who was never there is shown the last lines, and so is who has no account."""
        self.say("one", "two", "three")
        self.assertEqual(self.told(self.come("ada")), [HERE, "<bob> two", "<bob> three"])
        self.assertEqual(Terminal(self.service, "eve").heard()[2:], [HERE, "<bob> two", "<bob> three"])

    def test_missed(self) -> None:
        """What was said since they went, and so many lines before that as there is place for; once."""
        self.say("zero", "one")
        ada = self.come("ada")
        self.say("two")
        ada.end()
        self.say("three")
        ada = self.come("ada")
        self.assertEqual(self.told(ada), [HERE, "<bob> two", SINCE, "<bob> three"])
        ada.end()
        self.say("four", "five", "six")
        self.assertEqual(self.told(self.come("ada")), [SINCE, "<bob> four", "<bob> five", "<bob> six"])

    def test_nothing_missed(self) -> None:
        """Then the last lines are shown."""
        ada = self.come("ada")
        self.say("one", "two", "three")
        ada.end()
        self.assertEqual(self.told(self.come("ada")), [HERE, "<bob> two", "<bob> three"])

    def test_much(self) -> None:
        """Of more than the setting says the last ones are shown, and how to see more."""
        self.come("ada").end()
        self.say(*"12345678")
        many = "-- You missed more than 3 lines here; these are the last 3. /history 6 shows more."
        self.assertEqual(self.told(self.come("ada")), [many, "<bob> 6", "<bob> 7", "<bob> 8"])

    def test_bound(self) -> None:
        """At the bound all is shown."""
        for count, heading in ((2, SINCE), (3, SINCE), (4, "-- You missed more than 3 lines here;")):
            self.come("ada").end()
            self.say(*map(str, range(count)))
            ada = self.come("ada")
            told = self.told(ada)
            self.assertTrue(told[0].startswith(heading), told)
            self.assertEqual(len(told), 1 + min(count, 3))
            ada.end()

    def test_while_asked(self) -> None:
        """What is said on the way in is shown as it happens, and is not missed."""
        self.come("ada").end()
        self.say("one")
        self.markers.waiting = Deferred()
        ada = Terminal(self.service)
        done = ada.type(f"/login ada {PASSWORD}")
        self.assertNoResult(done)
        self.say("two")
        self.markers.waiting.callback(None)
        self.markers.waiting = None
        self.successResultOf(done)
        self.assertEqual(ada.heard()[-3:], ["<bob> two", SINCE, "<bob> one"])
        ada.end()
        self.assertEqual(self.told(self.come("ada"))[0], HERE)

    def test_markers_fail(self) -> None:
        """Who cannot be told what they missed is told that, and is in."""
        self.markers.fails = True
        ada = self.come("ada")
        self.assertIn(f"!! {NOT_READ}", ada.heard())
        self.assertIn(self.service.people.find("ada"), self.service.room("#lobby").members)

    def test_put_out_meanwhile(self) -> None:
        """Who is in the room no more when the store answers is shown nothing of it."""
        self.say("one")
        self.markers.waiting = Deferred()
        ada = Terminal(self.service)
        done = ada.type(f"/login ada {PASSWORD}")
        self.service.leave(ada.talk.session, self.service.room("#lobby"), "")
        ada.heard()
        self.markers.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(ada.heard(), [])

    def test_gone_meanwhile(self) -> None:
        """A connection that ended before the store answered is in none of the rooms that the person still is in."""
        self.come("ada").type("/join #b")
        self.markers.waiting = Deferred()
        ada = Terminal(self.service)
        done = ada.type(f"/login ada {PASSWORD}")
        self.assertNoResult(done)
        ada.end()
        ada.heard()
        self.markers.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual((ada.heard(), ada.talk.session.views), ([], {}))

    def test_ways_to_go(self) -> None:
        """However one goes, what one was shown is not missed: a room, the server, the account."""
        for line in ("/part", "/quit", "/logout"):
            ada = self.come("ada")
            self.say("shown")
            ada.type(line)
            ada.end()
            self.say("missed")
            ada = self.come("ada")
            self.assertEqual(self.told(ada), [HERE, "<bob> shown", SINCE, "<bob> missed"], line)
            ada.end()

    def test_put_out(self) -> None:
        """The same for who is put out, or whose connection an operator ends."""
        self.bob.type("/join #b", "hi")
        ada = self.come("ada")
        ada.type("/join #b")
        self.say("shown")
        self.bob.type("/kick ada")
        self.say("missed")
        ada.heard()
        ada.type("/join #b")
        self.assertEqual(ada.heard()[-2:], [SINCE, "<bob> missed"])
        ada.talk.cut(Who("root"), "noise")
        self.say("again")
        ada = self.come("ada")
        ada.type("/join #b")
        self.assertEqual(ada.heard()[-4:], [HERE, "<bob> missed", SINCE, "<bob> again"])

    def test_dead_connection(self) -> None:
        """Of a connection that showed no life, or took nothing any more, only what came before the last line counts."""
        for ending in (Ending.SILENT, Ending.TOO_SLOW):
            ada = self.come("ada")
            self.now += 1
            ada.type("hello")
            self.say("unseen")
            ada.end(ending)
            self.assertEqual(self.told(self.come("ada")), [HERE, "<ada> hello", SINCE, "<bob> unseen"])
            self.service.quit(self.service.people.find("ada").sessions[0], "")

    def test_other_days(self) -> None:
        """Lines of other days stand below their day."""
        self.come("ada").end()
        self.say("one")
        self.now += DAY
        self.say("two")
        self.now += DAY
        self.say("three")
        days = [time.strftime("-- On %Y-%m-%d:", time.localtime(NOON + day)) for day in (0, DAY)]
        expected = [SINCE, days[0], "<bob> one", days[1], "<bob> two", "-- Today:", "<bob> three"]
        self.assertEqual(self.told(self.come("ada")), expected)

    def test_restart(self) -> None:
        """It is known when the server has started again."""
        self.come("ada").end(Ending.SHUTDOWN)
        self.say("missed")
        self.bob.end(Ending.SHUTDOWN)
        self.service = self.served()
        self.bob = self.come("bob")
        self.assertEqual(self.told(self.come("ada")), [SINCE, "<bob> missed"])

    def test_killed(self) -> None:
        """When a server was killed, what one was shown on coming is not missed again; what came later may be."""
        self.come("ada").end()
        self.say("one")
        self.come("ada")
        self.say("two")
        self.service = self.served()
        self.assertEqual(self.told(self.come("ada")), [HERE, "<bob> one", SINCE, "<bob> two"])


class Off(MissedTestCase):
    """A server that tells nobody."""

    limits = RoomLimits(history_shown=1, missed_shown=0)

    def test_as_others(self) -> None:
        """Everybody is shown the last lines."""
        self.come("ada").end()
        self.say("one", "two")
        self.assertEqual(self.told(self.come("ada")), [HERE, "<bob> two"])


class Whispers(MissedTestCase):
    """What was said to one alone."""

    def whispered(self, sender: str, target: str, *texts: str) -> None:
        """It is kept, and nobody was there to see it."""
        stream = " ".join(sorted((sender, target)))
        for number, text in enumerate(texts, 1):
            event = Whispered(Who(sender, account=sender), target, text)
            self.history.append(stream, event, Stamp(int(self.now), number, self.now))

    def test_told(self) -> None:
        """Who whispered while one was away, and how to read it; what one said oneself does not count. Once."""
        self.come("ada").end()
        self.now += 1
        self.whispered("bob", "ada", "one", "two")
        self.now += 1
        self.whispered("carl", "ada", "hi")
        self.now += 1
        self.whispered("ada", "bob", "by another client")
        ada = self.come("ada")
        told = [
            "-- carl whispered to you while you were away: /history carl",
            "-- bob whispered to you 2 times while you were away: /history bob",
        ]
        self.assertEqual(self.told(ada), told)
        ada.type("/history carl")
        self.assertEqual(ada.heard(), ["-- The last line between carl and you:", "carl (whispering): hi"])
        ada.end()
        self.assertEqual(self.told(self.come("ada")), [])

    def test_who_stayed(self) -> None:
        """Who comes by a terminal for the first time, and was here without a connection, missed what was said then."""
        self.whispered("carl", "ada", "before")
        ada = self.come("ada")
        self.done(logins.choose(self.service, ada.talk.session, ALWAYS_ON, ON))
        ada.end()
        self.markers.forget("ada")
        self.now += 1
        self.whispered("bob", "ada", "psst")
        self.assertIn("-- bob whispered to you while you were away: /history bob", self.come("ada").heard())

    def test_seen(self) -> None:
        """What one was shown is not told again; and nothing to who comes for the first time."""
        self.whispered("bob", "ada", "before")
        ada = self.come("ada")
        self.assertEqual(self.told(ada), [])
        self.now += 1
        self.bob.type("/msg ada psst")
        ada.end()
        self.assertEqual(self.told(self.come("ada")), [])

    def test_killed(self) -> None:
        """When a server was killed, what came before one was there last is not told."""
        self.come("ada").end()
        self.now += 1
        self.whispered("bob", "ada", "told")
        self.come("ada")
        self.now += 1
        self.whispered("carl", "ada", "not told")
        self.service = self.served()
        told = ["-- carl whispered to you while you were away: /history carl"]
        self.assertEqual(self.told(self.come("ada")), told)

    def test_bounds(self) -> None:
        """So many are counted of each, and so many people told of."""
        self.come("ada").end()
        for number in range(WHISPERERS + 1):
            self.now += 1
            count = {WHISPERERS: WHISPERS + 1, WHISPERERS - 1: WHISPERS}.get(number, 1)
            for text in range(count):
                event = Whispered(Who("x", account=f"x{number}"), "ada", str(text))
                self.history.append(f"ada x{number}", event, Stamp(number, text + 1, self.now))
        told = self.told(self.come("ada"))
        self.assertEqual(len(told), WHISPERERS)
        self.assertEqual(told[-1].split(" while")[0], f"-- x{WHISPERERS} whispered to you more than {WHISPERS} times")
        self.assertEqual(told[-2].split(" while")[0], f"-- x{WHISPERERS - 1} whispered to you {WHISPERS} times")

    def test_markers_fail(self) -> None:
        """That it cannot be told is told."""
        self.markers.fails = True
        ada = self.come("ada")
        self.assertIn("!! What was whispered to you meanwhile cannot be read at the moment.", ada.heard())
