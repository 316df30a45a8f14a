"""Commands by their word, and what commands have in common. The modules beside this fill the table."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.errors import ChatError, NoSuchRoom, quoted
from chatproto.rooms.names import key_of
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

Answer = Coroutine[Any, Any, None] | None
Run = Callable[["PlainConversation", str], Answer]


class Command(NamedTuple):
    """A command: what it runs, its right form, what it does, who needs it if not everybody, whether it works before one
    has a name, and whether a password stands behind it."""

    run: Run
    form: str
    summary: str
    of: str
    nameless: bool
    secret: bool = False

    @property
    def word(self) -> str:
        """What it is called by, with the slash."""
        return self.form.split(maxsplit=1)[0]


class WrongForm(ChatError):
    """A command that is used in a way it cannot be."""

    def __init__(self, command: Command) -> None:
        super().__init__(f"Use it like this: {command.form}  ({command.summary})")


class Misused(Exception):
    """Raised by a command; `run` adds the command's right form."""


COMMANDS: dict[str, Command] = {}

OTHER_WORDS = {
    "channels": "rooms",
    "exit": "quit",
    "identify": "login",
    "leave": "part",
    "list": "rooms",
    "mode": "room",
    "name": "nick",
    "names": "who",
    "passwd": "password",
    "notice": "msg",
    "privmsg": "msg",
    "query": "msg",
    "rules": "room rules",
    "tell": "msg",
    "users": "who",
    "whisper": "msg",
}
"""What people are used to elsewhere, and what one types for it here."""

LONGEST_GUESSED = 20
"""Characters of a word that is looked at for what it may mean."""


def command(
    form: str, summary: str, *, of: str = "", nameless: bool = False, secret: bool = False
) -> Callable[[Run], Run]:
    """Register a command under the first word of its form. `of` says whom it is for, if not for everybody."""

    def register(function: Run) -> Run:
        found = Command(function, form, summary, of, nameless, secret)
        COMMANDS[found.word.removeprefix("/")] = found
        return function

    return register


def command_in(text: str) -> str | None:
    """The command in a line, without its slash; None if the line is something to say. Behind a blank it is, as a rule;
    but what holds a password is not said to everyone because of a blank."""
    if text.startswith("/"):
        return None if text.startswith("//") else text[1:]
    if not text[:1].isspace():
        return None
    slash, found = text.lstrip()[:1], text.lstrip()[1:]
    known = COMMANDS.get(found.partition(" ")[0].casefold())
    return found if slash == "/" and known is not None and known.secret else None


def run(talk: PlainConversation, text: str) -> Answer:
    """Run the command that `text`, without its slash, names. Raises `ChatError` for an unknown or wrong one."""
    verb, _, rest = text.partition(" ")
    found = COMMANDS.get(verb.casefold())
    if found is None:
        raise _unknown(verb)
    if talk.session.user is None and not found.nameless:
        raise ChatError("First tell your name: type it and press Enter.")
    try:
        return found.run(talk, rest.strip())
    except Misused:
        raise WrongForm(found) from None


def _unknown(verb: str) -> ChatError:
    meant = meant_by(verb)
    unknown = f"There is no command /{quoted(verb)}"
    if meant is not None:
        return ChatError(f"{unknown}; did you mean {meant}?")
    return ChatError(f"{unknown}. /help lists those there are; // says a line that begins with /.")


def meant_by(verb: str) -> str | None:
    """What somebody may mean by a word that is no command: one of other chats, or a command that is spelt alike."""
    word = verb.casefold()
    if len(word) > LONGEST_GUESSED:
        return None
    alike = [OTHER_WORDS.get(word), *get_close_matches(word, COMMANDS, 1, 0.75)]
    return next((f"/{each}" for each in alike if each is not None), None)


# -- what commands ask for


def needed(text: str) -> str:
    """`text`, which the command cannot do without."""
    if not text:
        raise Misused
    return text


def words(text: str, least: int, most: int) -> list[str]:
    """The words of `text`; the last one is all the rest. As many as `most`, empty where there are no more."""
    found = text.split(maxsplit=most - 1)
    if len(found) < least:
        raise Misused
    return [*found, *[""] * (most - len(found))]


def me(talk: PlainConversation) -> User:
    """Who gave the command."""
    assert talk.session.user is not None
    return talk.session.user


def current(talk: PlainConversation) -> Room:
    """The room one is talking in."""
    if talk.current is None:
        raise ChatError("You are in no room now. /rooms lists the rooms, /join #NAME goes into one.")
    return talk.current


def room_called(talk: PlainConversation, text: str) -> Room:
    """The room of that name, whose `#` may be left out, if one may know of it."""
    room = talk.service.room(room_name(text))
    if not talk.service.visible(room, me(talk)):
        raise NoSuchRoom(room_name(text))
    return room


def place_called(talk: PlainConversation, text: str) -> str:
    """The room or the person that is meant; the `#` may be left out for a room that one is in, if nobody has that
    name."""
    room = room_name(text)
    return room if key_of(room) in me(talk).rooms and talk.service.people.get(text) is None else text


def room_name(text: str) -> str:
    """A room's name with its `#`."""
    return text if text.startswith("#") else f"#{text}"
