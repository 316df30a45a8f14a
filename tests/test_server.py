"""The life of the whole server: starting, stopping, signals, the file limit."""

from __future__ import annotations

import gc
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from twisted.application.service import Service
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatproto.config import Settings
from chatproto.events import Ending, Who
from chatproto.keeping import in_memory
from chatproto.rooms import names
from chatproto.rooms.limits import DAY
from chatproto.rooms.registration import Registration
from chatproto.rooms.user import User
from chatproto.server import TIDY_SECONDS, CannotStart, ChatServer
from chatproto.tap import make_rooms
from chatproto.transports.connections import Connections
from chatproto.transports.listen import Listener
from chatproto.transports.tls import KeyPair, RenewedCertificate, self_signed

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Reactor(MemoryReactorClock):
    """A reactor that opens nothing, and remembers what signals asked of it until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Callable[[], None]] = []
        self.stops = 0
        self.refused = False

    def callFromThread(self, step: Callable[[], None]) -> None:
        """Remember it."""
        self.asked.append(step)

    def stop(self) -> None:
        """Count it; say that it was done already, if it was."""
        self.stops += 1
        if self.stops > 1:
            raise ReactorNotRunning

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Any:
        """Open nothing, or refuse to."""
        if self.refused:
            raise CannotListenError(interface, port, OSError(98, "Address already in use"))
        return super().listenTCP(port, factory, backlog, interface)


class Member:
    """A connection that remembers how it was ended, and what was open then."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.told: list[object] = []

    def check(self, now: float) -> None:
        """Nothing is late."""

    def end(self, ending: Ending) -> None:
        """Remember it, and whether a port was open and whether departures are still announced."""
        self.told += [ending, self.server.listeners[0].port is None, self.server._rooms.closing]

    def abort(self) -> None:
        """Remember it."""
        self.told.append("aborted")


class Serving(SynchronousTestCase):
    """A server with one listener on a reactor in memory."""

    def setUp(self) -> None:
        """Signals, the file limit and the garbage collector are as before, when the test is over."""
        self.reactor = Reactor()
        self.rooms = make_rooms(Settings(), self.reactor.seconds)
        self.connections = Connections(self.reactor, 5)
        self.server = ChatServer(self.reactor, self.rooms, self.connections, in_memory(Settings()))
        endpoint = TCP4ServerEndpoint(self.reactor, 0)
        self.server.listen(Listener(endpoint, Factory(), "TCP port 0"))
        self.addCleanup(gc.unfreeze)
        for number in SIGNALS:
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))

    def start(self) -> None:
        """Start it as twistd does."""
        self.server.privilegedStartService()
        self.server.startService()


class Tidying(Serving):
    """What has stayed for too long goes."""

    def setUp(self) -> None:
        """Somebody and a registered room that nobody has been in or connected to for a thousand days."""
        super().setUp()
        self.start()
        self.addCleanup(self.server.stopService)
        self.rooms.limits = replace(self.rooms.limits, always_on_days=900, unused_days=900)
        self.user = User(names.person("ada", self.rooms.limits), Who("ada", "u", "h"), "", 0.0)
        self.rooms.people.add(self.user)
        self.room = self.rooms.directory.open(names.room("#x", self.rooms.limits))
        self.room.registration = Registration("ada", 0.0)
        self.user.alone_since = self.room.registration.left_at = self.reactor.seconds() - 1000 * DAY

    def test_goes(self) -> None:
        """Once an hour, not before."""
        self.reactor.advance(TIDY_SECONDS - 1)
        self.assertEqual((len(self.rooms.people), list(self.rooms.rooms())[1:]), (1, [self.room]))
        self.reactor.advance(1)
        self.assertEqual((len(self.rooms.people), list(self.rooms.rooms())[1:]), (0, []))

    def test_bug(self) -> None:
        """It is logged, the rest is done, and it is tried again an hour later."""
        self.user.alone_since, since = cast("float", "x"), self.user.alone_since
        self.reactor.advance(TIDY_SECONDS)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)
        self.assertEqual((len(self.rooms.people), list(self.rooms.rooms())[1:]), (1, []))
        self.user.alone_since = since
        self.reactor.advance(TIDY_SECONDS)
        self.assertEqual(len(self.rooms.people), 0)


class Starting(Serving):
    """First the ports, then the rest."""

    def test_order(self) -> None:
        """Ports are opened with privileges, before anything else runs; starting opens no second one."""
        self.server.privilegedStartService()
        self.assertEqual(len(self.reactor.tcpServers), 1)
        self.assertFalse(self.connections.running)
        self.server.startService()
        self.assertEqual(len(self.reactor.tcpServers), 1)
        self.assertTrue(self.connections.running)
        self.assertFalse(self.rooms.closing)

    def test_without_privileges(self) -> None:
        """A server that is only started opens its ports too."""
        self.server.startService()
        self.assertEqual(len(self.reactor.tcpServers), 1)

    def test_frozen(self) -> None:
        """What start-up made is kept from the garbage collector, for it lives as long as the process."""
        before = gc.get_freeze_count()
        self.start()
        self.assertGreater(gc.get_freeze_count(), before + 1000)

    def test_port_in_use(self) -> None:
        """A port that cannot be had ends the program with one sentence; twistd in the background learns of it too."""
        self.reactor.refused = True
        error = self.assertRaises(CannotStart, self.server.privilegedStartService)
        assert isinstance(error.code, str)
        self.assertRegex(error.code, r"^twistd chat: cannot listen on TCP port 0: .*Address already in use")
        self.assertEqual(len(error.code.splitlines()), 1)
        self.assertIsInstance(error, SystemExit)
        self.assertIsInstance(error, Exception)

    def test_file_limit(self) -> None:
        """As many files may be open as the system allows."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard == resource.RLIM_INFINITY:
            raise SkipTest("this system sets no limit that could be reached")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
        self.server.privilegedStartService()
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE), (hard, hard))

    def test_file_limit_refused(self) -> None:
        """Where the system does not take the limit that it told, the server starts with the one it has."""
        self.patch(resource, "getrlimit", lambda which: (1024, resource.RLIM_INFINITY))
        asked: list[object] = []

        def refuse(which: int, limits: tuple[int, int]) -> None:
            asked.append(limits)
            raise ValueError("current limit exceeds maximum limit")

        self.patch(resource, "setrlimit", refuse)
        self.server.privilegedStartService()
        self.assertEqual(asked, [(resource.RLIM_INFINITY, resource.RLIM_INFINITY)])
        self.assertEqual(len(self.reactor.tcpServers), 1)


class Stopping(Serving):
    """No new connections, then everybody is let go."""

    def test_order(self) -> None:
        """Ports are closed, and departures announced no more, before people are told; it ends when they are gone."""
        self.start()
        member = Member(self.server)
        self.connections.add(member)
        stopped = self.server.stopService()
        self.assertEqual(member.told, [Ending.SHUTDOWN, True, True])
        self.assertNoResult(stopped)
        self.connections.remove(member)
        self.successResultOf(stopped)

    def test_time(self) -> None:
        """Who is not gone in time is cut off."""
        self.start()
        member = Member(self.server)
        self.connections.add(member)
        stopped = self.server.stopService()
        self.reactor.advance(4.9)
        self.assertNotIn("aborted", member.told)
        self.reactor.advance(0.2)
        self.assertIn("aborted", member.told)
        self.connections.remove(member)
        self.successResultOf(stopped)

    def test_again(self) -> None:
        """A server can be started again, and announces departures again."""
        self.start()
        self.successResultOf(self.server.stopService())
        self.assertTrue(self.rooms.closing)
        self.start()
        self.assertFalse(self.rooms.closing)
        self.assertTrue(self.connections.running)

    def test_never_started(self) -> None:
        """A server that was never started can be stopped."""
        self.successResultOf(self.server.stopService())


class Signals(Serving):
    """What is done on SIGTERM, SIGINT and SIGHUP."""

    def test_stop(self) -> None:
        """SIGTERM and SIGINT stop the reactor, from its own loop and not from the handler; the second is too many."""
        self.server.take_signals()
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
        self.assertEqual(self.reactor.stops, 0)
        self.assertEqual(len(self.reactor.asked), 2)
        for step in self.reactor.asked:
            step()
        self.assertEqual(self.reactor.stops, 2)

    def test_reload(self) -> None:
        """SIGHUP reads all certificates again, from the reactor's loop."""
        with TemporaryDirectory() as directory:
            pair = self_signed(Path(directory) / "one")
            certificate = RenewedCertificate(pair, self.reactor)
            self.server.renew(certificate)
            before = certificate._context
            self.server.take_signals()
            os.kill(os.getpid(), signal.SIGHUP)
            self.assertIs(certificate._context, before)
            for step in self.reactor.asked:
                step()
            self.assertIsNot(certificate._context, before)

    def test_reload_broken(self) -> None:
        """A certificate that is broken by then stays as it was, with a line in the log."""
        with TemporaryDirectory() as directory:
            pair: KeyPair = self_signed(Path(directory))
            certificate = RenewedCertificate(pair, self.reactor)
            self.server.renew(certificate)
            before = certificate._context
            pair.cert.write_text("nothing", encoding="ascii")
            problems = self.server.reload()
            self.assertIs(certificate._context, before)
        self.assertEqual([problem.partition(": ")[0] for problem in problems], ["The certificate stays as it was"])

    def test_reload_more(self) -> None:
        """Other things can be read again as well, in the order they were added; what went wrong is returned."""
        done: list[str] = []

        def step(word: str, problem: str) -> str:
            done.append(word)
            return problem

        for word, problem in (("one", ""), ("two", "It is gone"), ("three", "")):
            self.server.on_reload(partial(step, word, problem))
        self.assertEqual((self.server.reload(), done), (["It is gone"], ["one", "two", "three"]))

    def test_nothing_to_reload(self) -> None:
        """Without certificates there is nothing to do."""
        self.server.take_signals()
        os.kill(os.getpid(), signal.SIGHUP)
        for step in self.reactor.asked:
            step()
        self.assertEqual(self.reactor.stops, 0)

    def test_certificates_live_with_the_server(self) -> None:
        """A certificate's service starts and stops with the server."""
        with TemporaryDirectory() as directory:
            certificate = RenewedCertificate(self_signed(Path(directory)), self.reactor)
            self.server.renew(certificate)
            self.start()
            self.assertTrue(certificate.running)
            self.successResultOf(self.server.stopService())
            self.assertFalse(certificate.running)
            self.assertIsInstance(certificate, Service)
