"""What a process uses, and a server that is started for a run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from mmap import PAGESIZE, mmap

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import process
from chatproto.load.process import LAST_LINES, LONGEST, NoServer, Process, Spawned
from chatproto.load.results import Usage
from tests.load.files import WithFiles

SERVER = """\
import signal, socket, sys
{before}
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    listener.accept()[0].close()
"""
SPIN = "import time\nwhile time.process_time() < 0.3: pass"


def python(code: str, *arguments: object) -> list[str]:
    """The command that runs some Python."""
    return [sys.executable, "-c", code, *map(str, arguments)]


class ProcessTests(SynchronousTestCase):
    """Processes that are there already."""

    def started(self, code: str) -> subprocess.Popen[bytes]:
        """A process of Python that has begun to run its code, and says so."""
        child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        assert child.stdout is not None
        child.stdout.readline()
        return child

    def test_usage(self) -> None:
        """CPU time grows by what is used; memory is what is held, and its peak is no less."""
        me = Process(os.getpid())
        before, end = me.usage(), time.process_time() + 0.2
        block = mmap(-1, 2**26)  # Memory of its own: what malloc gives can be memory that was held before.
        self.addCleanup(block.close)
        block[::PAGESIZE] = b"x" * (len(block) // PAGESIZE)
        while time.process_time() < end:
            pass
        after = me.usage()
        used = after.user + after.system - before.user - before.system
        self.assertTrue(0.15 <= used <= 5, used)
        self.assertGreater(after.rss - before.rss, len(block) / 2)
        self.assertGreaterEqual(after.peak, after.rss)

    def test_peak(self) -> None:
        """Memory that was given back counts for the peak."""
        child = self.started("x = b'x' * 2**27; del x; print(flush=True); input()")
        usage = Process(child.pid).usage()
        self.assertLess(usage.rss, 2**27)
        if sys.platform == "linux":
            self.assertGreater(usage.peak, 2**27)

    def test_children(self) -> None:
        """What a process has started counts if it is asked for: while it runs, and after it has ended."""
        alone, family = Process(os.getpid()), Process(os.getpid(), children=True)
        child = self.started("x = b'x' * 2**26; print(flush=True); input()")
        self.assertGreater(family.usage().rss, alone.usage().rss + 2**26)
        self.assertGreater(family.usage().peak, alone.usage().peak + 2**26)
        child.kill()
        child.wait()
        ours = time.process_time()
        before = [_cpu(each) for each in (alone, family)]
        subprocess.run([sys.executable, "-c", SPIN], check=True)
        grown = [_cpu(each) - was for each, was in zip((alone, family), before, strict=True)]
        self.assertLess(grown[0], time.process_time() - ours + 0.1)  # The system may well count in ticks of 10 ms.
        self.assertGreater(grown[1], 0.2)

    def test_ended(self) -> None:
        """Of one that has ended, what it was last seen to use stays, waited for or not."""
        child = self.started("print(flush=True); input()")
        watched = Process(child.pid)
        seen = watched.usage()
        self.assertEqual((True, ""), (watched.running, watched.ended()))
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # It is a zombie now.
        self.assertFalse(watched.running)
        self.assertEqual(watched.usage(), seen)
        child.wait()
        self.assertFalse(watched.running)
        self.assertEqual(watched.ended(), f"The server's process {child.pid} ended during the run.")
        self.assertEqual(watched.usage(), seen)
        self.assertNotEqual(seen, Usage())

    def test_none(self) -> None:
        """A process that is not there is told of in a sentence, and any number may be asked for."""
        child = self.started("print()")
        child.wait()
        for pid in (child.pid, -1, 2**31, 2**70):
            error = self.assertRaises(NoServer, Process, pid)
            self.assertEqual(str(error), f"There is no process {pid}.")


class SpawnedTests(WithFiles):
    """Servers that are started and stopped."""

    def setUp(self) -> None:
        """Keep a port for the server: it is ours, but nothing answers there."""
        self.keeper = socket.socket()
        self.keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.keeper.bind(("127.0.0.1", 0))
        self.addCleanup(self.keeper.close)
        self.port: int = self.keeper.getsockname()[1]

    def spawned(self, before: str = "", code: str = SERVER) -> Spawned:
        """A server that does something before it listens, not yet started."""
        return Spawned(python(code.replace("{before}", before), self.port), "127.0.0.1", self.port)

    def fails(self, server: Spawned) -> str:
        """How it fails to start."""
        return str(self.assertRaises(NoServer, server.__enter__))

    def test_runs(self) -> None:
        """It answers and is measured while the `with` lasts, and has stopped after it."""
        with self.spawned() as server:
            socket.create_connection(("127.0.0.1", self.port)).close()
            self.assertGreater(server.process.usage().rss, 0)
            self.assertNotEqual(os.getsid(server.process.pid), os.getsid(0), "Ctrl-C would reach it")
        self.assertFalse(server.process.running)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.port))

    def test_stubborn(self) -> None:
        """One that does not stop when it is asked to is killed, and so is what it has started."""
        self.patch(process, "GRACE", 0.1)
        child = self.new_path()
        deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); import os, pathlib; pid = os.fork()"
        pause = f"pathlib.Path({str(child)!r}).write_text(str(os.getpid())); signal.pause()"
        with self.spawned(f"{deaf}\nif not pid: {pause}") as server:
            deadline = time.monotonic() + 20
            while not child.exists() or not child.read_text():
                self.assertLess(time.monotonic(), deadline)
        self.assertFalse(server.process.running)
        number = int(child.read_text())
        while _runs(number):
            self.assertLess(time.monotonic(), deadline)

    def test_interrupted(self) -> None:
        """Whoever interrupts the wait for its end does not leave it behind."""
        server = self.spawned("signal.signal(signal.SIGTERM, signal.SIG_IGN)").__enter__()
        wait = server._popen.wait

        def interrupted(timeout: float | None = None) -> int:
            if timeout is not None:
                raise KeyboardInterrupt
            return wait()

        self.patch(server._popen, "wait", interrupted)
        self.assertRaises(KeyboardInterrupt, server._stop)
        self.assertFalse(server.process.running)

    def test_asked(self) -> None:
        """It is asked to stop before it is killed, so that it can put its things in order."""
        self.patch(process, "GRACE", 20.0)
        left = self.new_path()
        leave = (
            f"import pathlib; signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(left)!r}).touch(), exit()))"
        )
        with self.spawned(leave):
            pass
        self.assertTrue(left.exists())

    def test_ends(self) -> None:
        """One that ends before it answers is told of with its last words, a bounded number of them, and no escapes."""
        words = self.fails(self.spawned(r"print('\x1b[2Jhello'); print('x' * 1000); sys.exit('no such file')"))
        first, *said = words.splitlines()
        self.assertEqual(first, f"{sys.executable!r} ended with status 1 before it answered. Its last words:")
        self.assertCountEqual(said, ["\N{REPLACEMENT CHARACTER}[2Jhello", "x" * LONGEST, "no such file"])
        words = self.fails(self.spawned(r"print('line\n' * 50_000, flush=True); sys.exit(2)"))
        self.assertEqual(len(words.splitlines()), 1 + LAST_LINES)

    def test_says_nothing(self) -> None:
        """One that ends in silence, too; and if all seemed well to it, it may have gone into the background."""
        self.assertEqual(
            self.fails(self.spawned("sys.exit(0)")),
            f"{sys.executable!r} ended with status 0 before it answered. It has to stay in the foreground. "
            "It said nothing.",
        )

    def test_never_answers(self) -> None:
        """One that does not answer in time is stopped."""
        self.patch(process, "PATIENCE", 0.2)
        mark = self.new_path()
        words = self.fails(self.spawned(f"open({str(mark)!r}, 'w').close(); signal.pause()"))
        self.assertEqual(words, f"{sys.executable!r} did not answer within 0 s. It said nothing.")

    def test_gone(self) -> None:
        """One that ends while it is measured is told of, with its last words; of one that runs nothing is."""
        with self.spawned("print('out of memory', flush=True)") as server:
            self.assertEqual("", server.ended())
            self.patch(process, "DYING", 20.0)
            os.kill(server.process.pid, signal.SIGKILL)
            self.assertEqual(
                server.ended(),
                f"{sys.executable!r} ended with status -9 during the run. Its last words:\nout of memory",
            )
            self.assertGreater(server.usage().rss, 0)

    def test_last_words(self) -> None:
        """What it says while it runs can be asked for any number of times, and nothing that it says later is lost."""
        with self.spawned("print('one', flush=True)") as server:
            self.assertEqual([server.last_words(), server.last_words()], ["one", "one"])
        say = r"signal.signal(signal.SIGUSR1, lambda *_: print('two', flush=True)); print('one', flush=True)"
        with self.spawned(say) as server:
            self.assertEqual(server.last_words(), "one")
            os.kill(server.process.pid, signal.SIGUSR1)
            deadline = time.monotonic() + 20
            while server.last_words() != "one\ntwo":
                self.assertLess(time.monotonic(), deadline)

    def test_in_use(self) -> None:
        """Where something answers already nothing is started: it would be measured in the place of the server."""
        self.keeper.listen()
        self.assertEqual(
            self.fails(self.spawned()), f"Port {self.port} of 127.0.0.1 is in use already: nothing was started."
        )

    def test_no_program(self) -> None:
        """A program that cannot be started is told of in a sentence."""
        words = self.fails(Spawned(["/nowhere/server", "--port", "1"], "127.0.0.1", self.port))
        self.assertEqual(words, "'/nowhere/server' cannot be started: No such file or directory.")


def _cpu(process: Process) -> float:
    usage = process.usage()
    return usage.user + usage.system


def _runs(pid: int) -> bool:
    try:
        return Process(pid).running
    except NoServer:
        return False
