"""One line of IRC: its verb, parameters, tags and source, taken apart, put together, and kept short enough.

Sources: RFC 1459, section 2.3, as "Modern IRC Client Protocol" words it today, and IRCv3's "Message Tags".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from chatproto.dialects.irc.pieces import truncated
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

LINE_LENGTH = 510
"""Bytes of a line without its end and its tags (RFC 1459, 2.3)."""

CLIENT_TAGS = 4096
"""Bytes of a client's tags with their `@` and the space after them (IRCv3's message-tags)."""

LONGEST = 16_383
"""Bytes of a line with tags, without its end, that are looked at. As much as a server may send, and some more, so that
what is somewhat too long is told so; of more the connection is ended."""

LONGEST_WORD = 200
"""Bytes of a parameter before the last, where a line would be too long with all of it: as long as rooms' names are."""

LONGEST_ECHO = 160
"""Bytes of each thing that a client named, as far as a reply repeats it."""


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
        tags, line = tags_in(text), line.lstrip(" ")
    if line.startswith(":"):
        source, _, line = line[1:].partition(" ")
    return tags, source, line


def tags_in(text: str) -> dict[str, str]:
    """The tags, unescaped, of what stands between `@` and the space."""
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


def fitting(verb: str, params: Sequence[str], source: str) -> str:
    """The line without tags. What of its last parameter would not fit is left out: who comes by another dialect, or
    under a short name, can write more than others can be sent in one line."""
    line = join(verb, params, source)
    if len(line) > LINE_LENGTH or (not line.isascii() and len(line.encode()) > LINE_LENGTH):
        *before, last = params
        before = [truncated(word, LONGEST_WORD) for word in before]
        over = len(join(verb, (*before, last), source).encode()) - LINE_LENGTH
        line = join(verb, (*before, truncated(last, len(last.encode()) - max(over, 0))), source)
    return line


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
