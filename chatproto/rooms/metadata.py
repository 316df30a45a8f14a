"""What is told of people and rooms in keys and values (IRCv3's metadata): who may set and see it, and its bounds."""

from __future__ import annotations

import re
from typing import NamedTuple

from chatproto.errors import ChatError, quoted
from chatproto.events import MetadataChanged
from chatproto.modes import Status
from chatproto.rooms import permissions
from chatproto.rooms.attendance import NOWHERE
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, User, user_of

LONGEST_KEY = 64
"""Characters."""

_KEY = re.compile(rf"[a-z0-9_./-]{{1,{LONGEST_KEY}}}")


class Bounds(NamedTuple):
    """How much is kept of one person or one room."""

    keys: int
    value_bytes: int


class BadKey(ChatError):
    """What cannot be a key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{quoted(key)!r} is no key: a key is small letters, digits and any of _./-.")
        self.key = key


class BadValue(ChatError):
    """A value that is too long."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"A value has at most {limit} bytes.")


class TooManyKeys(ChatError):
    """As much is known of it as may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are {limit} keys, the most that is allowed.")


class NotSet(ChatError):
    """Nothing is known under that key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is not set.")
        self.key = key


class NotYours(ChatError):
    """Somebody may not set, or not see, what is known of a person or room."""

    def __init__(self, target: str) -> None:
        super().__init__(f"That is not for you to do with {target}.")


def check_key(key: str) -> None:
    """Raises `BadKey`."""
    if _KEY.fullmatch(key) is None:
        raise BadKey(key)


def changed(facts: dict[str, str], key: str, value: str | None, bounds: Bounds) -> dict[str, str]:
    """`facts` with `key` as `value`, or without it if that is None. Raises `BadKey`, `BadValue`, `TooManyKeys` or
    `NotSet`."""
    check_key(key)
    if value is None:
        if key not in facts:
            raise NotSet(key)
        return {each: text for each, text in facts.items() if each != key}
    if len(value.encode()) > bounds.value_bytes:
        raise BadValue(bounds.value_bytes)
    if key not in facts and len(facts) >= bounds.keys:
        raise TooManyKeys(bounds.keys)
    return {**facts, key: value}


def may_see(user: User, target: User | Room) -> None:
    """People can be asked for by everyone, rooms by their members. Raises `NotYours`."""
    if isinstance(target, Room) and user not in target.members and not user.operator:
        raise NotYours(target.name.shown)


def may_set(user: User, target: User | Room) -> None:
    """People set what is known of themselves, operators what is known of their room. Raises `NotYours`."""
    rank = permissions.rank(user, target) if isinstance(target, Room) else Status.NONE
    if user is not target and rank < Status.OPERATOR and not user.operator:
        raise NotYours(target.name.shown)


def set_fact(
    chat: RoomService, session: Session, target: User | Room, key: str, value: str | None, bounds: Bounds
) -> None:
    """Let `key` of `target` be `value`, or nothing if that is None. Raises what `may_set` and `changed` do."""
    user = user_of(session)
    may_set(user, target)
    facts = target.facts or {}
    found = changed(facts, key, value, bounds)
    target.facts = found or None
    if facts != found:
        stream = target.name.key if isinstance(target, Room) else NOWHERE
        chat.publish(stream, MetadataChanged(user.who, target.name.shown, key, value), session)


def clear(chat: RoomService, session: Session, target: User | Room, bounds: Bounds) -> dict[str, str]:
    """Forget all that is known of `target`, and return it. Raises `NotYours`."""
    may_set(user_of(session), target)
    facts = target.facts or {}
    for key in facts:
        set_fact(chat, session, target, key, None, bounds)
    return facts
