"""IRC's formatting codes: text without them, and what is coloured."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.rooms.formatting import has_colours, plain_text

CODES = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f"


class PlainText(SynchronousTestCase):
    """Text for those who see no formatting."""

    def test_no_codes(self) -> None:
        """Text without codes stays as it is, with other control characters and digits."""
        for text in ("", "hello, 04,12", "grüße \u00a0\u200d😀", "a\tb\x01ACTION\x1b[0m\x7f"):
            self.assertEqual(plain_text(text), text)

    def test_codes(self) -> None:
        """Bold, italics, underline, strikethrough, monospace, reverse and reset are left out."""
        self.assertEqual(plain_text("\x02b\x1di\x1fu\x1es\x11m\x16r\x0f!"), "biusmr!")

    def test_colours(self) -> None:
        """A colour has at most two numbers of at most two digits, with a comma between them."""
        for text, plain in (
            ("\x033IRC! \x03It", "IRC! It"),
            ("\x0313,9cool", "cool"),
            ("5\x0313,8,6\x03,7,8", "5,6,7,8"),
            ("\x03123", "3"),
            ("\x033,123", "3"),
            ("\x033,x", ",x"),
            ("\x03\x025", "5"),
            ("\x03٣", "٣"),
            ("end\x03", "end"),
        ):
            self.assertEqual(plain_text(text), plain)

    def test_hex_colours(self) -> None:
        """A colour in hex has six digits, and may have six more after a comma."""
        for text, plain in (
            ("\x04FF0000red", "red"),
            ("\x04ff0000,00Ff00red", "red"),
            ("\x04ff0000,00ffred", ",00ffred"),
            ("\x04ff000 x", "ff000 x"),
            ("\x04ff00000", "0"),
            ("\x04,x", ",x"),
        ):
            self.assertEqual(plain_text(text), plain)

    @given(st.text(st.sampled_from(CODES + "019af,") | st.characters()))
    def test_none_is_left(self, text: str) -> None:
        """Nothing is left that is a code."""
        self.assertTrue(set(CODES).isdisjoint(plain_text(text)))

    def test_time(self) -> None:
        """The time grows with the text, not with its square."""
        started = time.process_time()
        self.assertEqual(plain_text("\x031," * 200_000), "," * 200_000)
        self.assertLess(time.process_time() - started, 10)


class Colours(SynchronousTestCase):
    """What a room that wants no colours refuses."""

    def test_colours(self) -> None:
        """Both ways to say a colour are colours, and so is the end of one."""
        for text in ("\x034red", "\x04ff0000red", "a\x03"):
            self.assertTrue(has_colours(text))

    def test_no_colours(self) -> None:
        """Text, and all other formatting, has none."""
        for text in ("", "3,4 red", "\x02b\x1di\x1fu\x1es\x11m\x16r\x0f!"):
            self.assertFalse(has_colours(text))
