"""Numbers with their units."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import wording


class WordingTests(SynchronousTestCase):
    """Three digits, and the unit that suits."""

    def test_duration(self) -> None:
        """From nanoseconds to seconds; what would round up to a thousand takes the next unit."""
        for microseconds, text in (
            (0, "0 µs"), (0.25, "250 ns"), (0.9994, "999 ns"), (0.9996, "1.00 µs"), (1, "1.00 µs"), (9.994, "9.99 µs"),
            (9.996, "10.0 µs"), (99.94, "99.9 µs"), (99.96, "100 µs"), (999.4, "999 µs"), (999.6, "1.00 ms"),
            (1250, "1.25 ms"), (999_600, "1.00 s"), (12_000_000, "12.0 s"), (3_600_000_000, "3,600 s"),
        ):  # fmt: skip
            self.assertEqual(wording.duration(microseconds), text)

    def test_size(self) -> None:
        """In powers of 1024."""
        for octets, text in (
            (0, "0 B"), (1023, "1023 B"), (1023.6, "1.00 KiB"), (1024, "1.00 KiB"), (12_800, "12.5 KiB"),
            (2**20, "1.00 MiB"), (150 * 2**20, "150 MiB"), (1.2 * 2**30, "1.20 GiB"), (2**43, "8,192 GiB"),
            (-2048, "-2.00 KiB"),
        ):  # fmt: skip
            self.assertEqual(wording.size(octets), text)

    def test_share(self) -> None:
        """In percent, with a point where there are few."""
        for part, text in ((0, "0 %"), (0.0012, "0.1 %"), (0.0994, "9.9 %"), (0.0996, "10 %"), (1, "100 %")):
            self.assertEqual(wording.share(part), text)

    def test_figure(self) -> None:
        """Times and memory take the unit that suits them, others keep theirs; a count has none."""
        for value, unit, text in (
            (0.532, "s", "532 ms"), (1500, "µs", "1.50 ms"), (2048, "bytes", "2.00 KiB"), (3, "", "3"),
            (1234.5, "lines/s", "1,234 lines/s"), (0.75, "lines/s", "0.75 lines/s"), (1e6, "", "1,000,000"),
        ):  # fmt: skip
            self.assertEqual(wording.figure(value, unit), text)

    def test_moment(self) -> None:
        """A time is the same wherever it is read."""
        self.assertEqual(wording.moment(0), "1970-01-01 00:00:00 UTC")

    def test_printable(self) -> None:
        """Nothing that a terminal obeys is left, and any alphabet is."""
        self.assertEqual(wording.printable("grün 🌹\x1b[2J\r\x07\x9b\u202e"), "grün 🌹�[2J����")
