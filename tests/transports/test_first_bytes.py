"""What first bytes tell, and when they tell it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc import table, verbs
from chatproto.transports.first_bytes import OPENING, VERBS, irc, irc_after_greeting, tls

PIECES = st.lists(
    st.one_of(
        st.sampled_from([b"\n", b"\r", b" ", b"@", b":", b"NICK", b"nick", b"CA", b"P", b"x", b"\x16", b"\x03", b"NI"]),
        st.binary(max_size=3),
    ),
    max_size=12,
).map(b"".join)


class TLS(SynchronousTestCase):
    """How a handshake begins."""

    def test_first_two_bytes(self) -> None:
        """A handshake record of version 3 is told by two bytes; one of them is not enough."""
        for data, told in (
            (b"", None),
            (b"\x16", None),
            (b"\x16\x03", True),
            (b"\x16\x03\x01\x02", True),
            (b"\x16\x02", False),
            (b"\x17\x03", False),
            (b"\n\x16\x03", False),
            (b"NICK", False),
        ):
            self.assertIs(tls(data), told, data)


class IRC(SynchronousTestCase):
    """How a line of IRC begins."""

    def test_whole_lines(self) -> None:
        """A verb in capitals is IRC, and in any case one that clients begin with, with something behind it; all else is
        not."""
        for line, told in (
            (b"NICK ada", True),
            (b"nick ada", True),
            (b"Cap ls 302", True),
            (b"NICK", True),
            (b"NICK ", True),
            (b"CAP", True),
            (b"nick", False),
            (b"Nick", False),
            (b"nick ", False),
            (b"JOIN #a", True),
            (b"LIST", True),
            (b"join #a", False),
            (b"help me", False),
            (b"hello", False),
            (b"hello world", False),
            (b"nickel x", False),
            (b"/nick ada", False),
            (b" NICK ada", False),
            (b"NICK\tada", False),
            (b"@time=now NICK ada", True),
            (b"@a;b=c :src user a 0 * :b", True),
            (b":src   PING x", True),
            (b"@a  NICK", True),
            (b"@ada hello", False),
            (b"@NICK", False),
            (b":)", False),
            (b":) nice", False),
            (b"GET / HTTP/1.1", False),
            (b"CONNECT a:443 HTTP/1.1", False),
            (b"\xff\xfb\x1f", False),
        ):
            for end in (b"\n", b"\r\n", b"\r"):
                self.assertIs(irc(line + end), told, line + end)

    def test_every_verb(self) -> None:
        """Every verb counts, those that clients begin with in small letters too, and no part of one does."""
        for verb in VERBS:
            self.assertIs(irc(verb + b"\n"), True)
            self.assertIs(irc(verb + b" x\n"), True)
            self.assertIs(irc(verb.lower() + b" x\n"), verb in OPENING)
            self.assertIs(irc(b"x" + verb + b" x\n"), False)
            self.assertIsNone(irc(verb))

    def test_lines_without_an_end(self) -> None:
        """An unfinished line tells as soon as it can."""
        for line, told in (
            (b"", None),
            (b"N", None),
            (b"NI", None),
            (b"ni", None),
            (b"NICK", None),
            (b"nick ", None),
            (b"nick  ", None),
            (b"NICK ", True),
            (b"nick a", True),
            (b"h", False),
            (b"hel", False),
            (b"HEL", None),
            (b"HELL", False),
            (b"@", None),
            (b"@time=now", None),
            (b"@time=now ", None),
            (b"@time=now n", None),
            (b"@time=now hi", False),
            (b"@time=now :s", None),
            (b"@time=now :s NICK ", True),
            (b":x", None),
            (b"\xff", False),
        ):
            self.assertIs(irc(line), told, line)

    def test_blank_lines_before_it(self) -> None:
        """They do not count, however they end."""
        for blank in (b"\n", b"\r\n", b"\r", b"\n\n\r\n"):
            self.assertIsNone(irc(blank))
            self.assertIs(irc(blank + b"NICK ada\n"), True)
            self.assertIs(irc(blank + b"ada\n"), False)

    @settings(max_examples=1000, deadline=None)
    @given(PIECES, PIECES)
    def test_told_once_and_for_all(self, begun: bytes, rest: bytes) -> None:
        """What more bytes come after it does not change what was told."""
        for tells in (irc, irc_after_greeting, tls):
            if (told := tells(begun)) is not None:
                self.assertIs(tells(begun + rest), told)

    @settings(max_examples=500, deadline=None)
    @given(PIECES)
    def test_a_whole_line_tells(self, data: bytes) -> None:
        """After a line that is not blank nothing is left open."""
        if data.strip(b"\r\n"):
            self.assertIsNotNone(irc(data + b"\n"))
            self.assertIsNotNone(irc_after_greeting(data + b"\n"))


class IRCAfterTheGreeting(SynchronousTestCase):
    """How a line of IRC begins where a person may be typing."""

    def test_whole_lines(self) -> None:
        """Only what clients open with is IRC, in a form that no person answers."""
        for line, told in (
            (b"CAP LS 302", True),
            (b"cap ls", True),
            (b"CAP REQ :sasl", True),
            (b"CAP END", True),
            (b"PASS secret", True),
            (b"PASS :two words", True),
            (b"NICK ada", True),
            (b"NICK :ada ", True),
            (b"USER ada 0 * :Ada", True),
            (b"user ada 0 * Ada L", True),
            (b"nick ada", False),
            (b"Nick Cave", False),
            (b"pass x", False),
            (b"NICK", False),
            (b"NICK ", False),
            (b"NICK THE KNIFE", False),
            (b"CAP", False),
            (b"CAP AND GOWN", False),
            (b"Cap Listening", False),
            (b"user ada", False),
            (b"USER ada 0 *", False),
            (b"HELP", False),
            (b"ADMIN", False),
            (b"ada", False),
            (b"LIST", False),
            (b"PING x", False),
            (b"QUIT", False),
            (b"@a NICK ada", False),
            (b":a NICK ada", False),
        ):
            for end in (b"\n", b"\r\n", b"\r"):
                self.assertIs(irc_after_greeting(line + end), told, line + end)
                self.assertIs(irc_after_greeting(b"\r\n" + line + end), told, line + end)

    def test_lines_without_an_end(self) -> None:
        """An unfinished line is kept as long as it can become one of those, and no longer."""
        for line, told in (
            (b"", None), (b"\n", None), (b"N", None), (b"ni", None), (b"NICK", None), (b"NICK ada", None),
            (b"cap L", None), (b"USER a 0", None), (b"h", False), (b"HELP", False), (b"NICKY", False), (b"NI ", False),
            (b"@", False), (b":", False),
        ):  # fmt: skip
            self.assertIs(irc_after_greeting(line), told, line)


class OurVerbs(SynchronousTestCase):
    """The verbs that the IRC dialect has."""

    def test_all(self) -> None:
        """Each of them, in capitals, is told for IRC."""
        self.assertTrue(verbs)  # Importing them fills the table.
        self.assertEqual([verb for verb in table.VERBS if not irc(f"{verb} x\r\n".encode())], [])
