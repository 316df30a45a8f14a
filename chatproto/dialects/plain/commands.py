"""What everybody can do by a line that begins with `/`: one function per command."""

from __future__ import annotations

from collections.abc import Coroutine
from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from chatproto.dialects.plain import arriving, past
from chatproto.dialects.plain.accounts import ACCOUNT
from chatproto.dialects.plain.clock import last_time
from chatproto.dialects.plain.operating import SERVER
from chatproto.dialects.plain.render import QUIT, whispered
from chatproto.dialects.plain.rules import ROOM
from chatproto.dialects.plain.table import (
    COMMANDS,
    Misused,
    command,
    current,
    me,
    meant_by,
    needed,
    place_called,
    room_called,
    room_name,
    words,
)
from chatproto.dialects.plain.words import RULES, rule_called, status_of
from chatproto.errors import ChatError, quoted
from chatproto.events import Kind
from chatproto.rooms import reading
from chatproto.rooms.names import key_of
from chatproto.rooms.room import Room
from chatproto.rooms.user import User

if TYPE_CHECKING:
    from chatproto.dialects.plain.conversation import PlainConversation

ROOMS_SHOWN = 50
"""How many rooms `/rooms` lists, the largest first."""
PEOPLE_SHOWN = 500
"""How many people `/who` lists."""
NAMES_IN_A_LINE = 20
"""How many people `/who` names in one line."""

ORDER = (
    *("msg", "me", "history", "search", "echo"),
    *("join", "part", "rooms", "who", "topic", "invite"),
    *("nick", "whois", "away", "back", "oper"),
    *("help", "quit"),
)
"""The commands of everybody as `/help` lists them: talking, rooms, people, and the rest."""


def say(talk: PlainConversation, text: str, kind: Kind = Kind.PLAIN) -> None:
    """Say something in the current room."""
    talk.service.say(talk.session, current(talk), text, kind)


@command("/help [COMMAND]", "list the commands, or explain one", nameless=True)
def _help(talk: PlainConversation, rest: str) -> None:
    if not rest:
        _list(talk)
        return
    wanted = COMMANDS.get(rest.removeprefix("/").casefold())
    rule = rule_called(rest)
    if wanted is not None:
        talk.tell(f"{wanted.form}: {wanted.summary}.")
    elif rule is not None:
        talk.tell(f"{RULES[rule][0]}, a rule of rooms: {RULES[rule][1]}. /help room tells how it is set.")
    else:
        meant = meant_by(rest.removeprefix("/"))
        there_are = f"; did you mean {meant}?" if meant is not None else ". /help lists those there are."
        raise ChatError(f"There is no command {quoted(rest)}{there_are}")


def _list(talk: PlainConversation) -> None:
    """Each command of everybody in a line; those of some people, and of accounts, by their names."""
    for verb in ORDER:
        talk.tell(f"{COMMANDS[verb].form:<20} {COMMANDS[verb].summary}")
    talk.tell(f"{'//TEXT':<20} say a line that begins with a slash")
    for of in (ACCOUNT, ROOM, SERVER):
        talk.tell(f"For {of}: {' '.join(each.word for each in COMMANDS.values() if each.of == of)}")
    talk.tell("/help COMMAND explains one.")


@command("/nick NAME", "take another name", nameless=True)
def _nick(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    name = needed(rest)
    return talk.enter(name) if talk.session.user is None else _rename(talk, name)


async def _rename(talk: PlainConversation, text: str) -> None:
    moved = await talk.service.rename(talk.session, text)
    if moved:
        talk.current = None
        talk.tell(f"You are {me(talk).name.shown} now, like your other connections.")
        await arriving.again(talk)
    elif talk.session.user is not None:
        talk.tell(f"You are now called {talk.session.user.name.shown}.")


@command("/join #ROOM [KEY]", "go into a room, which is opened if need be, and talk there")
def _join(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    name, key = words(rest, 1, 2)
    if " " in key:
        raise Misused
    return talk.come_into(room_name(name), key)


@command("/part [#ROOM] [WHY]", "leave a room, or the current one")
def _part(talk: PlainConversation, rest: str) -> None:
    name, _, why = rest.partition(" ")
    if name.startswith("#") or (not why and key_of(room_name(name)) in me(talk).rooms):
        room = room_called(talk, name)
    else:
        room, why = current(talk), rest
    past.seen(talk, room)
    talk.service.leave(talk.session, room, why.strip())
    talk.tell(f"You left {room.name.shown}.")
    talk.gone_from(room)


@command("/rooms [WORD]", "list the rooms, or those whose name has WORD in it")
def _rooms(talk: PlainConversation, rest: str) -> None:
    rooms = [room for room in talk.service.rooms() if talk.service.visible(room, me(talk))]
    found = [room for room in rooms if rest.lower() in room.name.key]
    for room in nsmallest(ROOMS_SHOWN, found, key=lambda room: (-len(room.members), room.name.key)):
        topic = f": {room.topic}" if room.topic else ""
        kept = ", kept" if room.registration is not None else ""
        talk.tell(f"{room.name.shown} ({len(room.members)}{kept}){topic}")
    if len(found) > ROOMS_SHOWN:
        talk.tell(f"And {len(found) - ROOMS_SHOWN} more; /rooms WORD finds those with WORD in their name.")
    if not found:
        talk.tell(f"No room has {rest} in its name.")


@command("/who [#ROOM]", "list the people in a room, or in the current one")
def _who(talk: PlainConversation, rest: str) -> None:
    room = room_called(talk, rest) if rest else current(talk)
    people = list(room.shown_to(me(talk)))
    first = nsmallest(PEOPLE_SHOWN, people, key=lambda user: user.name.shown.casefold())
    names = [_with_status(user, room) for user in first]
    talk.tell(f"{len(people)} in {room.name.shown}:")
    for start in range(0, len(names), NAMES_IN_A_LINE):
        talk.tell(f"  {', '.join(names[start : start + NAMES_IN_A_LINE])}")
    if len(people) > PEOPLE_SHOWN:
        talk.tell(f"And {len(people) - PEOPLE_SHOWN} more.")


def _with_status(user: User, room: Room) -> str:
    status = status_of(room.members[user])
    return f"{user.name.shown} ({status})" if status else user.name.shown


@command("/topic [TEXT]", "show the current room's topic, or set it; - clears it")
def _topic(talk: PlainConversation, rest: str) -> None:
    room = current(talk)
    if rest:
        talk.service.set_topic(talk.session, room, "" if rest == "-" else rest)
    talk.tell(f"The topic of {room.name.shown} is: {room.topic}" if room.topic else f"{room.name.shown} has no topic.")


@command("/msg NAME TEXT", "whisper to one person")
def _msg(talk: PlainConversation, rest: str) -> None:
    name, text = words(rest, 2, 2)
    target = talk.service.people.find(name)
    talk.service.whisper(talk.session, target, text)
    own = target is me(talk)
    if not own:  # Else it is on the screen already, as a whisper to oneself.
        talk.tell(f"To {whispered(target.name.shown, text, Kind.PLAIN)}")
    if talk.echo and talk.service.kept.between(me(talk), target):
        talk.hold()
    if target.away and not own:
        talk.tell(f"{target.name.shown} is away: {target.away}")


@command("/me TEXT", "say what you do, as in /me waves")
def _me(talk: PlainConversation, rest: str) -> None:
    say(talk, needed(rest), Kind.ACTION)


@command("/history [NAME] [N] [HH:MM]", "show the last N lines said here, or with NAME; or before a time")
def _history(talk: PlainConversation, rest: str) -> Coroutine[Any, Any, None]:
    limits = talk.service.limits
    if not limits.history_kept:
        raise ChatError("Nothing that is said here is kept.")
    name, _, after = rest.partition(" ")
    if not name or name[0].isdigit() or name[0] == "-":  # No name begins so.
        name, after = current(talk).name.shown, rest
    *numbers, clock = after.split() if ":" in after else [*after.split(), ""]
    number = " ".join(numbers)
    if number and not (number.isascii() and number.isdigit() and len(number) < 10 and _in_history(talk, int(number))):
        raise ChatError(f"/history takes a whole number from 1 to {limits.history_kept}, as in /history 20.")
    before = last_time(clock, talk.service.now()) if clock else None
    if clock and before is None:
        raise ChatError("/history takes a time of day from 00:00 to 23:59, as in /history 20 09:30.")
    count = int(number or limits.history_shown or limits.history_kept)
    return _show_history(talk, place_called(talk, name), count, before, f" before {clock}" if clock else "")


def _in_history(talk: PlainConversation, number: int) -> bool:
    return 1 <= number <= talk.service.limits.history_kept


def _readable(talk: PlainConversation, name: str) -> reading.Buffer:
    """What one may read back now. Raises `NotInRoom`, or another `ChatError`."""
    buffer = reading.buffer(talk.service, me(talk), name)
    if not buffer.stream:
        raise ChatError("Only who is logged in can read back what was whispered: /login NAME PASSWORD")
    return buffer


async def _show_history(talk: PlainConversation, name: str, count: int, before: float | None, when: str) -> None:
    buffer = _readable(talk, name)
    lines = await past.earlier(talk, buffer.stream, count, before)
    if talk.session.user is None or _readable(talk, name).stream != buffer.stream:  # The store may have taken its time.
        return
    where = f"in {buffer.name}" if buffer.name.startswith("#") else f"between {buffer.name} and you"
    if not lines:
        talk.tell(f"Nothing was said {where}{when}.")
        return
    last = "last line" if len(lines) == 1 else f"last {len(lines)} lines"
    talk.tell(f"The {last} {where}{when}:")
    past.show(talk, lines)


@command("/echo on|off", "whether your own lines come back to you, in the room's order")
def _echo(talk: PlainConversation, rest: str) -> None:
    if rest.lower() not in ("on", "off"):
        raise Misused
    talk.echo = rest.lower() == "on"
    talk.tell(f"Your own lines are {'' if talk.echo else 'not '}shown to you.")


@command("/quit [WHY]", "leave the server", nameless=True)
def _quit(talk: PlainConversation, rest: str) -> None:
    why = rest[: talk.service.limits.message_length]
    past.parted(talk)
    talk.service.quit(talk.session, f"{QUIT}: {why}" if why else QUIT)
    talk.tell("Goodbye.")
    talk.link.close()
