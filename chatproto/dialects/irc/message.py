"""One line of IRC: its verb, parameters, tags and source, taken apart and put together; and text that fits into one.

Sources: RFC 1459, section 2.3, as "Modern IRC Client Protocol" words it today, and IRCv3's "Message Tags".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from chatproto.errors import BadLine

NO_TAGS: Mapping[str, str] = MappingProxyType({})
"""The tags of a line that has none."""

_FRONT = frozenset({" ", "@", ":"})
"""How a line begins that does not begin with its verb."""

_ESCAPES = str.maketrans({";": r"\:", " ": r"\s", "\\": r"\\", "\r": r"\r", "\n": r"\n", "\0": None})
_TO_ESCAPE = re.compile("[; \\\\\r\n\0]")
_ESCAPED = re.compile(r"\\(.?)")
_MEANT = {":": ";", "s": " ", "r": "\r", "n": "\n"}
_ENDS = re.compile("[\r\n\0]")

_TEXT_LAST = frozenset(
    {"CAP", "PRIVMSG", "NOTICE", "TOPIC", "QUIT", "ERROR", "WALLOPS", "302", "303", "319", "332", "353"}
)
"""Whose last parameter has a colon even if it is one word: there are clients that look for the colon."""

LONGEST_ECHO = 160
"""Bytes of each thing that a client named, as far as a reply repeats it."""

_LONGEST_CLUSTER = 32
"""Characters at the most that are left out so that none of those drawn as one stays without the others."""


class NotUtf8(BadLine):
    """A line that is not UTF-8. `verb` is its verb as far as one can tell, in upper case, or "*"; `tags` are its tags,
    with U+FFFD for what is not UTF-8."""

    def __init__(self, verb: str, tags: Mapping[str, str] = NO_TAGS) -> None:
        super().__init__("That line is not UTF-8.")
        self.verb = verb
        self.tags = tags


class Message(NamedTuple):
    """A line, taken apart. No parameter but the last is empty, has a space, or begins with a colon."""

    verb: str
    """In upper case."""
    params: tuple[str, ...] = ()
    tags: Mapping[str, str] = NO_TAGS
    """Unescaped; "" is the value of a tag that has none."""
    source: str = ""


def decode(line: bytes) -> str:
    """The line as text, without NUL and CR, which no line may hold. Raises `NotUtf8`."""
    if b"\0" in line or b"\r" in line:
        line = line.translate(None, b"\0\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise _not_utf8(line) from None


def _not_utf8(line: bytes) -> NotUtf8:
    try:
        message = parse(line.decode(errors="replace"))
    except BadLine:
        return NotUtf8("*")
    return NotUtf8(message.verb if message.verb.isascii() else "*", message.tags)


def parse(line: str) -> Message:
    """Take a line apart, as clients really send them: there may be any number of spaces anywhere, and of parameters.

    Raises `BadLine` where there is no verb. Of a tag that comes twice the last counts; tags without a key are dropped.
    """
    tags, source = NO_TAGS, ""
    if line[:1] in _FRONT:
        tags, source, line = _front(line)
    head, colon, trailing = line.partition(" :")
    words = head.split(" ")
    if "" in words:
        words = [word for word in words if word]
    if not words or words[0][0] == ":":
        raise BadLine("There is no command in that line.")
    verb = words.pop(0).upper()
    if colon:
        words.append(trailing)
    return Message(verb, tuple(words), tags, source)


def _front(line: str) -> tuple[Mapping[str, str], str, str]:
    """What stands before the verb, and the rest."""
    tags, source = NO_TAGS, ""
    line = line.lstrip(" ")
    if line.startswith("@"):
        text, _, line = line[1:].partition(" ")
        tags, line = _tags(text), line.lstrip(" ")
    if line.startswith(":"):
        source, _, line = line[1:].partition(" ")
    return tags, source, line


def _tags(text: str) -> dict[str, str]:
    tags = {}
    for tag in text.split(";"):
        key, _, value = tag.partition("=")
        if key:
            tags[key] = _ESCAPED.sub(_meant, value) if "\\" in value else value
    return tags


def _meant(escape: re.Match[str]) -> str:
    return _MEANT.get(escape[1], escape[1])


def join(verb: str, params: Iterable[str] = (), source: str = "", tags: Mapping[str, str] = NO_TAGS) -> str:
    """The line without its end. The last parameter has a colon where it needs one, or where clients look for it.

    CR, LF and NUL are dropped, but for CR and LF in the values of tags, which are escaped: nothing can become a line of
    its own. All parameters but the last must be `middle`s; `echoed` makes one of what someone typed.
    """
    words = [verb, *params]
    before, last = " ".join(words[:-1]), words[-1]
    if "\n" in before or "\r" in before or "\0" in before:
        words = [*map(_clean, words)]
        before = " ".join(words[:-1])
    last = clean(last)
    if before:
        # All but the last are `middle`s. Asked in one, for there are many lines.
        assert before.count(" ") == len(words) - 2, words
        assert "  " not in f"{before} ", words
        assert " :" not in before, words
        colon = ":" if verb in _TEXT_LAST or not middle(last) else ""
        last = f"{before} {colon}{last}"
    return f"{front(tags)}:{clean(source)} {last}" if source else front(tags) + last


def front(tags: Mapping[str, str]) -> str:
    """Tags as a line begins with them, with the space after them; nothing if there are none."""
    return f"@{';'.join([_tag(*tag) for tag in tags.items()])} " if tags else ""


def clean(text: str) -> str:
    """`text` without what would end its line."""
    return text if text.isprintable() else _clean(text)


def escaped(value: str) -> str:
    """The value of a tag as it is written."""
    return value.translate(_ESCAPES) if _TO_ESCAPE.search(value) else value


def middle(text: str) -> bool:
    """Whether it can be a parameter without a colon, which all but the last must be."""
    return text != "" and text[0] != ":" and " " not in text


def echoed(text: str) -> str:
    """What someone typed, as a reply repeats it before its last parameter: the beginning, if it is long; and `*` stands
    for what cannot stand there."""
    return truncated(text, LONGEST_ECHO) if middle(text) else "*"


def _clean(text: str) -> str:
    return _ENDS.sub("", text)


def _tag(key: str, value: str) -> str:
    return f"{clean(key)}={escaped(value)}" if value else clean(key)


def truncated(text: str, room: int) -> str:
    """The beginning of `text` that has at most `room` bytes of UTF-8. No character is cut in two, nor are marks and
    joined emoji parted from what they belong to, if there are not very many of them."""
    if len(text) <= room and text.isascii():
        return text
    room = max(room, 0)
    start = text[: room + 1]
    data = start.encode()
    if len(data) <= room:
        return start
    end = len(data[:room].decode(errors="ignore"))
    return text[: _before_cluster(text, end)]


def _before_cluster(text: str, end: int) -> int:
    """`end`, or the place before it where the characters begin that are drawn as one with what stands there."""
    for place in range(end, max(end - _LONGEST_CLUSTER, 0), -1):
        if not _belong_together(text[place - 1], text[place]):
            return place
    return end


def _belong_together(one: str, next_one: str) -> bool:
    """Of Unicode's UAX #29 what is frequent: marks, variation selectors, skin tones, and what U+200D joins."""
    if one.isascii() and next_one.isascii():
        return False
    joined = "\u200d" in (one, next_one) or "\U0001f3fb" <= next_one <= "\U0001f3ff"
    return joined or unicodedata.category(next_one)[0] == "M"


def split(text: str, room: int) -> list[str]:
    """`text` in pieces of at most `room` bytes of UTF-8, which is 4 or more; one piece at least.

    A piece ends with a space if there is one in its last third, else where `truncated` ends it. Together they are
    `text`.
    """
    assert room >= 4, room
    pieces: list[str] = []
    start = 0
    while True:
        rest = text[start : start + room + _LONGEST_CLUSTER]
        piece = truncated(rest, room)
        if len(piece) == len(rest):
            return [*pieces, piece]
        piece = piece[: _after_space(piece)]
        pieces.append(piece)
        start += len(piece)


def _after_space(piece: str) -> int:
    """Where the last word of `piece` begins, if that is in its last third; else its end."""
    place = piece.rfind(" ") + 1
    return place if 3 * len(piece[:place].encode()) > 2 * len(piece.encode()) else len(piece)
