"""HELP: how each verb is used, from the table of verbs itself, and what each mode means.

Source: "Modern IRC Client Protocol".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.letters import ROOM_MODES, USER_MODES
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.table import VERBS, Answer, verb

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

COLUMNS = 5
"""Verbs that stand on one line of the index."""

LONGEST_SUBJECT = 60
"""Characters of what somebody wants to know, as far as the answer repeats it."""

LAST = "HELP <verb> tells how that one is used; HELP MODES and HELP UMODES tell of modes."

TOPICS = {
    "MODES": ["** Modes of rooms **", "", *(f"{letter}  {meaning}" for letter, meaning in ROOM_MODES.items())],
    "UMODES": ["** Modes of people **", "", *(f"{letter}  {meaning}" for letter, meaning in USER_MODES.items())],
}
"""What there is to tell beside the verbs."""


@verb("HELP [<subject>]", summary="Lists the verbs, tells how one is used, or what modes there are (MODES, UMODES).")
def _help(talk: IrcConversation, message: Message) -> Answer:
    subject = message.params[0].upper() if message.params else ""
    if not subject:
        _show(talk, "*", ["** Help **", "", *_index(), LAST])
    elif subject in VERBS:
        known = VERBS[subject]
        _show(talk, subject, [f"** {subject} **", "", known.form, *([known.summary] if known.summary else [])])
    elif subject in TOPICS:
        _show(talk, subject, TOPICS[subject])
    else:
        talk.numeric(n.ERR_HELPNOTFOUND, echoed(subject[:LONGEST_SUBJECT]))
    return None


verb("HELPOP [<subject>]", summary="The same as HELP.")(_help)


def _index() -> list[str]:
    names = sorted(VERBS)
    return [" ".join(names[start : start + COLUMNS]) for start in range(0, len(names), COLUMNS)]


def _show(talk: IrcConversation, subject: str, lines: list[str]) -> None:
    first, *between, last = lines
    talk.numeric(n.RPL_HELPSTART, subject, first)
    for line in between:
        talk.numeric(n.RPL_HELPTXT, subject, line)
    talk.numeric(n.RPL_ENDOFHELP, subject, last)
