"""The secret that the server makes for itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.secret import SIZE, BadSecret, kept_secret


class SecretTests(SynchronousTestCase):
    """A file with random bytes in it."""

    def setUp(self) -> None:
        """A place that is not there yet."""
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.file = Path(directory.name) / "new" / "state" / "secret"

    def test_kept(self) -> None:
        """It is made once, for its owner alone, and is the same ever after."""
        secret = kept_secret(self.file)
        self.assertEqual(len(secret), SIZE)
        self.assertEqual(kept_secret(self.file), secret)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertEqual([each.name for each in self.file.parent.iterdir()], ["secret"])

    def test_half(self) -> None:
        """What was half made when the machine stopped is made again."""
        self.file.parent.mkdir(parents=True)
        self.file.with_suffix(".new").write_bytes(b"half")
        self.assertEqual(len(kept_secret(self.file)), SIZE)

    def test_other_size(self) -> None:
        """A file with a byte less or more than a secret is refused."""
        kept_secret(self.file)
        for size in (0, SIZE - 1, SIZE + 1):
            self.file.write_bytes(bytes(size))
            error = self.assertRaises(BadSecret, kept_secret, self.file)
            self.assertEqual(
                str(error), f"{self.file} has {size} bytes, not {SIZE}: remove it, and another one is made."
            )

    def test_not_possible(self) -> None:
        """What cannot be read or made is told in a sentence."""
        self.file.parent.parent.mkdir(parents=True)
        self.file.parent.write_text("no directory")
        error = self.assertRaises(BadSecret, kept_secret, self.file)
        self.assertRegex(str(error), r"secret cannot be read or made: .+\.\Z")
