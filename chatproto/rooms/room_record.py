"""A room as what is kept of it (`IRecordStore`), and back. The record is JSON that a person can read:

    {"name": "#Garden", "stream": "#garden", "created": 1.8e9, "founder": "ada", "registered": 1.8e9, "heir": "",
     "left_at": null, "ranks": {"bob": "ov"}, "rules": {"n": "", "k": "secret"}, "facts": {"url": "…"},
     "topic": "tea", "topic_by": "ada!~u@host", "topic_at": 1.8e9, "lists": {"b": [["eve!*@*", "ada!~u@host", 1.8e9]]}}

A room that is not registered has none of what stands there from `founder` to `ranks`. Rules, lists and ranks have IRC's
letters. What a program does not know makes the record useless to it: a room without one of its rules might be open to
everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from chatproto.errors import ChatError
from chatproto.interfaces import Record
from chatproto.modes import VALUED, Listing, Rule, Status
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.masks import LONGEST_MASK
from chatproto.rooms.names import Name
from chatproto.rooms.permissions import is_for_account
from chatproto.rooms.registration import Registration
from chatproto.rooms.room import Entry, Room

KIND = "room"
"""The kind of these records. Their key is the room's."""

LETTERS = {
    "q": Status.FOUNDER, "a": Status.PROTECTED, "o": Status.OPERATOR, "h": Status.HALFOP, "v": Status.VOICE,
}  # fmt: skip
"""How statuses are written, as all of the field does."""


class BadRecord(Exception):
    """What is no record of a room, or of a person; `str(error)` says why, in half a sentence."""


def letters(status: Status) -> str:
    """A status as it is written, the highest first."""
    return "".join(letter for letter, each in LETTERS.items() if status & each)


def record_of(room: Room) -> Record:
    """What is to be kept of a room."""
    return {
        "name": room.name.shown,
        "stream": room.stream,
        "created": room.created,
        **({} if room.registration is None else _registered(room.registration, inside=bool(room.members))),
        "rules": {rule.value: value for rule, value in room.rules.items()},
        "facts": dict(room.facts or {}),
        "topic": room.topic,
        "topic_by": room.topic_by,
        "topic_at": room.topic_at,
        "lists": {
            listing.value: [[mask, *entry] for mask, entry in entries.items()]
            for listing, entries in room.lists.items()
        },
    }


_REGISTERED = frozenset({"founder", "registered", "heir", "left_at", "ranks"})


def _registered(its: Registration, *, inside: bool) -> Record:
    return {
        "founder": its.founder,
        "registered": its.at,
        "heir": its.heir,
        "left_at": None if inside else its.left_at,
        "ranks": {account: letters(status) for account, status in its.ranks.items()},
    }


def without(record: Record, account: str) -> Record:
    """What is left of it when there is no such account any more, as `Recorded.forget` leaves it. What is no record of a
    room stays as it is."""
    try:
        left = {**record, "lists": _lists_without(record["lists"], account)}
        if "founder" not in record:
            return left
        if record["founder"] == account:
            return {name: its for name, its in left.items() if name not in _REGISTERED}
        ranks = {each: letters for each, letters in record["ranks"].items() if each != account}
        return {**left, "ranks": ranks, "heir": "" if record["heir"] == account else record["heir"]}
    except (KeyError, TypeError, AttributeError, IndexError):
        return record


def _lists_without(lists: Mapping[str, Any], account: str) -> Record:
    found = {}
    for letter, entries in lists.items():
        left = [entry for entry in entries if not is_for_account(entry[0], account)]
        if left or not entries:
            found[letter] = left if len(left) < len(entries) else entries
    return found


class RoomRecord:
    """A record that was read back: all of it is as it can be."""

    def __init__(self, key: str, record: Record, limits: RoomLimits) -> None:
        """Raises `BadRecord`."""
        try:
            self.name = _name(key, record, limits)
            self.stream = text_of(record["stream"])
            if self.stream.partition(" ")[0] != key:
                raise BadRecord("its stream is that of another room")
            self._record = record
            self._registration = _registration(record) if record.keys() & _REGISTERED else None
            self._rules = dict(_rule(letter, value) for letter, value in record["rules"].items())
            self._lists = {Listing(letter): _entries(found) for letter, found in record["lists"].items()}
            self._facts = {_word(fact): text_of(value) for fact, value in record["facts"].items()}
            self._topic = _topic(record)
            self.created = time_of(record["created"])
        except (ChatError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BadRecord(f"{type(error).__name__}: {error}") from None

    def fill(self, room: Room, now: float) -> None:
        """Have `room` be as it was. Where the server ended while somebody was in, it is as if they left `now`."""
        room.created = self.created
        room.topic, room.topic_by, room.topic_at = self._topic
        room.rules, room.lists, room.facts = self._rules, self._lists, self._facts or None
        room.registration = self._registration
        if room.registration is not None:
            left_at = self._record["left_at"]
            room.registration.left_at = now if left_at is None else min(left_at, now)


def _name(key: str, record: Record, limits: RoomLimits) -> Name:
    name = names.room(text_of(record["name"]), limits)
    if name.key != key:
        raise BadRecord("its name is that of another room")
    return name


def _topic(record: Record) -> tuple[str, str, float]:
    """The topic, who set it, and when. Nobody has set one in a new room."""
    topic, by = text_of(record["topic"]), record["topic_by"]
    return topic, _word(by) if by or topic else "", time_of(record["topic_at"])


def _registration(record: Record) -> Registration:
    founder, heir = _account(record["founder"]), record["heir"]
    ranks = {_account(account): status_of(its) for account, its in record["ranks"].items()}
    if record["left_at"] is not None:
        time_of(record["left_at"])
    return Registration(founder, time_of(record["registered"]), ranks, _account(heir) if heir else "")


def _account(found: Any) -> str:
    account = text_of(found)
    if not account or names.key_of(account) != account:
        raise BadRecord("an account in it is none")
    return account


def status_of(found: Any) -> Status:
    """What `letters` has written."""
    status = Status.NONE
    for letter in text_of(found):
        status |= LETTERS[letter]
    return status


def _rule(letter: str, found: Any) -> tuple[Rule, str]:
    rule = Rule(letter)
    value = _word(found) if rule in VALUED else ""
    if rule is Rule.LIMIT and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise BadRecord(f"{value!r} is no limit")
    return rule, value


def _entries(found: Any) -> dict[str, Entry]:
    entries = {}
    for mask, by, at in found:
        if len(_word(mask)) > LONGEST_MASK:
            raise BadRecord(f"{mask!r} is no mask")
        entries[mask] = Entry(_word(by), time_of(at))
    return entries


def text_of(found: Any) -> str:
    """A text that can be sent. Raises `BadRecord` for anything else."""
    if not isinstance(found, str):
        raise BadRecord("there is no text where one should be")
    found.encode()  # Half of a surrogate pair could be sent to nobody.
    return found


def _word(found: Any) -> str:
    """What IRC can have as one parameter among others."""
    word = text_of(found)
    if not word or word[0] == ":" or " " in word:
        raise BadRecord(f"{word!r} is not one word")
    return word


def time_of(found: Any) -> float:
    """A time in seconds. Raises `BadRecord` for anything else."""
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        raise BadRecord("there is no time where one should be")
    return float(found)


def stream_of(record: Mapping[str, Any]) -> str | None:
    """The stream of the history that a record names, whether or not the rest of it is of any use."""
    stream = record.get("stream") if isinstance(record, Mapping) else None
    return stream if isinstance(stream, str) else None
