"""What is sought, and how well a line fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.stores.terms import fit, holds, terms, told


class TermTests(SynchronousTestCase):
    """What people type."""

    def test_terms(self) -> None:
        """Words, and rows of words in quotes; what has no letter and no digit is none."""
        self.assertEqual(terms('black tea "with milk" ! "" "no end'), ["black", "tea", "with milk", "no end"])
        self.assertEqual(terms(' \t" " * ☕'), [])

    @given(st.text(), st.text())
    def test_anything(self, text: str, words: str) -> None:
        """Any text can be sought in any other, and in itself."""
        wanted = [told(term) for term in terms(words)]
        self.assertGreaterEqual(fit(told(text), wanted), 0.0)
        for term in terms(text):
            self.assertTrue(holds(told(term), [told(term)]))

    def holds(self, text: str, words: str) -> bool:
        """Whether all that is sought is there."""
        return holds(told(text), [told(term) for term in terms(words)])

    def test_holds(self) -> None:
        """Whole words, in any case, with marks and without; those in quotes next to each other and in order."""
        for text, words in (
            ("The CAFÉ, really", "cafe THE"),
            ("straße", "STRASSE"),
            ("a-b_c", '"a b" c'),
            ("tea tea", '"tea tea"'),
        ):
            self.assertTrue(self.holds(text, words), text)
        for text, words in (("teas", "tea"), ("a b", '"b a"'), ("a b", "a c"), ("", "a")):
            self.assertFalse(self.holds(text, words), text)

    def fit(self, text: str, words: str) -> float:
        """How well it fits."""
        return fit(told(text), [told(term) for term in terms(words)])

    def test_fit(self) -> None:
        """The more often it is there the better, and the shorter the text is."""
        self.assertEqual(self.fit("milk", "tea"), 0.0)
        self.assertGreater(self.fit("tea or tea", "tea"), self.fit("tea or milk", "tea"))
        self.assertGreater(self.fit("tea tea", "tea"), self.fit("tea", "tea"))
        self.assertGreater(self.fit("tea", "tea"), self.fit("tea with a lot of milk", "tea"))
        self.assertGreater(self.fit("black tea", "black tea"), self.fit("black coffee", "black tea"))
