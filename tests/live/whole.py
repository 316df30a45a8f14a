"""A whole conversation of three: one on plain lines, one with an IRC client of people, and one scripted IRC client."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irc, Program
from tests.live.harness import Server, Socket, nc

ROOM = "#garden"
PLAIN, IRC = "~plain@localhost", "~ada@localhost"
"""Where the others are seen to be."""

LONG = "".join(f"{number:04} " for number in range(400))[:-1] + "!"
"""2,000 characters, no two parts of which are the same."""


def greet(case: SynchronousTestCase, server: Server, ada: Program) -> None:
    """A short one: someone on plain lines and the one with the program hear each other."""
    case.addCleanup(ada.close)
    bob = nc(server.port)
    case.addCleanup(bob.close)
    bob.enter("bob")
    bob.say(f"/join {ROOM}")
    bob.expect(f"-- You are in {ROOM} with nobody else yet.")
    ada.sees("welcome", text=f"Welcome to the chat IRC Network ada!{IRC}")
    ada.type(f"/join {ROOM}")
    bob.expect("-- ada joined")
    ada.sees("joined", nick="ada", user=IRC, room=ROOM)
    ada.type("hello, bob", ROOM)
    bob.expect("<ada> hello, bob")
    bob.say("hello, ada")
    ada.sees("said", sign="@", nick="bob", text="hello, ada")


class WholeConversation:
    """The course of it. ada has the program; bob is on plain lines and opens the room; eve is scripted."""

    def __init__(self, case: SynchronousTestCase, server: Server, ada: Program) -> None:
        self.case = case
        self.server = server
        self.ada = ada
        case.addCleanup(ada.close)
        self.bob = nc(server.port)
        case.addCleanup(self.bob.close)
        self.eve = Irc(server.port)
        case.addCleanup(self.eve.close)

    def run(self) -> None:
        """All of it."""
        self.come_in()
        self.talk()
        self.say_much()
        self.whisper()
        self.rename()
        self.irc_operates()
        self.plain_operates()
        self.go()
        odd = [line for line in self.ada.lines() if "unknown command" in line.lower()]
        self.case.assertEqual([], odd)

    def come_in(self) -> None:
        """Each sees the others come, and is told who is there and what the topic is."""
        ada, bob, eve = self.ada, self.bob, self.eve
        bob.enter("bob")
        bob.say(f"/join {ROOM}", "/topic roses and thørns")
        bob.expect(f"-- You are in {ROOM} with nobody else yet.", f"-- The topic of {ROOM} is: roses and thørns")
        eve.register("eve", "server-time", "echo-message")
        told = [line.split(" ", 1)[1] for line in eve.join(ROOM)]  # Without the time.
        self.case.assertIn(f":chatproto.local 332 eve {ROOM} :roses and thørns", told)
        bob.expect("-- eve joined")
        ada.sees("welcome", text=f"Welcome to the chat IRC Network ada!{IRC}")
        ada.type(f"/join {ROOM}")
        bob.expect("-- ada joined")
        self.eve_sees(f":ada!{IRC} JOIN {ROOM}")
        ada.sees("joined", nick="ada", user=IRC, room=ROOM)
        ada.sees("topic", room=ROOM, text="roses and thørns")
        ada.sees("names", room=ROOM, op="bob", other="eve")

    def talk(self) -> None:
        """Everybody hears everybody, in any alphabet, and sees what they do."""
        ada, bob = self.ada, self.bob
        bob.say("grüß dich, ada 🌹", "/me waves")
        ada.sees("said", sign="@", nick="bob", text="grüß dich, ada 🌹")
        ada.sees("did", nick="bob", text="waves")
        self.eve_sees(f":bob!{PLAIN} PRIVMSG {ROOM} :grüß dich, ada 🌹")
        self.eve_sees(f":bob!{PLAIN} PRIVMSG {ROOM} :\x01ACTION waves\x01")
        ada.type("привет, bob", ROOM)
        ada.type("/me nods", ROOM)
        bob.expect("<ada> привет, bob", "* ada nods")
        self.eve_sees(f":ada!{IRC} PRIVMSG {ROOM} :привет, bob")
        self.eve_sees(f":ada!{IRC} PRIVMSG {ROOM} :\x01ACTION nods\x01")
        ada.sees("said", sign="", nick="ada", text="привет, bob")
        self.eve.say(f"PRIVMSG {ROOM} :\x02bold\x02 words", f"PRIVMSG {ROOM} :\x01ACTION bows\x01")
        bob.expect("<eve> bold words", "* eve bows")
        self.eve_sees(f":eve!~eve@localhost PRIVMSG {ROOM} :\x02bold\x02 words")
        self.eve_sees(f":eve!~eve@localhost PRIVMSG {ROOM} :\x01ACTION bows\x01")
        ada.sees("did", nick="eve", text="bows")

    def say_much(self) -> None:
        """A line that is too long for IRC arrives in pieces, and whole."""
        self.bob.say(LONG)
        heard = ""
        while len(heard) < len(LONG):
            source, text = self.eve_reads().split(" :", 1)
            self.case.assertEqual(f":bob!{PLAIN} PRIVMSG {ROOM}", source)
            self.ada.sees("said", sign="@", nick="bob", text=text)
            heard += text
        self.case.assertEqual(LONG, heard)

    def whisper(self) -> None:
        """What is said to one person is seen by that person alone."""
        self.bob.say("/msg ada psst, ada")
        self.bob.expect("-- To ada (whispering): psst, ada")
        self.ada.sees("whispered", nick="bob", text="psst, ada")
        self.ada.type("/msg bob what is it?", ROOM)
        self.bob.expect("ada (whispering): what is it?")

    def rename(self) -> None:
        """Everybody sees a new name."""
        ada, bob = self.ada, self.bob
        bob.say("/nick robert")
        bob.expect("-- You are now called robert.")
        ada.sees("renamed", old="bob", new="robert")
        self.eve_sees(f":bob!{PLAIN} NICK robert")
        ada.type("/nick countess", ROOM)
        bob.expect("-- ada is now called countess")
        self.eve_sees(f":ada!{IRC} NICK countess")
        ada.sees("renamed oneself", new="countess")

    def irc_operates(self) -> None:
        """The one on plain lines is told in plain words what an operator does with IRC's."""
        ada, bob, eve = self.ada, self.bob, self.eve
        bob.say("/op countess")
        bob.expect("-- robert made countess an operator")
        ada.sees("mode", room=ROOM, change="+o countess", nick="robert")
        ada.type(f"/topic {ROOM} all is green", ROOM)
        bob.expect("-- countess set the topic: all is green")
        ada.sees("topic set", nick="countess", room=ROOM, old="roses and thørns", text="all is green")
        ada.type("/kick eve too many words", ROOM)
        bob.expect("-- countess put eve out (too many words)")
        ada.sees("kicked", nick="countess", target="eve", room=ROOM, text="too many words")
        ada.type("/ban eve!*@*", ROOM)
        bob.expect("-- countess banned eve!*@*")
        eve.say(f"JOIN {ROOM}")
        self.case.assertIn(f" 474 eve {ROOM} :", eve.until_word("474")[-1])
        ada.type("/unban eve!*@*", ROOM)
        bob.expect("-- countess unbanned eve!*@*")
        eve.join(ROOM)
        bob.expect("-- eve joined")
        ada.sees("joined", nick="eve", user="~eve@localhost", room=ROOM)

    def plain_operates(self) -> None:
        """The one with IRC is told what an operator does in plain words, and is held to it."""
        ada, bob = self.ada, self.bob
        bob.say("/ban countess", "/kick countess let others speak")
        bob.expect("-- robert banned countess!*@*", "-- robert put countess out (let others speak)")
        ada.sees("kicked", nick="robert", target="countess", room=ROOM, text="let others speak")
        ada.type(f"/join {ROOM}", ROOM)
        ada.sees("banned oneself", room=ROOM)
        bob.say("/unban countess")
        bob.expect("-- robert unbanned countess!*@*")
        ada.type(f"/join {ROOM}", ROOM)
        bob.expect("-- countess joined")
        ada.sees("joined", nick="countess", user=IRC, room=ROOM)

    def go(self) -> None:
        """Everybody sees who goes, and why."""
        ada, bob = self.ada, self.bob
        tom = Socket(self.server.port)
        self.case.addCleanup(tom.close)
        tom.enter("tom")
        tom.say(f"/join {ROOM}", "/quit off to bed")
        bob.expect("#lobby -- tom joined", "-- tom joined", "-- tom quit: off to bed")
        ada.sees("quit", nick="tom", user=PLAIN, text="Quit: off to bed")
        self.eve.say(f"PART {ROOM} :so long")
        bob.expect("-- eve left (so long)")
        ada.sees("left", nick="eve", user="~eve@localhost", room=ROOM, text="so long")
        ada.type("/part see you", ROOM)
        bob.expect("-- countess left (see you)")
        ada.type(f"/join {ROOM}")
        bob.expect("-- countess joined")
        ada.sees("joined", nick="countess", user=IRC, room=ROOM)
        # A program that quits while there is something for it to read resets the connection, and may be heard no more.
        # When she sees his answer, hers to what her program has asked for by itself have come before it.
        ada.type("I must go", ROOM)
        bob.expect("<countess> I must go")
        bob.say("sleep well")
        ada.sees("said", sign="@", nick="robert", text="sleep well")
        ada.type("/quit good night", ROOM)
        bob.expect("-- countess quit: good night")

    def eve_reads(self) -> str:
        """Her next line, which says when it was sent."""
        line = self.eve.line()
        assert line is not None
        self.case.assertRegex(line, r"^@time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z :")
        return line.split(" ", 1)[1]

    def eve_sees(self, line: str) -> None:
        """Her next line is this."""
        self.case.assertEqual(line, self.eve_reads())
