"""People talk: three with nc and one with openssl s_client, and each sees exactly what it should, in order."""

from __future__ import annotations

import socket

from twisted.trial.unittest import SynchronousTestCase

from tests.live.harness import Client, Server, Socket, Terminal, nc, program, s_client

GREETING = ("-- Welcome to chat.", "-- What is your name?")


class ConversationTests(SynchronousTestCase):
    """A whole conversation through the installed program."""

    def setUp(self) -> None:
        """One server for TCP and TLS."""
        program("nc")
        program("openssl")
        self.server = Server(tls=True)
        self.addCleanup(self.server.__exit__, None, None, None)

    def test_four_people(self) -> None:
        """Everybody sees what the others do, in one order; a whisper reaches one; leaving is seen with its reason."""
        ada, bob, eve = (self._terminal(nc(self.server.port)) for _ in range(3))
        tom = self._terminal(s_client(self.server.tls_port))
        everyone = [ada, bob, eve, tom]
        names = ["ada", "bob", "eve", "tom"]
        for number, person in enumerate(everyone):
            person.expect(*GREETING)
            person.say(names[number])
            present = ", ".join(names[:number]) or "nobody else yet"
            person.expect(
                f"-- Hello, {names[number]}. What you type is said to everyone in the room; /help lists the commands.",
                f"-- You are in #lobby with {present}.",
            )
            for other in everyone[:number]:
                other.expect(f"-- {names[number]} joined")

        for number, person in enumerate(everyone):
            person.say(f"I am {names[number]}")
            self._all_but(person, everyone, f"<{names[number]}> I am {names[number]}")

        bob.say("/msg tom a secret")
        bob.expect("-- To tom (whispering): a secret")
        tom.expect("bob (whispering): a secret")
        tom.say("/me nods")
        self._all_but(tom, everyone, "* tom nods")

        ada.say("/nick lovelace")
        ada.expect("-- You are now called lovelace.")
        self._all_but(ada, everyone, "-- ada is now called lovelace")

        eve.say("/join #garden")
        eve.expect("-- You are in #garden with nobody else yet.")
        tom.say("/join #garden")
        tom.expect("-- You are in #garden with eve.")
        eve.expect("-- tom joined")
        tom.say("green here")
        eve.expect("<tom> green here")
        bob.say("still in the lobby")
        ada.expect("<bob> still in the lobby")
        eve.expect("#lobby <bob> still in the lobby")
        tom.expect("#lobby <bob> still in the lobby")
        eve.say("/part #lobby too noisy")
        eve.expect("-- You left #lobby.")
        ada.expect("-- eve left (too noisy)")
        bob.expect("-- eve left (too noisy)")
        tom.expect("#lobby -- eve left (too noisy)")

        tom.say("/quit good night")
        tom.expect("-- Goodbye.")
        self.assertIsNone(tom.line())
        for other in (ada, bob, eve):
            other.expect("-- tom quit: good night")
        bob.close()
        ada.expect("-- bob quit (connection closed)")
        ada.say("anybody?", "/who")
        ada.expect("-- 1 in #lobby:", "--   lovelace")

    def test_ipv6(self) -> None:
        """The same port serves IPv6."""
        ada = Socket(self.server.port, "::1")
        self.addCleanup(ada.close)
        ada.expect(*GREETING)

    def test_half_closed(self) -> None:
        """`printf … | nc -N` sends, closes its side, and still gets every answer."""
        ada = Socket(self.server.port)
        self.addCleanup(ada.close)
        ada.say("ada", *("/topic" for _ in range(25)), "/quit")
        ada.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(25, len([line for line in ada.until("-- Goodbye.") if "no topic" in line]))
        self.assertIsNone(ada.line())

    def test_goodbye_to_all(self) -> None:
        """A server that is asked to stop tells everyone, closes, and exits 0."""
        people = [Socket(self.server.port) for _ in range(5)]
        for number, person in enumerate(people):
            self.addCleanup(person.close)
            person.enter(f"person{number}x")
        self.assertEqual(0, self.server.stop())
        for person in people:
            person.until("!! The server is going down. Goodbye.")
            self.assertIsNone(person.line())

    def _terminal(self, terminal: Terminal) -> Terminal:
        self.addCleanup(terminal.close)
        return terminal

    def _all_but(self, person: Client, everyone: list[Terminal], line: str) -> None:
        for other in everyone:
            if other is not person:
                other.expect(line)
