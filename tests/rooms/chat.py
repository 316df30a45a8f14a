"""A chat on recording links, for the tests of rooms, and a backplane that answers when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatproto.backplanes.alone import Alone
from chatproto.errors import ChatError
from chatproto.events import Event, Joined, Left, Said, Stamp, Whispered, Who
from chatproto.interfaces import IBackplane
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, User
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON, RecordingLink
from chatproto.wire import Wire

T = TypeVar("T")


def frame(text: str) -> bytes:
    """A line as `RecordingLink.lines` reads it."""
    return text.encode() + b"\r\n"


def shown(event: Event, stamp: Stamp) -> list[str]:
    """All there is to an event; the stamp is looked at elsewhere."""
    del stamp
    return [repr(event)]


WIRE = Wire(shown, frame)

FROM = ("user", "localhost")
"""The user name and the host that everyone comes with."""


class Echo:
    """The owner of a session: remembers what it is told, and shows what was said that way if it is of `kinds`."""

    session: Session

    def __init__(self, *kinds: type[Event]) -> None:
        self.kinds = kinds
        self.told: list[Event] = []
        self.cuts: list[tuple[Who, str]] = []

    def own(self, event: Event, stamp: Stamp) -> None:
        """Remember it, and show it if it is wanted."""
        self.told.append(event)
        if isinstance(event, self.kinds):
            self.session.show(event, stamp, self.session.wire)

    def hear(self, event: Event, stamp: Stamp) -> None:
        """The same; and show what this person did by another connection, as dialects do."""
        self.own(event, stamp)
        if isinstance(event, Joined | Left | Whispered) and not isinstance(event, self.kinds):
            self.session.show(event, stamp, self.session.wire)

    def cut(self, who: Who, reason: str) -> None:
        """Remember it."""
        self.cuts.append((who, reason))


def connection(wire: Wire = WIRE, *echoes: type[Event]) -> Session:
    """A connection of somebody who has not come in yet."""
    owner = Echo(*echoes)
    owner.session = Session(RecordingLink(), wire, owner)
    return owner.session


def owner_of(session: Session) -> Echo:
    """The owner of a session that was made here."""
    assert isinstance(session.owner, Echo)
    return session.owner


def link_of(session: Session) -> RecordingLink:
    """The link of a session that was made here."""
    assert isinstance(session.link, RecordingLink)
    return session.link


def user_of(session: Session) -> User:
    """The person that a session belongs to."""
    assert session.user is not None
    return session.user


@implementer(IBackplane)
class SlowBackplane:
    """Keeps whoever claims a token waiting until `answer` is called; all else happens at once."""

    deliver: Callable[[str, Event, Stamp, Hashable | None], None]

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.waiting: list[tuple[str, Deferred[bool]]] = []

    def publish(self, stream: str, event: Event, origin: Hashable | None) -> None:
        """Deliver at once."""
        self.deliver(stream, event, Stamp(1, 1, NOON), origin)

    def drop(self, stream: str) -> None:
        """Nothing is kept of a stream."""

    def claim(self, token: str) -> Deferred[bool]:
        """Wait."""
        answer: Deferred[bool] = Deferred()
        self.waiting.append((token, answer))
        return answer

    def release(self, token: str) -> None:
        """Free at once; that nobody holds it is a fault."""
        self.held.remove(token)

    def answer(self) -> None:
        """Answer whoever waits, and whoever waits because of that."""
        while self.waiting:
            token, answer = self.waiting.pop(0)
            free = token not in self.held
            self.held.add(token)
            answer.callback(free)


class ChatTestCase(SynchronousTestCase):
    """A chat with nobody in it. Times stand still at `NOON`."""

    limits = RoomLimits()

    def setUp(self) -> None:
        """Open the chat."""
        self.now = NOON
        self.backplane = Alone(lambda: self.now)
        self.history = MemoryHistory(self.limits.history_kept)
        self.service = RoomService(self.backplane, self.history, self.limits, lambda: self.now)
        self.lobby = self.service.room(self.limits.default_room)

    def done(self, answer: Coroutine[Any, Any, T]) -> T:
        """What `answer`, which must not wait, results in."""
        return self.successResultOf(Deferred.fromCoroutine(answer))

    def refused(self, kind: type[ChatError], answer: Coroutine[Any, Any, Any]) -> ChatError:
        """The `kind` of refusal that `answer`, which must not wait, results in."""
        error = self.failureResultOf(Deferred.fromCoroutine(answer), kind).value
        assert isinstance(error, ChatError)
        return error

    def enter(self, name: str, *rooms: str, echoes: tuple[type[Event], ...] = (), wire: Wire = WIRE) -> Session:
        """Someone who is in `rooms` and has seen nothing yet; nor has anyone seen them come."""
        session = connection(wire, *echoes)
        self.done(self.service.enter(session, name, *FROM))
        for room in rooms:
            self.join(session, room)
        owner_of(session).told.clear()
        return session

    def join(self, session: Session, name: str) -> Room:
        """Let `session` into the room called `name`, unseen."""
        room = self.service.join(session, name)
        for user in room.members:
            for each in user.sessions:
                link_of(each).written.clear()
                owner_of(each).told.clear()
        return room

    def attach(self, session: Session, wire: Wire = WIRE) -> Session:
        """A second connection of the person behind `session`."""
        user = user_of(session)
        second = connection(wire)
        self.service.presences.attach(second, user)
        for room in user.rooms.values():
            self.service.view(second, room, wire)
        return second

    def sees(self, session: Session, *events: Event) -> None:
        """Fail unless `session` was shown these events, in this order and no others, since it looked last."""
        self.assertEqual(link_of(session).lines(), [repr(event) for event in events])

    def told(self, session: Session, *events: Event) -> None:
        """Fail unless the owner of `session` was told these events, in this order and no others, since it looked."""
        owner = owner_of(session)
        self.assertEqual(owner.told, list(events))
        owner.told.clear()

    def said(self, room: Room) -> list[str]:
        """What the history has of `room`."""
        lines = self.done(self.history.read(room.stream, 1_000_000))
        return [said.text for said, _ in lines if isinstance(said, Said)]
