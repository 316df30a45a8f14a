"""Lines of IRC, taken apart and put together; the published parser tests (PyPI's irc-parser-tests) among others."""

from __future__ import annotations

from typing import Any

import parser_tests.data as published  # type: ignore[import-untyped]
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.message import NO_TAGS, Message, NotUtf8, decode, echoed, join, middle, parse
from chatproto.errors import BadLine


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
