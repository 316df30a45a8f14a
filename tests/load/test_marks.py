"""What each line carries, and what a receiver notices by it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import marks
from chatproto.load.marks import LEAST_SIZE, Ear, Marking, Tally

DUE, NOW = 1_000_000, 3_000_000
"""Two milliseconds apart."""


class MarkingTests(SynchronousTestCase):
    """Lines as they are said, and as they are read."""

    def setUp(self) -> None:
        """The lines of one run."""
        self.marking = Marking(b"bkd", 80)

    def test_size(self) -> None:
        """A line has as many bytes as were asked for, and its end; the least size holds the largest mark."""
        self.assertEqual(82, len(self.marking.text(1, 2, 3)))
        least = Marking(b"bkd", LEAST_SIZE)
        largest = least.text(999_999, 9_999_999_999, (1 << 63) - 1)
        self.assertEqual(LEAST_SIZE + 2, len(largest))
        self.assertEqual([(b"999999", 9_999_999_999, (1 << 63) - 1)], least.read(b":x PRIVMSG #y :" + largest).marks)

    def test_read(self) -> None:
        """The marks of lines are read wherever they stand in the line, and the other lines are counted."""
        data = b":a!b@c PRIVMSG #r :%b:x JOIN #r\r\n12:03 <a> %bPING :1\r\n" % (
            self.marking.text(7, 0, DUE),
            self.marking.text(8, 5, DUE),
        )
        self.assertEqual(([(b"7", 0, DUE), (b"8", 5, DUE)], 2), self.marking.read(data))
        self.assertEqual(([], 1), self.marking.read(b"PING :2\n"))

    def test_again(self) -> None:
        """The same bytes for the next member are read alike, and so are others after them."""
        first, second = self.marking.text(7, 0, DUE), self.marking.text(7, 1, DUE)
        for data, number in ((first, 0), (first, 0), (second, 1), (first, 0)):
            self.assertEqual([(b"7", number, DUE)], self.marking.read(data).marks)

    def test_not_whole(self) -> None:
        """A line that lacks its end, or something within, counts as another line."""
        text = self.marking.text(7, 0, DUE)
        for broken in (
            text.replace(b".\r\n", b"\r\n"),
            text.replace(b"xx.", b"xy."),
            text.replace(b"bkd", b"bkf"),
            text.replace(b"xx", b"x", 1),
            text.replace(b"x", b"xx", 1),
        ):
            self.assertEqual(([], 1), self.marking.read(broken))


class EarTests(SynchronousTestCase):
    """What one receiver notices."""

    def setUp(self) -> None:
        """Somebody who listens to one speaker."""
        self.tally = Tally()
        self.ear = Ear(self.tally)
        self.ear.listen_to(7)

    def hear(self, *numbers: int, speaker: bytes = b"7", due: int = DUE) -> tuple[int, int, int]:
        """Lines with these numbers come; returns what was doubled, out of order, and astray."""
        self.ear.hear([(speaker, number, due) for number in numbers], NOW)
        return self.tally.duplicated, self.tally.disordered, self.tally.stray

    def test_in_order(self) -> None:
        """All lines in their order: nothing is wrong, and each delay is counted."""
        self.assertEqual((0, 0, 0), self.hear(0, 1, 2))
        self.assertEqual((0, 0, 0), self.hear(3))
        self.assertEqual((0, 0, 4), (self.ear.lost(7), self.ear.outstanding(7, 4), self.tally.delivered))
        self.tally.record.flush()
        self.assertEqual(4, self.tally.record.latency().count)  # type: ignore[union-attr]
        self.assertApproximates(2000.0, self.tally.record.percentile(50.0) or 0.0, 4.0)

    def test_lost(self) -> None:
        """A gap is lost; what has not come yet after the last line is outstanding."""
        self.assertEqual((0, 0, 0), self.hear(0, 3, 4))
        self.assertEqual(2, self.ear.lost(7))
        self.assertEqual(0, self.ear.outstanding(7, 5))
        self.assertEqual(3, self.ear.outstanding(7, 8))

    def test_disordered(self) -> None:
        """A line that comes after a later one is out of order, and not lost."""
        self.assertEqual((0, 1, 0), self.hear(0, 2, 1, 3))
        self.assertEqual(0, self.ear.lost(7))

    def test_duplicated(self) -> None:
        """A line that comes again is doubled, a late one too."""
        self.assertEqual((1, 0, 0), self.hear(0, 0, 1))
        self.assertEqual((2, 1, 0), self.hear(3, 2, 2))
        self.assertEqual(0, self.ear.lost(7))

    def test_stray(self) -> None:
        """A line of somebody whom one does not listen to is astray, and one of a time to come is, too."""
        self.assertEqual((0, 0, 1), self.hear(0, speaker=b"8"))
        self.assertEqual((0, 0, 2), self.hear(0, due=NOW + 1))

    def test_impossible_delay(self) -> None:
        """A delay that no run lasts for is a lie, and no error."""
        self.assertEqual((0, 0, 1), self.hear(0, due=-(1 << 60)))

    def test_large_gap(self) -> None:
        """Of a gap, no more numbers are remembered than the bound allows."""
        for gap, lost in ((9, 9), (10, 10), (11, 10)):
            self.patch(marks, "MOST_MISSING", 10)
            self.ear.ignore(7)
            self.ear.listen_to(7)
            self.hear(gap)
            self.assertEqual(lost, self.ear.lost(7))

    def test_ignore(self) -> None:
        """Of somebody who is ignored nothing is missing, and what still comes is astray."""
        self.hear(0, 2)
        self.ear.ignore(7)
        self.assertEqual((0, 0), (self.ear.lost(7), self.ear.outstanding(7, 9)))
        self.assertEqual((0, 0, 1), self.hear(3))

    def test_later(self) -> None:
        """Who is listened to from some line on is not missed before it."""
        self.ear.listen_to(9, 5)
        self.assertEqual((0, 0, 0), self.hear(5, 6, speaker=b"9"))
        self.assertEqual((0, 7), (self.ear.lost(9), self.ear.heard_of(9)))
