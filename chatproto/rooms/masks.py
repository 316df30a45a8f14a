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
"""Characters of a mask, in its normal form."""
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
        raise BadMask(mask, f"it has more than {LONGEST_MASK} characters")
    letter, rest = lettered(mask)
    if not rest:
        raise BadMask(mask, "there is nothing in it")
    if len(rest.split()) > 1 or rest != rest.strip():
        raise BadMask(mask, "there is a space in it, for which ? can stand")
    whole = f"{letter}:{normalised(rest) if letter == MUTING else rest}" if letter else _three_parts(rest)
    if len(whole) > LONGEST_MASK:
        raise BadMask(mask, f"it has more than {LONGEST_MASK} characters")
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

    __slots__ = ("_pattern", "text")

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST_MASK:
            raise BadMask(text, f"it has more than {LONGEST_MASK} characters")
        self.text = text
        self._pattern = _compiled(text)

    def matches(self, text: str) -> bool:
        """Whether the whole of `text` is meant, in any case. The time is at most that of comparing each character of
        the mask with each of the text, whatever they are."""
        return self._pattern.fullmatch(folded(text)) is not None


@lru_cache(maxsize=4096)
def _compiled(mask: str) -> re.Pattern[str]:
    """What stands between two stars is looked for once, where it comes first: another place would not help the rest.
    Atomic groups keep to that, without which the time would grow exponentially with the stars."""
    pieces = [""]
    for sign in _SIGNS.findall(folded(mask)):
        if sign[0] == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if sign == "?" else re.escape(sign[-1])
    first, *middle, last = pieces if len(pieces) > 1 else (pieces[0], "")
    star = ".*" if len(pieces) > 1 else ""
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + star + last, re.DOTALL)


def is_hostname(text: str) -> bool:
    """Whether a host or a server can be called that: by RFC 1123, and with a dot in it, as IPv4 addresses have. The dot
    may be its end."""
    return len(text.removesuffix(".")) <= _LONGEST_HOSTNAME and _HOSTNAME.fullmatch(text) is not None
