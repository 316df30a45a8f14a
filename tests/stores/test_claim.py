"""One process to a SQLite file."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores.claim import SUFFIX, _is_made_by_root
from chatproto.stores.database import Database, StoreRefused
from chatproto.stores.engines import make_sqlite_file
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop

HOLDS = """
import os, sys, time
from chatproto.stores.database import Database
database = Database(sys.argv[1], None)
database.claim()
if os.fork():
    os._exit(0)  # As twistd does when it goes to the background.
print(os.getpid(), flush=True)
time.sleep(60)
"""


class ClaimTests(SynchronousTestCase):
    """Who may use it."""

    def setUp(self) -> None:
        """A place for a file."""
        self.url = sqlite(self)
        self.path = Path(self.url.removeprefix("sqlite:///"))
        self.loop = Loop()

    def database(self, url: str = "") -> Database:
        """The store of another server."""
        return Database(url or self.url, self.loop)

    def assert_refused(self, url: str = "") -> None:
        """A second server does not get it, and is told so in one sentence."""
        refused = self.assertRaises(StoreRefused, self.database(url).claim)
        self.assertEqual(
            str(refused), f"{self.path.resolve()} is in use: a server runs on it, or a command that changes it."
        )

    def test_one_at_a_time(self) -> None:
        """A file that somebody has is refused, by whatever name; another one is not; and what was closed is free."""
        first = self.database()
        first.claim()
        self.assert_refused()
        link = self.path.with_name("link.sqlite")
        link.symlink_to(self.path)
        self.assert_refused(f"sqlite:///{link}")
        self.assert_refused(f"sqlite:///{self.path.parent}/../{self.path.parent.name}/{self.path.name}?timeout=1")
        other = self.database(self.url + "2")
        other.claim()
        for each in (first, other):
            self.loop.result(each.close())
        second = self.database()
        second.claim()
        second.release()
        second.release()
        third = self.database()
        third.claim()
        self.loop.result(third.close())

    def test_read_beside_it(self) -> None:
        """Who only reads need not ask, and is not kept out."""
        first = opened(self, self.url, self.loop)
        first.claim()
        self.assertEqual(self.database().at_once(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()), 1)

    def test_for_its_owner(self) -> None:
        """What is locked is an empty file that only its owner can open."""
        database = self.database()
        database.claim()
        self.addCleanup(database.release)
        found = Path(f"{self.path}{SUFFIX}").stat()
        self.assertEqual((found.st_mode & 0o777, found.st_size), (0o600, 0))

    def test_of_somebody_else(self) -> None:
        """What stands in its place, but is not it, is not opened or given away: a link to another file, a second name
        of one."""
        other = self.path.with_name("other")
        other.touch()
        lock = Path(f"{self.path}{SUFFIX}")
        lock.symlink_to(other)
        refused = self.assertRaises(StoreRefused, self.database().claim)
        self.assertIn("-lock cannot be made: Too many levels of symbolic links", str(refused))
        lock.unlink()
        lock.hardlink_to(other)
        if os.geteuid() == 0:
            os.chown(self.path.parent, 12345, 12346)
        owner = other.stat().st_uid
        database = self.database()
        database.claim()
        database.release()
        self.assertEqual(other.stat().st_uid, owner)

    def test_made_by_root(self) -> None:
        """Only a plain file of root's that has one name is given away."""
        for mode, links, owner, made in (
            (stat.S_IFREG, 1, 0, True),
            (stat.S_IFREG, 1, 12345, False),
            (stat.S_IFREG, 2, 0, False),
            (stat.S_IFIFO, 1, 0, False),
        ):
            found = os.stat_result((mode | 0o600, 1, 1, links, owner, 0, 0, 0, 0, 0))
            self.assertIs(_is_made_by_root(found), made, (mode, links, owner))

    def test_before_the_store(self) -> None:
        """What root makes in somebody's directory belongs to them: the lock, and a new store."""
        if os.geteuid() != 0:
            self.skipTest("only root can do that")
        os.chown(self.path.parent, 12345, 12346)
        database = self.database()
        database.claim()
        self.addCleanup(database.release)
        make_sqlite_file(self.path)
        for each in (self.path, Path(f"{self.path}{SUFFIX}")):
            found = each.stat()
            self.assertEqual((found.st_uid, found.st_gid, found.st_mode & 0o777), (12345, 12346, 0o600))
        os.chown(self.path, 0, 0)
        make_sqlite_file(self.path)  # It is there: whosever it is, it stays so.
        self.assertEqual(self.path.stat().st_uid, 0)

    def test_killed(self) -> None:
        """A process that went to the background has it still; when it is killed, another one gets it at once."""
        command = [sys.executable, "-c", HOLDS, self.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            background = int(program.stdout.readline())
            self.assertEqual(program.wait(), 0)
            self.assert_refused()
            os.kill(background, signal.SIGKILL)
            program.stdout.read()  # It ends with the process.
        database = self.database()
        database.claim()
        database.release()

    def test_cannot_be_made(self) -> None:
        """Where there is no place for it, that is a sentence, too."""
        path = self.path.parent / "not" / "there.sqlite"
        refused = self.assertRaises(StoreRefused, self.database(f"sqlite:///{path}").claim)
        self.assertEqual(str(refused), f"{path.resolve()}{SUFFIX} cannot be made: No such file or directory.")

    def test_postgresql(self) -> None:
        """In PostgreSQL nobody is kept out."""
        for _ in range(2):
            self.database(postgresql()).claim()
