"""Who stays in their rooms while nothing is connected, and is there again when the server has started again: each has a
record of the kind `presence`, under the key of the account, which follows what happens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatproto.errors import ChatError
from chatproto.events import (
    AwayChanged,
    Event,
    HostChanged,
    Joined,
    Kicked,
    Left,
    ModesChanged,
    Quit,
    RealnameChanged,
    Renamed,
    RoomRenamed,
)
from chatproto.interfaces import Record
from chatproto.modes import Status
from chatproto.rooms.limits import ALWAYS_ON
from chatproto.rooms.names import key_of
from chatproto.rooms.presence_record import PRESENCE, Place, PresenceRecord, record_of
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import BadRecord
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.rooms.service import RoomService

_THEIRS = (Joined, Left, AwayChanged, RealnameChanged, HostChanged)


class Staying:
    """The half of `Presences` that lasts over a restart."""

    def __init__(self, chat: RoomService) -> None:
        self._chat = chat
        self._staying: set[User] = set()
        """All who are here and stay. Asking each member of a large room would take milliseconds."""
        chat.people.became = self.changed

    def stays(self, user: User) -> bool:
        """Whether they are still here when their last connection is gone. A name that is not their own nobody can
        leave lying about."""
        account = user.who.account
        return bool(account) and self._chat.limits.holds(ALWAYS_ON, user.choices) and key_of(account) == user.name.key

    def anybody_in(self, room: Room) -> bool:
        """Whether somebody is in `room` who stays."""
        return not room.members.keys().isdisjoint(self._staying)

    def changed(self, user: User) -> None:
        """What the record of `user` tells may be different now, or whether they stay."""
        stayed, stays = user in self._staying, self.stays(user)
        if stayed != stays:
            (self._staying.add if stays else self._staying.discard)(user)
            self._keep_rooms(user)
        if stays or stayed or (user.choices and key_of(user.who.account) == user.name.key):
            self._keep(user.name.key)

    def happened(self, event: Event) -> None:
        """The same for those whom it happened to."""
        if isinstance(event, _THEIRS):
            if event.who.account:  # Nobody stays without, and most have none.
                self._has_changed(event.who.name)
        elif isinstance(event, Quit):
            self._gone(event.who.name)
        elif isinstance(event, RoomRenamed):
            for user in self._chat.room(event.new).members:
                self.changed(user)
        else:
            if isinstance(event, Renamed) and event.who.account:
                self._keep(key_of(event.who.name))
            for name in _whose(event):
                self._has_changed(name)

    def _has_changed(self, name: str) -> None:
        user = self._chat.people.get(name)
        if user is not None:
            self.changed(user)

    def _gone(self, name: str) -> None:
        """They are in their rooms yet."""
        user = self._chat.people.get(name)
        if user is not None and user in self._staying:
            self._staying.discard(user)
            self._keep(user.name.key)
            self._keep_rooms(user)

    def forget(self, account: str) -> None:
        """There is no such account any more. Who has one of that name next is not where this one was, also if that one
        could not be here again."""
        self._keep(account)

    def _keep_rooms(self, user: User) -> None:
        for room in user.rooms.values():
            self._chat.recorded.keep(room)

    def _keep(self, key: str) -> None:
        self._chat.records.keep(PRESENCE, key, partial(self._record, key))

    def _record(self, key: str) -> Record | None:
        user = self._chat.people.get(key)
        return record_of(user) if user is not None and self.stays(user) else None

    # -- here again

    async def restore(self) -> list[str]:
        """Have everybody here again who stayed. Nobody has come in yet, and all rooms are here that last. Returns a
        sentence for each record that is of no use, or whose name cannot be had; that is kept until its owner comes."""
        kept = self._chat.records.all(PRESENCE)
        return [problem for key, record in kept if (problem := await self._back(key, record))]

    async def _back(self, key: str, record: Record) -> str:
        if key not in self._chat.owned:
            self._keep(key)
            return ""  # There is no such account any more.
        try:
            found = PresenceRecord(key, record, self._chat.limits)
            user = found.user(self._chat.now())
            if not self.stays(user):
                self._keep(key)
                return ""
            await self._chat.people.claim(user.name, user.name.tokens)
        except (BadRecord, ChatError) as error:
            return f"{key!r} cannot be here as before: {error}"
        self._chat.people.add(user)
        self._staying.add(user)
        for room, place in found.rooms.items():
            self._into(user, self._chat.directory.get(room), place)
        return ""

    def _into(self, user: User, room: Room | None, place: Place) -> None:
        """Where they were; but not into a room that has only the name. One whose record is of no use is not here: it
        may have been closed, and is not to be opened to everybody."""
        if room is not None and room.created == place.created:
            kept = self._chat.recorded.status(room, user)
            room.add(user, place.status if room.registration is None else kept)
            self._chat.recorded.keep(room)


def _whose(event: Event) -> list[str]:
    """The names of those whom it happened to, who need not have done it."""
    if isinstance(event, ModesChanged):
        return [each.value for each in event.changes if isinstance(each.what, Status)]
    if isinstance(event, Kicked):
        return [event.target]
    return [event.new] if isinstance(event, Renamed) else []
