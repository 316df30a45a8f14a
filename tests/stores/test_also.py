"""What is written with the history, on a database that does what the test wants."""

from __future__ import annotations

from sqlalchemy import Connection
from twisted.internet.defer import Deferred

from chatproto.stores.queue import FIRST_PAUSE, GATHERED
from chatproto.stores.writing import Step
from tests.stores.scripted import ScriptedHistory


def nothing(connection: Connection) -> None:
    """A step."""


class AlsoTests(ScriptedHistory):
    """When it is asked for, and with what it is written."""

    def setUp(self) -> None:
        """Nobody was asked yet."""
        super().setUp()
        self.asked = 0

    def prepare(self) -> Step:
        """What is to be written."""
        self.asked += 1
        return nothing

    def test_with_the_next_batch(self) -> None:
        """It is asked for when the next batch is about to be written, and stands behind what was said until then."""
        self.history.also(self.prepare)
        self.say(2)
        self.assertEqual(self.asked, 0)
        self.clock.advance(GATHERED)
        self.assertEqual((self.asked, self.database.asked), (1, [["1", "2", "step"]]))
        self.history.also(self.prepare)
        self.assertEqual(self.asked, 1)
        self.database.succeed()
        self.clock.advance(GATHERED)
        self.assertEqual((self.asked, self.database.asked[1:]), (2, [["step"]]))
        self.database.succeed()
        self.clock.advance(1000)
        self.assertEqual(len(self.database.asked), 2)

    def test_not_while_it_fails(self) -> None:
        """What failed is tried as it was; what is to be written besides is asked for when that has succeeded."""
        self.say()
        self.clock.advance(GATHERED)
        self.history.also(self.prepare)
        for pause in (1, 2, 4):
            self.database.fail()
            self.clock.advance(FIRST_PAUSE * pause)
        self.assertEqual((self.asked, self.database.asked), (0, [["1"]] * 4))
        self.assertEqual(self.told_of_all(), [False])
        self.assertEqual(self.asked, 0)
        self.database.succeed()
        self.clock.advance(GATHERED)
        self.assertEqual((self.asked, self.database.asked[4:]), (1, [["step"]]))

    def told_of_all(self) -> list[bool]:
        """What is told to who wants to know whether all is stored."""
        results: list[bool] = []
        stored = self.history.all_stored()
        assert isinstance(stored, Deferred)
        stored.addCallback(results.append)
        return results

    def test_all_stored(self) -> None:
        """Who waits for all waits for it, too; who waits for the history does not."""
        self.assertIsNone(self.history.all_stored())
        self.history.also(self.prepare)
        self.assertIsNone(self.history.stored())
        told = self.told_of_all()
        self.assertEqual((told, self.asked), ([], 1))
        self.clock.advance(0)
        self.database.succeed()
        self.assertEqual((told, self.history.all_stored()), ([True], None))

    def test_closing(self) -> None:
        """It is written before the history is closed; later it is not asked for any more."""
        self.history.also(self.prepare)
        closed = Deferred.fromCoroutine(self.history.close())
        self.clock.advance(0)
        self.assertEqual((self.asked, self.database.asked), (1, [["step"]]))
        self.database.succeed()
        self.successResultOf(closed)
        self.history.also(self.prepare)
        self.clock.advance(1000)
        self.assertEqual((self.asked, len(self.database.asked)), (1, 1))

    def test_closing_what_fails(self) -> None:
        """What fails is tried once more when the history is closed, and with it what is to be written besides."""
        self.say()
        self.clock.advance(GATHERED)
        self.database.fail()
        self.history.also(self.prepare)
        closed = Deferred.fromCoroutine(self.history.close())
        self.database.succeed()
        self.database.succeed()
        self.successResultOf(closed)
        self.assertEqual((self.asked, self.database.asked), (1, [["1"], ["1"], ["step"]]))
