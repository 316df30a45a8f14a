"""What lasts, put together: which store the settings name, and how it is closed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.account import Account
from chatproto.accounts.secret import SIZE, BadSecret
from chatproto.config import Settings, load
from chatproto.events import Said, Stamp, Who
from chatproto.keeping import FILE, TIDY_SECONDS, keep
from chatproto.stores.database import StoreRefused
from chatproto.stores.memory import MemoryHistory
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
        self.assertEqual(sorted(each.name for each in self.directory.iterdir()), ["accounts.secret", FILE])
        second = self.keep()
        self.assertEqual((second.since, list(second.names)), (500.0, [("ada", "Ada")]))
        self.assertEqual(second.secret, first.secret)
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

    def offsets(self, keeping: Any) -> list[int]:
        """What is kept of the room."""
        return [stamp.offset for _, stamp in self.loop.result(keeping.history.read("#a", 9))]

    def tidied(self, keeping: Any) -> None:
        """Wait until it waits for the next hour."""
        while keeping._tidying.call is None:
            calls = self.loop.getDelayedCalls()
            if calls:
                self.loop.advance(calls[0].getTime() - self.loop.seconds())
            else:
                self.loop.turn()

    def test_trouble(self) -> None:
        """It is logged and told, once when it begins and once when it is over."""
        told: list[str] = []
        keeping = self.keep()
        keeping.on_trouble(told.append)
        keeping.history.on_trouble("the disk is full")
        keeping.history.on_healed("there is room again")
        self.assertEqual(told, ["the disk is full", "there is room again"])
        self.loop.result(keeping.close())
