"""REGISTER and VERIFY: making an account for oneself.

Source: IRCv3's "account-registration", a draft. No address for mail is asked for or kept, so nothing is to be verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatproto import errors
from chatproto.dialects.irc import identity
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import ChatError
from chatproto.rooms import logins
from chatproto.rooms.logins import account_of
from chatproto.rooms.owned import NameReserved

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

OWN = "*"
"""Stands for one's nick."""

_CODES: dict[type[ChatError], str] = {
    logins.LoggedIn: "ALREADY_AUTHENTICATED",
    errors.AccountExists: "ACCOUNT_EXISTS",
    NameReserved: "ACCOUNT_EXISTS",
    errors.BadName: "BAD_ACCOUNT_NAME",
    errors.NameTaken: "USERNAME_EXISTS",
    errors.BadPassword: "UNACCEPTABLE_PASSWORD",
    errors.NoAccounts: "DISALLOWED",
    errors.NotEncrypted: "DISALLOWED",
    errors.WrongPassword: "DISALLOWED",
}
"""What is refused for good; all else may be tried again later. The draft has no word for a name that somebody has, and
has not registered: that is Ergo's."""


@verb(
    "REGISTER <account|*> <email|*> <password>",
    params=3,
    early=True,
    summary="Makes an account of that name, or of your nick, and logs you in; no e-mail address is kept.",
)
def _register(talk: IrcConversation, message: Message) -> Answer:
    account, _, password = message.params[:3]
    coming = talk.registration
    nick = talk.nick if coming is None else coming.nick or coming.refused
    if not nick:
        talk.fail("REGISTER", "NEED_NICK", OWN, text="Choose a nick first")
        return None
    return _make(talk, nick if account == OWN else account, password)


async def _make(talk: IrcConversation, name: str, password: str) -> None:
    try:
        await _must_know_password(talk)
        if not await logins.register(talk.rooms, talk.session, name, password):
            return
    except ChatError as error:
        talk.fail("REGISTER", code_of(error), name, text=str(error))
        return
    account = account_of(talk.session)
    talk.send("REGISTER", "SUCCESS", account, "Account successfully registered")
    identity.tell(talk)


async def _must_know_password(talk: IrcConversation) -> None:
    """Who may not come in may not have an account either. Raises `WrongPassword`."""
    coming = talk.registration if talk.server.settings.password else None
    if coming is not None and not await talk.server.check_password(coming.password):
        raise errors.WrongPassword


def code_of(error: ChatError) -> str:
    """The word for it behind FAIL REGISTER."""
    if isinstance(error, errors.BadPassword) and error.weak:
        return "WEAK_PASSWORD"
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), "TEMPORARILY_UNAVAILABLE")


@verb("VERIFY <account> <code>", params=2, early=True, summary="Is not needed: an account is there at once.")
def _verify(talk: IrcConversation, message: Message) -> Answer:
    name = message.params[0]
    if account_of(talk.session):
        talk.fail("VERIFY", "ALREADY_AUTHENTICATED", name, text="You are logged in already")
    else:
        talk.fail("VERIFY", "INVALID_CODE", name, text="There is nothing to verify")
    return None
