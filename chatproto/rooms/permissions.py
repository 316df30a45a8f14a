"""Who may do what. Each function returns if it is allowed and raises a `ChatError` if not; all dialects ask here."""

from __future__ import annotations

from chatproto.errors import (
    AtItsLimit,
    Banned,
    InviteOnly,
    MayNotSpeak,
    NeedsAccount,
    NotInRoom,
    NotOperator,
    NotServerOperator,
    Outranked,
    OutsideMayNotSpeak,
    RoomFull,
    TooLong,
    TooManyRooms,
    Unwanted,
    WrongKey,
)
from chatproto.events import Kind
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms.formatting import has_colours
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.masks import Mask
from chatproto.rooms.names import key_of
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

MUTE = "m:"
"""Before the mask of a ban: they may come in, and not speak."""
ACCOUNT = "a:"
"""Before the name of an account, in place of a mask."""

_ON_SPEECH = frozenset(
    {Rule.NO_CTCP, Rule.NO_COLOURS, Rule.REGISTERED_SPEAK, Rule.MODERATED, Rule.OP_MODERATED}
)  # What `may_speak` asks for, of those who are in the room.
_NOBODY = Status.NONE  # For each line: Python 3.11 takes its time to find the member of an enumeration.

_GRANTED_BY = {
    Status.VOICE: Status.HALFOP,
    Status.HALFOP: Status.OPERATOR,
    Status.OPERATOR: Status.OPERATOR,
    Status.PROTECTED: Status.FOUNDER,
    Status.FOUNDER: Status.FOUNDER,
}


def rank(user: User, room: Room) -> Status:
    """What `user` is in `room`. An operator of the server counts as the founder of every room."""
    return Status.FOUNDER if user.operator else room.members.get(user, Status.NONE)


def may_join(user: User, room: Room | None, key: str, limits: RoomLimits) -> None:
    """Neither the person nor the room, if there is one yet, is at its limit, and the room's rules let them in."""
    if len(user.rooms) >= limits.rooms_per_person:
        raise TooManyRooms(limits.rooms_per_person)
    if room is None:
        return
    name, rules = room.name.shown, room.rules
    if len(room.members) >= limits.people_per_room:
        raise RoomFull(name, limits.people_per_room)
    if user.operator or room in user.invitations or _belongs(user, room):
        return
    if Rule.REGISTERED_ONLY in rules and not user.who.account:
        raise NeedsAccount(name)
    if banned(user, room):
        raise Banned(name)
    if Rule.INVITE_ONLY in rules and not listed(user, room, Listing.INVITED):
        raise InviteOnly(name)
    if Rule.KEY in rules and key != rules[Rule.KEY]:
        raise WrongKey(name)
    if Rule.LIMIT in rules and len(room.members) >= int(rules[Rule.LIMIT]):
        raise AtItsLimit(name)


def owns(user: User, room: Room) -> bool:
    """Whether `room` is registered, and `user` its founder; an operator of the server is as good as one."""
    its = room.registration
    return its is not None and (user.operator or (user.who.account != "" and key_of(user.who.account) == its.founder))


def _belongs(user: User, room: Room) -> bool:
    """Whether they are at least half-operators whenever they come in."""
    its, account = room.registration, user.who.account
    return its is not None and bool(account) and its.status(key_of(account)) >= Status.HALFOP


def must_be_in(user: User, room: Room) -> None:
    """Only members have anything to do with a room."""
    if user not in room.members:
        raise NotInRoom(room.name.shown)


def may_speak(user: User, room: Room, text: str, kind: Kind) -> Status:
    """The room takes what they want to say. Returns who is to hear it: those who are at least that."""
    name, rules = room.name.shown, room.rules
    status = room.members.get(user)
    if status is not None and not room.lists and _ON_SPEECH.isdisjoint(rules):  # So it is nearly always.
        return _NOBODY
    if status is None and Rule.NO_OUTSIDE in rules:
        raise OutsideMayNotSpeak(name)
    if Rule.NO_CTCP in rules and kind in (Kind.CTCP, Kind.CTCP_REPLY):
        raise MayNotSpeak(name, f"{name} takes no CTCP.")
    if Rule.NO_COLOURS in rules and has_colours(text):
        raise MayNotSpeak(name, f"{name} takes no colours.")
    if status or user.operator:  # At least a voice.
        return Status.NONE
    if Listing.BAN in room.lists and (banned(user, room) or banned(user, room, MUTE)):
        raise MayNotSpeak(name, f"You are banned from speaking in {name}.")
    if Rule.REGISTERED_SPEAK in rules and not user.who.account:
        raise MayNotSpeak(name, f"Only people who are logged in may speak in {name}.")
    if Rule.MODERATED in rules:
        raise MayNotSpeak(name, f"{name} is moderated: only those with a voice may speak.")
    return Status.HALFOP if Rule.OP_MODERATED in rules else Status.NONE


def may_tell(user: User, target: User, kind: Kind) -> None:
    """`target` takes what `user` wants to tell it alone."""
    if user is target or user.operator:
        return
    if UserMode.REGISTERED_ONLY in target.modes and not user.who.account and user not in target.accepted:
        raise NeedsAccount(target.name.shown)
    if UserMode.NO_CTCP in target.modes and kind in (Kind.CTCP, Kind.CTCP_REPLY):
        raise Unwanted(target.name.shown, "takes no CTCP")


def may_set_topic(user: User, room: Room) -> None:
    """Any member may, unless the room leaves it to its operators."""
    if not user.operator:
        must_be_in(user, room)
    if Rule.TOPIC_LOCKED in room.rules:
        must_be_operator(user, room, Status.HALFOP)


def must_be_operator(user: User, room: Room, least: Status = Status.OPERATOR) -> None:
    """A member of that rank."""
    if rank(user, room) < least:
        must_be_in(user, room)
        raise NotOperator(room.name.shown)


def must_rule(user: User, room: Room) -> None:
    """An operator of the room. Even outside: whether one is in the room does not matter to the answer."""
    if rank(user, room) < Status.OPERATOR:
        raise NotOperator(room.name.shown)


def must_run_the_server(user: User) -> None:
    """An operator of the server."""
    if not user.operator:
        raise NotServerOperator


def may_kick(user: User, target: User, room: Room) -> None:
    """Operators may, but not those who stand higher; nor do half-operators kick each other, nor those protected."""
    must_be_operator(user, room, Status.HALFOP)
    ours, theirs = rank(user, room).bit_length(), room.members[target].bit_length()
    equals = (Status.HALFOP.bit_length(), Status.PROTECTED.bit_length())
    if user is not target and (theirs > ours or (theirs == ours and ours in equals)):
        raise Outranked(room.name.shown, target.name.shown)


def may_change(user: User, room: Room, change: Change, target: User | None) -> None:
    """A member's status is given and taken by those above it, and given up by oneself; the rest is for operators."""
    if isinstance(change.what, Status):
        least = Status.NONE if user is target and not change.add else _GRANTED_BY[change.what]
    else:
        least = Status.HALFOP if isinstance(change.what, Listing) else Status.OPERATOR
    if rank(user, room) < least:  # Even outside: whether one is in the room does not matter to the answer.
        raise NotOperator(room.name.shown)


def may_grant(held: Status, room: Room, status: Status) -> None:
    """Who stands so high may make somebody all of that, or take it from them."""
    if any(held < least for each, least in _GRANTED_BY.items() if each & status):
        raise NotOperator(room.name.shown)


def may_read(user: User, room: Room, listing: Listing) -> None:
    """Everyone may read who is banned; the other lists are for operators."""
    if listing is not Listing.BAN and rank(user, room) < Status.HALFOP:
        raise NotOperator(room.name.shown)


def may_invite(user: User, room: Room) -> None:
    """Any member may, but into a room for invited people only an operator."""
    must_be_in(user, room)
    if Rule.INVITE_ONLY in room.rules:
        must_be_operator(user, room, Status.HALFOP)


def banned(user: User, room: Room, how: str = "") -> bool:
    """Whether a ban of that sort, and no exception, is for `user`."""
    excepted = listed(user, room, Listing.EXCEPTION) or (how and listed(user, room, Listing.EXCEPTION, how))
    return not excepted and listed(user, room, Listing.BAN, how)


def listed(user: User, room: Room, listing: Listing, how: str = "") -> bool:
    """Whether one of the list's masks, of those that begin with `how`, is for `user`."""
    masks = room.lists.get(listing)
    return masks is not None and any(
        is_for(mask.removeprefix(how), user) for mask in masks if mask.startswith(how) and (how or mask[:2] != MUTE)
    )


def is_for(mask: str, user: User) -> bool:
    """Whether `mask` is for `user`: by what others see of it, or its account."""
    if mask.startswith(ACCOUNT):
        account = user.who.account
        return bool(account) and Mask(mask.removeprefix(ACCOUNT)).matches(account)
    return Mask(mask).matches(user.who.mask)


def is_for_account(mask: str, account: str) -> bool:
    """Whether an entry of a list is for that account, and for nobody else: one with wildcards means others, too."""
    whose = mask.removeprefix(MUTE)
    return whose.startswith(ACCOUNT) and key_of(whose.removeprefix(ACCOUNT)) == account


def fits(what: str, text: str, limit: int) -> None:
    """`text` has at most `limit` characters."""
    if len(text) > limit:
        raise TooLong(what, len(text), limit)
