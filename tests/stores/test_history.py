"""History in a database: its queue, on a database that does what the test wants. What every store must do is in
`tests/contracts/test_history.py`."""

from __future__ import annotations

from itertools import chain

from twisted.internet.defer import Deferred

from chatproto.stores.queue import BATCH, FIRST_PAUSE, GATHERED, LONGEST_PAUSE, PATIENCE, SOON, STEPS
from tests.stores.scripted import ScriptedHistory


class QueueTests(ScriptedHistory):
    """What waits, and when it is written."""

    def test_gathered(self) -> None:
        """What comes in a short time is one batch."""
        self.say(3)
        self.clock.advance(GATHERED - 0.01)
        self.say()
        self.assertEqual(self.database.asked, [])
        self.clock.advance(0.01)
        self.assertEqual(self.database.asked, [["1", "2", "3", "4"]])

    def test_turn(self) -> None:
        """Where somebody waits for it, it is written when the turn of the reactor is over, with all that it brings."""
        self.say(2)
        self.waits()
        self.say()
        self.assertEqual(self.database.asked, [])
        self.clock.advance(0)
        self.assertEqual(self.database.asked, [["1", "2", "3"]])

    def test_many(self) -> None:
        """More than `SOON` lines do not wait for each other either: from `SOON` + 1 on."""
        for count in (SOON - 1, SOON, SOON + 1):
            self.make(100_000)
            self.say(count)
            self.clock.advance(0)
            self.assertEqual(len(self.database.asked), int(count > SOON))
            self.clock.advance(GATHERED)
            self.assertEqual(list(map(len, self.database.asked)), [count])

    def test_many_meanwhile(self) -> None:
        """Nor do they where they came while a batch was written."""
        for count in (SOON - 1, SOON, SOON + 1):
            self.make(100_000)
            self.say()
            self.clock.advance(GATHERED)
            self.say(count)
            self.database.succeed()
            self.assertEqual(len(self.database.asked), 1 + (count > SOON))
            self.clock.advance(GATHERED)
            self.assertEqual(list(map(len, self.database.asked)), [1, count])

    def test_one_at_a_time(self) -> None:
        """What comes while a batch is written is the next batch: gathered, or at once if somebody waits for it."""
        self.say()
        self.clock.advance(GATHERED)
        self.say(2)
        self.clock.advance(GATHERED)
        self.assertEqual(self.database.asked, [["1"]])
        self.database.succeed()
        self.assertEqual(self.database.asked, [["1"]])
        self.clock.advance(GATHERED)
        self.assertEqual(self.database.asked, [["1"], ["2", "3"]])
        self.say(2)
        self.waits()
        self.database.succeed()
        self.assertEqual(self.database.asked[2:], [["4", "5"]])
        self.database.succeed()
        self.say()
        self.clock.advance(GATHERED)
        self.assertEqual(self.database.asked[3:], [["6"]])

    def test_batch(self) -> None:
        """A batch has `BATCH` lines at the most."""
        for count, sizes in ((BATCH - 1, [BATCH - 1]), (BATCH, [BATCH]), (BATCH + 1, [BATCH, 1])):
            self.make(100_000)
            self.say(count)
            self.clock.advance(GATHERED)
            while self.database.work is not None:
                self.database.succeed()
                self.clock.advance(GATHERED)
            self.assertEqual([len(batch) for batch in self.database.asked], sizes)

    def test_stored(self) -> None:
        """It is known to be stored when it is committed; who asks later waits for what came later, too."""
        self.assertIsNone(self.history.stored())
        self.say()
        first = self.waits()
        self.clock.advance(0)
        self.say()
        second = self.waits()
        self.assertEqual((first, second), ([], []))
        self.database.succeed()
        self.assertEqual((first, second), ([True], []))
        self.database.succeed()
        self.assertEqual((first, second), ([True], [True]))
        self.assertIsNone(self.history.stored())

    def test_bug_where_it_is_told(self) -> None:
        """Whatever becomes of telling that it is over, what is said then is stored."""

        def fail(text: str) -> None:
            raise RuntimeError(text)

        self.history.on_healed = fail
        self.say()
        self.clock.advance(GATHERED)
        self.database.fail()
        self.say()
        self.clock.advance(FIRST_PAUSE)
        self.database.succeed()
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.clock.advance(GATHERED)
        self.database.succeed()
        self.say()
        self.clock.advance(GATHERED)
        self.database.succeed()
        self.assertEqual(self.database.asked, [["1"], ["1"], ["2"], ["3"]])

    def test_who_gave_up_waiting(self) -> None:
        """That somebody does not wait any more disturbs nobody."""
        self.say()
        stored = self.history.stored()
        assert isinstance(stored, Deferred)
        stored.addErrback(lambda _: None)
        other = self.waits()
        stored.cancel()
        self.clock.advance(0)
        self.database.succeed()
        self.assertEqual(other, [True])

    def test_failure(self) -> None:
        """Who waits is told when it fails, and who asks later at once; it is told once, and that it is over, once."""
        self.say()
        waiting = self.waits()
        self.clock.advance(0)
        self.database.fail()
        self.assertEqual((waiting, self.waits()), ([False], [False]))
        self.assertEqual(self.told, ["trouble: History cannot be stored: disk full. It is tried again and again."])
        self.clock.advance(FIRST_PAUSE)
        self.database.fail()
        self.assertEqual(len(self.told), 1)
        self.clock.advance(FIRST_PAUSE * 2)
        self.database.succeed()
        self.assertEqual(self.told[1:], ["healed: History is stored again."])
        self.assertIsNone(self.history.stored())
        self.say()
        self.assertEqual(self.waits(), [])

    def test_pauses(self) -> None:
        """It is tried again after pauses that grow up to a bound, and begin anew after a success."""
        for _ in range(2):
            self.say()
            self.waits()
            self.clock.advance(0)
            for pause in (1, 2, 4, 8, 16, 30, 30):
                self.database.fail()
                self.clock.advance(pause - 0.01)
                self.assertIsNone(self.database.work)
                self.clock.advance(0.01)
                self.assertIsNotNone(self.database.work)
            self.database.succeed()
        self.assertEqual((FIRST_PAUSE, LONGEST_PAUSE), (1.0, 30.0))

    def test_same_batch(self) -> None:
        """What failed is tried again as it was, under the same number: it may have been committed after all."""
        self.say(2)
        self.clock.advance(GATHERED)
        assert self.database.work is not None
        number = self.database.work.keywords["number"]
        self.say(5)
        self.database.fail()
        self.say(5)
        self.clock.advance(FIRST_PAUSE)
        self.assertEqual(self.database.asked[1], ["1", "2"])
        self.assertEqual(self.database.work.keywords["number"], number)
        self.database.succeed()
        self.clock.advance(GATHERED)
        self.assertEqual(list(chain(*self.database.asked[2:])), [str(each) for each in range(3, 7)])
        self.assertGreater(self.database.work.keywords["number"], number)

    def test_bound(self) -> None:
        """As many lines as the bound allows wait; of more, the newest are not stored, and that is told once."""
        for count, kept in ((9, 9), (10, 10), (11, 10), (20, 10)):
            self.make(10)
            self.say(count)
            self.assertEqual(self.waits(), [] if count == kept else [False])
            self.assertEqual(
                self.told,
                []
                if count == kept
                else ["trouble: 10 lines wait to be stored, and more are not taken: what is said now is not stored."],
            )
            self.clock.advance(GATHERED)
            self.assertEqual(self.database.asked, [[str(each) for each in range(1, kept + 1)]])
            self.database.succeed()
            lost = count - kept
            self.assertEqual(
                self.told[1:], [f"healed: History is stored again; {lost} lines were not."] if lost else []
            )
            self.say()
            self.clock.advance(GATHERED)
            self.assertEqual(self.database.asked[1:], [[str(count + 1)]])

    def test_steps_beyond_the_bound(self) -> None:
        """What is dropped or taken back finds a place where lines do not any more; but not without a bound."""
        for count, kept in ((STEPS - 1, STEPS - 1), (STEPS, STEPS), (STEPS + 1, STEPS)):
            self.make(5)
            self.say(5)
            for _ in range(count):
                self.history.drop("#a")
            self.assertEqual(len(self.told), int(count > kept))
            self.clock.advance(GATHERED)
            while self.database.work is not None:
                self.database.succeed()
                self.clock.advance(GATHERED)
            self.assertEqual(sum(map(len, self.database.asked)), 5 + kept)

    def test_late(self) -> None:
        """Nobody waits longer than some seconds for a database that does not answer; what it does then counts."""
        self.say()
        waiting = self.waits()
        self.clock.advance(0)
        self.clock.advance(PATIENCE - 0.01)
        self.assertEqual((waiting, self.told), ([], []))
        self.clock.advance(0.01)
        self.assertEqual((waiting, self.waits()), ([False], [False]))
        self.assertEqual(self.told, ["trouble: The history's database has not answered for 5 seconds."])
        self.database.succeed()
        self.assertEqual(self.told[1:], ["healed: History is stored again."])
        self.assertEqual(len(self.database.asked), 1)

    def test_what_cannot_be_stored(self) -> None:
        """One line that no database takes is left out; all others are stored, in order."""
        stored: list[str] = []
        self.say(37)
        waiting = self.waits()
        self.say(63)
        self.clock.advance(0)
        while self.database.work is not None:
            batch = self.database.asked[-1]
            if "37" in batch:
                self.database.fail(ValueError("no such number"))
            else:
                stored += batch
                self.database.succeed()
            self.clock.advance(GATHERED)
        self.assertEqual(stored, [str(each) for each in range(1, 101) if each != 37])
        self.assertEqual(waiting, [False])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.assertEqual(self.told, [])
        self.assertIsNone(self.history.stored())

    def test_reads_wait(self) -> None:
        """Who reads sees what was appended before, and so waits for it; unless it cannot be stored."""
        self.say()
        read = Deferred.fromCoroutine(self.history.read("#a", 1))
        self.clock.advance(0)
        self.assertNoResult(read)
        self.database.succeed()
        self.assertEqual(self.successResultOf(read), "read")
        self.say()
        self.clock.advance(GATHERED)
        self.database.fail()
        self.assertEqual(self.successResultOf(Deferred.fromCoroutine(self.history.read("#a", 1))), "read")
