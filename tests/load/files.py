"""Files for a test, which go when it ends."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase


class WithFiles(SynchronousTestCase):
    """Has a directory of its own: trial's `mktemp` would leave one in the tree where pytest runs."""

    def new_path(self) -> Path:
        """A path where nothing is yet."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return Path(directory.name) / "file"
