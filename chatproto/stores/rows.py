"""Events as rows of the table `lines`, and back.

What is asked for has a column: who, whom to, which words. What few lines have is JSON, in `rest`, field by field, as
far as it is not the field's default. Kinds of rows are numbers that stay what they are; below 100 is what was said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, NamedTuple

from chatproto import events
from chatproto.events import Event, Kind, Part, Said, Whispered, Who
from chatproto.modes import Change, Listing, Rule, Status

COLUMNS = ("kind", "target", "sender", "username", "host", "account", "text", "rest")
"""What `row` gives, in this order."""

TAKEN_BACK = 1000
"""The kind of a line of which nothing is left but its place."""

_NOBODY = Who("", "", "")


class _Form(NamedTuple):
    """Which fields of an event are the columns `target` and `text`; the rest is in `rest`."""

    kind: int
    event: type[Event]
    target: str = ""
    text: str = ""


# A number that was used is never used for anything else.
_SAID = {Kind.PLAIN: 0, Kind.ACTION: 1, Kind.NOTICE: 2, Kind.CTCP: 3, Kind.CTCP_REPLY: 4, Kind.TAGS: 5}
_WHISPERED = {kind: number + 10 for kind, number in _SAID.items()}
UNSAID = (_SAID[Kind.TAGS], _WHISPERED[Kind.TAGS])
"""The kinds of what has no text, only tags: it is not among what was said, but for those who read every event."""
_FORMS = (
    _Form(0, Said, "room", "text"),
    _Form(10, Whispered, "target", "text"),
    _Form(100, events.Joined, "room"),
    _Form(101, events.Left, "room", "reason"),
    _Form(102, events.Quit, "", "reason"),
    _Form(103, events.Kicked, "room", "reason"),
    _Form(104, events.Renamed, "", "new"),
    _Form(105, events.TopicChanged, "room", "topic"),
    _Form(106, events.ModesChanged, "room"),
    _Form(107, events.RoomRenamed, "room", "reason"),
    _Form(108, events.Invited, "room"),
    _Form(109, events.Redacted, "room", "reason"),
    _Form(110, events.AwayChanged, "", "message"),
    _Form(111, events.RealnameChanged, "", "realname"),
    _Form(112, events.AccountChanged),
    _Form(113, events.HostChanged),
    _Form(114, events.Returned, "room"),
    _Form(115, events.Appeared),
    _Form(116, events.Vanished),
    _Form(117, events.Announced, "", "text"),
    _Form(118, events.MetadataChanged, "target"),
    _Form(119, events.Warned, "", "text"),
    _Form(120, events.AccountGone, "", "account"),
)
KINDS = {form.event: form.kind for form in _FORMS}
"""The classes of events that can be stored, and their numbers; of what is said, that of the plain kind."""
_SPOKEN = {number: (Said, kind) for kind, number in _SAID.items()} | {
    number: (Whispered, kind) for kind, number in _WHISPERED.items()
}


class _Shape:
    """A form, and what can be known of its event beforehand."""

    def __init__(self, form: _Form) -> None:
        self.form = form
        named = {each.name: each.default for each in fields(form.event) if each.init}
        self.target = attrgetter(form.target) if form.target else _empty
        self.text = attrgetter(form.text) if form.text else _empty
        self.who = attrgetter("who") if "who" in named else _nobody
        self.has_who = "who" in named
        columns = {"who", form.target, form.text} | ({"kind"} if form.kind < 100 else set())
        self.rest = [(name, default) for name, default in named.items() if name not in columns]
        self.names = frozenset(name for name, _ in self.rest)


def _empty(_: Event) -> str:
    return ""


def _nobody(_: Event) -> Who:
    return _NOBODY


_BY_EVENT = {form.event: _Shape(form) for form in _FORMS}
_BY_KIND = {form.kind: _BY_EVENT[form.event] for form in _FORMS} | {
    number: _BY_EVENT[event] for number, (event, _) in _SPOKEN.items()
}


def row(event: Event) -> tuple[Any, ...]:
    """The `COLUMNS` of an event. Raises `KeyError` for a class of events that rows have no number for."""
    shape = _BY_EVENT[type(event)]
    who: Who = shape.who(event)
    kind = shape.form.kind
    if isinstance(event, Said):
        kind = _SAID[event.kind]
    elif isinstance(event, Whispered):
        kind = _WHISPERED[event.kind]
    rest = {name: value for name, default in shape.rest if (value := getattr(event, name)) != default}
    if who.bot or who.operator:
        rest |= {"bot": who.bot, "operator": who.operator}
    texts: tuple[str, ...] = shape.target(event), who.name, who.username, who.host, who.account, shape.text(event)
    if not _plain("".join(texts)):
        texts = tuple(map(storable, texts))
    return (kind, *texts, json.dumps(rest, default=_letter, separators=(",", ":")) if rest else None)


def event(row: Sequence[Any]) -> Event | None:
    """The event of a row's `COLUMNS`; None if a newer program wrote it, or if it was taken back."""
    kind, target, sender, username, host, account, text, rest = row
    shape = _BY_KIND.get(kind)
    if shape is None:
        return None
    found: dict[str, Any] = {}
    try:
        more: dict[str, Any] = json.loads(rest) if rest else {}
        for name in shape.names & more.keys():
            found[name] = _READ[name](more[name]) if name in _READ else more[name]
        if shape.has_who:
            found["who"] = Who(sender, username, host, account, more.get("bot", False), more.get("operator", False))
        if shape.form.target:
            found[shape.form.target] = target
        if shape.form.text:
            found[shape.form.text] = text
        if kind in _SPOKEN:
            found["kind"] = _SPOKEN[kind][1]
        return shape.form.event(**found)
    except (TypeError, ValueError, LookupError):
        return None


def is_storable(text: str) -> bool:
    """Whether it can be stored as it is."""
    return _plain(text) or storable(text) == text


def _plain(text: str) -> bool:
    return text.isascii() and "\0" not in text


def storable(text: str) -> str:
    """`text` as it can be stored: PostgreSQL has no NUL, and neither database has half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _letter(letter: Rule | Listing) -> str:
    return f"{type(letter).__name__} {letter.value}"


_LETTERS: Mapping[str, type[Rule | Listing]] = {"Rule": Rule, "Listing": Listing}


def _what(found: int | str) -> Status | Rule | Listing:
    if isinstance(found, int):
        return Status(found)
    name, _, letter = str(found).partition(" ")
    return _LETTERS[name](letter)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "tags": lambda pairs: tuple((name, value) for name, value in pairs),
    "parts": lambda parts: tuple(Part(text, joined) for text, joined in parts),
    "to": Status,
    "heard": Status,
    "status": Status,
    "changes": lambda changes: tuple(Change(add, _what(what), value) for add, what, value in changes),
}
