"""Verbs that speak under another name: RELAYMSG for bridges to other networks; NPC, NPCA and SCENE for stories.

Sources: Ergo's manual, and its draft/relaymsg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.speech import client_tags, words
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import BadName
from chatproto.events import Kind
from chatproto.modes import Rule, Status
from chatproto.rooms import names, permissions

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

SEPARATOR = "/"
"""Stands in the names of those beyond a bridge, and in nobody else's."""
LONGEST = names.LONGEST
"""Characters of such a name."""


@verb("RELAYMSG <channel> <nick> <text>", params=3, summary="Says what somebody said beyond a bridge.")
def _relaymsg(talk: IrcConversation, message: Message) -> Answer:
    target, nick, text = message.params[:3]
    room = talk.rooms.room(target)
    if permissions.rank(talk.user, room) < Status.OPERATOR:
        talk.fail("RELAYMSG", "PRIVS_NEEDED", text="Only operators of the channel can use RELAYMSG")
    elif not text.strip():
        talk.fail("RELAYMSG", "BLANK_MSG", text="The message must not be blank")
    elif not _beyond(talk, nick):
        talk.fail("RELAYMSG", "INVALID_NICK", text=f"The nick must be a name with {SEPARATOR} in it")
    else:
        said = words("PRIVMSG", text, client_tags(message))
        talk.rooms.say(talk.session, room, said.text, said.kind, tags=said.tags, speaker=nick)
    return None


def _beyond(talk: IrcConversation, nick: str) -> bool:
    """Whether it can be the name of somebody beyond a bridge."""
    return SEPARATOR in nick and len(nick) <= LONGEST and _name(talk, nick.replace(SEPARATOR, "")) != ""


def _name(talk: IrcConversation, text: str) -> str:
    """The name as it is shown; nothing if nobody can be called that."""
    try:
        return names.person(text, talk.rooms.limits).shown
    except BadName:
        return ""


@verb("NPC <channel> <name> <text>", params=3, summary="Speaks as a character of a story.")
def _npc(talk: IrcConversation, message: Message) -> Answer:
    _play(talk, message, Kind.PLAIN)
    return None


@verb("NPCA <channel> <name> <text>", params=3, summary="Tells what a character of a story does.")
def _npca(talk: IrcConversation, message: Message) -> Answer:
    _play(talk, message, Kind.ACTION)
    return None


@verb("SCENE <channel> <text>", params=2, summary="Describes the scene of a story.")
def _scene(talk: IrcConversation, message: Message) -> Answer:
    _tell(talk, message.params[0], "=Scene=", " ".join(message.params[1:]), Kind.PLAIN)
    return None


def _play(talk: IrcConversation, message: Message, kind: Kind) -> None:
    target, name, *text = message.params
    shown = _name(talk, name)
    if shown:
        _tell(talk, target, f"*{shown}*", " ".join(text), kind)
    else:
        talk.numeric(n.ERR_CANNOTSENDRP, "*", "A character must have a name that people can have")


def _tell(talk: IrcConversation, target: str, speaker: str, text: str, kind: Kind) -> None:
    """Whose words they are stands behind them. Nothing asks programs something in the name of a character."""
    room = talk.rooms.room(target)
    text = text.replace("\x01", "")
    if Rule.ROLEPLAY not in room.rules:
        talk.numeric(n.ERR_CANNOTSENDRP, room.name.shown, "There is no story told in that channel (+E)")
    elif not text:
        talk.numeric(n.ERR_NOTEXTTOSEND)
    else:
        talk.rooms.say(talk.session, room, f"{text} ({talk.nick})", kind, speaker=speaker)
