"""The end of a history in a database."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatproto.stores.queue import BATCH, GATHERED, PATIENCE
from tests.stores.scripted import ScriptedHistory


class CloseTests(ScriptedHistory):
    """The end of a history."""

    def close(self) -> Deferred[None]:
        """Begin to close it."""
        return Deferred.fromCoroutine(self.history.close())

    def test_nothing_waits(self) -> None:
        """With nothing to write, it is closed at once."""
        self.successResultOf(self.close())

    def test_all_is_written(self) -> None:
        """What waits is written first."""
        self.say(BATCH + 1)
        closed = self.close()
        self.clock.advance(0)
        self.database.succeed()
        self.assertNoResult(closed)
        self.database.succeed()
        self.successResultOf(closed)
        self.assertEqual(sum(map(len, self.database.asked)), BATCH + 1)

    def test_one_last_time(self) -> None:
        """What fails is tried once more, and no more."""
        self.say()
        self.clock.advance(GATHERED)
        self.database.fail()
        closed = self.close()
        self.assertNoResult(closed)
        self.database.fail()
        self.successResultOf(closed)
        self.assertEqual(len(self.database.asked), 2)
        self.clock.advance(1000)
        self.assertEqual(len(self.database.asked), 2)

    def test_healed_in_the_end(self) -> None:
        """The last time may be the one that succeeds."""
        self.say()
        self.clock.advance(GATHERED)
        self.database.fail()
        closed = self.close()
        self.database.succeed()
        self.successResultOf(closed)
        self.assertEqual((self.database.asked, len(self.told)), ([["1"], ["1"]], 1))

    def test_nothing_afterwards(self) -> None:
        """What is appended to a closed history is not stored, and nobody is told that it is."""
        self.successResultOf(self.close())
        self.say()
        self.history.drop("#a")
        self.assertEqual((self.waits(), self.told), ([False], []))
        self.clock.advance(1000)
        self.assertEqual(self.database.asked, [])

    def test_said_while_it_closes(self) -> None:
        """What is said while the last lines are written is not taken, and does not keep them from being stored."""
        self.say()
        self.clock.advance(GATHERED)
        closed = self.close()
        self.say()
        self.assertEqual(self.waits(), [False])
        self.assertNoResult(closed)
        self.database.succeed()
        self.successResultOf(closed)
        self.assertEqual((self.database.asked, self.told), ([["1"]], []))

    def test_no_answer(self) -> None:
        """A database that does not answer is not waited for for ever, also if it has been late before; what becomes of
        it then is nobody's concern."""
        for end in (self.database.succeed, self.database.fail):
            self.setUp()
            self.say()
            self.clock.advance(GATHERED)
            self.clock.advance(PATIENCE)
            self.assertEqual(len(self.told), 1)
            self.say()
            closed = self.close()
            self.clock.advance(PATIENCE - 0.1)
            self.assertNoResult(closed)
            self.clock.advance(0.2)
            self.successResultOf(closed)
            getattr(self.database, end.__name__)()
            self.assertEqual((self.clock.getDelayedCalls(), len(self.told)), ([], 1))
