"""Whatever people do with registered rooms, what is kept of them is what they are, and another server has them so."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.errors import ChatError
from chatproto.modes import Change, Listing, Rule, Status
from chatproto.rooms import logins, metadata, moderation, registered, restarting
from chatproto.rooms.limits import DAY, RoomLimits
from chatproto.rooms.metadata import Bounds
from chatproto.rooms.room_record import KIND, record_of
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON
from tests.accounts.quick import quick
from tests.rooms.chat import FROM, connection, user_of
from tests.rooms.kept_records import KeptRecords

PEOPLE = ("ada", "bob", "carl")
LIMITS = RoomLimits(rooms_registered=2, ranks_kept=2, unused_days=1)

who, names = st.sampled_from(PEOPLE), st.sampled_from(("#x", "#X", "#y", "#z"))
statuses = st.sampled_from([*Status])
changes = st.one_of(
    st.builds(Change, st.booleans(), statuses, who),
    st.builds(Change, st.booleans(), st.sampled_from([Rule.INVITE_ONLY, Rule.SECRET])),
    st.builds(Change, st.booleans(), st.just(Rule.KEY), st.just("k")),
    st.builds(Change, st.booleans(), st.sampled_from(Listing), who),
)


class Registered(RuleBasedStateMachine):
    """Three people, all of whom have accounts at first, and servers that follow one another."""

    @initialize()
    def first(self) -> None:
        """Two rooms are registered, and everybody is in all rooms."""
        self.now = NOON
        self.records = KeptRecords()
        self.history = MemoryHistory(3)
        self.accounts = set(PEOPLE)
        self.start()
        for name, by in (("#x", "ada"), ("#y", "bob")):
            self.join(by, name)
            self.register(by, name)
        for by in PEOPLE:
            self.join(by, "#x")
            self.join(by, "#y")

    def start(self) -> None:
        """A server; people come and are logged in to the accounts that are there."""
        self.service = RoomService(
            Alone(lambda: self.now),
            self.history,
            LIMITS,
            lambda: self.now,
            accounts=quick(Clock()),
            records=self.records,
        )
        self.service.owned.load((name, name) for name in sorted(self.accounts))
        again: Deferred[list[str]] = Deferred.fromCoroutine(restarting.all_again(self.service))
        assert again.result == []
        self.sessions = {name: self.come(name) for name in PEOPLE}

    def come(self, name: str) -> Session:
        """One of them."""
        session = connection()
        if name in self.accounts:
            logins.admit(self.service, session, Account(name, name))
        coming: Deferred[Any] = Deferred.fromCoroutine(self.service.enter(session, name, *FROM))
        assert coming.called
        return session

    def kept(self) -> dict[str, Any]:
        """All records, as another server would find them."""
        self.records.changed()
        return {key: {**record, "left_at": 0} for key, record in self.records.all(KIND)}

    @rule(by=who, name=names)
    def join(self, by: str, name: str) -> None:
        """Go into a room."""
        with contextlib.suppress(ChatError):
            self.service.join(self.sessions[by], name, "k")

    @rule(by=who, name=names)
    def leave(self, by: str, name: str) -> None:
        """Leave one."""
        with contextlib.suppress(ChatError):
            self.service.leave(self.sessions[by], self.service.room(name), "")

    @rule(by=who, name=names)
    def register(self, by: str, name: str) -> None:
        """Have it."""
        with contextlib.suppress(ChatError):
            registered.register(self.service, self.sessions[by], self.service.room(name))

    @rule(by=who, name=names)
    def unregister(self, by: str, name: str) -> None:
        """Have it no more."""
        with contextlib.suppress(ChatError):
            registered.unregister(self.service, self.sessions[by], self.service.room(name))

    @rule(by=who, name=names, to=who)
    def offer(self, by: str, name: str, to: str) -> None:
        """Let somebody have it."""
        with contextlib.suppress(ChatError):
            registered.offer(self.service, self.sessions[by], self.service.room(name), to)

    @rule(by=who, name=names)
    def accept(self, by: str, name: str) -> None:
        """Take it."""
        with contextlib.suppress(ChatError):
            registered.accept(self.service, self.sessions[by], self.service.room(name))

    @rule(by=who, name=names, change=changes)
    def change(self, by: str, name: str, change: Change) -> None:
        """Change what holds in it, or what members are."""
        with contextlib.suppress(ChatError):
            moderation.change(self.service, self.sessions[by], self.service.room(name), [change])

    @rule(by=who, name=names, account=who, status=statuses, add=st.booleans())
    def set_rank(self, by: str, name: str, account: str, status: Status, *, add: bool) -> None:
        """The same for an account."""
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            registered.set_rank(self.service, self.sessions[by], room, account, status, add=add)

    @rule(by=who, name=names, whom=who, add=st.booleans())
    def set_status(self, by: str, name: str, whom: str, *, add: bool) -> None:
        """The same for a member, by a service."""
        with contextlib.suppress(ChatError):
            room, person = self.service.room(name), user_of(self.sessions[whom])
            registered.set_status(self.service, self.sessions[by], room, person, Status.OPERATOR, add=add)

    @rule(by=who, name=names, text=st.sampled_from(["", "tea"]))
    def topic(self, by: str, name: str, text: str) -> None:
        """Set the topic."""
        with contextlib.suppress(ChatError):
            self.service.set_topic(self.sessions[by], self.service.room(name), text)

    @rule(by=who, name=names, text=st.sampled_from(["a", "b", None]))
    def fact(self, by: str, name: str, text: str | None) -> None:
        """Tell something of it."""
        with contextlib.suppress(ChatError):
            metadata.set_fact(self.service, self.sessions[by], self.service.room(name), "url", text, Bounds(1, 9))

    @rule(by=who, name=names, new=names)
    def rename(self, by: str, name: str, new: str) -> None:
        """Give it another name."""
        with contextlib.suppress(ChatError):
            moderation.rename(self.service, self.sessions[by], self.service.room(name), new, "")

    @rule(by=who)
    def log_out(self, by: str) -> None:
        """And in again, if that can be."""
        with contextlib.suppress(ChatError):
            logins.log_out(self.service, self.sessions[by])
            return
        if by in self.accounts:
            logins.admit(self.service, self.sessions[by], Account(by, by))

    @rule(account=who, here=st.booleans())
    def forget(self, account: str, *, here: bool) -> None:
        """An account is no more; this server knows, or the next one will."""
        self.accounts.discard(account)
        if here:
            logins.forget(self.service, account)
        else:
            self.restart()

    @rule(account=who)
    def make(self, account: str) -> None:
        """Somebody else has one of that name."""
        if account not in self.accounts:
            self.accounts.add(account)
            self.service.owned.add(account, account)
            ranks = [room.registration.ranks for room in self.service.rooms() if room.registration is not None]
            assert not any(account in each for each in ranks)
            assert registered.of(self.service, account) == []

    @rule(days=st.sampled_from([0.5, 0.6]))
    def pass_time(self, days: float) -> None:
        """Some rooms have been empty for too long."""
        self.now += days * DAY
        registered.expire(self.service)

    @rule()
    def restart(self) -> None:
        """Another server, killed the one before it."""
        before = self.kept()
        self.records = self.records.again()
        self.start()
        lost = {
            key
            for key, record in before.items()
            if not {record["founder"], *record["ranks"], record["heir"] or record["founder"]} <= self.accounts
        }
        after = self.kept()
        for key in before.keys() - lost:
            assert after[key] == before[key]

    @invariant()
    def kept_as_it_is(self) -> None:
        """What is kept is what there is."""
        rooms = [room for room in self.service.rooms() if room.registration is not None]
        there = {room.name.key: json.loads(json.dumps(record_of(room))) for room in rooms}
        assert self.kept() == {key: {**record, "left_at": 0} for key, record in there.items()}

    @invariant()
    def founders(self) -> None:
        """Each has no more than it may, and its account is there."""
        for account in PEOPLE:
            assert len(registered.of(self.service, account)) <= (2 if account in self.accounts else 0)

    @invariant()
    def empty_rooms(self) -> None:
        """Only registered ones, and the default room."""
        for room in self.service.rooms():
            assert room.members or room.registration is not None or room is self.service.directory.default


class RegisteredTests(SynchronousTestCase):
    """All of that."""

    def test_model(self) -> None:
        """Whatever they do."""
        chosen = settings(max_examples=60, stateful_step_count=40, deadline=None, database=None)
        run_state_machine_as_test(Registered, settings=chosen)
