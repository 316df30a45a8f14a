"""Any bytes in any chunks make the same lines, and raise nothing but `Overflow`."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.intake import Intake, Line, Overflow, Overlong
from chatproto.transports.limits import LinkLimits

WIDE = LinkLimits(line_length=1000, endless_line=100_000, input_waiting=100_000, burst=1_000_000)
SHORT = LinkLimits(line_length=64, endless_line=100_000, input_waiting=65, burst=1_000_000)
NARROW = LinkLimits(line_length=64, endless_line=80, input_waiting=65, burst=3, lines_per_second=1.0)

# Random bytes hold hardly any line ends, so most of the bytes are chosen among those that matter.
TELLING = st.lists(
    st.one_of(
        st.sampled_from([b"\n", b"\r", b"\r\n", b"x" * 63, b"x" * 64, b"x" * 65, b"\xff"]), st.binary(max_size=9)
    ),
    max_size=25,
).map(b"".join)
CUTS = st.lists(st.integers(0, 2000), max_size=30)


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    """`data` cut into pieces, none of them empty."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


def lines_of(pieces: list[bytes], limits: LinkLimits) -> list[Line]:
    """What an intake makes of them."""
    intake = Intake(limits, 0.0)
    lines: list[Line] = []
    for piece in pieces:
        intake.feed(piece)
        while (line := intake.take(0.0)) is not None:
            lines.append(line)
        intake.check()
    return lines


def model(data: bytes, length: int) -> list[Line]:
    """The same in one look at all of it."""
    *whole, tail = data.split(b"\n")
    lines: list[Line] = [
        line if len(line) <= length else Overlong.LINE for line in (each.removesuffix(b"\r") for each in whole)
    ]
    too_long = len(tail) > length + tail.endswith(b"\r")
    return [*lines, Overlong.LINE] if too_long else lines


class Framing(SynchronousTestCase):
    """`Intake`, fed with anything."""

    @settings(max_examples=300, deadline=None)
    @given(TELLING, CUTS)
    def test_chunks_do_not_matter(self, data: bytes, cuts: list[int]) -> None:
        """Lines within the limits are the same however they are cut."""
        self.assertEqual(lines_of(chunks(data, cuts), WIDE), model(data, 1000))

    @settings(max_examples=500, deadline=None)
    @given(TELLING, CUTS)
    def test_chunks_do_not_matter_to_lines_that_are_too_long(self, data: bytes, cuts: list[int]) -> None:
        """Over-long lines are told at their places, once each, however they are cut."""
        self.assertEqual(lines_of(chunks(data, cuts), SHORT), model(data, 64))

    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.tuples(TELLING, st.floats(-1e9, 2e9))))
    def test_nothing_but_overflow_is_raised(self, fed: list[tuple[bytes, float]]) -> None:
        """Whatever comes, and whatever the clock says, there are lines within the limit, or an `Overflow`."""
        intake = Intake(NARROW, 0.0)
        for data, now in fed:
            try:
                if data:
                    intake.feed(data)
                while (line := intake.take(now)) is not None:
                    self.assertTrue(line is Overlong.LINE or (len(line) <= 64 and b"\n" not in line))
                intake.check()
            except Overflow:
                return
            delay = intake.delay()
            self.assertTrue(delay is None or delay > 0)
