"""What lasts: the store that the settings name, opened, kept tidy while the server runs, and closed behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatproto.accounts.secret import SIZE, kept_secret
from chatproto.config import Settings, state_dir
from chatproto.interfaces import IAccountStore, IHistoryStore, IMarkerStore, IRecordStore
from chatproto.rooms.limits import DAY
from chatproto.rooms.unrecorded import Unrecorded
from chatproto.stores.accounts import SqlAccounts
from chatproto.stores.database import Database, StoreFailed, StoreRefused
from chatproto.stores.history import SqlHistory
from chatproto.stores.markers import MemoryMarkers, SqlMarkers
from chatproto.stores.memory import MemoryHistory
from chatproto.stores.memory_accounts import MemoryAccounts
from chatproto.stores.opening import must_be_writable
from chatproto.stores.records import SqlRecords
from chatproto.stores.retention import Kept, Retention, drop_apart
from chatproto.stores.settings import MEMORY, StoreSettings

FILE = "chat.sqlite"
"""In the state directory."""

TIDY_SECONDS = 3600.0
"""From one look for what is not to be kept any more to the next."""

AHEAD = 60.0
"""Seconds that clocks are apart without a warning."""

_log = Logger()


class Keeping(Service):
    """History, accounts, and what else lasts. In memory, unless there is a database."""

    since = 0.0
    """When the last line that is kept was said, in seconds since 1970."""
    names: Sequence[tuple[str, str]] = ()
    """Keys and names of the accounts that there are at the start."""

    def __init__(
        self,
        history: IHistoryStore,
        accounts: IAccountStore,
        secret: bytes,
        records: IRecordStore | None = None,
        markers: IMarkerStore | None = None,
    ) -> None:
        self.history = history
        self.accounts = accounts
        self.records = records or Unrecorded()
        self.markers = markers or MemoryMarkers()
        self.secret = secret
        """What `accounts/` hides with which accounts there are."""

    def on_trouble(self, tell: Callable[[str], None]) -> None:
        """Have operators told, in one sentence, when the store fails and when it is well again."""

    def forget_rooms_but(self, streams: Collection[str]) -> None:
        """Drop what was said in rooms that were set apart, but in these streams: a server that was killed could not do
        it when they were empty. To be called once, when all rooms are here that last, with the streams of all rooms."""

    async def close(self) -> None:
        """Store what waits, and close. To be awaited when nobody says anything any more."""


class InDatabase(Keeping):
    """The same in a database."""

    def __init__(
        self, database: Database, settings: StoreSettings, secret: bytes, reactor: Any, now: Callable[[], float]
    ) -> None:
        """Blocks. Raises `StoreRefused`, or `StoreFailed`."""
        database.open()
        self._database = database
        self._sql = SqlHistory(database, reactor, settings.history_queue)
        accounts = SqlAccounts(database)
        self._markers = SqlMarkers(self._sql, reactor)
        super().__init__(self._sql, accounts, secret, SqlRecords(database, self._sql), self._markers)
        self.since, self.names = self._sql.latest_time(), accounts.names_at_once()
        kept = Kept(settings.history_days * DAY or None, settings.history_lines or None)
        self._retention = Retention(database, reactor, lambda stream: kept)
        self._now, self._opened = now, now()
        self._tidying = LoopingCall(self._tidy)
        self._tidying.clock = reactor

    def on_trouble(self, tell: Callable[[str], None]) -> None:
        """See `Keeping.on_trouble`. It is logged as well."""

        def trouble(text: str) -> None:
            _log.error("{text}", text=text)
            tell(text)

        def healed(text: str) -> None:
            _log.info("{text}", text=text)
            tell(text)

        self._sql.on_trouble, self._sql.on_healed = trouble, healed

    def forget_rooms_but(self, streams: Collection[str]) -> None:
        """See `Keeping.forget_rooms_but`. It happens when the reactor runs."""
        # Rooms that are set apart from now on are none of them, also if that is written first.
        self._sql.also(lambda: partial(drop_apart, kept=frozenset(streams), before=self._opened))

    def startService(self) -> None:
        """Keep it tidy from now on. Raises `StoreRefused` if whoever the process is now may not write to it."""
        must_be_writable(self._database.url)
        super().startService()
        _log.info("history and accounts are kept in {database}", database=str(self._database))
        if self.since > self._now() + AHEAD:
            last = datetime.fromtimestamp(self.since, UTC).isoformat(sep=" ", timespec="seconds")
            _log.warn("the last line that is kept is of {last}: until then, all that is said has that time", last=last)
        self._tidying.start(TIDY_SECONDS)

    def stopService(self) -> None:
        """Leave it as it is from now on."""
        super().stopService()
        if self._tidying.running:
            self._tidying.stop()

    async def close(self) -> None:
        """See `Keeping.close`."""
        self._markers.flush()
        await self._sql.close()
        await self._database.close()

    def _tidy(self) -> Deferred[None]:
        tidied = Deferred.fromCoroutine(self._tidied())
        return tidied.addErrback(lambda bug: _log.failure("a bug in tidying", bug))  # Or it would never be done again.

    async def _tidied(self) -> None:
        try:
            deleted = await self._retention.tidy(self._now())
        except StoreFailed as failed:
            _log.warn("what is too old was not deleted: {failed}", failed=str(failed))
        else:
            if deleted:
                _log.info("{count} lines were too old or too many, and are deleted", count=deleted)


def keep(settings: Settings, reactor: Any, now: Callable[[], float]) -> Keeping:
    """What the settings name; it is made, or brought up to date, where that has to be. `now` gives seconds since 1970.
    Blocks. Raises `StoreRefused` or `BadSecret`."""
    chosen = settings.store.store
    if chosen == MEMORY:
        return in_memory(settings)
    directory = state_dir(settings)
    try:
        database = Database(chosen or _file(directory), reactor)
        secret = kept_secret(directory / "accounts.secret")
        return _in_database(database, settings.store, secret, reactor, now)
    except StoreFailed as failed:
        raise StoreRefused(f"the store cannot be read: {failed}") from None


def _in_database(database: Database, *arguments: Any) -> Keeping:
    """`InDatabase`, on a database that is used by nobody else."""
    database.claim()
    try:
        return InDatabase(database, *arguments)
    except (StoreFailed, StoreRefused):
        database.release()
        raise


def in_memory(settings: Settings) -> Keeping:
    """Nothing that lasts."""
    return Keeping(MemoryHistory(settings.rooms.history_kept), MemoryAccounts(), token_bytes(SIZE))


def _file(directory: Path) -> str:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreRefused(f"{directory} cannot be made: {error.strerror}") from None
    return f"sqlite:///{directory / FILE}"
