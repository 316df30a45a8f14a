"""Events that are told to a connection on its own: what it did itself, and what wants its nick or its own choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chatproto.dialects.irc import facts, identity
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.look import tags
from chatproto.dialects.irc.message import join
from chatproto.dialects.irc.render import room_renamed
from chatproto.dialects.irc.sent import sent
from chatproto.dialects.irc.sights import entered
from chatproto.events import (
    AccountChanged,
    AccountGone,
    Appeared,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Left,
    MetadataChanged,
    ModesChanged,
    RealnameChanged,
    Redacted,
    Renamed,
    RoomRenamed,
    Said,
    Stamp,
    TopicChanged,
    Vanished,
    Warned,
    Whispered,
)
from chatproto.rooms.names import key_of
from chatproto.rooms.user import Session

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

Tell = Callable[["IrcConversation", Any, Stamp], None]


def not_shown(session: Session, event: Event) -> bool:
    """Whether it is of a room that the person is in, but this connection was not shown yet: it is on its way in."""
    if isinstance(event, MetadataChanged):
        name = event.target
    else:
        name = event.new if isinstance(event, RoomRenamed) else getattr(event, "room", "")
    room = session.user.rooms.get(key_of(name)) if session.user is not None and name else None
    return room is not None and room not in session.views


def modes_changed(talk: IrcConversation, letters: str) -> None:
    """The person has other modes now: all of their clients are told so."""
    for session in talk.user.sessions:
        client, mask = session.owner, talk.user.who.mask
        if client is talk:
            talk.send("MODE", talk.nick, letters, source=mask)
        elif isinstance(client, type(talk)):
            client.apart(partial(client.send, "MODE", talk.nick, letters, source=mask))


def _show(talk: IrcConversation, event: Event, stamp: Stamp) -> None:
    talk.show(event, stamp)


def _said(talk: IrcConversation, event: Said, stamp: Stamp) -> None:
    sent(talk).add(stamp, event.room)
    _echoed(talk, event, stamp)


def _whispered(talk: IrcConversation, event: Whispered, stamp: Stamp) -> None:
    sent(talk).add(stamp, event.target)
    _echoed(talk, event, stamp)


def _echoed(talk: IrcConversation, event: Said | Whispered, stamp: Stamp) -> None:
    """What is kept is not echoed before it is stored, nor is the line answered that had a label."""
    echoed = "echo-message" in talk.caps or event.speaker  # What others say in its name no client shows by itself.
    if echoed:
        talk.show(event, stamp)
    if (echoed or talk.labelled) and talk.rooms.kept.keeps(event):
        talk.hold()


def _joined(talk: IrcConversation, event: Joined, stamp: Stamp) -> None:
    talk.show(Joined(event.room, event.who, event.realname), stamp)  # That one is away oneself is no news.
    room = talk.rooms.room(event.room)
    if talk.entering is not None:
        talk.entering.append(room)
    else:
        for _ in entered(talk, room):
            pass


def _room_renamed(talk: IrcConversation, event: RoomRenamed, stamp: Stamp) -> None:
    """As it is; or as leaving one room and entering another, but where only the case of the name differs, or the client
    is not in there."""
    if "draft/channel-rename" in talk.caps:
        talk.write(room_renamed(event, stamp, talk.server.look(talk.caps)))
    elif key_of(event.room) != key_of(event.new) and key_of(event.new) in talk.user.rooms:
        talk.show(Left(event.room, talk.user.who, event.reason), stamp)
        _joined(talk, Joined(event.new, talk.user.who, talk.user.realname), stamp)


def _host_changed(talk: IrcConversation, event: HostChanged, stamp: Stamp) -> None:
    talk.show(replace(event, near=False), stamp)


def _invited(talk: IrcConversation, event: Invited, stamp: Stamp) -> None:
    """To who was invited; who invited has had its numeric."""
    if event.who.name != talk.nick:
        look = talk.server.look(talk.caps)
        talk.write(join("INVITE", (event.target, event.room), event.who.mask, tags(event.who, stamp, look)))


def _appeared(talk: IrcConversation, event: Appeared, stamp: Stamp) -> None:
    talk.numeric(n.RPL_MONONLINE, event.who.mask)
    facts.of_person(talk, event.who.name)


def _vanished(talk: IrcConversation, event: Vanished, stamp: Stamp) -> None:
    talk.numeric(n.RPL_MONOFFLINE, event.name)


def _account_gone(talk: IrcConversation, event: AccountGone, stamp: Stamp) -> None:
    identity.tell(talk)


def _warned(talk: IrcConversation, event: Warned, stamp: Stamp) -> None:
    talk.send("NOTICE", talk.nick, f"*** {event.text}")


TOLD: dict[type[Event], Tell] = {
    Said: _said,
    Whispered: _whispered,
    Redacted: _show,
    Joined: _joined,
    Left: _show,
    Kicked: _show,
    TopicChanged: _show,
    ModesChanged: _show,
    Renamed: _show,
    RoomRenamed: _room_renamed,
    RealnameChanged: _show,
    AccountChanged: _show,
    AccountGone: _account_gone,
    HostChanged: _host_changed,
    Invited: _invited,
    Appeared: _appeared,
    MetadataChanged: facts.changed,
    Vanished: _vanished,
    Warned: _warned,
}
