"""Reading back what was said in rooms, and what else happened there (CHATHISTORY)."""

from __future__ import annotations

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.testing import NOON
from tests.dialects.irc.network import Client
from tests.dialects.irc.past import CAPS, PastCase, S, bare, tags_of, texts, timestamp

UNKNOWN = ":Messages could not be retrieved"


class Rooms(PastCase):
    """What was said in a room, ten lines of it."""

    def setUp(self) -> None:
        """Say them."""
        super().setUp()
        self.ids = self.say(*map(str, range(10)))

    def reads(self, line: str) -> list[str]:
        """Which of them come."""
        return texts(self.played(self.ada, f"CHATHISTORY {line}"))

    def time(self, number: int) -> str:
        """The selector of a line's time."""
        return timestamp(NOON + 1 + number)

    def both(self, number: int) -> tuple[str, str]:
        """Both selectors of a line."""
        return f"msgid={self.ids[number]}", self.time(number)

    def test_latest(self) -> None:
        """The newest come, or those of them that are later than something."""
        self.assertEqual(self.reads("LATEST #a * 3"), ["7", "8", "9"])
        self.assertEqual(self.reads("latest #A * 100"), list("0123456789"))
        for place in self.both(6):
            self.assertEqual(self.reads(f"LATEST #a {place} 100"), ["7", "8", "9"])
            self.assertEqual(self.reads(f"LATEST #a {place} 2"), ["8", "9"])

    def test_before(self) -> None:
        """What is right before something comes, without it."""
        for place in self.both(6):
            self.assertEqual(self.reads(f"BEFORE #a {place} 3"), ["3", "4", "5"])
            self.assertEqual(self.reads(f"BEFORE #a {place} 100"), list("012345"))
        for place in self.both(0):
            self.assertEqual(self.reads(f"BEFORE #a {place} 100"), [])

    def test_after(self) -> None:
        """What is right after something comes, without it."""
        for place in self.both(3):
            self.assertEqual(self.reads(f"AFTER #a {place} 3"), ["4", "5", "6"])
            self.assertEqual(self.reads(f"AFTER #a {place} 100"), list("456789"))
        for place in self.both(9):
            self.assertEqual(self.reads(f"AFTER #a {place} 100"), [])

    def test_around(self) -> None:
        """What is around something comes, with it."""
        for place in self.both(7):
            self.assertEqual(self.reads(f"AROUND #a {place} 1"), ["7"])
            self.assertEqual(self.reads(f"AROUND #a {place} 2"), ["6", "7"])
            self.assertEqual(self.reads(f"AROUND #a {place} 3"), ["6", "7", "8"])
            self.assertEqual(self.reads(f"AROUND #a {place} 100"), list("0123456789"))

    def test_around_the_ends(self) -> None:
        """There is no more than there is, and what was taken back is a place as before."""
        for place in self.both(0):
            self.assertEqual(self.reads(f"AROUND #a {place} 1"), ["0"])
            self.assertEqual(self.reads(f"AROUND #a {place} 4"), ["0", "1"])
        for place in self.both(9):
            self.assertEqual(self.reads(f"AROUND #a {place} 4"), ["7", "8", "9"])
        self.assertEqual(self.reads(f"AROUND #a {self.time(-1)} 4"), ["0", "1"])
        self.assertEqual(self.reads(f"AROUND #a {self.time(3)} 10"), list("01234567"))
        self.assertEqual(self.reads("AROUND #a msgid=1-99 4"), [])
        self.ada.send(f"REDACT #a {self.ids[0]}", f"REDACT #a {self.ids[4]}")
        self.assertEqual(self.reads(f"AROUND #a msgid={self.ids[0]} 4"), ["1", "2"])
        self.assertEqual(self.reads(f"AROUND #a msgid={self.ids[4]} 4"), ["2", "3", "5", "6"])

    def test_between(self) -> None:
        """Counted from the first place, that may be the later one; both are left out."""
        for early in self.both(2):
            for late in self.both(8):
                self.assertEqual(self.reads(f"BETWEEN #a {early} {late} 100"), list("34567"))
                self.assertEqual(self.reads(f"BETWEEN #a {late} {early} 100"), list("34567"))
                self.assertEqual(self.reads(f"BETWEEN #a {early} {late} 2"), ["3", "4"])
                self.assertEqual(self.reads(f"BETWEEN #a {late} {early} 2"), ["6", "7"])
                self.assertEqual(self.reads(f"BETWEEN #a {early} {early} 2"), [])

    def test_as_they_were(self) -> None:
        """Lines have the time, the id and the tags of when they were said, and who said them then."""
        self.network.now += 5
        self.bob.send("@+draft/reply=x PRIVMSG #a :\x01ACTION waves\x01")
        (live,) = self.ada.got()
        self.bob.send("NICK bert", "PART #a")
        self.network.now += 5
        (again,) = self.played(self.ada, "CHATHISTORY LATEST #a * 1")
        self.assertEqual(bare(again), bare(live))
        found = tags_of(again)
        del found["batch"]
        self.assertEqual(found, tags_of(live))
        self.assertEqual(found["+draft/reply"], "x")

    def test_account(self) -> None:
        """With the account, if the client wants that."""
        self.log_in(self.bob, "Bob")
        self.say("hi")
        self.ada.send("CAP REQ account-tag")
        self.assertEqual(tags_of(self.played(self.ada, "CHATHISTORY LATEST #a * 1")[0])["account"], "Bob")

    def test_without_capabilities(self) -> None:
        """Who knows neither batches nor tags gets the lines alone."""
        eve = self.network.connect("eve")
        self.network.room("#a", eve)
        lines = [f":bob!~bob@localhost PRIVMSG #a :{each}" for each in "89"]
        self.assertEqual(eve.says("CHATHISTORY LATEST #a * 2"), lines)

    def test_labelled(self) -> None:
        """The batch has the label."""
        self.ada.send("CAP REQ labeled-response")
        first, *inner, _ = self.ada.says("@label=7 CHATHISTORY LATEST #a * 3")
        self.assertEqual(tags_of(first)["label"], "7")
        self.assertEqual((len(inner), ["label" in tags_of(line) for line in inner]), (3, [False] * 3))

    def test_several_lines(self) -> None:
        """A message of several lines is a batch in the batch."""
        caps = (*CAPS, "draft/multiline", "labeled-response")
        self.ada, eve = self.network.connect("ida", caps), self.network.connect("eve", caps)
        self.network.room("#a", self.ada, eve)
        eve.send("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :one", "@batch=1 PRIVMSG #a :two", "BATCH -1")
        live = self.ada.got()
        first, *inner, _ = self.ada.says("@label=1 CHATHISTORY LATEST #a * 1")
        self.assertEqual([bare(line) for line in inner], [bare(line) for line in live])
        outer = bare(first).split(" ")[2][1:]
        own = tags_of(live[1])["batch"]
        self.assertEqual([tags_of(line)["batch"] for line in inner], [outer, own, own, outer])

    def test_renamed(self) -> None:
        """What was said in a room is shown under the name that it has now."""
        self.ada.send("RENAME #a #b")
        self.ada.got()
        (line,) = self.played(self.ada, "CHATHISTORY LATEST #b * 1", "#b")
        self.assertEqual(bare(line), ":bob!~bob@localhost PRIVMSG #b :9")

    def test_who_may(self) -> None:
        """Members may, and others cannot tell whether the room is there, nor may operators of the server."""
        eve = self.network.connect("eve", CAPS)
        eve.send("OPER root secret")
        for name in ("#a", "#none"):
            answer = f"{S} FAIL CHATHISTORY INVALID_TARGET LATEST {name} {UNKNOWN}"
            self.assertEqual([bare(line) for line in eve.says(f"CHATHISTORY LATEST {name} * 9")], [answer])
        self.bob.send("PART #a")
        self.assertIn("INVALID_TARGET", self.bob.says("CHATHISTORY LATEST #a * 9")[0])

    def test_said_to_some(self) -> None:
        """What was said to some of the room alone, and what are tags alone, nobody reads again."""
        self.ada.send("PRIVMSG @#a :hush")
        self.bob.send("@+typing=active TAGMSG #a")
        self.assertEqual(self.reads("LATEST #a * 1"), ["9"])


class Events(PastCase):
    """What happened besides talk."""

    def happens(self, client: Client, *lines: str) -> None:
        """One thing a second."""
        for line in lines:
            self.network.now += 1
            client.send(line)

    def test_playback(self) -> None:
        """It is shown as it was to those who asked for it, and counts."""
        self.network.rooms.history.drop("#a")
        eve = self.network.connect("eve", (*CAPS, "draft/channel-rename"))
        self.happens(eve, "AWAY :lunch", "JOIN #a", "NICK ida", "PART #a :bye", "JOIN #a")
        self.happens(self.ada, "TOPIC #a :tea", "MODE #a +v ida", "KICK #a ida :go")
        self.say("hi")
        self.happens(eve, "JOIN #a", "QUIT :bye")
        self.happens(self.ada, "RENAME #a #b :better")
        ada = ":ada!~ada@localhost"
        lines = [
            ":eve!~eve@localhost JOIN #b",
            ":eve!~eve@localhost NICK ida",
            ":ida!~eve@localhost PART #b bye",
            ":ida!~eve@localhost JOIN #b",
            f"{ada} TOPIC #b :tea",
            f"{ada} MODE #b +v ida",
            f"{ada} KICK #b ida go",
            ":bob!~bob@localhost PRIVMSG #b :hi",
            ":ida!~eve@localhost JOIN #b",
            ":ida!~eve@localhost QUIT :Quit: bye",
        ]
        self.bob.send("CAP REQ :draft/event-playback away-notify")
        self.assertEqual([bare(line) for line in self.played(self.bob, "CHATHISTORY LATEST #b * 99", "#b")], lines)
        self.bob.send("CAP REQ draft/channel-rename")
        lines.append(f"{ada} RENAME #a #b better")
        self.assertEqual([bare(line) for line in self.played(self.bob, "CHATHISTORY LATEST #b * 99", "#b")], lines)
        found = self.played(self.bob, "CHATHISTORY LATEST #b * 2", "#b")
        self.assertEqual([bare(line) for line in found], lines[-2:])
        before = f"CHATHISTORY BEFORE #b msgid={tags_of(found[0])['msgid']} 1"
        self.assertEqual([bare(line) for line in self.played(self.bob, before, "#b")], lines[-3:-2])
        (said,) = self.played(self.ada, "CHATHISTORY LATEST #b * 99", "#b")
        self.assertEqual(bare(said), lines[7])

    def test_without_batches(self) -> None:
        """Where it could not be told from what happens now it is not shown."""
        eve = self.network.connect("eve", ["draft/event-playback"])
        self.network.room("#a", eve)
        self.say("hi")
        eve.got()
        self.assertEqual(eve.says("CHATHISTORY LATEST #a * 9"), [":bob!~bob@localhost PRIVMSG #a :hi"])

    def test_hidden(self) -> None:
        """In an auditorium nobody reads who came and went unseen."""
        self.ada.send("MODE #a +u")
        self.bob.send("PART #a", "JOIN #a")
        self.bob.send("CAP REQ draft/event-playback")
        found = self.played(self.bob, "CHATHISTORY LATEST #a * 2")
        self.assertEqual([bare(line).split(" ")[1] for line in found], ["JOIN", "MODE"])


class Bounds(PastCase):
    """How much is read at once."""

    settings = IrcSettings(history_read=5)

    def test_count(self) -> None:
        """No more than the setting says, which ISUPPORT tells, however much is asked for."""
        self.say(*map(str, range(6)))
        for count, found in ((1, 1), (4, 4), (5, 5), (6, 5), (0, 5), ("9" * 99, 5)):
            self.assertEqual(len(self.played(self.ada, f"CHATHISTORY LATEST #a * {count}")), found)
        self.assertIn(" CHATHISTORY=5 ", "\n".join(self.ada.says("ISUPPORT")))

    def test_many_lines(self) -> None:
        """A long answer waits until the client has read what there is."""
        long = "x" * 300
        client = self.network.connect("eve", (*CAPS, "draft/multiline"))
        self.network.room("#a", client)
        for tag in "12345":
            lines = [f"@batch={tag} PRIVMSG #a :{long}"] * 45
            self.bob.send(f"BATCH +{tag} draft/multiline #a", *lines, f"BATCH -{tag}")
        client.got()
        client.link.drains = 0
        self.assertEqual(len(client.says("CHATHISTORY LATEST #a * 5")), 5 * 47 + 2)
        self.assertEqual(client.link.drains, 1)
