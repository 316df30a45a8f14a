"""What is sought, term by term, and how well a line fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import filterfalse
from typing import NamedTuple

_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")

# Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) with the constants that FTS5 has. All
# terms are in all lines, so how rare they are does not matter; and lines of a chat have a usual length.
_K1, _B, _USUAL_WORDS = 1.2, 0.75, 10


def terms(words: str) -> list[str]:
    """Each word, or row of words in quotes, that has something that can be sought."""
    found = (quoted or word for quoted, word in _TERM.findall(words))
    return [term for term in found if any(map(str.isalnum, term))]


class Told(NamedTuple):
    """A text as it is searched: its words, folded, with a space around each; and how many they are."""

    text: str
    words: int


def folded(text: str) -> str:
    """A text without case and marks."""
    if not text.isascii():
        text = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", text)))
    return text.casefold()


def told(text: str) -> Told:
    """The words of a text without case and marks."""
    return in_words(folded(text))


def in_words(text: str) -> Told:
    """The words of a text that is `folded`."""
    words = _WORD.findall(text)
    # Two spaces between them, so that `count` finds the same word twice in a row.
    return Told(f" {'  '.join(words)} ", len(words))


def fit(text: Told, sought: Sequence[Told]) -> float:
    """How well it fits: more, the more often a term is there and the shorter the text is. 0.0 if none is there."""
    length = _K1 * (1 - _B + _B * text.words / _USUAL_WORDS)
    times = (text.text.count(term.text) for term in sought)
    return sum(count * (_K1 + 1) / (count + length) for count in times)


def holds(text: Told, sought: Sequence[Told]) -> bool:
    """Whether all of the terms are there."""
    return all(term.text in text.text for term in sought)
