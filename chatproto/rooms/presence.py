"""One person by several connections, or for a while by none: those who are logged in to one account and ask for the
same name are one person, and who chose to (`always-on`) stays in their rooms while nothing is connected.

Who stays is kept as a record of the kind `presence`, under the key of the account, and is there again when the server
has started again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from chatproto.errors import ChatError, NameTaken, TooManyClients
from chatproto.events import AwayChanged, Event, Joined, Kicked, Left, ModesChanged, Quit, Renamed, RoomRenamed, Who
from chatproto.interfaces import Record
from chatproto.modes import Status, UserMode
from chatproto.rooms import names
from chatproto.rooms.limits import ALWAYS_ON, MULTICLIENT
from chatproto.rooms.names import Name, key_of
from chatproto.rooms.user import Session, User, user_of

if TYPE_CHECKING:
    from chatproto.rooms.service import RoomService

PRESENCE = "presence"
"""The kind of the records."""

DISCONNECTED = "Disconnected"
"""Why somebody is away who is connected by nothing, unless they said it themselves."""

DAY = 86_400.0

_SECURE = frozenset({UserMode.SECURE})


class Presences:
    """Those of one `RoomService`."""

    def __init__(self, chat: RoomService) -> None:
        self._chat = chat

    # -- by several connections

    def shared(self, session: Session, name: Name) -> User | None:
        """Whose connection this one becomes if it comes in under that name; None: that of nobody who is here. Raises
        `NameTaken` if that person takes no further one, `TooManyClients` if they have as many as they may."""
        user = self._chat.people.get(name.shown)
        if user is None or not session.account or user.who.account != session.account:
            return None
        if user.sessions and not self._chat.limits.holds(MULTICLIENT, user.choices):
            raise NameTaken(name.shown, None)
        if len(user.sessions) >= self._chat.limits.clients_per_person:
            raise TooManyClients(name.shown, self._chat.limits.clients_per_person)
        return user

    def attach(self, session: Session, user: User) -> None:
        """Have it be a connection of `user`. It is shown each of their rooms from when it joins it."""
        if not user.sessions:
            session.missed, user.alone_since = user.alone_since, 0.0
            user.choices = session.choices
        user.sessions.append(session)
        session.user = user
        self._chat.people.sessions += 1
        self._secure(user)
        if user.away == DISCONNECTED:
            self._chat.set_away(session, "")
        self.changed(user)

    def detach(self, session: Session, reason: str) -> None:
        """The inverse. Who has no other connection stays without, or is gone."""
        user = user_of(session)
        for room in list(session.views):
            room.detach(session)
        user.sessions.remove(session)
        session.user = None
        self._chat.people.sessions -= 1
        if user.sessions:
            self._secure(user)
        elif self.stays(user):
            self._left_alone(user)
        else:
            self._chat.end(user, reason)

    def move(self, session: Session, user: User) -> None:
        """Have it be a connection of `user`, and not of who it was."""
        self.detach(session, f"Is {user.name.shown}")
        self.attach(session, user)

    def _secure(self, user: User) -> None:
        """Somebody is on TLS if all of their connections are."""
        secure = all(session.link.peer.secure for session in user.sessions)
        modes = user.modes | _SECURE if secure else user.modes - _SECURE
        if modes != user.modes:
            self._chat.people.become(user, modes)

    # -- by none

    def stays(self, user: User) -> bool:
        """Whether they are still here when their last connection is gone. A name that is not their own nobody can
        leave lying about."""
        account = user.who.account
        return bool(account) and self._chat.limits.holds(ALWAYS_ON, user.choices) and key_of(account) == user.name.key

    def _left_alone(self, user: User) -> None:
        user.alone_since = self._chat.now()
        if not user.away:
            user.away = DISCONNECTED
            self._chat.publish("", AwayChanged(user.who, user.away), None)
        self.changed(user)

    def settle(self, user: User) -> None:
        """What they chose may be different now: without a connection they may not stay any more."""
        self._keep(user.name.key)
        if self.stays(user):
            self._chat.recorded.stays(user)
        if not user.sessions and not self.stays(user):
            self._chat.end(user, "Logged out")

    def remove(self, user: User, reason: str) -> None:
        """They do not stay, if they did, until they come again."""
        if not user.sessions and self._chat.people.get(user.name.shown) is user:
            self._chat.end(user, reason)

    def expire(self) -> None:
        """Those who have been connected by nothing for too long are here no more."""
        days = self._chat.limits.always_on_days
        for user in list(self._chat.people) if days else ():
            if not user.sessions and self._chat.now() - user.alone_since > days * DAY:
                self._chat.end(user, f"Not seen for {days:g} days")

    # -- over a restart

    def changed(self, user: User) -> None:
        """What the record of `user` tells may be different now."""
        account = user.who.account
        if account and key_of(account) == user.name.key and (user.choices or self.stays(user)):
            self._keep(user.name.key)

    def happened(self, event: Event) -> None:
        """The same for those whom it happened to."""
        for user in self._concerned(event):
            self.changed(user)

    def _concerned(self, event: Event) -> Iterable[User]:
        people = self._chat.people
        if isinstance(event, ModesChanged):
            found = [people.get(each.value) for each in event.changes if isinstance(each.what, Status)]
        elif isinstance(event, Kicked):
            found = [people.get(event.target)]
        elif isinstance(event, Renamed):
            if event.who.account:
                self._keep(key_of(event.who.name))
            found = [people.get(event.new)]
        elif isinstance(event, Joined | Left | Quit | AwayChanged):
            found = [people.get(event.who.name)]
        elif isinstance(event, RoomRenamed):
            found = list(self._chat.room(event.new).members)
        else:
            found = []
        return [user for user in found if user is not None]

    def _keep(self, key: str) -> None:
        self._chat.records.keep(PRESENCE, key, partial(self._record, key))

    def _record(self, key: str) -> Record | None:
        user = self._chat.people.get(key)
        if user is None or not self.stays(user):
            return None
        return {
            "name": user.name.shown,
            "account": user.who.account,
            "username": user.who.username,
            "host": user.who.host,
            "realname": user.realname,
            "away": user.away,
            "choices": dict(user.choices),
            "modes": "".join(sorted(mode.value for mode in user.modes - {UserMode.OPERATOR})),
            "signed_on": user.signed_on,
            "alone_since": user.alone_since,
            "rooms": {room.name.shown: int(room.members[user]) for room in user.rooms.values()},
        }

    async def restore(self) -> list[str]:
        """Have everybody here again who stayed. Nobody has come in yet. Returns a sentence for each record that is of
        no use."""
        kept = self._chat.records.all(PRESENCE)
        return [problem for key, record in kept if (problem := await self._back(key, record))]

    async def _back(self, key: str, record: Record) -> str:
        try:
            name = names.person(record["name"], self._chat.limits)
            if name.key != key or name.shown not in self._chat.owned:
                self._keep(key)
                return ""  # There is no such account any more.
            user = _person(name, record, self._chat.now())
            if not self.stays(user):
                self._keep(key)
                return ""
            await self._chat.people.claim(name, name.tokens)
        except (ChatError, LookupError, TypeError, ValueError) as error:
            return f"{key!r} cannot be here as before: {error}"
        self._chat.people.add(user)
        for text, status in record["rooms"].items():
            self._into(user, text, Status(status))
        return ""

    def _into(self, user: User, text: str, status: Status) -> None:
        """Where they were; but not where a room has come to be that only looks the same."""
        directory = self._chat.directory
        name = names.room(text, self._chat.limits)
        room = directory.like(name) or directory.open(name)
        if room.name.key == name.key:
            room.add(user, status)


def _person(name: Name, record: Record, now: float) -> User:
    """Who was connected when the server was killed has missed what was said since it started."""
    who = Who(name.shown, record["username"], record["host"], record["account"])
    user = User(name, who, record["realname"], record["signed_on"])
    user.away = record["away"] or DISCONNECTED
    user.choices = record["choices"]
    user.modes = frozenset(UserMode(letter) for letter in record["modes"]) - _SECURE
    user.looks(bot=UserMode.BOT in user.modes)
    user.alone_since = record["alone_since"] or now
    return user
