"""The bounds of the chat itself, in people, rooms and characters; each is a setting of `[rooms]` in chat.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatproto.modes import VALUED, Rule
from chatproto.setting import setting

RESERVED = (
    "all", "anonymous", "chanserv", "everyone", "here", "histserv", "nickserv", "operserv", "root", "server", "you",
)  # fmt: skip


ALWAYS_ON, DM_HISTORY, MULTICLIENT = "always-on", "dm-history", "multiclient"
"""What somebody can choose for their account."""
ON, OFF, NEVER = "on", "off", "never"

DAY = 86_400.0
"""Seconds in which those limits are that count days."""


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
    rooms_registered: int = setting(20, "Rooms that one account has registered.", least=0, most=10_000)
    ranks_kept: int = setting(
        200, "Accounts of which a registered room keeps what they are: operators, …", least=1, most=10_000
    )
    unused_days: float = setting(
        0.0,
        "Days in which nobody was in a registered room, after which it is one no more. 0: never.",
        least=0,
        most=100_000,
    )
    key_length: int = setting(32, "Longest key of a room, in characters.", least=1, most=200)
    departed_kept: int = setting(1000, "People who left that the server remembers, for WHOWAS.", least=0, most=20_000)
    history_kept: int = setting(
        500, "Lines that /history shows at the most; in memory, those kept of each room.", least=0, most=100_000
    )
    multiclient: str = setting(
        ON,
        "Whether several connections of one account that ask for the same name are one person, for accounts that chose "
        "nothing; never: for nobody.",
        choices=(ON, OFF, NEVER),
    )
    clients_per_person: int = setting(20, "Connections that one person has at once.", least=1, most=1000)
    always_on: str = setting(
        OFF,
        "Whether people with an account stay in their rooms while they are not connected, where they chose nothing; "
        "never: nobody does.",
        choices=(ON, OFF, NEVER),
    )
    always_on_days: float = setting(
        90.0, "Days after which somebody who stayed, and did not come back, is gone. 0: never.", least=0, most=100_000
    )
    history_shown: int = setting(10, "Lines that one is shown on coming into a room.", least=0, most=1000)
    missed_shown: int = setting(
        50,
        "Lines of a room that people with an account missed, and are shown on coming again. 0: no more than others.",
        least=0,
        most=1000,
    )
    search_shown: int = setting(20, "Lines that /search shows at once.", least=1, most=1000)
    dm_history: str = setting(
        ON,
        "Whether what two people say to each other is kept, if one is logged in, and chose nothing; never: for nobody.",
        choices=(ON, OFF, NEVER),
    )

    def __post_init__(self) -> None:
        known = {rule.value for rule in Rule} - {rule.value for rule in VALUED}
        if not set(self.room_rules) <= known:
            raise ValueError(f"room_rules = {self.room_rules!r} must be letters of {''.join(sorted(known))}")

    def usual(self, choice: str) -> str:
        """What holds for people who did not choose that: on, off, or never, which nobody can change."""
        value: str = getattr(self, choice.replace("-", "_"))
        return value

    def holds(self, choice: str, choices: Mapping[str, str]) -> bool:
        """Whether that is on for who has these `choices`."""
        usual = self.usual(choice)
        return usual != NEVER and choices.get(choice, usual) == ON
