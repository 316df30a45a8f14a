"""Those who have come: brought in a few at a time, in rooms, each of whom listens to all who speak there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from chatproto.load.client import USUAL, Client, Manner, Scene, State
from chatproto.load.marks import Tally


@dataclass(frozen=True, slots=True)
class Missing:
    """Deliveries that have not come."""

    lost: int = 0
    """Later lines of the same speaker have come."""
    outstanding: int = 0
    """Nothing has come of the same speaker since."""

    def __add__(self, other: Missing) -> Missing:
        return Missing(self.lost + other.lost, self.outstanding + other.outstanding)


class Crowd:
    """Clients with numbers from `first` on. Client i is in room i modulo the number of rooms."""

    def __init__(self, scene: Scene, tally: Tally, rooms: list[bytes], first: int = 0) -> None:
        self.scene, self.tally = scene, tally
        self.members: list[Client] = []
        self.arrived = 0
        """How many have come as far as they were to come, those who ended since included."""
        self.ended = 0
        self.on_arrival: Callable[[Client, int], None] | None = None
        """Is told of each who has come as far as they were to come."""
        self.on_end: Callable[[Client, int], None] | None = None
        self.rooms, self._first = rooms, first
        self._waiting: Iterator[int] = iter(())
        self._goal = State.IN_ROOM
        self._manner: Callable[[int], Manner] = lambda index: USUAL

    def bring(
        self, count: int, in_flight: int, now: int, manner: Manner = USUAL, *, other: Mapping[int, Manner] | None = None
    ) -> None:
        """Have `count` come, `in_flight` at a time; those at some indices in another manner than the rest."""
        others = other or {}
        self._goal, self._manner = manner.goal, lambda index: others.get(index, manner)
        self._waiting = iter(range(count))
        for _ in range(in_flight):
            self._next(now)

    def arrive_again(self) -> None:
        """Those who have come are to go into their rooms, too."""
        self._goal, self.arrived = State.IN_ROOM, 0

    def present(self) -> list[Client]:
        """Those who are in their room."""
        return [member for member in self.members if member.state is State.IN_ROOM]

    def by_room(self) -> list[list[Client]]:
        """The members of each room, in the order of their numbers."""
        count = len(self.rooms)
        return [self.members[room::count] for room in range(count)]

    def introduce(self, speakers: int) -> list[Client]:
        """The first `speakers` of each room are to speak, all others of the room are to listen to them. Returns the
        speakers, as they take turns: one of each room, then the next of each."""
        for members in self.by_room():
            for speaker in members[:speakers]:
                listen(members, speaker)
        return self.members[: speakers * len(self.rooms)]

    def missing(self) -> Missing:
        """Deliveries that have not come: of all lines that were said, to all who listen and are still there."""
        found = Missing()
        for members in self.by_room():
            found += missing_among(members, [member for member in members if member.said])
        return found

    def close(self) -> None:
        """End all connections."""
        for member in self.members:
            member.stream.close()

    def _next(self, now: int) -> None:
        index = next(self._waiting, None)
        if index is None:
            return
        room = self.rooms[index % len(self.rooms)]
        self.members.append(
            Client(self.scene, self._first + index, room, self.tally, self._changed, self._manner(index))
        )

    def _changed(self, client: Client, now: int) -> None:
        if client.state is State.ENDED:
            self.ended += 1
            if self.on_end is not None:
                self.on_end(client, now)
        elif client.state is self._goal:
            self.arrived += 1
            if self.on_arrival is not None:
                self.on_arrival(client, now)
        else:
            return
        self._next(now)


def listen(members: Iterable[Client], speaker: Client) -> None:
    """All `members` but the speaker are to hear what is said from now on."""
    others = [member for member in members if member is not speaker and member.reads]
    for member in others:
        member.ear.listen_to(speaker.number, speaker.said)
    speaker.audience = len(others)


def missing_among(listeners: Iterable[Client], speakers: Iterable[Client], *, all_of_it: bool = False) -> Missing:
    """Deliveries that have not come to those who are still there. What those said last who have ended does not count
    if nobody has heard it, but with `all_of_it`: they have taken their leave."""
    there = [member for member in listeners if member.state is State.IN_ROOM and member.reads]
    lost = outstanding = 0
    for speaker in speakers:
        said = speaker.said
        if speaker.state is State.ENDED and not all_of_it:
            said = max((member.ear.heard_of(speaker.number) for member in there), default=0)
        for member in there:
            if member is not speaker:
                lost += member.ear.lost(speaker.number)
                outstanding += member.ear.outstanding(speaker.number, said)
    return Missing(lost, outstanding)
