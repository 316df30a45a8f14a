"""Services: what clients speak with as if it were somebody, as `/msg NickServ HELP`. Nobody has such a name: what is
said to it is a command, is told to nobody, and comes back to nobody. Each has a module in `verbs/`, which enters a
function for each of its commands."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.table import Answer, verb
from chatproto.errors import ChatError
from chatproto.rooms import permissions

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

Words = list[str]
Run = Callable[["IrcConversation", Words], Coroutine[Any, Any, None]]


class Command(NamedTuple):
    """What a service does for a word: its form, what it does, how many words it wants, what it runs, whether it is for
    operators of the server alone, and whether the last of as many words as it takes has blanks in it."""

    form: str
    summary: str
    least: int
    most: int
    run: Run
    privileged: bool = False
    to_end: bool = False


class Service:
    """One of them. It is there where there are accounts."""

    def __init__(self, name: str, about: str, *verbs: str, knows: str) -> None:
        self.name = name
        self.about = about
        """What HELP begins with."""
        self.commands: dict[str, Command] = {}
        self.command("HELP [<command>]", "tells of these", 0, 2)(self._help)
        SERVICES[name.lower()] = self
        for form in verbs:
            summary = f"Says something to {name}, which knows {knows}; {form} HELP tells what it understands."
            verb(f"{form} {{<word>}}", summary=summary)(self._said)

    def command(
        self, form: str, summary: str, least: int, most: int, *, privileged: bool = False, to_end: bool = False
    ) -> Callable[[Run], Run]:
        """Enter a function for the words in capitals that `form` begins with; the others it is given."""

        def register(run: Run) -> Run:
            word = " ".join(each for each in form.split() if each.isupper())
            self.commands[word] = Command(form, summary, least, most, run, privileged, to_end)
            return run

        return register

    def asked(self, talk: IrcConversation, text: str) -> Answer:
        """Somebody says `text` to it."""
        words = text.split()
        first = words[0].upper() if words else "HELP"
        two = " ".join(each.upper() for each in words[:2])
        known = self.commands.get(two) or self.commands.get(first)
        taken = 2 if two in self.commands else 1
        if known is None:
            self.answer(talk, f"There is no such command. /msg {self.name} HELP lists those there are.")
            return None
        rest = text.strip().split(None, taken + known.most - 1)[taken:] if known.to_end else words[taken:]
        if not known.least <= len(rest) <= known.most:
            self.answer(talk, f"Use it like this: {known.form}")
            return None
        return self._done(talk, known, rest)

    async def _done(self, talk: IrcConversation, command: Command, rest: Words) -> None:
        try:
            if command.privileged:
                permissions.must_run_the_server(talk.user)
            await command.run(talk, rest)
        except ChatError as error:
            self.answer(talk, str(error))

    def answer(self, talk: IrcConversation, text: str) -> None:
        """Tell the client something, as the service."""
        if not talk.session.gone:
            talk.send("NOTICE", talk.nick, truncated(text, self.space(talk)), source=self._source(talk))

    def space(self, talk: IrcConversation) -> int:
        """Bytes of text that fit into one answer."""
        return talk.server.space("NOTICE", talk.nick) - len(self._source(talk)) + len(talk.server.name)

    def _source(self, talk: IrcConversation) -> str:
        return f"{self.name}!{self.name}@{talk.server.name}"

    def _said(self, talk: IrcConversation, message: Message) -> Answer:
        return self.asked(talk, " ".join(message.params))

    async def _help(self, talk: IrcConversation, rest: Words) -> None:
        for line in self._known(talk, " ".join(rest).upper()):
            self.answer(talk, line)

    def _known(self, talk: IrcConversation, wanted: str) -> Iterator[str]:
        """What operators of the server alone can do is told to them alone."""
        found = [
            each
            for word, each in self.commands.items()
            if (not wanted or wanted in (word, word.split()[0])) and (talk.user.operator or not each.privileged)
        ]
        if not found:
            raise ChatError("There is no such command.")
        if not wanted:
            yield self.about
        for each in found:
            yield f"{each.form}: {each.summary}"


SERVICES: dict[str, Service] = {}
"""By their names in lower case."""


def confirmed(given: str, *of: object) -> bool:
    """Whether `given` is `confirmation` of that."""
    return given.casefold() == confirmation(*of)


def confirmation(*of: object) -> str:
    """What has to be given along for what cannot be taken back: another word for each thing, by what it is called and
    what tells it from what will be called the same. It keeps nobody out: it is for who would do it by mistake."""
    return sha256(" ".join(map(str, of)).encode()).hexdigest()[:6]
