"""What people tell of themselves while they are here: AWAY, SETNAME.

Sources: "Modern IRC Client Protocol"; IRCv3's "pre-away" and "setname".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.registration import be_away
from chatproto.dialects.irc.table import Answer, verb
from chatproto.rooms.presence import NOBODY

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation


@verb("AWAY [<message>]", early=True, summary="Says that you are away, and why; without a message, that you are back.")
def _away(talk: IrcConversation, message: Message) -> Answer:
    away = truncated(message.params[0], talk.server.settings.away_length) if message.params else ""
    talk.session.unattended = away == NOBODY
    if talk.registration is None:
        be_away(talk, away)
    elif "draft/pre-away" in talk.caps:
        talk.registration.away = away
    else:
        talk.numeric(n.ERR_NOTREGISTERED)
        return None
    talk.numeric(n.RPL_NOWAWAY if away else n.RPL_UNAWAY)
    return None


@verb("SETNAME <realname>", params=1, summary="Gives you another real name.")
def _setname(talk: IrcConversation, message: Message) -> Answer:
    realname = message.params[0].strip()
    if not realname or len(realname.encode()) > talk.server.settings.realname_length:
        talk.fail("SETNAME", "INVALID_REALNAME", text="Realname is not valid")
    else:
        talk.rooms.set_realname(talk.session, realname)
    return None
