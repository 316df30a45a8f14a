"""Passwords, and their hashes as settings have them: argon2id (RFC 9106). `accounts/` checks them."""

from __future__ import annotations

import re
import unicodedata

from argon2 import PasswordHasher

LONGEST = 1024
"""Bytes of a password in UTF-8; a longer one is refused, and matches nothing."""

_HASH = re.compile(r"\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+", re.ASCII)


def octets(password: str) -> bytes:
    """What of a password counts: the same for the same characters, however a keyboard composes them (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def hashed(password: str) -> str:
    """The hash of a password, as settings have it: its algorithm, its costs and its salt stand in it. Blocks for about
    a tenth of a second. Raises `ValueError`, with a sentence without its point, for none and for one that is too long.
    """
    size = len(octets(password))
    if not size:
        raise ValueError("an empty password protects nothing")
    if size > LONGEST:
        raise ValueError(f"a password has {LONGEST} bytes at most, not {size}")
    return PasswordHasher().hash(octets(password))


def is_hash(text: str) -> bool:
    """Whether `text` has the form of an argon2 hash; not whether any password matches it."""
    return _HASH.fullmatch(text) is not None
