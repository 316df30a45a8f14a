"""Commands about accounts."""

from __future__ import annotations

import time
from abc import abstractmethod
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import Connection
from twisted.python import usage

from chatproto.account import Account
from chatproto.accounts.hashing import Hashing
from chatproto.accounts.login import Logins
from chatproto.accounts.site import STAYS
from chatproto.accounts.source import Accounts
from chatproto.accounts.throttle import Throttle
from chatproto.admin.command import Command, Commands, Refused, tell
from chatproto.admin.opened import opened
from chatproto.admin.passwords import asked_password
from chatproto.config import Settings
from chatproto.errors import NoSuchAccount
from chatproto.interfaces import Record
from chatproto.rooms import names
from chatproto.rooms.names import key_of
from chatproto.rooms.owned import NameReserved, Owned
from chatproto.rooms.presence import PRESENCE
from chatproto.rooms.room_record import KIND as ROOM
from chatproto.rooms.room_record import without
from chatproto.stores.accounts import SqlAccounts, remove
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.entries import every_account
from chatproto.stores.forgetting import strip

NAMED = 16
"""Characters of a name that the list has room for; a longer one moves the rest of its line."""

ASKS = "The password is asked for twice, unseen; or it is the first line of the standard input, if that is no terminal."


class ListCommand(Command):
    """`accounts list`."""

    longdesc = (
        "Lists all accounts, one in a line: the name, when it was made and when somebody logged in last (UTC), how "
        "many certificates let somebody in, and, if nobody may log in, why."
    )

    def run(self, settings: Settings) -> bool:
        """See `Command.run`."""
        with opened(settings) as database:
            database.at_once(_list)
        return True


def _list(connection: Connection) -> None:
    for account in every_account(connection):
        tell(_line(account))


def _line(account: Account) -> str:
    words = [f"{account.name:<{NAMED}}", f"made {_time(account.created)}", f"last in {_time(account.seen)}"]
    if account.certificates:
        words.append(f"certificates {len(account.certificates)}")
    if account.suspended:
        words.append(f"suspended: {account.suspended}")
    return "  ".join(words)


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


class OfOne(Command):
    """What is done to one account."""

    synopsis = "NAME"
    makes = False
    """Whether it makes a store, where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""

    def parseArgs(self, name: str) -> None:  # type: ignore[override]
        """The account's name, as anybody may write it."""
        self.name = name

    def run(self, settings: Settings) -> bool:
        """See `Command.run`."""
        with opened(settings, makes=self.makes, writes=True) as database:
            tell(self.change(database, settings))
        return True

    @abstractmethod
    def change(self, database: DirectDatabase, settings: Settings) -> str:
        """Do it, and say what was done."""

    def account(self, database: DirectDatabase) -> Account:
        """The one that is meant. Raises `NoSuchAccount`."""
        found = directly(SqlAccounts(database).find(key_of(self.name)))
        if found is None:
            raise NoSuchAccount(self.name)
        return found


class AddCommand(OfOne):
    """`accounts add`."""

    longdesc = f"Makes an account. {ASKS}"
    makes = True

    def change(self, database: DirectDatabase, settings: Settings) -> str:
        """See `OfOne.change`."""
        name = names.person(self.name, settings.rooms)
        owned = Owned()
        owned.load(directly(SqlAccounts(database).names()))
        try:
            owned.must_be_open_to("", name)
        except NameReserved as taken:
            alike = "" if taken.holder is None else f" looks like {taken.holder}, which"
            raise Refused(f"{name.shown}{alike} is registered already.") from None
        directly(_accounts(database, settings).make(name.key, name.shown, asked_password()))
        return f"{name.shown} is an account now."


class PasswordCommand(OfOne):
    """`accounts password`."""

    longdesc = f"Gives an account another password. {ASKS}"

    def change(self, database: DirectDatabase, settings: Settings) -> str:
        """See `OfOne.change`."""
        account = self.account(database)
        directly(_accounts(database, settings).reset_password(account.key, asked_password()))
        return f"{account.name} has another password now."


class SuspendCommand(OfOne):
    """`accounts suspend`."""

    synopsis = "NAME REASON"
    longdesc = "Lets nobody log in to an account any more. The reason is for operators: `accounts list` shows it."

    def __init__(self) -> None:
        super().__init__()
        self.reason = ""

    def parseArgs(self, name: str, *reason: str) -> None:  # type: ignore[override]
        """The name, and a reason of any number of words."""
        super().parseArgs(name)
        self.reason = " ".join(" ".join(reason).split())
        if not self.reason:
            raise usage.UsageError("say why, behind the name")

    def change(self, database: DirectDatabase, settings: Settings) -> str:
        """See `OfOne.change`."""
        account = self.account(database)
        directly(SqlAccounts(database).change(account.key, suspended=self.reason))
        directly(database.write(partial(strip, without=partial(_absent, account.key))))
        return f"Nobody can log in to {account.name} now."


class ResumeCommand(OfOne):
    """`accounts resume`."""

    longdesc = "Lets the owner of an account that was suspended log in again."

    def change(self, database: DirectDatabase, settings: Settings) -> str:
        """See `OfOne.change`."""
        account = self.account(database)
        directly(SqlAccounts(database).change(account.key, suspended=""))
        return f"{account.name} can log in again."


class RemoveCommand(OfOne):
    """`accounts remove`."""

    longdesc = (
        "Forgets an account for good, and with it its private talk; its rooms are registered no more. What was said "
        "stays in rooms that are there without it. The name is free then."
    )

    def change(self, database: DirectDatabase, settings: Settings) -> str:
        """See `OfOne.change`."""
        account = self.account(database)
        if settings.accounts.auth and account.suspended:
            raise Refused(STAYS)
        directly(database.write(partial(_remove, account=account.key)))
        return f"{account.name} is no account any more."


def _remove(connection: Connection, account: str) -> None:
    """All at once, or an interrupted command could not be given again."""
    remove(connection, account)
    strip(connection, partial(_without, account))


def _absent(account: str, kind: str, key: str, record: Record) -> Record | None:
    """Who has that account does not stay in their rooms."""
    return None if (kind, key) == (PRESENCE, account) else record


def _without(account: str, kind: str, key: str, record: Record) -> Record | None:
    """See `forgetting.Without`; what a server does in `logins.forget`."""
    return without(record, account) if kind == ROOM else _absent(account, kind, key, record)


class AccountsCommands(Commands):
    """`twistd chat accounts`."""

    longdesc = (
        "Makes and changes accounts while no server runs on the store. While one does, its operators can do the same "
        "in the chat, and only `list` works here."
    )
    subCommands: ClassVar[list[tuple[str, None, type[Command], str]]] = [  # noqa: N815
        ("list", None, ListCommand, "List all accounts."),
        ("add", None, AddCommand, "Make an account."),
        ("password", None, PasswordCommand, "Give an account another password."),
        ("suspend", None, SuspendCommand, "Let nobody log in to an account."),
        ("resume", None, ResumeCommand, "Let its owner log in again."),
        ("remove", None, RemoveCommand, "Forget an account for good."),
    ]


def _accounts(database: DirectDatabase, settings: Settings) -> Accounts:
    """As the server has them, but on this thread. Raises `Refused` where the site has its own."""
    if settings.accounts.auth:
        raise Refused("accounts are not made or given passwords here: auth says who has one.")
    hashing = Hashing(settings.accounts, _here, b"")
    throttle = Throttle(settings.accounts, time.monotonic)
    return Accounts(Logins(SqlAccounts(database), hashing, throttle, key_of, time.time))


async def _here(work: Any, *arguments: Any) -> Any:
    return work(*arguments)
