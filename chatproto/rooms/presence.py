"""One person by several connections, or for a while by none: those who are logged in to one account and ask for the
same name are one person, and who chose to (`always-on`) stays in their rooms while nothing is connected.

How that lasts over a restart is in `staying.py`.
"""

from __future__ import annotations

from chatproto.errors import NameTaken, TooManyClients
from chatproto.events import AwayChanged
from chatproto.modes import UserMode
from chatproto.rooms.limits import ALWAYS_ON, DAY, MULTICLIENT, OFF
from chatproto.rooms.names import Name
from chatproto.rooms.presence_record import DISCONNECTED, PRESENCE
from chatproto.rooms.staying import Staying
from chatproto.rooms.user import Session, User, user_of

NOBODY = "*"
"""As an away message: nobody looks at this connection (IRCv3's pre-away). It says nothing of others of the person."""

_SECURE = frozenset({UserMode.SECURE})
"""What most people on TLS have: one for all, as `NO_MODES`."""


class Presences(Staying):
    """Those of one `RoomService`."""

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
            user.choices = session.choices
        session.missed, user.alone_since = user.alone_since, 0.0
        session.heard = session.heard or self._chat.now()
        user.sessions.append(session)
        session.user = user
        self._chat.nameless.discard(session)
        self._chat.people.sessions += 1
        self._secure(user)
        if user.away in {DISCONNECTED, NOBODY} and not session.unattended:
            self._chat.set_away(session, "")
        self.changed(user)

    def detach(self, session: Session, reason: str, since: float) -> None:
        """The inverse. Who has no other connection stays without, alone `since` then, or is gone."""
        user = user_of(session)
        for room in list(session.views):
            room.detach(session)
        user.sessions.remove(session)
        session.user = None
        self._chat.people.sessions -= 1
        if user.sessions:
            self._secure(user)
            self._unattended(user)
        elif self.stays(user):
            self._left_alone(user, since)
        else:
            self._chat.end(user, reason)

    def move(self, session: Session, user: User) -> None:
        """Have it be a connection of `user`, and not of who it was."""
        self.detach(session, f"Is {user.name.shown}", self._chat.now())
        self.attach(session, user)

    def _unattended(self, user: User) -> None:
        """Nobody looks at what is left of their connections: they are away."""
        if all(each.unattended for each in user.sessions) and not (user.away or self._chat.closing):
            self._chat.set_away(user.sessions[0], DISCONNECTED)

    def _secure(self, user: User) -> None:
        """Somebody is on TLS if all of their connections are."""
        secure = all(session.link.peer.secure for session in user.sessions)
        if secure != (UserMode.SECURE in user.modes):
            modes = user.modes | _SECURE if secure else user.modes - _SECURE
            self._chat.people.become(user, modes if modes != _SECURE else _SECURE)

    # -- by none

    def _left_alone(self, user: User, since: float) -> None:
        user.alone_since = since
        if user.operator:  # Who comes with the account's password has not given the operator's.
            self._chat.people.become(user, user.modes - {UserMode.OPERATOR})
        if not user.away:
            user.away = DISCONNECTED
            if not self._chat.closing:
                self._chat.publish("", AwayChanged(user.who, user.away), None)
        self.changed(user)

    def settle(self, user: User) -> None:
        """What they chose may be different now: without a connection they may not stay any more."""
        self._keep(user.name.key)
        self.changed(user)
        if not user.sessions and not self.stays(user):
            self._chat.end(user, "Logged out")

    def remove(self, user: User, reason: str) -> None:
        """They do not stay, if they did, until they come again; who is connected is gone with the last connection."""
        user.choices = {ALWAYS_ON: OFF}
        if not user.sessions and self._chat.people.get(user.name.shown) is user:
            self._chat.end(user, reason)

    def expire(self) -> None:
        """Those who have been connected by nothing for too long are here no more."""
        days = self._chat.limits.always_on_days
        for user in list(self._chat.people) if days else ():
            if not user.sessions and self._chat.now() - user.alone_since > days * DAY:
                self._chat.end(user, f"Not seen for {days:g} days")


__all__ = ["DISCONNECTED", "NOBODY", "PRESENCE", "Presences"]
