"""Verbs of rooms: JOIN, PART, TOPIC, KICK, INVITE, UNINVITE, RENAME. NAMES and LIST are in `listing.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, zip_longest
from typing import TYPE_CHECKING

from chatproto.dialects.irc import markers
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import LINES_AT_ONCE, paced
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.sights import Entering, entered, topic
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import BadName, BadValue, ChatError, MayNotJoin, NoSuchRoom, RoomLooksLike, TooManyRooms
from chatproto.rooms import moderation, permissions
from chatproto.rooms.names import LONGEST

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation


ROOMS_AT_ONCE = 10
"""Rooms that one goes into before others have their turn."""


def cut(text: str, limit: int) -> str:
    """The beginning of `text`, at most `limit` characters of it; what is drawn as one stays together."""
    return truncated(text, len(text[:limit].encode()))


def comment(talk: IrcConversation, params: Sequence[str], place: int) -> str:
    """The reason that may stand at `place`."""
    return truncated(params[place], talk.server.settings.kick_length) if len(params) > place else ""


@verb(
    "JOIN <channel>{,<channel>} [<key>{,<key>}]",
    params=1,
    summary="Goes into rooms, which are opened if need be; JOIN 0 leaves all rooms.",
)
def _join(talk: IrcConversation, message: Message) -> Answer:
    if message.params[0] == "0":
        for room in list(talk.user.rooms.values()):
            talk.rooms.leave(talk.session, room, "")
        return None
    wanted = message.params[0].split(",")
    keys = message.params[1].split(",") if len(message.params) > 1 else []
    return _come(talk, zip_longest(wanted, keys[: len(wanted)], fillvalue=""))


async def _come(talk: IrcConversation, wanted: Iterable[tuple[str, str]]) -> None:
    await markers.at_hand(talk)
    if not talk.session.gone:
        await paced(talk, _entered(talk, wanted))


def _entered(talk: IrcConversation, wanted: Iterable[tuple[str, str]]) -> Iterator[None]:
    """Go into each room, and tell what is in there: many people in many rooms are more than can be queued at once."""
    for name, key in wanted:
        rooms = talk.entering = Entering()
        if name:
            _enter(talk, name, key)
        talk.entering = None
        for room in rooms:
            yield from entered(talk, room)
        yield from repeat(None, LINES_AT_ONCE // ROOMS_AT_ONCE)  # Each has hundreds of masks to be held against one.


def _enter(talk: IrcConversation, name: str, key: str, *, forwarded: bool = False) -> None:
    try:
        talk.rooms.join(talk.session, name, key)
    except TooManyRooms:
        talk.numeric(n.ERR_TOOMANYCHANNELS, echoed(name))
    except BadName:
        talk.refuse(NoSuchRoom(name))
    except MayNotJoin as refused:
        forward = talk.rooms.directory.forward(name)
        if forward is None or forwarded:
            talk.refuse(refused)
        else:
            talk.numeric(n.ERR_LINKCHANNEL, name, forward)
            _enter(talk, forward, key, forwarded=True)
    except ChatError as refused:
        talk.refuse(refused)


@verb("PART <channel>{,<channel>} [<reason>]", params=1, summary="Leaves rooms.")
def _part(talk: IrcConversation, message: Message) -> Answer:
    reason = comment(talk, message.params, 1)
    for name in message.params[0].split(","):
        try:
            talk.rooms.leave(talk.session, talk.rooms.room(name), reason)
        except ChatError as refused:
            talk.refuse(refused)
    return None


@verb("TOPIC <channel> [<topic>]", params=1, summary="Shows the topic of a room, or sets it; an empty one clears it.")
def _topic(talk: IrcConversation, message: Message) -> Answer:
    room = talk.rooms.room(message.params[0])
    if len(message.params) > 1:
        talk.rooms.set_topic(talk.session, room, cut(message.params[1], talk.rooms.limits.topic_length))
    else:
        if not talk.user.operator:
            permissions.must_be_in(talk.user, room)
        topic(talk, room)
    return None


@verb(
    "KICK <channel>{,<channel>} <nick>{,<nick>} [<comment>]",
    params=2,
    summary="Puts people out of a room; of several rooms, one of each.",
)
def _kick(talk: IrcConversation, message: Message) -> Answer:
    rooms, nicks = message.params[0].split(","), message.params[1].split(",")
    if len(rooms) == 1:
        rooms *= len(nicks)
    if len(rooms) != len(nicks):  # RFC 2812, 3.2.8.
        talk.numeric(n.ERR_NEEDMOREPARAMS, "KICK")
        return None
    reason = comment(talk, message.params, 2) or talk.nick
    for name, nick in zip(rooms, nicks, strict=True):
        try:
            room = talk.rooms.room(name)
            moderation.kick(talk.rooms, talk.session, room, talk.rooms.people.find(nick), reason)
        except ChatError as refused:
            talk.refuse(refused)
    return None


@verb("INVITE [<nick> <channel>]", summary="Invites somebody into a room; alone it lists where one is invited to.")
def _invite(talk: IrcConversation, message: Message) -> Answer:
    if not message.params:
        for room in talk.user.invitations:
            if talk.rooms.directory.get(room.name.key) is room:  # Else it is gone.
                talk.numeric(n.RPL_INVITELIST, room.name.shown)
        talk.numeric(n.RPL_ENDOFINVITELIST)
    elif len(message.params) < 2 or not message.params[0]:
        talk.numeric(n.ERR_NEEDMOREPARAMS, "INVITE")
    else:
        target, room = talk.rooms.people.find(message.params[0]), talk.rooms.room(message.params[1])
        moderation.invite(talk.rooms, talk.session, room, target)
        talk.numeric(n.RPL_INVITING, target.who.name, room.name.shown)
        if target.away:
            talk.numeric(n.RPL_AWAY, target.who.name, target.away)
    return None


@verb("UNINVITE <nick> <channel>", params=2, summary="Takes an invitation back.")
def _uninvite(talk: IrcConversation, message: Message) -> Answer:
    target, room = talk.rooms.people.find(message.params[0]), talk.rooms.room(message.params[1])
    if moderation.uninvite(talk.rooms, talk.session, room, target):
        talk.send("UNINVITE", target.who.name, room.name.shown, source=talk.user.who.mask)
    else:
        talk.fail("UNINVITE", "NOT_INVITED", target.who.name, room.name.shown, text="They were not invited.")
    return None


@verb("RENAME <channel> <new name> [<reason>]", params=2, summary="Gives a room another name.")
def _rename(talk: IrcConversation, message: Message) -> Answer:
    old, new = (cut(name, LONGEST) for name in message.params[:2])
    try:
        moderation.rename(talk.rooms, talk.session, talk.rooms.room(old), new, comment(talk, message.params, 2))
    except RoomLooksLike as refused:
        talk.fail("RENAME", "CHANNEL_NAME_IN_USE", old, new, text=str(refused))
    except (BadName, BadValue) as refused:
        talk.fail("RENAME", "CANNOT_RENAME", old, new, text=str(refused))
    return None
