"""METADATA: keys and values that people tell of themselves and of their rooms (IRCv3's metadata, a draft)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from chatproto.dialects.irc import facts
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import packed
from chatproto.dialects.irc.batch import Batch
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.numerics import Numeric
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import ChatError, NoSuchPerson, NoSuchRoom
from chatproto.rooms import metadata
from chatproto.rooms.metadata import BadKey, BadValue, NotSet, NotYours, TooManyKeys
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

SELF = "*"
KEYS_IN_A_LINE = 12


class _Refused(ChatError):
    """A FAIL that ends the command: its code, what it is about, and its text."""

    def __init__(self, code: str, *context: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.context = context


class _Target(NamedTuple):
    """What is asked for, or told of; `found` is None for a client that has no name yet."""

    name: str
    found: User | Room | None


@verb(
    "METADATA <target> <subcommand> {<parameter>}",
    params=2,
    early=True,
    summary="Tells something of you (*), of somebody or of a channel: SET, GET, LIST, CLEAR, SYNC, SUB, UNSUB, SUBS.",
)
def _metadata(talk: IrcConversation, message: Message) -> Answer:
    name, subcommand, *params = message.params
    run = _RUN.get(subcommand.upper())
    if talk.registration is not None and facts.CAP not in talk.caps:
        talk.numeric(n.ERR_NOTREGISTERED)
    elif run is None:
        talk.fail("METADATA", "SUBCOMMAND_INVALID", subcommand, text="Invalid subcommand")
    elif len(params) < run.params:
        talk.numeric(n.ERR_NEEDMOREPARAMS, "METADATA")
    else:
        try:
            return run.run(talk, _Target(SELF, None) if run.own else _target(talk, name), params)
        except _Refused as refused:
            talk.fail("METADATA", refused.code, *refused.context, text=str(refused))
    return None


def _target(talk: IrcConversation, name: str) -> _Target:
    """Whom or what is meant. Who asks for a room and is not in there does not learn whether a secret one exists."""
    if talk.registration is not None:
        if name != SELF:
            raise _Refused("INVALID_TARGET", name, text="Before you have a nick, the only target is *")
        return _Target(SELF, None)
    if name == SELF:
        return _Target(talk.nick, talk.user)
    try:
        found = talk.rooms.room(name) if name.startswith("#") else talk.rooms.people.find(name)
    except (NoSuchRoom, NoSuchPerson):
        raise _invalid(name) from None
    if isinstance(found, Room) and not talk.rooms.visible(found, talk.user):
        raise _invalid(name)
    return _Target(found.name.shown, found)


def _invalid(name: str) -> _Refused:
    return _Refused("INVALID_TARGET", name, text="Invalid target")


def _refusal(error: ChatError, target: str, key: str) -> _Refused:
    """In the words of the specification."""
    text = str(error)
    if isinstance(error, BadKey):
        return _Refused("KEY_INVALID", key, text=text)
    if isinstance(error, NotYours):
        return _Refused("KEY_NO_PERMISSION", target, key, text=text)
    if isinstance(error, NotSet):
        return _Refused("KEY_NOT_SET", target, key, text=text)
    if isinstance(error, TooManyKeys):
        return _Refused("LIMIT_REACHED", target, text=text)
    assert isinstance(error, BadValue)
    return _Refused("VALUE_INVALID", text=text)


# -- what is known


def _must_see(talk: IrcConversation, target: _Target) -> None:
    try:
        if target.found is not None:
            metadata.may_see(talk.user, target.found)
    except NotYours as error:
        raise _refusal(error, target.name, "*") from None


def _facts(talk: IrcConversation, target: _Target) -> dict[str, str]:
    return facts.wanted(talk).early if target.found is None else target.found.facts or {}


def _get(talk: IrcConversation, target: _Target, keys: list[str]) -> Answer:
    _must_see(talk, target)
    known = _facts(talk, target)
    with Batch(talk, "metadata", target.name) as batch:
        for key in keys:
            try:
                metadata.check_key(key)
            except BadKey as error:
                batch.fail("METADATA", "KEY_INVALID", key, text=str(error))
                continue
            if key in known:
                batch.numeric(n.RPL_KEYVALUE, target.name, key, facts.EVERYONE, known[key])
            else:
                batch.numeric(n.RPL_KEYNOTSET, target.name, key)
    return None


def _list(talk: IrcConversation, target: _Target, params: list[str]) -> Answer:
    _must_see(talk, target)
    _show(talk, target, _facts(talk, target))
    return None


def _show(talk: IrcConversation, target: _Target, known: dict[str, str]) -> None:
    with Batch(talk, "metadata", target.name) as batch:
        for key, value in known.items():
            batch.numeric(n.RPL_KEYVALUE, target.name, key, facts.EVERYONE, value)


def _sync(talk: IrcConversation, target: _Target, params: list[str]) -> Answer:
    _must_see(talk, target)
    keys = dict(facts.wanted(talk).keys)
    if isinstance(target.found, Room):
        return facts.tell(talk, target.name, facts.within(talk, target.found, keys))
    known = _facts(talk, target)
    return facts.tell(talk, target.name, [[(target.name, key, known[key]) for key in known if key in keys]])


# -- changes of it


def _set(talk: IrcConversation, target: _Target, params: list[str]) -> Answer:
    key, value = params[0], params[1] if len(params) > 1 else None
    bounds = facts.bounds(talk)
    try:
        if target.found is None:
            mine = facts.wanted(talk)
            mine.early = metadata.changed(mine.early, key, value, bounds)
        else:
            metadata.check_key(key)
            metadata.set_fact(talk.rooms, talk.session, target.found, key, value, bounds)
    except (BadKey, BadValue, TooManyKeys, NotSet, NotYours) as error:
        raise _refusal(error, target.name, key) from None
    if value is None:
        talk.numeric(n.RPL_KEYNOTSET, target.name, key)
    else:
        talk.numeric(n.RPL_KEYVALUE, target.name, key, facts.EVERYONE, value)
    return None


def _clear(talk: IrcConversation, target: _Target, params: list[str]) -> Answer:
    if target.found is None:
        mine = facts.wanted(talk)
        known, mine.early = mine.early, {}
    else:
        try:
            known = metadata.clear(talk.rooms, talk.session, target.found, facts.bounds(talk))
        except NotYours as error:
            raise _refusal(error, target.name, "*") from None
    _show(talk, target, known)
    return None


# -- what a client wants to be told


def _sub(talk: IrcConversation, target: _Target, keys: list[str]) -> Answer:
    mine = facts.wanted(talk).keys
    before, done = set(mine), []
    for key in _valid(talk, keys):
        if key not in mine and len(mine) >= talk.server.settings.metadata_subs:
            talk.fail("METADATA", "TOO_MANY_SUBS", key, text="Too many subscriptions")
            break
        mine[key] = None
        done.append(key)
    _acknowledge(talk, n.RPL_METADATASUBOK, done)
    new = dict.fromkeys(key for key in done if key not in before)
    if not new or facts.CAP not in talk.caps or talk.registration is not None:
        return None
    return facts.tell(talk, talk.nick, facts.around(talk, new), always=False)


def _unsub(talk: IrcConversation, target: _Target, keys: list[str]) -> Answer:
    mine = facts.wanted(talk).keys
    done = list(_valid(talk, keys))
    for key in done:
        mine.pop(key, None)
    _acknowledge(talk, n.RPL_METADATAUNSUBOK, done)
    return None


def _subs(talk: IrcConversation, target: _Target, params: list[str]) -> Answer:
    with Batch(talk, "metadata-subs") as batch:
        for line in _lines(talk, facts.wanted(talk).keys):
            batch.numeric(n.RPL_METADATASUBS, *line)
    return None


def _valid(talk: IrcConversation, keys: list[str]) -> Iterator[str]:
    """Those that are keys; the others are refused."""
    for key in keys:
        try:
            metadata.check_key(key)
        except BadKey as error:
            talk.fail("METADATA", "KEY_INVALID", key, text=str(error))
        else:
            yield key


def _acknowledge(talk: IrcConversation, numeric: Numeric, keys: list[str]) -> None:
    for line in _lines(talk, keys):
        talk.numeric(numeric, *line)


def _lines(talk: IrcConversation, keys: Collection[str]) -> Iterator[list[str]]:
    """As many as fit into a line, and into its 15 parameters."""
    rest = list(keys)
    while rest:
        line = packed(talk, rest[:KEYS_IN_A_LINE], " ")[0].split(" ")
        yield line
        rest = rest[len(line) :]


class _Subcommand(NamedTuple):
    """What it runs, how many parameters it has at the least, and whether its target is always the client itself."""

    run: Callable[[IrcConversation, _Target, list[str]], Answer]
    params: int = 0
    own: bool = False


_RUN = {
    "GET": _Subcommand(_get, 1),
    "LIST": _Subcommand(_list),
    "SET": _Subcommand(_set, 1),
    "CLEAR": _Subcommand(_clear),
    "SYNC": _Subcommand(_sync),
    "SUB": _Subcommand(_sub, 1, own=True),
    "UNSUB": _Subcommand(_unsub, 1, own=True),
    "SUBS": _Subcommand(_subs, own=True),
}
