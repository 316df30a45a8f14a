"""The codes that IRC clients put into text for bold, colours and the like. Source: "IRC Formatting" of modern-irc."""

from __future__ import annotations

import re

_CODES = re.compile(
    "[\x02\x0f\x11\x16\x1d\x1e\x1f]"  # Bold, reset, monospace, reverse, italics, strikethrough, underline.
    "|\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?"  # Colour, by number: foreground, background.
    "|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"  # Colour, as RRGGBB.
)


def plain_text(text: str) -> str:
    """`text` without formatting codes and the digits that belong to them. Other control characters stay."""
    return text if text.isprintable() else _CODES.sub("", text)


def has_colours(text: str) -> bool:
    """Whether any of it is coloured. Bold, italics, reverse and the like are no colours."""
    return "\x03" in text or "\x04" in text
