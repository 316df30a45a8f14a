"""Reading back what two people said to each other, and where anything was said (CHATHISTORY)."""

from __future__ import annotations

from chatproto.testing import NOON
from tests.dialects.irc.past import CAPS, PastCase, S, bare, texts, timestamp

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

    def test_by_account(self) -> None:
        """It is found under another nick, and after the other one is gone, by the account; never by another's nick."""
        self.say("hi", target="ada")
        self.bob.send("NICK robert")
        self.ada.got()
        for name in ("robert", "bob"):
            self.assertEqual(texts(self.played(self.ada, f"CHATHISTORY LATEST {name} * 9", name)), ["hi"])
        self.eve.send("NICK bob")
        self.assertEqual(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob"), [])
        self.eve.send("QUIT")
        self.bob.send("QUIT")
        self.ada.got()
        self.assertEqual(len(self.played(self.ada, "CHATHISTORY LATEST Bob * 9", "Bob")), 1)

    def test_to_oneself(self) -> None:
        """One's own notes are kept once."""
        self.ada.send("PRIVMSG ada :note")
        self.assertEqual(len(self.played(self.ada, "CHATHISTORY LATEST ada * 9", "ada")), 1)

    def test_without_account(self) -> None:
        """What is said by or to somebody who is not logged in is not kept, even if they are later."""
        self.log_in(self.bob, "")
        self.say("one", target="ada")
        self.say("two", target="bob", client=self.ada, reader=self.bob)
        self.assertEqual(self.played(self.bob, "CHATHISTORY LATEST ada * 9", "ada"), [])
        self.log_in(self.bob, "bob")
        for client, name in ((self.ada, "bob"), (self.bob, "ada")):
            self.assertEqual(self.played(client, f"CHATHISTORY LATEST {name} * 9", name), [])

    def test_tags_alone(self) -> None:
        """That somebody was typing is not kept."""
        self.bob.send("@+typing=active TAGMSG ada")
        self.ada.got()
        self.assertEqual(self.played(self.ada, "CHATHISTORY LATEST bob * 9", "bob"), [])

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
