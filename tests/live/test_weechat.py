"""weechat, and a person on plain lines."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.live.clients import Weechat
from tests.live.harness import UNHURRIED, Server, program
from tests.live.whole import WholeConversation, greet


class WeechatTests(SynchronousTestCase):
    """Someone with weechat, on the port where others come with nc."""

    def setUp(self) -> None:
        """One server."""
        for name in ("weechat-headless", "nc"):
            program(name)
        self.server = Server(*UNHURRIED)
        self.addCleanup(self.server.__exit__, None, None, None)

    def test_whole_conversation(self) -> None:
        """From the first line to the last, both ways; the one with weechat is on TLS."""
        WholeConversation(self, self.server, Weechat(self.server.port, tls=True)).run()

    def test_cleartext(self) -> None:
        """Without TLS."""
        greet(self, self.server, Weechat(self.server.port))
