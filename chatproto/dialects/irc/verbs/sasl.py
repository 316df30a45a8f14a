"""AUTHENTICATE: logging in by SASL, before registration or at any time after it.

Sources: IRCv3's "SASL Authentication" 3.1 and 3.2.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from chatproto.account import LONGEST_RESPONSE, Account
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.identity import Login, give_up, tell
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import ChatError, UnknownMechanism
from chatproto.rooms import logins

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

CHUNK = 400
"""Letters of Base64 that a line has; after one that is full comes another, if only an empty one."""

EMPTY, ABORT = "+", "*"

_MOST = (LONGEST_RESPONSE + 2) // 3 * 4
"""Letters of Base64 that the longest message of a client has."""


@verb(
    "AUTHENTICATE <mechanism|data|+|*>",
    params=1,
    early=True,
    summary="Logs in by SASL: names a mechanism, then answers challenges in Base64; * ends that.",
)
def _authenticate(talk: IrcConversation, message: Message) -> Answer:
    text = message.params[0]
    login: Login | None = talk.state.get(Login)
    if text == ABORT:
        if not give_up(talk):
            talk.numeric(n.ERR_SASLABORTED)
        return None
    if login is None:
        _begin(talk, text)
        return None
    if len(text) > CHUNK or len(login.response) + len(text) > _MOST:
        _end(talk)
        talk.numeric(n.ERR_SASLTOOLONG)
        return None
    if text != EMPTY:
        login.response += text
    return None if len(text) == CHUNK else _respond(talk, login)


def _begin(talk: IrcConversation, mechanism: str) -> None:
    peer = talk.link.peer
    try:
        exchange = logins.accounts_of(talk.rooms).begin(mechanism, peer, peer.fingerprint)
    except ChatError as error:
        if isinstance(error, UnknownMechanism):
            talk.numeric(n.RPL_SASLMECHS, ",".join(error.mechanisms) or "*")
        _fail(talk, error)
        return
    talk.state[Login] = Login(exchange)
    talk.send("AUTHENTICATE", EMPTY)  # In all mechanisms here the client speaks first.


async def _respond(talk: IrcConversation, login: Login) -> None:
    """The whole of a client's message has come."""
    try:
        response = b64decode(login.response, validate=True)
    except ValueError:
        _end(talk)
        talk.numeric(n.ERR_SASLFAIL, "SASL authentication failed: That is not Base64.")
        return
    login.response = ""
    try:
        result = await login.exchange.respond(response)
    except ChatError as error:
        _end(talk)
        _fail(talk, error)
        return
    if isinstance(result, Account):
        _end(talk)
        _succeed(talk, result)
    else:
        _challenge(talk, result)


def _challenge(talk: IrcConversation, challenge: bytes) -> None:
    text = b64encode(challenge).decode()
    for start in range(0, len(text) + 1, CHUNK):
        talk.send("AUTHENTICATE", text[start : start + CHUNK] or EMPTY)


def _succeed(talk: IrcConversation, account: Account) -> None:
    if logins.admit(talk.rooms, talk.session, account):
        tell(talk)
        talk.numeric(n.RPL_SASLSUCCESS)


def _fail(talk: IrcConversation, error: ChatError) -> None:
    talk.numeric(n.ERR_SASLFAIL, f"SASL authentication failed: {error}")


def _end(talk: IrcConversation) -> None:
    talk.state.pop(Login, None)
