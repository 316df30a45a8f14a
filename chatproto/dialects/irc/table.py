"""The verbs that clients send: each module in `verbs/` enters its functions here, and a conversation finds them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.dialects.irc.message import Message

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

Answer = Coroutine[Any, Any, None] | None
Run = Callable[["IrcConversation", Message], Answer]


class Verb(NamedTuple):
    """What a verb runs, how many parameters it has at the least, and whether it is taken before registration is done,
    and after it."""

    run: Run
    params: int
    early: bool
    late: bool
    form: str
    """How it is used, for HELP."""
    summary: str
    """What it does, in a sentence for HELP."""


VERBS: dict[str, Verb] = {}


def verb(
    form: str, *, params: int = 0, early: bool = False, late: bool = True, summary: str = ""
) -> Callable[[Run], Run]:
    """Enter a function for the first word of `form`. Raising a `ChatError` refuses; what it returns, if anything, is
    waited for."""

    def register(function: Run) -> Run:
        VERBS[form.split(maxsplit=1)[0]] = Verb(function, params, early, late, form, summary)
        return function

    return register
