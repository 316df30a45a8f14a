"""The bounds of one connection, in bytes, lines and seconds; each is a setting of `[connections]` in chat.toml."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatproto.setting import setting

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Bounds that `LineLink` and its neighbours hold."""

    line_length: int = setting(4096, "Longest line taken, in bytes without its end.", least=64, most=MIB)
    endless_line: int = setting(
        65_536, "A line of more bytes than this, with no end in sight, ends the connection.", least=64, most=64 * MIB
    )
    lines_per_second: float = setting(
        10.0, "Lines taken per second once the burst is used up; more wait their turn.", least=0.001, most=1e9
    )
    burst: int = setting(20, "Lines taken at once after a silence.", least=1, most=1_000_000_000)
    input_waiting: int = setting(
        262_144, "Bytes that may wait their turn; a flood beyond it ends the connection.", least=64, most=1024 * MIB
    )
    lines_per_turn: int = setting(
        20,
        "Lines taken from one connection, over TLS from one record of it, before the others have their turn.",
        least=1,
        most=1_000_000,
    )
    send_queue: int = setting(
        MIB, "Bytes queued for a slow reader; beyond it the connection is cut.", least=1024, most=1024 * MIB
    )
    per_address: int = setting(100, "Connections from one IP address (IPv6: one /64 network).", least=1, most=1_000_000)
    sniff_seconds: float = setting(
        0.4,
        "Silence, in seconds, before a plain greeting where IRC or TLS may come too.",
        least=0,
        most=60,
    )
    login_seconds: float = setting(60.0, "Time to give a name, in seconds.", least=0.1, most=86_400)
    idle_seconds: float = setting(
        1800.0, "Silence, in seconds, after which a peer is asked for a sign of life.", least=0.1, most=31_536_000
    )
    answer_seconds: float = setting(
        300.0, "Time to give that sign of life, in seconds, before the connection is cut.", least=0.1, most=86_400
    )
    closing_seconds: float = setting(
        5.0, "Time to send what is queued when a connection or the server ends, in seconds.", least=0.1, most=3600
    )

    def __post_init__(self) -> None:
        for name in ("endless_line", "input_waiting"):
            if getattr(self, name) <= self.line_length:
                raise ValueError(f"{name} must be more than line_length, which is {self.line_length}")

    def for_lines_of(self, length: int) -> LinkLimits:
        """The same for a dialect that says itself how long a line may be, in bytes without its end."""
        return replace(
            self,
            line_length=length,
            endless_line=max(self.endless_line, length + 1),
            input_waiting=max(self.input_waiting, length + 1),
        )
