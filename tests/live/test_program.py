"""The program as its operator meets it: options, exit statuses, signals, certificates, reactors."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import select
import signal
import socket
import ssl
import subprocess
import tempfile

from argon2 import PasswordHasher
from twisted.trial.unittest import SynchronousTestCase

from tests.live.harness import PATIENCE, Server, Socket, run_chat, twistd

CTRL_C, CTRL_D = b"\x03", b"\x04"


def fingerprint(port: int) -> str:
    """SHA-256 of the certificate that is shown on `port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE) as plain,
        context.wrap_socket(plain) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    assert shown is not None
    return hashlib.sha256(shown).hexdigest()


class RefusalTests(SynchronousTestCase):
    """What cannot be done is said in one sentence."""

    def _refused(self, sentence: str, *options: str) -> None:
        done = run_chat(*options)
        self.assertEqual(1, done.returncode, done)
        self.assertIn(sentence, done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stdout + done.stderr)

    def test_unknown_option(self) -> None:
        """An option that does not exist."""
        self._refused("option --prot not recognized", "--prot", "7000")

    def test_bad_value(self) -> None:
        """A value out of its range."""
        self._refused("--port = 70000: must be a whole number from 0 to 65535.", "--port", "70000")

    def test_bad_file(self) -> None:
        """A wrong key in the settings file names the file and the key."""
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write("[connections]\nsend_qeue = 5\n")
            file.flush()
            sentence = f"{file.name}: [connections] send_qeue is no setting; did you mean send_queue?"
            self._refused(sentence, "--config", file.name)

    def test_port_taken(self) -> None:
        """A port that somebody listens on."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self._refused("Address already in use", "--port", str(port))


class HashPasswordTests(SynchronousTestCase):
    """`twistd chat --hash-password`, as somebody at a terminal sees it."""

    def _typed(self, *lines: bytes) -> tuple[int, str, str]:
        """The status, what is printed, and what the terminal shows, if these lines are typed, each when it is asked
        for."""
        terminal, inside = pty.openpty()
        command = [twistd(), "chat", "--hash-password"]
        pipe = subprocess.PIPE
        # In a session of its own it has no other terminal than this: getpass would ask at the tester's.
        with subprocess.Popen(command, stdin=inside, stdout=pipe, stderr=inside, start_new_session=True) as running:
            os.close(inside)
            shown = b""
            for line in lines:
                shown += self._until_asked(terminal)
                if line == CTRL_C:  # The terminal does not belong to the session, and cannot do it.
                    running.send_signal(signal.SIGINT)
                else:
                    os.write(terminal, line)
            assert running.stdout is not None
            out = running.stdout.read().decode()
            with contextlib.suppress(OSError):  # Linux's way to say that nobody has the terminal open any more.
                while more := os.read(terminal, 4096):
                    shown += more
            os.close(terminal)
            return running.wait(PATIENCE), out, shown.decode()

    def _until_asked(self, terminal: int) -> bytes:
        shown = b""
        while not shown.endswith(b": "):
            self.assertTrue(select.select([terminal], [], [], PATIENCE)[0], shown)
            shown += os.read(terminal, 4096)
        return shown

    def test_terminal(self) -> None:
        """It asks twice, shows nothing of the password, and prints the hash only."""
        status, out, shown = self._typed(b"secret\n", b"secret\n")
        self.assertEqual((0, ["Password:", "The same again:"]), (status, [line.strip() for line in shown.splitlines()]))
        self.assertTrue(PasswordHasher().verify(out.removesuffix("\n"), "secret"))

    def test_two_passwords(self) -> None:
        """Two that differ are refused, and so is none, and the end of what is typed, and Ctrl-C."""
        for sentence, *lines in (
            (b"these were two different passwords.", b"secret\n", b"secrets\n"),
            (b"an empty password protects nothing.", b"\n", b"\n"),
            (b"no password was given.", CTRL_D),
            (b"no password was given.", b"secret\n", CTRL_C),
        ):
            status, out, shown = self._typed(*lines)
            self.assertEqual((1, ""), (status, out))
            self.assertEqual(f"twistd chat: {sentence.decode()}", shown.splitlines()[-1])
            self.assertNotIn("Traceback", shown)


class SignalTests(SynchronousTestCase):
    """What signals do."""

    def test_interrupt(self) -> None:
        """SIGINT ends the server with status 0, as SIGTERM does."""
        with Server() as server:
            self.assertEqual(0, server.stop(signal.SIGINT))

    def test_hangup(self) -> None:
        """On SIGHUP a replaced certificate is shown to new connections, and nobody loses theirs."""
        with Server(tls=True) as server, Server(tls=True) as other:
            old, new = fingerprint(server.tls_port), fingerprint(other.tls_port)
            ada = Socket(server.port)
            ada.enter("ada")
            source, target = (each.directory / "state/tls/self-signed.pem" for each in (other, server))
            target.write_bytes(source.read_bytes())
            self.assertEqual(old, fingerprint(server.tls_port))
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("certificate:", ":".join(new.upper()[at : at + 2] for at in range(0, 64, 2)))
            self.assertEqual(new, fingerprint(server.tls_port))
            ada.say("/topic")
            ada.expect("-- #lobby has no topic.")
            ada.close()

    def test_hangup_with_a_broken_certificate(self) -> None:
        """A broken file is refused with a log line, and the old certificate stays."""
        with Server(tls=True) as server:
            old = fingerprint(server.tls_port)
            (server.directory / "state/tls/self-signed.pem").write_text("nothing of use")
            server.process.send_signal(signal.SIGHUP)
            server.wait_for_log("the certificate stays as it was")
            self.assertEqual(old, fingerprint(server.tls_port))


class ReactorTests(SynchronousTestCase):
    """Nothing assumes epoll."""

    def test_other_reactors(self) -> None:
        """The server works on poll, on select and on asyncio as well."""
        for reactor in ("poll", "select", "asyncio"):
            with Server(twistd_options=["--reactor", reactor]) as server:
                ada, bob = Socket(server.port), Socket(server.port)
                ada.enter("ada")
                bob.enter("bob")
                bob.say("hello")
                ada.until("<bob> hello")
                ada.close()
                bob.close()
