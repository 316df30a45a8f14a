"""`twistd chat`, without starting it."""

from __future__ import annotations

import signal
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.options import Options
from chatproto.server import ChatServer
from chatproto.tap import make_server, makeService


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
        """The server it makes, on a reactor that opens nothing. Nothing lasts: tests make several of them."""
        chosen = ("--state-dir", str(self.directory), "--store", "memory", *arguments)
        return make_server(self.settings(*chosen), MemoryReactorClock())

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
        store = () if "--state-dir" in arguments else ("--store", "memory")
        chosen = ("--state-dir", str(self.directory), *store, *arguments)
        error = self.assertRaises(SystemExit, lambda: makeService(self.options(*chosen)))
        sentence = error.code
        assert isinstance(sentence, str)
        self.assertEqual(len(sentence.splitlines()), 1)
        self.assertTrue(sentence.startswith("twistd chat: "), sentence)
        return sentence.removeprefix("twistd chat: ")
