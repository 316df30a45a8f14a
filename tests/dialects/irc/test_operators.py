"""OPER, and what operators of the server do."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import ChatError, NotChecked, TooManyAttempts
from chatproto.events import HostChanged
from chatproto.interfaces import Peer
from chatproto.rooms import operators
from chatproto.rooms.attendance import NOWHERE
from chatproto.rooms.operators import MOST_TRIES
from tests.dialects.irc.network import Network, finish

S = ":chatproto.local"
REFUSED = ":Permission Denied- You're not an IRC operator"
FEW = ":Not enough parameters"


class Operating(SynchronousTestCase):
    """An operator, and two who are none."""

    def setUp(self) -> None:
        """All three are in a room."""
        self.network = Network()
        self.oper, self.ada, self.bob = (self.network.connect(nick) for nick in ("oper", "ada", "bob"))
        self.oper.send("OPER root secret")
        self.network.room("#a", self.oper, self.ada, self.bob)

    def refused_to_others(self, *lines: str) -> None:
        """Others may not do this, whatever they say."""
        for line in lines:
            self.assertEqual(self.ada.says(line), [f"{S} 481 ada {REFUSED}"])


class Warnings(Operating):
    """What the server tells those who run it."""

    def test_told(self) -> None:
        """Each of them, and nobody else."""
        operators.tell(self.network.rooms, "the disk is full")
        self.assertEqual(self.oper.got(), [f"{S} NOTICE oper :*** the disk is full"])
        self.assertEqual((self.ada.got(), self.bob.got()), ([], []))


class Becoming(Operating):
    """OPER."""

    def test_right(self) -> None:
        """With a name and its password one is an operator, and is told one's mode."""
        self.assertEqual(
            self.ada.says("OPER root secret"),
            [f"{S} 381 ada :You are now an IRC operator", ":ada!~ada@localhost MODE ada +o"],
        )
        user = self.network.rooms.people.find("ada")
        self.assertEqual((user.operator, user.title, user.who.operator), (True, "root", True))

    def test_wrong(self) -> None:
        """With any other one is not; whether there is such a name cannot be told from the answer."""
        for line in ("OPER root wrong", "OPER Root secret", "OPER nobody secret", "OPER root :"):
            self.assertEqual(self.ada.says(line), [f"{S} 464 ada :Password incorrect"])
        self.assertFalse(self.network.rooms.people.find("ada").operator)

    def test_missing(self) -> None:
        """It needs both."""
        self.assertEqual(self.ada.says("OPER", "OPER root"), [f"{S} 461 ada OPER {FEW}"] * 2)

    def test_not_before(self) -> None:
        """Only who is registered can be one."""
        self.assertEqual(self.network.connect().says("OPER root secret"), [f"{S} 451 * :You have not registered"])

    def test_tries(self) -> None:
        """After some wrong passwords the connection ends; a right one between them does not help."""
        for _ in range(MOST_TRIES - 1):
            self.assertEqual(self.ada.says("OPER root wrong"), [f"{S} 464 ada :Password incorrect"])
        self.ada.send("OPER root secret")
        self.assertEqual(
            self.ada.says("OPER root wrong"),
            [f"{S} 464 ada :Password incorrect", "ERROR :Closing Link: (Too many wrong passwords)"],
        )
        self.assertTrue(self.ada.closed)

    def test_not_checked(self) -> None:
        """A password that nobody had time to look at is no wrong one."""

        errors: list[ChatError] = [NotChecked(), TooManyAttempts(30)]

        async def busy(name: str, password: str, peer: Peer) -> bool:
            raise errors[0]

        check, self.network.server.check_operator = self.network.server.check_operator, busy
        for why in (
            "Too many passwords are being checked. Try again in a few seconds.",
            "That was tried too often. Try again in 30 seconds.",
        ):
            for _ in range(MOST_TRIES):
                self.assertEqual(self.ada.says("OPER root wrong"), [f"{S} 400 ada * :{why}"])
            errors.pop(0)
        self.network.server.check_operator = check
        self.assertEqual(self.ada.says("OPER root wrong"), [f"{S} 464 ada :Password incorrect"])
        self.assertFalse(self.ada.closed)

    def test_gone_meanwhile(self) -> None:
        """Who leaves while the password is looked at is not told anything."""
        for password in ("secret", "wrong"):
            client = self.network.connect("eve")
            answer = client.talk.line_received(f"OPER root {password}".encode())
            assert answer is not None
            self.network.rooms.quit(client.talk.session, "gone")
            finish(answer)
            self.assertEqual(client.got(), [])


class Killing(Operating):
    """KILL."""

    def test_kill(self) -> None:
        """Who is killed is told by whom, and cut; others see them go; who did it is told nothing else."""
        self.assertEqual(
            self.oper.says("KILL ada :enough of that"), [":ada!~ada@localhost QUIT :Killed (oper (enough of that))"]
        )
        self.assertEqual(
            self.ada.got(),
            [
                ":oper!~oper@localhost KILL ada :enough of that",
                "ERROR :Closing Link: (Killed (oper (enough of that)))",
            ],
        )
        self.assertTrue(self.ada.closed)
        self.assertEqual(self.bob.got(), [":ada!~ada@localhost QUIT :Killed (oper (enough of that))"])
        self.network.connect("ada")

    def test_no_reason(self) -> None:
        """A reason need not be given."""
        for line in ("KILL ada", "KILL bob :"):
            self.oper.send(line)
        for client in (self.ada, self.bob):
            self.assertEqual(client.got()[-1], "ERROR :Closing Link: (Killed (oper (No reason was given)))")

    def test_oneself(self) -> None:
        """One may end one's own connection."""
        self.assertEqual(self.oper.says("KILL oper :bye")[-1], "ERROR :Closing Link: (Killed (oper (bye)))")
        self.assertTrue(self.oper.closed)

    def test_long_reason(self) -> None:
        """A reason is cut as that of a kick."""
        self.oper.send(f"KILL ada :{'x' * 450}")
        self.assertEqual(self.bob.got(), [f":ada!~ada@localhost QUIT :Killed (oper ({'x' * 390}))"])

    def test_refused(self) -> None:
        """Nobody else may, not even oneself; there must be somebody, and no server."""
        self.refused_to_others("KILL bob :why", "KILL ada :me", "KILL", "KILL nobody")
        self.assertFalse(self.bob.closed or self.ada.closed)
        self.assertEqual(
            self.oper.says("KILL", "KILL :", "KILL nobody :x", "KILL ChatProto.local :x"),
            [
                *[f"{S} 461 oper KILL {FEW}"] * 2,
                f"{S} 401 oper nobody :No such nick/channel",
                f"{S} 483 oper :You cannot kill a server!",
            ],
        )


class Announcing(Operating):
    """WALLOPS."""

    def test_told(self) -> None:
        """Those with +w are told, the operator among them, and nobody else."""
        for client in (self.oper, self.ada):
            client.says(f"MODE {client.talk.nick} +w")
        self.oper.send("WALLOPS :hi everyone")
        told = [":oper!~oper@localhost WALLOPS :hi everyone"]
        self.assertEqual([client.got() for client in (self.oper, self.ada, self.bob)], [told, told, []])

    def test_long(self) -> None:
        """It is cut so that the whole is one line."""
        self.ada.says("MODE ada +w")
        self.oper.send(f"WALLOPS :{'x' * 500}")
        (line,) = self.ada.got()
        self.assertEqual((len(line), line[:30]), (510, ":oper!~oper@localhost WALLOPS "))

    def test_refused(self) -> None:
        """It is for operators, and must say something."""
        self.refused_to_others("WALLOPS :hi", "WALLOPS")
        self.assertEqual(self.oper.says("WALLOPS", "WALLOPS :"), [f"{S} 461 oper WALLOPS {FEW}"] * 2)


class Rehashing(Operating):
    """REHASH."""

    def test_rehash(self) -> None:
        """The server reads again what it can, and names it."""
        self.assertEqual(self.oper.says("REHASH"), [f"{S} 382 oper motd,certificates Rehashing"])
        self.assertEqual(self.network.reloaded, 1)

    def test_problems(self) -> None:
        """What went wrong is told, each in one line."""
        self.network.problems = ["a.pem cannot be used", "x" * 600]
        _, first, second = self.oper.says("REHASH")
        self.assertEqual(first, f"{S} 400 oper REHASH :a.pem cannot be used")
        self.assertEqual((len(second), second[:40]), (509, f"{S} 400 oper REHASH {'x' * 9}"[:40]))

    def test_refused(self) -> None:
        """It is for operators."""
        self.refused_to_others("REHASH")
        self.assertEqual(self.network.reloaded, 0)


class Hosts(Operating):
    """CHGHOST."""

    def test_change(self) -> None:
        """From then on somebody is shown with that host; those who asked for it (chghost) are told."""
        eve = self.network.connect("eve", ["chghost"])
        self.network.room("#a", eve)
        self.oper.send("CHGHOST ada garden.example")
        self.assertEqual(eve.got(), [":ada!~ada@localhost CHGHOST ~ada garden.example"])
        self.assertEqual(self.network.rooms.people.find("ada").who.mask, "ada!~ada@garden.example")
        self.ada.send("PRIVMSG #a :hi")
        self.assertEqual(eve.got(), [":ada!~ada@garden.example PRIVMSG #a :hi"])

    def test_change_for_others(self) -> None:
        """Those who know no CHGHOST see somebody quit, and come back into each room that they share; nobody sees
        that of itself."""
        eve = self.network.connect("eve")
        self.network.room("#b", self.ada, eve)
        self.network.room("#c", self.ada)
        self.network.room("#a", eve)
        self.ada.got()
        self.oper.send("CHGHOST ada garden.example")
        back = ":ada!~ada@garden.example JOIN"
        self.assertEqual(
            eve.got(),
            [":ada!~ada@localhost QUIT :Changing host", f"{back} #a", f"{back} #b", f"{S} MODE #b +o ada"],
        )
        self.assertEqual(self.ada.got(), [])

    def test_own_change(self) -> None:
        """Who gets another host by what it does itself is told so, if it knows CHGHOST, and nothing else."""
        eve = self.network.connect("eve", ["chghost"])
        self.network.room("#a", eve)
        for client, lines in ((eve, [":eve!~eve@localhost CHGHOST ~eve garden.example"]), (self.ada, [])):
            who = client.talk.user.who
            event = HostChanged(who, who.username, "garden.example", "")
            self.network.rooms.publish(NOWHERE, event, client.talk.session)
            self.assertEqual(client.got(), lines)
            eve.got(), self.ada.got()

    def test_bad_host(self) -> None:
        """A host is a host name, as long as ISUPPORT says at the most."""
        allowed = ":A host has letters, digits, dashes and a dot, and at most 63 characters"
        for host in ("x", "a b", ":a b.c", "a!b.c", "a@b.c", "a" * 62 + ".b", "*.b", "é.b"):
            self.assertEqual(self.oper.says(f"CHGHOST ada {host}"), [f"{S} 400 oper CHGHOST {allowed}"])
        self.oper.send(f"CHGHOST ada {'a' * 30}.{'b' * 32}")
        self.assertEqual(self.network.rooms.people.find("ada").who.host, f"{'a' * 30}.{'b' * 32}")

    def test_refused(self) -> None:
        """It is for operators, and needs somebody, and a host."""
        self.refused_to_others("CHGHOST ada a.b", "CHGHOST")
        self.assertEqual(
            self.oper.says("CHGHOST", "CHGHOST ada", "CHGHOST ada :", "CHGHOST nobody a.b"),
            [*[f"{S} 461 oper CHGHOST {FEW}"] * 3, f"{S} 401 oper nobody :No such nick/channel"],
        )
