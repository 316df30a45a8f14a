"""The command: its options, its sentences, its exit statuses."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import command
from chatproto.load.arguments import parse
from chatproto.load.plan import Plan
from chatproto.load.progress import ProgressLine
from chatproto.load.scenarios import SCENARIOS
from tests.load.files import WithFiles
from tests.ports import kept_port


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; returns its status and what it printed on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command.main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
    return status, out.getvalue(), err.getvalue()


class OptionTests(SynchronousTestCase):
    """What can be asked for."""

    def test_defaults(self) -> None:
        """Each scenario alone is a plan: it needs no options."""
        for name in SCENARIOS:
            self.assertEqual(name, parse([name]).plan.scenario)

    def test_examples(self) -> None:
        """The example of each scenario can be parsed, and stands in both helps."""
        _, whole, _ = run("--help")
        for name, scenario in SCENARIOS.items():
            parse([name, *scenario.example.replace("PID", "1").split()])
            line = f"chat-load {name} {scenario.example}"
            self.assertIn(line, whole)
            status, out, _ = run(name, "--help")
            self.assertEqual(0, status)
            self.assertIn(line, out)

    def test_options(self) -> None:
        """What is given is what the plan has."""
        wanted = parse(
            [
                "flood",
                "--connections",
                "50",
                "--rate",
                "2.5",
                "--tls",
                "--dialect",
                "plain",
                "--json",
                "-",
                "--pid",
                "9",
            ]
        )
        plan = wanted.plan
        self.assertEqual((50, 2.5, True, "plain", 9), (plan.connections, plan.rate, plan.tls, plan.dialect, plan.pid))
        self.assertEqual(("-", None), (wanted.json, wanted.report))

    def test_defaults_of_scenarios(self) -> None:
        """Where a scenario has a default of its own, that is taken; elsewhere the plan's."""
        self.assertEqual((1000, 2.0), (parse(["idle"]).plan.connections, parse(["idle"]).plan.seconds))
        self.assertEqual(Plan().connections, parse(["fanout"]).plan.connections)

    def test_misuse(self) -> None:
        """Bad options end with status 2 and a sentence, on stderr."""
        cases = {
            ("fanout", "--connections", "0"): "--connections must be between 1 and 100,000",
            ("fanout", "--connections", "100001"): "--connections must be between 1 and 100,000",
            ("fanout", "--seconds", "soon"): "invalid number value: 'soon'",
            ("fanout", "--connections", "1.5"): "invalid whole number value: '1.5'",
            ("fanout", "--churn", "5"): "unrecognized arguments",
            ("fanout", "--host", "192.0.2.1"): "--i-may-load 192.0.2.1",
            ("fanout", "--spawn", "a 'b"): '--spawn "a \'b" cannot be taken apart: no closing quotation',
            ("fanout", "--spawn", " "): "--spawn is empty",
            ("dance",): "invalid choice: 'dance'",
            (): "required: SCENARIO",
        }
        for arguments, words in cases.items():
            status, out, err = run(*arguments)
            self.assertEqual((2, ""), (status, out), arguments)
            self.assertIn(words, err)
            self.assertNotIn("Traceback", err)

    def test_version(self) -> None:
        """The version is printed."""
        self.assertRegex(run("--version")[1], r"^chatproto \d")


class FailureTests(SynchronousTestCase):
    """It could not run: status 3 and a sentence."""

    def could_not(self, words: str, *arguments: str) -> None:
        """The command ends so, with these words."""
        status, out, err = run(*arguments)
        self.assertEqual((3, ""), (status, out))
        self.assertIn(words, err)
        self.assertEqual(1, err.count("chat-load: "))
        self.assertNotIn("Traceback", err)

    def test_nobody(self) -> None:
        """Nobody listens there."""
        port = str(kept_port(self))
        self.could_not(f"Nobody answers on port {port} of 127.0.0.1", "fanout", "--port", port)

    def test_folder(self) -> None:
        """Where the result cannot be written, that is told before anything is begun."""
        for option in ("--json", "--report"):
            self.could_not(
                "there is no folder /nowhere", "fanout", option, "/nowhere/x", "--port", str(kept_port(self))
            )

    def test_process(self) -> None:
        """A process that is none."""
        self.could_not("There is no process 4194304", "fanout", "--pid", "4194304", "--port", str(kept_port(self)))

    def test_spawn(self) -> None:
        """A command that ends, or that is no program."""
        self.could_not("cannot be started", "fanout", "--spawn", "/nowhere/server", "--port", str(kept_port(self)))
        self.could_not("ended with status", "fanout", "--spawn", "false", "--port", str(kept_port(self)))

    def test_many(self) -> None:
        """More connections than there may be files."""
        import resource  # noqa: PLC0415

        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard in range(100_000):
            self.could_not("open files", "idle", "--connections", str(hard), "--port", str(kept_port(self)))

    def test_missing_library(self) -> None:
        """Without a library, a sentence says which extra to install."""
        for library in ("hdrh", "rich", "psutil"):
            source = (
                f"import sys; sys.modules[{library!r}] = None; from chatproto.load.command import main; exit(main())"
            )
            done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
            self.assertEqual(3, done.returncode)
            self.assertEqual(f"chat-load: {library} is missing: pip install 'chatproto[load]'\n", done.stderr)


FAKE = """
import sys
from time import monotonic_ns
from chatproto.load.loop import Loop
from tests.load.fakes import FakeServer
loop = Loop()
print(FakeServer(loop).port, flush=True)
loop.run(lambda: False, monotonic_ns() + 60 * 10**9)
"""


class WholeTests(WithFiles):
    """The command against a server in another process."""

    def setUp(self) -> None:
        """Start it."""
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self.server = subprocess.Popen([sys.executable, "-c", FAKE], stdout=subprocess.PIPE, env=environment)
        self.addCleanup(self._stop)
        assert self.server.stdout is not None
        self.port = self.server.stdout.readline().decode().strip()

    def _stop(self) -> None:
        self.server.kill()
        self.server.communicate()

    def test_shown(self) -> None:
        """The table goes to stdout, the result as JSON to its file, and nothing to a stderr that is no terminal."""
        path = self.new_path()
        status, out, err = run(
            *("fanout", "--connections", "4", "--seconds", "0.2", "--warm-up", "0", "--rate", "50"),
            *("--port", self.port, "--pid", str(self.server.pid), "--json", str(path)),
        )
        self.assertEqual((0, ""), (status, err))
        self.assertIn(f"chat-load fanout: irc at 127.0.0.1:{self.port}", out)
        self.assertIn("Nothing was lost", out)
        found = json.loads(path.read_text())
        self.assertEqual((0, 4), (found["lost"], found["server"]["connections"]))
        self.assertIsNotNone(found["latency"]["p99"])

    def test_json(self) -> None:
        """With `-` the JSON goes to stdout, alone."""
        status, out, _ = run("idle", "--connections", "2", "--seconds", "0.1", "--port", self.port, "--json", "-")
        self.assertEqual((0, "idle"), (status, json.loads(out)["scenario"]))

    def test_interrupted(self) -> None:
        """Ctrl-C ends a run, and what there is of it is shown; the signals are given back."""
        arguments = [
            "fanout",
            "--connections",
            "4",
            "--seconds",
            "50",
            "--rate",
            "50",
            "--port",
            self.port,
            "--json",
            "-",
        ]
        before = signal.getsignal(signal.SIGINT)
        source = f"import sys; from chatproto.load.command import main; sys.exit(main({arguments!r}))"
        with subprocess.Popen(
            [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            self._wait_until_talking()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        self.assertEqual((0, b""), (process.returncode, err))
        found = json.loads(out)
        self.assertEqual((True, 0), (found["interrupted"], found["lost"]))
        self.assertEqual(before, signal.getsignal(signal.SIGINT))

    def _wait_until_talking(self) -> None:
        """Wait until somebody has said a line."""
        with socket.create_connection(("127.0.0.1", int(self.port)), 30) as connection:
            stream = connection.makefile("rb")
            connection.sendall(b"WATCH\r\n")
            self.assertTrue(any(re.search(rb"PRIVMSG #\w+ :@", line) for line in stream))


class ProgressTests(SynchronousTestCase):
    """The line that shows how far a run is."""

    def test_no_terminal(self) -> None:
        """Where stderr is no terminal, nothing is written."""
        err = io.StringIO()
        with contextlib.redirect_stderr(err), ProgressLine() as progress:
            progress.phase("connecting", 10)
            progress.done(5)
        self.assertEqual("", err.getvalue())
