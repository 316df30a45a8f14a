"""MONITOR, and what those are shown besides who ask for it (extended-monitor)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.events import Ending
from chatproto.rooms import operators
from tests.dialects.irc.network import Client, Network

SERVER = "chatproto.local"
END = f":{SERVER} 733 ada :End of MONITOR list"


def online(*names: str) -> str:
    """The line that says that they are here."""
    return f":{SERVER} 730 ada " + ",".join(f"{name}!~{name}@localhost" for name in names)


def offline(*names: str) -> str:
    """The line that says that they are not."""
    return f":{SERVER} 731 ada " + ",".join(names)


class _Case(SynchronousTestCase):
    def setUp(self) -> None:
        """Ada is here, and bob."""
        self.network = Network(IrcSettings(monitor_limit=3))
        self.ada = self.network.connect("ada")
        self.bob = self.network.connect("bob")

    def watchers(self, name: str) -> int:
        """How many are told of that name."""
        return len(self.network.rooms.people.watchers(name))


class CommandTests(_Case):
    """The subcommands."""

    def test_add(self) -> None:
        """Who is added is told to be here or not."""
        self.assertEqual(self.ada.says("MONITOR + zed,bob,ADA"), [online("bob", "ada"), offline("zed")])

    def test_add_again(self) -> None:
        """What is on the list already is told again and not added again, in whatever case."""
        self.ada.send("MONITOR + bob,zed")
        self.assertEqual(self.ada.says("MONITOR + BOB,Zed,zed"), [online("bob"), offline("zed")])
        self.assertEqual(self.ada.says("MONITOR L"), [f":{SERVER} 732 ada bob,zed", END])

    def test_masks(self) -> None:
        """What nobody can be called is ignored."""
        self.assertEqual(self.ada.says("MONITOR + *!~bob@localhost,b*,#room,,1st,::x"), [])
        self.assertEqual(self.ada.says("MONITOR L"), [END])

    def test_full(self) -> None:
        """What does not fit is told as it was written; what is on the list needs no place."""
        refusal = f":{SERVER} 734 ada 3 Four,five :Monitor list is full"
        self.assertEqual(self.ada.says("MONITOR + bob,two,three,Four,BOB,five"), [
            online("bob"), offline("two", "three"), refusal,
        ])  # fmt: skip
        self.assertEqual(self.ada.says("MONITOR L"), [f":{SERVER} 732 ada bob,two,three", END])

    def test_remove(self) -> None:
        """Who is taken off is not told; nor is anything else."""
        self.ada.send("MONITOR + bob,zed")
        self.assertEqual(self.ada.says("MONITOR - BOB,nobody"), [])
        self.assertEqual(self.ada.says("MONITOR L"), [f":{SERVER} 732 ada zed", END])
        self.assertEqual(self.watchers("bob"), 0)

    def test_clear(self) -> None:
        """Nobody is watched then."""
        self.ada.send("MONITOR + bob,zed")
        self.assertEqual(self.ada.says("MONITOR C"), [])
        self.assertEqual(self.ada.says("MONITOR l"), [END])
        self.assertEqual(self.watchers("bob"), 0)

    def test_status(self) -> None:
        """Of all on the list is told who is here."""
        self.ada.send("MONITOR + bob,zed,eve")
        self.network.connect("eve")
        self.assertEqual(self.ada.says("MONITOR S"), [online("bob", "eve"), offline("zed")])

    def test_misused(self) -> None:
        """Names must be given to be added or removed; there are no other subcommands."""
        missing = f":{SERVER} 461 ada MONITOR :Not enough parameters"
        for line in ("MONITOR", "MONITOR +", "MONITOR -", "MONITOR + ,", "MONITOR + :"):
            self.assertEqual(self.ada.says(line), [missing], line)
        for wrong, told in (("X", "X"), ("+-", "+-"), (":", "*")):
            refusal = f":{SERVER} 400 ada MONITOR {told} :Unknown subcommand"
            self.assertEqual(self.ada.says(f"MONITOR {wrong} bob"), [refusal])

    def test_long_lists(self) -> None:
        """They are told in as many lines as needed, none of which is longer than lines may be."""
        network = Network(IrcSettings(monitor_limit=100))
        ada = network.connect("ada")
        names = [f"{'x' * 27}{number:02}" for number in range(40)]
        told = [line for start in (0, 14, 28) for line in ada.says(f"MONITOR + {','.join(names[start : start + 14])}")]
        told += ada.says("MONITOR L")[:-1]
        self.assertTrue(all(len(line.encode()) <= 510 for line in told))
        listed = ada.says("MONITOR L")[:-1]
        self.assertEqual(",".join(line.split(" ")[3] for line in listed), ",".join(names))
        self.assertEqual(len(listed), 3)


class NoticeTests(_Case):
    """What is told as it happens."""

    def setUp(self) -> None:
        """Ada watches zed and bob."""
        super().setUp()
        self.ada.send("MONITOR + Zed,bob")
        self.ada.got()

    def test_comes(self) -> None:
        """Somebody of that name comes."""
        self.network.connect("zed")
        self.assertEqual(self.ada.got(), [online("zed")])

    def test_goes(self) -> None:
        """Somebody goes, however that comes about."""
        self.bob.send("QUIT :bye")
        self.assertEqual(self.ada.got(), [offline("bob")])
        zed = self.network.connect("zed")
        zed.talk.ended(Ending.LOST)
        self.assertEqual(self.ada.got(), [online("zed"), offline("zed")])

    def test_renamed(self) -> None:
        """Of another name the old one is gone and the new one here; another case changes nothing."""
        self.bob.send("NICK robert")
        self.assertEqual(self.ada.got(), [offline("bob")])
        self.bob.send("NICK zed")
        self.assertEqual(self.ada.got(), [f":{SERVER} 730 ada zed!~bob@localhost"])
        self.bob.send("NICK ZED")
        self.assertEqual(self.ada.got(), [])

    def test_not_any_more(self) -> None:
        """Who is taken off the list is not told of."""
        self.ada.send("MONITOR - zed", "MONITOR C")
        self.network.connect("zed")
        self.bob.send("QUIT")
        self.assertEqual(self.ada.got(), [])

    def test_oneself(self) -> None:
        """One may watch one's own name."""
        self.ada.send("MONITOR + ada")
        lines = [":ada!~ada@localhost NICK amy", f":{SERVER} 731 amy ada"]
        self.assertEqual(self.ada.says("NICK amy"), lines)

    def test_forgotten(self) -> None:
        """Who is gone watches nobody."""
        self.ada.send("QUIT")
        self.assertEqual((self.watchers("zed"), self.watchers("bob")), (0, 0))
        other = self.network.connect("other")
        other.send("MONITOR + zed")
        other.talk.ended(Ending.LOST)
        self.assertEqual(self.watchers("zed"), 0)


class ExtendedTests(SynchronousTestCase):
    """extended-monitor."""

    NOTIFY = ("away-notify", "account-notify", "chghost", "setname")
    WHO = "bob!~bob@localhost"

    def setUp(self) -> None:
        """Somebody to watch."""
        self.network = Network()
        self.bob = self.network.connect("bob", ["setname"])

    def watcher(self, *caps: str) -> Client:
        """Ada, who watches bob."""
        ada = self.network.connect("ada", caps)
        ada.send("MONITOR + BOB")
        ada.got()
        return ada

    def changes(self) -> None:
        """All that can change of bob."""
        self.bob.send("AWAY :lunch", "SETNAME Robert")
        root = self.network.connect("rob")
        root.send("OPER root secret")
        target = self.network.rooms.people.find("bob")
        operators.set_host(self.network.rooms, root.talk.session, target, "example.org")

    def test_shown(self) -> None:
        """What happens to somebody is shown to who watches them."""
        ada = self.watcher("extended-monitor", *self.NOTIFY)
        self.changes()
        self.assertEqual(ada.got(), [
            f":{self.WHO} AWAY lunch", f":{self.WHO} SETNAME Robert", f":{self.WHO} CHGHOST ~bob example.org",
        ])  # fmt: skip

    def test_needs_each(self) -> None:
        """Only what one knows of is shown."""
        ada = self.watcher("extended-monitor", "away-notify")
        self.changes()
        self.assertEqual(ada.got(), [f":{self.WHO} AWAY lunch"])

    def test_not_asked_for(self) -> None:
        """Without the capability nothing of it is shown."""
        ada = self.watcher(*self.NOTIFY)
        self.changes()
        self.assertEqual(ada.got(), [])

    def test_once(self) -> None:
        """Who shares a room with them as well is shown it once."""
        ada = self.watcher("extended-monitor", "away-notify")
        self.network.room("#garden", ada, self.bob)
        self.bob.send("AWAY :lunch")
        self.assertEqual(ada.got(), [f":{self.WHO} AWAY lunch"])

    def test_not_any_more(self) -> None:
        """Who does not watch any more is shown nothing."""
        ada = self.watcher("extended-monitor", "away-notify")
        ada.send("MONITOR - bob")
        self.bob.send("AWAY :lunch")
        self.assertEqual(ada.got(), [])
