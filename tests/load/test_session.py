"""A server that is started for the run: what it inherits, how it dies, and that it is never left behind."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from chatproto.load import process
from chatproto.load import run as load_run
from chatproto.load.plan import Plan
from tests.load.files import WithFiles
from tests.load.test_command import run
from tests.ports import kept_port

FAKE = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from time import monotonic_ns
from chatproto.load.loop import Loop
from tests.load.fakes import FakeServer, honest

def deliver(server, speaker, others, line):
    honest(server, speaker, others, line)
    if speaker.said == int(sys.argv[2]):
        print("out of memory", flush=True)
        os._exit(9)

loop = Loop()
server = FakeServer(loop, deliver, port=int(sys.argv[1]))
loop.run(lambda: False, monotonic_ns() + 60 * 10**9)
"""

LIMITED = """
import resource, sys
from chatproto.load.command import main
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (250, hard))
sys.exit(main(sys.argv[1:]))
"""

TELLS_LIMIT = "import resource, sys; sys.exit(f'may open {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}')"

NEVER_ANSWERS = (
    "import os, pathlib, signal, sys; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); signal.pause()"
)


def python(source: str, *arguments: object) -> str:
    """The command that runs some Python, as `--spawn` takes it."""
    return shlex.join([sys.executable, "-c", source, *map(str, arguments)])


class SpawnTests(WithFiles):
    """Around a run."""

    def setUp(self) -> None:
        """Whoever is slow here is this machine: nothing is taken for lost, or for alive, within half a minute."""
        self.patch(load_run, "QUIET", 30.0)
        self.patch(process, "DYING", 30.0)

    def fanout(self, dies_at: int, *options: str) -> tuple[int, str, str]:
        """Four people in a room of a server that dies after so many lines of one of them."""
        port = str(kept_port(self))
        return run(
            *("fanout", "--connections", "4", "--rate", "50", "--warm-up", "0", "--port", port, *options),
            *("--spawn", python(FAKE, port, dies_at)),
        )

    def test_dies(self) -> None:
        """A server that dies while it is measured is said to have died, with its last words."""
        status, out, err = self.fanout(0, "--seconds", "0.2")
        self.assertEqual((1, ""), (status, err))
        self.assertIn("ended with status 9 during the run.", " ".join(out.split()))
        self.assertIn("out of memory", out)

    def test_lives(self) -> None:
        """Of one that does not, nothing is said."""
        status, out, err = self.fanout(1000, "--seconds", "0.2")
        self.assertEqual((0, ""), (status, err))
        self.assertNotIn("ended with status", out)

    def test_deadline(self) -> None:
        """At the deadline of a run, what there is of it is shown, and that it was not over."""
        self.patch(Plan, "deadline", 4.0)
        status, out, err = self.fanout(1000, "--seconds", "50", "--json", "-")
        self.assertEqual((0, ""), (status, err))
        found = json.loads(out)
        self.assertEqual((True, 0), (found["interrupted"], found["lost"]))
        self.assertGreater(found["sent"], 0)
        self.assertIn("The run was not over after 4 s, which is its deadline.", found["verdicts"])
        self.assertEqual({"processor", "cores", "memory", "system", "Python"}, set(found["machine"]))
        self.assertRegex(found["version"], r"^\d")

    def test_files(self) -> None:
        """The number of files that may be open is raised, for the server as well."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        command = ["fanout", "--connections", "200", "--port", str(kept_port(self)), "--spawn", python(TELLS_LIMIT)]
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, *command], capture_output=True, text=True, check=False, timeout=60
        )
        self.assertEqual(3, done.returncode)
        self.assertIn(f"may open {hard if hard != resource.RLIM_INFINITY else 200 + 64 + 128}\n", done.stderr)

    def test_ended_while_starting(self) -> None:
        """TERM while the server is being started ends both."""
        path = self.new_path()
        command = ["fanout", "--port", str(kept_port(self)), "--spawn", python(NEVER_ANSWERS, path)]
        source = "import sys; from chatproto.load.command import main; sys.exit(main(sys.argv[1:]))"
        with subprocess.Popen([sys.executable, "-c", source, *command], stderr=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 30
            while not path.exists() or not path.read_text():
                self.assertLess(time.monotonic(), deadline)
            server = int(path.read_text())
            self.addCleanup(self._kill, server)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        self.assertEqual(
            (3, "chat-load: It was ended before there was anything to be shown.\n"), (process.returncode, err)
        )
        self.assertRaises(ProcessLookupError, os.kill, server, 0)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
