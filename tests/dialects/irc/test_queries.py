"""What the server tells of itself to who asks."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.interfaces import Peer
from tests.dialects.irc.network import Network

S = ":chatproto.local"

TARGETED = {"MOTD": "422", "VERSION": "351", "ADMIN": "256", "INFO": "371", "TIME": "391"}
"""Verbs that may name a server, and what the answer begins with."""


class Asking(SynchronousTestCase):
    """Somebody who asks."""

    def setUp(self) -> None:
        """One server, one client."""
        self.network = Network(IrcSettings(admin=("Here", "and there", "ada@example.org")))
        self.ada = self.network.connect("ada")


class Targets(Asking):
    """The server that is asked."""

    def test_this_one(self) -> None:
        """Its name, in any case, a mask of it, somebody here, and nothing at all mean this server."""
        for verb, first in TARGETED.items():
            for target in (
                "",
                " :",
                " chatproto.local",
                " ChatProto.LOCAL",
                " *proto*",
                " *",
                " chatproto.loca?",
                " Ada",
            ):
                with self.subTest(verb + target):
                    self.assertTrue(self.ada.says(verb + target)[0].startswith(f"{S} {first} ada "))

    def test_no_other(self) -> None:
        """There is no other one."""
        for verb in TARGETED:
            for said, told in (("chat.example", "chat.example"), ("chatproto", "chatproto"), ("*.example", "*.example"),
                               (":a b", "*"), (":*a b", "*"), ("x" * 300, "x" * 160), ("#ada", "#ada")):  # fmt: skip
                self.assertEqual(self.ada.says(f"{verb} {said}"), [f"{S} 402 ada {told} :No such server"])

    def test_not_before(self) -> None:
        """Only who is registered is told."""
        client = self.network.connect()
        for verb in (*TARGETED, "LUSERS", "LINKS", "STATS u", "USERS"):
            self.assertEqual(client.says(verb), [f"{S} 451 * :You have not registered"])


class Answers(Asking):
    """Each of them, line by line."""

    def test_motd(self) -> None:
        """The message of the day, line by line; a line that is too long goes on in the next."""
        self.network.server.motd = ("Hello", "", "x" * 1000)
        head = len(f"{S} 372 ada :- ")
        self.assertEqual(
            self.ada.says("MOTD"),
            [
                f"{S} 375 ada :- chatproto.local Message of the day - ",
                f"{S} 372 ada :- Hello",
                f"{S} 372 ada :- ",
                f"{S} 372 ada :- {'x' * (510 - head)}",
                f"{S} 372 ada :- {'x' * (510 - head)}",
                f"{S} 372 ada :- {'x' * (1000 - 2 * (510 - head))}",
                f"{S} 376 ada :End of /MOTD command.",
            ],
        )

    def test_no_motd(self) -> None:
        """Or that there is none."""
        self.assertEqual(self.ada.says("MOTD"), [f"{S} 422 ada :MOTD File is missing"])

    def test_version(self) -> None:
        """The program's name and version, and what it supports."""
        first, *rest = self.ada.says("VERSION")
        self.assertEqual(first, f"{S} 351 ada chatproto-1 chatproto.local :plain lines, IRC and TLS on one port")
        self.assertEqual(rest, self.ada.says("ISUPPORT"))
        self.assertGreater(len(rest), 1)

    def test_admin(self) -> None:
        """Who runs the server, as the settings say."""
        self.assertEqual(
            self.ada.says("ADMIN"),
            [
                f"{S} 256 ada chatproto.local :Administrative info",
                f"{S} 257 ada Here",
                f"{S} 258 ada :and there",
                f"{S} 259 ada ada@example.org",
            ],
        )

    def test_no_admin(self) -> None:
        """What they do not say is told as that, so that all four lines are there."""
        ada = Network(IrcSettings(admin=("Here", ""))).connect("ada")
        nothing = ":Nothing is told of this."
        self.assertEqual(
            ada.says("ADMIN")[1:], [f"{S} 257 ada Here", f"{S} 258 ada {nothing}", f"{S} 259 ada {nothing}"]
        )

    def test_info(self) -> None:
        """What it is, its version, and since when it runs."""
        self.assertEqual(
            self.ada.says("INFO"),
            [
                f"{S} 371 ada :chatproto: a chat server that every line-speaking program can join.",
                f"{S} 371 ada :People on nc, telnet and openssl, and IRC clients, meet in the same rooms.",
                f"{S} 371 ada :Version: chatproto-1",
                f"{S} 371 ada :Running since: Fri, 15 Jan 2027 08:00:00 UTC",
                f"{S} 374 ada :End of /INFO list",
            ],
        )

    def test_time(self) -> None:
        """The time, now."""
        self.network.now += 3_661
        self.assertEqual(self.ada.says("TIME"), [f"{S} 391 ada chatproto.local :Fri, 15 Jan 2027 09:01:01 UTC"])

    def test_links(self) -> None:
        """The one server of the network, if the mask is for it, and if there is anything to be told of it."""
        self.assertEqual(self.ada.says("LINKS"), [f"{S} 365 ada * :End of /LINKS list"])
        self.ada = Network(IrcSettings(description="a test server")).connect("ada")
        ours = f"{S} 364 ada chatproto.local chatproto.local :0 a test server"
        for said, mask, found in (("", "*", True), (" *.local", "*.local", True), (" *.com", "*.com", False),
                                  (" ada", "ada", False), (" :", "*", False), (" * *.local", "*.local", True),
                                  (" ada *.com", "*.com", False)):  # fmt: skip
            end = f"{S} 365 ada {mask} :End of /LINKS list"
            self.assertEqual(self.ada.says(f"LINKS{said}"), [ours, end] if found else [end])
        self.assertEqual(self.ada.says("LINKS nowhere *"), [f"{S} 402 ada nowhere :No such server"])

    def test_disabled(self) -> None:
        """Who is logged in to the machine is nobody's business."""
        self.assertEqual(
            self.ada.says("USERS", "SUMMON bob"),
            [f"{S} 446 ada :USERS has been disabled", f"{S} 445 ada :SUMMON has been disabled"],
        )


class HowMany(Asking):
    """LUSERS."""

    def test_all(self) -> None:
        """People, the invisible among them, operators, connections that have not said who they are, rooms, the most."""
        bob, eve = self.network.connect("bob"), self.network.connect("eve")
        self.network.room("#a", self.ada)
        bob.send("MODE bob +i", "OPER root secret")
        eve.send("QUIT")
        for _ in range(2):
            self.network.connect().send("NICK x")
        self.assertEqual(
            self.ada.says("LUSERS"),
            [
                f"{S} 251 ada :There are 1 users and 1 invisible on 1 server(s)",
                f"{S} 252 ada 1 :IRC Operators online",
                f"{S} 253 ada 2 :unregistered connections",
                f"{S} 254 ada 1 :channels formed",
                f"{S} 255 ada :I have 2 clients and 0 servers",
                f"{S} 265 ada 2 3 :Current local users 2, max 3",
                f"{S} 266 ada 2 3 :Current global users 2, max 3",
            ],
        )

    def test_gone(self) -> None:
        """Who gave up being an operator, or left without saying who they were, is counted no more."""
        self.ada.send("OPER root secret", "MODE ada -o")
        self.network.connect().send("QUIT")
        self.assertEqual(
            self.ada.says("LUSERS")[1:3],
            [f"{S} 252 ada 0 :IRC Operators online", f"{S} 253 ada 0 :unregistered connections"],
        )

    def test_connections_that_are_closing(self) -> None:
        """Fewer connections than people is not below zero."""
        self.network.server.connections = lambda: 0
        self.assertEqual(self.ada.says("LUSERS")[2], f"{S} 253 ada 0 :unregistered connections")


class Stats(Asking):
    """STATS."""

    def test_uptime(self) -> None:
        """How long the server runs."""
        self.network.now += 2 * 86_400 + 3 * 3_600 + 4 * 60 + 5.9
        end = f"{S} 219 ada u :End of /STATS report"
        for said in ("STATS u", "STATS uptime", "STATS u *", "STATS u ada"):
            self.assertEqual(self.ada.says(said), [f"{S} 242 ada :Server Up 2 days 3:04:05", end])

    def test_commands(self) -> None:
        """How often each verb came that was run; what nobody knows is not counted."""
        self.ada.send("PING x", "PING y", "FOO", "KICK")
        self.assertEqual(
            self.ada.says("STATS m"),
            [
                f"{S} 212 ada NICK 1",
                f"{S} 212 ada PING 2",
                f"{S} 212 ada STATS 1",
                f"{S} 212 ada USER 1",
                f"{S} 219 ada m :End of /STATS report",
            ],
        )

    def test_operators(self) -> None:
        """Operators are told who are operators; others are not."""
        refused = f"{S} 481 ada :Permission Denied- You're not an IRC operator"
        self.assertEqual(self.ada.says("STATS o"), [refused])
        self.network.connect("bob")
        self.ada.send("OPER root secret")
        self.assertEqual(
            self.ada.says("STATS o"),
            [f"{S} 243 ada O ~ada@localhost * root", f"{S} 219 ada o :End of /STATS report"],
        )

    def test_turns(self) -> None:
        """Operators are told how long the server's turns were, and so is who is on its machine; others are not."""
        end = f"{S} 219 ada t :End of /STATS report"
        self.ada.link.peer = Peer("192.0.2.1", secure=False)
        self.assertEqual(self.ada.says("STATS t"), [f"{S} 481 ada :Permission Denied- You're not an IRC operator"])
        self.network.server.turns = lambda: (3, 0.001, 0.0025, 0.02)
        shown = [f"{S} 249 ada t :turns=3 p50_us=1000 p99_us=2500 max_us=20000", end]
        self.ada.link.peer = Peer("127.0.0.1", secure=False)
        self.assertEqual(self.ada.says("STATS t"), shown)
        self.ada.link.peer = Peer("192.0.2.1", secure=False)
        self.ada.send("OPER root secret")
        self.assertEqual(self.ada.says("STATS t"), shown)

    def test_others(self) -> None:
        """There is nothing else to be told; a server must be this one."""
        self.assertEqual(
            self.ada.says("STATS x", "STATS :", "STATS ::", "STATS", "STATS u nowhere"),
            [
                f"{S} 219 ada x :End of /STATS report",
                f"{S} 219 ada * :End of /STATS report",
                f"{S} 219 ada * :End of /STATS report",
                f"{S} 461 ada STATS :Not enough parameters",
                f"{S} 402 ada nowhere :No such server",
            ],
        )
