"""A SQLite file is one process's at a time: two servers would not know of each other's names, rooms and lines."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import URL

from chatproto.stores.trouble import StoreRefused

SUFFIX = "-lock"
"""Of the file that is locked, beside the store. Not the store itself: closing any descriptor of that would end SQLite's
own locks (sqlite.org/howtocorrupt.html, 2.2). It is empty, and stays; the lock ends with its process."""


def claimed(url: URL) -> BinaryIO | None:
    """Keeps the store for this process, and those that it forks, until it is closed. None for PostgreSQL, where nobody
    is kept out. Raises `StoreRefused` if another process has it."""
    if url.drivername != "sqlite":
        return None
    store = Path(url.database or "").resolve()  # By whatever name it is called.
    try:
        descriptor = os.open(f"{store}{SUFFIX}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        file = open(descriptor, "rb", closefd=True)  # noqa: PTH123, SIM115
        if os.geteuid() == 0 and _is_made_by_root(os.fstat(descriptor)):
            # Else who owns the store could not lock it after a command of root.
            owner = (store if store.exists() else store.parent).stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise StoreRefused(f"{store}{SUFFIX} cannot be made: {error.strerror}.") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreRefused(f"{store} is in use: a server runs on it, or a command that changes it.") from None
    except OSError as error:
        file.close()
        raise StoreRefused(f"{store}{SUFFIX} cannot be locked: {error.strerror}.") from None
    return file


def _is_made_by_root(found: os.stat_result) -> bool:
    """Whether it can be given away: nothing that somebody else put there, as a link to a file of root's would be."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == 0
