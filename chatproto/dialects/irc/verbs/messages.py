"""Verbs that say something: PRIVMSG, NOTICE, TAGMSG; and whose messages one takes: ACCEPT.

Sources: "Modern IRC Client Protocol"; IRCv3's "Message Tags".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.services import SERVICES
from chatproto.dialects.irc.speech import Words, client_tags, tell_all, words
from chatproto.dialects.irc.table import Answer, verb
from chatproto.dialects.irc.verbs import batches
from chatproto.events import Kind

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation


@verb("PRIVMSG <target>{,<target>} <text>", summary="Says something to rooms and people.")
def _privmsg(talk: IrcConversation, message: Message) -> Answer:
    params = message.params
    if "batch" in message.tags:
        batches.take(talk, message)
    elif not params or not params[0].strip(","):
        talk.numeric(n.ERR_NORECIPIENT, "No recipient given (PRIVMSG)")
    elif len(params) < 2 or not params[1]:
        talk.numeric(n.ERR_NOTEXTTOSEND)
    elif talk.rooms.accounts is not None and params[0].lower() in SERVICES:
        return SERVICES[params[0].lower()].asked(talk, params[1])
    else:
        return tell_all(talk, params[0], words("PRIVMSG", params[1], client_tags(message)))
    return None


@verb("NOTICE <target>{,<target>} <text>", summary="Says something that no program answers.")
def _notice(talk: IrcConversation, message: Message) -> Answer:
    params = message.params
    if "batch" in message.tags:
        batches.take(talk, message)
    elif len(params) > 1 and params[1]:  # Else it is ignored: nothing may answer a notice.
        tell_all(talk, params[0], words("NOTICE", params[1], client_tags(message)))
    return None


@verb("TAGMSG <target>{,<target>}", params=1, summary="Sends tags without a text, as to say that one is typing.")
def _tagmsg(talk: IrcConversation, message: Message) -> Answer:
    tags = client_tags(message)
    if tags:  # Without any there is nothing to send.
        tell_all(talk, message.params[0], Words("", Kind.TAGS, tags))
    return None


@verb(
    "ACCEPT [-]<nick>{,[-]<nick>}",
    params=1,
    summary="Lets people speak to you who are not logged in, in spite of your mode R; or, with a -, no more.",
)
def _accept(talk: IrcConversation, message: Message) -> Answer:
    for each in filter(None, message.params[0].split(",")):
        person = talk.rooms.people.get(each.removeprefix("-"))
        if person is None:
            talk.fail("ACCEPT", "INVALID_USER", each.removeprefix("-"), text="No such user")
        elif each.startswith("-"):
            talk.user.refuse(person)
        else:
            talk.user.accept(person)
    return None
