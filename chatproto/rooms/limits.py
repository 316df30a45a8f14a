"""The bounds of the chat itself, in people, rooms and characters; each is a setting of `[rooms]` in chat.toml."""

from __future__ import annotations

from dataclasses import dataclass

from chatproto.modes import VALUED, Rule
from chatproto.setting import setting

RESERVED = ("all", "anonymous", "chanserv", "everyone", "here", "nickserv", "operserv", "root", "server", "you")


@dataclass(frozen=True, slots=True)
class RoomLimits:
    """Bounds that `RoomService` holds. Lengths count characters (Unicode code points after normalisation)."""

    default_room: str = setting("#lobby", "The room that people on plain lines start in; it always exists.")
    reserved_names: tuple[str, ...] = setting(RESERVED, "Names that nobody may take, nor names that look like them.")
    name_length: int = setting(30, "Longest name of a person, in characters.", least=1, most=64)
    room_name_length: int = setting(50, "Longest name of a room with its #, in characters.", least=2, most=64)
    topic_length: int = setting(390, "Longest topic, in characters.", least=1, most=2000)
    message_length: int = setting(2000, "Longest message or reason, in characters.", least=1, most=65536)
    rooms_per_person: int = setting(100, "Rooms that one person can be in at once.", least=1, most=10_000)
    people_per_room: int = setting(20_000, "People that one room holds.", least=1, most=1_000_000)
    room_rules: str = setting(
        "nt", "What holds in a room that somebody opens, as IRC's mode letters; the default room has only n of them."
    )
    list_entries: int = setting(100, "Masks on each list of a room: bans, exceptions, …", least=1, most=10_000)
    key_length: int = setting(32, "Longest key of a room, in characters.", least=1, most=200)
    departed_kept: int = setting(1000, "People who left that the server remembers, for WHOWAS.", least=0, most=20_000)
    history_kept: int = setting(
        500, "Lines that /history shows at the most; in memory, those kept of each room.", least=0, most=100_000
    )
    history_shown: int = setting(10, "Lines that one is shown on coming into a room.", least=0, most=1000)

    def __post_init__(self) -> None:
        known = {rule.value for rule in Rule} - {rule.value for rule in VALUED}
        if not set(self.room_rules) <= known:
            raise ValueError(f"room_rules = {self.room_rules!r} must be letters of {''.join(sorted(known))}")
