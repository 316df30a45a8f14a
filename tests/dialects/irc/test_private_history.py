"""Reading back what two people said to each other, and where anything was said (CHATHISTORY)."""

from __future__ import annotations

from chatproto.testing import NOON
from tests.dialects.irc.past import CAPS, PastCase, S, bare, tags_of, texts, timestamp

EVER = f"{timestamp(0)} timestamp=2262-04-11T23:47:16.854Z"


class Private(PastCase):
    """What two people said to each other."""

    def setUp(self) -> None:
        """Both are logged in, and so is eve."""
        super().setUp()
        self.eve = self.network.connect("eve", CAPS)
        for client, account in ((self.ada, "Ada"), (self.bob, "bob"), (self.eve, "eve")):
            self.log_in(client, account)

    def test_both_read_it(self) -> None:
        """What each of them said, and nobody else reads it."""
        self.say("hi", target="ada")
        self.say("hello", target="bob", client=self.ada, reader=self.bob)
        lines = [":bob!~bob@localhost PRIVMSG ada :hi", ":ada!~ada@localhost PRIVMSG bob :hello"]
        for client, other in ((self.ada, "bob"), (self.bob, "ada")):
            found = self.played(client, f"CHATHISTORY LATEST {other} * 9", other)
            self.assertEqual([bare(line) for line in found], lines)
        self.assertEqual(self.played(self.eve, "CHATHISTORY LATEST bob * 9", "bob"), [])
        self.assertEqual(self.played(self.eve, "CHATHISTORY LATEST ada * 9", "ada"), [])

    def test_any_case(self) -> None:
        """The batch has the nick as it was asked for, so that the client finds its window, and a room's real name."""
        self.say("hi", target="ada")
        self.assertEqual(texts(self.played(self.ada, "CHATHISTORY LATEST BOB * 9", "BOB")), ["hi"])
        self.assertEqual(self.played(self.ada, "CHATHISTORY LATEST #A * 9", "#a"), [])

    def test_by_account(self) -> None:
        """It is found under another nick, and after the other one is gone, by the account; never by another's nick."""
        self.say("hi", target="ada")
        self.bob.send("NICK robert")
        self.ada.got()
        self.network.rooms.owned.add("bob", "bob")
        for name in ("robert", "bob"):
            self.assertEqual(texts(self.played(self.ada, f"CHATHISTORY LATEST {name} * 9", name)), ["hi"])
        self.network.rooms.owned.discard("bob")
        self.eve.send("NICK bob")
        self.assertEqual(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob"), [])
        self.eve.send("QUIT")
        self.bob.send("QUIT")
        self.ada.got()
        self.network.rooms.owned.add("bob", "bob")
        self.assertEqual(len(self.played(self.ada, "CHATHISTORY LATEST Bob * 9", "Bob")), 1)

    def test_called_otherwise_then(self) -> None:
        """Lines come under the nicks of now, so that a client knows its own, and has one window for each person."""
        self.say("hi", target="ada")
        self.say("hello", target="bob", client=self.ada, reader=self.bob)
        for client, nick in ((self.ada, "lady"), (self.bob, "robert")):
            client.send(f"NICK {nick}")
        for client in (self.ada, self.bob):
            client.got()
        lines = [":robert!~bob@localhost PRIVMSG lady :hi", ":lady!~ada@localhost PRIVMSG robert :hello"]
        for client, other in ((self.ada, "robert"), (self.bob, "lady")):
            found = self.played(client, f"CHATHISTORY LATEST {other} * 9", other)
            self.assertEqual([bare(line) for line in found], lines)

    def test_to_oneself(self) -> None:
        """One's own notes are kept once."""
        self.ada.send("PRIVMSG ada :note")
        self.assertEqual(len(self.played(self.ada, "CHATHISTORY LATEST ada * 9", "ada")), 1)

    def test_without_account(self) -> None:
        """What is said by or to somebody who is not logged in only the other one reads, under that name: they do not,
        even if they are logged in later, for it may have been another person. Of two of them nobody reads anything."""
        self.log_in(self.bob, "")
        self.say("one", target="ada")
        self.say("two", target="bob", client=self.ada, reader=self.bob)
        self.assertEqual(self.played(self.bob, "CHATHISTORY LATEST ada * 9", "ada"), [])
        self.assertEqual(texts(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob")), ["one", "two"])
        self.log_in(self.bob, "bob")
        for client, name in ((self.ada, "bob"), (self.bob, "ada")):
            self.assertEqual(self.played(client, f"CHATHISTORY LATEST {name} * 9", name), [])
        self.bob.send("QUIT")
        self.ada.got()
        self.assertEqual(texts(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob")), ["one", "two"])

    def test_without_any_account(self) -> None:
        """What two say to each other who are not logged in is not kept."""
        for client in (self.ada, self.bob):
            self.log_in(client, "")
        self.say("one", target="ada")
        for client, account, other in ((self.ada, "Ada", "bob"), (self.bob, "bob", "ada")):
            self.log_in(client, account)
            self.assertEqual(self.played(client, f"CHATHISTORY LATEST {other} * 9", other), [])

    def test_taken_back_without_account(self) -> None:
        """Who is not logged in takes back what this connection said, and nothing of who had the name before."""
        self.log_in(self.bob, "")
        one, two = self.say("one", "two", target="ada")
        self.bob.send(f"REDACT ada {one}")
        self.ada.got()
        self.assertEqual(texts(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob")), ["two"])
        self.bob.send("QUIT")
        again = self.network.connect("bob", CAPS)
        self.assertIn("UNKNOWN_MSGID", again.says(f"REDACT ada {two}")[0])

    def test_tags_alone(self) -> None:
        """That somebody was typing is not kept."""
        self.bob.send("@+typing=active TAGMSG ada")
        self.ada.got()
        self.ada.send("CAP REQ draft/event-playback")
        self.ada.got()
        self.assertEqual(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob"), [])

    def test_reactions(self) -> None:
        """A reaction is kept, for those who want to see more than what was said."""
        self.say("hi", target="ada")
        self.bob.send("@+draft/react=x TAGMSG ada")
        self.ada.got()
        self.assertEqual(texts(self.played(self.ada, "CHATHISTORY LATEST bob * 1", "bob")), ["hi"])
        self.ada.send("CAP REQ draft/event-playback")
        self.ada.got()
        _, reaction = self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob")
        self.assertEqual(bare(reaction), ":bob!~bob@localhost TAGMSG ada")
        self.assertEqual(tags_of(reaction)["+draft/react"], "x")

    def test_taken_back(self) -> None:
        """What was taken back nobody reads; another connection with the account may do that, and nobody else."""
        one, two = self.say("one", "two", target="ada")
        self.bob.send(f"REDACT ada {one}")
        self.assertEqual(len(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob")), 1)
        self.assertIn("UNKNOWN_MSGID", self.ada.says(f"REDACT bob {two}")[0])
        self.assertIn("UNKNOWN_MSGID", self.eve.says(f"REDACT ada {two}")[0])
        again = self.network.connect("robert", CAPS)
        self.log_in(again, "bob")
        again.send(f"REDACT ada {two}")
        self.assertEqual(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob"), [])


class Targets(PastCase):
    """Where something was said."""

    def setUp(self) -> None:
        """First in #a, then by eve, then in #b; bob is logged in, too, and silent."""
        super().setUp()
        self.network.room("#b", self.ada, self.bob)
        self.network.room("#silent", self.ada)
        self.eve = self.network.connect("eve", CAPS)
        for client, account in ((self.ada, "ada"), (self.bob, "bob"), (self.eve, "Eve")):
            self.log_in(client, account)
            self.network.rooms.owned.add(account.lower(), account)
        self.say("one")
        self.say("two", target="ada", client=self.eve)
        self.say("three", target="#b")
        self.network.now += 10

    def targets(self, line: str) -> list[str]:
        """Where, without when."""
        found = self.played(self.ada, f"CHATHISTORY TARGETS {line}", "", "draft/chathistory-targets")
        return [bare(each).split(" ")[3] for each in found]

    def test_all(self) -> None:
        """Rooms that one is in, and people, with the time of the latest, in the order of that."""
        found = self.played(self.ada, f"CHATHISTORY TARGETS {EVER} 9", "", "draft/chathistory-targets")
        times = [timestamp(NOON + 1 + each).partition("=")[2] for each in range(3)]
        expected = [f"{S} CHATHISTORY TARGETS {name} {at}" for name, at in zip(("#a", "Eve", "#b"), times, strict=True)]
        self.assertEqual([bare(line) for line in found], expected)

    def test_count(self) -> None:
        """As many as wanted, counted from the first of the times."""
        early, late = EVER.split(" ")
        self.assertEqual(self.targets(f"{early} {late} 1"), ["#a"])
        self.assertEqual(self.targets(f"{late} {early} 1"), ["#b"])
        self.assertEqual(self.targets(f"{late} {early} 2"), ["Eve", "#b"])

    def test_latest_is_outside(self) -> None:
        """Where something was said later, too, is left out; both times are."""
        self.say("three and a half", target="#b")
        self.network.now += 10
        one, three = timestamp(NOON + 1), timestamp(NOON + 14)
        self.assertEqual(self.targets(f"{one} {three} 9"), ["Eve"])
        self.say("again", target="ada", client=self.eve)
        self.assertEqual(self.targets(f"{one} {three} 9"), [])
        self.assertEqual(self.targets(f"{three} {timestamp(NOON + 99)} 9"), ["Eve"])  # Which is later than #b.

    def test_own_only(self) -> None:
        """Of rooms that one has left, and what others said to each other, nothing is told."""
        self.bob.send("PART #a")
        found = self.played(self.bob, f"CHATHISTORY TARGETS {EVER} 9", "", "draft/chathistory-targets")
        self.assertEqual([bare(each).split(" ")[3] for each in found], ["#b"])
        nobody = self.network.connect("tim", CAPS)
        self.assertEqual(self.played(nobody, f"CHATHISTORY TARGETS {EVER} 9", "", "draft/chathistory-targets"), [])

    def test_refused(self) -> None:
        """It takes two times and a number."""
        for line, why in (
            (EVER, ":Insufficient parameters"),
            (f"{EVER} 1 2", ":Too many parameters"),
            (f"msgid=1-1 {timestamp(0)} 1", "msgid=1-1 :Invalid timestamp"),
            (f"{EVER} x", "x :Invalid limit"),
        ):
            (answer,) = self.ada.says(f"CHATHISTORY TARGETS {line}")
            self.assertEqual(bare(answer), f"{S} FAIL CHATHISTORY INVALID_PARAMS TARGETS {why}")
