"""Who is here: people come in, take other names, are away, and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatproto.errors import BadName, ChatError
from chatproto.events import (
    Appeared,
    AwayChanged,
    Event,
    Quit,
    RealnameChanged,
    Renamed,
    Vanished,
    Who,
)
from chatproto.interfaces import IBackplane
from chatproto.rooms.directory import Directory
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import Name
from chatproto.rooms.owned import Owned
from chatproto.rooms.people import People
from chatproto.rooms.presence import Presences
from chatproto.rooms.user import Session, User, user_of

NOWHERE = ""
"""The stream of events that belong to no room."""


class Attendance:
    """The half of a `RoomService` by which people come and go."""

    _backplane: IBackplane
    directory: Directory
    limits: RoomLimits
    now: Callable[[], float]
    owned: Owned
    people: People
    presences: Presences
    nameless: set[Session]

    closing = False
    """Set when the server goes down: everybody is told directly, so departures are announced to nobody."""

    def publish(self, stream: str, event: Event, session: Session | None) -> None:
        """Let it happen. `stream` is the key of the event's room, or `NOWHERE`."""
        self._backplane.publish(stream, event, session)

    async def enter(self, session: Session, text: str, username: str, host: str, realname: str = "") -> User:
        """Come in under the name `text`, to be shown as `username`@`host`; or be another connection of who has it, with
        the same account. Raises `BadName`, `NameTaken` or `TooManyClients`."""
        name = self.owned.open_to(session.account, text, self.limits)
        if (user := self.presences.shared(session, name)) is not None:
            self.presences.attach(session, user)
            return user
        await self._claim(name, name.tokens, lambda: session.account)
        if session.gone:  # The connection ended while another node was asked.
            self.people.release(name.tokens)
            raise BadName(text, "the connection has ended")
        who = Who(name.shown, username, host, session.account)
        user = User(name, who, realname or name.shown, self.now())
        self.people.add(user)
        self.presences.attach(session, user)
        self.publish(NOWHERE, Appeared(user.who), None)
        return user

    async def _claim(self, name: Name, tokens: Sequence[str], account: Callable[[], str]) -> None:
        """Hold a name, if it still is open to that account then: another node may take its time."""
        await self.people.claim(name, tokens)
        try:
            self.owned.must_be_open_to(account(), name)
        except ChatError:
            self.people.release(tokens)
            raise

    async def rename(self, session: Session, text: str) -> bool:
        """Take another name; the same name in another case counts. Or become another connection of who has it, with the
        same account: then it is True, and the connection is not shown their rooms yet. Raises `BadName`, `NameTaken` or
        `TooManyClients`. Changes nothing if the connection ends meanwhile, or another one of the same person is
        faster."""
        user = user_of(session)
        old = user.name
        name = self.owned.open_to(user.who.account, text, self.limits)
        if name == old:
            return False
        if name.key != old.key and (other := self.presences.shared(session, name)) is not None:
            self.presences.move(session, other)
            return True
        wanted = [token for token in name.tokens if token not in old.tokens]
        await self._claim(name, wanted, lambda: user.who.account)
        if session.gone or user.name is not old:
            self.people.release(wanted)
            return False
        self.people.release(token for token in old.tokens if token not in name.tokens)
        self.people.rename(user, name, self.now())
        self.publish(NOWHERE, Renamed(user.who, name.shown), session)
        user.looks(name=name.shown)
        if name.key != old.key:
            self.publish(NOWHERE, Vanished(old.shown), None)
            self.publish(NOWHERE, Appeared(user.who), None)
        return False

    def quit(self, session: Session, reason: str, *, unseen: bool = False) -> None:
        """The connection is over; so is the person, if it was the last one, unless they stay. If it is `unseen`, what
        was said since its last line may not have reached it. Cannot be refused; once is enough."""
        session.gone = True
        self.nameless.discard(session)
        self.people.unwatch_all(session)
        if session.user is not None:
            self.presences.detach(session, reason, session.heard if unseen else self.now())

    def end(self, user: User, reason: str) -> None:
        """A person who has no connection any more is gone."""
        if not self.closing:
            self.publish(NOWHERE, Quit(user.who, reason), None)
        for room in list(user.rooms.values()):
            room.remove(user)
            self.directory.drop_if_empty(room)
        self.people.remove(user, self.now())
        self.people.release(user.name.tokens)
        if not self.closing:
            self.publish(NOWHERE, Vanished(user.name.shown), None)

    def set_away(self, session: Session, message: str) -> None:
        """Be away, or back if `message` is empty."""
        user = user_of(session)
        if user.away != message:
            user.away = message
            self.publish(NOWHERE, AwayChanged(user.who, message), session)

    def set_realname(self, session: Session, realname: str) -> None:
        """Have another real name."""
        user = user_of(session)
        user.realname = realname
        self.publish(NOWHERE, RealnameChanged(user.who, realname), session)
