"""Lines of IRC clients, good and odd ones; and how a conversation ends."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.message import CLIENT_TAGS, LINE_LENGTH, LONGEST
from chatproto.dialects.irc.numerics import RPL_AWAY
from chatproto.events import Ending
from tests.dialects.irc.network import Network, finish

S = ":chatproto.local"
TOO_LONG = f"{S} 417 ada :Input line was too long"
PONG = f"{S} PONG chatproto.local"


class Talking(SynchronousTestCase):
    """Somebody who sends lines."""

    def setUp(self) -> None:
        """One server, one client."""
        self.network = Network()
        self.ada = self.network.connect("ada")


class Lengths(Talking):
    """A line has 510 bytes without its end, and 4096 of tags."""

    def test_line(self) -> None:
        """510 bytes are taken, and 511 are not."""
        for length in (LINE_LENGTH - 1, LINE_LENGTH):
            line = "PING " + "x" * (length - 5)
            answer = f"{PONG} {line[5:]}"
            self.assertEqual(self.ada.says(line), [answer[:509]])
        self.assertEqual(self.ada.says("PING " + "x" * (LINE_LENGTH - 4)), [TOO_LONG])

    def test_bytes(self) -> None:
        """They are counted as bytes, not as characters."""
        self.assertEqual(len(self.ada.says("PING " + "é" * 252)), 1)
        self.assertEqual(self.ada.says("PING " + "é" * 253), [TOO_LONG])

    def test_tags(self) -> None:
        """4096 bytes of tags are taken, with the @ before and the space behind them, and 4097 are not."""
        for length in (CLIENT_TAGS - 1, CLIENT_TAGS):
            self.assertEqual(self.ada.says("@" + "x" * (length - 2) + " PING y"), [f"{PONG} y"])
        self.assertEqual(self.ada.says("@" + "x" * (CLIENT_TAGS - 1) + " PING y"), [TOO_LONG])

    def test_both(self) -> None:
        """Each has its own limit: however few the tags, the rest is not longer."""
        tags = "@" + "x" * (CLIENT_TAGS - 2) + " "
        self.assertEqual(len(self.ada.says(tags + "PING " + "y" * (LINE_LENGTH - 5))), 1)
        self.assertEqual(self.ada.says(tags + "PING " + "y" * (LINE_LENGTH - 4)), [TOO_LONG])
        self.assertEqual(self.ada.says("@x PING " + "y" * (LINE_LENGTH - 4)), [TOO_LONG])
        self.assertLessEqual(CLIENT_TAGS + LINE_LENGTH, LONGEST)

    def test_too_long_for_the_transport(self) -> None:
        """What is so long that the transport threw it away ends the connection."""
        self.ada.talk.line_too_long(LONGEST)
        self.assertEqual(self.ada.got(), [TOO_LONG, "ERROR :Closing Link: (Input line was too long)"])
        self.assertTrue(self.ada.closed)

    def test_numerics(self) -> None:
        """Of the text of a numeric is sent what fits into a line, whatever else there is in it."""
        begin = f"{S} 301 ada bob :away, "
        space = LINE_LENGTH - len(begin)
        for length, sent in ((space, space), (space + 1, space)):
            self.ada.talk.numeric(RPL_AWAY, "bob", "away, " + "x" * length)
            self.assertEqual(self.ada.got(), [begin + "x" * sent])

    def test_before(self) -> None:
        """Who has no name yet is told as well."""
        self.assertEqual(self.network.connect().says("x" * 511), [f"{S} 417 * :Input line was too long"])


class Forms(Talking):
    """Lines as programs and people really write them."""

    def test_odd_lines(self) -> None:
        """Spaces, a CR or NUL in the middle, small letters, a source, tags, a colon: each is the same PING."""
        for line in ("PING x", " PING x", "PING   x  ", "ping x", "Ping :x", ":ada PING x", ":ada!a@b  PING x",
                     "@a=b;c PING x", "@a :b PING :x", "PING x\r", "PI\rNG x\r\r", "PI\0NG x", "PING x y",
                     "PING x :y z", "@ PING x"):  # fmt: skip
            with self.subTest(line):
                self.assertEqual(self.ada.says(line), [f"{PONG} x"])

    def test_nothing(self) -> None:
        """Lines with nothing to do in them are ignored."""
        for line in ("", " ", "   ", "\r", "\0", ":", ":ada", "@a=b", "@a=b ", ": :", " :", "::"):
            with self.subTest(line):
                self.assertEqual(self.ada.says(line), [])

    def test_colon(self) -> None:
        """What comes after a colon is one parameter, whatever is in it; one that is empty is a parameter."""
        self.assertEqual(self.ada.says("PING : x :y "), [f"{PONG} : x :y "])
        self.assertEqual(self.ada.says("PING ::x"), [f"{PONG} ::x"])
        self.assertEqual(self.ada.says("PING x:y"), [f"{PONG} x:y"])
        self.assertEqual(
            self.ada.says("PING :", "PING"),
            [f"{S} 409 ada :No origin specified", f"{S} 461 ada PING :Not enough parameters"],
        )

    def test_many_parameters(self) -> None:
        """There may be more than 15."""
        self.assertEqual(self.ada.says("PING " + " ".join("abcdefghijklmnopq")), [f"{PONG} a"])
        self.assertEqual(self.ada.says("PING " + " ".join("abcdefghijklmno") + " :p q"), [f"{PONG} a"])

    def test_unknown(self) -> None:
        """An unknown verb is repeated, as far as it can be."""
        for said, told in (("FOO", "FOO"), ("foo bar", "FOO"), ("PINGX y", "PINGX"), ("é x", "É"),
                           ("x" * 100, "X" * 60), ("\x01", "\x01")):  # fmt: skip
            self.assertEqual(self.ada.says(said), [f"{S} 421 ada {told} :Unknown command"])

    def test_few_parameters(self) -> None:
        """A verb that needs more parameters says so, in its own letters."""
        self.assertEqual(
            self.ada.says("join", "Kick #a"),
            [f"{S} 461 ada JOIN :Not enough parameters", f"{S} 461 ada KICK :Not enough parameters"],
        )

    def test_not_utf8(self) -> None:
        """A line that is not UTF-8 is not taken, not even half a character of one."""
        for line, verb in ((b"PRIVMSG ada :hi\xaa", "PRIVMSG"), (b"ping \xc3", "PING"), (b"PI\xffNG x", "*"),
                           (b"\xff", "*"),
                           (b":\xff PING x", "PING"), (b"@a=\xff PING x", "PING"), (b":\xff", "*")):  # fmt: skip
            self.assertEqual(self.ada.says(line), [f"{S} FAIL {verb} INVALID_UTF8 :Message rejected, it is not UTF-8"])
        self.assertEqual(
            self.network.connect().says(b"\xff"), [f"{S} FAIL * INVALID_UTF8 :Message rejected, it is not UTF-8"]
        )

    def test_not_utf8_labelled(self) -> None:
        """Its answer has the label of the line."""
        client = self.network.connect("bob", ["batch", "labeled-response"])
        self.assertEqual(
            client.says(b"@label=xyz PRIVMSG ada :hi\xaa", b"PRIVMSG ada :hi\xaa"),
            [
                f"@label=xyz {S} FAIL PRIVMSG INVALID_UTF8 :Message rejected, it is not UTF-8",
                f"{S} FAIL PRIVMSG INVALID_UTF8 :Message rejected, it is not UTF-8",
            ],
        )

    def test_time(self) -> None:
        """With server-time every reply has the time."""
        client = self.network.connect("bob", ["server-time"])
        for line in ("PING x", "FOO", "JOIN", "LUSERS", "HELP", "NICK :", b"\xff", "VERSION", "x" * 600):
            for answer in client.says(line):
                self.assertTrue(answer.startswith(f"@time=2027-01-15T08:00:00.000Z {S} "), answer)


class Ends(Talking):
    """How a conversation is kept, and how it ends."""

    def setUp(self) -> None:
        """Somebody sees it."""
        super().setUp()
        self.bob = self.network.connect("bob")
        self.network.room("#a", self.bob, self.ada)

    def test_probe(self) -> None:
        """Who is silent is asked for a sign of life; the answer is not answered."""
        self.ada.talk.probe()
        self.assertEqual(self.ada.got(), ["PING chatproto.local"])
        self.assertEqual(self.ada.says("PONG chatproto.local", "PONG", "PONG :"), [])

    def test_quit(self) -> None:
        """Who quits is told so, and the reason is told to others, as that of a person."""
        for said, reason in (("QUIT :see you", "Quit: see you"), ("QUIT", "Quit: "), ("QUIT :", "Quit: "),
                             ("QUIT see you", "Quit: see"), (f"QUIT :{'x' * 400}", f"Quit: {'x' * 390}")):  # fmt: skip
            client = self.network.connect("eve")
            self.network.room("#a", client)
            own, error = client.says(said)
            self.assertEqual(error, f"ERROR :Closing Link: ({reason})")
            self.assertEqual(self.bob.got(), [own])
            self.assertEqual(own, f":eve!~eve@localhost QUIT :{reason}")
            self.assertTrue(client.closed)

    def test_quit_labelled(self) -> None:
        """Even the last word has the label that was given."""
        client = self.network.connect("eve", ["batch", "labeled-response"])
        self.assertEqual(client.says("@label=x QUIT")[1:], ["@label=x ERROR :Closing Link: (Quit: )"])

    def test_ended(self) -> None:
        """If the transport ends it, the client is told why as far as it can be, and so are others."""
        self.ada.talk.ended(Ending.SILENT)
        self.assertEqual(self.ada.got(), ["ERROR :Closing Link: (no sign of life)"])
        self.assertEqual(self.bob.got(), [":ada!~ada@localhost QUIT :no sign of life"])
        self.network.connect("ada")

    def test_ended_before(self) -> None:
        """Also before one has a name."""
        client = self.network.connect()
        client.send("NICK eve")
        client.talk.ended(Ending.LATE)
        self.assertEqual(client.got(), ["ERROR :Closing Link: (no name given in time)"])
        self.network.connect("eve")

    def test_ended_in_a_response(self) -> None:
        """A response that was not complete does not keep the reason back, nor a probe."""
        client = self.network.connect("eve", ["batch", "labeled-response"])
        answer = client.talk.line_received(b"@label=x OPER root secret")
        assert answer is not None
        client.talk.send("NOTICE", "eve", "half")
        self.assertEqual(client.got(), [])
        client.talk.probe()
        self.assertEqual(client.got(), ["PING chatproto.local"])
        client.talk.ended(Ending.SHUTDOWN)
        self.assertEqual(client.got()[-1], "ERROR :Closing Link: (server going down)")
        finish(answer)

    def test_cut_in_a_response(self) -> None:
        """That is part of no response, and what was complete of one comes before it."""
        client = self.network.connect("eve", ["batch", "labeled-response"])
        answer = client.talk.line_received(b"@label=x OPER root secret")
        assert answer is not None
        client.talk.send("NOTICE", "eve", "half")
        client.talk.cut(self.bob.talk.user.who, "enough")
        self.assertEqual(
            client.got(),
            [
                "@label=x :chatproto.local NOTICE eve :half",
                ":bob!~bob@localhost KILL eve enough",
                "ERROR :Closing Link: (Killed (bob (enough)))",
            ],
        )
        finish(answer)

    def test_cut_for_a_long_reason(self) -> None:
        """As much of the reason is told as fits into the lines."""
        self.ada.talk.cut(self.bob.talk.user.who, "é" * 300)
        kill, error = self.ada.got()
        self.assertEqual(kill, f":bob!~bob@localhost KILL ada {'é' * 240}")
        self.assertEqual(error, f"ERROR :Closing Link: (Killed (bob ({'é' * 237})")

    def test_cut(self) -> None:
        """An operator of the server ends it: the client is told by whom."""
        self.ada.talk.cut(self.bob.talk.user.who, "enough")
        self.assertEqual(
            self.ada.got(),
            [":bob!~bob@localhost KILL ada enough", "ERROR :Closing Link: (Killed (bob (enough)))"],
        )
        self.assertEqual(self.bob.got(), [":ada!~ada@localhost QUIT :Killed (bob (enough))"])
