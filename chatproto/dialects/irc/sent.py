"""What a client said lately, by which it can be taken back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chatproto.events import Stamp
from chatproto.rooms.names import key_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

REMEMBERED = 50
"""Messages that are remembered for a connection."""


class Sent:
    """The last messages of one connection, whoever they were for. What was said to one person is kept nowhere else."""

    def __init__(self) -> None:
        self._said: deque[tuple[Stamp, str]] = deque(maxlen=REMEMBERED)

    def add(self, stamp: Stamp, target: str) -> None:
        """This was said to `target`, a room or a person."""
        self._said.append((stamp, target))

    def has(self, message: str, target: str) -> bool:
        """Whether `message` is the id of something that was said to `target`, and is still remembered."""
        key = key_of(target)
        return any(stamp.id == message and key_of(said_to) == key for stamp, said_to in self._said)

    def forget(self, message: str) -> None:
        """It has been taken back."""
        self._said = deque((each for each in self._said if each[0].id != message), maxlen=REMEMBERED)


def sent(talk: IrcConversation) -> Sent:
    """What this connection said lately."""
    found: Sent | None = talk.state.get(Sent)
    if found is None:
        found = talk.state[Sent] = Sent()
    return found
