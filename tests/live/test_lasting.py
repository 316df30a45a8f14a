"""What was said, and who has an account, outlasts the server: killed, stopped, on a full disk, without its database."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time
from base64 import b64encode
from pathlib import Path

from argon2 import PasswordHasher
from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irc, Program
from tests.live.harness import Server, Socket, nc, program, wait_for
from tests.live.lasting import UNLIMITED, Line, Load, check, history
from tests.live.test_accounts import HELLO, PASSWORD, SaslIrssi, SaslWeechat
from tests.stores.databases import Cluster

ROUNDS = int(os.environ.get("LASTING_ROUNDS", "5"))
"""How often the server is killed; `.ci/run` has it done twenty times."""

MOST_ECHOES = 800
"""Before it is killed."""

DISK = "64m"
"""Size of the disk that gets full. SQLite's write-ahead log takes half of it before it is used anew."""

SLOWLY = ("--lines-per-second", "50", "--burst", "20")
"""Where nothing has to be stored, people who are not held back would soon say more than the disk holds."""

WELL = "History is stored again"
OPERATOR = "correct-horse-operator"


class LastingTests(SynchronousTestCase):
    """Servers that follow one another on the same state directory."""

    def setUp(self) -> None:
        """It outlives each of them."""
        self.state = Path(tempfile.mkdtemp(prefix="chat-state-"))
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)

    def server(self, *options: str) -> Server:
        """The next one."""
        server = Server("--state-dir", str(self.state), *UNLIMITED, *options)
        self.addCleanup(server.kill)
        return server

    def stop(self, server: Server) -> None:
        """In an orderly way."""
        self.assertEqual(0, server.stop(), server.log())
        self.assertNotIn("Traceback", server.log())


class KilledTests(LastingTests):
    """Everybody talks, and the server ends."""

    def test_killed(self) -> None:
        """By kill -9, again and again: each line that was echoed is there, once and in order."""
        chance = random.Random(9)
        everything: list[Line] = []
        server = self.server()
        for number in range(ROUNDS):
            load = Load(server, str(number))
            load.wait_for(chance.randrange(MOST_ECHOES))
            time.sleep(chance.uniform(0, 0.05))  # Not just when something was echoed.
            server.kill()
            load.end()
            server = self.server()
            kept = history(server, everything[-1] if everything else None)
            check(self, load, kept)
            everything += kept
        self.assertEqual(everything, history(server, None))
        self.stop(server)
        self.check_file(everything)

    def test_stopped(self) -> None:
        """By SIGTERM: each line that anybody has seen is there."""
        server = self.server()
        load = Load(server, "last")
        load.wait_for(MOST_ECHOES)
        self.stop(server)
        load.end()
        server = self.server()
        kept = history(server, None)
        check(self, load, kept)
        self.assertGreaterEqual(len(kept), len(load.listener.lines))
        self.stop(server)
        self.check_file(kept)

    def check_file(self, kept: list[Line]) -> None:
        """The store is sound, and holds just these lines."""
        with contextlib.closing(sqlite3.connect(self.state / "chat.sqlite")) as file:
            self.assertEqual([("ok",)], file.execute("PRAGMA integrity_check").fetchall())
            found = [text for (text,) in file.execute("SELECT text FROM lines WHERE kind < 100 ORDER BY id")]
            file.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        self.assertEqual([line.text for line in kept], found)


class AccountTests(LastingTests):
    """ada has made an account with nc before the server was started again."""

    def setUp(self) -> None:
        """She has."""
        program("nc")
        super().setUp()
        server = self.server()
        ada = nc(server.port)
        self.addCleanup(ada.close)
        ada.enter("ada")
        ada.say(f"/register {PASSWORD}")
        ada.until("-- ada is your account now, and you are logged in.")
        server.kill()
        self.again = self.server()
        self.bob = Socket(self.again.port)
        self.addCleanup(self.bob.close)
        self.bob.enter("bob")

    def there(self) -> bool:
        """Whether bob sees ada, logged in."""
        self.bob.say("/whois ada", "/topic")
        return "--   account: ada" in self.bob.until("-- #lobby has no topic.")

    def comes_with(self, client: Program) -> None:
        """She does."""
        self.addCleanup(client.close)
        wait_for(self.there, lambda: "\n".join([*client.lines(), client.screen(), self.again.log()]))
        self.stop(self.again)

    def irc(self) -> Irc:
        """Someone on IRC."""
        client = Irc(self.again.port)
        self.addCleanup(client.close)
        return client

    def test_name_is_hers(self) -> None:
        """Nobody else gets her name, neither on IRC nor on plain lines; she does, with her password."""
        thief = self.irc()
        thief.say("NICK ada", "USER thief 0 * :thief")
        self.assertIn("433", thief.until_word("433")[-1])
        wrong = b64encode(b"\0ada\0not-her-password").decode()
        thief.say("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {wrong}")
        thief.until_word("904")
        plain = Socket(self.again.port)
        self.addCleanup(plain.close)
        plain.say("ada")
        plain.until(
            "!! ada is registered. Log in if that is yours, or choose another name. To log in: /login ada PASSWORD"
        )
        self.assertFalse(self.there())
        plain.say(f"/login ada {PASSWORD}")
        plain.until(HELLO.format("ada"))
        self.assertTrue(self.there())
        self.stop(self.again)

    def test_plain(self) -> None:
        """By SASL PLAIN."""
        ada = self.irc()
        right = b64encode(f"\0ada\0{PASSWORD}".encode()).decode()
        ada.say("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {right}")
        ada.until_word("903")
        ada.register("ada")
        self.assertTrue(self.there())
        self.stop(self.again)

    def test_irssi(self) -> None:
        """irssi, by SASL PLAIN."""
        for name in ("irssi", "tmux"):
            program(name)
        self.comes_with(SaslIrssi(self.again.port, "PLAIN"))

    def test_weechat(self) -> None:
        """WeeChat, by SASL SCRAM-SHA-256."""
        program("weechat-headless")
        self.comes_with(SaslWeechat(self.again.port, "scram-sha-256"))


class FullDiskTests(LastingTests):
    """A small disk, which somebody fills."""

    def setUp(self) -> None:
        """It needs root; where CI is set and there is root, it must be had."""
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root may mount a disk")
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.state)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
        if done.returncode:
            self.assertNotIn("CI", os.environ, f"CI must be able to mount a disk: {done.stderr}")
            self.skipTest(f"a disk cannot be mounted: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.state)], check=True, timeout=10)
        self.server_now = self.server("--config", str(self.settings()), *SLOWLY)
        self.operator = Socket(self.server_now.port)
        self.addCleanup(self.operator.close)
        self.operator.enter("root2")
        self.operator.say(f"/oper root2 {OPERATOR}")
        self.operator.until("-- You are an operator of the server now.")

    def settings(self) -> Path:
        """With an operator."""
        file = self.state / "chat.toml"
        file.write_text(f"[operators]\nroot2 = '{PasswordHasher().hash(OPERATOR)}'\n")
        return file

    def fill(self) -> Path:
        """Leave nothing free."""
        ballast = self.state / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        return ballast

    def told(self, wanted: str) -> list[str]:
        """What the operator was told of the history up to that line."""
        lines: list[str] = []
        while not lines or wanted not in lines[-1]:
            line = self.operator.line()
            assert line is not None
            lines.append(line)
        return [line for line in lines if "istory" in line]

    def test_full(self) -> None:
        """People go on talking, and whoever speaks is warned; an operator is told once. It heals by itself, and all
        that was echoed is there."""
        load = Load(self.server_now, "full")
        load.wait_for(200)
        self.assertEqual(0, sum(each.warnings for each in load.speakers))
        ballast = self.fill()
        trouble = self.told("cannot be stored")
        self.assertEqual(1, len(trouble), trouble)
        self.assertIn("-- History cannot be stored: database or disk is full. It is tried again and again.", trouble)
        before = {each.name: each.warnings for each in load.speakers}
        load.wait_for(1000)
        wait_for(
            lambda: all(each.warnings > before[each.name] for each in load.speakers),
            lambda: f"not all were warned: {before} before, {[each.warnings for each in load.speakers]} now",
        )
        ballast.unlink()
        well = self.told(WELL)
        self.assertEqual([f"-- {WELL}."], well)
        load.wait_for(200)
        self.heals(load)

    def heals(self, load: Load) -> None:
        """Nobody is warned any more; after kill -9 everything is there, also what was said meanwhile."""
        wait_for(lambda: not self.warned_now(load), lambda: "they are still warned")
        self.server_now.kill()
        load.end()
        log = self.server_now.log()
        self.assertEqual((1, 1), (log.count("cannot be stored"), log.count(WELL)), log)
        self.assertNotIn("Traceback", log)
        again = self.server()
        check(self, load, history(again, None))
        self.stop(again)

    def warned_now(self, load: Load) -> bool:
        """Whether one of the next lines brings a warning."""
        before = sum(each.warnings for each in load.speakers)
        load.wait_for(50)
        return sum(each.warnings for each in load.speakers) != before


class PostgresqlTests(LastingTests):
    """With a database that is restarted in the middle."""

    def test_restarted(self) -> None:
        """As if it were killed: people are warned while it is gone, and all that was said is there, once."""
        cluster = Cluster()
        self.addCleanup(cluster.remove)
        cluster.start()
        server = self.server("--store", cluster.url)
        load = Load(server, "restarted")
        load.wait_for(200)
        cluster.stop()
        server.wait_for_log("cannot be stored")
        load.wait_for(500)
        cluster.start()
        server.wait_for_log(WELL)
        self.assertGreater(sum(each.warnings for each in load.speakers), 0)
        load.wait_for(200)
        server.kill()
        load.end()
        again = self.server("--store", cluster.url)
        check(self, load, history(again, None))
        self.stop(again)
