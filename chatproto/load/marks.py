"""What each line that is said carries, and what each receiver checks by it: loss, duplicates, order, and delay.

A line is `@RUN SPEAKER NUMBER DUE xxxx.`: the word of this run, who speaks, the how-manieth line of theirs it is (from
0), and when it was to be said, in nanoseconds of CLOCK_MONOTONIC. The dot at its end tells that it came whole.
"""

from __future__ import annotations

import re
from math import log
from typing import NamedTuple

from chatproto.load.latency import STEPS, Record

Mark = tuple[bytes, int, int]
"""The speaker as it stands in the line, the number, and the due time."""

LEAST_SIZE = 64
"""Bytes that hold any mark: a word of 3, a speaker of 6 digits, a number of 10, a time of 19, and what is between."""


class Heard(NamedTuple):
    """What some bytes of the server held."""

    marks: list[Mark]
    others: int
    """Lines without a mark."""


class Marking:
    """How the lines of one run are marked. `word` is what its lines are told by; `size` is the length of each."""

    def __init__(self, word: bytes, size: int) -> None:
        self._begin = b"@%b " % word
        self._padding = b"x" * size
        self.size = size
        """Bytes of each line, without its end."""
        self._find = re.compile(rb"(@%b (\d{1,6}) (\d{1,12}) (\d{1,20}) x*\.)\r?\n" % re.escape(word)).findall
        self._last = (b"", Heard([], 0))

    def text(self, speaker: int, number: int, due: int) -> bytes:
        """What is said, `size` bytes of it, and the end of the line."""
        mark = b"%b%d %d %d " % (self._begin, speaker, number, due)
        return b"%b%b.\r\n" % (mark, self._padding[: self.size - 1 - len(mark)])

    def read(self, data: bytes) -> Heard:
        """The marks in `data`, which holds whole lines, and how many other lines there are.

        Most members of a room get the same bytes one after the other: what was read last is looked at again first.
        """
        last, heard = self._last
        if data == last:
            return heard
        size = self.size
        marks = [(who, int(number), int(due)) for text, who, number, due in self._find(data) if len(text) == size]
        heard = Heard(marks, data.count(b"\n") - len(marks))
        self._last = (data, heard)
        return heard


class Tally:
    """What all receivers that share it have got."""

    def __init__(self) -> None:
        self.delivered = 0
        """Lines that came, each receiver counted; duplicates and strays count, too."""
        self.duplicated = 0
        self.disordered = 0
        self.stray = 0
        """Lines that came to somebody whom they were not for."""
        self.record = Record()
        """Delays, from when a line was due until it was read."""


class Ear:
    """One receiver's check of all that it hears."""

    __slots__ = ("_expected", "_missing", "_tally", "received")

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._expected: dict[bytes, int] = {}
        self._missing: dict[bytes, set[int]] = {}
        self.received = 0
        """Lines that came."""

    def listen_to(self, speaker: int, number: int = 0) -> None:
        """Expect what this speaker says, from line `number` on."""
        self._expected[b"%d" % speaker] = number

    def ignore(self, speaker: int) -> None:
        """Forget this speaker."""
        self._expected.pop(b"%d" % speaker, None)
        self._missing.pop(b"%d" % speaker, None)

    def hear(self, marks: list[Mark], now: int) -> None:
        """Lines that came at `now`, in nanoseconds. This runs for every delivered line of a run: it must be quick."""
        tally, expected, counts = self._tally, self._expected, self._tally.record.counts
        tally.delivered += len(marks)
        self.received += len(marks)
        for speaker, number, due in marks:
            try:
                if expected[speaker] != number:
                    self._surprise(speaker, number)
                else:
                    expected[speaker] = number + 1
                counts[int(log(now - due) * STEPS)] += 1
            except (KeyError, ValueError, IndexError):  # Of nobody we listen to, or of a time that is none.
                tally.stray += 1

    def _surprise(self, speaker: bytes, number: int) -> None:
        """A line that is not the next one."""
        expected = self._expected[speaker]
        missing = self._missing.setdefault(speaker, set())
        if number > expected:
            missing.update(range(expected, min(number, expected + MOST_MISSING)))
            self._expected[speaker] = number + 1
        elif number in missing:
            missing.remove(number)
            self._tally.disordered += 1
        else:
            self._tally.duplicated += 1

    def heard_of(self, speaker: int) -> int:
        """The number after the last that came of a speaker."""
        return self._expected.get(b"%d" % speaker, 0)

    def lost(self, speaker: int) -> int:
        """How many lines of a speaker have not come though later ones have."""
        return len(self._missing.get(b"%d" % speaker, ()))

    def outstanding(self, speaker: int, said: int) -> int:
        """How many of the `said` lines have not come, after the last that has; 0 of one who is not listened to."""
        return max(0, said - self._expected.get(b"%d" % speaker, said))


MOST_MISSING = 1_000_000
"""Numbers that one gap is remembered by: a server that makes up numbers must not fill the memory."""
