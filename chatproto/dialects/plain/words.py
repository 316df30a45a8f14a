"""Plain words for what IRC says in letters: what members are, what holds in a room, and how either changes."""

from __future__ import annotations

from chatproto.errors import quoted
from chatproto.modes import Change, Listing, Rule, Status
from chatproto.rooms.permissions import MUTE

STATUSES = {
    Status.FOUNDER: "founder",
    Status.PROTECTED: "protected member",
    Status.OPERATOR: "operator",
    Status.HALFOP: "half-operator",
    Status.VOICE: "voice",
}
"""The highest first. None of these has a comma or a parenthesis in it."""

RULES = {
    Rule.INVITE_ONLY: ("invite-only", "only invited people come in"),
    Rule.KEY: ("key", "who comes in must know it: /join #ROOM KEY"),
    Rule.LIMIT: ("limit", "so many people come in at the most"),
    Rule.REGISTERED_ONLY: ("accounts-only", "only people with an account come in"),
    Rule.FORWARD: ("forward", "who may not come in is sent to that room"),
    Rule.PRIVATE: ("private", "the same as secret, in IRC's older words"),
    Rule.SECRET: ("secret", "only members know that the room is there"),
    Rule.MODERATED: ("moderated", "only those with a voice speak"),
    Rule.REGISTERED_SPEAK: ("accounts-speak", "only people with an account, or a voice, speak"),
    Rule.OP_MODERATED: ("op-moderated", "what those say who have no voice is shown to operators alone"),
    Rule.NO_OUTSIDE: ("members-only", "only members speak"),
    Rule.TOPIC_LOCKED: ("topic-locked", "only operators set the topic"),
    Rule.NO_COLOURS: ("colourless", "no colours in what is said"),
    Rule.NO_CTCP: ("no-ctcp", "programs ask each other nothing here"),
    Rule.AUDITORIUM: ("auditorium", "members without a voice see those who have one, and not each other"),
    Rule.ROLEPLAY: ("roleplay", "members may speak as characters of a story"),
}
"""The word for each rule, and what it means."""

_RULE = {word: rule for rule, (word, _) in RULES.items()}

_MADE = {
    Status.FOUNDER: ("made {} a founder", "took the rights of a founder from {}"),
    Status.PROTECTED: ("made {} a protected member", "took the protection from {}"),
    Status.OPERATOR: ("made {} an operator", "took the rights of an operator from {}"),
    Status.HALFOP: ("made {} a half-operator", "took the rights of a half-operator from {}"),
    Status.VOICE: ("gave {} a voice", "took the voice from {}"),
}
_LISTED = {
    Listing.BAN: ("banned {}", "unbanned {}"),
    Listing.EXCEPTION: ("excepted {} from bans", "excepts {} from bans no longer"),
    Listing.INVITED: ("put {} on the list of invited people", "took {} off the list of invited people"),
}
_SET = {
    Rule.KEY: ("set the key {}", "took the key away"),
    Rule.LIMIT: ("set a limit of {} people", "took the limit away"),
    Rule.FORWARD: ("sends to {} who may not come in", "sends nobody to another room any longer"),
}

_NO_ADJECTIVES = frozenset({Rule.REGISTERED_SPEAK, Rule.NO_CTCP, Rule.AUDITORIUM, Rule.ROLEPLAY})
"""Rules whose word does not say what a room is."""


def rule_called(word: str) -> Rule | None:
    """The rule that has this word, in any case."""
    return _RULE.get(word.casefold())


def status_of(status: Status) -> str:
    """The highest that a member is, in a word; nothing for one that is nothing above the others."""
    return next((word for each, word in STATUSES.items() if status >= each), "")


def change_of(change: Change) -> str:
    """What somebody did, to stand behind their name."""
    if isinstance(change.what, Status):
        words = _MADE[change.what]
    elif isinstance(change.what, Rule):
        words = _SET.get(change.what, _switched(change.what))
    elif change.what is Listing.BAN and change.value.startswith(MUTE):
        return f"{'muted' if change.add else 'unmuted'} {change.value.removeprefix(MUTE)}"
    else:
        words = _LISTED[change.what]
    return words[0 if change.add else 1].format(change.value)


def _switched(rule: Rule) -> tuple[str, str]:
    word = RULES[rule][0]
    if rule in _NO_ADJECTIVES:
        return f"set the rule {word}", f"lifted the rule {word}"
    return f"made the room {word}", f"made the room no longer {word}"


def standing(status: Status) -> str:
    """What somebody is, by the highest of it, to stand behind "You"."""
    word = status_of(status)
    if not word:
        return "are no operator"
    return f"{'have' if word == STATUSES[Status.VOICE] else 'are'} {_one(word)}"


def unchanged(change: Change) -> str:
    """The sentence for who asks for what is so already, of a status, a rule or a ban."""
    if isinstance(change.what, Rule):
        return f"The rule {RULES[change.what][0]} is {change.value or ('on' if change.add else 'off')} already."
    if isinstance(change.what, Listing):
        return f"{quoted(change.value)} is {'banned already' if change.add else 'not banned'}."
    word = STATUSES[change.what]
    verb = "has" if change.what is Status.VOICE else "is"
    return f"{change.value} {verb} {f'{_one(word)} already' if change.add else f'no {word}'}."


def _one(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
