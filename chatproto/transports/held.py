"""What one connection is not to be sent yet, as one's own lines before they are stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import takewhile


class Place:
    """What was queued from where somebody began to wait, and before the next place."""

    __slots__ = ("frames", "otherwise")

    def __init__(self, otherwise: Callable[[], None]) -> None:
        self.frames: list[bytes] = []
        self.otherwise: Callable[[], None] | None = otherwise
        """None if nobody waits any more."""

    def end(self, *, well: bool) -> None:
        """It is there, what was waited for; or it is not, and that is told. Once is enough."""
        otherwise, self.otherwise = self.otherwise, None
        if otherwise is not None and not well:
            otherwise()


class Held:
    """The places of one queue, in order. What stands behind one is not to be sent before the waiting there is over, and
    all before it: so who always waits for something is sent in order what they need not wait for any more."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: list[Place] = []

    def __bool__(self) -> bool:
        return bool(self._places)

    async def until(self, there: Awaitable[bool], otherwise: Callable[[], None]) -> None:
        """Make a place behind all that waits, and end it when `there` has resolved. `otherwise` is called if that is
        not to True, or comes too late."""
        place, well = Place(otherwise), False
        self._places.append(place)
        try:
            well = await there
        finally:
            place.end(well=well)

    def add(self, frames: list[bytes]) -> None:
        """Put them behind the last place; there is one."""
        self._places[-1].frames += frames

    def freed(self) -> list[bytes]:
        """Take out what nobody waits for any more."""
        over = list(takewhile(lambda place: place.otherwise is None, self._places))
        del self._places[: len(over)]
        return [frame for place in over for frame in place.frames]

    def give_up(self) -> None:
        """Nobody is to wait any more."""
        for place in self._places:
            place.end(well=False)
