"""Databases for tests: SQLite files that are gone after the test, and a PostgreSQL cluster for all tests of a process.

`CHAT_TEST_POSTGRESQL` may name a PostgreSQL database to use in the place of that cluster; all that it holds is deleted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from unittest import SkipTest

from sqlalchemy import Connection, text
from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores.database import Database
from chatproto.stores.schema import metadata
from tests.stores.loop import Loop

_DEBIAN = "/usr/lib/postgresql/*/bin"


class Cluster:
    """A PostgreSQL of one's own, on a socket in its own directory and with one empty database."""

    def __init__(self) -> None:
        """Skips the test if PostgreSQL is not installed; where CI is set, that fails it."""
        self._programs = _programs()
        self.directory = Path(tempfile.mkdtemp(prefix="chat-postgresql-"))
        self._data = self.directory / "data"
        if os.geteuid() == 0:  # It refuses to run as root.
            shutil.chown(self.directory, "postgres", "postgres")
        self.run("initdb", "-U", "chat", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.url = f"postgresql://chat@/postgres?host={self.directory}"
        # It is removed by a process of its own, whose input ends when this one does: even if that is killed.
        gone = 'cat; kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")"; rm -rf "$0"'
        self._removal = subprocess.Popen(
            ["sh", "-c", gone, str(self.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -c fsync=off -k {self.directory}"
        self.run("pg_ctl", "start", "-w", "-s", "-o", options, "-l", str(self.directory / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` is as if it were killed, `fast` ends all connections."""
        self.run("pg_ctl", "stop", "-w", "-s", "-m", mode)

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        if (self._data / "postmaster.pid").exists():
            self.stop()
        self._removal.communicate()

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on it."""
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60, **owner)  # type: ignore[call-overload]


def _programs() -> Path:
    """Where PostgreSQL's programs are: on the path, or where Debian has them."""
    found = shutil.which("initdb")
    debian = sorted(Path("/").glob(_DEBIAN[1:]))
    if found is None and not debian:
        if os.environ.get("CI"):
            raise AssertionError("PostgreSQL is missing, and CI must have it")
        raise SkipTest("PostgreSQL is not installed")
    return Path(found).parent if found is not None else debian[-1]


_clusters: list[Cluster] = []


@cache
def postgresql() -> str:
    """The URL of a PostgreSQL database for tests, which ends with the process. Skips the test if there is none."""
    if url := os.environ.get("CHAT_TEST_POSTGRESQL"):
        return url
    cluster = Cluster()
    _clusters.append(cluster)
    cluster.start()
    return cluster.url


def sqlite(case: SynchronousTestCase) -> str:
    """The URL of a SQLite file for one test."""
    directory = tempfile.mkdtemp(prefix="chat-store-")
    case.addCleanup(shutil.rmtree, directory)
    return f"sqlite:///{directory}/chat.sqlite"


def opened(case: SynchronousTestCase, url: str, loop: Loop) -> Database:
    """The database of that URL, with nothing in its tables. It is closed after the test."""
    database = Database(url, loop)
    database.open()
    case.addCleanup(lambda: loop.result(database.close()))
    loop.result(database.write(empty))
    return database


def empty(connection: Connection) -> None:
    """Delete all that is in the tables."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO words (words) VALUES ('rebuild')"))
