"""irssi, and a person on plain lines."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Irssi
from tests.live.harness import UNHURRIED, Server, program, wait_for
from tests.live.whole import ROOM, WholeConversation, greet


class IrssiTests(SynchronousTestCase):
    """Someone with irssi, on the port where others come with nc."""

    def setUp(self) -> None:
        """One server."""
        for name in ("irssi", "tmux", "nc"):
            program(name)
        self.server = Server(*UNHURRIED)
        self.addCleanup(self.server.__exit__, None, None, None)

    def test_whole_conversation(self) -> None:
        """From the first line to the last, both ways."""
        WholeConversation(self, self.server, Irssi(self.server.port)).run()

    def test_tls(self) -> None:
        """On TLS; the terminal shows where one is, what the room's modes are, and what was said."""
        ada = Irssi(self.server.port, tls=True)
        greet(self, self.server, ada)
        wait_for(lambda: f"[ada(+i)] [2:live/{ROOM}(+nt)]" in ada.screen(), ada.screen)
        self.assertIn("<@bob> hello, ada", ada.screen())
