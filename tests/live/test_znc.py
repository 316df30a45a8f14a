"""ZNC, which stays in rooms for people who come and go."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irc
from tests.live.harness import UNHURRIED, Server, nc, program, wait_for
from tests.ports import kept_port

ROOM = "#garden"
CONFIG = """
Version = 1.8.2
ConnectDelay = 0
ServerThrottle = 0
<Listener only>
    Host = 127.0.0.1
    Port = {own}
    IPv4 = true
    IPv6 = false
    SSL = false
</Listener>
<User ada>
    Pass = plain#secret
    Nick = ada
    AltNick = ada_
    Ident = ada
    RealName = Ada
    Buffer = 50
    AutoClearChanBuffer = true
    AutoClearQueryBuffer = true
    <Network live>
        Server = 127.0.0.1 {port}
        FloodBurst = 100
        FloodRate = 100
        JoinDelay = 0
        <Chan {room}>
        </Chan>
    </Network>
</User>
"""


class Znc:
    """A bouncer for ada, in a directory of its own. `own` is the port where she comes in: it cannot be told to choose
    one itself."""

    def __init__(self, port: int, own: int) -> None:
        self.port = own
        self._directory = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        config = Path(self._directory.name) / "configs/znc.conf"
        config.parent.mkdir()
        config.write_text(CONFIG.format(own=self.port, port=port, room=ROOM))
        quiet = subprocess.DEVNULL
        command = [program("znc"), "--foreground", "--datadir", self._directory.name]
        user = self._owner(config)
        self._process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, user=user)

    def _owner(self, config: Path) -> str | None:
        """Who it runs as: it would keep root waiting for half a minute."""
        if os.geteuid() != 0:
            return None
        for path in (config, config.parent, config.parent.parent):
            shutil.chown(path, "nobody")
        return "nobody"

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._directory.cleanup()


class ZncTests(SynchronousTestCase):
    """Someone behind a bouncer, and someone on plain lines."""

    def setUp(self) -> None:
        """One server, in a room of which bob is, and a bouncer there for ada."""
        program("nc")
        program("znc")
        self.server = Server(*UNHURRIED)
        self.addCleanup(self.server.__exit__, None, None, None)
        self.bob = nc(self.server.port)
        self.addCleanup(self.bob.close)
        self.bob.enter("bob")
        self.bob.say(f"/join {ROOM}", "/topic roses")
        self.bob.expect(f"-- You are in {ROOM} with nobody else yet.", f"-- The topic of {ROOM} is: roses")
        self.znc = Znc(self.server.port, kept_port(self))
        self.addCleanup(self.znc.close)

    def test_bouncer(self) -> None:
        """She joins once, talks, goes without leaving the room, and is shown what she missed when she comes back."""
        bob = self.bob
        bob.expect("-- ada joined")
        ada = self._come()
        # ZNC says so in its own words, or, if she is there before it has been told all, with the server's.
        told = self._read(ada, f":chatproto.local 366 ada {ROOM} :End of /NAMES list")
        self.assertIn(f":ada!~ada@localhost JOIN {ROOM}", told)
        self.assertIn(f":chatproto.local 332 ada {ROOM} :roses", told)
        names = next(line.removeprefix(f":chatproto.local 353 ada = {ROOM} :") for line in told if " 353 " in line)
        self.assertEqual(["@bob", "ada"], sorted(names.split()))
        ada.say(f"PRIVMSG {ROOM} :grüß dich", f"PRIVMSG {ROOM} :\x01ACTION nods\x01")
        bob.expect("<ada> grüß dich", "* ada nods")
        bob.say("/me waves")
        self._read(ada, f":bob!~plain@localhost PRIVMSG {ROOM} :\x01ACTION waves\x01")
        ada.say("NICK countess")
        bob.expect("-- ada is now called countess")
        ada.say("NICK ada")
        bob.expect("-- countess is now called ada")
        self._read(ada, ":countess!~ada@localhost NICK ada")
        ada.close()

        missed = ["are you there?", "привет 🌹"]
        bob.say(*missed, "/msg ada call me")
        bob.expect("-- To ada (whispering): call me")
        ada = self._come()
        shown = self._read(ada, ":bob!~plain@localhost PRIVMSG ada :call me")
        played = [line for line in shown if " PRIVMSG " in line]
        self.assertEqual([f":bob!~plain@localhost PRIVMSG {ROOM} :{text}" for text in missed], played)
        ada.say("PRIVMSG *status :disconnect good night")
        bob.expect("-- ada quit: good night")

    def _come(self) -> Irc:
        found: list[Irc] = []

        def connected() -> bool:
            try:
                found.append(Irc(self.znc.port))
            except ConnectionRefusedError:  # It is not listening yet.
                return False
            return True

        wait_for(connected, lambda: "the bouncer does not listen")
        self.addCleanup(found[0].close)
        found[0].register("ada", "server-time", password="ada/live:secret")
        return found[0]

    def _read(self, client: Irc, wanted: str) -> list[str]:
        """Read on to a line that begins like this, and return those before it; all without their time, which each of
        them has."""
        before: list[str] = []
        while True:
            line = client.line()
            self.assertRegex(str(line), r"^@time=\S+ :")
            text = str(line).split(" ", 1)[1]
            if text.startswith(wanted):
                return before
            before.append(text)
