"""Names of people and rooms: which are allowed, which are the same, and which look the same.

Same: RFC 8265's UsernameCaseMapped profile of PRECIS (width, case, normalisation, direction).
Looks the same: the skeleton of Unicode's UTS #39, folded in case.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from confusable_homoglyphs.confusables import confusables_data
from precis_i18n import get_profile

from chatproto.errors import BadName
from chatproto.rooms.limits import RoomLimits

_PLAIN = re.compile("[!-~]+")
_preserved = get_profile("UsernameCasePreserved")
_mapped = get_profile("UsernameCaseMapped")

# Letters, digits and marks of any script are allowed, and of the rest only these: what remains has a meaning to some
# dialect (separators, prefixes, masks, commands) or is easily taken for punctuation around the name.
_MARKS = frozenset("_-[]{}\\|^`")
_ROOM_MARKS = _MARKS | frozenset(".+&'!?/~=")

_CONFUSING = frozenset("<>():*#")
"""What stands around names where they are shown: no name may hold a letter that looks like it (U+1438 like `<`). Marks
may: Hindi's visarga looks like `:`, and belongs to the letter before it."""

LONGEST = 64
"""Characters that the limits on names allow at the most."""
_SHRINKS = 4
"""Normalisation makes one character of this many at the most; a longer text is not looked at, for that takes long."""


class Name(NamedTuple):
    """A name as it is shown, as it is compared, and as it looks."""

    shown: str
    key: str
    """Two names with the same key are the same name."""
    skeleton: str
    """Two names with the same skeleton cannot be told apart by eye. It is the look of what is shown: `Ivan` looks like
    `lvan`, and `ivan` does not, so names with the same key can have different skeletons."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """What only one person may hold at a time. Names that have one in common are the same or look the same."""
        return (self.key,) if self.key == self.skeleton else (self.key, self.skeleton)


def person(text: str, limits: RoomLimits) -> Name:
    """The name `text` asks for; `BadName` if nobody may have it."""
    name = _checked(text, text, _MARKS, limits.name_length, "a name")
    if name.shown[0].isdigit() or name.shown[0] == "-":
        raise BadName(text, "a name cannot begin with a digit or a dash")
    if not _reserved(limits.reserved_names).isdisjoint(name.tokens):
        raise BadName(text, "it is reserved, or looks like a name that is")
    return name


@lru_cache(maxsize=1024)  # Many come into the same rooms.
def room(text: str, limits: RoomLimits) -> Name:
    """The room's name that `text` asks for; `BadName` if no room can have it."""
    body = text.lstrip("#")
    if body == text:
        raise BadName(text, "the name of a room begins with #, as in #garden")
    return _checked(text, body, _ROOM_MARKS, limits.room_name_length, "the name of a room")


@lru_cache(maxsize=4096)
def key_of(text: str) -> str:
    """What `text` is compared by, if it is a name at all; else `text` itself, which then equals no name's key."""
    if len(text) > _SHRINKS * LONGEST:
        return text
    body = text.lstrip("#")
    try:
        return text[: len(text) - len(body)] + _enforced(_mapped, body)
    except UnicodeEncodeError:
        return text


def _enforced(profile: Any, text: str) -> str:
    """`text` as the profile has it. Raises `UnicodeEncodeError` where that allows no such text."""
    if _PLAIN.fullmatch(text):  # Most names. RFC 8265 allows them all, and only their case changes.
        lower = text.lower() if profile is _mapped else text
        return text if lower == text else lower
    enforced: str = profile.enforce(text)
    return enforced


def _checked(text: str, body: str, marks: frozenset[str], limit: int, what: str) -> Name:
    prefix = text[: len(text) - len(body)]
    if len(text) > _SHRINKS * limit:
        raise BadName(text, f"{what} has at most {limit} characters")
    try:
        shown = prefix + _enforced(_preserved, body)
    except UnicodeEncodeError:
        shown = ""
    if not shown or not all(_allowed(character, marks) for character in shown[len(prefix) :]):
        raise BadName(text, f"{what} is letters, digits and any of {''.join(sorted(marks))}")
    if unicodedata.category(shown[len(prefix)])[0] == "M":  # It would be drawn over whatever stands before the name.
        raise BadName(text, f"{what} cannot begin with a combining mark")
    letters = "".join(character for character in shown[len(prefix) :] if unicodedata.category(character)[0] != "M")
    if not _CONFUSING.isdisjoint(_prototypes(letters)):
        raise BadName(text, f"{what} can have no letter that looks like one of {' '.join(sorted(_CONFUSING))}")
    if len(shown) > limit:
        raise BadName(text, f"{what} has at most {limit} characters")
    return Name(shown, *(shown if other == shown else other for other in (key_of(shown), skeleton(shown))))


def _allowed(character: str, marks: frozenset[str]) -> bool:
    return character in marks or unicodedata.category(character)[0] in "LNM"


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """UTS #39's skeleton of `text` and of what that is in lower case."""
    return _prototypes(_prototypes(text).casefold()).casefold()


def _prototypes(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", "".join(map(_prototype, decomposed)))


@lru_cache(maxsize=4096)
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
def _reserved(names: tuple[str, ...]) -> frozenset[str]:
    """All tokens of these names, as they are written and in upper case."""
    return frozenset(token for name in names for token in (key_of(name), skeleton(name), skeleton(name.upper())))
