"""An echoed line is a stored line: what a client sees of its own lines it sees when they are stored."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.dialects.committed import SlowHistory
from tests.dialects.irc.network import Client, Network

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

    def send(self, client: Client, line: str) -> Deferred[None] | None:
        """Send a line. The result fires when the next may be sent."""
        answer = client.talk.line_received(line.encode())
        return None if answer is None else Deferred.fromCoroutine(answer)

    def test_stored(self) -> None:
        """Others see a line at once; its speaker when it is stored, and no line of theirs is taken before."""
        answer = self.send(self.ada, "PRIVMSG #a :hi")
        assert answer is not None
        self.assertEqual((self.ada.got(), self.bob.got()), ([], [":ada!~ada@localhost PRIVMSG #a :hi"]))
        self.assertNoResult(answer)
        self.history.commit()
        self.successResultOf(answer)
        self.assertEqual(self.ada.got(), [":ada!~ada@localhost PRIVMSG #a :hi"])

    def test_not_stored(self) -> None:
        """It is echoed all the same, with a warning."""
        answer = self.send(self.ada, "PRIVMSG #a :hi")
        assert answer is not None
        self.history.commit(stored=False)
        self.successResultOf(answer)
        self.assertEqual(self.ada.got(), [":ada!~ada@localhost PRIVMSG #a :hi", WARNING])

    def test_labelled(self) -> None:
        """The label is on the echo, or on a batch of it and the warning; what others say meanwhile is no part of it."""
        for stored, answered in (
            (True, ["@label=1 :ada!~ada@localhost PRIVMSG #a :hi"]),
            (False, ["BATCH", "PRIVMSG #a :hi", "NOT_STORED", "BATCH"]),
        ):
            answer = self.send(self.ada, "@label=1 PRIVMSG #a :hi")
            assert answer is not None
            self.send(self.bob, "PRIVMSG #a :meanwhile")
            self.assertEqual(self.ada.got(), [":bob!~bob@localhost PRIVMSG #a :meanwhile"])
            self.history.commit(stored=stored)
            self.successResultOf(answer)
            lines = self.ada.got()
            self.assertEqual(len(lines), len(answered))
            for line, part in zip(lines, answered, strict=True):
                self.assertIn(part, line)
            self.assertTrue(lines[0].startswith("@label=1 "))

    def test_several(self) -> None:
        """What else is answered to the line comes with the echoes, in order."""
        self.network.room("#b", self.ada)
        self.history.commit()
        answer = self.send(self.ada, "PRIVMSG #a,#never,#b :hi")
        assert answer is not None
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
        self.assertIsNone(self.send(self.bob, "PRIVMSG #a :hi"))
        tagger = self.network.connect("tagger", ("echo-message", "message-tags"))
        self.network.room("#a", tagger)
        self.assertIsNone(self.send(tagger, "@+typing=active TAGMSG #a"))
        self.assertEqual(len(tagger.got()), 1)

    def test_gone_meanwhile(self) -> None:
        """Who is cut before it is stored is not told any more."""
        answer = self.send(self.ada, "PRIVMSG #a :hi")
        assert answer is not None
        self.ada.talk.close("bye")
        self.ada.got()
        self.history.commit()
        self.successResultOf(answer)
        self.assertEqual(self.ada.got(), [])
