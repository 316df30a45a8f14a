"""Being logged in, as IRC's clients are told of it, and a login by SASL that is under way.

Sources: IRCv3's "SASL Authentication" 3.1 and 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatproto.dialects.irc import numerics as n
from chatproto.errors import ChatError
from chatproto.interfaces import IAccounts, IExchange, Peer
from chatproto.rooms import logins
from chatproto.rooms.logins import account_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

SASL, REGISTRATION = "sasl", "draft/account-registration"


def capabilities(accounts: IAccounts | None, peer: Peer) -> Mapping[str, str]:
    """Those of accounts, with what they offer to `peer`."""
    if accounts is None:
        return {}
    ways = ",".join(accounts.mechanisms(peer, peer.fingerprint))
    sasl = {SASL: ways} if ways else {}  # None are there where a site's own passwords would be sent in cleartext.
    return {**sasl, REGISTRATION: "before-connect,custom-account-name"} if accounts.registers() else sasl


@dataclass(slots=True)
class Login:
    """A login by SASL that a client has begun; `Login` of `IrcConversation.state`."""

    exchange: IExchange
    response: str = ""
    """What came of the client's next message, in Base64."""


def tell(talk: IrcConversation) -> None:
    """What the client is logged in to, or that it is not (900, 901)."""
    user = talk.session.user
    mask = user.who.mask if user is not None else "*"
    account = account_of(talk.session)
    if account:
        talk.numeric(n.RPL_LOGGEDIN, mask, account, f"You are now logged in as {account}")
    else:
        talk.numeric(n.RPL_LOGGEDOUT, mask)


async def by_password(talk: IrcConversation, text: str) -> bool:
    """Log in who gave `account:password` as the server's password, where that has none: clients that know no SASL can
    do so, as with ZNC. False if the connection has ended over it."""
    name, colon, password = text.partition(":")
    if not colon or talk.server.settings.password or talk.session.account or talk.rooms.accounts is None:
        return True
    try:
        return await logins.log_in(talk.rooms, talk.session, name, password)
    except ChatError as error:
        talk.numeric(n.ERR_PASSWDMISMATCH)
        talk.close(str(error))
        return False


def give_up(talk: IrcConversation) -> bool:
    """A login that is under way is over. Returns whether there was one; the client is told so."""
    begun = talk.keeps(Login)
    if begun:
        del talk.state[Login]
        talk.numeric(n.ERR_SASLABORTED)
    return begun
