"""Bytes to lines: ends, lengths, bounds and rates, each at its edge."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending
from chatproto.transports.intake import Intake, Line, Overflow, Overlong
from chatproto.transports.limits import LinkLimits

TOO_LONG = Overlong.LINE
LENGTH = 64
ENDLESS = 200
LIMITS = LinkLimits(line_length=LENGTH, endless_line=ENDLESS, input_waiting=1000, burst=1000, lines_per_second=10.0)


def slow(burst: int, lines_per_second: float = 10.0) -> LinkLimits:
    """Limits with a small bucket."""
    return LinkLimits(burst=burst, lines_per_second=lines_per_second)


def drain(intake: Intake, now: float = 0.0) -> list[Line]:
    """All lines that can be taken now."""
    lines: list[Line] = []
    while (line := intake.take(now)) is not None:
        lines.append(line)
    return lines


def split(*chunks: bytes) -> list[Line]:
    """The lines of a new intake that is fed chunk after chunk."""
    intake = Intake(LIMITS, 0.0)
    lines: list[Line] = []
    for chunk in chunks:
        intake.feed(chunk)
        lines += drain(intake)
    return lines


class Splitting(SynchronousTestCase):
    """Where a line ends."""

    def test_line_feed(self) -> None:
        """LF alone ends a line, as nc sends it."""
        self.assertEqual(split(b"one\ntwo\n"), [b"one", b"two"])

    def test_carriage_return_line_feed(self) -> None:
        """CRLF ends a line, as telnet sends it, and both kinds may be mixed."""
        self.assertEqual(split(b"one\r\ntwo\nthree\r\n"), [b"one", b"two", b"three"])

    def test_empty_lines(self) -> None:
        """An empty line is a line."""
        self.assertEqual(split(b"\n\r\n\n"), [b"", b"", b""])

    def test_only_the_last_carriage_return_belongs_to_the_end(self) -> None:
        """A carriage return inside of a line is part of it, and so is all but one before the line feed."""
        self.assertEqual(split(b"a\rb\r\r\n"), [b"a\rb\r"])

    def test_byte_by_byte(self) -> None:
        """Chunks do not matter: single bytes make the same lines."""
        data = b"one\r\n\ntwo\nthr\ree\r\n"
        self.assertEqual(split(*(data[at : at + 1] for at in range(len(data)))), split(data))

    def test_line_without_its_end_waits(self) -> None:
        """What has no end yet is no line."""
        self.assertEqual(split(b"one\ntw"), [b"one"])
        self.assertEqual(split(b"one\ntw", b"o\n"), [b"one", b"two"])

    def test_any_byte_may_stand_in_a_line(self) -> None:
        """Bytes are not interpreted but for the line's end."""
        every = bytes(byte for byte in range(256) if byte != 10)[:LENGTH]
        self.assertEqual(split(every + b"\n"), [every])


class Length(SynchronousTestCase):
    """`line_length` counts bytes without the line's end."""

    def test_edges(self) -> None:
        """n-1 and n bytes are taken, n+1 are not, whichever way the line ends and in one chunk or many."""
        for end in (b"\n", b"\r\n"):
            for length, taken in ((LENGTH - 1, True), (LENGTH, True), (LENGTH + 1, False)):
                line = b"x" * length
                expected = [line if taken else TOO_LONG, b"next"]
                whole = line + end + b"next\n"
                self.assertEqual(split(whole), expected)
                self.assertEqual(split(*(whole[at : at + 1] for at in range(len(whole)))), expected)
                self.assertEqual(split(line, end + b"next\n"), expected)

    def test_carriage_return_at_the_end_of_a_chunk(self) -> None:
        """A carriage return that comes last may belong to the line's end, so n bytes and it are not too long yet."""
        line = b"x" * LENGTH
        self.assertEqual(split(line + b"\r"), [])
        self.assertEqual(split(line + b"\r", b"\n"), [line])
        self.assertEqual(split(line + b"\r", b"x\nnext\n"), [TOO_LONG, b"next"])
        self.assertEqual(split(line + b"x\r"), [TOO_LONG])

    def test_too_long_line_is_told_once(self) -> None:
        """However many chunks an over-long line comes in, it is told once, as soon as it is known, and thrown away up
        to its end."""
        self.assertEqual(split(b"x" * (LENGTH + 1)), [TOO_LONG])
        self.assertEqual(split(b"x" * (LENGTH + 1), b"y" * LENGTH, b"z", b"\nnext\n"), [TOO_LONG, b"next"])

    def test_lines_around_a_too_long_one_are_intact(self) -> None:
        """What comes before an over-long line and after it is delivered."""
        self.assertEqual(
            split(b"before\n" + b"x" * 70, b"x" * 70 + b"\r\nafter\n" + b"y" * 65 + b"\nlast\n"),
            [b"before", TOO_LONG, b"after", TOO_LONG, b"last"],
        )

    def test_end_of_a_too_long_line_alone(self) -> None:
        """The end of an over-long line is no empty line, nor is a carriage return before it."""
        self.assertEqual(split(b"x" * 65, b"\r", b"\n", b"next\n"), [TOO_LONG, b"next"])


class Endless(SynchronousTestCase):
    """`endless_line` counts all bytes of a line whose end is not in sight."""

    def test_edges_in_one_chunk(self) -> None:
        """n-1 and n bytes without an end are borne, n+1 are not."""
        for length in (ENDLESS - 1, ENDLESS):
            self.assertEqual(split(b"x" * length, b"\nnext\n"), [TOO_LONG, b"next"])
        with self.assertRaises(Overflow) as raised:
            split(b"x" * (ENDLESS + 1))
        self.assertIs(raised.exception.ending, Ending.ENDLESS_LINE)

    def test_edges_in_chunks(self) -> None:
        """What was thrown away already counts."""
        head = b"x" * 100
        for length in (ENDLESS - 1, ENDLESS):
            self.assertEqual(split(head, b"x" * (length - 100), b"\nnext\n"), [TOO_LONG, b"next"])
        with self.assertRaises(Overflow) as raised:
            split(head, b"x" * (ENDLESS + 1 - 100))
        self.assertIs(raised.exception.ending, Ending.ENDLESS_LINE)

    def test_each_line_is_counted_for_itself(self) -> None:
        """The end of an over-long line sets the count back."""
        line = b"x" * 150
        self.assertEqual(split(*[line, b"\n"] * 5), [TOO_LONG] * 5)

    def test_memory_is_not_kept(self) -> None:
        """Of an over-long line nothing is kept, however long it grows."""
        intake = Intake(LinkLimits(line_length=64, endless_line=10_000_000, input_waiting=65), 0.0)
        for _ in range(100):
            intake.feed(b"x" * 50_000)
            drain(intake)
            intake.check()


class Waiting(SynchronousTestCase):
    """`input_waiting` counts the bytes that wait their turn, line ends included."""

    def test_edges(self) -> None:
        """n-1 and n bytes may wait, n+1 may not."""
        limits = LinkLimits(line_length=64, endless_line=200, input_waiting=100, burst=1)
        for length, allowed in ((99, True), (100, True), (101, False)):
            intake = Intake(limits, 0.0)
            intake.feed(b"first\n")
            self.assertEqual(drain(intake), [b"first"])
            intake.feed(b"x\n" * 40 + b"y" * (length - 80))
            self.assertEqual(drain(intake), [])
            if allowed:
                intake.check()
            else:
                with self.assertRaises(Overflow) as raised:
                    intake.check()
                self.assertIs(raised.exception.ending, Ending.FLOOD)

    def test_what_is_taken_does_not_count(self) -> None:
        """A chunk that is larger than may wait is all right if enough of it is taken."""
        intake = Intake(LinkLimits(line_length=64, endless_line=200, input_waiting=65, burst=1000), 0.0)
        intake.feed(b"x\n" * 200)
        self.assertEqual(len(drain(intake)), 200)
        intake.check()


class Rate(SynchronousTestCase):
    """The token bucket."""

    def test_burst(self) -> None:
        """Of n-1 and n lines at once all are taken, of n+1 the last one waits."""
        for sent, taken in ((4, 4), (5, 5), (6, 5)):
            intake = Intake(slow(burst=5), 0.0)
            intake.feed(b"x\n" * sent)
            self.assertEqual(len(drain(intake)), taken)

    def test_waiting_lines_come_at_the_rate(self) -> None:
        """After the burst a tenth of a second brings one line, and no line is lost."""
        intake = Intake(slow(burst=2), 100.0)
        intake.feed(b"".join(b"%d\n" % number for number in range(6)))
        self.assertEqual(drain(intake, 100.0), [b"0", b"1"])
        self.assertEqual(drain(intake, 100.09), [])
        self.assertEqual(drain(intake, 100.11), [b"2"])
        self.assertEqual(drain(intake, 100.15), [])
        self.assertEqual(drain(intake, 100.31), [b"3", b"4"])
        self.assertEqual(drain(intake, 100.45), [b"5"])

    def test_silence_fills_the_bucket_no_higher_than_the_burst(self) -> None:
        """However long nothing came, a burst is a burst."""
        intake = Intake(slow(burst=3), 0.0)
        intake.feed(b"x\n" * 10)
        self.assertEqual(len(drain(intake, 1_000_000.0)), 3)

    def test_lines_that_are_too_long_cost_as_well(self) -> None:
        """A peer that sends nothing but over-long lines is answered at the same rate."""
        intake = Intake(LinkLimits(line_length=64, burst=2), 0.0)
        intake.feed((b"x" * 65 + b"\n") * 5)
        self.assertEqual(drain(intake), [TOO_LONG, TOO_LONG])
        self.assertEqual(drain(intake, 10.0), [TOO_LONG, TOO_LONG])

    def test_too_long_line_without_an_end_waits_for_a_token(self) -> None:
        """It costs a token even while its end is not there, and says when it can be had."""
        intake = Intake(LinkLimits(line_length=64, burst=1, lines_per_second=10.0), 0.0)
        intake.feed(b"first\n" + b"x" * 65)
        self.assertEqual(drain(intake), [b"first"])
        self.assertAlmostEqual(intake.delay() or 0, 0.1, places=4)
        self.assertEqual(drain(intake, 1.0), [TOO_LONG])
        self.assertIsNone(intake.delay())

    def test_looking_costs_nothing(self) -> None:
        """Asking for a line that is not there takes no token."""
        intake = Intake(slow(burst=1), 0.0)
        for _ in range(5):
            self.assertIsNone(intake.take(0.0))
        intake.feed(b"x\n")
        self.assertEqual(drain(intake), [b"x"])

    def test_delay(self) -> None:
        """It is the time until the next token while a line waits, nothing if one is there, None without a line."""
        intake = Intake(slow(burst=1, lines_per_second=4.0), 0.0)
        self.assertIsNone(intake.delay())
        intake.feed(b"x\nx\nx")
        self.assertEqual(intake.delay(), 0.0)
        self.assertEqual(drain(intake), [b"x"])
        self.assertAlmostEqual(intake.delay() or 0, 0.25, places=4)
        self.assertIsNone(intake.take(0.125))
        self.assertAlmostEqual(intake.delay() or 0, 0.125, places=4)
        self.assertEqual(drain(intake, 1.0), [b"x"])
        self.assertIsNone(intake.delay())

    def test_waking_after_the_delay_always_finds_a_line(self) -> None:
        """The times of day are floats; their rounding must not make a caller come back again and again."""
        for rate in (0.001, 0.3, 3.0, 7.0, 10.0, 1e4, 1e9):
            for start in (0.0, 1_800_000_000.0, 1_800_000_000.123):
                intake, now = Intake(slow(1, rate), start), start
                intake.feed(b"x\n" * 200)
                for _ in range(200):
                    now += intake.delay() or 0.0
                    self.assertEqual(intake.take(now), b"x", (rate, start))
                    self.assertIsNone(intake.take(now))

    def test_clock_that_is_set_back(self) -> None:
        """It takes no tokens away and gives none for the time that comes twice."""
        intake = Intake(slow(burst=2), 1000.0)
        intake.feed(b"x\n" * 10)
        self.assertEqual(len(drain(intake, 1000.0)), 2)
        self.assertEqual(len(drain(intake, 10.0)), 0)
        self.assertEqual(len(drain(intake, 10.11)), 1)
        self.assertEqual(len(drain(intake, 10.2)), 0)


class Limits(SynchronousTestCase):
    """`LinkLimits` itself."""

    def test_bounds_that_contradict_each_other(self) -> None:
        """No line could ever be taken, or be too long, if these were no more than its length."""
        for name in ("endless_line", "input_waiting"):
            with self.assertRaises(ValueError) as raised:
                LinkLimits(line_length=100, **{name: 100})
            self.assertEqual(str(raised.exception), f"{name} must be more than line_length, which is 100")


PIECE = st.one_of(
    st.sampled_from([b"", b"\n", b"\r\n", b"one\n", b"two\r\n", b"a\r\r\n", b"no end", b"1\n2\n", b"\r"]),
    st.sampled_from([b"x" * LENGTH + b"\r\n", b"x" * (LENGTH + 1) + b"\n", b"x" * (LENGTH + 1)]),
    st.binary(max_size=3),
)


class Only(SynchronousTestCase):
    """A piece that is one line and no more, taken without a detour."""

    def test_one_line(self) -> None:
        """Both kinds of ends, empty lines, and lines of n-1 and n bytes; not of n+1."""
        intake = Intake(LIMITS, 0.0)
        lines = [b"", b"one", b"a\rb\r", b"x" * (LENGTH - 1), b"x" * LENGTH]
        for line in lines:
            for end in (b"\n", b"\r\n") if not line.endswith(b"\r") else (b"\r\n",):
                self.assertEqual(intake.only(line + end, 0.0), line)
        self.assertIsNone(intake.only(b"x" * (LENGTH + 1) + b"\n", 0.0))

    def test_anything_else(self) -> None:
        """Nothing at all, no whole line, or more than that is left to be fed."""
        intake = Intake(LIMITS, 0.0)
        for data in (b"", b"one", b"one\ntwo", b"one\ntwo\n", b"\none", b"one\r", b"\n\n"):
            self.assertIsNone(intake.only(data, 0.0), data)

    def test_behind_something(self) -> None:
        """Not where anything waits, or the end of a line that was too long is still to come."""
        for before in (b"o", b"x" * (LENGTH + 10)):
            intake = Intake(LIMITS, 0.0)
            intake.feed(before)
            drain(intake)
            self.assertIsNone(intake.only(b"ne\n", 0.0))

    def test_rate(self) -> None:
        """It costs a token, like any line, and none if it is not taken."""
        intake = Intake(slow(burst=2), 0.0)
        self.assertIsNone(intake.only(b"one\ntwo\n", 0.0))
        self.assertIsNone(intake.only(b"x" * 5000 + b"\n", 0.0))
        taken = [intake.only(b"%d\n" % number, 0.0) for number in range(3)]
        self.assertEqual(taken, [b"0", b"1", None])
        self.assertIsNone(intake.only(b"2\n", 0.09))
        self.assertEqual(intake.only(b"2\n", 0.11), b"2")
        self.assertEqual(intake.only(b"3\n", 10), b"3")

    def test_clock_that_is_set_back(self) -> None:
        """It gives no tokens, and takes none away."""
        intake = Intake(slow(burst=2), 100.0)
        self.assertEqual([intake.only(b"x\n", now) for now in (100.0, 50.0, 50.0, 50.2)], [b"x", b"x", None, b"x"])

    @settings(max_examples=300, deadline=None)
    @given(st.lists(PIECE, max_size=12))
    def test_it_makes_no_difference(self, pieces: list[bytes]) -> None:
        """The same lines come as from an intake that is fed with all of it."""
        limits = LinkLimits(line_length=LENGTH, endless_line=100_000, input_waiting=100_000, burst=9)
        ours, other = Intake(limits, 0.0), Intake(limits, 0.0)
        for now, piece in enumerate(pieces):
            line = ours.only(piece, now / 20)
            if line is None:
                ours.feed(piece)
            other.feed(piece)
            self.assertEqual(drain(ours, now / 20) if line is None else [line], drain(other, now / 20))
