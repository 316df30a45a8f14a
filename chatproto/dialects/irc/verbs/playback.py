"""`PRIVMSG *playback :PLAY …`: history for clients that know ZNC's way of asking for it (znc.in/playback).

Source: the manual of ZNC's module "playback". Times are in seconds since 1970, with a fraction if wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from chatproto.dialects.irc import playback
from chatproto.dialects.irc.answers import paced
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.selecting import first, last
from chatproto.dialects.irc.speech import SERVICES, Words
from chatproto.dialects.irc.table import Answer
from chatproto.errors import NotInRoom, Unavailable
from chatproto.events import Kind
from chatproto.rooms import reading
from chatproto.rooms.reading import Buffer

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

NAME = "*playback"
SOURCE = f"{NAME}!playback@znc.in"
EVERYTHING = "*"
BUFFERS = 200
"""Rooms and people that one PLAY names at the most; what is on top is left out."""

USE = "Use PLAY <buffer>{,<buffer>} [<from> [<to>]] or LIST; * is every buffer, and times are in seconds since 1970."

_SECONDS = re.compile(r"\d{1,11}(?:\.\d{1,9})?", re.ASCII)


def _asked(talk: IrcConversation, what: Words) -> Answer:
    """Only people ask; nothing is answered to a notice."""
    if what.kind is not Kind.PLAIN:
        return None
    verb, *params = what.text.split() or [""]
    if verb.upper() == "LIST":
        return _list(talk)
    if verb.upper() == "PLAY" and 1 <= len(params) <= 3 and all(map(_SECONDS.fullmatch, params[1:])):
        return _play(talk, params[0], *(int(float(each) * 1000 + 0.5) for each in params[1:]))
    if verb.upper() != "CLEAR":  # Clients send that, too. There is nothing to clear: history is everybody's.
        _tell(talk, USE)
    return None


SERVICES[NAME] = _asked


async def _play(talk: IrcConversation, names: str, since: int = 0, until: int = 0) -> None:
    """What is later than `since` and earlier than `until`, if that is given, of each buffer, as Ergo has it."""
    try:
        buffers = await reading.buffers(talk.rooms, talk.user) if names == EVERYTHING else list(_buffers(talk, names))
    except Unavailable:
        _tell(talk, "What was said is not to be had now.")
        return
    for buffer in buffers:
        if not await _played(talk, buffer, last(since) if since else None, first(until) if until else None):
            return


async def _played(talk: IrcConversation, buffer: Buffer, after: float | None, before: float | None) -> bool:
    """Whether there can be more."""
    try:
        found = await playback.read(talk, buffer.stream, talk.server.settings.history_read, after=after, before=before)
    except Unavailable:
        _tell(talk, f"What was said in {buffer.name} is not to be had now.")
        return not talk.session.gone
    if found and not talk.session.gone and reading.still(talk.user, buffer):
        await paced(talk, playback.played(talk, buffer.name, found))
    return not talk.session.gone


async def _list(talk: IrcConversation) -> None:
    """When something was said last, of each buffer: its first time is 0, for nobody counts from there."""
    try:
        buffers = {each.stream: each for each in await reading.buffers(talk.rooms, talk.user)}
        found = await talk.rooms.history.active([*buffers], 0.0, talk.rooms.now() + 1.0, len(buffers))
    except Unavailable:
        return
    for stream, time in found:
        if not talk.session.gone and reading.still(talk.user, buffers[stream]):
            _tell(talk, f"{buffers[stream].name} 0 {time:.3f}")


def _buffers(talk: IrcConversation, names: str) -> Iterable[Buffer]:
    """Each of them once, whatever it was called."""
    found: dict[str, Buffer] = {}
    for name in names.split(",")[:BUFFERS]:
        with suppress(NotInRoom):
            buffer = reading.buffer(talk.rooms, talk.user, name)
            found.setdefault(buffer.key, buffer)
    return found.values()


def _tell(talk: IrcConversation, text: str) -> None:
    talk.send("PRIVMSG", talk.nick, truncated(text, talk.server.space("PRIVMSG", talk.nick)), source=SOURCE)
