"""What is taken and sent in one turn of the reactor, and what waits for the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.crowd import Crowd
from chatproto.transports.limits import LinkLimits
from chatproto.transports.outbox import Outbox
from chatproto.transports.turn import READING_SECONDS, SENDING_SECONDS, TAKING_SECONDS, Turn, tick
from tests.transports import Echo, HandReactor, Site
from tests.transports.test_outbox import Broken, Pieces


class Turning(HandReactor):
    """A reactor that is turned by hand: what is put off to the end of a turn while it ends comes in the next."""

    def turn(self, seconds: float = 0) -> None:
        """Let time pass, and make the calls that are due, but none that they ask for."""
        self.rightNow += seconds
        due: list[Any] = [call for call in self.calls if call.getTime() <= self.rightNow]
        self.calls = [call for call in self.calls if call not in due]
        for number, call in enumerate(due):
            try:
                call.func(*call.args, **call.kw)
            except BaseException:
                self.calls += due[number + 1 :]
                raise

    def turns(self, most: int = 1000) -> int:
        """The same until nothing is put off any more. Returns how many it were."""
        for count in range(most):
            if not self.calls:
                return count
            self.turn()
        raise AssertionError("it never ends")


class Costly(Pieces):
    """A transport that each write takes some time."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__()
        self.clock = clock
        self.seconds = seconds

    def write(self, data: bytes) -> None:
        """Remember the piece, later."""
        self.clock.rightNow += self.seconds
        super().write(data)


class Member:
    """A link that has nothing but an outbox, on a transport in memory."""

    def __init__(self, turn: Turn, transport: Any, limit: int = 1_000_000) -> None:
        self.transport = transport
        self.overflows = 0
        self.outbox = Outbox(transport, turn, limit, self.overflow)

    def overflow(self) -> None:
        """Count."""
        self.overflows += 1

    @property
    def sent(self) -> bytes:
        """All that the transport was given."""
        return b"".join(self.transport.pieces)


class Noted:
    """An outbox and a crowd that note when they are flushed, and take some time for it."""

    def __init__(self, clock: Clock, order: list[str], name: str, seconds: float = 0, flushes: int = 1) -> None:
        self.clock = clock
        self.order = order
        self.name = name
        self.seconds = seconds
        self.left = flushes

    def flush(self, until: float = 0) -> bool:
        """Note it."""
        self.order.append(self.name)
        self.clock.rightNow += self.seconds
        self.left -= 1
        return not self.left


class Sending(SynchronousTestCase):
    """The end of a turn, for many outboxes and crowds."""

    def setUp(self) -> None:
        """A turn."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.order: list[str] = []

    def noted(self, name: str, seconds: float = 0, flushes: int = 1) -> Any:
        """One that can be flushed."""
        return Noted(self.clock, self.order, name, seconds, flushes)

    def member(self, transport: Any) -> Member:
        """A member of this turn."""
        return Member(self.turn, transport)

    def test_numbers(self) -> None:
        """What is queued later has the higher number."""
        self.assertLess(tick(), tick())

    def test_own_answers_come_first(self) -> None:
        """Whatever was queued first, those who are alone are sent to before crowds; in one call of the clock."""
        self.turn.add_crowd(self.noted("crowd"))
        self.turn.add(self.noted("one"))
        self.turn.add_crowd(self.noted("other crowd"))
        self.turn.add(self.noted("two"))
        self.assertEqual(len(self.clock.calls), 1)
        self.assertEqual(self.clock.turns(), 1)
        self.assertEqual(self.order, ["one", "two", "crowd", "other crowd"])

    def test_time_for_outboxes(self) -> None:
        """They are sent to for so long and no longer; the rest comes first in the next turn."""
        for seconds, first in ((SENDING_SECONDS / 4 * 0.99, 5), (SENDING_SECONDS / 4 * 1.01, 4)):
            self.order.clear()
            for number in range(6):
                self.turn.add(self.noted(str(number), seconds))
            self.clock.turn()
            self.assertEqual(self.order, list("012345")[:first])
            self.turn.add(self.noted("late"))
            self.clock.turns()
            self.assertEqual(self.order, [*"012345", "late"])

    def test_time_for_crowds(self) -> None:
        """The same holds for crowds; one that is not done comes behind the others."""
        seconds = SENDING_SECONDS / 4 * 1.01
        for name in "abcdef":
            self.turn.add_crowd(self.noted(name, seconds, flushes=2 if name in "ac" else 1))
        self.clock.turn()
        self.assertEqual(self.order, list("abcd"))
        self.clock.turn()
        self.assertEqual(self.order, list("abcdefac"))
        self.assertEqual(self.clock.calls, [])

    def test_crowds_do_not_wait_for_all_outboxes(self) -> None:
        """However much there is to send to single ones, crowds have half of the time."""
        for _ in range(20):
            self.turn.add(self.noted("one", SENDING_SECONDS * 0.6))
        for _ in range(20):
            self.turn.add_crowd(self.noted("crowd", SENDING_SECONDS * 0.3))
        self.clock.turn()
        self.assertEqual(self.order, ["one"] * 2 + ["crowd"] * 2)
        self.clock.turns()
        self.assertEqual((self.order.count("one"), self.order.count("crowd")), (20, 20))

    def test_time_of_crowds_after_quick_outboxes(self) -> None:
        """What outboxes did not need is theirs."""
        self.turn.add(self.noted("one", SENDING_SECONDS * 0.2))
        for _ in range(5):
            self.turn.add_crowd(self.noted("crowd", SENDING_SECONDS * 0.25))
        self.clock.turn()
        self.assertEqual(self.order, ["one"] + ["crowd"] * 4)

    def test_outbox_that_fails(self) -> None:
        """An outbox that raises does not keep those behind it from being sent."""
        first, last = Pieces(), Pieces()
        for transport in (first, Broken(), last):
            self.member(transport).outbox.write(b"line")
        with self.assertRaises(RuntimeError):
            self.clock.turn()
        self.assertEqual(first.pieces, [b"line"])
        self.clock.turn()
        self.assertEqual(last.pieces, [b"line"])
        self.assertEqual(self.clock.calls, [])

    def test_written_to_while_waiting(self) -> None:
        """What is written to an outbox that waits for the rest of a spread turn goes out with it, once, and before what
        was written to others later."""
        members = [self.member(Costly(self.clock, SENDING_SECONDS / 4 * 1.01)) for _ in range(5)]
        for member in members:
            member.outbox.write(b"one ")
        self.clock.turn()
        for member in members:
            member.outbox.write(b"two")
        self.clock.turn()
        self.assertEqual(members[-1].transport.pieces, [b"one two"])
        self.clock.turns()
        self.assertEqual([member.transport.pieces for member in members[:-1]], [[b"one ", b"two"]] * 4)
        self.assertEqual(members[-1].transport.pieces, [b"one two"])

    def test_written_to_by_another_one(self) -> None:
        """An outbox that is written to while the turn ends is sent to in the next, behind those that waited before."""
        order: list[str] = []

        class Noting(Pieces):
            def __init__(self, name: str, then: Callable[[], None] = lambda: None) -> None:
                super().__init__()
                self.name, self.then = name, then

            def write(self, data: bytes) -> None:
                order.append(self.name)
                self.then()

        late = self.member(Noting("late")).outbox
        self.member(Noting("first", lambda: late.write(b"line"))).outbox.write(b"line")
        self.member(Noting("other")).outbox.write(b"line")
        self.clock.turn()
        self.assertEqual(order, ["first", "other"])
        self.assertEqual(self.clock.turns(), 1)
        self.assertEqual(order, ["first", "other", "late"])

    def test_rest(self) -> None:
        """Where nothing is queued, the reactor is asked for nothing."""
        self.assertEqual(self.clock.calls, [])
        self.turn.add(self.noted("one"))
        self.turn.add_crowd(self.noted("crowd"))
        self.turn.take_later(lambda: None)
        self.turn.spent(self.clock.seconds())
        self.assertEqual(len(self.clock.calls), 1)
        self.assertEqual(self.clock.turns(), 1)


class Taking(SynchronousTestCase):
    """Whose lines are taken in a turn."""

    def setUp(self) -> None:
        """A turn."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.taken: list[int] = []

    def taker(self, number: int, seconds: float = 0) -> Callable[[], None]:
        """Takes one line, in so much time."""

        def take() -> None:
            self.taken.append(number)
            self.clock.rightNow += seconds

        return take

    def test_spent(self) -> None:
        """The time begins when it is asked for first, and anew when the turn is over."""
        for _ in range(2):
            self.assertFalse(self.turn.spent(self.clock.seconds()))
            self.clock.rightNow += READING_SECONDS * 0.99
            self.assertFalse(self.turn.spent(self.clock.seconds()))
            self.clock.rightNow += READING_SECONDS * 0.02
            self.assertTrue(self.turn.spent(self.clock.seconds()))
            self.assertEqual(self.clock.turns(), 1)

    def test_in_order(self) -> None:
        """Who was put off is called once, in the order in which that was."""
        for number in range(5):
            self.turn.take_later(self.taker(number))
        self.assertEqual(self.taken, [])
        self.assertEqual(self.clock.turns(), 1)
        self.assertEqual(self.taken, [0, 1, 2, 3, 4])

    def test_time(self) -> None:
        """Those for whom there is no time come first in the next turn."""
        for number in range(6):
            self.turn.take_later(self.taker(number, TAKING_SECONDS / 2 * 1.01))
        for count in (2, 4, 6):
            self.clock.turn()
            self.assertEqual(self.taken, list(range(count)))
        self.assertEqual(self.clock.calls, [])

    def test_time_that_reading_left(self) -> None:
        """What reading has not used of the time is for those who were put off; they have a quarter in any case."""
        for read, count in ((0.0, 8), (0.5, 4), (0.74, 3), (1.0, 2), (5.0, 2)):
            self.taken.clear()
            self.turn.spent(self.clock.seconds())
            self.clock.rightNow += TAKING_SECONDS * read
            for number in range(20):
                self.turn.take_later(self.taker(number, TAKING_SECONDS / 8 * 1.01))
            self.clock.turn()
            self.assertEqual(len(self.taken), count, read)
            self.clock.turns()

    def test_who_was_put_off_has_its_own_time(self) -> None:
        """However long a turn took to read, there is time at its end for those who were put off."""
        self.turn.spent(self.clock.seconds())
        self.clock.rightNow += TAKING_SECONDS * 2
        self.turn.take_later(self.taker(1))
        self.clock.turn()
        self.assertEqual(self.taken, [1])

    def test_who_has_more(self) -> None:
        """Who is put off again comes behind the others, in the next turn."""
        again = self.taker(1)
        self.turn.take_later(lambda: (again(), self.turn.take_later(again)))  # type: ignore[arg-type,func-returns-value]
        self.turn.take_later(self.taker(2))
        self.clock.turn()
        self.assertEqual(self.taken, [1, 2])
        self.turn.take_later(self.taker(3))
        self.clock.turn()
        self.assertEqual(self.taken, [1, 2, 1, 3])

    def test_what_is_read_next_has_its_own_time(self) -> None:
        """However long a turn took to end, there is time in the next for those who did not have to wait yet."""
        self.turn.take_later(self.taker(1, TAKING_SECONDS * 2))
        self.clock.turn()
        self.assertFalse(self.turn.spent(self.clock.seconds()))

    def test_answers_go_out_in_the_same_turn(self) -> None:
        """What is written while lines are taken is sent at once thereafter."""
        member = Member(self.turn, Pieces())
        self.turn.take_later(lambda: member.outbox.write(b"answer"))
        self.clock.turn()
        self.assertEqual(member.sent, b"answer")
        self.assertEqual(self.clock.calls, [])


class Fairness(SynchronousTestCase):
    """A server that has more to do than a turn may take."""

    def setUp(self) -> None:
        """A room that takes many turns: 10,000 members, and a hundred sends in a turn."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.pieces: list[bytes] = []
        """What all of them were sent, but for the last."""
        self.large = Crowd(self.turn)
        for number in range(10_000):
            member = Member(self.turn, Costly(self.clock, SENDING_SECONDS / 100))
            if number < 9999:
                member.transport.pieces = self.pieces
            self.large.add(member)
        self.last = member

    def test_own_answer_and_small_crowd(self) -> None:
        """They wait for one turn at the most, and again and again so, while the large room is far from done."""
        small, alone = Crowd(self.turn), Member(self.turn, Pieces())
        some = [Member(self.turn, Pieces()) for _ in range(3)]
        for member in some:
            small.add(member)
        self.large.write(b"loud")
        for number in range(10):
            small.write(b"%d" % number)
            alone.outbox.write(b"%d" % number)
            self.clock.turn()
            self.assertEqual(len(alone.transport.pieces), number + 1)
            self.clock.turn()
            self.assertEqual([member.sent for member in some], [b"0123456789"[: number + 1]] * 3)
        self.assertLess(len(self.pieces), 4000)
        self.clock.turns()
        self.assertEqual(self.pieces, [b"loud"] * 9999)
        self.assertEqual(self.last.transport.pieces, [b"loud"])

    def test_members_of_it(self) -> None:
        """One of its members has its own answer in the next turn, too, with what was said before; and what is said in
        the meantime reaches everybody, each once in a round."""
        self.large.write(b"loud ")
        self.clock.turn()
        self.last.outbox.write(b"own ")
        self.large.write(b"louder")
        self.clock.turn()
        self.assertEqual(self.last.transport.pieces, [b"loud own louder"])
        self.clock.turns()
        self.assertEqual(self.last.transport.pieces, [b"loud own louder"])
        first = self.pieces.count(b"loud ")
        self.assertEqual(self.pieces.count(b"louder"), first)
        self.assertEqual(self.pieces.count(b"loud louder"), 9999 - first)
        self.assertLess(first, 200)

    def test_lines_of_many(self) -> None:
        """Once the time of a turn is over no more lines are taken; all come in later turns, in order for each, and
        nobody has to wait until another one has nothing left."""
        clock = Turning()
        happened: list[tuple[int, bytes]] = []

        class Slow(Echo):
            def line_received(self, line: bytes) -> None:
                clock.rightNow += READING_SECONDS / 10 * 1.01
                happened.append((site.conversations.index(self), line))

        site = Site(clock, LinkLimits(lines_per_turn=4, burst=1000), Slow)
        links = [site.connect()[0] for _ in range(30)]
        for link in links:
            link.dataReceived(b"0\n")
            link.dataReceived(b"1\n2\n")
            link.dataReceived(b"3\n")
        self.assertEqual(len(happened), 10)
        while clock.calls:
            before = len(happened)
            clock.turn()
            self.assertLessEqual(len(happened) - before, 14)
        for number in range(30):
            self.assertEqual([line for who, line in happened if who == number], [b"0", b"1", b"2", b"3"])
        self.assertEqual([who for who, line in happened if line == b"0"], list(range(30)))

    def test_flood_and_somebody_else(self) -> None:
        """Where some have lines for many turns, others, who say one, wait for one turn at the most."""
        clock = Turning()
        happened: list[bytes] = []

        class Slow(Echo):
            def line_received(self, line: bytes) -> None:
                clock.rightNow += READING_SECONDS / 10
                happened.append(line)

        site = Site(clock, LinkLimits(lines_per_turn=20, burst=10_000), Slow)
        floods = [site.connect()[0] for _ in range(5)]
        quiet, _ = site.connect()
        for link in floods:
            link.dataReceived(b"flood\n" * 200)
        for number in range(5):
            clock.turn()
            quiet.dataReceived(b"%d\n" % number)
            self.assertEqual(happened[-1], b"%d" % number)
        clock.turns()
        self.assertEqual(happened.count(b"flood"), 1000)
