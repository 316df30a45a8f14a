"""A connection that asks and is answered: PING round trips ten times a second, and the server's own view of its turns.

It is served promptly (see `loop.py`), and in no room: what it sees is how long the server keeps anybody waiting.
"""

from __future__ import annotations

import re

from chatproto.load.latency import Record
from chatproto.load.loop import SECOND, Loop
from chatproto.load.results import Latency, Turns
from chatproto.load.speech import ENDED, PING, PONG, REFUSED, REGISTERED, STATS, STATS_END, Speech
from chatproto.load.stream import Route, Stream

INTERVAL = SECOND // 10
"""Nanoseconds between two questions."""

_TURNS = re.compile(rb"turns=(\d+) p50_us=(\d+) p99_us=(\d+) max_us=(\d+)")


class Probe:
    """Connects at once, as `name`; for dialects that have a PING. Raises `OSError` if it cannot."""

    def __init__(self, loop: Loop, route: Route, speech: Speech, name: bytes) -> None:
        self.record = Record()
        """Round trips, from when a question was due until its answer was there."""
        self.turns: Turns | None = None
        """What the server said last of its turns."""
        self.settled = False
        """It can ask, or never will."""
        self.unanswered = 0
        """Questions to which no answer came in the end."""
        self._loop, self._speech, self._name = loop, speech, name
        self._asking = False
        self._unanswered: set[int] = set()
        self._told = True
        self._usable = False
        self._stream = Stream(loop, route, self, prompt=True)

    @property
    def waiting(self) -> bool:
        """Something was asked and is not answered yet."""
        return self._usable and bool(self._unanswered or not self._told)

    def begin(self, now: int) -> None:
        """Have the server forget its turns, and ask from now on."""
        self.record.clear()
        self._asking = self._usable
        self._ask_for_turns(now)
        if self._asking:
            self._ask(now)

    def stop(self, now: int) -> None:
        """Ask no more, but once for the turns since `begin`."""
        self._asking = False
        self.turns = None
        self._ask_for_turns(now)

    def give_up(self, now: int) -> None:
        """Wait no longer: what is not answered yet counts as if it were now, which is the least that it took."""
        self.unanswered += len(self._unanswered)
        for due in self._unanswered:
            self.record.add(now - due)
        self._unanswered.clear()

    def latency(self) -> Latency | None:
        """Of the round trips since `begin`."""
        self.record.flush()
        return self.record.latency()

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def opened(self, now: int) -> None:
        """For the stream."""
        self._stream.send(self._speech.come(self._name), now)

    def heard(self, data: bytes, now: int) -> None:
        """For the stream."""
        for kind, text in self._speech.news(data):
            if kind == PONG:
                self._answered(int(text), now)
            elif kind == PING:
                self._stream.send(self._speech.answer(text), now)
            elif kind == STATS and (found := _TURNS.search(text)):
                count, *times = map(int, found.groups())
                self.turns = Turns(count, *map(float, times))
            elif kind == STATS_END:
                self._told = True
            elif kind == REGISTERED:
                self.settled = self._usable = True
            elif kind in (REFUSED, ENDED):
                self.settled = self._told = True

    def closed(self, why: str, now: int) -> None:
        """For the stream: a run does without it."""
        self.settled = True
        self._usable = self._asking = False

    def _ask_for_turns(self, now: int) -> None:
        if self._usable:
            self._told = False
            self._stream.send(b"STATS t\r\n", now)

    def _ask(self, due: int) -> None:
        if self._asking:
            self._unanswered.add(due)
            self._stream.send(b"PING %d\r\n" % due, due)
            next_due = due + INTERVAL
            self._loop.at(next_due, lambda now: self._ask(next_due))

    def _answered(self, due: int, now: int) -> None:
        if due in self._unanswered:
            self._unanswered.remove(due)
            self.record.add(now - due)
