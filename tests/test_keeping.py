"""What lasts, put together: which store the settings name, and how it is closed."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.accounts.secret import SIZE, BadSecret
from chatproto.config import Settings, load
from chatproto.events import Said, Stamp, Who
from chatproto.keeping import FILE, TIDY_SECONDS, keep
from chatproto.stores.claim import SUFFIX
from chatproto.stores.database import StoreRefused
from chatproto.stores.memory import MemoryHistory
from chatproto.tap import make_rooms
from tests.stores.loop import Loop

SAID = Said("#a", Who("ada"), "hello")


class Keeps(SynchronousTestCase):
    """A state directory of one's own."""

    def setUp(self) -> None:
        """It is not there yet."""
        made = TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.directory = Path(made.name) / "state"
        self.loop = Loop()
        self.now = 1000.0

    def settings(self, **flags: str) -> Settings:
        """What the command line says."""
        return load(None, {"state_dir": str(self.directory), **flags})

    def keep(self, **flags: str) -> Any:
        """What is kept by these settings."""
        return keep(self.settings(**flags), self.loop, lambda: self.now)

    def test_memory(self) -> None:
        """Nothing lasts, and nothing is written."""
        keeping = self.keep(store="memory")
        self.assertIsInstance(keeping.history, MemoryHistory)
        self.assertEqual((keeping.since, keeping.names, len(keeping.secret)), (0.0, (), SIZE))
        self.assertFalse(self.directory.exists())

    def test_file(self) -> None:
        """What one server kept the next one has, and knows whose names there are and how far time was."""
        first = self.keep()
        first.startService()
        first.history.append("#a", SAID, Stamp(1, 1, 500.0))
        self.assertTrue(self.loop.result(first.accounts.add(Account("Ada", "ada"))))
        first.stopService()
        self.loop.result(first.close())
        files = ["accounts.secret", FILE, FILE + SUFFIX]
        self.assertEqual(sorted(each.name for each in self.directory.iterdir()), files)
        second = self.keep()
        self.assertEqual((second.since, list(second.names)), (500.0, [("ada", "Ada")]))
        self.assertEqual(second.secret, first.secret)
        rooms = [make_rooms(self.settings(), lambda: self.now, None, each) for each in (first, second)]
        self.assertEqual(len({each.cloak.of("192.0.2.1") for each in rooms}), 1)  # Registered rooms keep bans of them.
        self.assertEqual(list(self.loop.result(second.history.read("#a", 9))), [(SAID, Stamp(1, 1, 500.0))])
        self.loop.result(second.close())

    def test_chosen(self) -> None:
        """A file of another name, which need not be in that directory."""
        file = self.directory.parent / "other.sqlite"
        keeping = self.keep(store=f"sqlite:///{file}")
        self.loop.result(keeping.close())
        self.assertTrue(file.exists())
        self.assertFalse((self.directory / FILE).exists())

    def test_refused(self) -> None:
        """What cannot be used is told in a sentence."""
        error = self.assertRaises(StoreRefused, self.keep, store="mysql://here")
        self.assertIn("is no store", str(error))
        self.directory.mkdir()
        (self.directory / "accounts.secret").write_bytes(b"short")
        self.assertRaises(BadSecret, self.keep)

    def test_tidy(self) -> None:
        """What is too old is deleted when the server starts, and once an hour."""
        keeping = self.keep(history_days="0.001")

        def say(offset: int, time: float) -> None:
            keeping.history.append("#a", SAID, Stamp(1, offset, time))
            self.loop.result(keeping.history.stored())

        say(1, 1.0)
        say(2, 990.0)
        keeping.startService()
        self.tidied(keeping)
        self.assertEqual(self.offsets(keeping), [2])
        say(3, 991.0)
        self.loop.advance(TIDY_SECONDS - 1)
        self.now = 1077.0  # The first of them is 87 seconds old, which is more than a thousandth of a day.
        self.assertEqual(self.offsets(keeping), [2, 3])
        self.loop.advance(1)
        self.tidied(keeping)
        self.assertEqual(self.offsets(keeping), [3])
        keeping.stopService()
        self.assertEqual(self.loop.getDelayedCalls(), [])
        self.loop.result(keeping.close())

    def test_bug_in_tidying(self) -> None:
        """It is logged, and an hour later it is tried again; the server ends as it should."""
        keeping = self.keep()

        async def fail(now: float) -> int:
            raise RuntimeError("tidying fails")

        keeping._retention.tidy = fail
        keeping.startService()
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.loop.advance(TIDY_SECONDS)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        keeping.stopService()
        self.loop.result(keeping.close())

    def test_lines_of_the_future(self) -> None:
        """Who starts the server is warned of a clock that was ahead, or is behind, by more than a minute."""
        logged: list[LogEvent] = []
        observer = cast("ILogObserver", logged.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        for ahead, warnings in ((59.0, 0), (60.0, 0), (61.0, 1)):
            first = self.keep()
            first.history.append("#a", SAID, Stamp(1, int(ahead), self.now + ahead))
            self.loop.result(first.close())
            logged.clear()
            second = self.keep()
            second.startService()
            self.tidied(second)
            second.stopService()
            self.loop.result(second.close())
            told = [each for each in logged if "until then, all that is said has that time" in str(each["log_format"])]
            self.assertEqual(len(told), warnings, ahead)
        self.assertEqual(told[0]["last"], "1970-01-01 00:17:41+00:00")

    def offsets(self, keeping: Any) -> list[int]:
        """What is kept of the room."""
        return [stamp.offset for _, stamp in self.loop.result(keeping.history.read("#a", 9))]

    def tidied(self, keeping: Any) -> None:
        """Wait until it waits for the next hour."""
        while keeping._tidying.call is None:
            self.loop.step()

    def test_trouble(self) -> None:
        """It is logged and told, once when it begins and once when it is over."""
        told: list[str] = []
        keeping = self.keep()
        keeping.on_trouble(told.append)
        keeping.history.on_trouble("the disk is full")
        keeping.history.on_healed("there is room again")
        self.assertEqual(told, ["the disk is full", "there is room again"])
        self.loop.result(keeping.close())

    def test_in_use(self) -> None:
        """A second server on the same file is refused in a sentence; when the first one has ended, it is not."""
        first = self.keep()
        error = self.assertRaises(StoreRefused, self.keep)
        self.assertIn("chat.sqlite is in use: a server runs on it, or a command that changes it.", str(error))
        self.loop.result(first.close())
        self.loop.result(self.keep().close())

    def test_refused_and_free(self) -> None:
        """A file that cannot be opened is not kept from the next who tries."""
        self.directory.mkdir()
        (self.directory / FILE).write_bytes(b"something else" * 100)
        for _ in range(2):
            error = self.assertRaises(StoreRefused, self.keep)
            self.assertIn("file is not a database", str(error))

    def test_of_somebody_else(self) -> None:
        """What root opened, and who goes on may not write to, is refused when the server begins."""
        root = os.geteuid() == 0
        keeping = self.keep()
        self.addCleanup(lambda: self.loop.result(keeping.close()))
        if root:
            os.seteuid(65534)
        else:
            self.directory.chmod(0o500)
        try:
            refused = self.assertRaises(StoreRefused, keeping.startService)
        finally:
            if root:
                os.seteuid(0)
            else:
                self.directory.chmod(0o700)
        self.assertEqual(
            str(refused), f"{self.directory.resolve()} cannot be written to by the user that the server runs as."
        )

    def test_records_and_markers(self) -> None:
        """What rooms are, and how far people have read, the next server has, however shortly before the end it was;
        in memory nothing of it lasts."""
        for flags, records, read in (({}, [("#a", {"n": 1})], 5.0), ({"store": "memory"}, [], None)):
            first = self.keep(**flags)
            first.records.keep("room", "#a", lambda: {"n": 1})
            first.markers.move("ada", "#a", 5.0)
            self.loop.result(first.close())
            second = self.keep(**flags)
            waiting = second.markers.ready("ada")
            if waiting is not None:
                self.loop.result(waiting)
            self.assertEqual((list(second.records.all("room")), second.markers.find("ada", "#a")), (records, read))
            self.loop.result(second.close())

    def test_rooms_of_a_killed_server(self) -> None:
        """What was said in rooms that were set apart is dropped, but for those still there, and those that were set
        apart since it started; nothing else is."""
        streams = ("#a", "#a 12", "#b 34", "#c 5x", "ada bob", "#d", "#d 56", "#e 1000000000")
        first = self.keep()
        for number, stream in enumerate(streams):
            first.history.append(stream, SAID, Stamp(1, number + 1, 500.0 + number))
        self.loop.result(first.close())
        second = self.keep()
        second.history.rename("#d", "#d 78")  # The default room, which is closed to some, begins so.
        second.forget_rooms_but({"#b 34", "#d 78"})
        self.loop.result(second.close())
        third = self.keep()
        left = [stream for stream in (*streams, "#d 78") if self.loop.result(third.history.read(stream, 9))]
        self.assertEqual(left, ["#a", "#b 34", "#c 5x", "ada bob", "#e 1000000000", "#d 78"])
        third.startService()
        self.tidied(third)
        self.loop.result(third.close())
        self.keep(store="memory").forget_rooms_but(())
