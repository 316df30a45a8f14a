"""Masks: `nick!user@host` with `*` for any characters, `?` for one, and `\\*` and `\\?` for these two themselves.

A mask may have a letter in front, as `m:` in `m:*!*@example.com`, which says what it does (`m`: it mutes) or what it is
about (`a`: an account). IRC calls them extended bans.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from chatproto.errors import ChatError, quoted

LONGEST_MASK = 200
"""Characters of a mask; of one that is kept, bytes in its normal form, so that it can be told in one line."""
MUTING = "m"
"""The letter that says what a mask does: a mask follows it. What follows any other letter is taken as it is."""

_LONGEST_HOSTNAME = 253
_LABEL = "[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_HOSTNAME = re.compile(rf"(?:{_LABEL}\.)+(?:{_LABEL})?")

# A single letter, but not the beginning of an IPv6 address such as a::1.
_LETTERED = re.compile("([A-Za-z]):(?!:)(.*)")
_STARS = re.compile(r"(\\[*?])|\*+")
_SIGNS = re.compile(r"\\[*?]|\*+|.", re.DOTALL)


class BadMask(ChatError):
    """A mask that nobody may use."""

    def __init__(self, mask: str, why: str) -> None:
        super().__init__(f"{quoted(mask)!r} cannot be used as a mask: {why}.")
        self.mask = mask


class Userhost(NamedTuple):
    """The parts of `nick!user@host`; "" for what is missing."""

    nick: str
    user: str
    host: str


def userhost(text: str) -> Userhost:
    """Take `nick!user@host`, `nick@host`, `nick!user` or `nick` apart."""
    front, _, host = text.partition("@")
    nick, _, user = front.partition("!")
    return Userhost(nick, user, host)


def lettered(mask: str) -> tuple[str, str]:
    """The letter in front of `mask`, or "", and the rest."""
    match = _LETTERED.fullmatch(mask)
    return (match[1], match[2]) if match else ("", mask)


def normalised(mask: str) -> str:
    """The mask that is meant by what people type: `ada` is `ada!*@*`, `ada@host` is `*!ada@host`, and what only a host
    can be (it has a dot, a colon or a slash) is `*!*@host`. Letters in front stay. Raises `BadMask`."""
    mask = mask.strip(" ")
    if len(mask) > LONGEST_MASK:
        raise BadMask(mask, f"it has more than {LONGEST_MASK} bytes")
    letter, rest = lettered(mask)
    if not rest:
        raise BadMask(mask, "there is nothing in it")
    if len(rest.split()) > 1 or rest != rest.strip():
        raise BadMask(mask, "there is a space in it, for which ? can stand")
    whole = f"{letter}:{normalised(rest) if letter == MUTING else rest}" if letter else _three_parts(rest)
    if whole[0] == ":":  # IRC could not repeat it but at the end of a line.
        raise BadMask(mask, "it begins with a colon, which no name does")
    if len(whole.encode()) > LONGEST_MASK:
        raise BadMask(mask, f"it has more than {LONGEST_MASK} bytes")
    return whole


def _three_parts(mask: str) -> str:
    mask = _STARS.sub(lambda stars: stars[1] or "*", mask)
    nick, user, host = userhost(mask)
    if "!" not in mask.partition("@")[0]:
        if "@" in mask:
            nick, user = "", nick
        elif not {".", ":", "/"}.isdisjoint(mask):
            nick, host = "", mask
    return f"{nick or '*'}!{user or '*'}@{host or '*'}"


def folded(text: str) -> str:
    """What masks and texts are compared by: composed, and case-folded as far as each character stays one, for `?`."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text)
    whole = text.casefold()
    return whole if len(whole) == len(text) else "".join(map(_folded, text))


def _folded(character: str) -> str:
    return min(character.casefold(), character.lower(), character, key=len)


class Mask:
    """A mask that texts are held against. `text` is the mask itself, with no letter in front."""

    __slots__ = ("_signs", "text")

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST_MASK:
            raise BadMask(text, f"it has more than {LONGEST_MASK} characters")
        self.text = text
        self._signs = _signs(text)

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` is meant, in any case. The time is that of a few steps for each character of the
        text, whatever they are."""
        run, wanted, anything, stars, end = self._signs
        text = folded(text)
        if run not in text:
            return False
        places = 1
        for character in text:
            places = (places & wanted.get(character, anything)) << 1 | (places & stars)
            if not places:
                return False
        return places & end != 0


class _Signs(NamedTuple):
    """A mask as bits, the lowest for its first character, stars not counted; all places that a text can have come to
    are held at once. A regular expression takes milliseconds to be made, and anybody can set thousands of masks."""

    run: str
    """The longest text in it without a wildcard."""
    wanted: dict[str, int]
    """At which places each character may come."""
    anything: int
    """At which places any other may."""
    stars: int
    """Before which places a star stands."""
    end: int
    """The place behind the last."""


@lru_cache(maxsize=4096)
def _signs(mask: str) -> _Signs:
    wanted: dict[str, int] = {}
    runs = [""]
    anything, stars, place = 0, 0, 1
    for sign in _SIGNS.findall(folded(mask)):
        if sign[0] in "*?":
            runs.append("")
        if sign[0] == "*":
            stars |= place
            continue
        if sign == "?":
            anything |= place
        else:
            wanted[sign[-1]] = wanted.get(sign[-1], 0) | place
            runs[-1] += sign[-1]
        place <<= 1
    wanted = {character: places | anything for character, places in wanted.items()}
    return _Signs(max(runs, key=len), wanted, anything, stars, place)


def is_hostname(text: str) -> bool:
    """Whether a host or a server can be called that: by RFC 1123, and with a dot in it, as IPv4 addresses have. The dot
    may be its end."""
    return len(text.removesuffix(".")) <= _LONGEST_HOSTNAME and _HOSTNAME.fullmatch(text) is not None
