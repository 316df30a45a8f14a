"""The message of the day, as a file has it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from chatproto.motd import LONGEST, MOST_LINES, BadMotd, read


class Files(SynchronousTestCase):
    """A directory with one file."""

    def setUp(self) -> None:
        """The directory."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = Path(directory.name) / "motd.txt"

    def lines(self, data: bytes) -> tuple[str, ...]:
        """What is read of a file with that in it."""
        self.file.write_bytes(data)
        return read(self.file)

    def test_lines(self) -> None:
        """Lines end as on Unix or on Windows; the last need not; those in between may be empty."""
        self.assertEqual(self.lines(b"a\nb\r\n\r\nc\n"), ("a", "b", "", "c"))
        self.assertEqual(self.lines(b"a\n\n"), ("a", ""))
        self.assertEqual(self.lines(b"a"), ("a",))

    def test_nothing(self) -> None:
        """An empty file has none."""
        self.assertEqual(self.lines(b""), ())

    def test_characters(self) -> None:
        """It is UTF-8, with or without a mark in front; what is not is shown as that. Formatting stays, tabs do not."""
        self.assertEqual(
            self.lines(b"\xef\xbb\xbf\xc3\xa9\xff\n\x1dslanted\x1d\tx"),
            ("é\N{REPLACEMENT CHARACTER}", "\x1dslanted\x1d       x"),
        )

    def test_long(self) -> None:
        """Of a longer file the beginning is read."""
        for length in (LONGEST - 1, LONGEST):
            self.assertEqual(self.lines(b"x" * length), ("x" * length,))
        self.assertEqual(self.lines(b"x" * (LONGEST + 1)), ("x" * LONGEST,))

    def test_many_lines(self) -> None:
        """Of many lines the first are read."""
        for count in (MOST_LINES - 1, MOST_LINES, MOST_LINES + 1):
            self.assertEqual(self.lines(b"x\n" * count), ("x",) * min(count, MOST_LINES))

    def test_missing(self) -> None:
        """A file that cannot be read is told in a sentence."""
        for file in (self.file, self.file.parent):
            why = "No such file or directory" if file is self.file else "Is a directory"
            self.assertEqual(str(self.assertRaises(BadMotd, read, file)), f"{file} cannot be read: {why}")
