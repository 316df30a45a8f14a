"""`/account`: what operators of the server do with the accounts of others."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.dialects.plain.operating import SERVER
from chatproto.dialects.plain.table import Misused, command, me, words
from chatproto.rooms import account_operators, permissions

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

Does = Callable[["PlainConversation", str, str], Coroutine[Any, Any, None]]


class _Way(NamedTuple):
    """What is done for a word of `/account`, and how many more words it needs and takes."""

    does: Does
    least: int
    most: int


@command(
    "/account list|suspended|add|password|suspend|resume|remove [NAME] [PASSWORD|WHY]",
    "list accounts, or those that are suspended; make one for somebody, give it another password, let nobody log in to "
    "it, let its owner in again, or have it forgotten",
    of=SERVER,
    secret=True,
)
def _account(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    permissions.must_run_the_server(me(talk))
    word, name, more = words(rest, 1, 3)
    way = _WAYS.get(word.lower())
    if way is None or not way.least <= bool(name) + bool(more) <= way.most:
        raise Misused
    return way.does(talk, name, more)


async def _list(talk: PlainConversation, mask: str, _: str) -> None:
    names, more = await account_operators.matching(talk.service, talk.session, mask or "*")
    _tell_all(talk, names, "account", more=more)


async def _suspended(talk: PlainConversation, _: str, __: str) -> None:
    accounts, more = await account_operators.suspended(talk.service, talk.session)
    _tell_all(talk, [f"{each.name}: {each.suspended}" for each in accounts], "suspended account", more=more)


def _tell_all(talk: PlainConversation, lines: Sequence[str], what: str, *, more: bool) -> None:
    for line in lines:
        talk.tell(f"  {line}")
    talk.tell(account_operators.counted(len(lines), what, more=more))


async def _add(talk: PlainConversation, name: str, password: str) -> None:
    account = await account_operators.make(talk.service, talk.session, name, password)
    talk.tell(f"{account.name} is an account now.")


async def _password(talk: PlainConversation, name: str, password: str) -> None:
    account = await account_operators.reset_password(talk.service, talk.session, name, password)
    talk.tell(f"{account.name} has another password now.")


async def _suspend(talk: PlainConversation, name: str, why: str) -> None:
    account = await account_operators.suspend(talk.service, talk.session, name, why or account_operators.NO_REASON)
    talk.tell(f"Nobody can log in to {account.name} now.")


async def _resume(talk: PlainConversation, name: str, _: str) -> None:
    account = await account_operators.resume(talk.service, talk.session, name)
    talk.tell(f"{account.name} can log in again.")


async def _remove(talk: PlainConversation, name: str, _: str) -> None:
    account = await account_operators.remove(talk.service, talk.session, name)
    talk.tell(f"The account {account.name} is there no more.")


_WAYS = {
    "list": _Way(_list, 0, 1),
    "suspended": _Way(_suspended, 0, 0),
    "add": _Way(_add, 2, 2),
    "password": _Way(_password, 2, 2),
    "suspend": _Way(_suspend, 1, 2),
    "resume": _Way(_resume, 1, 1),
    "remove": _Way(_remove, 1, 1),
}
