"""What was said, as the lines that show it: one, several where it does not fit, or a batch (IRCv3's multiline)."""

from __future__ import annotations

from functools import lru_cache

from chatproto.dialects.irc.letters import PREFIXES
from chatproto.dialects.irc.look import Look, tags
from chatproto.dialects.irc.message import LINE_LENGTH, clean, front
from chatproto.dialects.irc.pieces import split
from chatproto.events import Kind, Part, Said, Stamp, Whispered
from chatproto.modes import Status

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


def said(event: Said, stamp: Stamp, look: Look) -> list[str]:
    """The lines that show what was said in a room; none if it is tags alone, which nobody here asked for."""
    found = tags(event.who, stamp, look, event.tags)
    target = target_of(event.to, event.room)
    if event.speaker:
        return _message(event, target, *_disguised(event, found, look), stamp, look)
    return _message(event, target, event.who.mask, found, stamp, look)


def whispered(event: Whispered, stamp: Stamp, look: Look) -> list[str]:
    """The same of what was said to one person."""
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
