"""`chat-load` against the installed server: each scenario small, in both dialects, over TCP and TLS."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatproto.load import run as load_run
from chatproto.load.command import main
from tests.live.harness import PATIENCE, UNHURRIED, Server, program, twistd
from tests.load.files import WithFiles
from tests.ports import kept_port

LIMITS = ["--lines-per-second", "1000000", "--burst", "1000000", "--lines-per-turn", "1000", "--per-address", "1000"]

SMALL: dict[str, list[str]] = {
    "fanout": ["--seconds", "0.3", "--warm-up", "0", "--speakers", "3"],
    "rooms": ["--seconds", "1", "--warm-up", "0", "--rooms", "4", "--rate", "200"],
    "join-storm": [],
    "connect-storm": [],
    "idle": ["--seconds", "0.2"],
    "churn": ["--seconds", "1", "--warm-up", "0", "--churn", "50", "--rate", "100"],
    "slow-readers": ["--seconds", "0.3", "--slow", "2"],
    "flood": ["--seconds", "0.5", "--warm-up", "0", "--rate", "100", "--flooders", "2", "--beside", "4"],
    "capacity": ["--step", "0.2", "--warm-up", "0", "--rate", "4000", "--goal-ms", "20"],
}


def chat_load(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command to its end."""
    command = [str(Path(sys.executable).parent / "chat-load"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)


def run(*options: str) -> tuple[int, str, str]:
    """Run the command in this process; returns its status, and what it printed on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(options)
    return status, out.getvalue(), err.getvalue()


class LoadTests(WithFiles):
    """Our own server loses nothing, whoever comes in whichever way."""

    def setUp(self) -> None:
        """Nothing is taken for lost on a busy machine, as long as it may still come."""
        self.patch(load_run, "QUIET", PATIENCE)
        self.patch(load_run, "FAREWELL", PATIENCE)

    def scenarios(
        self, server: Server, *options: str, names: Sequence[str] = tuple(SMALL)
    ) -> dict[str, dict[str, Any]]:
        """These against one server; returns what each has found."""
        results = {}
        for scenario in names:
            small = SMALL[scenario]
            status, out, err = run(
                *(scenario, "--connections", "12", "--in-flight", "5", "--port", str(server.port)),
                *("--pid", str(server.process.pid), "--json", "-", *small, *options),
            )
            self.assertEqual("", err, scenario)
            found = results[scenario] = json.loads(out)
            self.assertEqual(0, status, f"{scenario}: {found['verdicts']}")
            wrong = [found[name] for name in ("lost", "duplicated", "disordered", "underway")]
            self.assertEqual([0, 0, 0, 0], wrong, scenario)
            self.assertGreater(found["server"]["rss_after"], 1 << 20, scenario)
            if scenario.endswith("storm"):
                self.assertEqual(12, found["latency"]["count"], scenario)
            elif scenario == "capacity":
                self.assertTrue(found["steps"])
            elif scenario != "idle":
                self.assertGreater(found["latency"]["count"], 5, scenario)  # Of those, too, that came afterwards.
        return results

    def test_irc(self) -> None:
        """IRC: PING round trips are told, too."""
        with Server(*LIMITS) as server:
            for scenario, found in self.scenarios(server).items():
                self.assertGreater(found["probe"]["count"], 0, scenario)

    def test_plain(self) -> None:
        """Plain lines."""
        with Server(*LIMITS) as server:
            self.scenarios(server, "--dialect", "plain")

    def test_tls(self) -> None:
        """IRC over TLS, on the same port; a certificate that nobody signed is refused where one is asked for."""
        with Server(*LIMITS, *UNHURRIED, tls=True) as server:
            self.scenarios(server, "--tls", names=["fanout", "connect-storm", "slow-readers", "flood"])
            certificate = next((server.directory / "state" / "tls").glob("*.pem"))
            options = ["fanout", "--port", str(server.port), "--tls", "--connections", "2", "--seconds", "0.1"]
            trusted = chat_load(*options, "--host", "localhost", "--ca", str(certificate))
            self.assertEqual(0, trusted.returncode, trusted.stderr)
            refused = chat_load(*options, "--ca", self._another_certificate())
            self.assertEqual(3, refused.returncode)
            self.assertIn("its certificate cannot be trusted", refused.stderr)

    def _another_certificate(self) -> str:
        """A file with a certificate that has nothing to do with the server's."""
        path = str(self.new_path())
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{path}.key"]
        command = [program("openssl"), "req", "-x509", "-subj", "/CN=localhost", *key, "-out", path]
        subprocess.run(command, check=True, capture_output=True)
        return path

    def test_limits(self) -> None:
        """With the limits that people have, too many connections of one address are cut, and that is said."""
        with Server("--per-address", "5") as server:
            done = chat_load("fanout", "--connections", "8", "--port", str(server.port))
            self.assertEqual((3, ""), (done.returncode, done.stdout))
            self.assertRegex(
                done.stderr,
                r"^chat-load: Only \d of 8 came in before the server ended one\. The last words: "
                '":?There are too many connections from your address',
            )
            done = chat_load("connect-storm", "--connections", "8", "--port", str(server.port))
            self.assertEqual(1, done.returncode, done.stdout)
            self.assertRegex(done.stdout, r"The server ended \d of the connections\.")
            self.assertRegex(done.stdout, r"Only \d of 8 came in: the server ended the others\.")
            self.assertNotIn("last NAMES", done.stdout)

    def test_spawn(self) -> None:
        """A server that is started for the run and stopped after it; its CPU and memory are told."""
        port = kept_port(self)
        command = f"{twistd()} -n --pidfile= chat --store memory --listen tcp:{port}:interface=127.0.0.1"
        done = chat_load("idle", "--connections", "5", "--seconds", "0.1", "--port", str(port), "--spawn", command)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("per connection", done.stdout)
        self.assertRaises(OSError, socket.create_connection, ("127.0.0.1", port), 1.0)
