"""Events as IRC's lines, for every set of capabilities that changes how they look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from chatproto.dialects.irc.letters import PREFIXES, spelled
from chatproto.dialects.irc.message import clean, front, join, split, truncated
from chatproto.events import (
    AccountChanged,
    Announced,
    AwayChanged,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Kind,
    Left,
    ModesChanged,
    Part,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    Said,
    Stamp,
    Tags,
    TopicChanged,
    Whispered,
    Who,
)
from chatproto.modes import Change, Status
from chatproto.wire import Render

LINE_LENGTH = 510
"""Bytes of a line without its end and its tags (RFC 1459, 2.3)."""

LONGEST_WORD = 200
"""Bytes of a parameter before the last, where a line would be too long with all of it: as long as rooms' names are."""

SEEN = frozenset(
    {
        "account-notify", "account-tag", "away-notify", "batch", "chghost", "draft/message-redaction",
        "draft/multiline", "draft/oper-tag", "draft/relaymsg", "extended-join", "invite-notify", "message-tags",
        "server-time", "setname",
    }
)  # fmt: skip
"""The capabilities that change how an event looks."""

_TAGGED = frozenset({"server-time", "account-tag", "draft/oper-tag", "message-tags", "draft/relaymsg"})
"""Those of them that put tags before it."""


class Look(NamedTuple):
    """How one kind of connection sees things: by its capabilities, and from which server."""

    server: str
    caps: frozenset[str]

    tagged: bool = True
    """Whether there may be tags before a line."""


def rendering(server: str, caps: frozenset[str]) -> Render:
    """What makes lines of events for all connections with these capabilities."""
    look = Look(server, caps, tagged=not caps.isdisjoint(_TAGGED))

    def render(event: Event, stamp: Stamp) -> list[str]:
        lines = _RENDER.get(type(event))
        return lines(event, stamp, look) if lines is not None else []

    return render


def server_time(seconds: float) -> str:
    """IRCv3's server-time: ISO 8601 in UTC, with milliseconds."""
    return _server_time(round(seconds * 1_000_000) // 1000)


@lru_cache(maxsize=256)  # An event is shown through several wires, and much happens in the same millisecond.
def _server_time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def tags(who: Who, stamp: Stamp, look: Look, client: Tags = ()) -> dict[str, str]:
    """The tags of a line that shows what `who` did; those of its client come last, as IRCv3's message-tags wants it."""
    caps = look.caps
    found: dict[str, str] = {}
    if not look.tagged:
        return found
    if "server-time" in caps:
        found["time"] = server_time(stamp.time)
    if "account-tag" in caps and who.account:
        found["account"] = who.account
    if "draft/oper-tag" in caps and who.operator:
        found["draft/oper"] = ""
    if "message-tags" in caps:
        found["msgid"] = stamp.id
        if who.bot:
            found["bot"] = ""
        found.update(client)
    return found


def fitting(verb: str, params: Sequence[str], source: str) -> str:
    """The line without tags. What of its last parameter would not fit is left out: who comes by another dialect, or
    under a short name, can write more than others can be sent in one line."""
    line = join(verb, params, source)
    if len(line) > LINE_LENGTH or (not line.isascii() and len(line.encode()) > LINE_LENGTH):
        *before, last = params
        before = [truncated(word, LONGEST_WORD) for word in before]
        over = len(join(verb, (*before, last), source).encode()) - LINE_LENGTH
        line = join(verb, (*before, truncated(last, len(last.encode()) - max(over, 0))), source)
    return line


def _line(event: Any, stamp: Stamp, look: Look, verb: str, *params: str) -> list[str]:
    return [front(tags(event.who, stamp, look)) + fitting(verb, params, event.who.mask)]


# -- messages

_FORMS = {
    Kind.PLAIN: ("PRIVMSG", "", ""),
    Kind.ACTION: ("PRIVMSG", "\x01ACTION ", "\x01"),
    Kind.CTCP: ("PRIVMSG", "\x01", "\x01"),
    Kind.NOTICE: ("NOTICE", "", ""),
    Kind.CTCP_REPLY: ("NOTICE", "\x01", "\x01"),
    Kind.TAGS: ("TAGMSG", "", ""),
}
"""The verb, and what stands before the text and behind it."""

CHARACTERS = "npc.fakeuser.invalid"
"""The host of those who are characters of a story."""
RELAYED = "relayed.invalid"
"""The host of those who speak from beyond a bridge."""


LEAST_TEXT = 40
"""Bytes of text that a line has at the least. Names can be allowed to be so long that nothing else would fit."""


@lru_cache(maxsize=1024)  # Each line that is said asks for it, and mostly the same people speak.
def room_for(kind: Kind, source: str, target: str) -> int:
    """Bytes of text that fit into one line."""
    verb, begin, end = _FORMS[kind]
    return max(LINE_LENGTH - len(f":{source} {verb} {target} :{begin}{end}".encode()), LEAST_TEXT)


@lru_cache(maxsize=1024)
def target_of(to: Status, room: str) -> str:
    """The room, behind the prefix of those it is for, if it is not for all of them."""
    return PREFIXES[to][1] + room if to else room


def _said(event: Said, stamp: Stamp, look: Look) -> list[str]:
    found = tags(event.who, stamp, look, event.tags)
    target = target_of(event.to, event.room)
    if event.speaker:
        return _message(event, target, *_disguised(event, found, look), stamp, look)
    return _message(event, target, event.who.mask, found, stamp, look)


def _whispered(event: Whispered, stamp: Stamp, look: Look) -> list[str]:
    return _message(event, event.target, event.who.mask, tags(event.who, stamp, look, event.tags), stamp, look)


def _disguised(event: Said, found: dict[str, str], look: Look) -> tuple[str, dict[str, str]]:
    """The source and the tags of a message that is shown under another name: nothing that tells of the sender but its
    nick."""
    story = event.speaker[0] in "*="
    shown = {key: value for key, value in found.items() if key not in ("account", "bot", "draft/oper")}
    if not story and not look.caps.isdisjoint(("message-tags", "draft/relaymsg")):
        shown = {"draft/relaymsg": event.who.name, **shown}
    return f"{event.speaker}!{event.who.name}@{CHARACTERS if story else RELAYED}", shown


def _message(
    event: Said | Whispered, target: str, source: str, found: dict[str, str], stamp: Stamp, look: Look
) -> list[str]:
    """One line, if the text fits into one."""
    verb, begin, end = _FORMS[event.kind]
    if verb == "TAGMSG":
        return [f"{front(found)}:{source} {verb} {target}"] if "message-tags" in look.caps else []
    head = f":{source} {verb} {target} :{begin}"
    room = max(LINE_LENGTH - len(head.encode()) - len(end), LEAST_TEXT)
    text = event.text
    if not event.parts and text.isprintable() and len(text.encode()) <= room:
        return [f"{front(found) if found else ''}{head}{text}{end}"]
    parts = _parts(event, room)
    if (event.parts or len(parts) > 1) and not begin and look.caps.issuperset(("batch", "draft/multiline")):
        return _batch(parts, verb, target, source, found, stamp)
    rest = front({key: value for key, value in found.items() if key != "msgid" and key not in dict(event.tags)})
    texts = [part.text for part in parts if part.text] or [""]
    return [f"{rest if place else front(found)}{head}{text}{end}" for place, text in enumerate(texts)]


def _parts(event: Said | Whispered, room: int) -> list[Part]:
    """The text in pieces of at most `room` bytes. Where it is broken for that, the next piece is joined to it."""
    lines = event.parts or [Part(line, joined=False) for line in event.text.split("\n")]
    found = []
    for line in lines:
        first, *rest = split(clean(line.text), room)
        found += [Part(first, line.joined), *(Part(piece, joined=True) for piece in rest)]
    return found


def _batch(parts: list[Part], verb: str, target: str, source: str, found: dict[str, str], stamp: Stamp) -> list[str]:
    """IRCv3's multiline."""
    batch = f"m{stamp.id}"
    lines = [f"{front(found)}:{source} BATCH +{batch} draft/multiline {target}"]
    for text, joined in parts:
        concat = ";draft/multiline-concat" if joined else ""
        lines.append(f"@batch={batch}{concat} :{source} {verb} {target} :{text}")
    lines.append(f":{source} BATCH -{batch}")
    return lines


def _redacted(event: Redacted, stamp: Stamp, look: Look) -> list[str]:
    if "draft/message-redaction" not in look.caps:
        return []
    reason = (event.reason,) if event.reason else ()
    return _line(event, stamp, look, "REDACT", event.room, event.id, *reason)


# -- rooms


def _joined(event: Joined, stamp: Stamp, look: Look) -> list[str]:
    more = (event.who.account or "*", event.realname) if "extended-join" in look.caps else ()
    lines = _line(event, stamp, look, "JOIN", event.room, *more)
    if event.away and "away-notify" in look.caps:
        lines += _away(AwayChanged(event.who, event.away), stamp, look)
    return lines


def _left(event: Left, stamp: Stamp, look: Look) -> list[str]:
    return _line(event, stamp, look, "PART", event.room, *([event.reason] if event.reason else []))


def _modes(event: ModesChanged, stamp: Stamp, look: Look) -> list[str]:
    space = LINE_LENGTH - len(f":{event.who.mask} MODE {event.room} ".encode())
    return [_line(event, stamp, look, "MODE", event.room, *words)[0] for words in spelled(event.changes, space)]


# -- people


def _away(event: AwayChanged, stamp: Stamp, look: Look) -> list[str]:
    if "away-notify" not in look.caps:
        return []
    return _line(event, stamp, look, "AWAY", *([event.message] if event.message else []))


def _host(event: HostChanged, stamp: Stamp, look: Look) -> list[str]:
    """Who did not ask for it sees those that it shares a room with go, and come back (IRCv3's chghost)."""
    if "chghost" in look.caps:
        return _line(event, stamp, look, "CHGHOST", event.username, event.host)
    return _line(event, stamp, look, "QUIT", "Changing host") if event.near else []


def _returned(event: Returned, stamp: Stamp, look: Look) -> list[str]:
    if "chghost" in look.caps:
        return []
    same = look._replace(caps=look.caps - {"message-tags"})  # The id of what happened is that of QUIT.
    lines = _joined(Joined(event.room, event.who, event.realname, event.away), stamp, same)
    name = event.who.name
    held = [Change(add=True, what=status, value=name) for status in reversed(Status) if status & event.status]
    time = {"time": server_time(stamp.time)} if "server-time" in look.caps else {}
    for words in spelled(held, LINE_LENGTH):
        lines.append(join("MODE", (event.room, *words), look.server, time))
    return lines


def _only_with(cap: str, verb: str, params: Callable[[Any], tuple[str, ...]]) -> Callable[..., list[str]]:
    """Lines that are shown only to those who asked for that capability."""
    return lambda event, stamp, look: _line(event, stamp, look, verb, *params(event)) if cap in look.caps else []


def _always(verb: str, params: Callable[[Any], tuple[str, ...]]) -> Callable[..., list[str]]:
    return lambda event, stamp, look: _line(event, stamp, look, verb, *params(event))


_RENDER: dict[type[Event], Callable[..., list[str]]] = {
    Said: _said,
    Whispered: _whispered,
    Redacted: _redacted,
    Joined: _joined,
    Left: _left,
    Kicked: _always("KICK", lambda event: (event.room, event.target, event.reason or event.who.name)),
    TopicChanged: _always("TOPIC", lambda event: (event.room, event.topic)),
    ModesChanged: _modes,
    Invited: _only_with("invite-notify", "INVITE", lambda event: (event.target, event.room)),
    Quit: _always("QUIT", lambda event: (event.reason,)),
    Renamed: _always("NICK", lambda event: (event.new,)),
    AwayChanged: _away,
    RealnameChanged: _only_with("setname", "SETNAME", lambda event: (event.realname,)),
    AccountChanged: _only_with("account-notify", "ACCOUNT", lambda event: (event.who.account or "*",)),
    HostChanged: _host,
    Returned: _returned,
    Announced: _always("WALLOPS", lambda event: (event.text,)),
}
"""Lines of each event. What is not here is told to each connection by its conversation, or not at all."""
