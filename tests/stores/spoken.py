"""A program that is killed: `python -m tests.stores.spoken URL FIRST` stores lines as fast as it can, numbered from
FIRST, and prints the number of each as soon as it knows that it is stored."""

from __future__ import annotations

import os
import sys
from typing import Any

from twisted.internet import reactor, task
from twisted.internet.defer import Deferred

from chatproto.events import Said, Stamp, Who
from chatproto.stores.database import Database
from chatproto.stores.history import SqlHistory

STREAMS = 7
AT_ONCE = 50
"""Lines that a turn of the reactor brings."""

AHEAD = 50_000
"""Lines that wait to be stored at the most; the store may throw away what is twice as much."""


def text(number: int) -> str:
    """What that line says."""
    return f"{number} says word{number}"


class Speaker:
    """Says lines in each turn of the reactor."""

    def __init__(self, url: str, first: int) -> None:
        database = Database(url, reactor)
        database.open()
        self.history = SqlHistory(database, reactor)
        self.said = first - 1
        self.stored = first - 1

    def say(self) -> None:
        """Some lines, and who waits for them."""
        for _ in range(AT_ONCE if self.said - self.stored < AHEAD else 0):
            self.said += 1
            number = self.said
            stream = f"#{number % STREAMS}"
            self.history.append(stream, Said(stream, Who("ada"), text(number)), Stamp(1, number, float(number)))
        stored = self.history.stored()
        if isinstance(stored, Deferred):
            stored.addCallback(self.tell, self.said)

    def tell(self, stored: bool, number: int) -> None:
        """An echo: all lines up to this one are stored. There is none for those of which that is not known, as when
        the disk has had something else to do for seconds."""
        if stored:
            self.stored = number
            os.write(1, f"{number}\n".encode())


def start(_: Any) -> Deferred[None]:
    """Begin, and go on until one is killed."""
    speaker = Speaker(sys.argv[1], int(sys.argv[2]))
    task.LoopingCall(speaker.say).start(0.001)
    return Deferred()


if __name__ == "__main__":
    task.react(start)
