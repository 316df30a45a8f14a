"""A store is opened: made where there is none, brought up to date where it is older, and refused where it is no store
of this program, or of a newer one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import URL, Connection, Engine

from chatproto.stores.engines import APPLICATION, make_engine, make_sqlite_file, may_write, shown
from chatproto.stores.trouble import PASSING, StoreRefused, words
from chatproto.stores.versions import scripts, version

_LOCK = 0x43484154
"""PostgreSQL's advisory lock under which tables are made: two servers may start at the same time."""


def opened(url: URL) -> None:
    """See `Database.open`."""
    engine = make_engine(url, 1, writes=True)
    try:
        if url.drivername == "sqlite":
            _prepare_sqlite(engine, Path(url.database or ""))
        with engine.begin() as connection:
            if url.drivername != "sqlite":
                _prepare_postgresql(connection)
            upgrade(connection)
    except StoreRefused as refused:
        raise StoreRefused(f"{shown(url)} {refused}") from None
    except PASSING as error:
        raise StoreRefused(f"{shown(url)} cannot be opened: {words(error)}.") from error
    finally:
        engine.dispose()


def must_be_writable(url: URL) -> None:
    """Raises `StoreRefused` if this process may not write to the file, or beside it: root may have opened it, and
    another user goes on (`twistd --uid`)."""
    if url.drivername != "sqlite":
        return
    file = Path(url.database or "").resolve()
    for each in (file.parent, file):
        if not may_write(each):
            raise StoreRefused(f"{each} cannot be written to by the user that the server runs as.")


def upgrade(connection: Connection) -> None:
    """Bring the tables to what this program needs. Raises `StoreRefused`, with a sentence that lacks its beginning."""
    version(connection)
    settings = scripts()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def _prepare_sqlite(engine: Engine, path: Path) -> None:
    """What cannot be set inside of a transaction."""
    make_sqlite_file(path)
    driver = engine.raw_connection()
    try:
        cursor = driver.cursor()
        application, tables = (
            cursor.execute(query).fetchone()[0]
            for query in ("PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
        )
        if tables and application != APPLICATION:
            raise StoreRefused("is a SQLite file of another program.")
        if not tables:
            cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")  # Before there is anything in it, or never.
            cursor.execute(f"PRAGMA application_id = {APPLICATION}")
        cursor.execute("PRAGMA journal_mode = WAL").fetchall()
    finally:
        driver.close()


def _prepare_postgresql(connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreRefused(f"has the encoding {encoding}: it has to be made with UTF8.")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
