"""What must be in the tree, and what must not, for the package to work once it is installed."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

TREE = Path(__file__).resolve().parents[1]


class PackagingTests(SynchronousTestCase):
    """Files that nothing imports."""

    def test_typed(self) -> None:
        """The package says that it has types (PEP 561)."""
        self.assertTrue((TREE / "chatproto" / "py.typed").is_file())

    def test_plugin_directory(self) -> None:
        """The plugin stands alone: an __init__.py beside it would hide Twisted's own plugins."""
        self.assertTrue((TREE / "twisted" / "plugins" / "chat_plugin.py").is_file())
        self.assertEqual(list((TREE / "twisted").rglob("__init__.py")), [])
