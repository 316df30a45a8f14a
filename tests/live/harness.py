"""A server started as a user would start it, and the clients that people have: nc, openssl, bare sockets."""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from unittest import SkipTest

PATIENCE = 30.0
"""Seconds after which something that should have happened is taken not to happen."""

UNHURRIED = ("--sniff-seconds", "30")
"""For servers whose clients speak first: on a busy machine one of them may take longer to begin than a person is given,
and TLS cannot begin after a greeting."""

_OPEN = re.compile(r"(TCP|TLS) port \d+ is open: .*:(\d+)")
_TIME = re.compile(r"^\d\d:\d\d ")


def program(name: str) -> str:
    """Where a client is. Missing, it skips the test; where CI is set, it fails it."""
    found = shutil.which(name)
    if found is not None:
        return found
    if os.environ.get("CI"):
        raise AssertionError(f"{name} is missing, and CI must have it")
    raise SkipTest(f"{name} is not installed")


def wait_for(happened: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Look again and again until something has happened; fail with the words of `otherwise` if it does not."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise())
        time.sleep(0.02)  # There is nothing to be told by.


def twistd() -> str:
    """The twistd of the environment that runs the tests."""
    return str(Path(sys.executable).parent / "twistd")


def run_chat(*options: str) -> subprocess.CompletedProcess[str]:
    """Run `twistd -n chat` to its end; for what is expected to end by itself."""
    with tempfile.TemporaryDirectory() as directory:
        command = [twistd(), "-n", "--pidfile=", "chat", *options]
        home = {**os.environ, "XDG_STATE_HOME": directory}  # Not that of who runs the tests.
        return subprocess.run(
            command, cwd=directory, env=home, capture_output=True, text=True, timeout=PATIENCE, check=False
        )


class Server:
    """`twistd -n chat` in a directory of its own, on ports that the system chooses. Leaving the `with` stops it, and
    fails if it did not exit 0 or if its log holds a traceback."""

    def __init__(self, *options: str, twistd_options: Sequence[str] = (), tls: bool = False) -> None:
        self._directory = tempfile.TemporaryDirectory()
        self.directory = Path(self._directory.name)
        self._log = self.directory / "log"
        ports = ["--port", "0", *(["--tls-port", "0"] if tls else [])]
        state = ["--state-dir", str(self.directory / "state")]
        command = [twistd(), "-n", "--pidfile=", *twistd_options, "chat", *ports, *state, *options]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=self.directory, stdout=log, stderr=subprocess.STDOUT)
        try:
            self.wait_for_log("TLS port" if tls else "TCP port", "is open")
            found = dict(_OPEN.findall(self.log()))
            self.port = int(found["TCP"])
            self.tls_port = int(found.get("TLS", 0))
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def log(self) -> str:
        """What the server has logged."""
        return self._log.read_text(errors="replace")

    def wait_for_log(self, *texts: str) -> None:
        """Wait until a line of the log holds all `texts`."""
        deadline = time.monotonic() + PATIENCE
        while not any(all(text in line for text in texts) for line in self.log().splitlines()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{texts} is not in the log:\n{self.log()}")
            time.sleep(0.02)  # A look at a file: there is nothing to be told by.

    def memory(self) -> int:
        """Resident memory in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the server to stop, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """End the server as kill -9 does; one that has ended already stays as it is."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        status, log = self.stop(), self.log()
        self._directory.cleanup()
        if kind is None and (status != 0 or "Traceback" in log):
            raise AssertionError(f"exit status {status}, log:\n{log}")


class Reader:
    """Lines from a descriptor, waited for with a deadline."""

    def __init__(self, source: IO[bytes] | socket.socket) -> None:
        self._source = source
        self._data = b""
        os.set_blocking(source.fileno(), False)

    def line(self) -> str | None:
        """The next line without its end, or None at the end of the stream."""
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self._source, selectors.EVENT_READ)
            while b"\n" not in self._data:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise AssertionError(f"no line came; unfinished: {self._data!r}")
                try:
                    read = os.read(self._source.fileno(), 65536)
                except ConnectionResetError:
                    return None
                if not read:
                    return None
                self._data += read
        line, self._data = self._data.split(b"\n", 1)
        return line.removesuffix(b"\r").decode()


class Client:
    """Someone who speaks in lines and expects lines."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        raise NotImplementedError

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.send("".join(f"{line}\n" for line in lines).encode())

    def line(self) -> str | None:
        """The next line without the time of day in front, or None at the end."""
        line = self._reader.line()
        return None if line is None else _TIME.sub("", line)

    def expect(self, *lines: str) -> None:
        """The next lines are exactly these."""
        for wanted in lines:
            got = self.line()
            if got != wanted:
                raise AssertionError(f"expected {wanted!r}, got {got!r}")

    def until(self, wanted: str) -> list[str]:
        """Read on to the line `wanted`, and return those before it."""
        before: list[str] = []
        while (line := self.line()) != wanted:
            if line is None:
                raise AssertionError(f"the connection ended before {wanted!r}; there were {before}")
            before.append(line)
        return before

    def enter(self, name: str) -> None:
        """Give a name, and read up to the end of what one is told on coming in."""
        self.say(name, "/topic")
        self.until("-- #lobby has no topic.")


class Terminal(Client):
    """A client program that copies its input to the server and the server's lines to its output."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        assert self._process.stdout is not None
        super().__init__(Reader(self._process.stdout))

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.communicate()


class Socket(Client):
    """A bare TCP connection. `received` limits what the kernel keeps for a client that does not read, in bytes."""

    def __init__(self, port: int, host: str = "127.0.0.1", received: int | None = None) -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        if received is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((host, port))
        super().__init__(Reader(self.socket))

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.setblocking(True)
        self.socket.sendall(data)
        self.socket.setblocking(False)

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()


def nc(port: int) -> Terminal:
    """Someone with nc."""
    return Terminal(program("nc"), "127.0.0.1", str(port))


def s_client(port: int) -> Terminal:
    """Someone with openssl s_client."""
    return Terminal(program("openssl"), "s_client", "-quiet", "-verify_quiet", "-connect", f"127.0.0.1:{port}")
