"""Whether a store is sound: what databases can tell of themselves. All of it blocks, and may take minutes."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from chatproto.stores.trouble import words

MOST = 20
"""Troubles of one kind that are told."""


def pages(connection: Connection) -> list[str]:
    """What is wrong with a SQLite file's pages, rows and indexes; empty if nothing is."""
    found = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars().all()
    return [] if found == ["ok"] else list(found)


def references(connection: Connection) -> list[str]:
    """Which of its rows belong to others that are not there."""
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST)
    return [f"row {row} of {table} belongs to one of {parent} that is not there" for table, row, parent, _ in found]


def word_index(connection: Connection) -> list[str]:
    """Whether the index of its words has just what was said. It has to write, though it changes nothing."""
    try:
        connection.execute(text("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        return [words(error)]
    return []
