"""Registered rooms: what their founders do (how they come back when the server starts is in `restarting.py`).

A registered room has a founder, an account, and is there when nobody is in it, with its operators, topic, rules, lists
and what was said in it; after a restart as well. All functions but `expire` raise a `ChatError` for what
is refused, and have changed nothing then.
"""

from __future__ import annotations

from chatproto.errors import ChatError, NoSuchAccount, NoSuchRoom, NotOperator, NotThere
from chatproto.modes import Status
from chatproto.rooms import permissions
from chatproto.rooms.limits import DAY
from chatproto.rooms.logins import must_be_logged_in
from chatproto.rooms.names import key_of
from chatproto.rooms.reading import account_of
from chatproto.rooms.registration import Registration
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, User, user_of


class AlreadyRegistered(ChatError):
    """The room has a founder."""

    def __init__(self, room: str, founder: str) -> None:
        super().__init__(f"{room} is registered already, by {founder}.")


class NotRegistered(ChatError):
    """The room is there as long as somebody is in it, and no longer."""

    def __init__(self, room: str) -> None:
        super().__init__(f"{room} is not registered.")


class NotFounder(ChatError):
    """Only the founder may do that."""

    def __init__(self, room: str) -> None:
        super().__init__(f"Only the founder of {room} may do that.")


class NotOffered(ChatError):
    """The founder wants to keep the room, or to give it to somebody else."""

    def __init__(self, room: str) -> None:
        super().__init__(f"{room} was not offered to you.")


class TooManyRegistered(ChatError):
    """An account has registered as many rooms as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"You have registered {limit} rooms, the most that is allowed.")


def registration_of(room: Room) -> Registration:
    """What `room` is registered as. Raises `NotRegistered`."""
    if room.registration is None:
        raise NotRegistered(room.name.shown)
    return room.registration


def must_own(user: User, room: Room) -> Registration:
    """What a room is registered as that `user` may do with what they like. Raises `NotRegistered` or `NotFounder`."""
    its = registration_of(room)
    if not permissions.owns(user, room):
        raise NotFounder(room.name.shown)
    return its


def find(chat: RoomService, user: User, text: str) -> Room:
    """The room called `text`, if `user` may know of it: also from outside, if their account is something there, or will
    be. Raises `NoSuchRoom`."""
    room = chat.room(text)
    its, account = room.registration, account_of(user)
    known = its is not None and account and (its.status(account) or its.heir == account)
    if not known and not chat.visible(room, user):
        raise NoSuchRoom(text)
    return room


def of(chat: RoomService, account: str) -> list[Room]:
    """The rooms that an account, by its key, has registered."""
    return [room for room in chat.rooms() if room.registration is not None and room.registration.founder == account]


# -- whose it is


def register(chat: RoomService, session: Session, room: Room) -> None:
    """Keep `room`: the account that one is logged in to is its founder from now on. What members are who are logged in,
    their accounts are. Raises `NotLoggedIn`, `NotOperator`, `AlreadyRegistered` or `TooManyRegistered`."""
    user, account = user_of(session), must_be_logged_in(session)
    permissions.must_rule(user, room)
    if room.registration is not None:
        raise AlreadyRegistered(room.name.shown, chat.owned.name(room.registration.founder))
    _must_have_place(chat, user, account)
    its = room.registration = Registration(account, chat.now())
    for member, status in sorted(room.members.items(), key=lambda member: -member[1]):  # The highest first.
        held = account_of(member) if status else ""
        if held and (held in its.ranks or len(its.ranks) < chat.limits.ranks_kept):
            its.grant(held, status)
    chat.recorded.keep(room)
    chat.recorded.grant(room, user)


def _must_have_place(chat: RoomService, user: User, account: str) -> None:
    if not user.operator and len(of(chat, account)) >= chat.limits.rooms_registered:
        raise TooManyRegistered(chat.limits.rooms_registered)


def unregister(chat: RoomService, session: Session, room: Room) -> None:
    """Have it be a room like others, which is gone when nobody is in it. Raises `NotRegistered` or `NotFounder`."""
    must_own(user_of(session), room)
    chat.recorded.release(room)


def offer(chat: RoomService, session: Session, room: Room, account: str) -> bool:
    """Let `account`, any writing of its name, have the room, once they accept it; the founder itself: nobody any more.
    An operator of the server gives it away at once, and then this is True. Raises `NotRegistered`, `NotFounder` or
    `NoSuchAccount`."""
    user = user_of(session)
    its, key = must_own(user, room), key_of(account)
    if account not in chat.owned:
        raise NoSuchAccount(account)
    at_once = user.operator and key != its.founder
    if at_once:
        _pass(chat, room, its, key)
    else:
        its.heir = "" if key == its.founder else key
        chat.recorded.keep(room)
    return at_once


def accept(chat: RoomService, session: Session, room: Room) -> None:
    """Take a room that was offered. Raises `NotLoggedIn`, `NotRegistered`, `NotOffered` or `TooManyRegistered`."""
    user, account = user_of(session), must_be_logged_in(session)
    its = registration_of(room)
    if its.heir != account:
        raise NotOffered(room.name.shown)
    _must_have_place(chat, user, account)
    _pass(chat, room, its, account)


def _pass(chat: RoomService, room: Room, its: Registration, account: str) -> None:
    old = its.founder
    its.pass_to(account)
    chat.recorded.keep(room)
    for member in chat.recorded.present(room, old):
        chat.recorded.change(room, member, Status.FOUNDER, add=False)
        chat.recorded.grant(room, member)
    for member in chat.recorded.present(room, account):
        chat.recorded.grant(room, member)


# -- what accounts are in it


def rank(user: User, room: Room) -> Status:
    """What somebody is in `room`, or would be if they came in."""
    its = room.registration
    kept = its.status(account_of(user)) if its is not None else Status.NONE
    return max(permissions.rank(user, room), kept)


def must_know(user: User, room: Room) -> Registration:
    """What accounts are in `room`: half-operators and those above may know that. Raises `NotRegistered` or
    `NotOperator`."""
    its = registration_of(room)
    if rank(user, room) < Status.HALFOP:
        raise NotOperator(room.name.shown)
    return its


def set_rank(chat: RoomService, session: Session, room: Room, account: str, status: Status, *, add: bool) -> bool:
    """Make `account`, any writing of its name, that whenever it comes in, and now if it is there; or not any more.
    Returns whether that is new. Who may make members that may do it; the founder stays one. Raises `NotRegistered`,
    `NotOperator`, `NoSuchAccount` or `ListFull`."""
    its, key = registration_of(room), key_of(account)
    permissions.may_grant(rank(user_of(session), room), room, status)
    if add and account not in chat.owned:
        raise NoSuchAccount(account)
    had = its.ranks.get(key, Status.NONE)
    if add:
        chat.recorded.must_have_place(room, key, status)
        its.grant(key, status)
    else:
        its.take(key, status)
    if its.ranks.get(key, Status.NONE) == had:
        return False
    chat.recorded.keep(room)
    for member in chat.recorded.present(room, key):
        chat.recorded.change(room, member, status if add else status & ~its.status(key), add=add)
    return True


def set_status(chat: RoomService, session: Session, room: Room, target: User, status: Status, *, add: bool) -> bool:
    """Make a member that, or not any more, as `moderation.change` does, but also from outside; by what one's account is
    there. Returns whether that is new. Raises `NotRegistered`, `NotOperator`, `NotThere` or `ListFull`."""
    its, account = registration_of(room), account_of(target)
    permissions.may_grant(rank(user_of(session), room), room, status)
    if target not in room.members:
        raise NotThere(target.name.shown, room.name.shown)
    if add:
        chat.recorded.must_have_place(room, account, status)
    if account:
        (its.grant if add else its.take)(account, status)
        chat.recorded.keep(room)
    had = room.members[target]
    chat.recorded.change(room, target, status, add=add)
    return room.members[target] != had


def take_up(chat: RoomService, session: Session, room: Room) -> bool:
    """Be in `room` what one's account is there; False if one is already. Raises `NotInRoom`, `NotLoggedIn`,
    `NotRegistered`, or `NotOperator` if the account is nothing there."""
    user = user_of(session)
    permissions.must_be_in(user, room)
    kept = registration_of(room).status(must_be_logged_in(session))
    if not kept:
        raise NotOperator(room.name.shown)
    had = room.members[user]
    chat.recorded.grant(room, user)
    return room.members[user] != had


def expire(chat: RoomService) -> list[Room]:
    """Have rooms be registered no more that nobody was in for too long, and return them. To be called now and then,
    and first when everybody is here again who stayed."""
    days = chat.limits.unused_days
    long_ago = chat.now() - days * DAY
    found = [
        room
        for room in (chat.rooms() if days else ())
        if room.registration is not None and not room.members and room.registration.left_at < long_ago
    ]
    for room in found:
        if room is not chat.directory.default:
            chat.recorded.release(room)
    return found
