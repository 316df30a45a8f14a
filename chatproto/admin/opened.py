"""The store that the settings name, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatproto.admin.command import Refused
from chatproto.config import Settings, state_dir
from chatproto.keeping import FILE
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.engines import make_sqlite_file, may_write
from chatproto.stores.settings import MEMORY
from chatproto.stores.trouble import StoreFailed, StoreRefused
from chatproto.stores.versions import newest, version


@contextmanager
def opened(
    settings: Settings, *, writes: bool = False, makes: bool = False, every_version: bool = False
) -> Iterator[DirectDatabase]:
    """The store, with tables of the version that this program needs, unless `every_version` will do. Where there is
    nothing yet it is made, if it is to be. For who writes, it is nobody else's: a SQLite file on which a server runs is
    refused. Raises `Refused`, `StoreRefused` or `StoreFailed`."""
    database = DirectDatabase(_url(settings))
    try:
        _look(database, makes=makes)
        if writes:
            database.claim()
        _check(database, makes=makes, every_version=every_version)
        yield database
    finally:
        directly(database.close())


def _url(settings: Settings) -> str:
    chosen = settings.store.store
    if chosen == MEMORY:
        raise Refused("the store is memory: nothing of it is kept anywhere.")
    return chosen or f"sqlite:///{state_dir(settings) / FILE}"


def _look(database: DirectDatabase, *, makes: bool) -> None:
    """Whether there is a file, or may be: to connect to SQLite would make it."""
    if database.dialect != "sqlite":
        return
    file = Path(database.url.database or "")
    if _is_there(file):
        return
    if not makes:
        raise Refused(f"there is no store {file}: the server makes it, or twistd chat accounts add.")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"{file.parent} cannot be made: {error.strerror}.") from None
    try:
        make_sqlite_file(file)
    except OSError as error:
        raise Refused(f"{file} cannot be made: {error.strerror}.") from None


def _check(database: DirectDatabase, *, makes: bool, every_version: bool) -> None:
    found = version_of(database)
    if not found and makes:
        database.open()
    elif not found:
        raise Refused(f"{database} is empty: the server makes its tables, or twistd chat accounts add.")
    elif found != newest() and not every_version:
        raise Refused(f"{database} was written by an older version: twistd chat store upgrade brings it up to date.")


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as error:  # Of a directory that one may not look into.
        raise Refused(f"{file} cannot be opened: {error.strerror}.") from None


def version_of(database: DirectDatabase) -> str:
    """The version of its tables; empty if there are none. Raises `StoreRefused` for other tables, and newer ones."""
    try:
        return database.at_once(version)
    except StoreRefused as refused:
        raise StoreRefused(f"{database} {refused}") from None
    except StoreFailed as failed:
        directory = Path(database.url.database or "").resolve().parent
        if database.dialect != "sqlite" or may_write(directory):
            raise
        why = f"SQLite makes files in {directory} also to read, and you cannot write there"
        raise Refused(f"{database} cannot be read ({failed}): {why}. Copy it elsewhere.") from None
