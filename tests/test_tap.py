"""From options to a tree of services: the command line, and what is put together for it."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import time
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from argon2 import PasswordHasher
from twisted.application.service import IService, IServiceMaker, MultiService
from twisted.internet.defer import ensureDeferred
from twisted.internet.testing import MemoryReactorClock
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

from chatproto import __version__
from chatproto.config import Settings, all_settings
from chatproto.server import ChatServer
from chatproto.setting import declared
from chatproto.tap import Options, make_server, makeService
from chatproto.testing import RecordingLink
from chatproto.transports.admission import Admission
from chatproto.transports.reception import OverTLS
from chatproto.transports.tls import RenewedCertificate


class CommandLine(SynchronousTestCase):
    """Something to start `twistd chat` with, without starting it."""

    def setUp(self) -> None:
        """An empty directory."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def options(self, *arguments: str) -> Options:
        """The parsed command line."""
        options = Options()
        options.parseOptions(list(arguments))
        return options

    def settings(self, *arguments: str) -> Settings:
        """What it says."""
        return self.options(*arguments).settings

    def server(self, *arguments: str) -> ChatServer:
        """The server it makes, on a reactor that opens nothing."""
        return make_server(self.settings("--state-dir", str(self.directory), *arguments), MemoryReactorClock())

    def listeners(self, *arguments: str) -> list[str]:
        """What that server listens on."""
        return [listener._what for listener in self.server(*arguments).listeners]

    def reactor(self) -> MemoryReactorClock:
        """The reactor that the program finds: one in memory, in the place of the real one. Signals are given back."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        import_module("twisted.internet.reactor")
        reactor = MemoryReactorClock()
        self.patch(import_module("twisted.internet"), "reactor", reactor)
        return reactor

    def refusal(self, *arguments: str) -> str:
        """The sentence that the program ends with: Python prints it and exits with status 1."""
        self.reactor()
        error = self.assertRaises(SystemExit, lambda: makeService(self.options(*arguments)))
        sentence = error.code
        assert isinstance(sentence, str)
        self.assertEqual(len(sentence.splitlines()), 1)
        self.assertTrue(sentence.startswith("twistd chat: "), sentence)
        return sentence.removeprefix("twistd chat: ")


class Flags(CommandLine):
    """Every setting is a flag."""

    def test_no_flags(self) -> None:
        """Without any, everything has its default."""
        self.assertEqual(self.settings(), Settings())

    def test_every_setting(self) -> None:
        """Every setting can be given as a flag of its name with dashes; the value it has already changes nothing."""
        for section, each, kind in all_settings():
            flag = f"--{each.name.replace('_', '-')}"
            if each.default is None:
                self.assertEqual(getattr(getattr(self.settings(flag, "1"), section), each.name), 1)
            elif declared(each).choices and isinstance(each.default, tuple):
                given = getattr(getattr(self.settings(flag, "plain"), section), each.name)
                self.assertEqual(given, ("plain",))
            elif isinstance(each.default, tuple):
                given = getattr(getattr(self.settings(flag, "one"), section), each.name)
                self.assertEqual(given, ("one",))
            else:
                self.assertEqual(self.settings(f"{flag}={each.default}"), Settings(), kind)

    def test_listen_many_times(self) -> None:
        """--listen can be given many times, and keeps the order."""
        self.assertEqual(
            self.settings("--listen", "tcp:1", "--listen", "unix:/x,y").listen.listen, ("tcp:1", "unix:/x,y")
        )

    def test_config(self) -> None:
        """--config, or -c, names a file; flags win over it."""
        file = self.directory / "chat.toml"
        file.write_text("[connections]\nburst = 5\nper_address = 7\n", encoding="utf-8")
        for flag in ("--config", "-c"):
            settings = self.settings(flag, str(file), "--burst", "6")
            self.assertEqual((settings.connections.burst, settings.connections.per_address), (6, 7))

    def test_wrong(self) -> None:
        """What is wrong on the command line or in the file ends the program with one sentence and status 1."""
        self.assertEqual(self.refusal("--nope"), "option --nope not recognized; see twistd chat --help")
        self.assertEqual(self.refusal("--port"), "option --port requires argument; see twistd chat --help")
        self.assertEqual(self.refusal("7000"), "Wrong number of arguments; see twistd chat --help")
        self.assertEqual(self.refusal("--port", "x"), "--port = 'x': must be a whole number from 0 to 65535.")
        file = self.directory / "chat.toml"
        self.assertEqual(self.refusal("--config", str(file)), f"{file}: cannot be read: No such file or directory.")
        file.write_text("[server]\nmotd = 'x'", encoding="utf-8")
        self.assertEqual(
            self.refusal("--config", str(file)),
            f"{file}: [server] motd is no setting; there are: greeting, state_dir.",
        )

    def test_cannot_be_put_together(self) -> None:
        """So does what is no endpoint, a certificate that cannot be used, and a default room that cannot be."""
        self.assertRegex(
            self.refusal("--listen", "carrier-pigeon:7"), r"^'carrier-pigeon:7' is no endpoint that can be"
        )
        missing = str(self.directory / "chain.pem")
        self.assertEqual(
            self.refusal("--tls-port", "0", "--cert", missing),
            f"{missing} cannot be used: No such file or directory",
        )
        self.assertRegex(
            self.refusal("--default-room", "lobby"), r"^default_room: 'lobby' cannot be used: the name of a room begins"
        )

    def test_state_dir_cannot_be_made(self) -> None:
        """So does a state directory that cannot be made."""
        file = self.directory / "file"
        file.touch()
        sentence = self.refusal("--tls-port", "0", "--state-dir", str(file))
        self.assertEqual(sentence, f"{file}/tls/self-signed.pem cannot be made: Not a directory")

    def test_version(self) -> None:
        """--version prints it and exits with status 0."""
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, "--version")
        self.assertEqual((error.code, out.getvalue()), (0, f"chatproto {__version__}\n"))


class HashPassword(CommandLine):
    """`twistd chat --hash-password`, reading the password from a program. A terminal is for tests/live/."""

    def hash_password(self, octets: bytes) -> tuple[object, str]:
        """The status, or the sentence that means status 1, and what is printed, if that is what can be read."""
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, "--hash-password")
        return error.code, out.getvalue()

    def test_password(self) -> None:
        """Its hash is printed on a line, and the status is 0. The line's end is no part of it, but its blanks are."""
        for octets, password in (
            (b"secret\n", "secret"),
            (b"secret\r\n", "secret"),
            (b" secret ", " secret "),
            ("schlüssel\nmore\n".encode(), "schlüssel"),
        ):
            status, out = self.hash_password(octets)
            self.assertEqual((status, out[-1]), (0, "\n"))
            self.assertTrue(PasswordHasher().verify(out[:-1], password))

    def test_refused(self) -> None:
        """None, one that is too long, and one that is no text, are refused with a sentence."""
        for octets in (b"", b"\n", b"\r\n", b"\nsecret"):
            self.assertEqual(self.hash_password(octets), ("twistd chat: an empty password protects nothing.", ""))
        too_long = "twistd chat: a password has 1024 bytes at most, not 1025."
        self.assertEqual(self.hash_password(b"x" * 1025 + b"\n"), (too_long, ""))
        self.assertEqual(self.hash_password(b"\xe4\n"), ("twistd chat: a password is text in UTF-8.", ""))

    def test_for_the_settings(self) -> None:
        """What it prints is what [operators] takes."""
        _, out = self.hash_password(b"secret\n")
        file = self.directory / "chat.toml"
        file.write_text(f'[operators]\nada = "{out.strip()}"', encoding="utf-8")
        self.assertEqual(self.settings("--config", str(file)).operators, {"ada": out.strip()})


class Help(CommandLine):
    """`twistd chat --help`."""

    def setUp(self) -> None:
        """Read it."""
        super().setUp()
        self.patch(os, "environ", {**os.environ, "COLUMNS": "80"})
        with redirect_stdout(io.StringIO()) as out:
            error = self.assertRaises(SystemExit, self.options, "--help")
        self.assertEqual(error.code, 0)
        self.page = out.getvalue()
        self.words = " ".join(self.page.split())

    def test_what_it_is(self) -> None:
        """It says what the program is, how to use it and where all settings can stand."""
        for phrase in (
            "[options]",
            "A chat server",
            "nc, telnet, openssl s_client",
            "/help",
            "a flag wins over the file",
        ):
            self.assertIn(phrase, self.words)

    def test_every_setting(self) -> None:
        """It has every setting with its meaning and its default, and no line that is too long for a terminal."""
        for _, each, _ in all_settings():
            self.assertIn(f" --{each.name.replace('_', '-')}= {declared(each).meaning}", self.words)
            if each.default not in (None, "", ()):
                default = ", ".join(each.default) if isinstance(each.default, tuple) else each.default
                self.assertIn(f"{declared(each).meaning} [default: {default}]", self.words)
        self.assertIn("-c, --config= ", self.words)
        self.assertEqual([line for line in self.page.splitlines() if len(line) > 80], [])

    def test_no_others(self) -> None:
        """It has nothing else but help, version, config, and what hashes a password."""
        shown = set(re.findall(r"(?m)^ +(?:-\w, )?--([a-z-]+)", self.page))
        known = {each.name.replace("_", "-") for _, each, _ in all_settings()}
        self.assertEqual(shown, known | {"help", "version", "config", "hash-password"})


class PutTogether(CommandLine):
    """The parts of a server."""

    def test_default_port(self) -> None:
        """Port 7000 is for those who ask for no listener at all."""
        self.assertEqual(self.listeners(), ["TCP port 7000"])

    def test_listeners(self) -> None:
        """Whoever asks for listeners gets those and no others; all of them together work."""
        self.assertEqual(self.listeners("--port", "0"), ["TCP port 0"])
        self.assertEqual(self.listeners("--tls-port", "0"), ["TLS port 0"])
        self.assertEqual(self.listeners("--listen", "tcp:1"), ["tcp:1"])
        self.assertEqual(
            self.listeners("--listen", "tcp:1", "--listen", "unix:/x", "--port", "2", "--tls-port", "3"),
            ["tcp:1", "unix:/x", "TCP port 2", "TLS port 3"],
        )

    def test_one_chat(self) -> None:
        """All listeners lead to the same chat, and count addresses together; the certificate is renewed."""
        server = self.server("--listen", "tcp:1", "--port", "0", "--tls-port", "0")
        factories = [listener._factory for listener in server.listeners]
        endpoint, port, tls = factories
        assert isinstance(endpoint, Admission)
        assert isinstance(port, Admission)
        assert isinstance(tls, OverTLS)
        inside = tls._wrapped
        assert isinstance(inside, Admission)
        self.assertIs(endpoint.places, port.places)
        self.assertIs(endpoint.places, inside.places)
        sniffing: list[Any] = [endpoint.wrapped, port.wrapped, inside.wrapped]
        self.assertEqual(len({each.otherwise for each in sniffing}), 1)
        self.assertEqual([[row.name for row in each.rows] for each in sniffing], [["tls", "irc"]] * 2 + [["irc"]])
        self.assertEqual(sum(isinstance(each, RenewedCertificate) for each in server), 1)

    def test_certificate(self) -> None:
        """TLS without a certificate makes one in the state directory, once; where it is only possible, none is made
        before somebody uses it."""
        server = self.server("--port", "0")
        self.assertEqual(list(self.directory.iterdir()), [])
        port: Any = server.listeners[0]._factory
        for _ in range(2):
            self.assertIsNotNone(port.wrapped.rows[0].factory.buildProtocol(None))
            self.assertEqual(sum(isinstance(each, RenewedCertificate) for each in server), 1)
        (self.directory / "tls" / "self-signed.pem").unlink()
        made = self.directory / "tls" / "self-signed.pem"
        self.server("--tls-port", "0")
        pem = made.read_bytes()
        self.assertEqual(made.stat().st_mode & 0o777, 0o600)
        self.server("--tls-port", "0")
        self.assertEqual(made.read_bytes(), pem)

    def test_certificate_given(self) -> None:
        """A certificate that is given is used, with its key in the same file or in another; none is made."""
        self.server("--tls-port", "0")
        pem = (
            (self.directory / "tls" / "self-signed.pem").rename(self.directory / "both.pem").read_text(encoding="ascii")
        )
        (self.directory / "tls").rmdir()
        key, chain = self.directory / "key.pem", self.directory / "chain.pem"
        at = pem.index("-----BEGIN CERTIFICATE")
        key.write_text(pem[:at], encoding="ascii")
        chain.write_text(pem[at:], encoding="ascii")
        self.server("--tls-port", "0", "--cert", str(self.directory / "both.pem"))
        self.server("--tls-port", "0", "--cert", str(chain), "--key", str(key))
        self.assertFalse((self.directory / "tls").exists())

    def test_make_service(self) -> None:
        """twistd gets one service, with a child for each listener and one for the connections; nothing is open yet."""
        reactor = self.reactor()
        service = makeService(self.options("--port", "0"))
        self.assertTrue(IService.providedBy(service))
        assert isinstance(service, MultiService)
        self.assertEqual(len(list(service)), 2)
        assert isinstance(service, ChatServer)
        self.assertIsNone(service.listeners[0].port)
        self.assertEqual(reactor.whenRunningHooks, [(service.take_signals, (), {})])
        handler: Any = signal.getsignal(signal.SIGHUP)
        self.assertIn("ChatServer", handler.__qualname__)

    def test_clock(self) -> None:
        """Deadlines and rates do not follow the clock on the wall, which may be set."""
        reactor = self.reactor()
        makeService(self.options("--port", "0"))
        self.assertIs(reactor.seconds, time.monotonic)


class Irc(CommandLine):
    """What IRC clients are told, as the settings have it."""

    def setUp(self) -> None:
        """A file with the message of the day."""
        super().setUp()
        self.motd = self.directory / "motd.txt"
        self.motd.write_text("Hello\n", encoding="utf-8")

    def client(self, server: ChatServer) -> tuple[Any, RecordingLink]:
        """A conversation as the one listener has it, and its link."""
        port: Any = server.listeners[0]._factory
        (irc,) = (row.factory for row in port.wrapped.rows if row.name == "irc")
        link = RecordingLink()
        return irc.make_conversation(link), link

    def says(self, server: ChatServer, *lines: str) -> list[str]:
        """What a client is answered."""
        talk, link = self.client(server)
        for line in lines:
            answer = talk.line_received(line.encode())
            if answer is not None:
                self.successResultOf(ensureDeferred(answer))
        return link.lines()

    def test_settings(self) -> None:
        """The name, the network, the message of the day and who runs it are those of the settings."""
        server = self.server("--port", "0", "--name", "irc.example.org", "--network", "Example",
                             "--admin", "Here,There", "--motd", str(self.motd))  # fmt: skip
        got = self.says(server, "NICK ada", "USER ada 0 * :Ada", "ADMIN")
        self.assertRegex(got[0], "^:irc.example.org 001 ada :Welcome to the Example IRC Network ada!~ada@[a-z0-9]+.ip$")
        self.assertTrue(got[1].endswith(f"running version chatproto-{__version__}"))
        self.assertIn(":irc.example.org 372 ada :- Hello", got)
        self.assertIn(":irc.example.org 257 ada Here", got)

    def test_password(self) -> None:
        """The password is the one of the settings."""
        server = self.server("--port", "0", "--password", "sesame")
        self.assertIn(" 001 ", self.says(server, "PASS sesame", "NICK ada", "USER ada 0 * :Ada")[0])
        self.assertIn(" 464 ", self.says(server, "PASS wrong", "NICK bob", "USER bob 0 * :Bob")[0])

    def test_policy(self) -> None:
        """Who is in cleartext is sent to the TLS port by a policy, or to the one that takes both, or to that chosen."""
        for flags, port in ((("--tls-port", "6697"), 6697), ((), 7001), (("--sts-port", "443"), 443)):
            server = self.server("--port", "7001", "--sts-seconds", "60", *flags)
            offered = " ".join(line.partition(" :")[2] for line in self.says(server, "CAP LS 302"))
            self.assertIn(f"sts=port={port}", offered.split(" "))

    def test_operators(self) -> None:
        """Operators are those of the settings: here there are none."""
        got = self.says(self.server("--port", "0"), "NICK ada", "USER ada 0 * :Ada", "OPER root secret")
        self.assertEqual(got[-1], ":chatproto.local 464 ada :Password incorrect")

    def test_reload(self) -> None:
        """The message of the day is read again; one that cannot be read is told, and stays as it was."""
        server = self.server("--port", "0", "--motd", str(self.motd))
        self.motd.write_text("Good morning\n", encoding="utf-8")
        self.assertEqual(server.reload(), [])
        self.assertIn(":chatproto.local 372 ada :- Good morning", self.says(server, "NICK ada", "USER ada 0 * :Ada"))
        self.motd.unlink()
        why = f"The message of the day stays as it was: {self.motd} cannot be read: No such file or directory"
        self.assertEqual(server.reload(), [why])
        self.assertIn(":chatproto.local 372 bob :- Good morning", self.says(server, "NICK bob", "USER bob 0 * :Bob"))

    def test_no_motd(self) -> None:
        """A message of the day that cannot be read at the start ends the program with one sentence."""
        self.reactor()
        error = self.assertRaises(SystemExit, makeService, self.options("--port", "0", "--motd", "/nowhere"))
        self.assertEqual(error.code, "twistd chat: /nowhere cannot be read: No such file or directory")


class Plugin(SynchronousTestCase):
    """What twistd finds."""

    def test_found(self) -> None:
        """twistd finds `chat`, with a sentence that says what it is, and its options."""
        found = [maker for maker in getPlugins(IServiceMaker) if maker.tapname == "chat"]
        self.assertEqual(
            [maker.description for maker in found], ["A chat server that every line-speaking program can join."]
        )
        self.assertIs(found[0].options, Options)
        self.assertIs(found[0].makeService, makeService)
