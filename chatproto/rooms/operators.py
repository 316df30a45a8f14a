"""What operators of the server do, and how one becomes one. All functions raise a `ChatError` for what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chatproto.errors import TooManyTries, Unwanted, WrongPassword
from chatproto.events import Announced, HostChanged, Stamp, Warned, Who
from chatproto.interfaces import Peer
from chatproto.modes import UserMode
from chatproto.rooms import names, permissions
from chatproto.rooms.attendance import NOWHERE
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, User, user_of

CheckOperator = Callable[[str, str, Peer], Awaitable[bool]]
"""Whether a name and a password are those of an operator of the server; and who asks. May raise `NotChecked` or
`TooManyAttempts`."""

MOST_TRIES = 5
"""Wrong passwords that one connection may give."""


async def become(chat: RoomService, session: Session, name: str, password: str, check: CheckOperator) -> bool:
    """Make who this is an operator of the server; False if the connection ended meanwhile. Raises `WrongPassword`,
    whether it is the name or the password that is wrong, and the last time `TooManyTries`: end the connection then.
    What `check` raises counts as no try."""
    right = await check(name, password, session.link.peer)
    user = session.user
    if user is None:
        return False
    if not right:
        session.wrong += 1
        raise TooManyTries if session.wrong >= MOST_TRIES else WrongPassword
    user.title = name
    chat.people.become(user, user.modes | {UserMode.OPERATOR})
    return True


def kill(chat: RoomService, session: Session, target: User, reason: str) -> None:
    """End every connection of `target`; they do not stay without. Raises `NotServerOperator`."""
    user = user_of(session)
    permissions.must_run_the_server(user)
    end(chat, user.who, target, reason)


def end(chat: RoomService, who: Who, target: User, reason: str) -> None:
    """The same, by `who`, whose right to it is known."""
    chat.presences.remove(target, f"Killed ({who.name} ({reason}))")
    for each in list(target.sessions):
        each.owner.cut(who, reason)


def bring(chat: RoomService, session: Session, target: User, text: str) -> None:
    """Have `target` go into the room called `text`, whatever its rules say. Raises `NotServerOperator`, `BadName`,
    `RoomLooksLike`, `TooManyRooms` or `RoomFull`."""
    permissions.must_run_the_server(user_of(session))
    if not target.sessions:
        raise Unwanted(target.name.shown, "is not connected")
    room = chat.directory.like(names.room(text, chat.limits))
    if room is None or target in room.members or room in target.invitations:
        chat.join(target.sessions[0], text)
        return
    target.invitations = (*target.invitations, room)
    try:
        chat.join(target.sessions[0], text)
    finally:
        target.forget_invitation(room)


def announce(chat: RoomService, session: Session, text: str) -> None:
    """Tell everyone who wants to hear it. Raises `NotServerOperator`."""
    user = user_of(session)
    permissions.must_run_the_server(user)
    chat.publish(NOWHERE, Announced(user.who, text), None)


def tell(chat: RoomService, text: str) -> None:
    """The server tells all operators something."""
    stamp = Stamp(0, 0, chat.now())
    for user in chat.people:
        for session in user.sessions if user.operator else ():
            session.owner.hear(Warned(text), stamp)


def set_host(chat: RoomService, session: Session, target: User, host: str) -> None:
    """Have `target` shown with another host; the one it has changes nothing. Raises `NotServerOperator`."""
    permissions.must_run_the_server(user_of(session))
    old = target.who
    if host != old.host:
        target.looks(host=host)
        chat.publish(NOWHERE, HostChanged(old, old.username, host, target.realname), None)
