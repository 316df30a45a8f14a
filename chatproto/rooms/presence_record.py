"""Somebody who stays as what is kept of them (`IRecordStore`), and back. The record is JSON that a person can read:

    {"name": "Ada", "account": "Ada", "username": "ada", "host": "198.51.100.7", "realname": "Countess", "away": "",
     "choices": {"always-on": "on"}, "modes": "B", "signed_on": 1.8e9, "alone_since": 0,
     "rooms": {"#Garden": {"created": 1.8e9, "status": "ov"}}}

Rooms are told by their name and by when they were made: another one may have the name by then.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from chatproto.errors import ChatError
from chatproto.events import Who
from chatproto.interfaces import Record
from chatproto.modes import Status, UserMode
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room_record import BadRecord, letters, status_of, text_of, time_of
from chatproto.rooms.user import User

PRESENCE = "presence"
"""The kind of these records. Their key is that of the account and of the name."""

DISCONNECTED = "Disconnected"
"""Why somebody is away who is connected by nothing, unless they said it themselves."""

_NOT_KEPT = frozenset({UserMode.OPERATOR, UserMode.SECURE})
"""What somebody is by a connection, or by a password of the server's."""


class Place(NamedTuple):
    """Somebody's place in a room."""

    created: float
    """When the room was made."""
    status: Status


def record_of(user: User) -> Record:
    """What is to be kept of somebody who stays."""
    return {
        "name": user.name.shown,
        "account": user.who.account,
        "username": user.who.username,
        "host": user.who.host,
        "realname": user.realname,
        "away": user.away,
        "choices": dict(user.choices),
        "modes": "".join(sorted(mode.value for mode in user.modes - _NOT_KEPT)),
        "signed_on": user.signed_on,
        "alone_since": user.alone_since,
        "rooms": {
            room.name.shown: {"created": room.created, "status": letters(room.members[user])}
            for room in user.rooms.values()
        },
    }


class PresenceRecord:
    """A record that was read back: all of it is as it can be."""

    def __init__(self, key: str, record: Record, limits: RoomLimits) -> None:
        """Raises `BadRecord`."""
        try:
            self.name = names.person(text_of(record["name"]), limits)
            account = text_of(record["account"])
            if {self.name.key, names.key_of(account)} != {key}:
                raise BadRecord("its name is that of somebody else")
            self._who = Who(self.name.shown, _part(record["username"]), _part(record["host"]), account)
            self._realname, self._away = text_of(record["realname"]), text_of(record["away"])
            self._choices = {text_of(choice): text_of(value) for choice, value in record["choices"].items()}
            self._modes = frozenset(UserMode(letter) for letter in text_of(record["modes"])) - _NOT_KEPT
            self._signed_on, self._alone_since = time_of(record["signed_on"]), time_of(record["alone_since"])
            self.rooms = {names.key_of(text_of(name)): _place(found) for name, found in record["rooms"].items()}
            """By their keys."""
        except (ChatError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BadRecord(f"{type(error).__name__}: {error}") from None

    def user(self, now: float) -> User:
        """Them, connected by nothing. Who was connected when the server was killed has missed what was said since it
        started, `now`."""
        user = User(self.name, self._who, self._realname, min(self._signed_on, now))
        user.away = self._away or DISCONNECTED
        user.choices = self._choices
        user.modes = self._modes
        user.looks(bot=UserMode.BOT in user.modes)
        user.alone_since = min(self._alone_since or now, now)
        return user


def _part(found: Any) -> str:
    """A part of `nick!user@host`."""
    part = text_of(found)
    if " " in part:
        raise BadRecord(f"{part!r} is no part of a mask")
    return part


def _place(found: Any) -> Place:
    return Place(time_of(found["created"]), status_of(found["status"]))
