"""How an IRC connection begins."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.modes import UserMode
from chatproto.rooms.limits import RoomLimits
from tests.dialects.irc.network import Client, Network, finish

S = ":chatproto.local"


def numbers(lines: list[str]) -> list[str]:
    """What kinds of lines they are, without repetitions."""
    return list(dict.fromkeys(line.split(" ")[1] for line in lines))


class Welcomes(SynchronousTestCase):
    """What one is told at first."""

    def setUp(self) -> None:
        """One server."""
        self.network = Network()

    def test_whole(self) -> None:
        """001 to 005, then how many are here, then the message of the day, or that there is none."""
        got = self.network.connect().says("NICK ada", "USER lovelace 0 * :Ada Lovelace")
        self.assertEqual(
            got[:4],
            [
                f"{S} 001 ada :Welcome to the chat IRC Network ada!~lovelace@localhost",
                f"{S} 002 ada :Your host is chatproto.local, running version chatproto-1",
                f"{S} 003 ada :This server was created Fri, 15 Jan 2027 08:00:00 UTC",
                f"{S} 004 ada chatproto.local chatproto-1 BRTZiow CEIMRUabcefhiklmnopqstuv Iabefhkloqv",
            ],
        )
        self.assertEqual(numbers(got[4:-8]), ["005"])
        self.assertEqual(
            got[-8:],
            [
                f"{S} 251 ada :There are 1 users and 0 invisible on 1 server(s)",
                f"{S} 252 ada 0 :IRC Operators online",
                f"{S} 253 ada 0 :unregistered connections",
                f"{S} 254 ada 0 :channels formed",
                f"{S} 255 ada :I have 1 clients and 0 servers",
                f"{S} 265 ada 1 1 :Current local users 1, max 1",
                f"{S} 266 ada 1 1 :Current global users 1, max 1",
                f"{S} 422 ada :MOTD File is missing",
            ],
        )

    def test_modes(self) -> None:
        """Who has modes already is told at the end; on TLS one has Z."""
        got = self.network.connect(secure=True).says("NICK ada", "USER ada 0 * :Ada")
        self.assertEqual(got[-2:], [f"{S} 422 ada :MOTD File is missing", f"{S} 221 ada +Z"])

    def test_where_people_are(self) -> None:
        """If somebody is in the default room one is told so before the message of the day, unless it is hidden."""
        bob = self.network.connect("bob")
        bob.send("OPER root secret", "JOIN #lobby")
        got = self.network.connect().says("NICK ada", "USER ada 0 * :Ada")
        self.assertEqual(
            got[-3:],
            [
                f"{S} 266 ada 2 2 :Current global users 2, max 2",
                f"{S} NOTICE ada :People on plain lines are in #lobby: /join #lobby",
                f"{S} 422 ada :MOTD File is missing",
            ],
        )
        bob.send("MODE #lobby +s")
        got = self.network.connect().says("NICK eve", "USER eve 0 * :Eve")
        self.assertEqual([line for line in got if "#lobby" in line], [])

    def test_any_order(self) -> None:
        """NICK and USER come in any order, with PASS among them anywhere but at the end."""
        for nick, lines in enumerate(
            (("NICK", "USER"), ("USER", "NICK"), ("PASS", "USER", "NICK"), ("NICK", "PASS", "USER"))
        ):
            said = {"NICK": f"NICK n{nick}", "USER": "USER u 0 * :r", "PASS": "PASS whatever"}
            client = self.network.connect()
            for line in lines[:-1]:
                self.assertEqual(client.says(said[line]), [])
            self.assertEqual(numbers(client.says(said[lines[-1]]))[0], "001")

    def test_settles(self) -> None:
        """The time-limit for saying who one is ends with the welcome, and not before."""
        client = self.network.connect()
        client.send("CAP LS", "NICK ada", "USER ada 0 * :Ada")
        self.assertFalse(client.link.settled)
        client.send("CAP END")
        self.assertTrue(client.link.settled)

    def test_what_is_kept(self) -> None:
        """Others see the user name behind a ~, and the real name."""
        self.network.connect().send("NICK ada", "USER ~lovelace 0 * :Ada Lovelace ")
        user = self.network.rooms.people.find("ada")
        self.assertEqual((user.who.mask, user.realname), ("ada!~lovelace@localhost", "Ada Lovelace "))

    def test_before(self) -> None:
        """Other verbs have to wait until then, and those that are unknown are unknown."""
        client = self.network.connect()
        self.assertEqual(
            client.says("JOIN #a", "NICK ada", "PRIVMSG ada :hi", "privmsg", "FOO"),
            [*[f"{S} 451 * :You have not registered"] * 3, f"{S} 421 * FOO :Unknown command"],
        )

    def test_after(self) -> None:
        """PASS and USER come too late then, whatever is in them."""
        client = self.network.connect("ada")
        again = f"{S} 462 ada :You may not reregister"
        self.assertEqual(client.says("USER u 0 * :r", "USER", "PASS x", "PASS"), [again] * 4)

    def test_away_before(self) -> None:
        """Who said so before (pre-away) is away from the beginning."""
        client = self.network.connect()
        assert client.talk.registration is not None
        client.talk.registration.away = "lunch"
        client.send("NICK ada", "USER ada 0 * :Ada")
        self.assertEqual(self.network.rooms.people.find("ada").away, "lunch")

    def test_secure(self) -> None:
        """Who comes by TLS has the mode for it from the beginning."""
        self.network.connect("ada", secure=True)
        self.assertEqual(self.network.rooms.people.find("ada").modes, {UserMode.SECURE})

    def test_quit(self) -> None:
        """One may leave before."""
        client = self.network.connect()
        self.assertEqual(client.says("NICK ada", "QUIT :never mind"), ["ERROR :Closing Link: (Quit: never mind)"])
        self.assertTrue(client.closed)
        self.network.connect("ada")


class Users(SynchronousTestCase):
    """USER."""

    def setUp(self) -> None:
        """A client that has a nick already."""
        self.network = Network()
        self.client = self.network.connect()
        self.client.send("NICK ada")

    def who(self, line: str) -> str:
        """What is made of a user name."""
        self.client.send(line)
        return self.network.rooms.people.find("ada").who.username

    def test_missing(self) -> None:
        """All four parameters are needed."""
        few = f"{S} 461 * USER :Not enough parameters"
        self.assertEqual(self.client.says("USER", "USER u", "USER u 0", "USER u 0 *"), [few] * 4)

    def test_empty_realname(self) -> None:
        """So is something in the last."""
        self.assertEqual(self.client.says("USER u 0 * :"), [f"{S} 461 * USER :Not enough parameters"])

    def test_two(self) -> None:
        """Of two, while CAP goes on, the last one counts."""
        self.client.send("CAP LS", "USER one 0 * :One", "USER two 0 * :Two")
        self.assertEqual(self.who("CAP END"), "~two")

    def test_length(self) -> None:
        """A user name is cut to 18 characters, the ~ among them, as ISUPPORT says."""
        self.assertEqual(self.who(f"USER {'u' * 17}v 0 * :r"), "~" + "u" * 17)

    def test_letters(self) -> None:
        """What would break a mask is left out."""
        self.assertEqual(self.who("USER a!b@c*d?é:e 0 * :r"), "~abcde")

    def test_nothing_left(self) -> None:
        """If that leaves nothing there is another name."""
        self.assertEqual(self.who("USER @@@ 0 * :r"), "~user")

    def test_long_realname(self) -> None:
        """A real name is cut to its limit, and not within a character."""
        self.client.send(f"USER u 0 * :{'r' * 149}éé")
        self.assertEqual(self.network.rooms.people.find("ada").realname, "r" * 149)

    def test_not_utf8(self) -> None:
        """What is not UTF-8 is refused, and may be said again."""
        for line in (b"USER u 0 * :i\xe8rc", b"USER \xe8rc 0 * :r"):
            refused = [f"{S} FAIL USER INVALID_UTF8 :Message rejected, it is not UTF-8"]
            self.assertEqual(self.client.says(line), refused)
        self.assertEqual(numbers(self.client.says("USER u 0 * :r"))[0], "001")


class Nicks(SynchronousTestCase):
    """NICK, before and after."""

    def setUp(self) -> None:
        """One who has a name, and one who has none yet."""
        self.network = Network()
        self.ada = self.network.connect("ada")
        self.client = self.network.connect()

    def test_none(self) -> None:
        """A nick must be given."""
        self.assertEqual(self.client.says("NICK", "NICK :"), [f"{S} 431 * :No nickname given"] * 2)
        self.assertEqual(self.ada.says("NICK", "NICK :"), [f"{S} 431 ada :No nickname given"] * 2)

    def test_bad(self) -> None:
        """Some can be nobody's. Then one is not let in, and may choose another."""
        self.client.send("USER u 0 * :r")
        for nick in ("*", "1ada", "-ada", "a!b", "a@b", "#ada", "a.b", "a,b", "@ada", "+ada", "nickserv", "a" * 31):
            (line,) = self.client.says(f"NICK {nick}")
            self.assertEqual(line.split(" ")[:4], [S, "432", "*", nick])
            (line,) = self.ada.says(f"NICK {nick}")
            self.assertEqual(line.split(" ")[:4], [S, "432", "ada", nick])
        self.assertEqual(numbers(self.client.says(f"NICK {'a' * 30}"))[0], "001")

    def test_with_a_space(self) -> None:
        """A nick with a space in it is none, and stands in the answer as *."""
        (line,) = self.client.says("NICK :a b")
        self.assertEqual(line.split(" ")[:4], [S, "432", "*", "*"])

    def test_very_long(self) -> None:
        """However long the nick, the answer is one line of IRC."""
        for nick in ("a" * 505, "é" * 252, "a." * 252):
            (line,) = self.client.says(f"NICK {nick}")
            self.assertTrue(line.startswith(f"{S} 432 * {nick[:50]}"), line)
            self.assertLessEqual(len(line.encode()), 510)

    def test_taken(self) -> None:
        """What somebody has, in any case, is refused at once, and another one is taken."""
        for nick in ("ada", "ADA"):
            taken = f"{S} 433 * {nick} :{nick} is taken. Choose another name."
            self.assertEqual(self.client.says(f"NICK {nick}"), [taken])
        self.assertEqual(self.client.says("USER u 0 * :r"), [])
        self.assertEqual(numbers(self.client.says("NICK bob"))[0], "001")

    def test_looks_taken(self) -> None:
        """What looks like somebody's is refused as taken, too."""
        self.client.send("USER u 0 * :r")
        (line,) = self.client.says("NICK аda")  # A Cyrillic a.
        self.assertEqual(line.split(" ")[:4], [S, "433", "*", "аda"])
        self.assertEqual(numbers(self.client.says("NICK bob"))[0], "001")

    def test_race(self) -> None:
        """Of two who want the same, the first to be done has it; the other may choose again."""
        slow = self.network.connect()
        slow.send("NICK bob")
        self.client.send("NICK bob", "USER u 0 * :r")
        taken = f"{S} 433 * bob :bob is taken. Choose another name."
        self.assertEqual(slow.says("USER u 0 * :r"), [taken])
        self.assertEqual(slow.says("USER u 0 * :r", "PING x"), [f"{S} PONG chatproto.local x"])
        self.assertEqual(slow.says("NICK eve")[0], f"{S} 001 eve :Welcome to the chat IRC Network eve!~u@localhost")

    def test_another_choice(self) -> None:
        """Before one is in, the last choice counts, and nobody else is kept from those before it."""
        self.client.send("NICK bob", "NICK bob", "NICK eve")
        self.network.connect("bob")
        self.assertEqual(numbers(self.client.says("USER u 0 * :r"))[0], "001")
        self.assertEqual(self.client.talk.nick, "eve")

    def test_change(self) -> None:
        """A change is told to oneself; one to the same name is none."""
        self.assertEqual(self.ada.says("NICK eve"), [":ada!~ada@localhost NICK eve"])
        self.assertEqual(self.ada.says("NICK eve"), [])
        self.assertEqual(self.ada.says("NICK Eve"), [":eve!~ada@localhost NICK Eve"])
        self.network.connect("ada")

    def test_change_to_taken(self) -> None:
        """A name that somebody has is refused, and one keeps one's own."""
        self.network.connect("bob")
        taken = f"{S} 433 ada Bob :Bob is taken. Choose another name."
        self.assertEqual(self.ada.says("NICK Bob", "PRIVMSG ada hi"), [taken, ":ada!~ada@localhost PRIVMSG ada :hi"])

    def test_free_again(self) -> None:
        """The name of somebody who has gone is free at once."""
        self.ada.send("QUIT")
        self.network.connect("ada")

    def test_unicode(self) -> None:
        """Names need not be ASCII."""
        self.client.send("NICK Işıl", "USER u 0 * :r")
        self.assertEqual(self.client.talk.nick, "Işıl")


class Slow:
    """A check of passwords that somebody waits for."""

    def __init__(self) -> None:
        self.answer: Any = None

    def __await__(self) -> Any:
        """Wait once."""
        yield self
        return self.answer


class Passwords(SynchronousTestCase):
    """A server that wants PASS."""

    def setUp(self) -> None:
        """Its password is sesame."""
        self.network = Network(IrcSettings(password="sesame"))
        self.client = self.network.connect()

    def refused(self, client: Client, *lines: str) -> None:
        """The last of these lines ends the connection."""
        client.send(*lines[:-1])
        wrong = [f"{S} 464 * :Password incorrect", "ERROR :Closing Link: (Bad password)"]
        self.assertEqual((client.says(lines[-1]), client.closed), (wrong, True))

    def test_right(self) -> None:
        """Who knows it is let in; of several the last counts."""
        got = self.client.says("PASS wrong", "PASS sesame", "NICK ada", "USER u 0 * :r")
        self.assertEqual(numbers(got)[0], "001")

    def test_wrong(self) -> None:
        """Who does not is not."""
        self.refused(self.client, "PASS Sesame", "NICK ada", "USER u 0 * :r")
        self.refused(self.network.connect(), "PASS sesame", "PASS wrong", "NICK ada", "USER u 0 * :r")
        self.assertEqual(len(self.network.rooms.people), 0)

    def test_none(self) -> None:
        """Nor who says nothing of it, or nothing at all, or too late."""
        self.refused(self.client, "NICK ada", "USER u 0 * :r")
        self.refused(self.network.connect(), "PASS :", "NICK ada", "USER u 0 * :r")
        self.assertEqual(self.client.says("PASS sesame"), [])

    def test_missing(self) -> None:
        """PASS needs a parameter."""
        self.assertEqual(self.client.says("PASS"), [f"{S} 461 * PASS :Not enough parameters"])

    def test_gone_meanwhile(self) -> None:
        """Who leaves while the password is looked at leaves no name behind."""
        slow = Slow()

        async def check(password: str) -> bool:
            return bool(await slow)

        self.network.server.check_password = check
        self.client.send("PASS sesame", "NICK ada")
        answer = self.client.talk.line_received(b"USER u 0 * :r")
        assert answer is not None
        self.assertIs(answer.send(None), slow)
        self.network.rooms.quit(self.client.talk.session, "gone")
        slow.answer = True
        finish(answer)
        self.assertEqual(len(self.network.rooms.people), 0)


class LongNames(SynchronousTestCase):
    """A server and people with the longest names that there can be."""

    def test_lines(self) -> None:
        """No line is longer than IRC allows, nor has more parameters."""
        limits = RoomLimits(name_length=64)
        settings = IrcSettings(name="a" * 60 + ".bc", network="n" * 63, admin=("é" * 300,) * 3)
        network = Network(settings, limits)
        network.server.motd = ["é" * 1000]
        client = network.connect()
        nick = "\N{DESERET SMALL LETTER LONG I}" * 64
        lines = client.says(
            "CAP LS 302", f"NICK {nick}", "USER u 0 * :r", "CAP END", "VERSION", "ADMIN", "INFO", "HELP"
        )
        self.assertEqual(client.talk.nick, nick)
        self.assertEqual([line for line in lines if len(line.encode()) > 510], [])
        self.assertLessEqual(max(line.partition(" :")[0].count(" ") for line in lines), 15)
        self.assertIn("é" * 50, "".join(lines))
