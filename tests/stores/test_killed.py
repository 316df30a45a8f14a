"""`kill -9` while it stores: every line that was said to be stored is there."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text as sql
from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores.database import Database
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import PATIENCE, Loop
from tests.stores.spoken import STREAMS, text

ROOT = Path(__file__).parent.parent.parent


class KilledTests(SynchronousTestCase):
    """A program that stores lines is killed many times, each time after another while."""

    def killed(self, url: str, first: int, told: int) -> list[int]:
        """Which lines it was told are stored: the last number that each batch reported, of as many as `told`."""
        command = [sys.executable, "-m", "tests.stores.spoken", url, str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as program:
            assert program.stdout is not None
            echoed = [int(program.stdout.readline()) for _ in range(told)]
            program.send_signal(signal.SIGKILL)
            # What was written to the pipe before it died was an echo, too; the last one may be cut.
            echoed += [int(line) for line in program.stdout.read().split(b"\n")[:-1]]
        return echoed

    def run_on(self, url: str, times: int) -> None:
        """Kill it again and again, and compare what it has echoed with what is there."""
        loop = Loop()
        database = opened(self, url, loop)
        chance = random.Random(5)
        echoed: set[int] = set()
        first = 1
        for _ in range(times):
            ours = self.serving(database)
            last = self.killed(url, first, chance.randrange(1, 40))[-1]
            echoed.update(range(first, last + 1))
            self.wait_for_end(database, ours)
            kept = self.kept(loop, database)
            self.assertEqual(echoed - set(kept), set())
            first = max(kept) + 1
        self.assertGreater(len(echoed), times * 50)
        for stream in range(STREAMS):
            numbers = [number for number in kept if number % STREAMS == stream]
            self.assertEqual(numbers, sorted(set(numbers)))
        self.check_words(loop, database, kept)

    def serving(self, database: Database) -> set[int]:
        """The processes of PostgreSQL that serve somebody, but for the one that tells."""
        if database.dialect != "postgresql":
            return set()
        found = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        return set(database.at_once(lambda c: c.execute(sql(found)).scalars().all()))

    def wait_for_end(self, database: Database, ours: set[int]) -> None:
        """PostgreSQL may still be at what it was told before the program was killed."""
        deadline = time.monotonic() + PATIENCE
        while not self.serving(database) <= ours:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)  # There is nothing to be told by.

    def kept(self, loop: Loop, database: Database) -> list[int]:
        """The lines that are there, in their order. Each is whole."""
        found = loop.result(
            database.read(lambda c: c.execute(sql('SELECT "offset", text FROM lines ORDER BY id')).all())
        )
        for number, said in found:
            self.assertEqual(said, text(number))
        return [number for number, _ in found]

    def check_words(self, loop: Loop, database: Database, kept: list[int]) -> None:
        """What is there is found by its words, and nothing else."""
        if database.dialect == "sqlite":
            check = "INSERT INTO words (words, rank) VALUES ('integrity-check', 1)"
            loop.result(database.write(lambda c: c.execute(sql(check))))
            count = "SELECT count(*) FROM words WHERE words MATCH 'says'"
        else:
            count = "SELECT count(*) FROM lines WHERE words @@ to_tsquery('simple', 'says')"
        self.assertEqual(loop.result(database.read(lambda c: c.execute(sql(count)).scalar())), len(kept))

    def test_sqlite(self) -> None:
        """Nothing that was echoed is lost, nothing is there twice or cut, all is in order and found by its words."""
        self.run_on(sqlite(self), 20)

    def test_postgresql(self) -> None:
        """The same in PostgreSQL."""
        self.run_on(postgresql(), 5)
