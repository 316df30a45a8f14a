"""A secret that the server makes for itself, and keeps."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_bytes

SIZE = 32
"""Bytes."""


class BadSecret(Exception):
    """The file of the secret cannot be read or made; `str(error)` is one sentence."""


def kept_secret(file: Path) -> bytes:
    """What is in `file`; if there is none, it is made, for its owner alone to read. Blocks. Raises `BadSecret`."""
    try:
        if not file.exists():
            _make(file)
        secret = file.read_bytes()
    except OSError as error:
        raise BadSecret(f"{file} cannot be read or made: {error.strerror or error}.") from error
    if len(secret) != SIZE:
        raise BadSecret(f"{file} has {len(secret)} bytes, not {SIZE}: remove it, and another one is made.")
    return secret


def _make(file: Path) -> None:
    """Whole or not at all: it is written beside, and then has its name."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = file.with_suffix(".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(token_bytes(SIZE))
    half.rename(file)
