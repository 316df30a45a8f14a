"""Tags before a line, for connections of different capabilities."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.look import server_time
from chatproto.events import Quit
from tests.dialects.irc.shown import ADA, BOT, A, lines


class Tags(SynchronousTestCase):
    """What stands before a line."""

    def test_each_has_its_capability(self) -> None:
        """Without any there are no tags."""
        event = Quit(BOT, "bye")
        line = ":bob!~bob@example.org QUIT :bye"
        self.assertEqual(lines(event), [line])
        self.assertEqual(lines(event, "server-time"), [f"@time=2027-01-15T08:00:00.250Z {line}"])
        self.assertEqual(lines(event, "draft/oper-tag"), [f"@draft/oper {line}"])
        self.assertEqual(lines(event, "message-tags"), [f"@msgid=a-b;bot {line}"])
        self.assertEqual(lines(event, "account-tag"), [line])
        self.assertEqual(lines(Quit(ADA, "bye"), "account-tag"), [f"@account=Ada {A} QUIT :bye"])

    def test_times(self) -> None:
        """Milliseconds are cut off, not rounded up, and always three digits."""
        self.assertEqual(server_time(0.0), "1970-01-01T00:00:00.000Z")
        self.assertEqual(server_time(1_800_000_000.9999), "2027-01-15T08:00:00.999Z")
        self.assertEqual(server_time(1_800_000_000.001), "2027-01-15T08:00:00.001Z")
        self.assertEqual(server_time(1_800_000_000.0100001), "2027-01-15T08:00:00.010Z")
