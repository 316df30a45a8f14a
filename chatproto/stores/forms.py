"""What entries look like (see `entries.py`), for those that come from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from chatproto.stores.entries import Entry
from chatproto.stores.rows import is_storable
from chatproto.stores.schema import LARGEST

LARGEST_KIND = 2**15 - 1
"""The largest number that the column `kind` holds."""
DEEPEST = 100
"""Levels of lists and objects in one another: JSON knows no bound, and Python has one."""
LATEST = 253_402_300_799
"""In seconds since 1970: the end of the year 9999, behind which Python has no dates."""

_FINGERPRINT = re.compile("[0-9a-f]{64}")


class BadEntry(ValueError):
    """What is no entry; `str(error)` says why, without a point."""


def checked(kind: str, entry: object) -> Entry:
    """The entry, with what was left out. Raises `BadEntry`."""
    forms = FORMS.get(kind)
    if forms is None or not isinstance(entry, dict):
        raise BadEntry(f"{kind} is none of {', '.join(FORMS)}" if forms is None else f"{kind} must be an object")
    for name in entry:
        if name not in forms:
            raise BadEntry(f"{kind} has no {name}")
    found = {name: entry.get(name, form.usual) for name, form in forms.items()}
    for name, form in forms.items():
        if not form.fits(found[name]):
            raise BadEntry(f"{name} of {kind} must be {form.words}")
    return found


class Form(NamedTuple):
    """What a field can be, in words and as a function; and what it is where it is left out. If it may not be left out,
    that does not fit."""

    words: str
    fits: Callable[[Any], bool]
    usual: Any = None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and is_storable(value)


def _is_name(value: Any) -> bool:
    return _is_text(value) and value != ""


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST


def _is_whole(value: Any, least: int = -LARGEST, most: int = LARGEST) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _are_choices(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, (*value, *value.values())))


def _are_fingerprints(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and _FINGERPRINT.fullmatch(each) for each in value)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and _is_shallow(value, DEEPEST)


def _is_shallow(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    within = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in within)


_OBJECT = f"an object of {DEEPEST} levels at the most"
_NAME = Form("a text that is not empty", _is_name)
_TEXT = Form("a text that can be stored", _is_text, "")
_TIME = Form(f"a number from 0 to {LATEST}", _is_time)
_WHOLE = Form("a whole number of 64 bits", _is_whole)

FORMS: Mapping[str, Mapping[str, Form]] = {
    "account": {
        **dict.fromkeys(("name", "key"), _NAME),
        **dict.fromkeys(("created", "seen"), _TIME),
        **dict.fromkeys(("password", "scram", "suspended"), _TEXT),
        "certificates": Form("a list of SHA-256 fingerprints, in lower case", _are_fingerprints, []),
        "settings": Form("an object with texts in it", _are_choices, {}),
    },
    "record": {
        **dict.fromkeys(("kind", "key"), _NAME),
        "record": Form(_OBJECT, _is_object),
    },
    "marker": {"reader": _NAME, "buffer": _TEXT, "time": _TIME},
    "line": {
        "stream": _NAME,
        "time": _TIME,
        **dict.fromkeys(("epoch", "offset"), _WHOLE),
        "kind": Form(f"a whole number from 0 to {LARGEST_KIND}", lambda value: _is_whole(value, 0, LARGEST_KIND)),
        **dict.fromkeys(("target", "sender", "username", "host", "account", "text"), _TEXT),
        "rest": Form(_OBJECT, lambda value: value is None or _is_object(value)),
    },
}
"""The fields of each kind."""
