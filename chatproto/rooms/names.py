"""Names of people and rooms: which are allowed, which are the same, and which look the same.

Same: RFC 8265's UsernameCaseMapped profile of PRECIS (width, case, normalisation, direction).
Looks the same: the skeleton of Unicode's UTS #39, folded in case.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from confusable_homoglyphs.confusables import confusables_data
from precis_i18n import get_profile

from chatproto.errors import BadName
from chatproto.rooms.limits import RoomLimits

_preserved = get_profile("UsernameCasePreserved")
_mapped = get_profile("UsernameCaseMapped")

# Letters, digits and marks of any script are allowed, and of the rest only these: what remains has a meaning to some
# dialect (separators, prefixes, masks, commands) or is easily taken for punctuation around the name.
_MARKS = frozenset("_-[]{}\\|^`")
_ROOM_MARKS = _MARKS | frozenset(".+&'!?/~=")


class Name(NamedTuple):
    """A name as it is shown, as it is compared, and as it looks."""

    shown: str
    key: str
    """Two names with the same key are the same name."""
    skeleton: str
    """Two names with the same skeleton cannot be told apart by eye; the same key implies the same skeleton."""


def person(text: str, limits: RoomLimits) -> Name:
    """The name `text` asks for; `BadName` if nobody may have it."""
    if text and (text[0].isdigit() or text[0] == "-"):
        raise BadName(text, "a name cannot begin with a digit or a dash")
    name = _checked(text, text, _MARKS, limits.name_length, "a name")
    if name.skeleton in _skeletons(limits.reserved_names):
        raise BadName(text, "it is reserved")
    return name


def room(text: str, limits: RoomLimits) -> Name:
    """The room's name that `text` asks for; `BadName` if no room can have it."""
    if not text.startswith("#"):
        raise BadName(text, "the name of a room begins with #, as in #garden")
    return _checked(text, text[1:], _ROOM_MARKS, limits.room_name_length, "the name of a room")


@lru_cache(maxsize=4096)
def key_of(text: str) -> str:
    """What `text` is compared by, if it is a name at all; else `text` itself, which then equals no name's key."""
    prefix = "#" if text.startswith("#") else ""
    try:
        return prefix + _mapped.enforce(text.removeprefix("#"))
    except UnicodeEncodeError:
        return text


def _checked(text: str, body: str, marks: frozenset[str], limit: int, what: str) -> Name:
    prefix = text[: len(text) - len(body)]
    try:
        shown = prefix + _preserved.enforce(body)
    except UnicodeEncodeError:
        shown = ""
    if not shown or not all(_allowed(character, marks) for character in shown[len(prefix) :]):
        raise BadName(text, f"{what} is letters, digits and any of {''.join(sorted(marks))}")
    if len(shown) > limit:
        raise BadName(text, f"{what} has at most {limit} characters")
    return Name(shown, key_of(shown), skeleton(shown))


def _allowed(character: str, marks: frozenset[str]) -> bool:
    return character in marks or unicodedata.category(character)[0] in "LNM"


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """UTS #39's skeleton, folded in case before and after, so that it does not depend on the case that was typed."""
    return _prototypes(_prototypes(text).casefold()).casefold()


def _prototypes(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", "".join(map(_prototype, decomposed)))


def _prototype(character: str) -> str:
    """The one member of a set of look-alikes that stands for all of them.

    The library's table has each pair of confusables.txt in both directions: a character that is no prototype has its
    prototype as its only partner. Where both have one partner only, either may stand for the two.
    """
    partners = confusables_data.get(character, ())
    if len(partners) != 1:
        return character
    partner: str = partners[0]["c"]
    return partner if len(confusables_data.get(partner, ())) > 1 else min(character, partner)


@lru_cache(maxsize=8)
def _skeletons(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(skeleton, names))
