"""What all refusals have in common."""

from __future__ import annotations

LONGEST_QUOTED = 70
"""Characters of what was typed that a sentence quotes; of a longer text it quotes the beginning."""


def quoted(text: str) -> str:
    """`text` as a sentence quotes it: not at any length."""
    return text if len(text) <= LONGEST_QUOTED else text[:LONGEST_QUOTED] + "…"


class BadLine(Exception):
    """The peer sent something that is no line of its dialect; `str(error)` is one sentence."""


class ChatError(Exception):
    """A request that is refused; `str(error)` is one sentence for the person who asked."""
