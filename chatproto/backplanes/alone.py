"""A server without peers: what is published has happened, at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count

from zope.interface import implementer

from chatproto.events import Event, Stamp
from chatproto.interfaces import IBackplane


@implementer(IBackplane)
class Alone:
    """Numbers the events of each stream from 1 and delivers them before `publish` returns.

    `time` gives seconds since 1970. It may jump backwards; stamps of one server do not, nor do they go back behind
    `since`, where it was when it ran before.
    """

    deliver: Callable[[str, Event, Stamp, Hashable | None], None]

    def __init__(self, time: Callable[[], float], since: float = 0.0) -> None:
        self._time = time
        self._latest = since
        # Microseconds: nobody opens rooms so fast that those of the next start were given out already.
        self._epochs = count(max(int(time() * 1_000_000), int(since * 1_000_000) + 1))
        self._streams: dict[str, Stamp] = {}
        """The latest of each."""
        self._claimed: set[str] = set()

    def publish(self, stream: str, event: Event, origin: Hashable | None) -> None:
        """See `IBackplane.publish`."""
        latest = self._streams.get(stream)
        epoch, offset = (next(self._epochs), 0) if latest is None else latest[:2]
        self._latest = max(self._latest, self._time())
        stamp = self._streams[stream] = Stamp(epoch, offset + 1, self._latest)
        self.deliver(stream, event, stamp, origin)

    def drop(self, stream: str) -> None:
        """See `IBackplane.drop`."""
        self._streams.pop(stream, None)

    async def claim(self, token: str) -> bool:
        """See `IBackplane.claim`. Never waits."""
        free = token not in self._claimed
        self._claimed.add(token)
        return free

    def release(self, token: str) -> None:
        """See `IBackplane.release`."""
        self._claimed.discard(token)
