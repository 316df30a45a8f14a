"""Why connections end."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending


class EndingTests(SynchronousTestCase):
    """Reasons that other people are shown."""

    def test_each_has_its_own_words(self) -> None:
        """No two endings are shown alike: an alias would make two of them one."""
        self.assertEqual(len(Ending.__members__), len(list(Ending)))
        self.assertTrue(all(ending.value for ending in Ending))
