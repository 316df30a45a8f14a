# ruff: noqa: INP001, T201 - a script.
"""How fast history is stored and read: `python etc/bench/store.py [--lines N] [--rooms R] [URL]`.

Fills an empty store (a SQLite file in a directory of its own, unless a URL is given) as a busy server would, from the
reactor and by way of its queue, and then asks what people ask for. Lines have eight words of 20,000, those that are
often used as often as in English (Zipf). Prints one line per million, and the answers' times in milliseconds; with each
the CPU time of the whole process, which holds better than the other where something else runs on the machine.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import accumulate, count
from typing import Any

from twisted.internet import reactor, task
from twisted.internet.defer import Deferred, ensureDeferred

from chatproto.events import Said, Stamp, Who
from chatproto.interfaces import Search
from chatproto.stores.database import Database
from chatproto.stores.history import SqlHistory

WORDS = 20_000
BEHIND = 20_000
"""Lines that wait, and as many more at the most."""
REPORTED = 1_000_000
TURN = 200
"""Lines that one turn of the reactor brings."""
ASKED = 300


def vocabulary(chance: random.Random) -> list[str]:
    """All words, those first that are used most."""
    return [f"{chance.randrange(36**5):x}" for _ in range(WORDS)]


def spoken(rooms: int) -> Iterator[tuple[str, Said, Stamp]]:
    """Lines without end, a thousand in a second of their own time."""
    chance = random.Random(1)  # noqa: S311
    words = vocabulary(chance)
    often = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))
    people = [Who(f"user{number}", "user", f"{number:x}.example", f"user{number}") for number in range(2000)]
    texts = [" ".join(chance.choices(words, cum_weights=often, k=8)) for _ in range(200_000)]
    rooms_of_all = [f"#room{number}" for number in range(rooms)]
    for offset in count(1):
        number = int(chance.random() * 1e9)
        room = rooms_of_all[number % rooms]
        said = Said(room, people[number // 7 % len(people)], texts[number // 3 % len(texts)])
        yield room, said, Stamp(1, offset, 1.7e9 + offset / 1000)


class Lateness:
    """How long the reactor does not get to what is due."""

    def __init__(self) -> None:
        self.worst: list[float] = []
        self._due = time.perf_counter()
        task.LoopingCall(self._look).start(0.005)

    def _look(self) -> None:
        now = time.perf_counter()
        self.worst.append(max(0.0, now - self._due - 0.005) * 1000)
        self._due = now

    def summary(self) -> str:
        """Since it was asked last."""
        times, self.worst = sorted(self.worst) or [0.0], []
        return f"median {times[len(times) // 2]:.1f}, 99 % {times[len(times) * 99 // 100]:.1f}, most {times[-1]:.1f}"


async def fill(history: SqlHistory, source: Iterator[tuple[str, Said, Stamp]], lines: int) -> Stamp:
    """Say so many lines."""
    _, _, stamp = next(source)
    late, began, used, before = Lateness(), time.perf_counter(), time.process_time(), history.stored()
    for number in range(1, lines + 1):
        stream, said, stamp = next(source)
        history.append(stream, said, stamp)
        if number % TURN == 0:
            await task.deferLater(reactor, 0)
        if number % BEHIND == 0:  # Some wait at all times, and not too many.
            before, waited = history.stored(), before
            assert waited is None or await waited
        if number % REPORTED == 0 or number == lines:
            assert before is None or await before
            count = (number - 1) % REPORTED + 1
            before, rate = None, count / (time.perf_counter() - began)
            cpu = (time.process_time() - used) / count * 1e6
            print(
                f"{number:>11,} lines: {rate:>7,.0f} a second, {cpu:.1f} µs of CPU each;"
                f" the reactor is late by ms: {late.summary()}",
                flush=True,
            )
            began, used = time.perf_counter(), time.process_time()
    return stamp


async def asked(name: str, ask: Callable[[], Awaitable[Any]]) -> None:
    """Ask one thing many times, one after the other."""
    times, found, used = [], 0, time.process_time()
    for _ in range(ASKED):
        began = time.perf_counter()
        found += len(await ask())
        times.append((time.perf_counter() - began) * 1000)
    cpu = (time.process_time() - used) / ASKED * 1000
    times.sort()
    print(
        f"{name:30} median {times[len(times) // 2]:.2f} ms, 99 % {times[len(times) * 99 // 100]:.2f},"
        f" most {times[-1]:.2f}, of CPU {cpu:.2f}; {found / ASKED:.0f} lines each",
        flush=True,
    )


async def main(url: str, lines: int, rooms: int) -> None:
    """All of it."""
    database = Database(url, reactor)
    database.open()
    history = SqlHistory(database, reactor)
    try:
        await measure(history, lines, rooms)
    finally:
        await history.close()
        await database.close()
    if database.dialect == "sqlite":
        size = os.path.getsize(database.url.database or "")  # noqa: ASYNC240, PTH202
        print(f"the file has {size / lines:.0f} bytes per line, {size / 1e6:,.0f} MB")


async def measure(history: SqlHistory, lines: int, rooms: int) -> None:
    """Store, and read."""
    source = spoken(rooms)
    latest = await fill(history, source, lines)
    chance = random.Random(2)  # noqa: S311

    def room() -> str:
        return f"#room{chance.randrange(rooms)}"

    def moment() -> float:
        return 1.7e9 + chance.random() * (latest.time - 1.7e9)

    async def echoed() -> list[bool]:
        history.append(*next(source))
        return [await stored] if (stored := history.stored()) else []

    await asked("one line, waited for", echoed)
    await asked("LATEST 100", lambda: history.read(room(), 100))
    await asked("LATEST 100, every event", lambda: history.read(room(), 100, every=True))
    await asked("BEFORE a time, 100", lambda: history.read(room(), 100, before=moment()))
    await asked("AFTER a time, 100", lambda: history.read(room(), 100, after=moment(), newest=False))
    words = vocabulary(random.Random(1))  # noqa: S311
    for often in (1, 100, 10_000):
        sought = partial(Search, words=words[often])
        await asked(f"SEARCH in a room, word {often:,}", lambda sought=sought: history.search(sought([room()]), 50))
    rooms_of_one = [room() for _ in range(50)]
    await asked("TARGETS of 50 rooms", lambda: history.active(rooms_of_one, moment(), latest.time, 50))


def start(_: Any) -> Deferred[None]:
    """Read the arguments, and begin."""
    parser = argparse.ArgumentParser(description="How fast history is stored and read.")
    parser.add_argument("url", nargs="?", help="an empty store; a SQLite file in a directory of its own without it")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rooms", type=int, default=1000)
    chosen = parser.parse_args()

    async def run() -> None:
        with tempfile.TemporaryDirectory(dir=".") as directory:
            await main(chosen.url or f"sqlite:///{directory}/chat.sqlite", chosen.lines, chosen.rooms)

    return ensureDeferred(run())


if __name__ == "__main__":
    task.react(start)
