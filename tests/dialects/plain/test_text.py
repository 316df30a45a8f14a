"""Bytes of a terminal as clean text: telnet's commands, UTF-8, and what must not reach another terminal."""

from __future__ import annotations

import time
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.plain.text import MOST_HELD, Telnet, decode, visible
from chatproto.errors import BadLine

ESC = "\x1b"

# Bytes that have a meaning to telnet or to terminals, far more often than chance would have them.
TELNET = st.lists(
    st.sampled_from([b"\xff", b"\xfa", b"\xf0", b"\xfb", b"\xfe", b"\xf1", b"a", b"\x1b]", b"\x07", b"\xc2\x9b"])
    | st.binary(max_size=4)
).map(b"".join)
TERMINAL = st.lists(
    st.sampled_from([ESC, "[", "]", "P", "\\", "\x07", "\x9b", "\x9c", "\x9d", "0", "m", "\t", "\u202e", "\u200d"])
    | st.text(max_size=4)
).map("".join)


class TelnetCommands(SynchronousTestCase):
    """What RFC 854 puts between the characters."""

    def test_plain_line(self) -> None:
        """A line without commands passes as it is."""
        self.assertEqual(Telnet().clean("grüße".encode()), "grüße".encode())

    def test_options(self) -> None:
        """WILL, WONT, DO and DONT are dropped with the option they take."""
        for verb in (b"\xfb", b"\xfc", b"\xfd", b"\xfe"):
            self.assertEqual(Telnet().clean(b"he\xff" + verb + b"\x1fllo"), b"hello")

    def test_requests_are_declined(self) -> None:
        """DO is answered by WONT and WILL by DONT, in their order and once; nothing else is answered."""
        telnet = Telnet()
        self.assertEqual(
            telnet.clean(b"\xff\xf4\xff\xfd\x06a\xff\xfb\x1fb\xff\xfc\x01\xff\xfe\x02\xff\xff\xfd"), b"ab\xff\xff\xfd"
        )
        self.assertEqual(telnet.answer, b"\xff\xfc\x06\xff\xfe\x1f")
        self.assertEqual(telnet.clean(b"next"), b"next")
        self.assertEqual(telnet.answer, b"")

    def test_request_over_two_lines(self) -> None:
        """A request whose option is the line's end is declined when it is whole."""
        telnet = Telnet()
        self.assertIsNone(telnet.clean(b"one\xff\xfd"))
        self.assertEqual(telnet.answer, b"")
        self.assertEqual(telnet.clean(b"two"), b"onetwo")
        self.assertEqual(telnet.answer, b"\xff\xfc\n")

    def test_option_that_looks_like_text(self) -> None:
        """The option's byte is dropped whatever it is: a line feed in another line, or IAC itself."""
        self.assertEqual(Telnet().clean(b"\xff\xfbahello"), b"hello")
        self.assertEqual(Telnet().clean(b"\xff\xfb\xffhello"), b"hello")

    def test_commands_without_option(self) -> None:
        """NOP, interrupt, go-ahead and the others that stand alone are dropped."""
        for verb in range(0xF0, 0xFA):
            self.assertEqual(Telnet().clean(b"he\xff" + bytes([verb]) + b"llo"), b"hello")

    def test_subnegotiation(self) -> None:
        """A subnegotiation is dropped up to IAC SE; an escaped 255 in it is not its end."""
        self.assertEqual(Telnet().clean(b"a\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0b"), b"ab")
        self.assertEqual(Telnet().clean(b"a\xff\xfa\x1f\x00\xff\xff\xf0\x00\x18\xff\xf0b"), b"ab")

    def test_subnegotiation_broken_off(self) -> None:
        """Another command ends a subnegotiation that has no end of its own."""
        self.assertEqual(Telnet().clean(b"a\xff\xfa\x1f\x00\xff\xfb\x01b"), b"ab")

    def test_option_in_the_next_line(self) -> None:
        """An option of 10 is a line feed: the line that it seemed to end goes on, and the one after it is a new one."""
        telnet = Telnet()
        self.assertIsNone(telnet.clean(b"he\xff\xfb"))
        self.assertEqual(telnet.clean(b"llo"), b"hello")
        self.assertEqual(telnet.clean(b"again"), b"again")

    def test_subnegotiation_over_lines(self) -> None:
        """A subnegotiation may hold one line end. One that goes on after that is none: nobody can want it, since all
        options are declined, and what is typed must not vanish behind two letters of another encoding."""
        telnet = Telnet()
        self.assertIsNone(telnet.clean(b"he\xff\xfa\x18"))
        self.assertEqual(telnet.clean(b"xterm\xff\xf0llo"), b"hello")
        self.assertIsNone(telnet.clean("grüße ÿú".encode("latin-1")))
        self.assertEqual(telnet.clean(b"and more"), "grüße ÿú\nand more".encode("latin-1"))
        self.assertEqual(telnet.clean(b"hello"), b"hello")

    def test_escaped_255(self) -> None:
        """IAC IAC is the byte 255, which UTF-8 never has: it stays, to be refused; what follows is no verb."""
        self.assertEqual(Telnet().clean(b"a\xff\xffb"), b"a\xff\xffb")
        self.assertEqual(Telnet().clean(b"a\xff\xff\xfb\x01b"), b"a\xff\xff\xfb\x01b")
        self.assertEqual(Telnet().clean(b"a\xff\xff\xfa"), b"a\xff\xff\xfa")

    def test_no_command(self) -> None:
        """An IAC before anything else, or at the end, stays for the decoder to refuse."""
        self.assertEqual(Telnet().clean(b"a\xffb"), b"a\xffb")
        self.assertEqual(Telnet().clean(b"a\xff"), b"a\xff")

    def test_bounded(self) -> None:
        """Of a command without an end so many bytes are kept; one more, and all is handed on to be refused."""
        for extra, held in ((-1, True), (0, False), (1, False)):
            line = b"\xff\xfa" + b"x" * (MOST_HELD - 2 + extra)
            telnet = Telnet()
            self.assertEqual(telnet.clean(line), None if held else line)
            self.assertEqual(telnet.clean(b"\xff\xf0hello"), b"hello")

    def test_time(self) -> None:
        """The worst of lines takes time in proportion to its length: nobody can hold up the others with one."""
        for part in (b"\xff\xfa", b"\xff\xff\xfa", b"\xff\xfaa", b"\xff\xfb", b"\xff\xff", b"\xff"):
            begun = time.process_time()
            Telnet().clean(part * (65_536 // len(part)))
            self.assertLess(time.process_time() - begun, 2, part)

    @settings(deadline=None)
    @given(st.lists(TELNET, max_size=5))
    def test_any_lines(self, lines: list[bytes]) -> None:
        """Whatever comes, a line is text or a `BadLine`, and no IAC is left in text."""
        telnet = Telnet()
        for line in lines:
            cleaned = telnet.clean(line)
            if cleaned is not None:
                try:
                    self.assertEqual(decode(cleaned), visible(cleaned.decode()))
                except BadLine:
                    self.assertRaises(UnicodeDecodeError, cleaned.decode)

    @settings(deadline=None)
    @given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n")), st.integers(0, 40))
    def test_any_place(self, text: str, place: int) -> None:
        """A command anywhere between the bytes of a line leaves the line as it was."""
        line = text.encode()
        for command in (b"\xff\xfb\x1f", b"\xff\xf1", b"\xff\xfa\x18\x00xterm\xff\xf0"):
            self.assertEqual(Telnet().clean(line[:place] + command + line[place:]), line)


class Decoding(SynchronousTestCase):
    """UTF-8 and nothing else."""

    def test_utf8(self) -> None:
        """UTF-8 is taken, of any script."""
        for text in ("hello", "žluťoučký", "こんにちは", "مرحبا", "🙂"):
            self.assertEqual(decode(text.encode()), text)

    def test_refused(self) -> None:
        """Anything else is refused with a sentence that says where, and what to do."""
        error = self.assertRaises(BadLine, decode, b"caf\xe9 noir")
        self.assertEqual(str(error), "That line was not sent on: byte 4 is not UTF-8. Set your terminal to UTF-8.")

    def test_forms_that_are_not_utf8(self) -> None:
        """Half a character, an overlong form, a surrogate and what lies beyond Unicode are refused."""
        for line in (b"\xe2\x82", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80"):
            self.assertRaises(BadLine, decode, line)

    @settings(deadline=None)
    @given(st.binary())
    def test_any_bytes(self, line: bytes) -> None:
        """No bytes raise anything but `BadLine`."""
        try:
            decode(line)
        except BadLine as refused:
            self.assertIn("is not UTF-8", str(refused))


class Visible(SynchronousTestCase):
    """What is left of a text that other people's terminals are to show."""

    def test_escape_sequences(self) -> None:
        """ANSI sequences go whole, not only their first character."""
        for sequence in ("[31m", "[2J", "[1;1H", "[?1049h", "[38;2;1;2;3m", "[ q", "c", "7", "(0", "#8", "%G"):
            self.assertEqual(visible(f"a{ESC}{sequence}b"), "ab", sequence)

    def test_strings(self) -> None:
        """OSC, DCS, SOS, PM and APC go with the string they carry, however it ends."""
        for opener in (f"{ESC}]", f"{ESC}P", f"{ESC}X", f"{ESC}^", f"{ESC}_", "\x9d", "\x90", "\x98", "\x9e", "\x9f"):
            for end in ("\x07", f"{ESC}\\", "\x9c"):
                self.assertEqual(visible(f"a{opener}0;pwned{end}b"), "ab", opener + end)

    def test_string_without_end(self) -> None:
        """Of a string without an end only the opener goes: nothing that people said is swallowed."""
        self.assertEqual(visible(f"a{ESC}]0;title"), "a0;title")
        self.assertEqual(visible(f"a{ESC}]0;{ESC}[31mtitle\x07b"), "a0;titleb")

    def test_c1_controls(self) -> None:
        """The 8-bit form of CSI works as the 7-bit one; other C1 controls go alone."""
        self.assertEqual(visible("a\x9b31mb"), "ab")
        self.assertEqual(visible("a\x85b\x84c"), "abc")

    def test_control_characters(self) -> None:
        """No C0 or C1 control character or DEL stays; a tab becomes a space."""
        controls = "".join(map(chr, [*range(9), *range(10, 27), 28, 29, 30, 31, 127]))
        self.assertEqual(visible(f"a{controls}b"), "ab")
        self.assertEqual(visible("a\tb"), "a b")

    def test_lone_escape(self) -> None:
        """An escape with nothing after it goes alone."""
        self.assertEqual(visible(f"a{ESC}"), "a")
        self.assertEqual(visible(f"a{ESC}é"), "aé")

    def test_line_separators(self) -> None:
        """Unicode's line and paragraph separators begin no new line."""
        self.assertEqual(visible("a\u2028-- bob left\u2029b"), "a-- bob leftb")

    def test_direction(self) -> None:
        """Nothing turns other people's text around: embeddings, overrides and isolates go."""
        for control in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            self.assertEqual(visible(f"a{control}b"), "ab")

    def test_what_stays(self) -> None:
        """Text of any script stays: emoji joined by ZWJ, wide spaces, combining marks, right-to-left words."""
        for text in ("👩‍👩‍👧 ❤️", "全角\u3000空白", "e\u0301 ñ", "שלום עולם", "नमस्ते", "می\u200cخواهم", "a\u00a0b"):
            self.assertEqual(visible(text), text)

    def test_time(self) -> None:
        """The worst of lines takes time in proportion to its length."""
        for part in (f"{ESC}]", f"{ESC}]a", "\x90", f"{ESC}[", f"{ESC}[0", f"{ESC} ", ESC, "\x9b0", f"{ESC}Pa\x18"):
            begun = time.process_time()
            visible(part * (65_536 // len(part)))
            self.assertLess(time.process_time() - begun, 2, repr(part))

    @settings(deadline=None)
    @given(TERMINAL)
    def test_any_text(self, text: str) -> None:
        """Nothing that controls a terminal is left of any text, and a second look finds nothing more to do."""
        shown = visible(text)
        self.assertEqual([c for c in shown if unicodedata.category(c) in ("Cc", "Zl", "Zp")], [])
        self.assertEqual([c for c in shown if "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"], [])
        self.assertEqual(visible(shown), shown)

    @settings(deadline=None)
    @given(st.text())
    def test_printable_text(self, text: str) -> None:
        """Printable text stays as it is, to the character."""
        printable = "".join(filter(str.isprintable, text))
        self.assertEqual(visible(printable), printable)
