"""Where what lasts is kept, and for how long; each is a setting of `[store]` in chat.toml."""

from __future__ import annotations

from dataclasses import dataclass

from chatproto.setting import setting

MEMORY = "memory"
"""As `store`: nothing lasts."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What is kept of the history, beside the accounts."""

    store: str = setting(
        "",
        "Where history and accounts are kept: sqlite:///PATH, postgresql://USER@HOST/NAME, or memory, which does not "
        "last. Empty: a SQLite file in the state directory.",
    )
    history_days: float = setting(0.0, "Days that history is kept. 0: for ever.", least=0, most=1_000_000)
    history_lines: int = setting(
        0, "Lines of each room that are kept, and as many other events. 0: all.", least=0, most=1_000_000_000
    )
    history_queue: int = setting(
        100_000,
        "Lines that may wait to be stored while the database fails; more are not stored.",
        least=1,
        most=10_000_000,
    )
