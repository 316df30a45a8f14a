"""One person by several clients, who stays while none of them is there: with irssi and nc, over a server's death."""

from __future__ import annotations

from tests.live.clients import Irc
from tests.live.harness import Server, Terminal, nc, program
from tests.live.test_accounts import PASSWORD, SaslIrssi
from tests.live.test_lasting import LastingTests

ROOM = "#tea"


class PresenceTests(LastingTests):
    """Ada has an account and chose to stay; Bob sees what becomes of her."""

    def setUp(self) -> None:
        """She has made it on plain lines."""
        for name in ("irssi", "nc", "tmux"):
            program(name)
        super().setUp()

    def bob(self, server: Server) -> Irc:
        """He comes, and goes to where she is."""
        bob = Irc(server.port)
        self.addCleanup(bob.close)
        bob.register("bob", "echo-message")
        bob.join(ROOM)
        return bob

    def says(self, bob: Irc, text: str) -> list[str]:
        """He says something, and it is stored, as is all before it. Returns what he saw meanwhile."""
        bob.say(f"PRIVMSG {ROOM} :{text}")
        lines: list[str] = []
        while not lines or not lines[-1].endswith(f":{text}"):
            lines += bob.until_word("PRIVMSG")
        return lines[:-1]

    def irssi(self, server: Server) -> SaslIrssi:
        """She has irssi, which logs in."""
        irssi = SaslIrssi(server.port, "PLAIN")
        self.addCleanup(irssi.close)
        return irssi

    def phone(self, server: Server) -> Terminal:
        """She has nc as well."""
        phone = nc(server.port)
        self.addCleanup(phone.close)
        phone.say(f"/login ada {PASSWORD}")
        phone.until("-- You are logged in as ada.")
        return phone

    def test_two_clients_and_none(self) -> None:
        """Each sees what the other says. Nobody sees them go; when they come again, to a server that was killed and
        started meanwhile, they are in the room, and are shown what they missed."""
        server = self.server()
        first = nc(server.port)
        first.enter("ada")
        first.say(f"/register {PASSWORD}", "/settings always-on on", "/quit")
        first.until("-- ada is your account now, and you are logged in.")
        first.until("-- always-on: on")
        first.close()
        bob = self.bob(server)
        irssi = self.irssi(server)
        irssi.sees("welcome", text="Welcome to the chat IRC Network ada!~plain@localhost")
        irssi.type(f"/join {ROOM}")
        irssi.sees_line("[@bob] [ ada] ")
        phone = self.phone(server)
        phone.until(f"-- You are in {ROOM} with bob.")
        irssi.type("from irssi")
        phone.until("<ada> from irssi")
        phone.say("from nc")
        irssi.sees_line("< ada> from nc")
        irssi.close()
        phone.close()
        seen = self.says(bob, "and then")
        self.assertEqual([line for line in seen if " QUIT " in line or " PART " in line], [])
        server.kill()

        server = self.server()
        bob = self.bob(server)
        bob.say(f"NAMES {ROOM}")
        self.assertIn("ada", bob.until_word("366")[0])
        self.says(bob, "while you were away")
        phone = self.phone(server)
        phone.until("<bob> while you were away")
        phone.close()
        server.kill()

        server = self.server()
        bob = self.bob(server)
        self.says(bob, "and again")
        irssi = self.irssi(server)
        irssi.sees("joined", nick="ada", user="~plain@localhost", room=ROOM)
        irssi.sees_line("< bob> and again")
        self.stop(server)
