"""Accounts and stores from the command line, and what a server makes of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

from argon2 import PasswordHasher
from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irc
from tests.live.harness import PATIENCE, Server, Socket, twistd
from tests.stores.databases import Cluster

FIRST, SECOND, OPERATOR = "correct-horse", "battery-staple", "operators-only"


def sasl(client: Irc, name: str, password: str, word: str = "903") -> None:
    """Log in, and come in; or be refused with that word."""
    encoded = b64encode(f"\0{name}\0{password}".encode()).decode()
    client.say("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {encoded}")
    client.until_word(word)


class AdminTests(SynchronousTestCase):
    """One state directory, for servers and for commands."""

    def setUp(self) -> None:
        """There is nothing in it."""
        self.state = Path(tempfile.mkdtemp(prefix="chat-state-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)

    def command(self, *words: str, typed: str = "", program: tuple[str, ...] = ()) -> tuple[int, str]:
        """Its status, and all that it prints."""
        command = [*(program or (twistd(),)), "chat", "--state-dir", str(self.state), *words]
        done = subprocess.run(
            command, input=typed, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=self.state
        )
        self.assertNotIn("Traceback", done.stderr)
        return done.returncode, done.stdout + done.stderr

    def done(self, *words: str, typed: str = "", program: tuple[str, ...] = ()) -> str:
        """What one prints that must end well."""
        status, told = self.command(*words, typed=typed, program=program)
        self.assertEqual(status, 0, told)
        return told

    def server(self, *options: str) -> Server:
        """The next one on that directory."""
        server = Server("--state-dir", str(self.state), *options)
        self.addCleanup(server.kill)
        return server

    def irc(self, server: Server) -> Irc:
        """Somebody on IRC."""
        client = Irc(server.port)
        self.addCleanup(client.close)
        return client

    def logs_in(self, server: Server, name: str, password: str) -> Irc:
        """By SASL, and in."""
        client = self.irc(server)
        sasl(client, name, password)
        client.register(name, "batch", "message-tags", "server-time", "draft/chathistory")
        return client

    def refused(self, server: Server, name: str, password: str) -> None:
        """Not let in."""
        sasl(self.irc(server), name, password, "904")


class AccountsTests(AdminTests):
    """An account, from the first command to the last."""

    def test_life(self) -> None:
        """It is made before there is a server, used, given another password, suspended, resumed and removed."""
        self.assertEqual(self.done("accounts", "add", "Ada", typed=f"{FIRST}\n"), "Ada is an account now.\n")
        with self.server() as server:
            self.logs_in(server, "Ada", FIRST)
            status, told = self.command("accounts", "password", "ada", typed=f"{SECOND}\n")
            self.assertEqual((status, told.count("\n")), (1, 1), told)
            self.assertIn("is in use: a server runs on it", told)
            self.assertTrue(self.done("accounts", "list").startswith("Ada "))
            self.assertIn("index of words: not looked at", self.done("store", "check"))
        self.done("accounts", "password", "ada", typed=f"{SECOND}\n")
        with self.server() as server:
            self.refused(server, "Ada", FIRST)
            self.logs_in(server, "Ada", SECOND)
        self.done("accounts", "suspend", "ada", "spam")
        with self.server() as server:
            self.refused(server, "Ada", SECOND)
        self.done("accounts", "resume", "ada")
        with self.server() as server:
            self.logs_in(server, "Ada", SECOND)
        self.done("accounts", "remove", "ada")
        self.assertEqual(self.done("accounts", "list"), "")
        with self.server() as server:
            self.refused(server, "Ada", SECOND)
            eve = self.irc(server)
            eve.register("Ada")

    def test_ways(self) -> None:
        """Whatever Twisted's program is called by, it is the same command."""
        python = (sys.executable, "-m", "twisted")
        self.done("accounts", "add", "ada", typed=f"{FIRST}\n", program=python)
        for program in (python, (twistd(), "-n"), (twistd(),)):
            self.assertTrue(self.done("accounts", "list", program=program).startswith("ada "), program)
        self.assertIn("accounts  ", self.done("--help"))

    def test_pipe(self) -> None:
        """Who reads no further, as `head` does, ends it quietly."""
        self.done("accounts", "add", "ada", typed=f"{FIRST}\n")
        command = [twistd(), "chat", "--state-dir", str(self.state), "accounts", "list"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.close()
            self.assertEqual((running.stderr.read(), running.wait(PATIENCE)), (b"", 1))


class MoveTests(AdminTests):
    """From SQLite to PostgreSQL."""

    def test_moved(self) -> None:
        """Accounts and history are there; what was said is found at the same places."""
        self.done("accounts", "add", "ada", typed=f"{FIRST}\n")
        with self.server() as server:
            ada = self.logs_in(server, "ada", FIRST)
            ada.join("#garden")
            ada.say("CHATHISTORY LATEST #garden * 9")
            ada.until_word("BATCH")
            ada.say(*(f"PRIVMSG #garden :grün {number}" for number in range(5)), "PING x")
            ada.until_word("PONG")
            before = self.history(ada)
            self.assertEqual(len(before), 5)
        cluster = Cluster()
        self.addCleanup(cluster.remove)
        cluster.start()
        file = str(self.state / "export.jsonl")
        self.done("store", "export", file)
        told = self.done("--store", cluster.url, "store", "import", file)
        self.assertIn("of which were new: 1 account, ", told)
        self.assertIn("version: ", self.done("--store", cluster.url, "store", "check"))
        (self.state / "chat.sqlite").unlink()
        with self.server("--store", cluster.url) as server:
            ada = self.logs_in(server, "ada", FIRST)
            ada.join("#garden")
            self.assertEqual(self.history(ada), before)

    def history(self, client: Irc) -> list[str]:
        """What is kept of the room, with the ids."""
        client.say("CHATHISTORY LATEST #garden * 50")
        client.until_word("BATCH")
        found = [line for line in client.until_word("BATCH") if " PRIVMSG " in line]
        return sorted(line[line.index("msgid=") :] for line in found)


class SiteTests(AdminTests):
    """A site with users of its own (`--auth`)."""

    def test_file(self) -> None:
        """They log in from both dialects, and nobody makes an account; an operator may suspend one of them."""
        users, settings = self.state / "users", self.state / "chat.toml"
        users.write_text("ada:lovelace1815\nbob:builder2000\n")
        settings.write_text(
            f"[accounts]\nauth = ['file:{users}']\n[operators]\nroot2 = '{PasswordHasher().hash(OPERATOR)}'\n"
        )
        with self.server("--config", str(settings)) as server:
            client = self.irc(server)
            client.say("CAP LS 302", "CAP END", "PING x")
            offered = " ".join(client.until_word("PONG", "451"))
            self.assertIn(" sasl=PLAIN ", offered)
            self.assertNotIn("draft/account-registration", offered)
            self.refused(server, "ada", "builder2000")
            self.logs_in(server, "ada", "lovelace1815")
            bob = Socket(server.port)
            self.addCleanup(bob.close)
            bob.say("/login bob builder2000")
            bob.until("-- You are logged in as bob.")
            eve = Socket(server.port)
            self.addCleanup(eve.close)
            eve.enter("eve")
            eve.say("/register my-own-password")
            eve.until(
                "!! Who has an account is not decided here: log in with the name and the password that you have at "
                "this site."
            )
            eve.say(f"/oper root2 {OPERATOR}", "/account suspend bob spam")
            eve.until("-- Nobody can log in to bob now.")
            self.refused(server, "bob", "builder2000")
