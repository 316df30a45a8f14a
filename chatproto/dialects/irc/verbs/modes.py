"""Verbs that change what rooms and people are: MODE; and SAMODE, SAJOIN and DEOPER of the server's operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.individual import modes_changed
from chatproto.dialects.irc.letters import (
    LISTING_BY_LETTER,
    RULE_BY_LETTER,
    STATUS_BY_LETTER,
    USER_MODE_BY_LETTER,
    letters_of,
)
from chatproto.dialects.irc.message import Message, echoed
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import BadName, ChatError, ListFull, NoSuchRoom, NotInRoom, NotOperator
from chatproto.modes import VALUED, Change, Listing, Rule, Status, UserMode
from chatproto.rooms import moderation, operators, permissions
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

CHOSEN = frozenset({UserMode.BOT, UserMode.INVISIBLE, UserMode.REGISTERED_ONLY, UserMode.WALLOPS, UserMode.NO_CTCP})
"""What people set and unset as they like."""

_LISTS = {
    Listing.BAN: (n.RPL_BANLIST, n.RPL_ENDOFBANLIST),
    Listing.EXCEPTION: (n.RPL_EXCEPTLIST, n.RPL_ENDOFEXCEPTLIST),
    Listing.INVITED: (n.RPL_INVEXLIST, n.RPL_ENDOFINVEXLIST),
}


@verb("MODE <target> [<modes> {<parameter>}]", params=1, summary="Shows or changes what holds in a room, or for you.")
def _mode(talk: IrcConversation, message: Message) -> Answer:
    target, *rest = message.params
    if target.startswith("#"):
        _of_room(talk, talk.rooms.room(target), rest)
        return None
    user = talk.rooms.people.find(target)
    if user is talk.user:
        _of_person(talk, rest)
    else:
        talk.numeric(n.ERR_USERSDONTMATCH)
    return None


@verb("SAMODE <target> [<modes> {<parameter>}]", params=1, summary="MODE, for operators of the server alone.")
def _samode(talk: IrcConversation, message: Message) -> Answer:
    permissions.must_run_the_server(talk.user)  # Who are operators of every room, so that MODE does it all.
    return _mode(talk, message)


@verb("DEOPER", summary="Ends being an operator of the server.")
def _deoper(talk: IrcConversation, message: Message) -> Answer:
    permissions.must_run_the_server(talk.user)
    _of_person(talk, ["-o"])
    return None


@verb(
    "SAJOIN [<nick>] <channel>{,<channel>}", params=1, summary="Has somebody go into rooms, whatever their rules say."
)
def _sajoin(talk: IrcConversation, message: Message) -> Answer:
    permissions.must_run_the_server(talk.user)
    *nick, names = message.params[:2]
    target = talk.rooms.people.find(nick[0]) if nick else talk.user
    for name in names.split(","):
        try:
            operators.bring(talk.rooms, talk.session, target, name)
        except BadName:
            talk.refuse(NoSuchRoom(name))
        except ChatError as refused:
            talk.refuse(refused)
    return None


# -- of rooms


class Asked(NamedTuple):
    """What a MODE for a room asks for."""

    changes: list[Change]
    lists: list[Listing]
    """Those to be shown."""
    unknown: list[str]


def asked(modes: str, values: Sequence[str], most: int) -> Asked:
    """Read modes and their values. What lacks its value is ignored, and so are changes with a value beyond `most`."""
    found = Asked([], [], [])
    rest = iter(values)
    valued = 0
    for sign, letter in _signed(modes):
        what = STATUS_BY_LETTER.get(letter) or LISTING_BY_LETTER.get(letter) or RULE_BY_LETTER.get(letter)
        if what is None:
            found.unknown.append(letter)
        elif not _takes_value(what, add=sign):
            found.changes.append(Change(sign, what))
        else:
            _take(found, Change(sign, what), next(rest, None), bounded=valued >= most)
            valued += 1
    return found


def _signed(modes: str) -> Iterator[tuple[bool, str]]:
    """Each letter, and whether it is to be set."""
    add = True
    for letter in modes:
        if letter in "+-":
            add = letter == "+"
        else:
            yield add, letter


def _takes_value(what: Status | Rule | Listing, *, add: bool) -> bool:
    return not isinstance(what, Rule) or what is Rule.KEY or (add and what in VALUED)


def _take(found: Asked, change: Change, value: str | None, *, bounded: bool) -> None:
    if isinstance(change.what, Listing) and not value:
        found.lists.append(change.what)
    elif not bounded and (value is not None or (change.what is Rule.KEY and not change.add)):
        found.changes.append(change._replace(value=value or ""))


def _of_room(talk: IrcConversation, room: Room, rest: list[str]) -> None:
    if not rest:
        _show(talk, room)
        return
    wanted = asked(rest[0], rest[1:], talk.server.settings.modes_per_line)
    for letter in dict.fromkeys(wanted.unknown):
        talk.numeric(n.ERR_UNKNOWNMODE, echoed(letter))
    refused: list[ChatError] = []
    for listing in dict.fromkeys(wanted.lists):
        try:
            _show_list(talk, room, listing)
        except (NotInRoom, NotOperator) as why:
            refused.append(why)
    refused += moderation.change(talk.rooms, talk.session, room, wanted.changes)
    for error in _once(refused):
        talk.refuse(error)


def _once(refused: list[ChatError]) -> Iterator[ChatError]:
    """Of what is said of a room as a whole, each thing once."""
    said = set()
    for error in refused:
        same = (type(error), str(error)) if isinstance(error, NotInRoom | NotOperator | ListFull) else error
        if same not in said:
            said.add(same)
            yield error


def _show(talk: IrcConversation, room: Room) -> None:
    """What holds in the room; its key is for members."""
    _must_see(talk, room)
    inside = talk.user in room.members or talk.user.operator
    rules = {rule: room.rules[rule] for rule in Rule if rule in room.rules and (inside or rule is not Rule.KEY)}
    letters = "".join(rule.value for rule in rules)
    talk.numeric(n.RPL_CHANNELMODEIS, room.name.shown, f"+{letters}", *(value for value in rules.values() if value))
    talk.numeric(n.RPL_CREATIONTIME, room.name.shown, str(int(room.created)))


def _must_see(talk: IrcConversation, room: Room) -> None:
    """Of a room that is not shown nothing is for others than its members."""
    if not talk.rooms.visible(room, talk.user):
        raise NotInRoom(room.name.shown)


def _show_list(talk: IrcConversation, room: Room, listing: Listing) -> None:
    _must_see(talk, room)
    permissions.may_read(talk.user, room, listing)
    entry, end = _LISTS[listing]
    for mask, (by, at) in room.lists.get(listing, {}).items():
        talk.numeric(entry, room.name.shown, mask, by, str(int(at)))
    talk.numeric(end, room.name.shown)


# -- of people


def _of_person(talk: IrcConversation, rest: list[str]) -> None:
    user = talk.user
    modes, unknown = _changed(user.modes, rest[0] if rest else "")
    letters = _difference(user.modes, modes)
    if letters:
        talk.rooms.people.become(user, modes)
        modes_changed(talk, letters)
    elif not unknown:
        talk.numeric(n.RPL_UMODEIS, letters_of(modes))
    if unknown:
        talk.numeric(n.ERR_UMODEUNKNOWNFLAG)


def _changed(modes: frozenset[UserMode], text: str) -> tuple[frozenset[UserMode], bool]:
    """What becomes of `modes`, and whether there was a letter that means nothing. Nobody makes themselves an operator
    of the server, and whether one is secure is not for oneself to say: that is ignored."""
    unknown = False
    for add, letter in _signed(text):
        mode = USER_MODE_BY_LETTER.get(letter)
        unknown = unknown or mode is None
        if mode in CHOSEN or (mode is UserMode.OPERATOR and not add):
            modes = modes | {mode} if add else modes - {mode}
    return modes, unknown


def _difference(old: frozenset[UserMode], new: frozenset[UserMode]) -> str:
    """The letters that lead from one to the other."""
    return "".join(letters_of(modes, sign) for sign, modes in (("+", new - old), ("-", old - new)) if modes)
