"""NickServ: accounts for clients that know nothing of them but messages to somebody of that name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chatproto.account import Account
from chatproto.dialects.irc import identity
from chatproto.dialects.irc.services import Service, Words, confirmation, confirmed
from chatproto.errors import ChatError
from chatproto.rooms import account_operators, choices, logins
from chatproto.rooms.logins import account_of
from chatproto.rooms.names import key_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

ABOUT = "An account is a name that is yours alone. To log in by itself, have your client use SASL."

SERVICE = Service("NickServ", ABOUT, "NS", "NICKSERV", knows="accounts")
COMMANDS = SERVICE.commands

_command = SERVICE.command
answer = SERVICE.answer


@_command("REGISTER <password> [<email>]", "makes an account of your nick", 1, 2)
async def _register(talk: IrcConversation, rest: Words) -> None:
    if not all("@" in each for each in rest[1:]):
        raise ChatError("A password that is typed here is one word; what comes after it is an e-mail address.")
    if await logins.register(talk.rooms, talk.session, talk.nick, rest[0]):
        answer(talk, "Account created")  # Ergo's words, and at first: some programs wait for them.
        identity.tell(talk)


@_command("IDENTIFY [<account>] <password>", "logs you in, to your nick's account if you name none", 1, 2, to_end=True)
async def _identify(talk: IrcConversation, rest: Words) -> None:
    name = rest[0] if len(rest) == 2 else talk.nick
    if await logins.log_in(talk.rooms, talk.session, name, rest[-1]):
        identity.tell(talk)
        answer(talk, f"You are logged in as {account_of(talk.session)}.")


@_command("LOGOUT", "logs you out", 0, 0)
async def _logout(talk: IrcConversation, rest: Words) -> None:
    logins.log_out(talk.rooms, talk.session)
    identity.tell(talk)
    answer(talk, "You are logged out.")


@_command("SET PASSWORD <old> <new>", "changes your password, and ends your other connections", 1, 1, to_end=True)
async def _set_password(talk: IrcConversation, rest: Words) -> None:
    *old, new = rest[0].rsplit(None, 1)
    if not old:
        raise ChatError("Say the old password, and the new one behind it.")
    await logins.change_password(talk.rooms, talk.session, old[0], new)
    answer(talk, "Your password is changed.")


@_command("SET <choice> <on|off|default>", "has something be otherwise for your account; GET lists what", 2, 2)
async def _set(talk: IrcConversation, rest: Words) -> None:
    answer(talk, str(await choices.choose(talk.rooms, talk.session, *rest)))


@_command("GET [<choice>]", "tells what you chose, or what holds where you did not", 0, 1)
async def _get(talk: IrcConversation, rest: Words) -> None:
    wanted = [choices.named(each) for each in rest]
    for each in choices.chosen(talk.rooms, talk.session):
        if not wanted or each.name in wanted:
            answer(talk, f"{each}. On means: {choices.CHOICES[each.name]}.")


@_command("CERT ADD [<account> <fingerprint>]", "lets in by the certificate you came with; an operator, by any", 0, 2)
async def _cert_add(talk: IrcConversation, rest: Words) -> None:
    if len(rest) == 2:
        fingerprint = _fingerprint(talk, rest[1:])
        account = await account_operators.add_certificate(talk.rooms, talk.session, rest[0], fingerprint)
        answer(talk, f"That certificate lets {account.name} in now: {fingerprint}")
        return
    key = logins.must_be_logged_in(talk.session)
    own = talk.link.peer.fingerprint
    if not own or _fingerprint(talk, rest) != own:  # Anybody can know the fingerprint of somebody else's.
        raise ChatError("You can add only the certificate that you come with: connect with it, and add it then.")
    await logins.accounts_of(talk.rooms).add_certificate(key, own)
    answer(talk, f"That certificate lets you in now: {own}")


@_command("CERT DEL [<fingerprint>]", "lets them in no more", 0, 1)
async def _cert_del(talk: IrcConversation, rest: Words) -> None:
    key = logins.must_be_logged_in(talk.session)
    fingerprint = _fingerprint(talk, rest)
    await logins.accounts_of(talk.rooms).remove_certificate(key, fingerprint)
    answer(talk, f"That certificate lets nobody in: {fingerprint}")


def _fingerprint(talk: IrcConversation, rest: Words) -> str:
    """As `Account` has it. Colons and capitals are common elsewhere."""
    if not rest:
        if not talk.link.peer.fingerprint:
            raise ChatError("You came without a certificate: say which, by its SHA-256 fingerprint.")
        return talk.link.peer.fingerprint
    found = rest[0].replace(":", "").lower()
    if len(found) != 64 or not set(found) <= set("0123456789abcdef"):
        raise ChatError("A fingerprint is the SHA-256 of a certificate, in 64 hexadecimal digits.")
    return found


@_command("CERT LIST", "lists the certificates that let you in", 0, 0)
async def _cert_list(talk: IrcConversation, rest: Words) -> None:
    account = await logins.own(talk.rooms, talk.session)
    answer(talk, _counted(account))
    for each in account.certificates:
        answer(talk, each)


@_command("DROP <account> <password>", "has an account forgotten for good", 2, 2, to_end=True)
async def _drop(talk: IrcConversation, rest: Words) -> None:
    name, password = rest
    await logins.remove(talk.rooms, talk.session, name, password)
    answer(talk, f"The account {name} is there no more.")


@_command("UNREGISTER <account> [<code>]", "has your account forgotten for good; an operator, anybody's", 1, 2)
async def _unregister(talk: IrcConversation, rest: Words) -> None:
    name, code = (*rest, "")[:2]
    mine = account_of(talk.session)
    own = bool(mine) and key_of(mine) == key_of(name)
    if not own and not talk.user.operator:
        raise ChatError("That is not the account you are logged in to.")
    account = await (
        logins.own(talk.rooms, talk.session) if own else account_operators.found(talk.rooms, talk.session, name)
    )
    this = ("unregister", account.key, account.created)
    if not confirmed(code, *this):
        answer(talk, f"{account.name} would be forgotten for good, and others could have the name. If that is meant:")
        answer(talk, f"/msg {SERVICE.name} UNREGISTER {account.name} {confirmation(*this)}")
        return
    await (logins.remove_own(talk.rooms, talk.session) if own else _remove(talk, name))
    answer(talk, f"The account {account.name} is there no more.")


async def _remove(talk: IrcConversation, name: str) -> None:
    await account_operators.remove(talk.rooms, talk.session, name)


@_command("INFO [<account>]", "tells what is known of your account; operators of the server, of anybody's", 0, 1)
async def _info(talk: IrcConversation, rest: Words) -> None:
    if rest:
        account = await account_operators.found(talk.rooms, talk.session, rest[0])
        answer(talk, f"{account.name} was registered {_time(account.created)}, and used last {_time(account.seen)}.")
    else:
        account = await logins.own(talk.rooms, talk.session)
        answer(talk, f"You are logged in as {account.name}, which was registered {_time(account.created)}.")
    answer(talk, _counted(account, "them" if rest else "you"))
    if account.suspended:
        answer(talk, f"Nobody can log in to it: {account.suspended}")


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _counted(account: Account, whom: str = "you") -> str:
    count = len(account.certificates)
    return f"One certificate lets {whom} in." if count == 1 else f"{count or 'No'} certificates let {whom} in."
