"""What one whispers is echoed, or answered, when it is stored; what nobody keeps waits for nothing."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.rooms import logins
from chatproto.rooms.limits import DM_HISTORY, OFF
from tests.dialects.committed import SlowHistory
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"
WARNING = f"{S} WARN * NOT_STORED :That was said, but it is not stored"
BATCHES = ("batch", "labeled-response", "message-tags")
WAYS = (
    (("echo-message", "message-tags"), ""),
    (BATCHES, "@label=1 "),
    ((*BATCHES, "echo-message"), "@label=1 "),
)
"""What a client wants, and what it sends before a line: it is echoed, or answered, or both."""


class Whispers(SynchronousTestCase):
    """From ada to bob, by clients that want to know of it in different ways."""

    def start(self, caps: tuple[str, ...], account: Account | None = None) -> tuple[Client, Client]:
        """The two, of whom ada has that account, on a server where something is not stored yet."""
        self.history = SlowHistory()
        network = Network(history=self.history)
        ada, bob = network.connect("ada", caps), network.connect("bob", ("message-tags",))
        if account is not None:
            logins.admit(network.rooms, ada.talk.session, account)
        network.room("#a", bob)
        bob.send("PRIVMSG #a :something")
        ada.got()
        return ada, bob

    def test_kept(self) -> None:
        """One with an account: what is said to the other is stored first; if it cannot be, that is told."""
        for caps, label in WAYS:
            ada, bob = self.start(caps, Account("ada", "ada"))
            ada.send(f"{label}PRIVMSG bob :psst")
            self.assertEqual((len(bob.got()), ada.got()), (1, []), caps)
            self.history.commit()
            self.assertEqual(len(ada.got()), 1, caps)
            self.history.fails = True
            self.assertIn(WARNING, "".join(ada.says(f"{label}PRIVMSG bob :psst")), caps)

    def test_not_kept(self) -> None:
        """Without accounts, or where one does not want it, it is not stored, and not waited for; nor is that told."""
        for account in (None, Account("ada", "ada", settings={DM_HISTORY: OFF})):
            for caps, label in WAYS:
                ada, bob = self.start(caps, account)
                for self.history.fails in (False, True):
                    (got,) = ada.says(f"{label}PRIVMSG bob :psst")
                    self.assertNotIn("NOT_STORED", got)
                    self.assertEqual(len(bob.got()), 1, caps)

    def test_typing(self) -> None:
        """That somebody types is never stored, and what lasts of what has no text is."""
        for caps, label in WAYS:
            tags = f"{label.strip()};" if label else "@"
            ada, _ = self.start(caps, Account("ada", "ada"))
            for self.history.fails in (False, True):
                (got,) = ada.says(f"{tags}+typing=active TAGMSG bob")
                self.assertNotIn("NOT_STORED", got)
            self.history.fails = False
            self.assertEqual(ada.says(f"{tags}+draft/react=x TAGMSG bob"), [], caps)
