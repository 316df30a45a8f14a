"""What people have here: what they said themselves, to read or to have erased, and what their account is to do."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatproto.dialects.plain.accounts import ACCOUNT
from chatproto.dialects.plain.clock import day
from chatproto.dialects.plain.past import listed
from chatproto.dialects.plain.table import Misused, command, words
from chatproto.errors import ChatError
from chatproto.rooms import choices, logins, own_messages
from chatproto.rooms.names import key_of

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

SHOWN = 50
"""Messages that `/mine` lists at once."""

_ERASE = "erase"


@command("/mine [N|erase ACCOUNT]", "list what you said, page by page, or erase all of it", of=ACCOUNT)
def _mine(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    first, name = words(rest, 0, 2)
    if first.casefold() == _ERASE:
        return _erase(talk, name)
    if name or not (rest == "" or (rest.isascii() and rest.isdigit() and len(rest) < 19)):
        raise Misused
    return _list(talk, int(rest or 0))


async def _list(talk: PlainConversation, behind: int) -> None:
    page = await own_messages.said(talk.service, talk.session, SHOWN, behind)
    if talk.session.gone:
        return
    if not behind:
        talk.tell(f"Your account is {page.account.name}, since {day(page.account.created)}. With it you said:")
    await listed(talk, ((each.stamp.time, each.where, each.event) for each in page.messages))
    talk.tell(f"There is more: /mine {page.behind}" if page.behind else "That is all.")


async def _erase(talk: PlainConversation, name: str) -> None:
    """The name of the account is asked for, so that nobody does it by mistake."""
    mine = logins.must_be_logged_in(talk.session)
    if not name or key_of(name) != mine:
        account = logins.account_of(talk.session)
        raise ChatError(f"Nobody can bring back what you said. To erase all of it: /mine erase {account}")
    talk.tell("This may take a while.")
    count = await own_messages.erase(talk.service, talk.session)
    talk.tell(f"What you said is erased: {count} message{'' if count == 1 else 's'}.")


@command("/settings [NAME on|off|default]", "list what you can choose for your account, or choose it", of=ACCOUNT)
def _settings(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None] | None:
    name, value = words(rest, 0, 2)
    if value:
        return _choose(talk, name, value)
    for each in choices.chosen(talk.service, talk.session):
        if not name or each.name == choices.named(name):
            talk.tell(f"{each}. On means: {choices.CHOICES[each.name]}.")
    return None


async def _choose(talk: PlainConversation, name: str, value: str) -> None:
    talk.tell(str(await choices.choose(talk.service, talk.session, name, value)))
