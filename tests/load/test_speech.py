"""What is understood of a server's lines, in both dialects."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.speech import SPEECHES

IRC = b"""\
:irc.test NOTICE * :*** Looking up your hostname
PING :cookie
:irc.test PING :other
:irc.test 001 bcd1 :Welcome
:irc.test 422 bcd1 :No MOTD
:irc.test 376 bcd1 :End
:bcd1!load@host JOIN :#bcd0
:irc.test 353 bcd1 = #bcd0 :bcd1 bcd2 QUIT
:irc.test 366 bcd1 #bcd0 :End of /NAMES list.
:irc.test 404 bcd1 #bcd0 :Cannot send to channel
:irc.test 263 bcd1 PRIVMSG :Try again
:op!op@host KICK #bcd0 bcd1 :out
:bcd2!load@host QUIT :Ping timeout
:bcd3!load@host PRIVMSG #bcd0 :ERROR PING 376 QUIT
:irc.test PONG irc.test 12
:irc.test PONG irc.test :13
:irc.test 249 bcd1 turns=1 p50_us=2 p99_us=3 max_us=4
:irc.test 249 bcd1 :turns=1 p50_us=2 p99_us=3 max_us=4
:irc.test 219 bcd1 t :End
ERROR :Closing Link
"""

PLAIN = b"""\
-- Welcome to chat.
-- What is your name?
-- Hello, bcd1. What you type is said to everyone in the room; /help lists the commands.
-- You are in #lobby with nobody else yet.
-- You are in #bcd0 with bcd2 and bcd3.
12:03 -- bcd4 joined
12:03 <bcd2> !! no -- bcd9 quit
!! That name is taken.
12:03 -- bcd2 quit (too slow: the send queue was full)
12:03 #lobby -- bcd3 quit: done
-- Are you still there? Press Enter to stay.
"""


class NewsTests(SynchronousTestCase):
    """What matters is found, and nothing in what somebody says is taken for it."""

    def test_irc(self) -> None:
        """Each line that matters is told with what is needed of it."""
        expected = [
            ("ping", b":cookie"),
            ("ping", b":other"),
            ("registered", b"bcd1"),
            ("registered", b"bcd1"),
            ("joined", b"#bcd0"),
            ("refused", b"404 bcd1 #bcd0 :Cannot send to channel"),
            ("refused", b"263 bcd1 PRIVMSG :Try again"),
            ("refused", b"KICK #bcd0 bcd1 :out"),
            ("gone", b"bcd2"),
            ("pong", b"12"),
            ("pong", b"13"),
            ("stats", b"turns=1 p50_us=2 p99_us=3 max_us=4"),
            ("stats", b":turns=1 p50_us=2 p99_us=3 max_us=4"),
            ("stats_end", b""),
            ("ended", b":Closing Link"),
        ]
        for data in (IRC, IRC.replace(b"\n", b"\r\n")):
            speech = SPEECHES["irc"]()
            self.assertEqual(expected, speech.news(data))
            self.assertEqual(expected, speech.news(data), "the second time")
            self.assertEqual([], speech.news(b":x JOIN #y\r\n"))

    def test_plain(self) -> None:
        """Each line that matters is told with what is needed of it."""
        expected = [
            ("registered", b"Hello, "),
            ("joined", b"#lobby"),
            ("joined", b"#bcd0"),
            ("refused", b"That name is taken."),
            ("gone", b"bcd2"),
            ("gone", b"bcd3"),
            ("ping", b"Are you still there?"),
        ]
        for data in (PLAIN, PLAIN.replace(b"\n", b"\r\n")):
            self.assertEqual(expected, SPEECHES["plain"]().news(data))

    def test_said(self) -> None:
        """What is said to come in, to speak and to go is what each dialect asks for."""
        irc, plain = SPEECHES["irc"](), SPEECHES["plain"]()
        self.assertEqual(b"NICK bcd1\r\nUSER load 0 * :load\r\n", irc.come(b"bcd1"))
        self.assertEqual((b"JOIN #r\r\n", b"PRIVMSG #r :"), (irc.join(b"#r"), irc.before(b"#r")))
        self.assertEqual((b"PONG :x\r\n", b"QUIT :done\r\n"), (irc.answer(b":x"), irc.leave()))
        self.assertEqual((b"bcd1\n", b"/join #r\n/part #lobby\n"), (plain.come(b"bcd1"), plain.join(b"#r")))
        self.assertEqual((b"", b"\n", b"/quit\n"), (plain.before(b"#r"), plain.answer(b"x"), plain.leave()))
