"""The server's process: what it uses of the machine, and a server that is started for the run and stopped after it.

psutil reads Linux, macOS and BSD alike. It has no peak of memory for Linux; the kernel's own stands in `status`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from chatproto.load.results import Usage
from chatproto.load.wording import printable

PATIENCE = 30.0
"""Seconds in which a server must answer once it was started."""

GRACE = 10.0
"""Seconds that a server has to stop when it is asked to; then it is killed."""

DYING = 0.2
"""Seconds in which a server that has closed its connections must have ended, if it has."""

LAST_LINES = 10
"""Lines of a server's output that are shown when it failed."""

LONGEST = 300
"""Characters of each of them."""

_TAIL = 8192
"""Bytes at the end of the output in which those lines are looked for."""


class NoServer(Exception):
    """There is no server to be measured; says why, in a sentence or a few lines."""


class Process:
    """A running process. With `children`, those that it started count too, and those that these started."""

    def __init__(self, pid: int, *, children: bool = False) -> None:
        """Raises `NoServer` if there is none, or if it is not ours to look at."""
        self.pid = pid
        self._children = children
        self._last = Usage()
        try:
            self._process = psutil.Process(pid)
            self._last = self._read()
        except (psutil.NoSuchProcess, OverflowError, ValueError):
            raise NoServer(f"There is no process {pid}.") from None
        except psutil.AccessDenied:
            raise NoServer(f"What process {pid} uses may not be read by you.") from None

    def usage(self) -> Usage:
        """What it has used until now; once it has ended, what it was last seen to have used. CPU time comes in steps of
        the system's clock, usually 10 ms. Takes some 0.1 ms. Never raises."""
        with suppress(psutil.Error):
            self._last = self._read()
        return self._last

    @property
    def running(self) -> bool:
        """Whether it is still there."""
        with suppress(psutil.Error):
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        return False

    def ended(self) -> str:
        """That it has ended, in a sentence; empty while it runs."""
        return "" if self.running else f"The server's process {self.pid} ended during the run."

    def _read(self) -> Usage:
        if not self._children:
            return self._used(self._process)
        family = [self._used(self._process, ended=True)]
        for process in self._process.children(recursive=True):
            with suppress(psutil.Error):
                family.append(self._used(process, ended=True))
        # In the sum of their peaks each was counted at its own time: more than what they all held at once.
        return Usage(*map(sum, zip(*family, strict=True)))

    @staticmethod
    def _used(process: psutil.Process, *, ended: bool = False) -> Usage:
        """What one process used, and if asked, what its children did that have ended."""
        with process.oneshot():
            times, rss = process.cpu_times(), process.memory_info().rss
        if not rss:
            raise psutil.ZombieProcess(process.pid)
        user, system = times.user, times.system
        if ended:
            user, system = user + times.children_user, system + times.children_system
        return Usage(user, system, rss, max(rss, _peak(process.pid)))


class Spawned:
    """A server that runs for as long as the `with` does. Its output goes to a file, which goes when it goes."""

    def __init__(self, command: Sequence[str], host: str, port: int, *, children: bool = False) -> None:
        """`command` is a program and its arguments; it must stay in the foreground. With `children`, what it starts is
        measured too."""
        self._words = command
        self._address = (host, port)
        self._children = children
        self._output: IO[bytes]
        self._popen: subprocess.Popen[bytes]
        self.process: Process
        """What is measured, once it answers."""

    def __enter__(self) -> Self:
        """Start it, and wait until it accepts connections: blocks for `PATIENCE` at the most. Raises `NoServer`, with
        its last words, if it ends or does not answer."""
        if self._answers():  # It would be measured in the place of ours, which cannot listen there.
            host, port = self._address
            raise NoServer(f"Port {port} of {host} is in use already: nothing was started.")
        self._output = tempfile.TemporaryFile()
        try:
            # In a session of its own: the Ctrl-C that ends a run must not end the server before the run is told.
            self._popen = subprocess.Popen(  # noqa: S603  # To run a command is what it is asked for.
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            raise NoServer(f"{self._words[0]!r} cannot be started: {error.strerror}.") from None
        try:
            self._wait()
            self.process = Process(self._popen.pid, children=self._children)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def usage(self) -> Usage:
        """What it has used, see `Process.usage`."""
        return self.process.usage()

    def ended(self) -> str:
        """That it has ended, with its last words; empty while it runs. Blocks for `DYING` at the most: a process closes
        its connections a moment before it has ended."""
        with suppress(subprocess.TimeoutExpired):
            return self._failed(f"ended with status {self._popen.wait(DYING)} during the run.")
        return ""

    def last_words(self) -> str:
        """The last lines that it has written, without anything that a terminal would obey."""
        file = self._output.fileno()
        # Where the server writes is where we would read: it is one and the same open file.
        tail = os.pread(file, _TAIL, max(0, os.fstat(file).st_size - _TAIL))
        lines = filter(None, map(str.strip, tail.decode(errors="replace").splitlines()))
        return "\n".join(printable(line)[:LONGEST] for line in list(lines)[-LAST_LINES:])

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            status = self._popen.poll()
            if status is not None:
                hint = " It has to stay in the foreground." if status == 0 else ""
                raise NoServer(self._failed(f"ended with status {status} before it answered.{hint}"))
            if time.monotonic() > deadline:
                raise NoServer(self._failed(f"did not answer within {PATIENCE:.0f} s."))
            time.sleep(0.05)  # There is nothing to be told by.

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(self._address, 1.0):
            return True
        return False

    def _failed(self, how: str) -> str:
        words = self.last_words()
        said = f"Its last words:\n{words}" if words else "It said nothing."
        return f"{self._words[0]!r} {how} {said}"

    def _stop(self) -> None:
        """Ask it to stop, and all that it has started; kill what does not."""
        self._signal(signal.SIGTERM)
        try:
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(GRACE)
        finally:  # Whoever is asked to end once more while it waits does not leave it behind.
            self._signal(signal.SIGKILL)
            self._popen.wait()
            self._output.close()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # All have ended; macOS says the second of a zombie.
            os.killpg(self._popen.pid, number)


def _peak(pid: int) -> int:
    """The most memory that it ever held, in bytes, as Linux knows it (proc_pid_status in proc(5)); 0 elsewhere."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
