"""One's own lines, for those who want them back: each as soon as it is stored, so that no line one has seen is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from chatproto.events import Said, Stamp
from chatproto.interfaces import IHistoryStore

NOT_STORED = "That was said, but it is not stored: the history takes nothing at the moment."


class Echo:
    """What waits to be stored of the line that is being taken."""

    __slots__ = ("_history", "_said", "_stored")

    def __init__(self, history: IHistoryStore) -> None:
        self._history = history
        self._said: tuple[tuple[Said, Stamp], ...] = ()
        self._stored: Awaitable[bool] | None = None

    def waits(self, said: Said, stamp: Stamp) -> bool:
        """Whether that is to be shown by `answer`, and not now."""
        if said.kept and (stored := self._history.stored()) is not None:
            self._stored = stored
            self._said = (*self._said, (said, stamp))
            return True
        return False

    def answer(
        self, show: Callable[[Said, Stamp], None], warn: Callable[[str], None]
    ) -> Coroutine[Any, Any, None] | None:
        """Shows what waits once it is stored, with a warning where it cannot be. None if nothing waits."""
        stored, self._stored = self._stored, None
        said, self._said = self._said, ()
        return None if stored is None else _answer(said, stored, show, warn)


async def _answer(
    said: tuple[tuple[Said, Stamp], ...],
    stored: Awaitable[bool],
    show: Callable[[Said, Stamp], None],
    warn: Callable[[str], None],
) -> None:
    is_stored = await stored
    for each in said:
        show(*each)
    if not is_stored:
        warn(NOT_STORED)
