"""WHOIS, WHOWAS, USERHOST, USERIP and ISON."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.interfaces import Peer
from chatproto.testing import NOON
from tests.dialects.irc.network import Client, Network

SERVER = "chatproto.local"


def numerics(lines: list[str]) -> list[str]:
    """Their numbers."""
    return [line.split(" ")[1] for line in lines]


class _Case(SynchronousTestCase):
    def setUp(self) -> None:
        """Ada and bob are here."""
        self.network = Network()
        self.ada = self.network.connect("ada")
        self.bob = self.network.connect("bob")

    def asserts(self, client: Client, line: str, *lines: str) -> None:
        """What `client` is answered, without the server in front."""
        self.assertEqual(client.says(line), [f":{SERVER} {each}" for each in lines])


class WhoisTests(_Case):
    """WHOIS."""

    USER = "311 bob ada ~ada localhost * :ada Real"
    SERVER_LINE = f"312 bob ada {SERVER} chat"
    IDLE = f"317 bob ada 0 {NOON:.0f} :seconds idle, signon time"
    END = "318 bob ada :End of /WHOIS list"

    def test_somebody(self) -> None:
        """Who it is, from which server, and for how long it is here and idle."""
        self.asserts(self.bob, "WHOIS ada", self.USER, self.SERVER_LINE, self.IDLE, self.END)

    def test_other_case(self) -> None:
        """The nick is told as it is; the end repeats what was asked for."""
        asked = "318 bob ADA :End of /WHOIS list"
        self.asserts(self.bob, "WHOIS ADA", self.USER, self.SERVER_LINE, self.IDLE, asked)

    def test_everything(self) -> None:
        """All that there can be."""
        dan = self.network.connect("dan", secure=True)
        dan.send("OPER root secret", "MODE dan +B", "AWAY :at lunch", "JOIN #garden")
        self.network.rooms.people.find("dan").looks(account="daniel")
        self.network.now += 65
        self.asserts(
            self.bob,
            "WHOIS dan",
            "311 bob dan ~dan localhost * :dan Real",
            "319 bob dan :@#garden",
            f"312 bob dan {SERVER} chat",
            "301 bob dan :at lunch",
            "313 bob dan :is an IRC operator",
            "671 bob dan :is using a secure connection",
            "330 bob dan daniel :is logged in as",
            "335 bob dan :is a bot",
            f"317 bob dan 65 {NOON:.0f} :seconds idle, signon time",
            "318 bob dan :End of /WHOIS list",
        )

    def test_in_private(self) -> None:
        """The address and the modes are for oneself and for operators of the server."""
        self.ada.link.peer = Peer("192.0.2.7", False)
        self.ada.send("MODE ada +i")
        private = [
            ":is connecting from ~ada@192.0.2.7 192.0.2.7",
            "192.0.2.7 :is actually using host",
            ":is using modes +i",
        ]
        for asker in (self.ada, self.bob):
            if asker is self.bob:
                self.asserts(self.bob, "WHOIS ada", self.USER, self.SERVER_LINE, self.IDLE, self.END)
                self.bob.send("OPER root secret")
            nick = asker.talk.nick
            told = [f"{code} {nick} ada {text}" for code, text in zip((378, 338, 379), private, strict=True)]
            lines = [line.replace(" bob ", f" {nick} ", 1) for line in (self.USER, self.SERVER_LINE)]
            rest = [line.replace(" bob ", f" {nick} ", 1) for line in (self.IDLE, self.END)]
            self.asserts(asker, "WHOIS ada", *lines, *told, *rest)

    def test_no_address(self) -> None:
        """Who came by a socket without addresses has none to be told."""
        self.ada.link.peer = Peer("", False)
        self.assertEqual(numerics(self.ada.says("WHOIS ada")), ["311", "312", "379", "317", "318"])

    def test_nobody(self) -> None:
        """That nobody has the nick is told, and then the end."""
        self.asserts(self.bob, "WHOIS zed", "401 bob zed :No such nick/channel", "318 bob zed :End of /WHOIS list")

    def test_no_nick(self) -> None:
        """Without a nick there is no end."""
        for line in ("WHOIS", "WHOIS :", f"WHOIS {SERVER} :"):
            self.asserts(self.bob, line, "431 bob :No nickname given")

    def test_server(self) -> None:
        """The server may be named, by a mask too, or by somebody who is on it."""
        answer = (self.USER, self.SERVER_LINE, self.IDLE, self.END)
        for server in (SERVER, "CHATPROTO.local", "*.local", "ada", "bob"):
            self.asserts(self.bob, f"WHOIS {server} ada", *answer)
        self.asserts(self.bob, "WHOIS irc.example.org ada", "402 bob irc.example.org :No such server")

    def test_one_at_once(self) -> None:
        """Of several nicks the first is answered, as TARGMAX says."""
        self.asserts(self.bob, "WHOIS ada,bob", self.USER, self.SERVER_LINE, self.IDLE, self.END)

    def test_active(self) -> None:
        """What somebody says ends their idling."""
        self.network.now += 100
        self.ada.send("PRIVMSG bob :hello")
        self.network.now += 5
        self.assertIn(f":{SERVER} 317 bob ada 5 {NOON:.0f} :seconds idle, signon time", self.bob.says("WHOIS ada"))


class WhoisRoomsTests(_Case):
    """The rooms that WHOIS tells."""

    def rooms(self, client: Client) -> list[str]:
        """Those of ada, as `client` is told."""
        return [line.split(" :")[1] for line in client.says("WHOIS ada") if " 319 " in line]

    def test_all(self) -> None:
        """All of them in one line, each after the status there."""
        self.network.room("#one", self.ada)
        self.network.room("#two", self.bob, self.ada)
        self.assertEqual(self.rooms(self.bob), ["@#one #two"])

    def test_every_prefix(self) -> None:
        """With multi-prefix all statuses are told."""
        self.network.room("#one", self.ada)
        self.ada.send("MODE #one +v ada")
        dan = self.network.connect("dan", ["multi-prefix"])
        self.assertEqual((self.rooms(dan), self.rooms(self.bob)), (["@+#one"], ["@#one"]))

    def test_secret(self) -> None:
        """A secret room is told to those in it, and to operators of the server."""
        self.network.room("#one", self.ada)
        self.ada.send("MODE #one +s")
        self.assertEqual((self.rooms(self.ada), self.rooms(self.bob)), (["@#one"], []))
        self.bob.send("JOIN #one")
        self.assertEqual(self.rooms(self.bob), ["@#one"])
        self.bob.send("PART #one", "OPER root secret")
        self.assertEqual(self.rooms(self.bob), ["@#one"])

    def test_invisible(self) -> None:
        """Of invisible people one is told the rooms that one is in as well."""
        self.network.room("#one", self.ada)
        self.network.room("#two", self.ada, self.bob)
        self.ada.send("MODE ada +i")
        self.assertEqual((self.rooms(self.ada), self.rooms(self.bob)), (["@#one @#two"], ["@#two"]))

    def test_auditorium(self) -> None:
        """In a room in which members do not see each other, its operators see them."""
        self.network.room("#one", self.bob, self.ada)
        self.bob.send("MODE #one +u")
        dan = self.network.connect("dan")
        self.network.room("#one", dan)
        self.assertEqual((self.rooms(dan), self.rooms(self.bob), self.rooms(self.ada)), ([], ["#one"], ["#one"]))

    def test_many(self) -> None:
        """As many lines as are needed, none of which is longer than lines may be."""
        names = [f"#{'x' * 45}{number:02}" for number in range(20)]
        for name in names:
            self.network.room(name, self.ada)
        told = self.rooms(self.bob)
        self.assertEqual(" ".join(told), " ".join(f"@{name}" for name in names))
        self.assertEqual(len(told), 3)
        self.assertTrue(all(len(line.encode()) <= 510 for line in self.bob.says("WHOIS ada")))


class WhowasTests(_Case):
    """WHOWAS."""

    def departs(self, nick: str, username: str) -> None:
        """Somebody comes and goes, an hour after the last one."""
        client = Client(self.network)
        client.send(f"NICK {nick}", f"USER {username} 0 * :Real {username}")
        self.network.now += 3600
        client.send("QUIT")

    def asserts_was(self, line: str, *lines: str) -> None:
        """What bob is answered, without the server and his nick."""
        self.assertEqual(self.bob.says(line), [f":{SERVER} {each[:3]} bob{each[3:]}" for each in lines])

    ONE = ("314 dan ~one localhost * :Real one", f"312 dan {SERVER} :Fri Jan 15 2027 09:00:00")
    TWO = ("314 dan ~two localhost * :Real two", f"312 dan {SERVER} :Fri Jan 15 2027 10:00:00")

    def test_latest_first(self) -> None:
        """Everybody who had the nick, the latest first, in any case."""
        self.departs("dan", "one")
        self.departs("dan", "two")
        self.asserts_was("WHOWAS DAN", *self.TWO, *self.ONE, "369 DAN :End of WHOWAS")

    def test_count(self) -> None:
        """As many as are wanted; what is no positive number means all."""
        self.departs("dan", "one")
        self.departs("dan", "two")
        end = "369 dan :End of WHOWAS"
        self.asserts_was("WHOWAS dan 1", *self.TWO, end)
        for count in ("2", "3", "0", "-1", "x", "1" * 400, "²"):
            self.asserts_was(f"WHOWAS dan {count}", *self.TWO, *self.ONE, end)

    def test_nobody(self) -> None:
        """That nobody had it is told, and the end; who is here still has not been here."""
        for nick in ("zed", "ada", "*"):
            self.asserts_was(f"WHOWAS {nick}", f"406 {nick} :There was no such nickname", f"369 {nick} :End of WHOWAS")

    def test_no_nick(self) -> None:
        """One must be given."""
        for line in ("WHOWAS", "WHOWAS :"):
            self.asserts_was(line, "431 :No nickname given")

    def test_several(self) -> None:
        """Of several nicks all who had one of them are told, in the order of the nicks."""
        self.departs("dan", "one")
        self.departs("eve", "three")
        three = ("314 eve ~three localhost * :Real three", f"312 eve {SERVER} :Fri Jan 15 2027 10:00:00")
        self.asserts_was("WHOWAS dan,eve,zed", *self.ONE, *three, "369 dan,eve,zed :End of WHOWAS")
        self.asserts_was("WHOWAS eve,dan 1", *three, *self.ONE, "369 eve,dan :End of WHOWAS")

    def test_renamed(self) -> None:
        """Who has another nick now had the old one; no more is told of it."""
        self.ada.send("NICK amy")
        lines = ("314 ada ~ada localhost * :ada Real", f"312 ada {SERVER} :Fri Jan 15 2027 08:00:00")
        self.asserts_was("WHOWAS ada", *lines, "369 ada :End of WHOWAS")


class ShortTests(_Case):
    """USERHOST, USERIP and ISON."""

    def test_userhost(self) -> None:
        """User name and host of those who are here; a star for operators, a minus for who is away."""
        self.ada.send("OPER root secret", "AWAY :lunch")
        self.asserts(self.bob, "USERHOST ADA zed bob", "302 bob :ada*=-~ada@localhost bob=+~bob@localhost")

    def test_userhost_of_nobody(self) -> None:
        """There is an answer all the same."""
        self.asserts(self.bob, "USERHOST zed", "302 bob :")

    def test_userhost_of_many(self) -> None:
        """Five are answered, however they are written."""
        for number in range(4):
            self.network.connect(f"n{number}")
        five = " ".join(f"{name}=+~{name}@localhost" for name in ("n0", "n1", "n2", "n3", "ada"))
        self.asserts(self.bob, "USERHOST n0 n1 n2 n3 ada bob", f"302 bob :{five}")
        self.asserts(self.bob, "USERHOST :n0 n1 n2 n3 ada bob", f"302 bob :{five}")

    def test_userip(self) -> None:
        """The address of oneself; to operators of the server that of all."""
        self.asserts(self.bob, "USERIP ada bob", "340 bob :ada=+~ada@255.255.255.255 bob=+~bob@127.0.0.1")
        self.bob.send("OPER root secret")
        self.asserts(self.bob, "USERIP ada", "340 bob ada=+~ada@127.0.0.1")

    def test_ison(self) -> None:
        """Those who are here, as they write themselves."""
        self.asserts(self.bob, "ISON zed BOB Ada", "303 bob :bob ada")
        self.asserts(self.bob, "ISON :ada zed bob", "303 bob :ada bob")
        self.asserts(self.bob, "ISON zed", "303 bob :")

    def test_missing(self) -> None:
        """Each wants a nick."""
        for name in ("USERHOST", "USERIP", "ISON"):
            self.asserts(self.bob, name, f"461 bob {name} :Not enough parameters")
