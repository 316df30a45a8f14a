"""How IRC writes what a room and a person are: prefixes before nicks, and letters of modes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from chatproto.modes import VALUED, Change, Listing, Rule, Status, UserMode

PREFIXES: dict[Status, tuple[str, str]] = {
    Status.FOUNDER: ("q", "~"),
    Status.PROTECTED: ("a", "&"),
    Status.OPERATOR: ("o", "@"),
    Status.HALFOP: ("h", "%"),
    Status.VOICE: ("v", "+"),
}
"""The letter and the prefix of each status, the highest first."""

STATUS_BY_LETTER = {letter: status for status, (letter, _) in PREFIXES.items()}
STATUS_BY_PREFIX = {prefix: status for status, (_, prefix) in PREFIXES.items()}
RULE_BY_LETTER = {rule.value: rule for rule in Rule}
LISTING_BY_LETTER = {listing.value: listing for listing in Listing}
USER_MODE_BY_LETTER = {mode.value: mode for mode in UserMode}

CHANNEL_MODES = ",".join(
    (
        "".join(sorted(LISTING_BY_LETTER)),
        Rule.KEY.value,
        "".join(sorted(rule.value for rule in VALUED - {Rule.KEY})),
        "".join(sorted(rule.value for rule in set(Rule) - VALUED)),
    )
)
"""ISUPPORT's CHANMODES: lists; with a value always; with a value when set; without."""


def letter(what: Status | Rule | Listing) -> str:
    """The mode letter."""
    return PREFIXES[what][0] if isinstance(what, Status) else what.value


@cache
def prefix(status: Status, *, every: bool = False) -> str:
    """What stands before the nick of a member: the highest prefix, or every one it has."""
    held = [sign for each, (_, sign) in PREFIXES.items() if status & each]
    return "".join(held if every else held[:1])


def spelled(changes: Iterable[Change], space: int) -> Iterator[list[str]]:
    """The parameters of MODE behind its target: letters, and their values; of as many of them as it takes, for each has
    at most `space` bytes."""
    letters, values, sign, used = "", list[str](), "", 0
    for add, what, value in changes:
        wanted = "+" if add else "-"
        size = len(f"{wanted}{letter(what)} {value}".encode())
        if letters and used + size > space:
            yield [letters, *values]
            letters, values, sign, used = "", [], "", 0
        letters += ("" if wanted == sign else wanted) + letter(what)
        values += [value] if value else []
        sign, used = wanted, used + size
    if letters:
        yield [letters, *values]
