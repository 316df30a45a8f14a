"""What an account is, and the words of logging in that dialects and `accounts/` share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PLAIN = "PLAIN"
"""RFC 4616: the password itself."""
SCRAM = "SCRAM-SHA-256"
"""RFC 7677: a proof that one knows the password."""
EXTERNAL = "EXTERNAL"
"""RFC 4422, appendix A: what TLS knows of the peer, here its certificate."""

LONGEST_RESPONSE = 2048
"""Bytes of one message of a client that logs in by SASL; a dialect need keep no more of one."""


@dataclass(frozen=True, slots=True)
class Account:
    """A name that somebody has for themselves, and how they prove it."""

    name: str
    """As it is shown."""
    key: str
    """As it is compared: that of `name` as a person's name."""
    created: float = 0.0
    """Seconds since 1970."""
    seen: float = 0.0
    """When somebody last logged in, in seconds since 1970."""
    password: str = field(default="", repr=False)
    """An argon2id hash in its usual form, with costs and salt in it. Empty: no password lets anybody in."""
    scram: str = field(default="", repr=False)
    """What SCRAM-SHA-256 needs, in the form of RFC 5803: `SCRAM-SHA-256$iterations:salt$stored key:server key`, the
    last three in Base64. Empty: nobody can log in by SCRAM."""
    suspended: str = ""
    """Why nobody may log in. Empty: one may."""
    certificates: tuple[str, ...] = ()
    """SHA-256 of certificates that let their owners in, each 64 hexadecimal digits in lower case; sorted."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What its owner has chosen, for others to interpret."""
