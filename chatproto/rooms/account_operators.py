"""What operators of the server do with other people's accounts. All functions raise `NotServerOperator` for everybody
else, `NoSuchAccount`, and what `IAccounts` says; what is done is told to all operators."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from chatproto.account import Account
from chatproto.errors import AccountExists, NoSuchAccount
from chatproto.events import Who
from chatproto.rooms import logins, names, operators, permissions
from chatproto.rooms.logins import PASSWORD_CHANGED, accounts_of
from chatproto.rooms.masks import Mask
from chatproto.rooms.names import key_of
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session, user_of

LISTED = 100
"""Accounts that are listed at the most."""

SUSPENDED = "Account suspended"
"""Why somebody is cut off; the reason that the operator gave is for operators."""

NO_REASON = "no reason was given"
"""Why somebody is suspended, where the operator does not say."""


def counted(count: int, what: str, *, more: bool) -> str:
    """How many of something were listed, and whether that was all, as a sentence."""
    if more:
        return f"{count} {what}s are listed, and there are more."
    return f"{count} {what}{'' if count == 1 else 's'}."


async def found(chat: RoomService, session: Session, name: str) -> Account:
    """The account of that name, as anybody may write it."""
    _operator(session)
    return await _found(chat, name)


async def matching(chat: RoomService, session: Session, mask: str) -> tuple[Sequence[str], bool]:
    """The names that fit the mask, by their keys, at most `LISTED`; and whether there are more. Raises `BadMask`."""
    _operator(session)
    wanted = Mask(mask)
    fitting = (name for _, name in await accounts_of(chat).names() if wanted.matches(name))
    listed = list(islice(fitting, LISTED + 1))
    return listed[:LISTED], len(listed) > LISTED


async def suspended(chat: RoomService, session: Session) -> tuple[Sequence[Account], bool]:
    """The accounts that are suspended, in the same way."""
    _operator(session)
    listed = await accounts_of(chat).suspended(LISTED + 1)
    return listed[:LISTED], len(listed) > LISTED


async def make(chat: RoomService, session: Session, text: str, password: str) -> Account:
    """Make an account for somebody. Who has that name now keeps it until they leave. Raises `BadName`,
    `AccountExists`, `NameReserved` for what looks like another account's name, or `BadPassword`."""
    who = _operator(session)
    name = names.person(text, chat.limits)
    if name.shown in chat.owned:
        raise AccountExists(name.shown)
    chat.owned.must_be_open_to("", name)
    account = await accounts_of(chat).make(name.key, name.shown, password)
    chat.owned.add(account.key, account.name)
    _done(chat, who, f"made the account {account.name}")
    return account


async def reset_password(chat: RoomService, session: Session, name: str, password: str) -> Account:
    """Give an account another password, and end the connections of who is logged in: who knows the old one may have
    some of them. Raises `BadPassword`."""
    who = _operator(session)
    account = await _found(chat, name)
    account = await accounts_of(chat).reset_password(account.key, password)
    _done(chat, who, f"gave the account {account.name} another password")
    logins.cut(chat, account.key, who, PASSWORD_CHANGED, session)
    return account


async def add_certificate(chat: RoomService, session: Session, name: str, fingerprint: str) -> Account:
    """Let whoever has that certificate in to an account. Raises `CertificateTaken` or `TooManyCertificates`."""
    who = _operator(session)
    account = await _found(chat, name)
    account = await accounts_of(chat).add_certificate(account.key, fingerprint)
    _done(chat, who, f"added a certificate to the account {account.name}")
    return account


async def suspend(chat: RoomService, session: Session, name: str, reason: str) -> Account:
    """Let nobody log in to an account any more, and end the connections of who is logged in."""
    who = _operator(session)
    account = await _found(chat, name)
    account = await accounts_of(chat).suspend(account.key, reason)
    _done(chat, who, f"suspended the account {account.name}: {reason.rstrip('.')}")
    for user in logins.owners(chat, account.key):
        chat.presences.remove(user, f"Killed ({who.name} ({SUSPENDED}))")
    logins.cut(chat, account.key, who, SUSPENDED)
    return account


async def resume(chat: RoomService, session: Session, name: str) -> Account:
    """Let its owner log in again."""
    who = _operator(session)
    account = await _found(chat, name)
    account = await accounts_of(chat).suspend(account.key, "")
    _done(chat, who, f"lets the owner of the account {account.name} log in again")
    return account


async def remove(chat: RoomService, session: Session, name: str) -> Account:
    """Have an account forgotten. Who is logged in to it stays, logged out."""
    who = _operator(session)
    account = await _found(chat, name)
    await accounts_of(chat).remove(account.key)
    logins.forget(chat, account.key)
    _done(chat, who, f"removed the account {account.name}")
    return account


def _operator(session: Session) -> Who:
    """Who that is, now: they may be gone when it is done."""
    user = user_of(session)
    permissions.must_run_the_server(user)
    return user.who


async def _found(chat: RoomService, name: str) -> Account:
    account = await accounts_of(chat).find(key_of(name))
    if account is None:
        raise NoSuchAccount(name)
    return account


def _done(chat: RoomService, who: Who, what: str) -> None:
    operators.tell(chat, f"{who.name} {what}.")
