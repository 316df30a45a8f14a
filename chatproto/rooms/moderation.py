"""What operators of a room do: kick, ban, invite, change what holds in it, rename it.

Each function asks `permissions`, changes the room, and publishes what happened. All raise a `ChatError` for what is
refused, and have changed nothing then, but for `change`, which returns what was refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatproto.errors import (
    AlreadyThere,
    BadKey,
    BadValue,
    ChatError,
    ListFull,
    NoSuchMessage,
    NoSuchRoom,
    NotOperator,
    NotThere,
    RoomLooksLike,
)
from chatproto.events import Invited, Kicked, ModesChanged, Redacted, RoomRenamed
from chatproto.modes import CLOSED, VALUED, Change, Listing, Rule, Status
from chatproto.rooms import names, permissions
from chatproto.rooms.masks import BadMask, normalised
from chatproto.rooms.reading import account_of
from chatproto.rooms.room import Entry, Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, User, user_of

INVITATIONS = 100
"""Invitations that are kept for a person; of more the oldest is forgotten."""

MOST_MOVED = 500
"""Members that a room which is renamed may have: to those whose client does not know that this can be, each of them is
named, to each of them."""


def kick(chat: RoomService, session: Session, room: Room, target: User, reason: str) -> None:
    """Put `target` out of `room`. Raises `NotOperator`, `NotThere`, `Outranked` or `TooLong`."""
    user = user_of(session)
    permissions.must_be_operator(user, room, Status.HALFOP)
    if target not in room.members:
        raise NotThere(target.name.shown, room.name.shown)
    permissions.may_kick(user, target, room)
    permissions.fits("reason", reason, chat.limits.message_length)
    chat.publish(room.name.key, Kicked(room.name.shown, user.who, target.name.shown, reason), session)
    room.remove(target)
    chat.directory.drop_if_empty(room)


def invite(chat: RoomService, session: Session, room: Room, target: User) -> None:
    """Let `target` into `room`, whatever its rules say, once. Raises `NotInRoom`, `NotOperator` or `AlreadyThere`."""
    user = user_of(session)
    permissions.may_invite(user, room)
    if target in room.members:
        raise AlreadyThere(target.name.shown, room.name.shown)
    target.forget_invitation(room)
    target.invitations = (*target.invitations, room)[-INVITATIONS:]
    chat.publish(room.name.key, Invited(room.name.shown, user.who, target.name.shown), session)


def uninvite(chat: RoomService, session: Session, room: Room, target: User) -> bool:
    """Take back an invitation. Returns whether there was one. Raises `NotInRoom` or `NotOperator`."""
    permissions.may_invite(user_of(session), room)
    return target.forget_invitation(room)


def rename(chat: RoomService, session: Session, room: Room, text: str, reason: str) -> None:
    """Give `room` another name; its members, rules and lines stay. It has the new one when they are told. Raises
    `NotOperator`, `BadName`, `RoomLooksLike`, or `BadValue`: for the default room, for a registered one if one is not
    its founder, for one with too many members, and for the name it has."""
    user = user_of(session)
    permissions.must_rule(user, room)
    name = names.room(text, chat.limits)
    if room is chat.directory.default:
        raise BadValue(room.name.shown, "", text, f"{room.name.shown} keeps its name: everyone starts there.")
    if room.registration is not None and not permissions.owns(user, room):
        raise BadValue(room.name.shown, "", text, f"{room.name.shown} is registered: only its founder can rename it.")
    if len(room.members) > MOST_MOVED:
        raise BadValue(room.name.shown, "", text, f"Rooms of more than {MOST_MOVED} people keep their names.")
    for twin in (
        chat.directory.like(name),
        chat.directory.like(name._replace(key="")),
    ):  # By what it is, and by how it looks.
        if twin is not None and twin is not room:
            raise RoomLooksLike(name.shown, twin.name.shown)
    old = room.name
    if name.shown == old.shown:
        raise BadValue(old.shown, "", text, f"{old.shown} is called that already.")
    chat.directory.move(room, name)
    chat.publish(name.key, RoomRenamed(old.shown, user.who, name.shown, reason), session)


async def redact(
    chat: RoomService, session: Session, room: Room, message: str, reason: str, *, own: bool = False
) -> None:
    """Take back what was said under the id `message`: one's own, or as an operator anybody's. Whether it is one's own
    who calls this tells by `own`, or the account: a name may have been another person's then. Raises `NotInRoom`,
    `NotOperator` or `NoSuchMessage`."""
    user = user_of(session)
    permissions.must_be_in(user, room)
    found = await chat.history.find(room.stream, message)
    made = 0.0 if own else await _made(chat, user)
    if session.gone:
        return
    permissions.must_be_in(user, room)  # Still: the stores may have taken their time.
    if not own:
        if found is None:
            raise NoSuchMessage(room.name.shown, message)
        said, stamp = found
        if not said.who.account or said.who.account != user.who.account or stamp.time < made:
            permissions.must_be_operator(user, room, Status.HALFOP)
    chat.history.redact(room.stream, message)
    chat.publish(room.name.key, Redacted(room.name.shown, user.who, message, reason), session)


async def _made(chat: RoomService, user: User) -> float:
    """When the account was made that `user` is logged in to: who had it before was somebody else."""
    key = account_of(user)
    account = await chat.accounts.find(key) if key and chat.accounts is not None else None
    return account.created if account is not None else 0.0


def change(chat: RoomService, session: Session, room: Room, changes: Sequence[Change]) -> list[ChatError]:
    """Change what holds in `room`, and what its members are. What changes nothing is left out, and what is refused is
    returned; the rest happens, as one event."""
    user = user_of(session)
    done: list[Change] = []
    refused: list[ChatError] = []
    for each in changes:
        try:
            done += _changed(chat, user, room, each)
        except ChatError as error:
            refused.append(error)
    if done:
        chat.publish(room.name.key, ModesChanged(room.name.shown, user.who, tuple(done)), session)
    return refused


def _changed(chat: RoomService, user: User, room: Room, change: Change) -> Iterable[Change]:
    """Make one change, and return it as it is to be shown; nothing if it changed nothing."""
    if isinstance(change.what, Status):
        return _set_status(chat, user, room, change, change.what)
    permissions.may_change(user, room, change, None)
    if isinstance(change.what, Listing):
        return _set_mask(chat, user, room, change, change.what)
    return _set_rule(chat, user, room, change)


def _set_status(chat: RoomService, user: User, room: Room, change: Change, what: Status) -> Iterable[Change]:
    permissions.may_change(user, room, change, chat.people.get(change.value))
    target = chat.people.find(change.value)
    had = room.members.get(target)
    if had is None:
        raise NotThere(target.name.shown, room.name.shown)
    if change.add:
        chat.recorded.must_have_place(room, account_of(target), what)
    has = had | what if change.add else had & ~what
    if has == had:
        return []
    room.change(target, has)
    chat.recorded.ranked(room, target, what, add=change.add)
    return [Change(change.add, what, target.name.shown)]


def _set_mask(chat: RoomService, user: User, room: Room, change: Change, what: Listing) -> Iterable[Change]:
    try:
        mask = normalised(change.value)
    except BadMask as bad:
        raise BadValue(room.name.shown, what.value, change.value, str(bad)) from None
    masks = room.lists.get(what, {})
    found = next((each for each in masks if each.casefold() == mask.casefold()), None)
    if change.add:
        if found is not None:
            return []
        if len(masks) >= chat.limits.list_entries:
            raise ListFull(room.name.shown, mask, chat.limits.list_entries, what.value)
        room.lists.setdefault(what, {})[mask] = Entry(user.who.mask, chat.now())
        return [Change(add=True, what=what, value=mask)]
    if found is None:
        return []
    del masks[found]
    if not masks:
        del room.lists[what]
    return [Change(add=False, what=what, value=found)]


def _set_rule(chat: RoomService, user: User, room: Room, change: Change) -> Iterable[Change]:
    rule = change.what
    assert isinstance(rule, Rule)
    old = room.rules.get(rule)
    if not change.add:
        if old is None:
            return []
        del room.rules[rule]
        return [Change(add=False, what=rule, value=old if rule is Rule.KEY else "")]
    value = _checked(chat, user, room, rule, change.value) if rule in VALUED else ""
    if value == old:
        return []
    room.rules[rule] = value
    if rule in CLOSED:
        chat.directory.set_apart(room)
    return [Change(add=True, what=rule, value=value)]


def _checked(chat: RoomService, user: User, room: Room, rule: Rule, value: str) -> str:
    """A value that the rule can have."""
    name = room.name.shown
    if rule is Rule.KEY:
        if not value or len(value) > chat.limits.key_length or not value.isprintable() or set(value) & set(" ,:"):
            allowed = f"A key has at most {chat.limits.key_length} characters, and no space, comma or colon."
            raise BadKey(name, rule.value, value, allowed)
        return value
    if rule is Rule.LIMIT:
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) > 0):
            raise BadValue(name, rule.value, value, "A limit is a whole number from 1 to 999999999.")
        return str(int(value))
    return _forward(chat, user, room, value).name.shown


def _forward(chat: RoomService, user: User, room: Room, value: str) -> Room:
    """Where people may be sent: another room, and only by an operator of both."""
    try:
        target = chat.room(value)
    except NoSuchRoom:
        target = room
    if target is room:
        why = "forward needs the name of another room that exists."
        raise BadValue(room.name.shown, Rule.FORWARD.value, value, why)
    if permissions.rank(user, target) < Status.OPERATOR:
        raise NotOperator(target.name.shown, "You have to be an operator of both rooms.")
    return target
