"""What people choose for their accounts, each on or off; where they chose nothing, a setting of `[rooms]` of the same
name says what holds, or that nobody may choose it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chatproto.errors import ChatError, quoted
from chatproto.rooms import logins
from chatproto.rooms.limits import ALWAYS_ON, DM_HISTORY, MULTICLIENT, NEVER, OFF, ON
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session

CHOICES = {
    ALWAYS_ON: "you stay in your rooms while you are not connected",
    DM_HISTORY: "what you and somebody else say to each other is kept, if they want it as well",
    MULTICLIENT: "several connections that are logged in to your account, and ask for one name, are one person",
}
"""Their names, and what holds where they are on."""

VALUES = {
    **dict.fromkeys((ON, "true", "yes", "1"), ON),
    **dict.fromkeys((OFF, "false", "no", "0"), OFF),
    "default": "",
}
"""How people write what they want."""


class NoSuchChoice(ChatError):
    """Nothing that one can choose."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no choice {quoted(name)}; there are: {', '.join(CHOICES)}.")


class NotToChoose(ChatError):
    """Something that the server allows to nobody."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is off for everyone here.")


class Chosen(NamedTuple):
    """What holds for somebody."""

    name: str
    on: bool
    own: bool
    """They chose it; it is not the usual."""

    def __str__(self) -> str:
        return f"{self.name}: {ON if self.on else OFF}{'' if self.own else ', as usual'}"


def named(text: str) -> str:
    """The choice that is called so. Raises `NoSuchChoice`."""
    name = text.casefold().replace("_", "-")
    if name not in CHOICES:
        raise NoSuchChoice(text)
    return name


def chosen(chat: RoomService, session: Session) -> Iterator[Chosen]:
    """All that can be chosen, as it is. Raises `NotLoggedIn`."""
    logins.must_be_logged_in(session)
    choices = session.choices if session.user is None else session.user.choices
    for name in CHOICES:
        yield Chosen(name, chat.limits.holds(name, choices), name in choices)


async def choose(chat: RoomService, session: Session, text: str, value: str) -> Chosen:
    """Have the choice called `text` be as `value` says, and what it is then. Raises `NoSuchChoice`, `NotToChoose`,
    `NotLoggedIn`, `ChatError` for a value that is none, and what `IAccounts.choose` does."""
    name = named(text)
    logins.must_be_logged_in(session)
    if value.casefold() not in VALUES:
        raise ChatError(f"{name} can be on, off, or default, not {quoted(value)}.")
    if chat.limits.usual(name) == NEVER:
        raise NotToChoose(name)
    await logins.choose(chat, session, name, VALUES[value.casefold()])
    wanted = VALUES[value.casefold()] or chat.limits.usual(name)
    return Chosen(name, wanted == ON, bool(VALUES[value.casefold()]))
