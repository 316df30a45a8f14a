"""Bytes that people on terminals send, as clean text: telnet's commands, UTF-8, control characters.

Nothing here keeps state but `Telnet`, which may have to wait for the rest of a command.
"""

from __future__ import annotations

import re
import unicodedata

from chatproto.errors import BadLine

# RFC 854: IAC is 255. WILL, WONT, DO, DONT (251-254) take an option; SB (250) runs to IAC SE (240), and another command
# breaks it off; the rest stand alone. IAC IAC is the byte 255 itself, which UTF-8 never has: it is left for the decoder
# to refuse. The time all this takes is linear, whatever a peer sends.
_SB = rb"\xfa(?:[^\xff]+|\xff\xff)*+"
_COMMAND = re.compile(rb"(\xff\xff)|\xff(?:[\xfb-\xfe].|" + _SB + rb"(?:\xff\xf0|(?=\xff))|[\xf0-\xf9])", re.DOTALL)
_UNFINISHED = re.compile(rb"(?<!\xff)(?:\xff\xff)*\xff(?:[\xfb-\xfe]|" + _SB + rb")\Z")

MOST_HELD = 4096
"""Bytes of an unfinished telnet command that are kept for its rest. A longer one, or one that does not end in the next
line either, is left to be refused as text."""

# ECMA-48: CSI sequences; OSC, DCS, SOS, PM and APC strings up to their end; other two-byte escapes. A string with
# another escape in it is none, as on most terminals: looking further for its end would make the time quadratic.
_ESCAPE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*+(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]"
)
# What turns the reading direction of text that comes after it (Unicode UAX #9, embeddings, overrides and isolates).
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_INVISIBLE = frozenset({"Cc", "Zl", "Zp"})


# An option that a peer asks for, or offers, is declined: DO by WONT, WILL by DONT. WONT and DONT are no requests.
_DECLINED = {0xFD: b"\xff\xfc", 0xFB: b"\xff\xfe"}


class Telnet:
    """Drops telnet's commands from a peer's lines. A command may hold the line's end, so its head is kept for the next
    line."""

    __slots__ = ("_held", "answer")

    def __init__(self) -> None:
        self._held = b""
        self.answer = b""
        """What the commands of the last line want for an answer. Without one to DO TIMING-MARK (RFC 860), which it
        sends at Ctrl-C, a telnet client shows nothing any more."""

    def clean(self, line: bytes) -> bytes | None:
        """The line without commands; nothing if its end belongs to a command that is not over."""
        self.answer = b""
        if not self._held and b"\xff" not in line:
            return line
        line = _COMMAND.sub(self._drop, self._held + line)
        unfinished = _UNFINISHED.search(line)
        if unfinished is None or b"\n" in line or len(line) >= MOST_HELD:
            self._held = b""
            return line
        self._held = line + b"\n"
        return None

    def _drop(self, command: re.Match[bytes]) -> bytes:
        """Drop a command and decline what it asks for. An escaped 255 is none."""
        text = command[0]
        if text[1] in _DECLINED:
            self.answer += _DECLINED[text[1]] + text[2:]
        return command[1] or b""


def decode(line: bytes) -> str:
    """The line as text that is safe on a terminal. Raises `BadLine` if it is not UTF-8."""
    try:
        return visible(line.decode())
    except UnicodeDecodeError as error:
        raise BadLine(
            f"That line was not sent on: byte {error.start + 1} is not UTF-8. Set your terminal to UTF-8."
        ) from None


def blank(text: str) -> bool:
    """Whether there is nothing to be seen."""
    return not text.strip().strip(_ZERO_WIDTH)


def visible(text: str) -> str:
    """`text` without what could move a cursor, repaint a screen, or turn other text around. Tabs become spaces."""
    if text.isprintable():
        return text
    text = _ESCAPE.sub("", text.replace("\t", " "))
    return "".join(
        character
        for character in text
        if unicodedata.category(character) not in _INVISIBLE and character not in _DIRECTION
    )
