"""A chat with registered rooms: Ada and Bob have accounts, carl has none."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.modes import Change, Status
from chatproto.rooms import logins, moderation, registered, restarting
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.registration import Registration
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from tests.accounts.quick import quick
from tests.rooms.chat import FROM, ChatTestCase, connection, link_of, owner_of, user_of
from tests.rooms.kept_records import KeptRecords

ACCOUNTS = [("ada", "Ada"), ("bob", "Bob")]


class RegisteredTestCase(ChatTestCase):
    """A server that remembers rooms. `now` is its time."""

    def setUp(self) -> None:
        """Start it, and have the three of them in."""
        super().setUp()
        self.records = KeptRecords()
        self.start()

    def start(self, accounts: list[tuple[str, str]] | None = None, **limits: Any) -> None:
        """A server that finds what the one before it kept, with these accounts and nobody in it but those three."""
        self.records = self.records.again()
        self.limits = RoomLimits(**limits)
        self.service = RoomService(
            Alone(lambda: self.now),
            self.history,
            self.limits,
            lambda: self.now,
            accounts=quick(Clock()),
            records=self.records,
        )
        self.service.owned.load(ACCOUNTS if accounts is None else accounts)
        self.lobby = self.service.room(self.limits.default_room)
        self.problems = self.done(restarting.all_again(self.service))
        self.ada, self.bob, self.carl = self.come("Ada"), self.come("Bob"), self.come("carl", account="")

    def come(self, name: str, *, account: str | None = None) -> Session:
        """Somebody who comes in, logged in to the account of their name, or to that one, or to none."""
        session = connection()
        account = name if account is None else account
        if account:
            logins.admit(self.service, session, Account(account, account.lower()))
        self.done(self.service.enter(session, name, *FROM))
        return session

    def room(self, name: str = "#x", *others: Session) -> Room:
        """A room that ada has opened and registered, and these are in, who have seen nothing yet."""
        self.service.join(self.ada, name)
        room = self.service.room(name)
        registered.register(self.service, self.ada, room)
        for each in others:
            self.service.join(each, name)
        self.seen(self.ada, *others)
        return room

    def seen(self, *sessions: Session) -> None:
        """They have seen what there was to see."""
        for each in sessions:
            link_of(each).written.clear()
            owner_of(each).told.clear()

    def mode(self, by: Session, room: Room, status: Status, name: str, *, add: bool = True) -> None:
        """Make a member that, or not any more, as people do."""
        self.assertEqual(moderation.change(self.service, by, room, [Change(add, status, name)]), [])

    def status(self, session: Session, room: Room) -> Status:
        """What somebody is there now."""
        return room.members[user_of(session)]

    def kept(self, room: Room) -> Registration:
        """What it is registered as."""
        assert room.registration is not None
        return room.registration
