"""What a client is told of people and rooms because it asked for some keys of it (IRCv3's metadata)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import LINES_AT_ONCE, paced, while_seen
from chatproto.dialects.irc.batch import Batch
from chatproto.dialects.irc.look import tags
from chatproto.dialects.irc.message import join
from chatproto.events import MetadataChanged, Stamp
from chatproto.rooms.metadata import Bounds, set_fact
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

CAP = "draft/metadata-2"
EVERYONE = "*"
"""Who may see it: there is nothing that only some may."""
AT_ONCE = 1000
"""Members of the largest room of which everything is told at once on coming in."""

Fact = tuple[str, str, str]
"""Of whom or of which room; key; value."""


@dataclass(slots=True)
class Wanted:
    """What one connection wants to know, and what it told of itself before it had a name."""

    keys: dict[str, None] = field(default_factory=dict)
    early: dict[str, str] = field(default_factory=dict)


def wanted(talk: IrcConversation) -> Wanted:
    """Kept for the connection; empty at first."""
    found: Wanted = talk.state.setdefault(Wanted, Wanted())
    return found


def bounds(talk: IrcConversation) -> Bounds:
    """How much may be set."""
    return Bounds(talk.server.settings.metadata_keys, talk.server.settings.metadata_value_bytes)


# -- what is known


def of(target: User | Room, keys: Collection[str]) -> list[Fact]:
    """What is known of it under these keys."""
    return [(target.name.shown, key, value) for key, value in (target.facts or {}).items() if key in keys]


def within(talk: IrcConversation, room: Room, keys: Collection[str]) -> Iterator[list[Fact]]:
    """What is known of `room`, then of each of those that the client sees there."""
    yield of(room, keys)
    for user in while_seen(talk, room, tuple(room.shown_to(talk.session.user))):
        yield of(user, keys)


def around(talk: IrcConversation, keys: Collection[str]) -> Iterator[list[Fact]]:
    """All that the client is told of: itself, its rooms, who is in them, and whom it watches."""
    told = {talk.user}
    yield of(talk.user, keys)
    for room in tuple(talk.user.rooms.values()):
        if talk.user not in room.members:  # It has left while the answer waited.
            continue
        yield of(room, keys)
        for user in while_seen(talk, room, tuple(room.shown_to(talk.user))):
            yield [] if user in told else of(user, keys)
            told.add(user)
    for name in tuple(talk.rooms.people.watched(talk.session)):
        watched = talk.rooms.people.get(name)
        yield [] if watched is None or watched in told else of(watched, keys)


# -- what is told


async def tell(talk: IrcConversation, target: str, found: Iterable[list[Fact]], *, always: bool = True) -> None:
    """All of it, in a batch of `target`; nothing if there is nothing and it need not be told `always`. It may take more
    than one turn of the reactor."""
    await paced(talk, _told(Batch(talk, "metadata", target), found, always=always))


def _told(batch: Batch, found: Iterable[list[Fact]], *, always: bool) -> Iterator[None]:
    with ExitStack() as begun:
        if always:
            begun.enter_context(batch)
        for facts in found:
            if facts and not always:
                always = True
                begun.enter_context(batch)
            for name, key, value in facts:
                batch.send("METADATA", name, key, EVERYONE, value)
                yield
            yield  # To look at somebody takes its time, too.


def _tell_at_once(talk: IrcConversation, target: str, facts: list[Fact]) -> None:
    for _ in _told(Batch(talk, "metadata", target), [facts], always=False):
        pass


def joined(talk: IrcConversation, room: Room) -> None:
    """The client has come into `room`: it is told what it wants to know, or, if that is much, to ask for it later."""
    if CAP not in talk.caps or not wanted(talk).keys:
        return
    keys = wanted(talk).keys
    if len(room.members) > AT_ONCE:
        later(talk, room)
        return
    facts = (fact for found in within(talk, room, keys) for fact in found)
    first = list(islice(facts, LINES_AT_ONCE + 1))
    if len(first) > LINES_AT_ONCE:
        later(talk, room)
    else:
        _tell_at_once(talk, room.name.shown, first)


def later(talk: IrcConversation, room: Room) -> None:
    """Have the client ask again in a while."""
    talk.numeric(n.RPL_METADATASYNCLATER, room.name.shown, "1")


def of_person(talk: IrcConversation, name: str) -> None:
    """The client has begun to watch that name, or somebody with that name has come."""
    user = talk.rooms.people.get(name)
    if user is not None and user.facts and CAP in talk.caps:
        _tell_at_once(talk, user.name.shown, of(user, wanted(talk).keys))


def entered(talk: IrcConversation) -> None:
    """The client has a name now: what it told of itself before holds from now on, and it is shown all of it."""
    if CAP not in talk.caps:
        return
    early, wanted(talk).early = wanted(talk).early, {}
    for key, value in early.items():
        set_fact(talk.rooms, talk.session, talk.user, key, value, bounds(talk))
    with Batch(talk, "metadata", talk.nick) as batch:
        for key, value in (talk.user.facts or {}).items():
            batch.send("METADATA", talk.nick, key, EVERYONE, value)


def changed(talk: IrcConversation, event: MetadataChanged, stamp: Stamp) -> None:
    """Somebody else has set something, and perhaps this client wants to know. Who did it has had its numeric."""
    if CAP not in talk.caps or event.who.name == talk.nick or event.key not in wanted(talk).keys:
        return
    value = () if event.value is None else (event.value,)
    line = ("METADATA", (event.target, event.key, EVERYONE, *value))
    talk.write(join(*line, event.who.mask, tags(event.who, stamp, talk.server.look(talk.caps))))
