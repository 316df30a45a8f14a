"""History in a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection
from zope.interface import implementer

from chatproto.errors import TakesTooLong, TooManySearches, Unavailable
from chatproto.events import Event, Said, Stamp, Whispered
from chatproto.interfaces import ANYBODY, Asker, Found, IHistoryStore, Mark, Search
from chatproto.stores import reading, talking, writing
from chatproto.stores.database import Database, StoreFailed
from chatproto.stores.forgetting import forget_talks
from chatproto.stores.queue import QUEUE, Queue
from chatproto.stores.searching import search
from chatproto.stores.trouble import TooSlow
from chatproto.turns import Turns

SEARCHES = 1
"""That are done at a time. They may take long, and what else is read must not wait for them: there are more readers."""
SEARCHES_WAITING = 20
"""That wait at the most. As a search takes two seconds at the most, nobody waits for much longer than 40."""
FROM_ONE_PLACE = 5
"""Those of them that somebody at one place waits for, as `Asker` has it."""

T = TypeVar("T")


@implementer(IHistoryStore)
class SqlHistory(Queue):
    """Keeps what happens in the tables `streams` and `lines` of a database. What happens waits in a queue, and all that
    is read is read after what was appended before."""

    lasts = True

    def __init__(self, database: Database, clock: Any, queue: int = QUEUE) -> None:
        """See `Queue`."""
        super().__init__(database, clock, queue)
        self._searches = Turns(SEARCHES, TooManySearches, FROM_ONE_PLACE, SEARCHES_WAITING)

    def redact(self, stream: str, message: str) -> None:
        """See `IHistoryStore.redact`."""
        self.step(partial(writing.redact, stream=stream, message=message))

    def rename(self, stream: str, new: str, since: float | None = None) -> None:
        """See `IHistoryStore.rename`."""
        self.step(partial(writing.rename, stream=stream, new=new, since=since))

    def drop(self, stream: str) -> None:
        """See `IHistoryStore.drop`."""
        self.step(partial(writing.drop, stream=stream))

    def forget(self, account: str) -> None:
        """See `IHistoryStore.forget`."""
        self.step(partial(forget_talks, account=account))

    async def ask(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads of the database, with what was appended before, unless that cannot be stored. Raises
        `Unavailable`."""
        return await self._answered(lambda: self._database.read(work))

    async def _answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        stored = self.stored()
        if stored is not None:
            await stored
        try:
            return await ask()
        except TooSlow as slow:
            raise TakesTooLong from slow
        except StoreFailed as failed:
            raise Unavailable from failed

    async def read(
        self,
        stream: str,
        count: int,
        *,
        after: Mark | None = None,
        before: Mark | None = None,
        newest: bool = True,
        every: bool = False,
    ) -> Sequence[tuple[Event, Stamp]]:
        """See `IHistoryStore.read`."""
        marks = after, before
        return await self.ask(
            lambda connection: reading.read(connection, stream, count, marks, newest=newest, every=every)
        )

    async def active(
        self, streams: Sequence[str], after: float, before: float, count: int
    ) -> Sequence[tuple[str, float]]:
        """See `IHistoryStore.active`."""
        return await self.ask(lambda connection: reading.active(connection, streams, after, before, count))

    async def find(self, stream: str, message: str) -> tuple[Said | Whispered, Stamp] | None:
        """See `IHistoryStore.find`."""
        return await self.ask(lambda connection: reading.find(connection, stream, message))

    async def search(self, sought: Search, count: int, skip: int = 0, asker: Asker = ANYBODY) -> Sequence[Found]:
        """See `IHistoryStore.search`. So many are done at a time; more wait for their turn."""
        if not await self._searches.take(*asker):
            return ()
        try:
            return await self.ask(lambda connection: search(connection, sought, count, skip))
        finally:
            self._searches.give_back()

    async def talks(self, account: str) -> Sequence[str]:
        """See `IHistoryStore.talks`."""
        return await self.ask(lambda connection: talking.talks(connection, account))

    async def of_account(self, account: str, since: float, count: int, behind: int = 0) -> tuple[Sequence[Found], int]:
        """See `IHistoryStore.of_account`."""
        return await self.ask(lambda connection: talking.of_account(connection, account, since, count, behind))

    async def erase(self, account: str, since: float) -> int:
        """See `IHistoryStore.erase`. Others write meanwhile."""
        stored = self.stored()
        if stored is not None and not await stored:
            raise Unavailable  # What waits would be there afterwards.
        return await self._answered(lambda: talking.erased(self._database, self._clock, account, since))

    def latest_time(self) -> float:
        """When the last line was said, in seconds since 1970, or 0: stamps must not go back behind it. Blocks, for some
        milliseconds. Raises `StoreFailed`."""
        return self._database.at_once(reading.latest_time)
