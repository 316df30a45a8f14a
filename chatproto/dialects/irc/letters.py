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

ROOM_MODES = {
    "q": "~ founder: gives and takes a and q as well",
    "a": "& protected: like an operator, and not kicked by one",
    "o": "@ operator: changes all modes but q and a, renames the room",
    "h": "% half-operator: kicks, edits the lists, sets the topic, invites, takes messages back, gives and takes v",
    "v": "+ voice: speaks where others may not",
    "b": "list of masks: may not come in, and without a voice not speak",
    "e": "list of masks: not banned even so",
    "I": "list of masks: need no invitation",
    "c": "takes no colours",
    "C": "takes no CTCP but actions",
    "E": "members may speak as characters (NPC, NPCA, SCENE)",
    "f": "who may not come in is sent to that room; only an operator of both can set it",
    "i": "for invited people",
    "k": "has a key, which is needed to come in",
    "l": "has at most so many people",
    "m": "only those with a voice speak",
    "M": "only people with an account, or a voice, speak",
    "n": "only members speak",
    "p": "as s, but for the sign in NAMES, * and not @",
    "R": "only people with an account come in",
    "s": "is shown only to those who are in it",
    "t": "only operators and half-operators set the topic",
    "U": "what those say who have no voice is shown to operators and half-operators alone",
    "u": "members without a voice see only those who have one",
}
"""What each mode of a room means, or each status in it."""

USER_MODES = {
    "B": "a bot: WHO, WHOIS and the tag bot say so",
    "i": "invisible: listed only for those who share a room",
    "o": "an operator of the server; given by OPER, and can be given up",
    "R": "takes messages only of people with an account, or who were accepted (ACCEPT), or spoken to",
    "T": "takes no CTCP but actions",
    "w": "is told WALLOPS; who comes in on plain lines has it, unless other clients of theirs are here",
    "Z": "on TLS; set by the server",
}
"""What each mode of a person means."""

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


def letters_of(modes: Iterable[UserMode], sign: str = "+") -> str:
    """Modes of a person, as they are written."""
    return sign + "".join(sorted(mode.value for mode in modes))
