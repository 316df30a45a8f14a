"""Settings of accounts: which do not go together, and that their defaults may be said."""

from __future__ import annotations

import dataclasses

from twisted.trial.unittest import SynchronousTestCase

from chatproto.accounts.settings import AccountSettings
from chatproto.setting import declared


class SettingsTests(SynchronousTestCase):
    """What `[accounts]` may say."""

    def test_memory_of_lanes(self) -> None:
        """Each lane needs 8 KiB."""
        for memory in (32, 33):
            AccountSettings(hash_memory=memory, hash_lanes=4)
        error = self.assertRaises(ValueError, AccountSettings, hash_memory=31, hash_lanes=4)
        self.assertEqual(str(error), "hash_memory = 31 must be at least 8 for each of 4 lanes")

    def test_declared(self) -> None:
        """Every setting has a sentence, and a number its bounds, which its default keeps."""
        for field in dataclasses.fields(AccountSettings):
            found, default = declared(field), getattr(AccountSettings(), field.name)
            self.assertRegex(found.meaning, r"\A[A-Z].*\.\Z")
            if isinstance(default, str):
                self.assertIn(default, found.choices)
            elif not isinstance(default, tuple):
                assert found.least is not None
                assert found.most is not None
                self.assertTrue(found.least <= default <= found.most, field.name)
