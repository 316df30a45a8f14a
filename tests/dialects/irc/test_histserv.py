"""HistServ: history for clients that know nothing of it, and what people said themselves."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.defer import Deferred

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.dialects.irc.verbs.histserv import MORE, PLAYED
from tests.dialects.irc.network import Client
from tests.dialects.irc.signing_in import AccountsTestCase

START = ":HistServ!HistServ@chatproto.local NOTICE {} :"
NOBODY = "You are not logged in."


class HistServTestCase(AccountsTestCase):
    """ada and bob are logged in and in #a; eve is there, too."""

    irc = IrcSettings(history_read=60)

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        for name in ("bob", "eve"):
            self.successResultOf(Deferred.fromCoroutine(self.made(name)))
        self.network.rooms.owned.add("bob", "bob")
        self.ada, self.bob = self.logged_in("ada"), self.logged_in("bob", account="bob")
        self.eve = self.network.connect("tim")
        self.network.room("#a", self.ada, self.bob, self.eve)

    def says(self, client: Client, line: str) -> list[str]:
        """What it answers, each in a notice of its own; other lines as they are."""
        start = START.format(client.talk.nick)
        return [each.removeprefix(start) for each in client.says(f"PRIVMSG HistServ :{line}")]

    def say(self, client: Client, *lines: str, target: str = "#a") -> None:
        """Say something, a second after what was said before."""
        for line in lines:
            self.network.now += 1
            client.send(f"PRIVMSG {target} :{line}")

    def exported(self, client: Client, line: str = "EXPORT") -> tuple[list[dict[str, Any]], str]:
        """What it tells in JSON, and the last line."""
        *lines, last = self.says(client, line)
        text = "".join(each.removesuffix(MORE) if each.endswith(MORE) else f"{each}\n" for each in lines)
        return [json.loads(each) for each in text.splitlines()], last


class Playing(HistServTestCase):
    """`PLAY`."""

    def test_room(self) -> None:
        """The last lines of a room, with when they were said."""
        self.say(self.bob, "one", "in \x02bold\x02", "\x01ACTION waves\x01")
        told = self.says(self.ada, "PLAY #a")
        self.assertEqual([line[20:] for line in told], ["<bob> one", "<bob> in bold", "<bob> waves"])
        self.assertEqual(told[0][:20], "2027-01-15 08:00:01 ")
        self.assertEqual(len(self.says(self.ada, "PLAY #A 2")), 2)

    def test_bounds(self) -> None:
        """Unasked it is so many, and never more than the setting says."""
        self.say(self.bob, *map(str, range(61)))
        for line, count in (("", PLAYED), ("59", 59), ("60", 60), ("61", 60)):
            self.assertEqual(len(self.says(self.ada, f"PLAY #a {line}")), count)

    def test_private(self) -> None:
        """What two said to each other."""
        self.say(self.bob, "psst", target="ada")
        self.assertEqual([line[20:] for line in self.says(self.ada, "PLAY bob")], ["<bob> psst"])

    def test_refused(self) -> None:
        """What one may not read, or is not kept, is told; so is what is no number."""
        self.network.room("#b", self.bob)
        self.say(self.bob, "x", target="#b")
        self.assertIn("#b", self.says(self.ada, "PLAY #b")[0])
        for name in ("tim", "nobody"):
            self.assertEqual(self.says(self.ada, f"PLAY {name}"), [f"Nothing that was said in {name} is kept for you."])
        for number in ("0", "-1", "x", "²"):
            told = self.says(self.ada, f"PLAY #a {number}")
            self.assertEqual(told, ["That is to be a whole number from 1 on."])


class Exporting(HistServTestCase):
    """`EXPORT`."""

    def test_all(self) -> None:
        """First the account, then what one said, everywhere and under any nick; nothing of what others said."""
        self.say(self.ada, "one", target="#a")
        self.say(self.bob, "not mine", target="ada")
        self.ada.send("NICK lovelace")
        self.say(self.ada, "two", target="bob")
        (account, one, two), last = self.exported(self.ada)
        self.assertEqual(last, "That is all.")
        self.assertEqual((account["account"], account["certificates"], account["settings"]), ("ada", [], {}))
        self.assertEqual({*account}, {"account", "created", "seen", "certificates", "settings"})
        self.assertEqual(
            {key: value for key, value in one.items() if key != "id"},
            {"time": "2027-01-15T08:00:01.000Z", "in": "#a", "as": "ada", "kind": "said", "text": "one"},
        )
        self.assertEqual((two["in"], two["as"], two["text"]), ("bob", "lovelace", "two"))

    def test_long(self) -> None:
        """What does not fit into a notice goes on in the next."""
        for text in ("é" * 220, "\\" * 380):
            self.say(self.ada, text)
        found, _ = self.exported(self.ada)
        self.assertEqual([each["text"] for each in found[1:]], ["é" * 220, "\\" * 380])
        self.assertTrue(all(len(line.encode()) <= 512 for line in self.ada.says("HISTSERV EXPORT")))

    def test_pages(self) -> None:
        """As many as the setting says, and then what to ask for the next; together they are all."""
        self.say(self.ada, *map(str, range(121)))
        texts: list[str] = []
        line, pages = "EXPORT", 0
        while line:
            found, last = self.exported(self.ada, line)
            texts += [each["text"] for each in found if "text" in each]
            pages += 1
            line = last.partition("/msg HistServ ")[2]
        self.assertEqual((texts, pages), ([str(number) for number in range(121)], 3))

    def test_before_the_account(self) -> None:
        """What somebody said who had the name before is not theirs."""
        self.say(self.ada, "by somebody else")
        self.network.now += 1
        created = self.network.now
        self.successResultOf(Deferred.fromCoroutine(self.accounts.remove("ada")))
        self.clock.advance(created - self.clock.seconds())
        self.successResultOf(Deferred.fromCoroutine(self.made("ada")))
        self.say(self.ada, "mine")
        self.assertEqual([each["text"] for each in self.exported(self.ada)[0][1:]], ["mine"])

    def test_refused(self) -> None:
        """Who is not logged in has nothing; a place is a number."""
        self.assertEqual(self.says(self.eve, "EXPORT"), [NOBODY])
        self.assertEqual(self.says(self.ada, "EXPORT x"), ["That is to be a whole number from 1 on."])


class Forgetting(HistServTestCase):
    """`FORGET`."""

    def test_all(self) -> None:
        """With the code that it tells all that one said is gone, in rooms and in private, and nothing of others."""
        self.say(self.ada, "one", "two")
        self.say(self.ada, "psst", target="bob")
        self.say(self.bob, "still here")
        (told,) = self.says(self.ada, "FORGET")
        self.assertEqual(len(self.says(self.ada, "PLAY #a")), 3)
        code = told.rpartition(" ")[2]
        self.assertEqual(self.says(self.ada, "FORGET 0"), ["That is not the code. /msg HistServ FORGET tells it."])
        self.assertEqual(self.says(self.ada, f"FORGET {code}"), ["What you said is erased: 3 messages."])
        self.assertEqual([line[20:] for line in self.says(self.bob, "PLAY #a")], ["<bob> still here"])
        self.assertEqual(self.says(self.bob, "PLAY ada"), ["Nothing that was said in ada is kept for you."])
        self.say(self.ada, "later")
        self.assertEqual(self.says(self.ada, f"FORGET {code}"), ["What you said is erased: 1 message."])

    def test_others_code(self) -> None:
        """It is another one for everybody."""
        code = self.says(self.ada, "FORGET")[0].rpartition(" ")[2]
        self.assertIn("not the code", self.says(self.bob, f"FORGET {code}")[0])

    def test_refused(self) -> None:
        """Who is not logged in has nothing to be forgotten."""
        self.assertEqual(self.says(self.eve, "FORGET"), [NOBODY])
