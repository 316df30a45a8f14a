"""Text that fits: its beginning, or all of it in pieces, so many bytes of UTF-8 each.

Characters that are drawn as one stay together where that can be.
"""

from __future__ import annotations

import unicodedata

_LONGEST_CLUSTER = 32
"""Characters at the most that are left out so that none of those drawn as one stays without the others."""


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
