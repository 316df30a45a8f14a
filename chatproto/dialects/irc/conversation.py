"""The talk of one IRC client: lines in, through the table of verbs; replies and events out."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from zope.interface import implementer

from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc import refusals, verbs
from chatproto.dialects.irc.answering import Answering
from chatproto.dialects.irc.individual import TOLD, not_shown
from chatproto.dialects.irc.look import server_time
from chatproto.dialects.irc.message import (
    CLIENT_TAGS,
    LINE_LENGTH,
    NO_TAGS,
    Message,
    NotUtf8,
    decode,
    echoed,
    fitting,
    front,
    join,
    parse,
)
from chatproto.dialects.irc.numerics import Numeric
from chatproto.dialects.irc.pieces import truncated
from chatproto.dialects.irc.registration import Registration
from chatproto.dialects.irc.server import IrcServer
from chatproto.dialects.irc.table import VERBS, Answer
from chatproto.dialects.irc.verbs import batches
from chatproto.errors import BadLine, ChatError
from chatproto.events import Ending, Event, Stamp, Whispered, Who
from chatproto.interfaces import IConversation, ILink
from chatproto.rooms.room import Room
from chatproto.rooms.user import Session, User

assert verbs  # Importing them fills the table.

NO_CAPS: frozenset[str] = frozenset()
"""Each of its own would be 200 bytes for every connection."""


@implementer(IConversation)
class IrcConversation(Answering):
    """Keeps `IConversation`, and `Owner` for its session."""

    __slots__ = ("_state", "caps", "entering", "registration", "session")

    def __init__(self, link: ILink, server: IrcServer) -> None:
        super().__init__(link, server)
        self.caps = NO_CAPS
        self.registration: Registration | None = Registration()
        """What the client has said of itself; None once it is registered."""
        self.session = Session(link, server.wire(link.frame, self.caps), self)
        self._state: dict[type, Any] | None = None
        self.entering: list[Room] | None = None
        """The rooms it is just going into; see `sights.Entering`."""

    @property
    def state(self) -> dict[type, Any]:
        """What verbs keep for this connection, by the type of it. Most keep nothing."""
        if self._state is None:
            self._state = {}
        return self._state

    def keeps(self, kind: type) -> bool:
        """Whether there is something of that type in `state`."""
        return self._state is not None and kind in self._state

    @property
    def user(self) -> User:
        """Who this is; only once it is registered."""
        assert self.session.user is not None
        return self.session.user

    @property
    def nick(self) -> str:
        """The client's nick, or `*` before it is registered."""
        user = self.session.user
        return user.who.name if user is not None else "*"

    # -- what the transport calls

    def opened(self) -> None:
        """The client speaks first."""

    def line_received(self, line: bytes) -> Coroutine[Any, Any, None] | None:
        """Take one line."""
        self.session.heard = self.rooms.now()
        tags = line.find(b" ") + 1 if line.startswith(b"@") else 0
        if tags > CLIENT_TAGS or len(line) - tags > LINE_LENGTH:
            self.numeric(n.ERR_INPUTTOOLONG)
            self._gap()
            return None
        try:
            message = parse(decode(line))
        except NotUtf8 as bad:
            self._label(bad.tags)
            self.fail(bad.verb, "INVALID_UTF8", text="Message rejected, it is not UTF-8")
            self._respond()
            self._gap()
            return None
        except BadLine:  # An empty line; RFC 1459 wants it ignored.
            return None
        if message.tags:
            self._label(message.tags)
        try:
            answer = self._run(message)
        except ChatError as error:
            self.refuse(error)
            answer = None
        if answer is not None:
            return self._finish(answer)
        if self._response is not None:
            self._respond()
        return None

    def line_too_long(self, limit: int) -> None:
        """End the connection: no client means to send that, and who does not notice would go on."""
        self.numeric(n.ERR_INPUTTOOLONG)
        self.close("Input line was too long")

    def probe(self) -> None:
        """Ask for a PONG. It is part of no response."""
        self.link.write(self.link.frame(join("PING", (self.server.name,))))

    def ended(self, ending: Ending) -> None:
        """Tell the client why, and the others."""
        self._respond()  # What there is of it.
        self.error(ending.value)
        self.rooms.quit(self.session, ending.value, unseen=ending.unseen)

    # -- what the rooms call

    def own(self, event: Event, stamp: Stamp) -> None:
        """What is told to this connection in another way than to the others; see `individual.py`."""
        tell = TOLD.get(type(event))
        if tell is not None:
            tell(self, event, stamp)

    def hear(self, event: Event, stamp: Stamp) -> None:
        """The same, but it is part of no response. What one says by another connection is shown here, too; what happens
        in a room that one was not shown yet is not."""
        if not_shown(self.session, event):
            return
        tell = self.show if isinstance(event, Whispered) else self.own
        self.apart(lambda: tell(event, stamp))

    def cut(self, who: Who, reason: str) -> None:
        """Somebody ends this connection (KILL)."""
        self._respond()  # What there is of it.
        self.write(fitting("KILL", (self.nick, reason), who.mask))
        self.close(f"Killed ({who.name} ({reason}))")

    # -- what the verbs use

    def send(self, verb: str, *params: str, source: str = "", tags: Mapping[str, str] = NO_TAGS) -> None:
        """Send a line from the server, or from `source`. Its time is among its tags, if the client takes that."""
        self.write(join(verb, params, source or self.server.name, {**self._now(), **tags}))

    def numeric(self, numeric: Numeric, *params: str) -> None:
        """Send a numbered reply: its parameters after the nick, and its own text if it has one. Of the last of them
        goes what fits into the line."""
        text = (numeric.text,) if numeric.text else ()
        self.write(front(self._now()) + fitting(numeric.code, (self.nick, *params, *text), self.server.name))

    def fail(self, verb: str, code: str, *context: str, text: str, kind: str = "FAIL") -> None:
        """Send a standard reply (IRCv3): FAIL, WARN or NOTE."""
        self.send(kind, verb, code, *self.failure(verb, code, context, text))

    def failure(self, verb: str, code: str, context: Sequence[str], text: str) -> list[str]:
        """The parameters of a standard reply behind its code, as much of them as fits into the line."""
        words = [*map(echoed, context)]
        return [*words, truncated(text, self.server.space("FAIL", verb, code, *words))]

    def refuse(self, error: ChatError) -> None:
        """Say that something was not done, and why."""
        numeric, params = refusals.reply(error)
        self.numeric(numeric, *params)

    def error(self, reason: str) -> None:
        """Send ERROR, after which the connection is closed."""
        self.write(
            join("ERROR", (f"Closing Link: ({truncated(reason, LINE_LENGTH - len('ERROR :Closing Link: ()'))})",))
        )

    def close(self, reason: str) -> None:
        """Quit, and close the connection from our side."""
        self.error(reason)
        self.rooms.quit(self.session, reason)
        self._respond()
        self.link.close()

    def set_caps(self, caps: frozenset[str]) -> None:
        """Have these capabilities from now on."""
        self.caps = caps
        self.session.follows = "extended-monitor" in caps
        self.rooms.look(self.session, self.server.wire(self.link.frame, caps))

    # -- the rest

    def _label(self, tags: Mapping[str, str]) -> None:
        if "labeled-response" in self.caps:
            self._begin(tags.get("label", ""))

    def _now(self) -> Mapping[str, str]:
        """The tags of a line that is no event's."""
        return {"time": server_time(self.rooms.now())} if "server-time" in self.caps else NO_TAGS

    def _gap(self) -> None:
        """A line was not taken: nor may be what it was one of several lines of."""
        if batches.gap(self):
            self._respond()

    def _run(self, message: Message) -> Answer:
        verb = message.verb
        if self._state and batches.Batch in self._state and batches.interrupted(self, message):
            return None
        found = VERBS.get(verb)
        registered = self.registration is None
        if found is None:
            self.numeric(n.ERR_UNKNOWNCOMMAND, echoed(verb[:60]))
        elif not (found.late if registered else found.early):
            self.numeric(n.ERR_ALREADYREGISTERED if registered else n.ERR_NOTREGISTERED)
        elif len(message.params) < found.params:
            self.numeric(n.ERR_NEEDMOREPARAMS, verb)
        else:
            self.server.commands[verb] += 1
            return found.run(self, message)
        return None

    async def _finish(self, answer: Coroutine[Any, Any, None]) -> None:
        try:
            await answer
        except ChatError as error:
            self.refuse(error)
        self._respond()
