"""Waiting for something to change."""

from __future__ import annotations

from twisted.internet.defer import Deferred


class Waiting:
    """Those who wait until something has changed, and then look whether they have to wait on."""

    def __init__(self) -> None:
        self._turns: list[Deferred[None]] = []
        self._changed = self._telling = False

    def __len__(self) -> int:
        return len(self._turns)

    async def wait(self) -> None:
        """Until `tell`. Not to be cancelled."""
        turn: Deferred[None] = Deferred()
        self._turns.append(turn)
        await turn

    def tell(self) -> None:
        """It has changed: all look, in the order in which they came. They may change it themselves: then those who wait
        on look again, after all others have."""
        self._changed = True
        if self._telling:
            return
        self._telling = True
        while self._changed:
            self._changed = False
            turns, self._turns = self._turns, []
            for turn in turns:
                turn.callback(None)
        self._telling = False
