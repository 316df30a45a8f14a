"""Text that fits."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.pieces import split, truncated

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
"""Three people drawn as one, of 18 bytes."""
THUMB = "\U0001f44d\U0001f3fd"
"""A thumb and the colour of its skin, of 8 bytes."""
TEXTS = st.text(st.sampled_from("aé€😀 \u0301\u200d\U0001f3fd") | st.characters(exclude_categories=["Cs"]), max_size=80)


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
