"""Kept results, side by side."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import asdict
from pathlib import Path

from chatproto.load import compare
from chatproto.load.results import Result
from tests.load.examples import BARE, CAPACITY, FULL
from tests.load.files import WithFiles


class CompareTests(WithFiles):
    """The command, and the files that it reads."""

    def setUp(self) -> None:
        """Note what is told."""
        self.told = io.StringIO()
        self.patch(sys, "stderr", self.told)

    def kept(self, result: Result) -> Path:
        """A file as `--json` writes it."""
        return self.file(json.dumps(asdict(result)).encode())

    def file(self, data: bytes) -> Path:
        """A file with anything in it."""
        path = self.new_path()
        path.write_bytes(data)
        return path

    def test_read(self) -> None:
        """A result comes back as it was."""
        for result in (FULL, CAPACITY, BARE):
            self.assertEqual(compare.read(self.kept(result)), result)

    def test_page(self) -> None:
        """The page shows them by the names that they are given."""
        page = self.new_path()
        status = compare.main([f"ours={self.kept(FULL)}", f"a peer={self.kept(BARE)}", str(page)])
        self.assertEqual((status, self.told.getvalue()), (0, ""))
        self.assertIn("chat-load: ours, a peer", page.read_text())

    def test_unreadable(self) -> None:
        """A file that is missing or holds something else is told of in a sentence, and nothing is written."""
        page = self.new_path()
        for path, reason in (
            (Path("/nowhere/x"), "cannot be read: No such file or directory."),
            (self.file(b""), "is not what --json writes: Input data was truncated."),
            (self.file(b"\xff\0"), "is not what --json writes: JSON is malformed"),
            (self.file(b"{}"), "is not what --json writes: Object missing required field `scenario`."),
            (
                self.file(json.dumps(asdict(FULL) | {"sent": "many"}).encode()),
                "Expected `int`, got `str` - at `$.sent`.",
            ),
        ):
            self.told.truncate(0)
            self.assertEqual(compare.main([f"x={path}", str(page)]), 3)
            self.assertIn(reason, self.told.getvalue())
            self.assertTrue(self.told.getvalue().lstrip("\0").startswith(str(path)))
        self.assertFalse(page.exists())

    def test_largest(self) -> None:
        """A file of as many bytes as are allowed is read, one more is not."""
        data = json.dumps(asdict(BARE)).encode()
        for spare, reads in ((1, True), (0, True), (-1, False)):
            self.patch(compare, "LARGEST", len(data) + spare)
            path = self.file(data)
            if reads:
                self.assertEqual(compare.read(path), BARE)
            else:
                error = self.assertRaises(compare.Unreadable, compare.read, path)
                self.assertEqual(str(error), f"{path} is larger than {len(data) - 1} bytes.")

    def test_not_written(self) -> None:
        """A page that cannot be written is told of too."""
        self.assertEqual(compare.main([f"x={self.kept(BARE)}", "/nowhere/page.html"]), 3)
        self.assertEqual(self.told.getvalue(), "/nowhere/page.html cannot be written: No such file or directory.\n")

    def test_usage(self) -> None:
        """Arguments that are wrong end it with 2."""
        for arguments in ([], ["page.html"], ["file.json", "page.html"], ["=file", "page.html"], ["x=", "page.html"]):
            error = self.assertRaises(SystemExit, compare.main, arguments)
            self.assertEqual(error.code, 2)
        self.assertIn("'x=' is not NAME=FILE", self.told.getvalue())
