"""Who may search now, and who waits for that."""

from __future__ import annotations

from collections import deque

from twisted.internet.defer import Deferred

from chatproto.errors import TooManySearches
from chatproto.interfaces import Asker

WAITING = 20
"""Who waits at the most. As a search takes two seconds at the most, nobody waits for much longer than 40."""
FROM_ONE_PLACE = 5
"""Those of them who are at one place, as `Asker` has them."""

Turn = Deferred[bool]


class Turns:
    """`at_once` at a time. Whoever comes on top of them waits, in the queue of the place they are at, and the queues
    take turns: however many search at one place, those at another wait for few of them."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._queues: dict[str, deque[tuple[Asker, Turn]]] = {}
        """By place; that whose turn comes next is the first."""

    async def take(self, asker: Asker) -> bool:
        """Wait for one's turn, and give it back afterwards. False if there is none, for nobody waits for the answer any
        more. Raises `TooManySearches`. Not to be cancelled."""
        if self._free:
            self._free -= 1
            return True
        self._leave_out_who_has_gone()
        here = self._queues.get(asker.place, ())
        if len(here) >= FROM_ONE_PLACE or sum(map(len, self._queues.values())) >= WAITING:
            raise TooManySearches
        turn = Turn()
        self._queues.setdefault(asker.place, deque()).append((asker, turn))
        return await turn

    def give_back(self) -> None:
        """It is the next one's turn."""
        self._leave_out_who_has_gone()
        if not self._queues:
            self._free += 1
            return
        place = next(iter(self._queues))
        queue = self._queues.pop(place)
        _, turn = queue.popleft()
        if queue:
            self._queues[place] = queue  # The others come before it next time.
        turn.callback(True)  # noqa: FBT003

    def _leave_out_who_has_gone(self) -> None:
        queues, self._queues = self._queues, {}
        gone = []
        for place, queue in queues.items():
            if left := deque(each for each in queue if each[0].waits()):
                self._queues[place] = left
            gone += [turn for asker, turn in queue if not asker.waits()]
        for turn in gone:
            turn.callback(False)  # noqa: FBT003
