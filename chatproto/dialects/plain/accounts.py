"""Commands about accounts: making one, logging in and out, another password."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatproto.dialects.plain import past
from chatproto.dialects.plain.table import Misused, command, me, needed, words
from chatproto.errors import BadLine, ChatError, NotEncrypted
from chatproto.interfaces import Peer
from chatproto.rooms import logins
from chatproto.rooms.logins import account_of
from chatproto.rooms.owned import NameReserved

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

ACCOUNT = "your account"

BY_TLS = "come by TLS: openssl s_client -quiet -connect HOST:PORT, with the host and the port you came to."


def sentence(refused: BadLine | ChatError, peer: Peer) -> str:
    """What a person is told of it: what they can type, where the error itself does not know. Nobody is asked for a
    password where others may read it."""
    if isinstance(refused, NameReserved):
        private = peer.secure or peer.local
        return f"{refused} To log in: /login {refused.owner} PASSWORD" if private else f"{refused} To log in, {BY_TLS}"
    if isinstance(refused, NotEncrypted):
        sent = "Others may read this connection: no password is taken here, and one that you sent is better changed."
        return f"{sent} To log in, {BY_TLS}"
    return str(refused)


@command("/register PASSWORD", "make your name an account, which is yours alone", of=ACCOUNT, secret=True)
def _register(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    return _make(talk, _one_word(rest))


async def _make(talk: PlainConversation, password: str) -> None:
    if await logins.register(talk.service, talk.session, me(talk).name.shown, password):
        talk.tell(f"{account_of(talk.session)} is your account now, and you are logged in.")
        talk.tell(f"When you come again: /login {account_of(talk.session)} PASSWORD")


@command(
    "/login [NAME] PASSWORD",
    "log in to an account: that of your name, or another one",
    of=ACCOUNT,
    nameless=True,
    secret=True,
)
def _login(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    first, password = words(rest, 1, 2)
    if password:
        return _log_in(talk, first, password)
    if talk.session.user is None:
        raise Misused
    return _log_in(talk, me(talk).name.shown, first)


async def _log_in(talk: PlainConversation, name: str, password: str) -> None:
    if await logins.log_in(talk.service, talk.session, name, password):
        talk.tell(f"You are logged in as {account_of(talk.session)}.")
        if talk.session.user is None:
            await talk.enter(account_of(talk.session))


@command("/logout", "log out of your account; the name you have stays yours until you leave", of=ACCOUNT, nameless=True)
def _logout(talk: PlainConversation, rest: str) -> None:
    past.parted(talk)
    logins.log_out(talk.service, talk.session)
    talk.tell("You are logged out.")


@command("/password OLD NEW", "change your password, and end your other connections", of=ACCOUNT, secret=True)
def _password(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    old, _, new = needed(rest).rpartition(" ")
    return _change(talk, needed(old.strip()), new)


async def _change(talk: PlainConversation, old: str, new: str) -> None:
    await logins.change_password(talk.service, talk.session, old, new)
    talk.tell("Your password is changed.")


def _one_word(text: str) -> str:
    """A password as `/login` can tell it from a name."""
    if len(needed(text).split()) > 1:
        raise ChatError("A password that is typed here is one word.")
    return text
