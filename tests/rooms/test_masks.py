"""Masks: what is meant by what people type, and whom it meets."""

from __future__ import annotations

import re
import time

import parser_tests.data as published  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.errors import ChatError
from chatproto.rooms.masks import (
    LONGEST_MASK,
    BadMask,
    Mask,
    folded,
    is_hostname,
    lettered,
    normalised,
    userhost,
)

TYPED = st.text(st.sampled_from("am:!@*?\\. /") | st.characters(exclude_categories=["Cs"]), max_size=20)


class Published(SynchronousTestCase):
    """The tests that IRC parsers share."""

    def test_masks(self) -> None:
        """All masks of mask-match meet what they should, and nothing else."""
        tests = published.mask_match["tests"]
        for test in tests:
            mask = Mask(test["mask"])
            self.assertEqual([text for text in test["matches"] + test["fails"] if mask.matches(text)], test["matches"])
        self.assertGreater(len(tests), 5)

    def test_userhosts(self) -> None:
        """All sources of userhost-split have the parts they should."""
        tests = published.userhost_split["tests"]
        none = {"nick": "", "user": "", "host": ""}
        self.assertEqual(
            [userhost(test["source"])._asdict() for test in tests], [{**none, **test["atoms"]} for test in tests]
        )
        self.assertGreater(len(tests), 5)

    def test_hostnames(self) -> None:
        """All hosts of validate-hostname can be one, or cannot."""
        tests = published.validate_hostname["tests"]
        self.assertEqual([is_hostname(test["host"]) for test in tests], [test["valid"] for test in tests])
        self.assertGreater(len(tests), 10)


class Normalised(SynchronousTestCase):
    """What is meant."""

    def assert_meant(self, typed: str, meant: str) -> None:
        """`typed` is this mask."""
        self.assertEqual(normalised(typed), meant)

    def test_parts(self) -> None:
        """What is missing may be anything."""
        for typed, meant in (
            ("ada", "ada!*@*"),
            ("Ad?*", "Ad?*!*@*"),
            ("*", "*!*@*"),
            ("user@host", "*!user@host"),
            ("@host", "*!*@host"),
            ("ada!", "ada!*@*"),
            ("ada!user", "ada!user@*"),
            ("ada!@", "ada!*@*"),
            ("!user@", "*!user@*"),
            ("ada!user@host", "ada!user@host"),
            ("ada@host!x", "*!ada@host!x"),
        ):
            self.assert_meant(typed, meant)

    def test_hosts(self) -> None:
        """What has a dot, a colon or a slash is a host."""
        for host in ("*.example.com", "127.0.0.*", "2001:db8::*", "::1", "a::1", "project/member"):
            self.assert_meant(host, f"*!*@{host}")
        self.assert_meant("ada!a.b", "ada!a.b@*")

    def test_stars(self) -> None:
        """Several stars are one, but for an escaped one."""
        self.assert_meant("a***!**@***", "a*!*@*")
        self.assert_meant(r"a\***", r"a\**!*@*")
        self.assert_meant(r"a\*\*", r"a\*\*!*@*")

    def test_spaces(self) -> None:
        """Spaces around a mask do not count; within one there cannot be any."""
        self.assert_meant("  ada ", "ada!*@*")
        for typed in ("ada bob", "ada\n", "\tada", "ada!a b@c", "a:ada bob", "m: ada"):
            with self.assertRaises(BadMask) as caught:
                normalised(typed)
            self.assertIn("there is a space in it, for which ? can stand.", str(caught.exception))

    def test_letters(self) -> None:
        """A letter in front stays. After m there is a mask; after any other, what it says."""
        for typed, meant in (
            ("m:ada", "m:ada!*@*"),
            ("m:*.example.com", "m:*!*@*.example.com"),
            ("m:a:ada", "m:a:ada"),
            ("a:ada", "a:ada"),
            ("a:**", "a:**"),
            ("M:ada", "M:ada"),
            ("r:*realname*", "r:*realname*"),
        ):
            self.assert_meant(typed, meant)

    def test_lettered(self) -> None:
        """The letter can be told from the rest."""
        for mask, parts in (
            ("m:ada!*@*", ("m", "ada!*@*")),
            ("ada!*@*", ("", "ada!*@*")),
            ("*!*@a:b", ("", "*!*@a:b")),
            ("mm:x", ("", "mm:x")),
            ("é:x", ("", "é:x")),
        ):
            self.assertEqual(lettered(mask), parts)

    def test_empty(self) -> None:
        """There must be something in it."""
        for typed in ("", "  ", "m:", "a:"):
            with self.assertRaises(BadMask) as caught:
                normalised(typed)
            self.assertEqual(
                str(caught.exception), f"{typed.strip()!r} cannot be used as a mask: there is nothing in it."
            )
            self.assertEqual(caught.exception.mask, typed.strip())

    def test_colon(self) -> None:
        """None begins with a colon: as a parameter of IRC it would be taken for the last one."""
        for typed in (":!x@y", ":ada!*@*", "::1!x@y"):
            with self.assertRaises(BadMask) as caught:
                normalised(typed)
            self.assertIn("it begins with a colon, which no name does.", str(caught.exception))
        self.assert_meant(":x@y", "*!:x@y")

    def test_length(self) -> None:
        """The limit is on what a mask becomes."""
        self.assert_meant("a" * (LONGEST_MASK - 4), "a" * (LONGEST_MASK - 4) + "!*@*")
        self.assert_meant("a:" + "b" * (LONGEST_MASK - 2), "a:" + "b" * (LONGEST_MASK - 2))
        self.assert_meant("é" * (LONGEST_MASK // 2 - 2), "é" * (LONGEST_MASK // 2 - 2) + "!*@*")
        for typed in (
            "a" * (LONGEST_MASK - 3),
            "b" + "é" * (LONGEST_MASK // 2 - 2),
            "a:" + "b" * (LONGEST_MASK - 1),
            "m:" * 200_000 + "a",
        ):
            with self.assertRaises(BadMask) as caught:
                normalised(typed)
            self.assertIn("it has more than 200 bytes", str(caught.exception))
        with self.assertRaises(BadMask):
            Mask("a" * (LONGEST_MASK + 1))
        self.assertTrue(Mask("a" * LONGEST_MASK).matches("A" * LONGEST_MASK))
        self.assertTrue(issubclass(BadMask, ChatError))

    @given(TYPED)
    def test_anything(self, typed: str) -> None:
        """Whatever is typed is refused, or becomes one word that stays what it is."""
        try:
            meant = normalised(typed)
        except BadMask:
            return
        self.assertEqual(normalised(meant), meant)
        self.assertEqual(meant.split(), [meant])
        self.assertTrue(Mask(meant).matches(meant) or "\\" in meant)


class Matches(SynchronousTestCase):
    """Whom a mask meets."""

    def assert_met(self, mask: str, *texts: str) -> None:
        """`mask` meets them all."""
        self.assertEqual([text for text in texts if not Mask(mask).matches(text)], [])

    def assert_missed(self, mask: str, *texts: str) -> None:
        """`mask` meets none of them."""
        self.assertEqual([text for text in texts if Mask(mask).matches(text)], [])

    def test_whole(self) -> None:
        """The whole text must be meant."""
        self.assert_met("ada", "ada")
        self.assert_missed("ada", "adam", "xada", "ada\n", "")
        self.assert_met("a\nb", "a\nb")
        self.assert_met("", "")
        self.assert_missed("", "a")

    def test_stars(self) -> None:
        """A star is any characters, or none."""
        self.assert_met("*", "", "a", "a\nb")
        self.assert_met("a*b*c", "abc", "abbcc", "aXbYc", "abcbc")
        self.assert_missed("a*b*c", "ac", "acb", "abcd", "xabc", "ab")
        self.assert_met("*ab*ab", "abab", "abxab", "xababab")
        self.assert_missed("*ab*ab", "ab", "aba", "aab")
        self.assert_missed("a*a", "a")

    def test_question_marks(self) -> None:
        """A question mark is one character, whichever."""
        self.assert_met("a?c", "abc", "a?c", "aßc", "aİc", "a😀c", "a\nc", "ae\u0301c")
        self.assert_missed("a?c", "ac", "abbc")
        self.assert_met("*?", "a", "ab")
        self.assert_missed("*?", "")

    def test_escapes(self) -> None:
        """A backslash makes a star or a question mark itself; before anything else it is a backslash."""
        self.assert_met(r"a\*", "a*")
        self.assert_missed(r"a\*", "ab", r"a\*", r"a\b")
        self.assert_met(r"\?\*?", "?*x")
        self.assert_met("a\\b\\", "a\\b\\")
        self.assert_met(r"a\\*", r"a\*")

    def test_literal(self) -> None:
        """Nothing else has a meaning."""
        self.assert_met(r"[a]{|}^$.+()!*", r"[a]{|}^$.+()!")
        self.assert_missed("[a]", "a")
        self.assert_missed("a.c", "abc")

    def test_case(self) -> None:
        """Case does not matter, in any script, nor does how a character is composed."""
        self.assert_met("ADA!*@*.Example.COM", "ada!A@x.eXAMPLE.com")
        self.assert_met("ÅSA", "åsa", "a\u030asa")
        self.assert_met("ΣΊΣΥΦΟΣ", "σίσυφος")
        self.assert_met("GROẞ", "groß")
        self.assert_missed("groß", "gross")
        self.assertEqual(folded("AßİẞÅ"), "aßİßå")

    def test_time(self) -> None:
        """However many stars there are, and whatever the text, it takes no long time."""
        started = time.process_time()
        for mask, text in (
            ("*a" * 100, "a" * 5000 + "b"),
            ("*?" * 99 + "b", "a" * 5000),
            ("*" + "a" * 150 + "*b", "a" * 5000),
            ("*aab" * 49 + "x", "aaab" * 1500),
            ("*" + "?" * 190 + "b*c", "a" * 5000),
            ("a*" * 99 + "b", "a" * 5000),
        ):
            self.assert_missed(mask, text)
        self.assertLess(time.process_time() - started, 5)

    def test_time_of_the_first_look(self) -> None:
        """Nor does it if there are thousands of masks: more than a cache holds, and as bad as masks can be."""
        masks = ["*a?b" * 49 + f"{number:04}" for number in range(3000)]
        started = time.process_time()
        self.assertEqual([mask for mask in masks if Mask(mask).matches("ada!~ada@" + "ab" * 30)], [])
        self.assertLess(time.process_time() - started, 3)

    @given(st.text("ab?*\\", max_size=12), st.text("ab?*\\", max_size=12))
    def test_as_a_regular_expression(self, mask: str, text: str) -> None:
        """What meets a mask is what meets the regular expression that says the same."""
        signs = re.findall(r"\\[*?]|.", mask)
        pattern = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign[-1])) for sign in signs)
        self.assertEqual(Mask(mask).matches(text), re.fullmatch(pattern, text) is not None)


class Hosts(SynchronousTestCase):
    """Userhosts and names of hosts, where the published tests say nothing."""

    def test_userhost(self) -> None:
        """What is missing is empty."""
        self.assertEqual(userhost("ada"), ("ada", "", ""))
        self.assertEqual(userhost("ada!a@b!c"), ("ada", "a", "b!c"))
        self.assertEqual(userhost(""), ("", "", ""))

    def test_hostname(self) -> None:
        """Labels have at most 63 letters, digits and inner dashes; all of them with their dots at most 253."""
        long = ".".join(["a" * 63] * 3 + ["a" * 61])
        for host in ("services.", "127.0.0.1", "a-b.c", "a" * 63 + ".b", long, long + "."):
            self.assertTrue(is_hostname(host), host)
        for host in (
            *(" ", "example. net", "ex ample.org", " example.org", "example.org ", "example.org\n"),
            *(".", "a..b", ".a", "a-.b", "a" * 64 + ".b", long + "a", "é.de", "a_b.c", "::1", "٣.٣"),
        ):
            self.assertFalse(is_hostname(host), host)
