"""Whether a store is sound, told line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection

from chatproto.admin.command import tell
from chatproto.admin.opened import version_of
from chatproto.passwords import is_hash
from chatproto.rooms.names import key_of
from chatproto.stores import soundness
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.entries import counts, every_account
from chatproto.stores.trouble import StoreFailed, StoreRefused
from chatproto.stores.versions import newest


def check(database: DirectDatabase) -> bool:
    """Look at everything, tell what there is, and whether it is sound. Blocks. Raises `StoreFailed` where not even
    the version can be told, and `StoreRefused`."""
    version = version_of(database)
    tell(f"store: {database}{_size(database)}")
    old = "" if version == newest() else f"; {newest()} is the newest, twistd chat store upgrade brings it up to that"
    tell(f"version: {version}{old}")
    sound = _sqlite(database) if database.dialect == "sqlite" else True
    if not old:
        sound &= _look("keys and hashes", lambda: database.at_once(_accounts))
        sound &= _counted(database)
    return sound


def _size(database: DirectDatabase) -> str:
    if database.dialect != "sqlite":
        return ""
    return f", {Path(database.url.database or '').stat().st_size / 1e6:,.1f} MB"


def _sqlite(database: DirectDatabase) -> bool:
    sound = _look("pages and indexes", lambda: database.at_once(soundness.pages))
    sound &= _look("references", lambda: database.at_once(soundness.references))
    try:
        database.claim()  # It has to write, and nobody may wait for that.
    except StoreRefused:
        tell("index of words: not looked at, for a server runs")
        return sound
    return _look("index of words", lambda: directly(database.write(soundness.word_index))) and sound


def _look(what: str, look: Callable[[], Sequence[str]]) -> bool:
    """Tell the troubles that there are. Where it cannot be looked at all, as at a file that was overwritten, there is
    more to look at all the same."""
    try:
        troubles = look()
    except StoreFailed as failed:
        troubles = [str(failed)]
    for trouble in troubles:
        tell(f"{what}: BAD: {trouble}")
    if not troubles:
        tell(f"{what}: sound")
    return not troubles


def _accounts(connection: Connection) -> list[str]:
    """Which of them nobody can log in to, but for their suspension."""
    troubles = []
    for account in every_account(connection):
        if account.key != key_of(account.name):
            troubles.append(f"{account.name} has the key {account.key}")
        if account.password and not is_hash(account.password):
            troubles.append(f"{account.name} has no hash of a password")
    return troubles[: soundness.MOST]


def _counted(database: DirectDatabase) -> bool:
    try:
        count = database.at_once(counts)
    except StoreFailed as failed:
        tell(f"what there is cannot be counted: {failed}")
        return False
    tell(f"accounts: {count['account']:,}")
    tell(f"records of rooms and people: {count['record']:,}")
    tell(f"markers of what was read: {count['marker']:,}")
    tell(f"lines: {count['line']:,} in {count['stream']:,} streams, {count['spoken']:,} of them said")
    return True
