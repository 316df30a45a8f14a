"""What holds in the chat whatever people do, in whatever order."""

from __future__ import annotations

import contextlib  # Not `suppress` alone: trial takes a module's `suppress` for warnings to suppress.
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatproto.backplanes.alone import Alone
from chatproto.errors import ChatError, NoSuchPerson
from chatproto.events import Event, Joined, Kicked, Left, Quit, Renamed, Said, Stamp, Who
from chatproto.interfaces import IBackplane
from chatproto.modes import Change, Listing, Rule, Status
from chatproto.rooms import moderation
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, User
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON
from chatproto.wire import Wire
from tests.rooms.chat import FROM, connection, frame, link_of, owner_of, shown

NAMES = ("ada", "Ada", "ivan", "Ivan", "lvan", "modern", "rnodern", "bob", "b0b", "root", "a b", "Ж", "ж")
ROOMS = ("#lobby", "#Lobby", "#1obby", "#m", "#rn", "#Ivan", "#ivan", "#lvan", "#x", "no", "#y", "#z")
WIRES = [Wire(shown, frame) for _ in range(3)]
LIMITS = RoomLimits(rooms_per_person=3, people_per_room=4, message_length=5, topic_length=5, history_kept=3)
PROBE = Stamp(0, 0, 0.0)

names, rooms = st.sampled_from(NAMES), st.sampled_from(ROOMS)
who, wires = st.integers(0, 100), st.sampled_from(WIRES)
texts = st.sampled_from(["", "hi", "12345", "123456"])
changes = st.one_of(
    st.builds(Change, st.booleans(), st.sampled_from([*Status]), names),
    st.builds(Change, st.booleans(), st.sampled_from([Rule.INVITE_ONLY, Rule.MODERATED, Rule.TOPIC_LOCKED])),
    st.builds(Change, st.booleans(), st.just(Rule.LIMIT), st.sampled_from(["1", "3", "0", "x"])),
    st.builds(Change, st.booleans(), st.sampled_from(Listing), names),
)
"""Auditoria are left out: what is seen there has tests of its own."""


@implementer(IBackplane)
class WatchedAlone(Alone):
    """Knows what is held of names and streams."""

    def __init__(self) -> None:
        super().__init__(lambda: NOON)
        self.held: set[str] = set()
        self.streams: set[str] = set()

    def publish(self, stream: str, event: Event, origin: Any) -> None:
        """Remember the stream."""
        self.streams.add(stream)
        super().publish(stream, event, origin)

    def drop(self, stream: str) -> None:
        """Forget it."""
        self.streams.discard(stream)
        super().drop(stream)

    async def claim(self, token: str) -> bool:
        """Remember what was granted."""
        free = await super().claim(token)
        assert free == (token not in self.held)
        self.held.add(token)
        return free

    def release(self, token: str) -> None:
        """Only what is held may be given back."""
        self.held.remove(token)
        super().release(token)


def result(answer: Awaitable[Any]) -> Any:
    """What `answer`, which must not wait, results in or raises."""

    async def wait() -> Any:
        return await answer

    found: list[Any] = []
    failed: list[BaseException] = []
    Deferred.fromCoroutine(wait()).addCallbacks(found.append, lambda failure: failed.append(failure.value))
    if failed:
        raise failed[0]
    return found[0]


class Chat(RuleBasedStateMachine):
    """People do what comes into their heads."""

    @initialize()
    def open(self) -> None:
        """A chat with nobody in it."""
        self.backplane = WatchedAlone()
        self.history = MemoryHistory(LIMITS.history_kept)
        self.service = RoomService(self.backplane, self.history, LIMITS)
        self.lobby = self.service.room(LIMITS.default_room)
        self.sessions: list[Session] = []

    def users(self) -> list[User]:
        """Everyone, in order of coming."""
        return list(dict.fromkeys(session.user for session in self.sessions if session.user is not None))

    def session(self, number: int) -> Session:
        """One of those who are in."""
        return self.sessions[number % len(self.sessions)]

    def state(self) -> object:
        """All that a refused request may not change."""
        return (
            [(room.name, room.topic, dict(room.members), dict(room.rules)) for room in self.service.rooms()],
            [{what: list(masks) for what, masks in room.lists.items()} for room in self.service.rooms()],
            [(user.name, list(user.rooms), list(user.sessions), list(user.invitations)) for user in self.users()],
            [dict(session.views) for session in self.sessions],
            set(self.backplane.held),
            set(self.backplane.streams),
        )

    def attempt(self, ask: Callable[[], Coroutine[Any, Any, Any] | Any]) -> bool:
        """Whether what is asked for is done; if not, nothing has changed and nobody was told anything."""
        before = self.state()
        try:
            answer = ask()
            if isinstance(answer, Coroutine):
                result(answer)
        except ChatError:
            assert self.state() == before
            assert not any(link_of(session).written for session in self.sessions)
            return False
        return True

    def told(self, session: Session) -> list[str]:
        """What `session` was shown since it looked last."""
        return link_of(session).lines()

    def all_told(self, event: Event, concerned: set[User], but: Session | None) -> None:
        """All sessions of those concerned were shown `event` once, save one; nobody else was shown anything."""
        for session in self.sessions:
            expected = [repr(event)] if session.user in concerned and session is not but else []
            assert self.told(session) == expected, (session, event)

    def near(self, user: User) -> set[User]:
        """A person, and everyone who shares a room with it."""
        return {user, *(other for room in user.rooms.values() for other in room.members)}

    # -- what people do

    @rule(name=names, wire=wires)
    def enter(self, name: str, wire: Wire) -> None:
        """Come in."""
        session = connection(wire)
        if self.attempt(lambda: self.service.enter(session, name, *FROM)):
            self.sessions.append(session)
        else:
            assert session.user is None

    @precondition(lambda self: self.sessions)
    @rule(number=who, wire=wires)
    def attach(self, number: int, wire: Wire) -> None:
        """Come in by another connection."""
        user = self.session(number).user
        assert user is not None
        second = connection(wire)
        self.service.presences.attach(second, user)
        for room in user.rooms.values():
            self.service.view(second, room, wire)
        self.sessions.append(second)

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=names)
    def rename(self, number: int, name: str) -> None:
        """Take another name."""
        session = self.session(number)
        assert session.user is not None
        old, was = session.user.name.shown, session.user.who
        if self.attempt(lambda: self.service.rename(session, name)):
            assert session.user.name.shown == name
            concerned = self.near(session.user) if name != old else set()
            self.all_told(Renamed(was, name), concerned, session)

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms)
    def join(self, number: int, name: str) -> None:
        """Go into a room."""
        session = self.session(number)
        assert session.user is not None
        before = set(session.user.rooms.values())
        if self.attempt(lambda: self.service.join(session, name)):
            room = self.service.room(name)
            if room in before:
                assert not any(self.told(each) for each in self.sessions)
            else:
                self.all_told(
                    Joined(room.name.shown, session.user.who, session.user.realname), set(room.members), session
                )

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms, reason=texts)
    def leave(self, number: int, name: str, reason: str) -> None:
        """Leave a room."""
        session = self.session(number)
        assert session.user is not None
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            members = set(room.members)
            if self.attempt(lambda: self.service.leave(session, room, reason)):
                self.all_told(Left(room.name.shown, session.user.who, reason), members, session)

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms, text=texts)
    def say(self, number: int, name: str, text: str) -> None:
        """Speak."""
        session = self.session(number)
        assert session.user is not None
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            if self.attempt(lambda: self.service.say(session, room, text)):
                said = Said(room.name.shown, session.user.who, text)
                self.all_told(said, set(room.members), session)
                assert result(self.history.read(room.name.key, 1))[0][0] == said

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms, topic=texts)
    def set_topic(self, number: int, name: str, topic: str) -> None:
        """Set a topic."""
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            if self.attempt(lambda: self.service.set_topic(self.session(number), room, topic)):
                assert room.topic == topic
                self.forget()

    @precondition(lambda self: self.sessions)
    @rule(number=who, other=who, name=rooms)
    def kick(self, number: int, other: int, name: str) -> None:
        """Put somebody out. Their owners, and that of who did it, are told; the other members see it."""
        session, target = self.session(number), self.session(other).user
        assert session.user is not None
        assert target is not None
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            members = set(room.members)
            self.forget()
            if self.attempt(lambda: moderation.kick(self.service, session, room, target, "why")):
                event = Kicked(room.name.shown, session.user.who, target.name.shown, "why")
                self.all_told(event, members - {target}, session)
                owners = [each for each in self.sessions if owner_of(each).told]
                assert owners == [each for each in self.sessions if each.user is target or each is session]
                assert all(owner_of(each).told == [event] for each in owners)

    @precondition(lambda self: self.sessions)
    @rule(number=who, other=who, name=rooms)
    def invite(self, number: int, other: int, name: str) -> None:
        """Invite somebody."""
        target = self.session(other).user
        assert target is not None
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            if self.attempt(lambda: moderation.invite(self.service, self.session(number), room, target)):
                assert room in target.invitations
                self.forget()

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms, change=changes)
    def change(self, number: int, name: str, change: Change) -> None:
        """Change what holds in a room, or what a member is."""
        session = self.session(number)
        assert session.user is not None
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            before = self.state()
            refused = moderation.change(self.service, session, room, [change])
            if refused:
                assert self.state() == before
                assert not any(link_of(each).written for each in self.sessions)
            self.forget()

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms, new=rooms)
    def move(self, number: int, name: str, new: str) -> None:
        """Give a room another name."""
        session = self.session(number)
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            said = [said for said, _ in result(self.history.read(room.name.key, 9))]
            if self.attempt(lambda: moderation.rename(self.service, session, room, new, "")):
                assert room.name.shown == new
                assert [said for said, _ in result(self.history.read(room.name.key, 9))] == said
                self.forget()

    @precondition(lambda self: self.sessions)
    @rule(number=who, name=rooms, wire=wires)
    def view(self, number: int, name: str, wire: Wire) -> None:
        """Look at a room in another way."""
        with contextlib.suppress(ChatError):
            room = self.service.room(name)
            self.attempt(lambda: self.service.view(self.session(number), room, wire))

    @precondition(lambda self: self.sessions)
    @rule(number=who)
    def quit(self, number: int) -> None:
        """Go away."""
        session = self.session(number)
        user = session.user
        assert user is not None
        near = self.near(user)
        self.service.quit(session, "bye")
        self.sessions.remove(session)
        if user.sessions:
            assert not any(self.told(each) for each in self.sessions)
        else:
            self.all_told(Quit(user.who, "bye"), near, None)
        assert not self.told(session)

    def forget(self) -> None:
        """Look away from all that was shown."""
        for session in self.sessions:
            self.told(session)
            owner_of(session).told.clear()

    # -- what holds all the time

    @invariant()
    def membership_is_mutual(self) -> None:
        """Whoever a room has as a member has the room, and the other way round."""
        open_rooms = list(self.service.rooms())
        for room in open_rooms:
            for user in room.members:
                assert user.rooms[room.name.key] is room
                assert user in self.users()
        for user in self.users():
            for key, room in user.rooms.items():
                assert room.name.key == key
                assert room in open_rooms
                assert user in room.members
            assert len(user.rooms) <= LIMITS.rooms_per_person

    @invariant()
    def rooms_are_found_and_distinct(self) -> None:
        """No room is empty but the default one, none is over-full, and no two look the same."""
        open_rooms = list(self.service.rooms())
        assert open_rooms[0] is self.lobby
        assert all(room.members for room in open_rooms[1:])
        assert all(len(room.members) <= LIMITS.people_per_room for room in open_rooms)
        assert all(self.service.room(room.name.shown) is room for room in open_rooms)
        assert len({room.name.skeleton for room in open_rooms}) == len(open_rooms)
        assert len({room.name.key for room in open_rooms}) == len(open_rooms)

    @invariant()
    def people_are_found_and_distinct(self) -> None:
        """Everyone is found by name, no two have a token in common, and just these tokens are held."""
        tokens = [token for user in self.users() for token in user.name.tokens]
        assert len(set(tokens)) == len(tokens)
        assert self.backplane.held == set(tokens)
        for user in self.users():
            assert self.service.people.find(user.name.shown) is user
            assert user.sessions
            assert all(session.user is user for session in user.sessions)
        for name in NAMES:
            with contextlib.suppress(NoSuchPerson):
                assert self.service.people.find(name) in self.users()

    @invariant()
    def every_token_has_its_holder(self) -> None:
        """The tokens of all names, and no others, are known with whose they are, and held on the backplane."""
        holders = {token: user for user in self.users() for token in user.name.tokens}
        assert self.service.people._holders == holders
        assert self.backplane.held == holders.keys()
        assert self.service.people._users == {user.name.key: user for user in self.users()}

    @invariant()
    def every_session_sees_its_rooms_once(self) -> None:
        """Each connection of each member sees a line in a room once; nobody else does."""
        for room in self.service.rooms():
            members = [session for user in room.members for session in user.sessions]
            assert {session for session in self.sessions if room in session.views} == set(members)
            room.broadcast(Said(room.name.shown, Who("probe"), ""), PROBE)
            for session in self.sessions:
                assert len(self.told(session)) == (session in members)
            self.each_wire_in_use(room, members)

    def each_wire_in_use(self, room: Room, members: list[Session]) -> None:
        """A connection that looks through a wire of its own is shown the room through that."""
        for session in members:
            chosen = session.views[room]
            room.attach(session, Wire(lambda *_: ["probe"], frame))
            room.broadcast(Said(room.name.shown, Who("probe"), ""), PROBE)
            assert self.told(session) == ["probe"]
            room.attach(session, chosen)
            self.forget()

    def teardown(self) -> None:
        """When all have gone, nothing is left but the default room."""
        if not hasattr(self, "service"):
            return
        for session in list(self.sessions):
            self.service.quit(session, "bye")
        self.sessions.clear()
        assert list(self.service.rooms()) == [self.lobby]
        assert not self.lobby.members
        assert self.backplane.held == set()
        assert not self.service.people._holders
        assert self.backplane.streams <= {"", self.lobby.name.key}
        for name in ROOMS:
            assert name.casefold() == self.lobby.name.key or not result(self.history.read(name.casefold(), 9))
        for name in NAMES:
            with contextlib.suppress(NoSuchPerson):
                raise AssertionError(self.service.people.find(name))


class InvariantTests(SynchronousTestCase):
    """The chat, and people who do what they like."""

    def test_whatever_people_do(self) -> None:
        """Membership, delivery, names and rooms stay as they must, refused requests change nothing, nothing leaks."""
        run_state_machine_as_test(
            Chat, settings=settings(deadline=None, max_examples=60, stateful_step_count=40, database=None)
        )
