"""What keeps registered rooms: their records follow what happens, and accounts are in them what they were made. Rooms
that are not registered are kept over a restart as long as somebody is in them who stays (see `staying.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from chatproto.errors import ChatError, ListFull
from chatproto.events import (
    AccountChanged,
    Event,
    Kicked,
    Left,
    MetadataChanged,
    ModesChanged,
    RoomRenamed,
    TopicChanged,
    Who,
)
from chatproto.interfaces import Record
from chatproto.modes import Change, Status
from chatproto.rooms.names import key_of
from chatproto.rooms.permissions import is_for_account
from chatproto.rooms.reading import account_of
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import KIND, letters, record_of
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.rooms.service import RoomService

THE_SERVER = Who("", "", "")
"""Who makes people what their accounts are: that changes no record."""

_KEPT = (TopicChanged, ModesChanged, MetadataChanged, RoomRenamed)


class RanksFull(ListFull):
    """A registered room keeps what as many accounts are as it may."""

    def __init__(self, room: str, account: str, limit: int, letter: str) -> None:
        why = f"{room} keeps what {limit} accounts are, the most that is allowed. Make one of them nothing first."
        ChatError.__init__(self, why)
        self.room, self.entry, self.letter = room, account, letter


class Recorded:
    """Looks after the rooms of one `RoomService`."""

    def __init__(self, chat: RoomService) -> None:
        self._chat = chat
        self._directory = chat.directory
        self._people = chat.people
        chat.directory.left = self._left

    # -- records

    def keep(self, room: Room) -> None:
        """It is different now, or not registered any more."""
        self._keep(room.name.key)

    def _keep(self, key: str) -> None:
        self._chat.records.keep(KIND, key, partial(self._record, key))

    def _record(self, key: str) -> Record | None:
        room = self._directory.get(key)
        return record_of(room) if room is not None and self._lasts(room) else None

    def _lasts(self, room: Room) -> bool:
        return room.registration is not None or self._chat.presences.anybody_in(room)

    def _left(self, room: Room) -> None:
        if room.registration is not None:
            room.registration.left_at = self._chat.now()
            self.keep(room)

    def happened(self, room: Room | None, event: Event) -> None:
        """Something has, in `room` or in none, and everybody was told."""
        if room is None:
            if isinstance(event, AccountChanged) and event.who.account:
                self._logged_in(event.who.name)
        elif isinstance(event, Left | Kicked):
            user = self._people.get(event.target if isinstance(event, Kicked) else event.who.name)
            if user is not None and self._chat.presences.stays(user):
                self.keep(room)  # They may have been the last who stays.
        elif isinstance(event, _KEPT) and event.who != THE_SERVER and self._lasts(room):
            if isinstance(event, RoomRenamed):
                self._keep(key_of(event.room))
            self.keep(room)

    # -- what people are

    def status(self, room: Room, user: User) -> Status:
        """What somebody is in `room` by their account."""
        return room.registration.status(account_of(user)) if room.registration is not None else Status.NONE

    def came(self, room: Room, user: User) -> None:
        """Somebody has come into `room`: they are what they were made."""
        if room.registration is None:
            if self._chat.presences.stays(user):
                self.keep(room)
            return
        if len(room.members) == 1:  # It is not to be forgotten any more for being left alone.
            self.keep(room)
        self.grant(room, user)

    def _logged_in(self, name: str) -> None:
        user = self._people.get(name)
        if user is not None:
            for room in list(user.rooms.values()):
                self.grant(room, user)

    def grant(self, room: Room, user: User) -> None:
        """Have somebody who is in `room` be what their account is there, besides what they are."""
        self.change(room, user, self.status(room, user), add=True)

    def change(self, room: Room, user: User, status: Status, *, add: bool) -> None:
        """Have somebody be that, or not any more, if they are in `room`; nobody in it did it."""
        had = room.members.get(user)
        if had is None:
            return
        has = had | status if add else had & ~status
        changed = [each for each in reversed(Status) if each & (had ^ has)]
        if changed:
            room.change(user, has)
            changes = tuple(Change(add, each, user.name.shown) for each in changed)
            self._chat.publish(room.name.key, ModesChanged(room.name.shown, THE_SERVER, changes), None)

    def present(self, room: Room, account: str) -> Iterator[User]:
        """Who is in `room` and logged in to that account."""
        return (user for user in list(room.members) if account_of(user) == account)

    def must_have_place(self, room: Room, account: str, status: Status) -> None:
        """Raises `RanksFull` if the room keeps of as many accounts as it may what they are."""
        its = room.registration
        if its is not None and account and account not in its.ranks and len(its.ranks) >= self._chat.limits.ranks_kept:
            raise RanksFull(room.name.shown, account, self._chat.limits.ranks_kept, letters(status))

    def ranked(self, room: Room, user: User, status: Status, *, add: bool) -> None:
        """Somebody was made that by another member, or is it no more: if they are logged in, so is their account."""
        its, account = room.registration, account_of(user)
        if its is not None and account:
            (its.grant if add else its.take)(account, status)

    def logs_out(self, user: User) -> None:
        """Somebody is about to be logged in to their account no more: they lose what it is in registered rooms. Whoever
        takes that from the account later could not take it from them any more."""
        for room in list(user.rooms.values()):
            self.change(room, user, self.status(room, user), add=False)

    # -- accounts that are gone

    def forget(self, account: str) -> None:
        """There is no such account any more. Its rooms are registered no longer, and it is nothing in the others: who
        has an account of that name next is somebody else. What this leaves of a room's record `room_record.without` has
        to leave as well."""
        self._chat.presences.forget(account)
        for room in list(self._directory):
            self.forget_in(room, account)
            self._forget_masks(room, account)

    def forget_in(self, room: Room, account: str) -> None:
        """The same for one room."""
        its = room.registration
        if its is not None and its.founder == account:
            self.release(room)
        elif its is not None and (account in its.ranks or its.heir == account):
            for member in self.present(room, account):
                self.change(room, member, its.status(account), add=False)
            its.ranks.pop(account, None)
            its.heir = "" if its.heir == account else its.heir
            self.keep(room)

    def _forget_masks(self, room: Room, account: str) -> None:
        """Nobody is banned, let in or muted for the account they had. Masks with wildcards stay: they mean others."""
        for listing, entries in list(room.lists.items()):
            gone = [mask for mask in entries if is_for_account(mask, account)]
            for mask in gone:
                del entries[mask]
            if not entries:
                del room.lists[listing]
            changes = tuple(Change(add=False, what=listing, value=mask) for mask in gone)
            if changes:
                self._chat.publish(room.name.key, ModesChanged(room.name.shown, THE_SERVER, changes), None)
                self.keep(room)

    def release(self, room: Room) -> None:
        """It is not registered any more, and goes when nobody is in it."""
        room.registration = None
        self.keep(room)
        self._directory.drop_if_empty(room)
