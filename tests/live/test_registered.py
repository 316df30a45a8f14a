"""Registered rooms, over a server's death: with nc, irssi, and whatever speaks IRC."""

from __future__ import annotations

from tests.live.clients import Irc
from tests.live.harness import Server, Terminal, nc, program
from tests.live.test_accounts import PASSWORD, SaslIrssi
from tests.live.test_lasting import LastingTests

ROOM = "#den"


class RegisteredTests(LastingTests):
    """Ada, on plain lines, keeps a room; Bob, on IRC, is an operator in it."""

    def setUp(self) -> None:
        """The first server."""
        program("nc")
        super().setUp()
        self.first = self.server()

    def nc(self, server: Server) -> Terminal:
        """Somebody with nc."""
        client = nc(server.port)
        self.addCleanup(client.close)
        return client

    def irc(self, server: Server, nick: str) -> Irc:
        """Somebody on IRC."""
        client = Irc(server.port)
        self.addCleanup(client.close)
        client.register(nick)
        return client

    def ada(self, server: Server) -> Terminal:
        """She comes again."""
        client = self.nc(server)
        client.say(f"/login ada {PASSWORD}")
        client.until("-- You are logged in as ada.")
        return client

    def kept(self) -> Terminal:
        """She has made the room, and is in it."""
        ada = self.nc(self.first)
        ada.enter("ada")
        ada.say(f"/register {PASSWORD}", f"/join {ROOM}", "/keep", "/topic tea", "/ban eve", "/room key secret")
        ada.until(f"-- {ROOM} is yours now, and kept: with its operators, topic and rules.")
        ada.until("-- ada set the key secret")
        return ada

    def stored(self, client: Terminal) -> None:
        """What comes back is stored, and so is all that was before it."""
        client.say("/echo on", "hello")
        client.until("<ada> hello")

    def test_killed(self) -> None:
        """By kill -9, when nobody is in the room any more: topic, key, bans, operators and what was said are there."""
        ada, bob = self.kept(), self.irc(self.first, "bob")
        bob.say(f"NS REGISTER {PASSWORD}", f"JOIN {ROOM} secret")
        bob.until_word("366")
        ada.say("/op bob")
        ada.until("-- ada made bob an operator")
        self.stored(ada)
        bob.say(f"PART {ROOM}")
        bob.until_word("PART")
        ada.say(f"/part {ROOM}", "/rooms")
        ada.until(f"-- {ROOM} (0, kept): tea")
        self.first.kill()
        server = self.server()
        self.as_another(server)
        self.as_bob(server)
        again = self.ada(server)
        again.say(f"/join {ROOM}", "/room")
        again.until("-- It is kept: ada (founder), bob (operator).")
        self.stop(server)

    def as_another(self, server: Server) -> None:
        """Somebody without an account needs the key, sees topic, bans and what was said, and is nothing there."""
        carl = self.irc(server, "carl")
        carl.say(f"JOIN {ROOM}")
        carl.until_word("475")
        carl.say(f"JOIN {ROOM} secret")
        seen = carl.until_word("366")
        self.assertTrue(any(line.endswith(f"332 carl {ROOM} :tea") for line in seen), seen)
        self.assertTrue(any(" 333 " in line and " ada!" in line for line in seen), seen)
        self.assertTrue(any(f" 353 carl = {ROOM} :carl" in line for line in seen), seen)
        carl.say(f"MODE {ROOM} b", f"CHATHISTORY LATEST {ROOM} * 1")
        self.assertIn("eve!*@*", carl.until_word("367")[-1])
        self.assertIn("hello", carl.until_word("PRIVMSG")[-1])
        carl.say(f"PART {ROOM}")
        carl.until_word("PART")
        eve = self.irc(server, "eve")
        eve.say(f"JOIN {ROOM} secret")
        eve.until_word("474")

    def as_bob(self, server: Server) -> None:
        """He is let in without the key once he is logged in, and is an operator."""
        bob = self.irc(server, "bob2")
        bob.say(f"NS IDENTIFY bob {PASSWORD}")
        bob.until_word("900")
        bob.say(f"JOIN {ROOM}")
        self.assertIn(f"MODE {ROOM} +o bob2", bob.until_word("MODE")[-1])
        bob.say(f"KICK {ROOM} bob2 :enough")
        bob.until_word("KICK")

    def test_irssi(self) -> None:
        """She comes back with irssi, and is shown as the founder."""
        for name in ("irssi", "tmux"):
            program(name)
        self.stored(self.kept())
        self.first.kill()
        server = self.server()
        irssi = SaslIrssi(server.port, "PLAIN")
        self.addCleanup(irssi.close)
        other = self.irc(server, "carl")
        other.say(f"JOIN {ROOM} secret")
        other.until_word("366")
        irssi.sees("welcome", text="Welcome to the chat IRC Network ada!~ada@localhost")
        irssi.type(f"/join {ROOM}")
        self.assertIn(f"MODE {ROOM} +qo ada ada", other.until_word("MODE")[-1])
        irssi.sees_line(f"-!- ServerMode/{ROOM} [+qo ada ada] by chatproto.local")
        irssi.type("/topic cake", ROOM)
        self.assertIn("cake", other.until_word("TOPIC")[-1])
        self.stop(server)
