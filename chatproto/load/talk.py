"""Who speaks when: by a schedule, in turn with those who listen, or as fast as the server takes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from chatproto.load.client import Client, State
from chatproto.load.latency import Record
from chatproto.load.loop import SECOND, Loop
from chatproto.load.marks import Mark

SAID_AT_ONCE = 1000
"""Lines of a schedule that are said before others have their turn, however many are due: some ten milliseconds."""

FLOOD_AT_ONCE = 64
"""Lines that a flooder says before the others have their turn."""

FLOOD_PAUSE = 1_000_000
"""Nanoseconds after which a flooder tries again."""

FLOOD_AHEAD = 524_288
"""Bytes said in a flood that a member who reads may not have read yet."""

FLOOD_WAITING = 16_384
"""Bytes of a flooder that may wait before it goes on."""


class Talk(Protocol):
    """Something that is said, from `begin` to `stop`."""

    late: Record
    """How far behind its schedule each line was said; nothing where there is no schedule."""

    @property
    def begin(self) -> Callable[[int], None]:
        """Say the first line, at a time."""

    def stop(self) -> None:
        """Say no more."""


class Scheduled:
    """An open loop: `rate` lines per second in all, each speaker in turn, whatever becomes of them. A line is due when
    the schedule says so, and its delay counts from then: a server that stands still is shown to have stood still for
    all lines that were due in the meantime (no coordinated omission)."""

    def __init__(self, loop: Loop, speakers: list[Client], rate: float) -> None:
        self.late = Record()
        self.rate = rate
        self._loop, self._speakers = loop, speakers
        self._start = self._turn = 0
        self._going = False

    def begin(self, now: int) -> None:
        """Say the first line now."""
        self._start, self._turn, self._going = now, 0, True
        self._speak(now)

    def stop(self) -> None:
        """Say no more."""
        self._going = False

    def _speak(self, now: int) -> None:
        """Say what is due by now, but no more than `SAID_AT_ONCE` lines: the rest in the loop's next turn."""
        if not self._going:
            return
        speakers, turn = self._speakers, self._turn
        due, most = self._due(turn), turn + SAID_AT_ONCE
        while due <= now and turn < most:
            speakers[turn % len(speakers)].say(due, now)
            self.late.add(now - due)
            turn += 1
            due = self._due(turn)
        self._turn = turn
        self._loop.at(max(due, now + 1), self._speak)  # What is due now would still be of this turn.

    def _due(self, turn: int) -> int:
        return self._start + int(turn * SECOND / self.rate)


class InTurn:
    """A closed loop: each speaker speaks again as soon as a witness, the next member of the room, has its last line."""

    def __init__(self, rooms: list[list[Client]], speakers: int) -> None:
        self.late = Record()
        self._rooms = [(room, room[:speakers]) for room in rooms]
        self._going = False

    def begin(self, now: int) -> None:
        """Every speaker says a line."""
        self._going = True
        for room, speakers in self._rooms:
            for place, speaker in enumerate(speakers):
                witness = room[(place + 1) % len(room)]
                witness.on_marks = partial(self._heard, speaker)
        for _, speakers in self._rooms:
            for speaker in speakers:
                speaker.say(now, now)

    def stop(self) -> None:
        """Say no more."""
        self._going = False

    def _heard(self, speaker: Client, marks: list[Mark], now: int) -> None:
        wanted, last = b"%d" % speaker.number, speaker.said - 1
        if self._going and any(number == last and who == wanted for who, number, _ in marks):
            speaker.say(now, now)


class AsFastAsPossible:
    """A flood: each of these says as much as the server takes. All of them together are never more than `FLOOD_AHEAD`
    bytes ahead of `witness`, who hears them: a server must not be blamed for this program's reading too slowly."""

    def __init__(self, loop: Loop, speakers: list[Client], witness: Client) -> None:
        self.late = Record()
        self._loop, self._speakers, self._witness = loop, speakers, witness
        size = speakers[0].scene.marking.size
        self._ahead = max(1, FLOOD_AHEAD // len(speakers) // size)
        self._going = False

    def begin(self, now: int) -> None:
        """Open the gates."""
        self._going = True
        for speaker in self._speakers:
            self._pour(speaker, now)

    def stop(self) -> None:
        """Say no more, but for what waits to be sent."""
        self._going = False

    def _pour(self, speaker: Client, now: int) -> None:
        if not self._going or speaker.state is not State.IN_ROOM:
            return
        ahead = 0
        if self._witness.state is State.IN_ROOM:
            ahead = speaker.said - self._witness.ear.heard_of(speaker.number)
        for _ in range(min(FLOOD_AT_ONCE, self._ahead - ahead)):
            if speaker.stream.waiting > FLOOD_WAITING or not speaker.say(now, now):
                break
        self._loop.at(now + FLOOD_PAUSE, partial(self._pour, speaker))


class Together:
    """Two of them; the schedule is that of the first."""

    def __init__(self, first: Talk, second: Talk) -> None:
        self.late = first.late
        self._both = first, second

    def begin(self, now: int) -> None:
        """Begin both."""
        for talk in self._both:
            talk.begin(now)

    def stop(self) -> None:
        """Stop both."""
        for talk in self._both:
            talk.stop()


class Silence:
    """Nobody says anything; something else may begin."""

    def __init__(self, begin: Callable[[int], None] = lambda now: None) -> None:
        self.late = Record()
        self.begin = begin

    def stop(self) -> None:
        """Nothing."""
