"""METADATA, and what is told of it unasked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc import facts
from chatproto.dialects.irc.settings import IrcSettings
from tests.dialects.irc.network import Client, Network

SERVER = "chatproto.local"
CAPS = ("batch", "draft/metadata-2")

_BATCH = re.compile(r"^(@label=\w+ )?:\S+ BATCH \+(\S+) (.+)$")


class _Case(SynchronousTestCase):
    SETTINGS = IrcSettings(metadata_keys=3, metadata_value_bytes=10, metadata_subs=3)

    def setUp(self) -> None:
        """Ada and bob know metadata, eve does not."""
        self.network = Network(self.SETTINGS)
        self.ada = self.network.connect("ada", CAPS)
        self.bob = self.network.connect("bob", CAPS)
        self.eve = self.network.connect("eve")

    def asserts(self, client: Client, line: str, *lines: str) -> None:
        """What `client` is answered, without the server in front."""
        self.assertEqual(client.says(line), [f":{SERVER} {each}" for each in lines])

    def asserts_batch(self, lines: list[str], of: str, *inside: str) -> None:
        """They are one batch with these lines in it."""
        begin = _BATCH.match(lines[0])
        assert begin is not None, lines
        name = begin[2]
        self.assertEqual(begin[3], of)
        tagged = [f"@batch={name} :{SERVER} {each}" for each in inside]
        self.assertEqual(lines[1:], [*tagged, f":{SERVER} BATCH -{name}"])


class SetTests(_Case):
    """SET and CLEAR."""

    def test_own(self) -> None:
        """One sets what is known of oneself, as * or by name; the answer has the name."""
        for target in ("*", "ada", "ADA"):
            self.asserts(self.ada, f"METADATA {target} SET url :a b", "761 ada ada url * :a b")

    def test_value(self) -> None:
        """An empty value is one; what is not said is not set."""
        self.asserts(self.ada, "METADATA * set url :", "761 ada ada url * :")
        self.asserts(self.ada, "METADATA * SET url", "766 ada ada url :key not set")
        self.asserts(self.ada, "METADATA * SET url", "FAIL METADATA KEY_NOT_SET ada url :url is not set.")

    def test_bounds(self) -> None:
        """A value has so many bytes, a person so many keys; a key that is set can be set again."""
        self.asserts(self.ada, "METADATA * SET one :0123456789", "761 ada ada one * 0123456789")
        refusal = "FAIL METADATA VALUE_INVALID :A value has at most 10 bytes."
        self.asserts(self.ada, "METADATA * SET one :0123456789x", refusal)
        self.asserts(self.ada, f"METADATA * SET one :{'é' * 6}", refusal)
        self.ada.send("METADATA * SET two 2", "METADATA * SET three 3")
        full = "FAIL METADATA LIMIT_REACHED ada :There are 3 keys, the most that is allowed."
        self.asserts(self.ada, "METADATA * SET four 4", full)
        self.asserts(self.ada, "METADATA * SET three x", "761 ada ada three * x")

    def test_keys(self) -> None:
        """A key is small letters, digits and some signs."""
        self.asserts(self.ada, "METADATA * SET a-z_0.9/x y", "761 ada ada a-z_0.9/x * y")
        for key in ("$url$", "Url", "é", "x" * 65):
            lines = self.ada.says(f"METADATA * SET {key} y")
            self.assertEqual([line.split(" :")[0] for line in lines], [f":{SERVER} FAIL METADATA KEY_INVALID {key}"])

    def test_others(self) -> None:
        """What is known of others only operators of the server set."""
        refusal = "FAIL METADATA KEY_NO_PERMISSION bob url :That is not for you to do with bob."
        self.asserts(self.ada, "METADATA bob SET url x", refusal)
        self.ada.send("OPER root secret")
        self.asserts(self.ada, "METADATA bob SET url x", "761 ada bob url * x")

    def test_rooms(self) -> None:
        """What is known of a room its operators set."""
        self.network.room("#garden", self.ada, self.bob)
        self.asserts(self.ada, "METADATA #Garden SET url x", "761 ada #garden url * x")
        refusal = "FAIL METADATA KEY_NO_PERMISSION #garden {} :That is not for you to do with #garden."
        self.asserts(self.bob, "METADATA #garden SET url x", refusal.format("url"))
        self.asserts(self.bob, "METADATA #garden CLEAR", refusal.format("*"))

    def test_clear(self) -> None:
        """All is forgotten that was known, and told."""
        self.ada.send("METADATA * SET one 1", "METADATA * SET two 2")
        lines = self.ada.says("METADATA * CLEAR")
        self.asserts_batch(lines, "metadata ada", "761 ada ada one * 1", "761 ada ada two * 2")
        self.asserts_batch(self.ada.says("METADATA * CLEAR"), "metadata ada")
        self.asserts_batch(self.ada.says("METADATA * LIST"), "metadata ada")


class GetTests(_Case):
    """GET, LIST and SYNC."""

    def setUp(self) -> None:
        """Something is known of ada."""
        super().setUp()
        self.ada.send("METADATA * SET one 1", "METADATA * SET two :2 2")

    def test_get(self) -> None:
        """Each key that was asked for is answered in its turn."""
        lines = self.bob.says("METADATA ada GET two nix $x one")
        self.asserts_batch(
            lines,
            "metadata ada",
            "761 bob ada two * :2 2",
            "766 bob ada nix :key not set",
            "FAIL METADATA KEY_INVALID $x :'$x' is no key: a key is small letters, digits and any of _./-.",
            "761 bob ada one * 1",
        )

    def test_list(self) -> None:
        """All that is known."""
        lines = self.bob.says("METADATA ADA LIST")
        self.asserts_batch(lines, "metadata ada", "761 bob ada one * 1", "761 bob ada two * :2 2")
        self.asserts_batch(self.bob.says("METADATA * LIST"), "metadata bob")

    def test_without_batches(self) -> None:
        """Who knows no batches has the lines alone."""
        self.asserts(self.eve, "METADATA ada LIST", "761 eve ada one * 1", "761 eve ada two * :2 2")

    def test_labelled(self) -> None:
        """The batch itself has the label."""
        dan = self.network.connect("dan", [*CAPS, "labeled-response"])
        lines = dan.says("@label=x METADATA ada LIST")
        self.assertTrue(lines[0].startswith(f"@label=x :{SERVER} BATCH +"))
        self.asserts_batch(lines, "metadata ada", "761 dan ada one * 1", "761 dan ada two * :2 2")

    def test_sync(self) -> None:
        """What one has subscribed to of somebody."""
        self.asserts_batch(self.bob.says("METADATA ada SYNC"), "metadata ada")
        self.bob.send("METADATA * SUB two nix")
        self.asserts_batch(self.bob.says("METADATA ada SYNC"), "metadata ada", "METADATA ada two * :2 2")

    def test_sync_room(self) -> None:
        """What one has subscribed to of a room and of all in there."""
        self.network.room("#garden", self.ada, self.bob, self.eve)
        self.ada.send("METADATA #garden SET one r")
        self.bob.send("METADATA * SET one b", "METADATA * SUB one")
        lines = self.bob.says("METADATA #garden SYNC")
        inside = ("METADATA #garden one * r", "METADATA ada one * 1", "METADATA bob one * b")
        self.asserts_batch(lines, "metadata #garden", *inside)

    def test_targets(self) -> None:
        """The target must be there."""
        for target in ("nobody", "#nowhere", "$a:x", "!"):
            for rest in ("LIST", "GET one", "SET one 1", "CLEAR", "SYNC"):
                refusal = f"FAIL METADATA INVALID_TARGET {target} :Invalid target"
                self.asserts(self.ada, f"METADATA {target} {rest}", refusal)

    def test_rooms_of_others(self) -> None:
        """What is known of a room is for its members; a secret one is not there for others."""
        self.network.room("#garden", self.ada)
        refusal = "FAIL METADATA KEY_NO_PERMISSION #garden * :That is not for you to do with #garden."
        for rest in ("LIST", "GET one", "SYNC"):
            self.asserts(self.bob, f"METADATA #garden {rest}", refusal)
        self.ada.send("MODE #garden +s")
        refusal = "FAIL METADATA INVALID_TARGET #garden :Invalid target"
        self.asserts(self.bob, "METADATA #garden LIST", refusal)

    def test_misused(self) -> None:
        """What is missing, and what is no subcommand."""
        missing = "461 ada METADATA :Not enough parameters"
        for rest in ("", " *", " * GET", " * SET", " * SUB", " * UNSUB"):
            self.asserts(self.ada, f"METADATA{rest}", missing)
        refusal = "FAIL METADATA SUBCOMMAND_INVALID destr0y :Invalid subcommand"
        self.asserts(self.ada, "METADATA * destr0y", refusal)


class SubscriptionTests(_Case):
    """SUB, UNSUB and SUBS."""

    def subscriptions(self) -> list[str]:
        """What SUBS tells ada inside its batch."""
        begin, *lines, _ = self.ada.says("METADATA * SUBS")
        self.assertTrue(begin.endswith(" metadata-subs"))
        return [key for line in lines for key in line.partition(" 772 ada ")[2].split(" ")]

    def test_sub(self) -> None:
        """Each key that is one is acknowledged, also again, and listed once."""
        invalid = "FAIL METADATA KEY_INVALID $x :'$x' is no key: a key is small letters, digits and any of _./-."
        self.asserts(self.ada, "METADATA * SUB one $x two", invalid, "770 ada one two")
        self.asserts(self.ada, "METADATA * SUB two two", "770 ada two two")
        self.assertEqual(self.subscriptions(), ["one", "two"])

    def test_too_many(self) -> None:
        """The first key that there is no place for ends it, whatever comes behind; those that it has need none."""
        self.ada.send("METADATA * SUB one two")
        refusal = "FAIL METADATA TOO_MANY_SUBS four :Too many subscriptions"
        self.asserts(self.ada, "METADATA * SUB three one four two", refusal, "770 ada three one")
        self.assertEqual(self.subscriptions(), ["one", "two", "three"])

    def test_unsub(self) -> None:
        """Each key that is one is acknowledged, subscribed to or not."""
        self.ada.send("METADATA * SUB one two three")
        invalid = "FAIL METADATA KEY_INVALID $x :'$x' is no key: a key is small letters, digits and any of _./-."
        self.asserts(self.ada, "METADATA * UNSUB two $x nix three", invalid, "771 ada two nix three")
        self.assertEqual(self.subscriptions(), ["one"])

    def test_none(self) -> None:
        """Without subscriptions the batch is empty."""
        self.assertEqual(self.subscriptions(), [])

    def test_many(self) -> None:
        """Keys are told in lines that are no longer than lines may be, in bytes and in parameters."""
        network = Network(IrcSettings(metadata_subs=50))
        ada = network.connect("ada", CAPS)
        long = [f"{'x' * 60}{number:02}" for number in range(7)]
        short = [f"k{number}" for number in range(30)]
        told = ada.says(f"METADATA * SUB {' '.join(long)}", f"METADATA * SUB {' '.join(short)}")
        told += ada.says("METADATA * SUBS")[1:-1]
        keys = [line.split(" ")[line.split(" ").index("ada") + 1 :] for line in told]
        self.assertEqual([key for some in keys for key in some], [*long, *short] * 2)
        self.assertTrue(all(len(some) <= 12 for some in keys))
        self.assertTrue(all(len(line.removeprefix("@").encode()) <= 530 for line in told))

    def test_what_is_known(self) -> None:
        """Who subscribes is told what is known of itself, its rooms, those in there and those it watches, each once."""
        self.network.room("#garden", self.ada, self.bob)
        self.network.room("#shed", self.bob, self.ada)
        self.eve.send("METADATA * SET one e")
        self.bob.send("METADATA * SET one b", "METADATA #shed SET one s", "METADATA * SET other x")
        self.ada.send("METADATA * SET one a", "METADATA #garden SET one g", "MONITOR + eve,bob,zed")
        acknowledged, *lines = self.ada.says("METADATA * SUB one two")
        self.assertEqual(acknowledged, f":{SERVER} 770 ada one two")
        told = (("ada", "a"), ("#garden", "g"), ("bob", "b"), ("#shed", "s"), ("eve", "e"))
        self.asserts_batch(lines, "metadata ada", *(f"METADATA {name} one * {value}" for name, value in told))
        self.asserts(self.ada, "METADATA * SUB one", "770 ada one")


class NoticeTests(_Case):
    """What is told as it happens."""

    def setUp(self) -> None:
        """Bob, who shares a room with ada, and eve and dan, who do not, want to know of `one`."""
        super().setUp()
        self.dan = self.network.connect("dan", CAPS)
        self.network.room("#garden", self.ada, self.bob)
        for client in (self.bob, self.eve, self.dan):
            client.send("METADATA * SUB one")
            client.got()

    def asserts_told(self, clients: Iterable[Client], *lines: str) -> None:
        """These are told that, and nobody else is."""
        for client in (self.bob, self.eve, self.dan):
            self.assertEqual(client.got(), list(lines) if client in clients else [])

    def test_of_people(self) -> None:
        """Those are told who share a room, each once, in the name of who did it."""
        self.network.room("#shed", self.ada, self.bob)
        self.ada.send("METADATA * SET one :a b")
        self.asserts_told([self.bob], ":ada!~ada@localhost METADATA ada one * :a b")
        self.ada.send("METADATA * SET one")
        self.asserts_told([self.bob], ":ada!~ada@localhost METADATA ada one *")

    def test_not_wanted(self) -> None:
        """Other keys are not told, nor is what changes nothing."""
        self.ada.send("METADATA * SET one 1")
        self.bob.got()
        self.ada.send("METADATA * SET one 1", "METADATA * SET two 2")
        self.asserts_told([])
        self.bob.send("METADATA * UNSUB one")
        self.bob.got()
        self.ada.send("METADATA * SET one x")
        self.asserts_told([])

    def test_watched(self) -> None:
        """Those are told who watch somebody."""
        self.dan.send("MONITOR + ada")
        self.bob.send("MONITOR + ada")
        self.asserts(self.dan, "MONITOR + zed", "731 dan zed")
        self.bob.got()
        self.ada.send("METADATA * SET one 1")
        self.asserts_told([self.bob, self.dan], ":ada!~ada@localhost METADATA ada one * 1")

    def test_of_rooms(self) -> None:
        """Of a room its members are told."""
        self.ada.send("METADATA #garden SET one 1")
        self.asserts_told([self.bob], ":ada!~ada@localhost METADATA #garden one * 1")

    def test_oneself(self) -> None:
        """Who did it has its answer and is not told; who it was done to is told."""
        answer = f":{SERVER} 761 bob bob one * 1"
        self.assertEqual(self.bob.says("METADATA * SET one 1"), [answer])
        self.ada.send("OPER root secret", "METADATA bob SET one 2")
        self.asserts_told([self.bob], ":ada!~ada@localhost METADATA bob one * 2")

    def test_cleared(self) -> None:
        """Each key that is cleared is told."""
        self.ada.send("METADATA * SET one 1")
        self.bob.got()
        self.ada.send("METADATA * CLEAR")
        self.asserts_told([self.bob], ":ada!~ada@localhost METADATA ada one *")

    def test_auditorium(self) -> None:
        """Of members whom one does not see in the only room one shares with them, nothing is told."""
        self.ada.send("MODE #garden +u")
        self.network.room("#garden", self.dan)
        self.bob.send("METADATA * SET one 1")
        self.asserts_told([self.bob], f":{SERVER} 761 bob bob one * 1")
        self.ada.send("METADATA * SUB one")
        self.ada.got()
        self.bob.send("METADATA * SET one 2")
        self.assertEqual(self.ada.got(), [":bob!~bob@localhost METADATA bob one * 2"])

    def test_with_the_time(self) -> None:
        """It has the tags of any line about somebody."""
        zed = self.network.connect("zed", [*CAPS, "server-time"])
        self.network.room("#garden", zed)
        zed.send("METADATA * SUB one")
        zed.got()
        self.ada.send("METADATA * SET one 1")
        self.assertEqual(zed.got(), ["@time=2027-01-15T08:00:00.000Z :ada!~ada@localhost METADATA ada one * 1"])


class MeetingTests(_Case):
    """What is told when people come together."""

    def metadata(self, lines: list[str]) -> list[str]:
        """Those of metadata, and where it begins and ends, without tags."""
        wanted = [line for line in lines if " BATCH " in line or " METADATA " in line or " 774 " in line]
        return [re.sub(r"^@\S+ |[+-]s[0-9a-f]+", "", line).removeprefix(f":{SERVER} ") for line in wanted]

    def test_room(self) -> None:
        """Who comes into a room is told behind the names what is known of it, and of all in there."""
        self.network.room("#garden", self.ada, self.eve)
        self.ada.send("METADATA #garden SET one g", "METADATA * SET one a", "METADATA * SET two x")
        self.bob.send("METADATA * SUB one")
        lines = self.bob.says("JOIN #garden")
        told = ["BATCH  metadata #garden", "METADATA #garden one * g", "METADATA ada one * a", "BATCH "]
        self.assertEqual(self.metadata(lines), told)
        self.assertEqual(self.metadata(lines[-4:]), told)
        self.assertIn(" 366 ", lines[-5])

    def test_nothing_known(self) -> None:
        """Where nothing is known nothing is told."""
        self.network.room("#garden", self.ada)
        self.bob.send("METADATA * SUB one")
        self.assertEqual(self.metadata(self.bob.says("JOIN #garden")), [])

    def test_not_known_to_the_client(self) -> None:
        """Without the capability nothing is told."""
        self.network.room("#garden", self.ada)
        self.ada.send("METADATA * SET one a")
        self.eve.send("METADATA * SUB one")
        self.assertEqual(self.metadata(self.eve.says("JOIN #garden", "MONITOR + ada", "METADATA * SUB two")), [])

    def test_much(self) -> None:
        """Where much is known one is told to ask for it later."""
        network = Network(IrcSettings(metadata_keys=300, metadata_subs=300))
        ada, bob = network.connect("ada", CAPS), network.connect("bob", CAPS)
        network.room("#garden", ada)
        for number in range(200):
            ada.send(f"METADATA * SET k{number} x")
            bob.send(f"METADATA * SUB k{number}")
        self.assertEqual(len(self.metadata(bob.says("JOIN #garden"))), 202)
        bob.send("PART #garden", "METADATA * SUB more")
        ada.send("METADATA #garden SET more x")
        self.assertEqual(self.metadata(bob.says("JOIN #garden")), ["774 bob #garden 1"])
        self.assertEqual(len(self.metadata(bob.says("METADATA #garden SYNC"))), 203)
        self.assertEqual(bob.link.drains, 1)

    def test_watched(self) -> None:
        """Who begins to watch somebody is told what is known of them, and when they come, too."""
        self.ada.send("METADATA * SET one 1")
        self.bob.send("METADATA * SUB one")
        line, *lines = self.bob.says("MONITOR + ADA")
        self.assertEqual(line, f":{SERVER} 730 bob ada!~ada@localhost")
        self.asserts_batch(lines, "metadata ada", "METADATA ada one * 1")
        self.bob.says("MONITOR + amy")
        self.ada.send("NICK amy")
        gone, here, *lines = self.bob.got()
        self.assertEqual((gone, here), (f":{SERVER} 731 bob ada", f":{SERVER} 730 bob amy!~ada@localhost"))
        self.asserts_batch(lines, "metadata amy", "METADATA amy one * 1")

    def test_large_room(self) -> None:
        """Of a very large room nothing is told at once."""
        self.patch(facts, "AT_ONCE", 3)
        self.network.room("#garden", self.ada, self.eve)
        self.bob.send("METADATA * SUB one")
        self.assertEqual(self.metadata(self.bob.says("JOIN #garden")), [])
        self.bob.send("PART #garden")
        self.network.room("#garden", self.network.connect("joe"))
        self.assertEqual(self.metadata(self.bob.says("JOIN #garden")), ["774 bob #garden 1"])


class EarlyTests(_Case):
    """METADATA before registration is done."""

    def setUp(self) -> None:
        """Somebody has connected, who knows metadata."""
        super().setUp()
        self.amy = Client(self.network)
        self.amy.send("CAP REQ :batch draft/metadata-2")

    def enters(self) -> list[str]:
        """The welcome."""
        return self.amy.says("NICK amy", "USER amy 0 * :Amy", "CAP END")

    def test_set(self) -> None:
        """What is set holds from the beginning, and is told before the message of the day."""
        self.asserts(self.amy, "METADATA * SET one :a b", "761 * * one * :a b")
        self.asserts(self.amy, "METADATA * SET two 2", "761 * * two * 2")
        self.asserts(self.amy, "METADATA * SET two", "766 * * two :key not set")
        lines = self.enters()
        motd = next(place for place, line in enumerate(lines) if " 422 " in line)
        self.asserts_batch(lines[motd - 3 : motd], "metadata amy", "METADATA amy one * :a b")
        self.asserts_batch(self.ada.says("METADATA amy LIST"), "metadata amy", "761 ada amy one * :a b")

    def test_nothing_set(self) -> None:
        """The batch in the welcome is empty then."""
        lines = self.enters()
        motd = next(place for place, line in enumerate(lines) if " 422 " in line)
        self.asserts_batch(lines[motd - 2 : motd], "metadata amy")

    def test_watched(self) -> None:
        """Who watches the name is told first that they are here, and then the rest."""
        self.ada.send("METADATA * SUB one", "MONITOR + amy")
        self.ada.got()
        self.amy.send("METADATA * SET one 1")
        self.enters()
        come, told = self.ada.got()
        self.assertEqual(come, f":{SERVER} 730 ada amy!~amy@localhost")
        self.assertEqual(told, ":amy!~amy@localhost METADATA amy one * 1")

    def test_bounds(self) -> None:
        """They are the same as later."""
        refusal = "FAIL METADATA VALUE_INVALID :A value has at most 10 bytes."
        self.asserts(self.amy, "METADATA * SET one :0123456789x", refusal)
        self.amy.send(*(f"METADATA * SET k{number} x" for number in range(3)))
        full = "FAIL METADATA LIMIT_REACHED * :There are 3 keys, the most that is allowed."
        self.asserts(self.amy, "METADATA * SET four 4", full)
        self.asserts(self.amy, "METADATA * SET four", "FAIL METADATA KEY_NOT_SET * four :four is not set.")

    def test_seen(self) -> None:
        """What was set can be asked for, and cleared."""
        self.amy.send("METADATA * SET one 1")
        self.asserts_batch(self.amy.says("METADATA * GET one"), "metadata *", "761 * * one * 1")
        self.asserts_batch(self.amy.says("METADATA * CLEAR"), "metadata *", "761 * * one * 1")
        self.asserts_batch(self.amy.says("METADATA * LIST"), "metadata *")

    def test_subscriptions(self) -> None:
        """They are kept."""
        self.asserts(self.amy, "METADATA * SUB one", "770 * one")
        self.amy.send("METADATA * SET one 1")
        self.asserts_batch(self.amy.says("METADATA * SYNC"), "metadata *", "METADATA * one * 1")
        self.enters()
        self.asserts_batch(self.amy.says("METADATA * SUBS"), "metadata-subs", "772 amy one")

    def test_others(self) -> None:
        """Nobody else is a target yet."""
        for target in ("ada", "amy", "#lobby"):
            refusal = f"FAIL METADATA INVALID_TARGET {target} :Before you have a nick, the only target is *"
            self.asserts(self.amy, f"METADATA {target} LIST", refusal)

    def test_without_the_capability(self) -> None:
        """It is refused."""
        client = Client(self.network)
        self.asserts(client, "METADATA * SET one 1", "451 * :You have not registered")
