"""Reading back, seeking and taking back what was said: with nc and with IRC, and a restart in between."""

from __future__ import annotations

import json
import shutil
import tempfile
from base64 import b64encode
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irc
from tests.live.harness import Server, Terminal, nc, program, wait_for
from tests.live.test_accounts import HELLO, PASSWORD, SaslIrssi

EVER = "timestamp=1970-01-01T00:00:00.000Z timestamp=2262-01-01T00:00:00.000Z"
CAPS = ("batch", "server-time", "message-tags", "soju.im/search", "sasl")


class ReadingBack(SynchronousTestCase):
    """ada and bob have made accounts with nc, and ada was in #lobby for a while."""

    def setUp(self) -> None:
        """They have."""
        program("nc")
        self.state = Path(tempfile.mkdtemp(prefix="chat-state-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.server = self.started()
        self.bob, self.ada = self.registered("bob"), self.registered("ada")

    def started(self) -> Server:
        """A server on what the last one left."""
        server = Server("--state-dir", str(self.state), "--lines-per-second", "1000", "--burst", "1000")
        self.addCleanup(server.kill)
        return server

    def restart(self) -> None:
        """In an orderly way."""
        self.assertEqual(0, self.server.stop(), self.server.log())
        self.assertNotIn("Traceback", self.server.log())
        self.server = self.started()

    def terminal(self) -> Terminal:
        """Somebody with nc."""
        terminal = nc(self.server.port)
        self.addCleanup(terminal.close)
        return terminal

    def registered(self, name: str) -> Terminal:
        """Somebody who makes an account."""
        person = self.terminal()
        person.enter(name)
        person.say(f"/register {PASSWORD}")
        person.until(f"-- {name} is your account now, and you are logged in.")
        person.line()
        return person

    def back(self, name: str) -> Terminal:
        """Somebody who comes again."""
        person = self.terminal()
        person.say(f"/login {name} {PASSWORD}")
        person.until(HELLO.format(name))
        return person

    def on_irc(self, name: str) -> Irc:
        """The same on IRC."""
        client = Irc(self.server.port)
        self.addCleanup(client.close)
        words = b64encode(f"\0{name}\0{PASSWORD}".encode()).decode()
        client.say(f"CAP REQ :{' '.join(CAPS)}", "AUTHENTICATE PLAIN", f"AUTHENTICATE {words}")
        client.until_word("903")
        client.register(name)
        return client

    def until_seen(self, person: Terminal, text: str) -> None:
        """Wait for something that was said."""
        while (line := person.line()) is not None:
            if line.endswith(text):
                return
        self.fail(text)

    def say(self, text: str) -> None:
        """Have bob say something, and wait until it is stored, as its echo tells."""
        self.bob.say("/echo on", text, "/echo off")
        self.until_seen(self.bob, f"<bob> {text}")

    def test_missed(self) -> None:
        """Who comes again, to a server that was started again, is shown what they missed, and that alone."""
        self.say("seen")
        self.until_seen(self.ada, "<bob> seen")
        self.ada.say("/quit")
        self.until_seen(self.ada, "Goodbye.")
        self.say("missed")
        self.restart()
        ada = self.back("ada")
        ada.until("-- Said here before:")
        told = [ada.line() or "" for _ in range(3)]
        self.assertTrue(told[0].endswith("<bob> seen"), told)
        self.assertEqual(told[1], "-- Said since you were here:")
        self.assertTrue(told[2].endswith("<bob> missed"), told)

    def test_search(self) -> None:
        """By `/search` and by SEARCH, in rooms and in private talk, before and after a restart; TARGETS knows both."""
        self.say("black tea")
        self.bob.say("/msg ada tea, secretly")
        self.until_seen(self.ada, "tea, secretly")
        for restarted in (False, True):
            if restarted:
                self.restart()
                self.ada = self.back("ada")
                self.ada.say("/echo off")
                self.ada.until("-- Your own lines are not shown to you.")
            self.ada.say('/search "black tea" from:bob in:#lobby', "/search secretly", "/search milk")
            found = self.ada.until("-- Nothing was found.")
            told = [line[20:] for line in found[-2:]]
            self.assertEqual(told, ["#lobby <bob> black tea", "with bob <bob> tea, secretly"])
        irc = self.on_irc("bob")
        irc.join("#lobby")
        irc.say("SEARCH text=tea;limit=5")
        irc.until_word("BATCH")
        *found, _ = irc.until_word("BATCH")
        self.assertEqual([line.rpartition(" :")[2] for line in found], ["black tea", "tea, secretly"])
        irc.say(f"CHATHISTORY TARGETS {EVER} 9")
        irc.until_word("BATCH")
        *found, _ = irc.until_word("BATCH")
        self.assertEqual({line.split(" TARGETS ")[1].split()[0] for line in found}, {"#lobby", "ada"})

    def test_own(self) -> None:
        """What one said is exported, and erased for good: after a restart nobody finds it."""
        self.say("mine")
        self.ada.say("hers")
        self.until_seen(self.bob, "<ada> hers")
        self.restart()
        irc = self.on_irc("bob")
        irc.join("#lobby")
        irc.say("HISTSERV EXPORT")
        told: list[str] = []
        while not told or told[-1] != "That is all.":
            told.append(irc.until_word("NOTICE")[-1].rpartition(" NOTICE bob :")[2])
        account, mine = map(json.loads, told[-3:-1])
        self.assertEqual((account["account"], mine["text"], mine["in"]), ("bob", "mine", "#lobby"))
        irc.say("HISTSERV FORGET")
        code = irc.until_word("NOTICE")[-1].rpartition(" ")[2]
        irc.say(f"HISTSERV FORGET {code}")
        self.assertTrue(irc.until_word("NOTICE")[-1].endswith("What you said is erased: 1 message."))
        self.restart()
        bob = self.back("bob")
        bob.say("/mine", "/search mine")
        bob.until("-- That is all.")
        bob.until("-- Nothing was found.")
        bob.say("/history")
        bob.until("-- The last line in #lobby:")
        self.until_seen(bob, "<ada> hers")

    def test_not_kept(self) -> None:
        """Private talk of who chose that it is not, over a restart."""
        self.ada.say("/settings dm-history off")
        self.ada.until("-- dm-history: off")
        self.restart()
        ada, bob = self.back("ada"), self.back("bob")
        bob.say("/msg ada psst")
        self.until_seen(ada, "psst")
        bob.say("/history ada")
        bob.until("-- Nothing was said between ada and you.")

    def test_irssi(self) -> None:
        """irssi plays what was said, by HistServ."""
        for name in ("irssi", "tmux"):
            program(name)
        self.say("before irssi came")
        self.ada.say("/quit")
        self.until_seen(self.ada, "Goodbye.")
        irssi = SaslIrssi(self.server.port, "PLAIN")
        self.addCleanup(irssi.close)
        irssi.sees("welcome", text="Welcome to the chat IRC Network ada!~ada@localhost")
        irssi.type("/join #lobby")
        irssi.sees("joined", nick="ada", user="~ada@localhost", room="#lobby")
        irssi.type("/quote HISTSERV PLAY #lobby")
        wait_for(
            lambda: any("<bob> before irssi came" in line for line in [*irssi.lines(), irssi.screen()]),
            lambda: "\n".join([*irssi.lines(), irssi.screen()]),
        )
