"""A store as a file of lines, each of them JSON (jsonlines.org), and such a file into a store.

The first line is `{"chatproto": VERSION, "export": 1}`, the last one `{"end": {KIND: COUNT}}`; between them each has
one entry, `{KIND: {FIELD: VALUE}}`, as `stores/forms.py` lists them. What the last line counts has to be there: a file
that was cut off is found out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from math import isfinite
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Connection

from chatproto import __version__
from chatproto.admin.command import Refused
from chatproto.admin.progress import Progress
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.entries import Entry, entries
from chatproto.stores.forms import BadEntry, checked
from chatproto.stores.taking import PORTION, put_in_order, take

FORMAT = 1
"""The number of this format, in the first line."""

LONGEST = 16 * 1024 * 1024
"""Bytes of a line that is read. Those that are written are far shorter: the record of a room with all its bans has a
few hundred kilobytes."""

TOGETHER = 4 * 1024 * 1024
"""Bytes of lines that are taken together, if they are not `PORTION` before. Each of them takes some times as much
memory."""


def write_export(database: DirectDatabase, out: BinaryIO, progress: Progress) -> Mapping[str, int]:
    """Write all that the store holds, as it is now; others may go on writing meanwhile. Returns how many entries of
    each kind that were. Blocks. Raises `StoreFailed`, or `Refused` where it cannot be written."""
    count: Counter[str] = Counter()

    def write(connection: Connection) -> None:
        for kind, entry in entries(connection):
            _put(out, {kind: entry})
            count[kind] += 1
            progress.done(1)

    _put(out, {"chatproto": __version__, "export": FORMAT})
    database.at_once(write)
    _put(out, {"end": count})
    return count


def _put(out: BinaryIO, value: Any) -> None:
    try:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # Half of a surrogate pair, which can be in what is kept as JSON.
        line = json.dumps(value, separators=(",", ":")).encode()
    try:
        out.write(line + b"\n")
    except OSError as error:  # In a transaction it would seem to be the database's.
        raise Refused(f"the export cannot be written: {error.strerror}.") from None


class Taken(NamedTuple):
    """What became of a file: how many entries of each kind were read, and how many of them were new."""

    read: Mapping[str, int]
    new: Mapping[str, int]


def read_export(database: DirectDatabase, file: BinaryIO, name: str, progress: Progress) -> Taken:
    """Take all entries of `file`, which is called `name`, into the store. Those that are there already stay as they
    are. Blocks. Raises `StoreFailed`, and `Refused` for what is no export or cannot be read; what was read before it is
    taken then."""
    reading = _Reading(file, name)
    new: Counter[str] = Counter()
    try:
        for kind, some in reading.portions():
            new[kind] += directly(database.write(partial(take, kind=kind, some=some)))
            progress.done(len(some))
    finally:
        if reading.count["line"]:
            directly(database.write(put_in_order))
    return Taken(reading.count, new)


class _Reading:
    """A file, line by line."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._number = 0
        self.count: Counter[str] = Counter()

    def portions(self) -> Iterator[tuple[str, list[Entry]]]:
        """Entries of one kind that are taken together."""
        self._begin()
        some: list[Entry] = []
        kind, size = "", 0
        while True:
            line = self._next()
            found, entry = self._entry(line)
            if some and (found != kind or len(some) == PORTION or size > TOGETHER):
                yield kind, some
                some, size = [], 0
            if found == "end":
                return
            kind, size = found, size + len(line)
            some.append(entry)

    def _begin(self) -> None:
        first = self._parsed(self._next())
        if not isinstance(first, dict) or "chatproto" not in first:
            raise self._wrong("it is no export of twistd chat store export")
        if first.get("export") != FORMAT:
            raise self._wrong(f"it is an export of another kind, which chatproto {first['chatproto']} wrote")

    def _next(self) -> bytes:
        self._number += 1
        try:
            line = self._file.readline(LONGEST + 1)
        except OSError as error:
            raise Refused(f"{self._name} cannot be read: {error.strerror}.") from None
        if len(line) > LONGEST:
            raise self._wrong(f"it is longer than {LONGEST} bytes")
        if not line.endswith(b"\n"):
            raise self._wrong("the file ends too early: it was cut off")
        return line

    def _parsed(self, line: bytes) -> Any:
        try:
            return json.loads(line, parse_constant=_finite, parse_float=_finite)
        except (ValueError, RecursionError):
            raise self._wrong("it is not JSON") from None

    def _entry(self, line: bytes) -> tuple[str, Entry]:
        parsed = self._parsed(line)
        if not isinstance(parsed, dict) or len(parsed) != 1:
            raise self._wrong("an entry is an object with one field, its kind")
        [(kind, entry)] = parsed.items()
        if kind == "end":
            if entry != self.count:
                raise self._wrong("it counts other entries than there are: some are missing")
            return kind, {}
        try:
            found = checked(kind, entry)
        except BadEntry as bad:
            raise self._wrong(str(bad)) from None
        self.count[kind] += 1
        return kind, found

    def _wrong(self, what: str) -> Refused:
        return Refused(f"{self._name}, line {self._number}: {what}.")


def _finite(text: str) -> float:
    """A number as JSON has it: Python would take NaN and what is too large as well, and databases do not."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number
