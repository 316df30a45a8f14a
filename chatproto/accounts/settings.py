"""The bounds of accounts and of logging in; each is a setting of `[accounts]` in chat.toml."""

from __future__ import annotations

from dataclasses import dataclass

from chatproto.passwords import LONGEST
from chatproto.setting import setting

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Bounds that `Accounts`, `Hashing` and `Throttle` hold."""

    registration: str = setting(
        OPEN, "Whether people may make accounts for themselves: open, or closed.", choices=(OPEN, CLOSED)
    )
    auth: tuple[str, ...] = setting(
        (),
        "Who says who somebody is, in the place of accounts that are made here: TYPE[:ARGUMENTS], as file:/etc/users. "
        "Can be given many times; --help-auth lists the types.",
    )
    password_least: int = setting(8, "Shortest password, in bytes.", least=1, most=64)
    password_most: int = setting(300, "Longest password, in bytes.", least=64, most=LONGEST)
    attempts_per_address: int = setting(
        20, "Wrong logins from one IP address (IPv6: one /64 network) in attempt_seconds.", least=1, most=1_000_000
    )
    attempts_per_account: int = setting(
        20,
        "Wrong logins with one account's name in attempt_seconds, from anywhere; where somebody was let in to it, "
        "as many from each such address, and those do not count elsewhere.",
        least=1,
        most=1_000_000,
    )
    attempt_seconds: float = setting(600.0, "Time in which those are counted, in seconds.", least=0.1, most=86_400)
    registrations_per_address: int = setting(
        10,
        "Tries to register from one IP address (IPv6: one /64 network) in registration_seconds.",
        least=1,
        most=1_000_000,
    )
    registration_seconds: float = setting(
        3600.0, "Time in which those are counted, in seconds.", least=0.1, most=604_800
    )
    attempts_kept: int = setting(
        20_000,
        "Addresses, and names, with attempts that are counted, and addresses where somebody was let in to an account; "
        "of each, beyond it the oldest are forgotten.",
        least=1,
        most=10_000_000,
    )
    certificates_per_account: int = setting(10, "Certificates that let somebody in to one account.", least=1, most=1000)
    hash_passes: int = setting(3, "What argon2id costs: passes over its memory.", least=1, most=1000)
    hash_memory: int = setting(
        65_536, "What argon2id costs: its memory, in KiB; at least 8 for each lane.", least=8, most=4_194_304
    )
    hash_lanes: int = setting(4, "What argon2id costs: its lanes, which run on a thread each.", least=1, most=64)
    hashes_at_once: int = setting(
        2, "Passwords that are hashed at the same time, each in that memory.", least=1, most=64
    )
    hashes_waiting: int = setting(300, "Passwords that wait for those; one more is refused.", least=0, most=10_000)
    scram_iterations: int = setting(
        65_536,
        "Iterations of SCRAM-SHA-256: what a guess costs who steals the accounts, and a login the client.",
        least=4096,
        most=1_000_000,
    )

    def __post_init__(self) -> None:
        if self.hash_memory < 8 * self.hash_lanes:  # RFC 9106, 3.1.
            raise ValueError(f"hash_memory = {self.hash_memory} must be at least 8 for each of {self.hash_lanes} lanes")
