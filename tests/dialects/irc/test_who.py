"""WHO and WHOX."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.interfaces import Peer
from chatproto.rooms.masks import LONGEST_MASK
from tests.dialects.irc.network import Client, Network

SERVER = "chatproto.local"


def reply(asker: str, room: str, name: str, flags: str) -> str:
    """The line that tells of somebody who is called the same everywhere."""
    return f":{SERVER} 352 {asker} {room} ~{name} localhost {SERVER} {name} {flags} :0 {name} Real"


def end(asker: str, mask: str) -> str:
    """The last line."""
    return f":{SERVER} 315 {asker} {mask} :End of WHO list"


class _Case(SynchronousTestCase):
    def setUp(self) -> None:
        """Ada has opened #garden, and bob is in there; eve is in no room."""
        self.network = Network()
        self.ada = self.network.connect("ada")
        self.bob = self.network.connect("bob")
        self.eve = self.network.connect("eve")
        self.network.room("#garden", self.ada, self.bob)

    def asserts(self, client: Client, line: str, *lines: str) -> None:
        """What `client` is answered."""
        self.assertEqual(client.says(line), list(lines))


class OneTests(_Case):
    """WHO with a nick."""

    def test_shared_room(self) -> None:
        """Of somebody one shares a room with, the room is told, with the status there."""
        self.asserts(self.bob, "WHO ada", reply("bob", "#garden", "ada", "H@"), end("bob", "ada"))

    def test_no_shared_room(self) -> None:
        """Of others no room is told."""
        self.asserts(self.eve, "WHO ada", reply("eve", "*", "ada", "H"), end("eve", "ada"))

    def test_other_case(self) -> None:
        """Case does not matter; the end repeats what was asked for."""
        self.asserts(self.eve, "WHO ADA", reply("eve", "*", "ada", "H"), end("eve", "ADA"))

    def test_invisible(self) -> None:
        """Who knows somebody's nick may ask for them."""
        self.ada.send("MODE ada +i")
        self.asserts(self.eve, "WHO ada", reply("eve", "*", "ada", "H"), end("eve", "ada"))

    def test_nobody(self) -> None:
        """Of a nick that nobody has only the end is told."""
        self.asserts(self.eve, "WHO zed", end("eve", "zed"))

    def test_away(self) -> None:
        """Who is away is gone."""
        self.ada.send("AWAY :lunch")
        self.asserts(self.eve, "WHO ada", reply("eve", "*", "ada", "G"), end("eve", "ada"))

    def test_operator_and_bot(self) -> None:
        """An operator of the server has a star, a bot its letter."""
        self.ada.send("OPER root secret", "MODE ada +B", "AWAY :lunch")
        self.asserts(self.bob, "WHO ada", reply("bob", "#garden", "ada", "G*@B"), end("bob", "ada"))

    def test_every_prefix(self) -> None:
        """With multi-prefix all statuses are told, else the highest."""
        self.ada.send("MODE #garden +v ada")
        dan = self.network.connect("dan", ["multi-prefix"])
        self.network.room("#garden", dan)
        self.asserts(dan, "WHO ada", reply("dan", "#garden", "ada", "H@+"), end("dan", "ada"))
        self.asserts(self.bob, "WHO ada", reply("bob", "#garden", "ada", "H@"), end("bob", "ada"))

    def test_hidden_in_auditorium(self) -> None:
        """A room in which one does not see somebody is not told; its operators see all."""
        self.ada.send("MODE #garden +u")
        self.network.room("#garden", self.eve)
        self.asserts(self.eve, "WHO bob", reply("eve", "*", "bob", "H"), end("eve", "bob"))
        self.asserts(self.ada, "WHO bob", reply("ada", "#garden", "bob", "H"), end("ada", "bob"))
        self.asserts(self.bob, "WHO bob", reply("bob", "#garden", "bob", "H"), end("bob", "bob"))


class RoomTests(_Case):
    """WHO with a room."""

    def test_members(self) -> None:
        """All members are told, in the order of their coming."""
        lines = (reply("bob", "#garden", "ada", "H@"), reply("bob", "#garden", "bob", "H"))
        self.asserts(self.bob, "WHO #Garden", *lines, end("bob", "#Garden"))

    def test_outsider_sees_no_invisible(self) -> None:
        """Who is not in there sees those only who are not invisible; an operator of the server sees all."""
        self.bob.send("MODE bob +i")
        ada, bob = reply("eve", "#garden", "ada", "H@"), reply("eve", "#garden", "bob", "H")
        self.asserts(self.eve, "WHO #garden", ada, end("eve", "#garden"))
        self.eve.send("OPER root secret")
        self.asserts(self.eve, "WHO #garden", ada, bob, end("eve", "#garden"))

    def test_secret(self) -> None:
        """A secret room looks to outsiders as if it were not there."""
        self.ada.send("MODE #garden +s")
        self.asserts(self.eve, "WHO #garden", end("eve", "#garden"))
        self.assertEqual(len(self.bob.says("WHO #garden")), 3)

    def test_no_such_room(self) -> None:
        """Only the end is told."""
        self.asserts(self.eve, "WHO #nowhere", end("eve", "#nowhere"))

    def test_auditorium(self) -> None:
        """Members of an auditorium see its operators and themselves."""
        self.ada.send("MODE #garden +u")
        self.network.room("#garden", self.eve)
        lines = (reply("eve", "#garden", "ada", "H@"), reply("eve", "#garden", "eve", "H"))
        self.asserts(self.eve, "WHO #garden", *lines, end("eve", "#garden"))


class MaskTests(_Case):
    """WHO with a mask."""

    def test_everybody(self) -> None:
        """`*`, `0`, an empty mask and none at all mean everybody."""
        everybody = [reply("eve", "*", name, flags) for name, flags in (("ada", "H"), ("bob", "H"), ("eve", "H"))]
        for asked, repeated in (("WHO", "*"), ("WHO *", "*"), ("WHO 0", "0"), ("WHO :", "*")):
            self.asserts(self.eve, asked, *everybody, end("eve", repeated))

    def test_what_is_compared(self) -> None:
        """A mask may be like the nick, the user name with or without its tilde, the host, the real name, the server,
        or all of nick!user@host, in any case."""
        dan = Client(self.network)
        dan.send("NICK dan", "USER gardener 0 * :Daniel Green")
        line = f":{SERVER} 352 eve * ~gardener localhost {SERVER} dan H :0 Daniel Green"
        for mask in ("d*", "?AN", "gard*", "~gardener", "gardener", "daniel?green", "dan!*@local*"):
            self.asserts(self.eve, f"WHO {mask}", line, end("eve", mask))
        for mask in ("localhost", "chatproto.*"):
            self.assertEqual(len(self.eve.says(f"WHO {mask}")), 5)

    def test_spaces(self) -> None:
        """The end cannot repeat a mask with spaces."""
        self.asserts(self.eve, "WHO :ada Real", reply("eve", "*", "ada", "H"), end("eve", "*"))

    def test_invisible(self) -> None:
        """Invisible people are told to themselves, to those in a room with them, and to operators of the server."""
        self.ada.send("MODE ada +i")
        self.asserts(self.eve, "WHO ad*", end("eve", "ad*"))
        self.asserts(self.bob, "WHO ad*", reply("bob", "#garden", "ada", "H@"), end("bob", "ad*"))
        self.asserts(self.ada, "WHO ad*", reply("ada", "#garden", "ada", "H@"), end("ada", "ad*"))
        self.eve.send("OPER root secret", "MODE eve +i")
        self.asserts(self.eve, "WHO ad*", reply("eve", "*", "ada", "H"), end("eve", "ad*"))
        self.asserts(self.eve, "WHO ev*", reply("eve", "*", "eve", "H*"), end("eve", "ev*"))

    def test_operators_only(self) -> None:
        """`o` asks for operators of the server only."""
        self.ada.send("OPER root secret")
        self.asserts(self.eve, "WHO * o", reply("eve", "*", "ada", "H*"), end("eve", "*"))
        self.asserts(self.eve, "WHO bob o", end("eve", "bob"))
        self.asserts(self.eve, "WHO #garden o", reply("eve", "#garden", "ada", "H*@"), end("eve", "#garden"))

    def test_very_long(self) -> None:
        """A mask longer than masks can be is cut."""
        mask = "*" * LONGEST_MASK + "x"
        self.assertEqual(len(self.eve.says(f"WHO {mask}")), 4)


class FieldsTests(_Case):
    """WHOX."""

    def asserts_fields(self, client: Client, options: str, fields: str) -> None:
        """What is told of ada."""
        name = client.talk.nick
        self.asserts(client, f"WHO ada {options}", f":{SERVER} 354 {name} {fields}", end(name, "ada"))

    def test_all(self) -> None:
        """All fields are told in the order of the specification, whatever the order they are asked for."""
        self.network.now += 7
        everything = f"123 #garden ~ada 255.255.255.255 localhost {SERVER} ada H@ 0 7 0 n/a :ada Real"
        self.asserts_fields(self.bob, "%tcuihsnfdlaor,123", everything)
        self.asserts_fields(self.bob, "%roaldfnshiuct,123", everything)

    def test_some(self) -> None:
        """Those and no others are told; what is no field is ignored."""
        self.asserts_fields(self.bob, "%nyx!", "ada")
        self.asserts_fields(self.eve, "%cnf", "* ada H")
        self.asserts_fields(self.eve, "%r", ":ada Real")

    def test_no_fields(self) -> None:
        """Who asks for nothing is told of nothing, once for each."""
        self.asserts(self.eve, "WHO ada %", f":{SERVER} 354 eve", end("eve", "ada"))

    def test_token(self) -> None:
        """A token is told as it was given; what is none, as 0."""
        for given, told in (("321", "321"), ("007", "007"), ("1234", "0"), ("x", "0"), ("", "0"), ("٣", "0")):
            self.asserts_fields(self.eve, f"%tn,{given}", f"{told} ada")

    def test_account(self) -> None:
        """The account of those who are logged in."""
        user = self.network.rooms.people.find("ada")
        user.looks(account="ada-account")
        self.asserts_fields(self.eve, "%na", "ada ada-account")

    def test_address(self) -> None:
        """The address is told to oneself and to operators of the server."""
        self.asserts_fields(self.ada, "%i", "127.0.0.1")
        self.asserts_fields(self.eve, "%i", "255.255.255.255")
        self.eve.send("OPER root secret")
        self.asserts_fields(self.eve, "%i", "127.0.0.1")

    def test_odd_addresses(self) -> None:
        """One that begins with a colon is written otherwise; where there is none, none is told."""
        self.ada.link.peer = Peer("::1", True)
        self.asserts_fields(self.ada, "%i", "0::1")
        self.ada.link.peer = Peer("", False)
        self.asserts_fields(self.ada, "%i", "255.255.255.255")

    def test_with_a_flag(self) -> None:
        """`o` may stand before the fields."""
        self.ada.send("OPER root secret")
        self.asserts(self.eve, "WHO * o%n", f":{SERVER} 354 eve ada", end("eve", "*"))


class ManyTests(SynchronousTestCase):
    """WHO where there are many."""

    def setUp(self) -> None:
        """410 people are here."""
        self.network = Network()
        self.asker, *_ = [self.network.connect(f"n{number}") for number in range(410)]

    def test_waits(self) -> None:
        """Every 200 lines the answer waits until they are sent."""
        self.assertEqual(len(self.asker.says("WHO * %n")), 411)
        self.assertEqual(self.asker.link.drains, 2)

    def test_looking_waits_too(self) -> None:
        """To look at those who are not meant takes its time, too."""
        self.assertEqual(self.asker.says("WHO zed*"), [end("n0", "zed*")])
        self.assertEqual(self.asker.link.drains, 2)
