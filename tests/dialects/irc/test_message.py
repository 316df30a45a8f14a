"""Lines of IRC, taken apart and put together; the published parser tests (PyPI's irc-parser-tests) among others."""

from __future__ import annotations

import time
from typing import Any

import parser_tests.data as published  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.message import (
    NO_TAGS,
    Message,
    NotUtf8,
    decode,
    echoed,
    join,
    middle,
    parse,
    split,
    truncated,
)
from chatproto.errors import BadLine

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
"""Three people drawn as one, of 18 bytes."""
THUMB = "\U0001f44d\U0001f3fd"
"""A thumb and the colour of its skin, of 8 bytes."""
TEXTS = st.text(st.sampled_from("aé€😀 \u0301\u200d\U0001f3fd") | st.characters(exclude_categories=["Cs"]), max_size=80)


def message_of(atoms: dict[str, Any]) -> Message:
    """What the published tests call atoms."""
    params = tuple(atoms.get("params", ()))
    return Message(atoms["verb"].upper(), params, atoms.get("tags", {}), atoms.get("source", ""))


class Published(SynchronousTestCase):
    """The tests that IRC parsers share."""

    def test_lines_are_taken_apart(self) -> None:
        """All lines of msg-split make the atoms they should."""
        tests = published.msg_split["tests"]
        self.assertEqual(
            [parse(test["input"]) for test in tests],
            [message_of(test["atoms"]) for test in tests],
        )
        self.assertGreater(len(tests), 30)

    def test_lines_are_put_together(self) -> None:
        """All atoms of msg-join make one of the lines they may."""
        tests = published.msg_join["tests"]
        for test in tests:
            atoms = test["atoms"]
            line = join(atoms["verb"], atoms.get("params", ()), atoms.get("source", ""), atoms.get("tags", {}))
            self.assertIn(line, test["matches"])
        self.assertGreater(len(tests), 10)


class Parse(SynchronousTestCase):
    """Lines as clients really send them."""

    def assert_parsed(self, line: str, *expected: Any) -> None:
        """`line` makes this message."""
        self.assertEqual(parse(line), Message(*expected))

    def test_verb(self) -> None:
        """A verb is in upper case, however it was typed."""
        self.assert_parsed("pRiVmsg #a hi", "PRIVMSG", ("#a", "hi"))

    def test_spaces(self) -> None:
        """There may be any number of spaces before, between and after; those of the last parameter are its own."""
        self.assert_parsed("  JOIN   #a    key  ", "JOIN", ("#a", "key"))
        self.assert_parsed(" @a=b   :ada   PRIVMSG  #a  :  hi  ", "PRIVMSG", ("#a", "  hi  "), {"a": "b"}, "ada")

    def test_only_spaces_separate(self) -> None:
        """Tabs and other white space are part of a parameter."""
        self.assert_parsed("JOIN #a\t\u2003#b\x1f", "JOIN", ("#a\t\u2003#b\x1f",))

    def test_trailing(self) -> None:
        """A colon begins the last parameter, empty or with colons of its own; one within a word does not."""
        self.assert_parsed("TOPIC #a :", "TOPIC", ("#a", ""))
        self.assert_parsed("TOPIC #a   :", "TOPIC", ("#a", ""))
        self.assert_parsed("TOPIC #a ::) :(", "TOPIC", ("#a", ":) :("))
        self.assert_parsed("MODE #a +b m:*!*@* x:", "MODE", ("#a", "+b", "m:*!*@*", "x:"))

    def test_many_params(self) -> None:
        """Parameters beyond the fifteenth are parameters, too."""
        words = tuple(map(str, range(40)))
        self.assert_parsed("ISON " + " ".join(words), "ISON", words)

    def test_tags(self) -> None:
        """Of two tags with one key the last counts; keys are as they are, but there must be one."""
        self.assert_parsed("@a=1;+B/c;a=2;;=x;d=;e==f PING", "PING", (), {"a": "2", "+B/c": "", "d": "", "e": "=f"})

    def test_escapes(self) -> None:
        """Escapes are undone once, from the left; a backslash before anything else or at the end is dropped."""
        self.assert_parsed(r"@a=\:\s\\\r\n;b=\\s\b\;c=x\ PING", "PING", (), {"a": "; \\\r\n", "b": "\\sb", "c": "x"})

    def test_no_verb(self) -> None:
        """A line without a verb is refused."""
        for line in ("", " ", ":ada", ":ada ", "@a=b", "@a=b :ada", ":", "@", ":ada :text", "  :a  :b c", ": :"):
            with self.assertRaises(BadLine) as caught:
                parse(line)
            self.assertEqual(str(caught.exception), "There is no command in that line.")

    def test_nothing_but_a_verb(self) -> None:
        """There may be neither parameters nor tags; the tags of such a line cannot be changed."""
        self.assert_parsed("QUIT", "QUIT", (), {}, "")
        self.assertIs(parse("QUIT").tags, NO_TAGS)
        self.assertFalse(hasattr(NO_TAGS, "__setitem__"))


class Decode(SynchronousTestCase):
    """Bytes as text."""

    def test_forbidden_bytes(self) -> None:
        """NUL and CR are dropped, wherever they are."""
        self.assertEqual(decode(b"\rPR\0IVMSG #a :gr\xc3\xbc\xc3\x9fe\r\r"), "PRIVMSG #a :grüße")
        self.assertEqual([decode(line) for line in (b"PING\0", b"PING\r", b"\r")], ["PING", "PING", ""])

    def test_not_utf8(self) -> None:
        """A line that is not UTF-8 is refused, and its verb told."""
        for line, verb in (
            (b"privmsg #a :gr\xfc\xdfe", "PRIVMSG"),
            (b"@a=\xff :\xff  Notice\0 #a :x", "NOTICE"),
            (b"PR\xffIVMSG #a :x", "*"),
            (b"@\xff :ada", "*"),
            (b"\xff", "*"),
        ):
            with self.assertRaises(NotUtf8) as caught:
                decode(line)
            self.assertEqual(caught.exception.verb, verb)
            self.assertEqual(str(caught.exception), "That line is not UTF-8.")
        self.assertTrue(issubclass(NotUtf8, BadLine))


class Join(SynchronousTestCase):
    """Lines that are sent."""

    def test_colon(self) -> None:
        """The last parameter has a colon if it is empty, begins with one, or has a space."""
        self.assertEqual(join("MODE", ("#a", "+n")), "MODE #a +n")
        self.assertEqual(join("PONG", ["a b"]), "PONG :a b")
        self.assertEqual(join("JOIN", ("#a", ""), "ada!a@h"), ":ada!a@h JOIN #a :")
        self.assertEqual(join("JOIN", (":a",)), "JOIN ::a")

    def test_colon_of_text(self) -> None:
        """What is said has a colon even if it is one word."""
        self.assertEqual(join("PRIVMSG", ("#a", "hi"), "ada"), ":ada PRIVMSG #a :hi")
        self.assertEqual(join("353", ("ada", "=", "#a", "bob"), "s"), ":s 353 ada = #a :bob")
        self.assertEqual(join("QUIT"), "QUIT")

    def test_no_line_is_smuggled_in(self) -> None:
        """CR, LF and NUL are dropped from all parts, before it is decided where a colon is needed."""
        self.assertEqual(join("PRIVMSG", ("#\r\na", "x\nQUIT\r\n\0"), "a\nda"), ":ada PRIVMSG #a :xQUIT")
        self.assertEqual(join("JOIN", ("#a", "\n")), "JOIN #a :")
        self.assertEqual(join("JOIN", ("#a", "\r:x")), "JOIN #a ::x")
        self.assertEqual(join("PING", ("x",), "\ns", {"a\nb": "c\nd\re\0f"}), r"@ab=c\nd\ref :s PING x")

    def test_tags(self) -> None:
        """Values are escaped; one that is empty is left out with its =."""
        tags = {"a": "; \\\r\n:", "+b/c": "", "d": "é"}
        self.assertEqual(join("TAGMSG", ("#a",), "ada", tags), r"@a=\:\s\\\r\n:;+b/c;d=é :ada TAGMSG #a")

    def test_impossible(self) -> None:
        """Only the last parameter may be empty, begin with a colon or have a space: others are our mistake."""
        for word in ("", ":a", "a b", "\n"):
            with self.assertRaises(AssertionError):
                join("X", (word, "b"))

    def test_echoed(self) -> None:
        """What cannot be repeated in a reply is repeated as a star."""
        self.assertEqual(
            [echoed(text) for text in ("#a", "a:", "", ":a", "a b", " ")], ["#a", "a:", "*", "*", "*", "*"]
        )
        self.assertEqual([middle(text) for text in ("#a", "a:", "", ":a", "a b", " ")], [True, True, *[False] * 4])

    def test_echoed_in_part(self) -> None:
        """Of what is long the beginning is repeated, in whole characters."""
        self.assertEqual(
            [echoed("é" * 80), echoed("é" * 81), echoed("x" + "é" * 80)], ["é" * 80, "é" * 80, "x" + "é" * 79]
        )


class Truncated(SynchronousTestCase):
    """Text with a bound in bytes."""

    def test_bounds(self) -> None:
        """Text of exactly as many bytes stays; of a longer one the beginning, in whole characters."""
        self.assertEqual([truncated("grü", room) for room in (5, 4, 3, 2)], ["grü", "grü", "gr", "gr"])
        self.assertEqual([truncated("a😀", room) for room in (5, 4, 1, 0, -1)], ["a😀", "a", "a", "", ""])
        self.assertEqual(truncated("abcdefgh", -2), "")

    def test_what_belongs_together(self) -> None:
        """Marks, joined emoji and skin tones are not parted from what they belong to."""
        self.assertEqual(
            [truncated("ae\u0301b", room) for room in (5, 4, 3, 2, 1)], ["ae\u0301b", "ae\u0301", "a", "a", "a"]
        )
        self.assertEqual(
            [truncated("a" + FAMILY, room) for room in (19, 18, 12, 9, 8)], ["a" + FAMILY, "a", "a", "a", "a"]
        )
        self.assertEqual([truncated("a" + THUMB, room) for room in (9, 8, 5)], ["a" + THUMB, "a", "a"])

    def test_very_many_marks(self) -> None:
        """Where everything belongs together, something is left all the same."""
        text = "e" + "\u0301" * 100
        self.assertEqual(truncated(text, 101), text[:51])
        text = "ab" + "\u0301" * 100
        self.assertEqual(truncated(text, 102), text[:52])
        self.assertEqual(truncated("e\u0301", 2), "e")

    @given(TEXTS, st.integers(0, 60))
    def test_any_text(self, text: str, room: int) -> None:
        """It is the text's beginning, within the bound, and the whole text if that is."""
        piece = truncated(text, room)
        self.assertTrue(text.startswith(piece))
        self.assertLessEqual(len(piece.encode()), room)
        self.assertEqual(piece == text, len(text.encode()) <= room)


class Split(SynchronousTestCase):
    """Text in pieces."""

    def test_fitting(self) -> None:
        """What fits is one piece, even if it is empty."""
        self.assertEqual(split("", 4), [""])
        self.assertEqual(split("grü", 4), ["grü"])

    def test_at_spaces(self) -> None:
        """A piece ends after a space if that is in its last third, else where it is full."""
        self.assertEqual(split("aaaa bb cccc", 9), ["aaaa bb ", "cccc"])
        self.assertEqual(split("aaaaaa bbbbbb", 9), ["aaaaaa ", "bbbbbb"])
        self.assertEqual(split("aaaaa bbbbbbb", 9), ["aaaaa bbb", "bbbb"])
        self.assertEqual(split("aaaa     ", 5), ["aaaa ", "    "])

    def test_characters_stay_whole(self) -> None:
        """No character is cut, nor what is drawn as one."""
        self.assertEqual(split("ééé", 5), ["éé", "é"])
        self.assertEqual(split("a" + FAMILY + FAMILY, 30), ["a" + FAMILY, FAMILY])
        self.assertEqual(split("e\u0301" * 3, 5), ["e\u0301"] * 3)

    @given(TEXTS, st.integers(4, 60))
    def test_any_text(self, text: str, room: int) -> None:
        """Together the pieces are the text, each is within the bound, and none is empty but that of nothing."""
        pieces = split(text, room)
        self.assertEqual("".join(pieces), text)
        self.assertLessEqual(max(len(piece.encode()) for piece in pieces), room)
        self.assertTrue(all(pieces) or text == "")

    def test_time(self) -> None:
        """The time grows with the text, not with its square."""
        started = time.process_time()
        self.assertEqual(len(split("\u0301" * 200_000, 4)), 100_000)
        self.assertEqual(len(split("a b" * 200_000, 600)), 1001)
        self.assertLess(time.process_time() - started, 10)
