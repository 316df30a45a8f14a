"""What is put together for a command line."""

from __future__ import annotations

import signal
import time
from typing import Any

from twisted.application.service import IService, IServiceMaker, MultiService
from twisted.internet.defer import ensureDeferred
from twisted.plugin import getPlugins
from twisted.trial.unittest import SynchronousTestCase

from chatproto import __version__
from chatproto.options import Options
from chatproto.server import ChatServer
from chatproto.tap import makeService
from chatproto.testing import RecordingLink
from chatproto.transports.admission import Admission
from chatproto.transports.reception import OverTLS
from chatproto.transports.tls import RenewedCertificate
from tests.command_line import CommandLine


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
        self.assertFalse((self.directory / "tls").exists())
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

    def test_cannot_be_put_together(self) -> None:
        """What is no endpoint, and a certificate or a default room that cannot be used, end the program with one
        sentence and status 1."""
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
        sentence = self.refusal("--port", "0", "--state-dir", str(file))
        self.assertEqual(sentence, f"{file} cannot be made: File exists")
        sentence = self.refusal("--tls-port", "0", "--state-dir", str(file), "--store", "memory")
        self.assertEqual(sentence, f"{file}/tls/self-signed.pem cannot be made: Not a directory")

    def test_make_service(self) -> None:
        """twistd gets one service with a child for listeners, connections and what lasts each; nothing is open yet."""
        reactor = self.reactor()
        service = makeService(self.options("--state-dir", str(self.directory), "--port", "0"))
        self.assertTrue(IService.providedBy(service))
        assert isinstance(service, MultiService)
        self.assertEqual(len(list(service)), 3)
        assert isinstance(service, ChatServer)
        self.assertIsNone(service.listeners[0].port)
        self.assertIn((service.take_signals, (), {}), reactor.whenRunningHooks)
        handler: Any = signal.getsignal(signal.SIGHUP)
        self.assertIn("ChatServer", handler.__qualname__)

    def test_clock(self) -> None:
        """Deadlines and rates do not follow the clock on the wall, which may be set."""
        reactor = self.reactor()
        makeService(self.options("--state-dir", str(self.directory), "--port", "0"))
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
        sentence = self.refusal("--port", "0", "--motd", "/nowhere")
        self.assertEqual(sentence, "/nowhere cannot be read: No such file or directory")


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
