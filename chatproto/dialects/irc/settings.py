"""What an operator decides of IRC; each is a setting of `[irc]` in chat.toml.

Where a client is told of one, that is done as IRC's clients expect it: by numerics, ISUPPORT and capabilities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatproto.setting import setting

YEAR = 31_536_000
"""Seconds."""

LONGEST_PASSWORD = 400
"""Bytes of the server's password: with PASS before it, it must fit on a line of 512."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_NETWORK = re.compile(r"[!-<>-\[\]-~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class IrcSettings:
    """How the server looks to IRC clients, and the bounds of what only they can do."""

    name: str = setting("chatproto.local", "The server's name as IRC clients see it: a host name with a dot in it.")
    network: str = setting("chat", "The network's name as IRC clients see it; one word.")
    description: str = setting("", "What the server is, in a line, as WHOIS and LINKS show it. Empty: not shown.")
    password: str = setting(
        "",
        "Password that IRC clients must give, as it is or as --hash-password prints it; as a flag, the list of "
        "processes shows it. Empty: none.",
    )
    motd: str = setting("", "Text file, the message of the day, read at the start and on SIGHUP. Empty: none.")
    admin: tuple[str, ...] = setting((), "Up to three lines for ADMIN: two of where the server is, an e-mail address.")
    sts_seconds: int = setting(
        0,
        "How long clients shall use TLS only, in seconds (strict transport security); 0: no such policy.",
        least=0,
        most=10 * YEAR,
    )
    sts_port: int = setting(
        0,
        "TLS port that clients in cleartext are sent to by that policy; 0: tls_port, or port where it takes TLS.",
        least=0,
        most=65_535,
    )
    away_length: int = setting(390, "Longest away message, in bytes.", least=1, most=400)
    realname_length: int = setting(150, "Longest real name, in bytes.", least=1, most=400)
    kick_length: int = setting(390, "Longest reason for a kick, and for leaving, in bytes.", least=1, most=400)
    targets: int = setting(4, "People and rooms that one message can be for.", least=1, most=100)
    modes_per_line: int = setting(20, "Modes with a parameter that one MODE can change.", least=1, most=100)
    monitor_limit: int = setting(100, "Names that one connection can monitor.", least=1, most=10_000)
    multiline_bytes: int = setting(16_384, "Longest message of several lines, in bytes.", least=512, most=1024 * 1024)
    multiline_lines: int = setting(100, "Lines of such a message.", least=2, most=10_000)
    replayed: int = setting(
        100,
        "Lines of each room that a client is shown when somebody comes back who stayed, if it cannot ask for them.",
        least=0,
        most=10_000,
    )
    history_read: int = setting(
        1000, "Lines of history that a client gets in one answer (CHATHISTORY).", least=1, most=10_000
    )
    metadata_keys: int = setting(20, "Keys of metadata that one person or room can have.", least=0, most=1000)
    metadata_value_bytes: int = setting(300, "Longest value of such a key, in bytes.", least=1, most=350)
    metadata_subs: int = setting(50, "Keys of metadata that one connection can subscribe to.", least=1, most=1000)

    def __post_init__(self) -> None:
        if len(self.name) > 63 or not _HOST.fullmatch(self.name):
            raise ValueError("name must be a host name of at most 63 characters with a dot in it, like irc.example.org")
        if len(self.network) > 63 or not _NETWORK.fullmatch(self.network):
            raise ValueError("network must be one word of at most 63 letters, digits and signs other than = and \\")
        if len(self.description) > 200 or _CONTROL.search(self.description):
            raise ValueError("description must be one line of at most 200 characters")
        if len(self.password.encode()) > LONGEST_PASSWORD or _CONTROL.search(self.password):
            raise ValueError(f"password must be one line of at most {LONGEST_PASSWORD} bytes")
        if len(self.admin) > 3:
            raise ValueError(f"admin has three lines at most, not {len(self.admin)}")
        if any(len(line) > 300 or _CONTROL.search(line) for line in self.admin):
            raise ValueError("admin must have lines of at most 300 characters, without control characters")
