"""What a person can do by a line that begins with `/`: one function per command, found through `COMMANDS`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, NamedTuple

from chatproto.dialects.plain.render import whispered
from chatproto.errors import ChatError, quoted
from chatproto.events import Kind, Said
from chatproto.rooms.names import key_of
from chatproto.rooms.room import Room

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

Run = Callable[["PlainConversation", str], Coroutine[Any, Any, None] | None]

ROOMS_SHOWN = 50
"""How many rooms `/rooms` lists, the largest first."""
PEOPLE_SHOWN = 500
"""How many people `/who` lists."""
NAMES_IN_A_LINE = 20
"""How many people `/who` names in one line."""


class Command(NamedTuple):
    """A command: what it runs, its right form, what it does, and whether it needs a name first."""

    run: Run
    form: str
    summary: str
    nameless: bool


class WrongForm(ChatError):
    """A command that is used in a way it cannot be."""

    def __init__(self, command: Command) -> None:
        super().__init__(f"Use it like this: {command.form}  ({command.summary})")


COMMANDS: dict[str, Command] = {}


def run(talk: PlainConversation, text: str) -> Coroutine[Any, Any, None] | None:
    """Run the command that `text`, without its slash, names. Raises `ChatError` for an unknown or wrong one."""
    verb, _, rest = text.partition(" ")
    command = COMMANDS.get(verb.casefold())
    if command is None:
        unknown = f"There is no command /{quoted(verb)}."
        raise ChatError(f"{unknown} /help lists those there are; // says a line that begins with /.")
    if talk.session.user is None and not command.nameless:
        raise ChatError("First tell your name: type it and press Enter.")
    try:
        return command.run(talk, rest.strip())
    except _Misused:
        raise WrongForm(command) from None


def say(talk: PlainConversation, text: str, kind: Kind = Kind.PLAIN) -> None:
    """Say something in the current room."""
    talk.service.say(talk.session, _current(talk), text, kind)


class _Misused(Exception):
    """Raised by a command; `run` adds the command's right form."""


def _command(form: str, summary: str, *, nameless: bool = False) -> Callable[[Run], Run]:
    def register(function: Run) -> Run:
        verb = form.split(maxsplit=1)[0].removeprefix("/")
        COMMANDS[verb] = Command(function, form, summary, nameless)
        return function

    return register


def _needed(text: str) -> str:
    if not text:
        raise _Misused
    return text


def _current(talk: PlainConversation) -> Room:
    if talk.current is None:
        raise ChatError("You are in no room now. /rooms lists the rooms, /join #NAME goes into one.")
    return talk.current


def _room_name(text: str) -> str:
    return text if text.startswith("#") else f"#{text}"


@_command("/help [COMMAND]", "list the commands, or explain one", nameless=True)
def _help(talk: PlainConversation, rest: str) -> None:
    if not rest:
        for command in COMMANDS.values():
            talk.tell(f"{command.form:<20} {command.summary}")
        talk.tell(f"{'//TEXT':<20} say a line that begins with a slash")
        return
    wanted = COMMANDS.get(rest.removeprefix("/").casefold())
    if wanted is None:
        raise ChatError(f"There is no command {quoted(rest)}. /help lists those there are.")
    talk.tell(f"{wanted.form}: {wanted.summary}.")


@_command("/nick NAME", "take another name")
def _nick(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    return _rename(talk, _needed(rest))


async def _rename(talk: PlainConversation, text: str) -> None:
    await talk.service.rename(talk.session, text)
    if talk.session.user is not None:
        talk.tell(f"You are now called {talk.session.user.name.shown}.")


@_command("/join #ROOM", "go into a room, which is opened if need be, and talk there")
def _join(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    if " " in _needed(rest):
        raise _Misused
    return talk.come_into(_room_name(rest))


@_command("/part [#ROOM] [WHY]", "leave a room, or the current one")
def _part(talk: PlainConversation, rest: str) -> None:
    user = talk.session.user
    assert user is not None
    name, _, why = rest.partition(" ")
    if name.startswith("#"):
        room = talk.service.room(name)
    elif not why and key_of(_room_name(name)) in user.rooms:
        room = talk.service.room(_room_name(name))
    else:
        room, why = _current(talk), rest
    talk.service.leave(talk.session, room, why.strip())
    talk.tell(f"You left {room.name.shown}.")
    if room is talk.current:
        talk.talk_in(next(reversed(user.rooms.values()), None))
        talk.tell(f"You are now talking in {talk.current.name.shown}." if talk.current else "You are in no room now.")


@_command("/rooms [WORD]", "list the rooms, or those whose name has WORD in it")
def _rooms(talk: PlainConversation, rest: str) -> None:
    found = [room for room in talk.service.rooms() if rest.lower() in room.name.key]
    for room in nsmallest(ROOMS_SHOWN, found, key=lambda room: (-len(room.members), room.name.key)):
        topic = f": {room.topic}" if room.topic else ""
        talk.tell(f"{room.name.shown} ({len(room.members)}){topic}")
    if len(found) > ROOMS_SHOWN:
        talk.tell(f"And {len(found) - ROOMS_SHOWN} more; /rooms WORD finds those with WORD in their name.")
    if not found:
        talk.tell(f"No room has {rest} in its name.")


@_command("/who [#ROOM]", "list the people in a room, or in the current one")
def _who(talk: PlainConversation, rest: str) -> None:
    room = talk.service.room(_room_name(rest)) if rest else _current(talk)
    people = nsmallest(PEOPLE_SHOWN, (user.name.shown for user in room.members), key=str.casefold)
    talk.tell(f"{len(room.members)} in {room.name.shown}:")
    for start in range(0, len(people), NAMES_IN_A_LINE):
        talk.tell(f"  {', '.join(people[start : start + NAMES_IN_A_LINE])}")
    if len(room.members) > PEOPLE_SHOWN:
        talk.tell(f"And {len(room.members) - PEOPLE_SHOWN} more.")


@_command("/topic [TEXT]", "show the current room's topic, or set it; - clears it")
def _topic(talk: PlainConversation, rest: str) -> None:
    room = _current(talk)
    if rest:
        talk.service.set_topic(talk.session, room, "" if rest == "-" else rest)
    talk.tell(f"The topic of {room.name.shown} is: {room.topic}" if room.topic else f"{room.name.shown} has no topic.")


@_command("/msg NAME TEXT", "whisper to one person")
def _msg(talk: PlainConversation, rest: str) -> None:
    name, _, text = rest.partition(" ")
    target = talk.service.person(_needed(name))
    talk.service.whisper(talk.session, target, _needed(text.strip()))
    talk.tell(f"To {whispered(target.name.shown, text.strip(), Kind.PLAIN)}")


@_command("/me TEXT", "say what you do, as in /me waves")
def _me(talk: PlainConversation, rest: str) -> None:
    say(talk, _needed(rest), Kind.ACTION)


@_command("/history [N]", "show the last N lines said in the current room")
def _history(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    limits = talk.service.limits
    room = _current(talk)
    if not limits.history_kept:
        raise ChatError("Nothing that is said here is kept.")
    if rest and not (rest.isascii() and rest.isdigit() and len(rest) < 10 and 1 <= int(rest) <= limits.history_kept):
        raise ChatError(f"/history takes a whole number from 1 to {limits.history_kept}, as in /history 20.")
    return _show_history(talk, room, int(rest or limits.history_shown or limits.history_kept))


async def _show_history(talk: PlainConversation, room: Room, count: int) -> None:
    lines = await talk.service.history.latest(room.name.key, count, None)
    if not lines:
        talk.tell(f"Nothing was said in {room.name.shown}.")
        return
    last = "last line" if len(lines) == 1 else f"last {len(lines)} lines"
    talk.tell(f"The {last} in {room.name.shown}:")
    talk.show(lines)


@_command("/echo on|off", "whether your own lines come back to you, in the room's order")
def _echo(talk: PlainConversation, rest: str) -> None:
    if rest.lower() not in ("on", "off"):
        raise _Misused
    talk.session.echoes = (Said,) if rest.lower() == "on" else ()
    talk.tell(f"Your own lines are {'' if talk.session.echoes else 'not '}shown to you.")


@_command("/quit [WHY]", "leave the server", nameless=True)
def _quit(talk: PlainConversation, rest: str) -> None:
    talk.service.quit(talk.session, rest[: talk.service.limits.message_length] or "goodbye")
    talk.tell("Goodbye.")
    talk.link.close()
