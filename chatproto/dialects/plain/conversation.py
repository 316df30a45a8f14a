"""The talk of one person on a bare terminal: first a name, then lines and commands.

`12:03 …` begins what happened, `-- …` what the server says, `!! …` what it refuses.
"""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from zope.interface import implementer

from chatproto.dialects.plain import (
    account_operators,
    accounts,
    arriving,
    commands,
    kept_rooms,
    operating,
    owning,
    past,
    people,
    searching,
)
from chatproto.dialects.plain.render import to_one, whispered, wires
from chatproto.dialects.plain.table import command_in, run
from chatproto.dialects.plain.text import Telnet, blank, decode, visible
from chatproto.errors import BadLine, ChatError
from chatproto.events import (
    AccountGone,
    Ending,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    ModesChanged,
    RoomRenamed,
    Said,
    Stamp,
    Warned,
    Whispered,
    Who,
)
from chatproto.interfaces import IConversation, ILink
from chatproto.modes import UserMode
from chatproto.rooms.names import key_of
from chatproto.rooms.operators import CheckOperator
from chatproto.rooms.room import Room
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session

# Importing them fills the table of commands.
assert all((account_operators, kept_rooms, operating, owning, people, searching))

USERNAME = "~plain"
"""What people of this dialect have for a user name, where other dialects show one."""

REFUSED = "!! There are too many connections from your address. Close one first."
"""What is said to a connection that is one too many."""

NOT_STORED = "That was said, but it is not stored: the history takes nothing at the moment."

_LAST_WORDS = {
    Ending.TOO_SLOW: "You are cut off: you read too slowly, and what was waiting for you grew too large.",
    Ending.FLOOD: "You are cut off: you sent far more than can be taken.",
    Ending.ENDLESS_LINE: "You are cut off: that line has no end.",
    Ending.LATE: "You are cut off: no name came in time.",
    Ending.SILENT: "You are cut off: nothing came from you.",
    Ending.SHUTDOWN: "The server is going down. Goodbye.",
    Ending.BUG: "You are cut off: the server made an error. It is logged.",
}


@implementer(IConversation)
class PlainConversation:
    """Keeps `IConversation`. `current` is the room that what is typed is said in."""

    def __init__(
        self, link: ILink, service: RoomService, greeting: str, check_operator: CheckOperator | None = None
    ) -> None:
        self._here, elsewhere = wires(link.frame)
        self._greeting = greeting
        self._telnet = Telnet()
        self.link = link
        self.service = service
        self.session = Session(link, elsewhere, self)
        self.check_operator = check_operator
        self.echo = False
        """Whether one's own lines come back."""
        self.current: Room | None = None
        self.coming = False
        """One is just going into a room."""

    # -- what the transport calls

    def opened(self) -> None:
        """Greet and ask for a name."""
        for line in self._greeting.splitlines():
            self.tell(line)
        self._ask()

    def line_received(self, line: bytes) -> Coroutine[Any, Any, None] | None:
        """Take one line: a name, something to say, or a command."""
        self.session.heard = self.service.now()
        try:
            cleaned = self._telnet.clean(line)
            if self._telnet.answer:
                self.link.write(self._telnet.answer)
            if cleaned is None:  # The line's end was part of a command that goes on.
                return None
            answer = self._take(decode(cleaned))
        except (BadLine, ChatError) as refused:
            self._refused(refused)
            return None
        return None if answer is None else self._finish(answer)

    def line_too_long(self, limit: int) -> None:
        """Say so. Nobody has such a name: it may be what a web page has a browser send, and more of it to come."""
        self.refuse(f"That line was not sent on: it has more than {limit} bytes, the longest that is taken.")
        if self.session.user is None:
            self.link.close()

    def probe(self) -> None:
        """Ask; there is nothing that a bare terminal answers by itself."""
        self.tell("Are you still there? Press Enter to stay.")

    def ended(self, ending: Ending) -> None:
        """Tell the person why, if it still can be told, and the others."""
        if ending in _LAST_WORDS:
            self.refuse(_LAST_WORDS[ending])
        past.parted(self, ending)
        self.service.quit(self.session, ending.value, unseen=ending.unseen)

    # -- what the rooms call

    def own(self, event: Event, stamp: Stamp) -> None:
        """Of what one does oneself only changes of a room are shown, and one's lines if that is wanted: commands have
        answers of their own. What happens to oneself is told in other words than to others."""
        if isinstance(event, Said):
            if self.echo:
                self._show(event, stamp)
                if self.service.kept.keeps(event):
                    self.hold()
        elif isinstance(event, RoomRenamed) or (isinstance(event, Invited | Kicked) and self._called(event.target)):
            self._to_one(event, stamp)
        elif isinstance(event, ModesChanged | Kicked):
            self._show(event, stamp)
        elif isinstance(event, Joined) and not self.coming:
            self._brought_into(event.room)
        elif isinstance(event, Warned):
            self.tell(event.text)
        elif isinstance(event, AccountGone):
            self.tell(f"The account {event.account} is there no more: you are logged out.")

    def hear(self, event: Event, stamp: Stamp) -> None:
        """What others do to one is told as what one does; and what one does by another connection."""
        if isinstance(event, Left) and (room := self._room(event)) is not None:
            self.tell(f"You left {event.room}.")
            self.gone_from(room)
        elif isinstance(event, Whispered):
            self.tell(f"To {whispered(event.target, event.text, event.kind)}")
        else:
            self.own(event, stamp)

    def cut(self, who: Who, reason: str) -> None:
        """Say who ends the connection, and why."""
        self.refuse(f"You are cut off by {who.name}: {reason}")
        past.parted(self)
        self.service.quit(self.session, f"Killed ({who.name} ({reason}))")
        self.link.close()

    # -- what the commands use

    def tell(self, text: str) -> None:
        """Say something to this person, as the server."""
        self._write(f"-- {text}")

    def refuse(self, text: str) -> None:
        """Tell this person that something was not done, and why."""
        self._write(f"!! {text}")

    def hold(self) -> None:
        """Have nothing sent before what was said is stored."""
        stored = self.service.history.stored()
        if stored is not None:
            self.link.hold(stored, partial(self.refuse, NOT_STORED))

    def talk_in(self, room: Room | None) -> None:
        """Make `room` the current one, or none."""
        old, self.current = self.current, room
        if old is not None and self.session.user in old.members:
            self.service.view(self.session, old, self.session.wire)
        if room is not None:
            self.service.view(self.session, room, self._here)

    def gone_from(self, room: Room) -> None:
        """One is not in `room` any more, or just about to be put out: if one talked there, talk in the room joined last
        of the others."""
        assert self.session.user is not None
        if room is self.current:
            others = [each for each in self.session.user.rooms.values() if each is not room]
            self.talk_in(others[-1] if others else None)
            self.tell(f"You are now talking in {others[-1].name.shown}." if others else "You are in no room now.")

    async def enter(self, text: str) -> None:
        """Come in under the name `text`, into the default room; or where one is already, by another connection."""
        host = self.service.cloak.of(self.link.peer.address)
        user = await self.service.enter(self.session, text, USERNAME, host)
        came = self.service.now()
        alone = len(user.sessions) == 1  # What others of one's connections are, and where, they chose.
        if alone:  # Nothing else reaches everyone on a terminal.
            self.service.people.become(user, user.modes | {UserMode.WALLOPS})
        self.link.settle()
        self.tell(f"Hello, {user.name.shown}. What you type is said to everyone in the room; /help lists the commands.")
        if user.rooms or not alone:
            await arriving.again(self)
        else:
            await self.come_into(self.service.limits.default_room)
        await past.told_privately(self, came)

    async def come_into(self, text: str, key: str = "") -> None:
        """Join the room called `text` and see what is there; if in it already, only talk there from now on."""
        assert self.session.user is not None
        known = set(self.session.user.rooms)
        room = arriving.let_in(self, text, key)
        self.talk_in(room)
        name = room.name
        if name.key in known:
            self.tell(f"You are now talking in {name.shown}.")
            return
        await arriving.look_around(self, room)

    # -- the rest

    def _brought_into(self, name: str) -> None:
        """An operator of the server has had one go there."""
        assert self.session.user is not None
        room = self.service.room(name)
        self.tell(f"You are in {name} with {arriving.some(self.session.user, room)}.")
        if self.current is None:
            self.talk_in(room)

    def _called(self, name: str) -> bool:
        return self.session.user is not None and self.session.user.name.shown == name

    def _room(self, event: Event) -> Room | None:
        """The room of an event, if one is in it."""
        user = self.session.user
        name = event.new if isinstance(event, RoomRenamed) else getattr(event, "room", "")
        return user.rooms.get(key_of(name)) if user is not None else None

    def _show(self, event: Event, stamp: Stamp) -> None:
        current = self._room(event) is self.current
        self.session.show(event, stamp, self._here if current else self.session.wire)

    def _to_one(self, event: Invited | Kicked | RoomRenamed, stamp: Stamp) -> None:
        room = self._room(event)
        for line in to_one(event, stamp, current=room is self.current):
            self.link.write(self.link.frame(line))
        if isinstance(event, Kicked) and room is not None:
            past.seen(self, room)
            self.gone_from(room)

    def _take(self, text: str) -> Coroutine[Any, Any, None] | None:
        if (command := command_in(text)) is not None:
            return run(self, command)
        if blank(text):
            if self.session.user is None:
                self._ask()
            return None
        if self.session.user is None:
            return self.enter(text.strip())
        commands.say(self, text[1:] if text.startswith("//") else text)
        return None

    async def _finish(self, answer: Coroutine[Any, Any, None]) -> None:
        try:
            await answer
        except ChatError as refused:
            self._refused(refused)

    def _refused(self, why: BadLine | ChatError) -> None:
        self.refuse(accounts.sentence(why, self.link.peer))
        if self.session.user is None:
            self._ask()

    def _ask(self) -> None:
        self.tell("What is your name?")

    def _write(self, text: str) -> None:
        self.link.write(self.link.frame(visible(text)))
