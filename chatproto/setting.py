"""How a setting is declared: one dataclass field that carries its default, its meaning and what is allowed.

The settings classes live beside what they govern (`rooms/limits.py`, `transports/limits.py`, …); `config.py` reads
these declarations to parse `chat.toml`, to make the command line flags and to say what is allowed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["Declared", "declared", "setting"]


@dataclasses.dataclass(frozen=True, slots=True)
class Declared:
    """What is known of one setting: the sentence for a person, the range of a number (both ends allowed), and the words
    that a text, or each text of a list, must be one of."""

    meaning: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


def setting(
    default: Any,
    meaning: str,
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a field of a settings dataclass. `meaning` says what it limits or does, and in which unit."""
    metadata: Mapping[str, Declared] = {"declared": Declared(meaning, least, most, choices)}
    return dataclasses.field(default=default, metadata=metadata)


def declared(field: dataclasses.Field[Any]) -> Declared:
    """What `setting` recorded of this field."""
    found: Declared = field.metadata["declared"]
    return found
