"""What NickServ does for operators of the server: with the accounts of others. The words are Ergo's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatproto.dialects.irc.services import Words
from chatproto.dialects.irc.verbs.nickserv import SERVICE
from chatproto.rooms import account_operators

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

_command = SERVICE.command
_answer = SERVICE.answer


@_command("LIST [<mask>]", "lists the accounts whose name fits, with * and ? in it", 0, 1, privileged=True)
async def _list(talk: IrcConversation, rest: Words) -> None:
    names, more = await account_operators.matching(talk.rooms, talk.session, rest[0] if rest else "*")
    _listed(talk, names, "account", more=more)


def _listed(talk: IrcConversation, lines: Sequence[str], what: str, *, more: bool) -> None:
    for line in lines:
        _answer(talk, line)
    _answer(talk, account_operators.counted(len(lines), what, more=more))


@_command("SAREGISTER <account> <password>", "makes an account for somebody", 2, 2, privileged=True, to_end=True)
async def _saregister(talk: IrcConversation, rest: Words) -> None:
    account = await account_operators.make(talk.rooms, talk.session, *rest)
    _answer(talk, f"{account.name} is an account now.")


@_command(
    "PASSWD <account> <password>", "gives somebody's account another password", 2, 2, privileged=True, to_end=True
)
async def _passwd(talk: IrcConversation, rest: Words) -> None:
    account = await account_operators.reset_password(talk.rooms, talk.session, *rest)
    _answer(talk, f"{account.name} has another password now.")


@_command(
    "SUSPEND ADD <account> [<reason>]", "lets nobody log in to an account, and cuts off who is", 1, 2,
    privileged=True, to_end=True,
)  # fmt: skip
async def _suspend_add(talk: IrcConversation, rest: Words) -> None:
    name, reason = (*rest, account_operators.NO_REASON)[:2]
    account = await account_operators.suspend(talk.rooms, talk.session, name, reason)
    _answer(talk, f"Nobody can log in to {account.name} now.")


@_command("SUSPEND DEL <account>", "lets the owner of an account log in again", 1, 1, privileged=True)
async def _suspend_del(talk: IrcConversation, rest: Words) -> None:
    account = await account_operators.resume(talk.rooms, talk.session, rest[0])
    _answer(talk, f"{account.name} can log in again.")


@_command("SUSPEND LIST", "lists the accounts that nobody can log in to, with the reasons", 0, 0, privileged=True)
async def _suspend_list(talk: IrcConversation, rest: Words) -> None:
    accounts, more = await account_operators.suspended(talk.rooms, talk.session)
    _listed(talk, [f"{each.name}: {each.suspended}" for each in accounts], "suspended account", more=more)


@_command("ERASE <account>", "has somebody's account forgotten for good", 1, 1, privileged=True)
async def _erase(talk: IrcConversation, rest: Words) -> None:
    account = await account_operators.remove(talk.rooms, talk.session, rest[0])
    _answer(talk, f"The account {account.name} is there no more.")
