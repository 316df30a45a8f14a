"""Being logged in to an account: how one gets there, and what it means for a person's name. All functions raise a
`ChatError` for what is refused; those that take a password raise what `IAccounts` says as well.

Who has no name yet is logged in by the connection, and takes that along on coming in.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatproto.account import Account
from chatproto.errors import AccountExists, ChatError, NoAccounts
from chatproto.events import AccountChanged, AccountGone, Stamp, Who
from chatproto.interfaces import IAccounts
from chatproto.rooms import names
from chatproto.rooms.attendance import NOWHERE
from chatproto.rooms.names import key_of
from chatproto.rooms.owned import NameReserved
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import NO_CHOICES, Session, User, user_of

PASSWORD_CHANGED = "The password was changed"  # noqa: S105
ACCOUNT_GONE = "The account is gone"
"""Why connections end then."""


class LoggedIn(ChatError):
    """Only who is logged in to no account may do that."""

    def __init__(self, account: str) -> None:
        super().__init__(f"You are logged in as {account} already. Log out first.")
        self.account = account


class Shared(ChatError):
    """What would concern the other connections of a person as well."""

    def __init__(self, account: str) -> None:
        super().__init__(f"Other connections of yours are logged in as {account} too. End them first, or this one.")


class NotLoggedIn(ChatError):
    """Only who is logged in may do that."""

    def __init__(self) -> None:
        super().__init__("You are not logged in.")


def accounts_of(chat: RoomService) -> IAccounts:
    """The accounts of this server. Raises `NoAccounts` if it has none."""
    if chat.accounts is None:
        raise NoAccounts("There are no accounts here.")
    return chat.accounts


async def load(chat: RoomService) -> None:
    """Learn which names belong to accounts. Nobody comes in before that. Raises `Unavailable`."""
    chat.owned.load(await accounts_of(chat).names())


def account_of(session: Session) -> str:
    """The name of the account that this connection is logged in to; empty if there is none."""
    return session.account if session.user is None else session.user.who.account


def must_be_logged_in(session: Session) -> str:
    """The key of the account. Raises `NotLoggedIn`."""
    account = account_of(session)
    if not account:
        raise NotLoggedIn
    return key_of(account)


# -- in and out


async def log_in(chat: RoomService, session: Session, name: str, password: str) -> bool:
    """Log in by password; False if the connection ended meanwhile."""
    return admit(chat, session, await accounts_of(chat).log_in(name, password, session.link.peer))


def admit(chat: RoomService, session: Session, account: Account) -> bool:
    """Log in to `account`, which somebody has proved to be theirs; False if the connection has ended. Raises `Shared`
    if it shares its person with others, and that is not logged in to it: they have proved nothing of the kind."""
    chat.owned.add(account.key, account.name)  # Of a site's own accounts not all may have been known.
    if shares(session) and account_of(session) != account.name:
        raise Shared(account_of(session) or "somebody else")
    if not session.gone:
        _become(chat, session, account.name, account.settings)
    return not session.gone


def shares(session: Session) -> bool:
    """Whether its person has other connections."""
    return session.user is not None and len(session.user.sessions) > 1


def log_out(chat: RoomService, session: Session) -> None:
    """Be logged in no more. The name stays: it was taken rightly. Raises `NotLoggedIn`, or `Shared`: one person cannot
    be logged in by half."""
    must_be_logged_in(session)
    if shares(session):
        raise Shared(account_of(session))
    _become(chat, session, "", NO_CHOICES)


def _become(chat: RoomService, session: Session, account: str, choices: Mapping[str, str]) -> None:
    session.account, session.choices = account, choices
    if session.user is None:
        chat.nameless.add(session)
    else:
        _change(chat, session.user, account, choices, session)


def _change(chat: RoomService, user: User, account: str, choices: Mapping[str, str], session: Session | None) -> None:
    user.choices = choices
    for each in user.sessions:
        each.account, each.choices = account, choices
    if user.who.account != account:
        chat.recorded.logs_out(user)
        user.looks(account=account)
        chat.publish(NOWHERE, AccountChanged(user.who), session)
    chat.presences.settle(user)


# -- accounts


async def register(chat: RoomService, session: Session, text: str, password: str) -> bool:
    """Make an account of the name `text`, and log in to it; False if the connection ended meanwhile. It may be the name
    one has, or any that nobody else has. Raises `LoggedIn`, `BadName`, `NameTaken`, `NameReserved` for what looks like
    an account's name, and what `IAccounts.register` does."""
    accounts = accounts_of(chat)
    if account_of(session):
        raise LoggedIn(account_of(session))
    name = names.person(text, chat.limits)
    if name.shown in chat.owned:
        raise AccountExists(name.shown)
    chat.owned.must_be_open_to("", name)
    held = session.user.name.tokens if session.user is not None else ()
    wanted = [token for token in name.tokens if token not in held]
    await chat.people.claim(name, wanted)  # So nobody comes in under it meanwhile, or registers it.
    try:
        account = await accounts.register(name.key, name.shown, password, session.link.peer)
        return admit(chat, session, account)
    finally:
        chat.people.release(wanted)


async def change_password(chat: RoomService, session: Session, old: str, new: str) -> None:
    """Have another password. All other connections that are logged in to the account end: who knows the old password
    may have some of them. Raises `NotLoggedIn`."""
    accounts, key = accounts_of(chat), must_be_logged_in(session)
    who = user_of(session).who
    await accounts.change_password(key, old, new, session.link.peer)
    cut(chat, key, who, PASSWORD_CHANGED, session)


async def remove(chat: RoomService, session: Session, name: str, password: str) -> None:
    """Have an account forgotten, as its owner."""
    account = await accounts_of(chat).log_in(name, password, session.link.peer)
    await accounts_of(chat).remove(account.key)
    forget(chat, account.key)


async def remove_own(chat: RoomService, session: Session) -> None:
    """Have the account forgotten that one is logged in to. Raises `NotLoggedIn`."""
    account = await own(chat, session)
    await accounts_of(chat).remove(account.key)
    forget(chat, account.key)


def forget(chat: RoomService, key: str) -> None:
    """The account is there no more: its name is free, and nobody is logged in to it; who was is told so."""
    name, stamp = chat.owned.name(key), Stamp(0, 0, chat.now())
    chat.owned.discard(key)
    chat.recorded.forget(key)
    chat.history.forget(key)
    if chat.markers is not None:
        chat.markers.forget(key)
    told = _nameless(chat, key)
    for session in told:
        _become(chat, session, "", NO_CHOICES)
    users = owners(chat, key)
    for user in users:
        told += user.sessions
        _change(chat, user, "", NO_CHOICES, None)
    for session in told:
        session.owner.hear(AccountGone(name), stamp)
    for user in users:  # What their connections had in common was the account.
        for session in user.sessions[1:]:
            session.owner.cut(user.who, ACCOUNT_GONE)


def owners(chat: RoomService, key: str) -> list[User]:
    """Who is here and logged in to that account."""
    return [user for user in chat.people if user.who.account and key_of(user.who.account) == key]


def _nameless(chat: RoomService, key: str) -> list[Session]:
    """Who is logged in to it, and has not come in yet."""
    return [session for session in chat.nameless if session.account and key_of(session.account) == key]


def cut(chat: RoomService, key: str, who: Who, reason: str, spared: Session | None = None) -> None:
    """End all connections that are logged in to that account, in the name of `who`; but one may be spared."""
    here = [each for user in owners(chat, key) for each in user.sessions]
    for session in (*_nameless(chat, key), *here):
        if session is not spared:
            session.owner.cut(who, reason)


async def choose(chat: RoomService, session: Session, setting: str, value: str) -> None:
    """Have the owner's choice kept with the account, and hold from now on; an empty value is the usual. Raises
    `NotLoggedIn`, and what `IAccounts.choose` does."""
    account = await accounts_of(chat).choose(must_be_logged_in(session), setting, value)
    for user in list(chat.people):
        if user.who.account == account.name:
            user.choices = account.settings
            for each in user.sessions:
                each.choices = account.settings
            chat.presences.settle(user)
    for each in chat.nameless:
        if each.account == account.name:
            each.choices = account.settings


async def own(chat: RoomService, session: Session) -> Account:
    """The account one is logged in to. Raises `NotLoggedIn`."""
    account = await accounts_of(chat).find(must_be_logged_in(session))
    if account is None:  # Somebody removed it elsewhere.
        raise NotLoggedIn
    return account


__all__ = [
    "PASSWORD_CHANGED",
    "LoggedIn",
    "NameReserved",
    "NotLoggedIn",
    "Shared",
    "account_of",
    "accounts_of",
    "admit",
    "change_password",
    "choose",
    "cut",
    "forget",
    "load",
    "log_in",
    "log_out",
    "must_be_logged_in",
    "own",
    "owners",
    "register",
    "remove",
    "remove_own",
]
