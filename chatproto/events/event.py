"""What all events have: somebody who did it, and where it stands among the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Stamp(NamedTuple):
    """When and where in a stream an event stands. The backplane gives it out before anyone sees the event."""

    epoch: int
    """Which life of the stream this is; offsets of two epochs cannot be compared."""
    offset: int
    """Position in the stream, from 1, without gaps."""
    time: float
    """Seconds since 1970-01-01 UTC."""

    @property
    def id(self) -> str:
        """What names this event, and no other one, on all nodes (IRCv3's msgid)."""
        return f"{self.epoch:x}-{self.offset:x}"

    @classmethod
    def parse(cls, text: str) -> Stamp:
        """The stamp of that id; its time is not known, and 0. Raises ValueError."""
        epoch, offset = text.split("-")
        stamp = cls(int(epoch, 16), int(offset, 16), 0.0)
        if stamp.id != text:
            raise ValueError(text)
        return stamp


@dataclass(frozen=True, slots=True)
class Who:
    """Who did something, as they were then."""

    name: str
    username: str = "user"
    host: str = "localhost"
    """As others may see it; not an address."""
    account: str = ""
    """The account they are logged in to, if any."""
    bot: bool = False
    operator: bool = False
    """An operator of the server."""
    mask: str = field(init=False, repr=False, compare=False)
    """`name!username@host`, which bans are matched with."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mask", f"{self.name}!{self.username}@{self.host}")


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that people are shown."""
