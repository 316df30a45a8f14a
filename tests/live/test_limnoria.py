"""Limnoria, a bot that is asked things."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irc
from tests.live.harness import UNHURRIED, Server, nc, program

ROOM = "#garden"


def limnoria() -> str:
    """The program, of the environment that runs the tests."""
    return program(str(Path(sys.executable).parent / "limnoria"))


class Limnoria:
    """A bot called hal, in a directory of its own."""

    def __init__(self, port: int, *, tls: bool) -> None:
        self._directory = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        home = Path(self._directory.name)
        settings = home / "bot.conf"
        settings.write_text("".join(f"supybot.{key}: {value}\n" for key, value in self._settings(home, port, tls)))
        self._output = home / "output"
        command = [limnoria(), "--allow-root", str(settings)]
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def _settings(self, home: Path, port: int, tls: bool) -> list[tuple[str, object]]:
        directories = ("conf", "data", "log", "backup", "plugins", "data.tmp", "data.web")
        return [
            ("nick", "hal"),
            ("ident", "hal"),
            ("networks", "live"),
            ("networks.live.servers", f"127.0.0.1:{port}"),
            ("networks.live.channels", ROOM),
            ("networks.live.ssl", tls),
            ("reply.whenAddressedBy.chars", "@"),
            ("protocols.irc.throttleTime", "0.0"),
            *((f"plugins.{name}", True) for name in ("Config", "Misc", "Owner", "Utilities")),
            *((f"directories.{name}", home / name) for name in directories),
        ]

    def output(self) -> str:
        """What it has logged."""
        return self._output.read_text(errors="replace")

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._directory.cleanup()


class LimnoriaTests(SynchronousTestCase):
    """A bot in a room where people speak plain lines."""

    def setUp(self) -> None:
        """One server."""
        program("nc")
        limnoria()
        self.server = Server(*UNHURRIED)
        self.addCleanup(self.server.__exit__, None, None, None)

    def test_commands(self) -> None:
        """It joins, answers in the room and in private, and is known to be a bot."""
        self._converse(tls=False)

    def test_tls(self) -> None:
        """So it does on TLS."""
        self._converse(tls=True)

    def _converse(self, *, tls: bool) -> None:
        bob = nc(self.server.port)
        self.addCleanup(bob.close)
        bob.enter("bob")
        bob.say(f"/join {ROOM}")
        bob.expect(f"-- You are in {ROOM} with nobody else yet.")
        hal = Limnoria(self.server.port, tls=tls)
        self.addCleanup(hal.close)
        bob.expect("-- hal joined")
        bob.say("@ping")
        bob.expect("<hal> pong")
        bob.say("@echo grüß dich, $nick 🌹")
        bob.expect("<hal> grüß dich, bob 🌹")
        bob.say("/msg hal echo psst")
        bob.expect("-- To hal (whispering): echo psst", "hal (whispering, notice): psst")
        bob.say("/nick robert")
        bob.expect("-- You are now called robert.")
        bob.say("@echo $nick")
        bob.expect("<hal> robert")
        eve = Irc(self.server.port)
        self.addCleanup(eve.close)
        eve.register("eve")
        eve.say("WHOIS hal")
        told = eve.until_word("318")
        self.assertIn("335", [line.split()[1] for line in told], told)
        self.assertNotIn("Traceback", hal.output())
