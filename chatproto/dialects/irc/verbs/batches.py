"""BATCH, by which a client sends what belongs together: messages of several lines (draft/multiline).

Sources: IRCv3's "Client initiated batch Extension" and "Multiline Messages". Of a batch that is refused the client is
told once; what it still sends of it is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.response import Response
from chatproto.dialects.irc.speech import Words, client_tags, tell
from chatproto.dialects.irc.table import Answer, verb
from chatproto.events import Kind, Part, Tags
from chatproto.rooms.names import key_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

MULTILINE = "draft/multiline"
CONCAT = "draft/multiline-concat"

_TAG = re.compile("[A-Za-z0-9-]+")
_MESSAGES = frozenset({"PRIVMSG", "NOTICE"})
_BETWEEN = frozenset({"BATCH", "PING", "PONG", "QUIT"})
"""What may come while a batch is open and does not belong to it."""


@dataclass(slots=True)
class Batch:
    """The one that a client has opened last. It is kept until it is closed, and holds no more than a message may."""

    tag: str
    target: str = ""
    tags: Tags = ()
    response: Response | None = None
    """Of the line that opened it, if that had a label."""
    verb: str = ""
    parts: list[Part] = field(default_factory=list)
    size: int = 0
    """Bytes of the text so far."""
    refused: bool = False


class _Invalid(Exception):
    """Why a batch is refused: the code, its context, and a sentence."""

    def __init__(self, text: str, code: str = "MULTILINE_INVALID", *context: str) -> None:
        super().__init__(text)
        self.code = code
        self.context = context


@verb("BATCH +<reference> draft/multiline <target>", params=1, summary="Sends a message of several lines.")
def _batch(talk: IrcConversation, message: Message) -> Answer:
    sign, tag = message.params[0][:1], message.params[0][1:]
    try:
        {"+": _open, "-": _close}.get(sign, _neither)(talk, message, tag)
    except _Invalid as why:
        _refuse(talk, tag, why)
        if sign == "-":  # Nothing more of it comes.
            del talk.state[Batch]
    return None


def _open(talk: IrcConversation, message: Message, tag: str) -> None:
    old = talk.state.get(Batch)
    if not _TAG.fullmatch(tag):
        raise _Invalid("A reference tag is of letters, digits and dashes", "INVALID_REFTAG", tag)
    if (old is not None and not old.refused) or "batch" in message.tags:
        raise _Invalid("Only one batch can be open")
    kind, target = (*message.params[1:3], "", "")[:2]
    if kind != MULTILINE:
        raise _Invalid("That type of batch is not known", "UNKNOWN_TYPE", tag, kind)
    if not target:
        raise _Invalid("Invalid multiline batch without a target")
    talk.state[Batch] = Batch(tag, target, client_tags(message), talk.postpone())


def _neither(talk: IrcConversation, message: Message, tag: str) -> None:
    raise _Invalid("A batch is opened with + and closed with -")


def _close(talk: IrcConversation, message: Message, tag: str) -> None:
    batch = talk.state.get(Batch)
    if batch is None or batch.tag != tag:
        raise _Invalid("That batch is not open")
    if not batch.refused:
        if not any(part.text for part in batch.parts):
            raise _Invalid("Invalid multiline batch with blank lines only")
        talk.resume(batch.response)
        kind = Kind.PLAIN if batch.verb == "PRIVMSG" else Kind.NOTICE
        tell(talk, batch.target, Words(_text(batch.parts), kind, batch.tags, tuple(batch.parts)))
    del talk.state[Batch]


def take(talk: IrcConversation, message: Message) -> None:
    """A message that says it belongs to a batch."""
    batch = talk.state.get(Batch)
    try:
        _add(talk, batch, message)
    except _Invalid as why:
        _refuse(talk, message.tags["batch"], why)


def _add(talk: IrcConversation, batch: Batch | None, message: Message) -> None:
    if batch is None or batch.tag != message.tags["batch"]:
        raise _Invalid("That batch is not open")
    if batch.refused:
        return
    batch.parts.append(_part(batch, message))
    most_bytes, most_lines = talk.server.settings.multiline_bytes, talk.server.settings.multiline_lines
    if batch.size > most_bytes:
        raise _Invalid("Multiline batch max-bytes exceeded", "MULTILINE_MAX_BYTES", str(most_bytes))
    if len(batch.parts) > most_lines:
        raise _Invalid("Multiline batch max-lines exceeded", "MULTILINE_MAX_LINES", str(most_lines))


def _part(batch: Batch, message: Message) -> Part:
    """One more line of `batch`, which it is counted for."""
    if len(message.params) < 2 or batch.verb not in ("", message.verb):
        raise _Invalid("Invalid multiline batch")
    target, text = message.params[:2]
    if key_of(target) != key_of(batch.target):
        raise _Invalid("Invalid multiline target", "MULTILINE_INVALID_TARGET", batch.target, target)
    joined = CONCAT in message.tags
    if joined and not text:
        raise _Invalid("Invalid multiline batch with concatenated blank line")
    if text.startswith("\x01"):
        raise _Invalid("Invalid multiline batch with CTCP")
    batch.verb = message.verb
    batch.size += len(text.encode()) + (bool(batch.parts) and not joined)
    return Part(text, joined)


def interrupted(talk: IrcConversation, message: Message) -> bool:
    """Whether a batch is open that `message` neither belongs to nor may come between. It is refused then, and the
    message with it: a client must not send such a thing."""
    batch = talk.state.get(Batch)
    if batch is None or batch.refused or message.verb in _BETWEEN:
        return False
    if message.verb in _MESSAGES and "batch" in message.tags:
        return False
    _refuse(talk, batch.tag, _Invalid("Invalid multiline batch: another command came before its end"))
    return True


def gap(talk: IrcConversation) -> bool:
    """A line was not taken. If it may have been one of an open batch, that is refused. Returns whether it was."""
    batch = talk.state.get(Batch)
    if batch is None or batch.refused:
        return False
    _refuse(talk, batch.tag, _Invalid("Invalid multiline batch: a line of it was not taken"))
    return True


def _refuse(talk: IrcConversation, tag: str, why: _Invalid) -> None:
    old = talk.state.get(Batch)
    talk.resume(old.response if old is not None else None)
    talk.state[Batch] = Batch(tag, refused=True)
    talk.fail("BATCH", why.code, *why.context, text=str(why))


def _text(parts: Iterable[Part]) -> str:
    """The parts, each on a line of its own but those that are joined to what is before them."""
    return "".join(part.text if part.joined else f"\n{part.text}" for part in parts).removeprefix("\n")
