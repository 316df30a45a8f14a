"""REDACT, by which messages are taken back. Source: IRCv3's "Message redaction"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.sent import sent
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import NoSuchMessage, NoSuchPerson, NoSuchRoom, NotInRoom, NotOperator, Unavailable
from chatproto.events import Redacted
from chatproto.rooms import moderation
from chatproto.rooms.attendance import NOWHERE
from chatproto.rooms.names import key_of
from chatproto.rooms.reading import account_of, together

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation


@verb("REDACT <target> <msgid> [<reason>]", params=2, summary="Takes back what was said.")
def _redact(talk: IrcConversation, message: Message) -> Answer:
    target, said, reason = (*message.params, "")[:3]
    return _take_back(talk, target, said, truncated(reason, talk.server.settings.kick_length))


async def _take_back(talk: IrcConversation, target: str, said: str, reason: str) -> None:
    try:
        if target.startswith("#"):
            await _in_room(talk, target, said, reason)
        else:
            await _from_person(talk, target, said, reason)
    except (NoSuchRoom, NoSuchPerson, NotInRoom):
        talk.fail("REDACT", "INVALID_TARGET", target, text=f"You cannot delete messages from {target}")
    except NotOperator:
        text = "You are not authorised to delete this message"
        talk.fail("REDACT", "REDACT_FORBIDDEN", target, said, text=text)
    except NoSuchMessage:
        text = "This message does not exist or is too old"
        talk.fail("REDACT", "UNKNOWN_MSGID", target, said, text=text)
    except Unavailable as unavailable:
        talk.fail("REDACT", "TEMPORARILY_UNAVAILABLE", target, said, text=str(unavailable))


async def _in_room(talk: IrcConversation, target: str, said: str, reason: str) -> None:
    room = talk.rooms.room(target)
    own = sent(talk).has(said, target)
    await moderation.redact(talk.rooms, talk.session, room, said, reason, own=own)
    sent(talk).forget(said)


async def _from_person(talk: IrcConversation, target: str, said: str, reason: str) -> None:
    """What this connection said lately; of what is kept, also what was said by others of the same account."""
    person = talk.rooms.people.find(target)
    stream = together(talk.user, person)
    if not sent(talk).has(said, target):
        kept = await talk.rooms.history.find(stream, said) if stream and account_of(talk.user) else None
        if kept is None or key_of(kept[0].who.account) != account_of(talk.user):
            raise NoSuchMessage(target, said)
        if talk.session.gone:
            return
    sent(talk).forget(said)
    if stream:
        talk.rooms.history.redact(stream, said)
    talk.rooms.publish(NOWHERE, Redacted(person.who.name, talk.user.who, said, reason), talk.session)
