"""How far somebody has read: what their clients are told of it (IRCv3's read-marker, a draft)."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING

from chatproto.dialects.irc.look import server_time
from chatproto.errors import Unavailable
from chatproto.rooms.reading import account_of
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

CAP = "draft/read-marker"

OWN_MARKERS = 200
"""Markers of a connection that is not logged in; of more the one that was moved longest ago is forgotten."""


class Own(dict[str, float]):
    """Those of a connection that is not logged in, by what is read; it is told nowhere else, and gone with it."""

    def move(self, key: str, time: float) -> None:
        """See `IMarkerStore.move`."""
        self[key] = max(time, self.pop(key, time))
        if len(self) > OWN_MARKERS:
            del self[next(iter(self))]


def ready(talk: IrcConversation) -> Awaitable[None] | None:
    """See `IMarkerStore.ready`, for whoever is here."""
    account = account_of(talk.user)
    return talk.server.markers.ready(account) if account else None


async def at_hand(talk: IrcConversation) -> None:
    """Wait until markers can be told. Those that cannot be had are told as if there were none."""
    waiting = ready(talk) if CAP in talk.caps else None
    if waiting is not None:
        try:
            await waiting
        except Unavailable:
            return


def find(talk: IrcConversation, key: str) -> float | None:
    """Up to when the person has read what has that key (see `reading.Buffer`)."""
    account = account_of(talk.user)
    if account:
        return talk.server.markers.find(account, key)
    own: Own | None = talk.state.get(Own)
    return None if own is None else own.get(key)


def move(talk: IrcConversation, key: str, name: str, time: float) -> None:
    """They have read it up to then. Their other clients are told, if it is later than what was known."""
    known = find(talk, key)
    if known is not None and time <= known:
        return
    account = account_of(talk.user)
    if account:
        talk.server.markers.move(account, key, time)
    else:
        talk.state.setdefault(Own, Own()).move(key, time)
    for session in talk.user.sessions:
        other = session.owner
        if isinstance(other, type(talk)) and other is not talk and CAP in other.caps:
            other.apart(partial(tell, other, name, time))


def tell(talk: IrcConversation, name: str, time: float | None) -> None:
    """Tell the client up to when it was read; None is not known."""
    talk.send("MARKREAD", name, "*" if time is None else f"timestamp={server_time(time)}")


def joined(talk: IrcConversation, room: Room) -> None:
    """The client has come into `room`."""
    if CAP in talk.caps:
        tell(talk, room.name.shown, find(talk, room.name.key))
