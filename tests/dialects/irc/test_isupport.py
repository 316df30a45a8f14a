"""What clients are told that the server supports."""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.isupport import TOKENS_IN_A_LINE
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.modes import Listing, Rule, Status
from chatproto.rooms.limits import RoomLimits
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"
END = " :are supported by this server"
CAPS = "batch draft/extended-isupport"


def told(client: Client) -> dict[str, str]:
    """All tokens, with their values."""
    lines = client.says("ISUPPORT")
    words = [word for line in lines for word in line.removesuffix(END).split(" ")[3:]]
    return {name: value for name, _, value in (word.partition("=") for word in words)}


class Lines(SynchronousTestCase):
    """RPL_ISUPPORT."""

    def test_form(self) -> None:
        """Each line has 13 tokens at the most, and a text; all tokens are there once, in order."""
        client = Network().connect("ada")
        lines = client.says("ISUPPORT")
        names = []
        for line in lines:
            self.assertTrue(line.startswith(f"{S} 005 ada ") and line.endswith(END), line)
            tokens = line.removesuffix(END).split(" ")[3:]
            self.assertLessEqual(len(tokens), TOKENS_IN_A_LINE)
            names += [token.partition("=")[0] for token in tokens]
        self.assertEqual(names, sorted(set(names)))
        self.assertEqual(len(lines), -(-len(names) // TOKENS_IN_A_LINE))
        for name in names:
            self.assertRegex(name, re.compile("^[A-Z0-9]{1,20}$"))

    def test_length(self) -> None:
        """Each fits into a line of IRC, with fewer tokens if need be."""
        network = Network(IrcSettings(name="a" * 60 + ".bc", network="n" * 63), RoomLimits(name_length=64))
        lines = network.connect("ü" * 64).says("ISUPPORT")
        self.assertLessEqual(max(len(line.encode()) for line in lines), 510)
        self.assertIn(f"NETWORK={'n' * 63}", " ".join(lines))

    def test_batch(self) -> None:
        """With batches and extended-isupport they come as a batch, wherever they come."""
        client = Network().connect("ada", CAPS.split())
        client.send("CAP REQ server-time")
        time = "time=2027-01-15T08:00:00.000Z"
        for line in ("ISUPPORT", "VERSION"):
            first, *lines, last = client.says(line)[0 if line == "ISUPPORT" else 1 :]
            self.assertEqual(first, f"@{time} {S} BATCH +isupport draft/isupport")
            self.assertEqual({each.partition("005")[0] for each in lines}, {f"@{time};batch=isupport {S} "})
            self.assertEqual(last, f"@{time} {S} BATCH -isupport")

    def test_no_batch(self) -> None:
        """With one of the two they come as they are."""
        for cap in CAPS.split():
            for line in Network().connect("ada", [cap]).says("ISUPPORT"):
                self.assertTrue(line.startswith(f"{S} 005 ada "), line)

    def test_label(self) -> None:
        """A labelled request is answered by that batch, which bears the label."""
        client = Network().connect("ada", [*CAPS.split(), "labeled-response"])
        first, *_, last = client.says("@label=x ISUPPORT")
        self.assertEqual((first, last), (f"@label=x {S} BATCH +isupport draft/isupport", f"{S} BATCH -isupport"))


class Early(SynchronousTestCase):
    """ISUPPORT before one is registered."""

    def setUp(self) -> None:
        """A client with both capabilities, and no name."""
        self.client = Network().connect()
        self.client.send(f"CAP REQ :{CAPS}")

    def test_early(self) -> None:
        """It is answered, and then not told again in the welcome."""
        first, *lines, last = self.client.says("ISUPPORT")
        self.assertEqual((first, last), (f"{S} BATCH +isupport draft/isupport", f"{S} BATCH -isupport"))
        for line in lines:
            self.assertTrue(line.startswith(f"@batch=isupport {S} 005 * "), line)
        got = self.client.says("NICK ada", "USER ada 0 * :Ada", "CAP END")
        self.assertEqual([line.split(" ")[1] for line in got[:5]], ["001", "002", "003", "004", "251"])

    def test_in_the_welcome(self) -> None:
        """Without it, it comes there, as a batch."""
        got = self.client.says("NICK ada", "USER ada 0 * :Ada", "CAP END")
        place = got.index(f"{S} BATCH +isupport draft/isupport")
        end = got.index(f"{S} BATCH -isupport")
        self.assertEqual(got[place - 1].split(" ")[1], "004")
        self.assertEqual(got[end + 1].split(" ")[1], "251")
        self.assertEqual([line for line in got if " 005 " in line], got[place + 1 : end])


class Truth(SynchronousTestCase):
    """What is told is what holds."""

    def test_settings(self) -> None:
        """Limits are those of the settings."""
        limits = RoomLimits(name_length=11, room_name_length=12, topic_length=13, key_length=14, rooms_per_person=15,
                            list_entries=16)  # fmt: skip
        settings = IrcSettings(network="net", away_length=21, kick_length=22, realname_length=23, targets=24,
                               modes_per_line=25, monitor_limit=26)  # fmt: skip
        found = told(Network(settings, limits).connect("ada"))
        expected = {
            "NICKLEN": "11",
            "CHANNELLEN": "12",
            "TOPICLEN": "13",
            "KEYLEN": "14",
            "CHANLIMIT": "#:15",
            "NETWORK": "net",
            "AWAYLEN": "21",
            "KICKLEN": "22",
            "NAMELEN": "23",
            "MAXTARGETS": "24",
            "MODES": "25",
            "MONITOR": "26",
            "CASEMAPPING": "ascii",
            "CHANTYPES": "#",
            "USERLEN": "18",
            "HOSTLEN": "63",
            "UTF8ONLY": "",
            "WHOX": "",
            "BOT": "B",
            "PREFIX": "(qaohv)~&@%+",
            "STATUSMSG": "~&@%+",
        }
        self.assertEqual({name: found[name] for name in expected}, expected)
        for bound in ("PRIVMSG:24", "NAMES:", "WHOIS:1"):
            self.assertIn(bound, found["TARGMAX"].split(","))
        for listing in Listing:
            self.assertIn(f"{listing.value}:16", found["MAXLIST"].split(","))

    def test_modes(self) -> None:
        """CHANMODES has every mode of a room once, and PREFIX every status; MYINFO has them all."""
        client = Network().connect()
        got = client.says("NICK ada", "USER ada 0 * :Ada")
        people, rooms, valued = got[3].split(" ")[5:]
        found = told(client)
        groups = found["CHANMODES"].split(",")
        statuses = found["PREFIX"][1:].partition(")")[0]
        self.assertEqual(sorted("".join(groups)), sorted(each.value for each in (*Rule, *Listing)))
        self.assertEqual(len(statuses), len([status for status in Status if status]))
        self.assertEqual(rooms, "".join(sorted("".join(groups) + statuses)))
        self.assertEqual(valued, "".join(sorted("".join(groups[:3]) + statuses)))
        self.assertEqual(people, "BRTZiow")

    def test_nick_length(self) -> None:
        """As many characters as NICKLEN says are taken, and one more is not."""
        network = Network()
        longest = int(told(network.connect("ada"))["NICKLEN"])
        network.connect("a" * longest)
        (line,) = network.connect().says(f"NICK {'b' * (longest + 1)}")
        self.assertEqual(line.split(" ")[1], "432")
