"""An echoed line is a stored line: what a client sees of its own lines it sees when they are stored."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.rooms import logins
from tests.dialects.committed import SlowHistory
from tests.dialects.irc.network import Network

S = ":chatproto.local"
WARNING = f"{S} WARN * NOT_STORED :That was said, but it is not stored"


class Echoes(SynchronousTestCase):
    """ada, who wants echoes, and bob are in #a."""

    def setUp(self) -> None:
        """Let them in, and store that."""
        self.history = SlowHistory()
        self.network = Network(history=self.history)
        self.ada = self.network.connect("ada", ("echo-message", "batch", "labeled-response"))
        self.bob = self.network.connect("bob")
        self.network.room("#a", self.ada, self.bob)
        self.history.commit()

    def test_stored(self) -> None:
        """Others see a line at once; its speaker when it is stored, with all that came since, in order."""
        self.ada.send("PRIVMSG #a :hi", "PING x")
        self.bob.send("PRIVMSG #a :hello")
        self.assertEqual((self.ada.got(), self.bob.got()), ([], [":ada!~ada@localhost PRIVMSG #a :hi"]))
        self.history.commit()
        pong = f"{S} PONG chatproto.local x"
        other = ":bob!~bob@localhost PRIVMSG #a :hello"
        self.assertEqual(self.ada.got(), [":ada!~ada@localhost PRIVMSG #a :hi", pong, other])

    def test_not_stored(self) -> None:
        """It is echoed all the same, with a warning."""
        self.ada.send("PRIVMSG #a :hi")
        self.history.commit(stored=False)
        self.assertEqual(self.ada.got(), [":ada!~ada@localhost PRIVMSG #a :hi", WARNING])

    def test_labelled(self) -> None:
        """The label is on the echo. What is known later is no part of the response."""
        self.ada.send("@label=1 PRIVMSG #a :hi")
        self.history.commit(stored=False)
        self.assertEqual(self.ada.got(), ["@label=1 :ada!~ada@localhost PRIVMSG #a :hi", WARNING])

    def test_labelled_without_echo(self) -> None:
        """That it was said is answered when it is stored, in a room and to one person."""
        carl = self.network.connect("carl", ("batch", "labeled-response"))
        logins.admit(self.network.rooms, carl.talk.session, Account("carl", "carl"))
        self.network.room("#a", carl)
        self.history.commit()
        carl.got()
        for target in ("#a", "ada"):
            carl.send(f"@label=1 PRIVMSG {target} :hi", "PING x")
            self.assertEqual(carl.got(), [])
            self.history.commit()
            self.assertEqual(carl.got(), [f"@label=1 {S} ACK", f"{S} PONG chatproto.local x"])

    def test_labelled_in_trouble(self) -> None:
        """What is known at once is part of the response."""
        self.history.fails = True
        self.ada.send("@label=1 PRIVMSG #a :hi")
        begin, echo, warning, end = self.ada.got()
        self.assertTrue(begin.startswith("@label=1 "))
        self.assertIn("PRIVMSG #a :hi", echo)
        self.assertTrue(warning.startswith("@batch=") and warning.endswith(WARNING))
        self.assertIn("BATCH -", end)

    def test_several(self) -> None:
        """What else is answered to the line comes with the echoes, in order."""
        self.network.room("#b", self.ada)
        self.history.commit()
        self.ada.got()
        self.ada.send("PRIVMSG #a,#never,#b :hi")
        self.assertEqual(self.ada.got(), [])
        self.history.commit()
        self.assertEqual(
            self.ada.got(),
            [
                ":ada!~ada@localhost PRIVMSG #a :hi",
                f"{S} 403 ada #never :No such channel",
                ":ada!~ada@localhost PRIVMSG #b :hi",
            ],
        )

    def test_nothing_to_wait_for(self) -> None:
        """Who wants no echo waits for nothing, and nor does what is not kept."""
        self.bob.send("PRIVMSG #a :hi")
        self.assertEqual(self.bob.link.held, 0)
        tagger = self.network.connect("tagger", ("echo-message", "message-tags"))
        self.network.room("#a", tagger)
        tagger.send("@+typing=active TAGMSG #a")
        self.assertEqual(len(tagger.got()), 1)

    def test_gone_meanwhile(self) -> None:
        """Who has gone before it is stored is not told any more."""
        self.ada.send("PRIVMSG #a :hi", "QUIT")
        self.history.commit(stored=False)
        self.assertNotIn(WARNING, self.ada.got())
