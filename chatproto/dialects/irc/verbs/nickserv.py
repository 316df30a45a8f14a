"""NickServ: accounts for clients that know nothing of them but messages to somebody of that name. Nobody has that name:
what is said to it is a command, is told to nobody, and comes back to nobody."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.account import Account
from chatproto.dialects.irc import identity
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import ChatError
from chatproto.rooms import logins
from chatproto.rooms.logins import account_of

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

NAME = "NickServ"

Words = list[str]
Run = Callable[["IrcConversation", Words], Coroutine[Any, Any, None]]


class Command(NamedTuple):
    """What NickServ does for a word: its form, what it does, how many words it wants, and what it runs."""

    form: str
    summary: str
    least: int
    most: int
    run: Run


COMMANDS: dict[str, Command] = {}


def _command(form: str, summary: str, least: int, most: int) -> Callable[[Run], Run]:
    """Enter a function for the words in capitals that `form` begins with; the others it is given."""

    def register(run: Run) -> Run:
        word = " ".join(each for each in form.split() if each.isupper())
        COMMANDS[word] = Command(form, summary, least, most, run)
        return run

    return register


def asked(talk: IrcConversation, text: str) -> Answer:
    """Somebody says `text` to NickServ."""
    words = text.split()
    first = words[0].upper() if words else "HELP"
    two = " ".join(each.upper() for each in words[:2])
    known = COMMANDS.get(two) or COMMANDS.get(first)
    rest = words[2:] if two in COMMANDS else words[1:]
    if known is None:
        answer(talk, f"There is no such command. /msg {NAME} HELP lists those there are.")
        return None
    if not known.least <= len(rest) <= known.most:
        answer(talk, f"Use it like this: {known.form}")
        return None
    return _done(talk, known, rest)


async def _done(talk: IrcConversation, command: Command, rest: Words) -> None:
    try:
        await command.run(talk, rest)
    except ChatError as error:
        answer(talk, str(error))


def answer(talk: IrcConversation, text: str) -> None:
    """Tell the client something, as NickServ."""
    if not talk.session.gone:
        source = f"{NAME}!{NAME}@{talk.server.name}"
        room = talk.server.space("NOTICE", talk.nick) - len(source) + len(talk.server.name)
        talk.send("NOTICE", talk.nick, truncated(text, room), source=source)


# -- the verbs


def _said(talk: IrcConversation, message: Message) -> Answer:
    return asked(talk, " ".join(message.params))


for _form in ("NS {<word>}", "NICKSERV {<word>}"):
    verb(_form, summary=f"Says something to {NAME}, which knows accounts; NS HELP tells what it understands.")(_said)


# -- what it does


@_command("REGISTER <password> [<email>]", "makes an account of your nick", 1, 2)
async def _register(talk: IrcConversation, rest: Words) -> None:
    if await logins.register(talk.rooms, talk.session, talk.nick, rest[0]):
        identity.tell(talk)
        answer(talk, f"{account_of(talk.session)} is registered now, and you are logged in.")


@_command("IDENTIFY [<account>] <password>", "logs you in, to the account of your nick if you name none", 1, 2)
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


@_command("SET PASSWORD <old> <new>", "gives your account another password", 2, 2)
async def _set_password(talk: IrcConversation, rest: Words) -> None:
    old, new = rest
    await logins.change_password(talk.rooms, talk.session, old, new)
    answer(talk, "Your password is changed.")


@_command("CERT ADD [<fingerprint>]", "lets in who has that certificate, or the one you came with", 0, 1)
async def _cert_add(talk: IrcConversation, rest: Words) -> None:
    key = logins.must_be_logged_in(talk.session)
    fingerprint = _fingerprint(talk, rest)
    await logins.accounts_of(talk.rooms).add_certificate(key, fingerprint)
    answer(talk, f"That certificate lets you in now: {fingerprint}")


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


@_command("DROP <account> <password>", "has an account forgotten for good", 2, 2)
async def _drop(talk: IrcConversation, rest: Words) -> None:
    name, password = rest
    await logins.remove(talk.rooms, talk.session, name, password)
    answer(talk, f"The account {name} is there no more.")


@_command("INFO", "tells what is known of your account", 0, 0)
async def _info(talk: IrcConversation, rest: Words) -> None:
    account = await logins.own(talk.rooms, talk.session)
    made = datetime.fromtimestamp(account.created, UTC)
    answer(talk, f"You are logged in as {account.name}, which was registered {made:%Y-%m-%d %H:%M:%S} UTC.")
    answer(talk, _counted(account))


def _counted(account: Account) -> str:
    count = len(account.certificates)
    return "One certificate lets you in." if count == 1 else f"{count or 'No'} certificates let you in."


@_command("HELP [<command>]", "tells of these", 0, 2)
async def _help(talk: IrcConversation, rest: Words) -> None:
    wanted = " ".join(rest).upper()
    for line in _known(wanted):
        answer(talk, line)


def _known(wanted: str) -> Iterator[str]:
    found = [each for word, each in COMMANDS.items() if not wanted or word == wanted or word.split()[0] == wanted]
    if not found:
        raise ChatError("There is no such command.")
    if not wanted:
        yield "An account is a name that is yours alone. To log in by itself, have your client use SASL."
    for each in found:
        yield f"{each.form}: {each.summary}"
