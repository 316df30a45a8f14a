"""What a client gets back for the line that is being handled: at once, as one labelled response, or later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from chatproto.dialects.irc.message import join
from chatproto.dialects.irc.response import LONGEST_LABEL, Response
from chatproto.dialects.irc.server import IrcServer
from chatproto.events import Event, Stamp
from chatproto.interfaces import ILink
from chatproto.rooms.user import Session

_batches = count(1)


class Answering:
    """The half of a conversation that answers."""

    __slots__ = ("_response", "link", "rooms", "server")

    session: Session

    def __init__(self, link: ILink, server: IrcServer) -> None:
        self.link = link
        self.server = server
        self.rooms = server.rooms
        self._response: Response | None = None

    def write(self, line: str) -> None:
        """Send one line; if it belongs to the response of a labelled one, when that is complete."""
        if self._response is not None:
            self._response.add(line)
        else:
            self.link.write(self.link.frame(line))

    def show(self, event: Event, stamp: Stamp) -> None:
        """Show an event as others with this client's capabilities see it, as part of the response."""
        for line in self.session.wire.render(event, stamp):
            self.write(line)

    @property
    def labelled(self) -> bool:
        """Whether the line that is being handled will be answered in any case."""
        return self._response is not None

    def hold(self) -> None:
        """Have nothing sent before what was said is stored; that goes for the response as well."""
        self._hold(self.rooms.history.stored(), "That was said, but it is not stored")

    def hold_record(self) -> None:
        """The same for what was done to a room, or a person."""
        self._hold(self.rooms.records.stored(), "That was done, but it is not stored")

    def _hold(self, stored: Awaitable[bool] | None, warning: str) -> None:
        if stored is not None:
            self.link.hold(stored, partial(self._warn_in, self._response, warning))

    def _warn_in(self, response: Response | None, warning: str) -> None:
        warn = partial(self.write, join("WARN", ("*", "NOT_STORED", warning), self.server.name))
        if self._response is response:
            warn()
        else:  # Another line's: that of this one was complete meanwhile.
            self.apart(warn)

    def postpone(self) -> Response | None:
        """Have the line that is being handled answered later: its response, if it had a label, is for `resume`."""
        response, self._response = self._response, None
        return response

    def resume(self, response: Response | None) -> None:
        """What is sent from now on for the line that is being handled belongs to that response, if it is one."""
        if response is not None:
            self._respond()
            self._response = response

    def apart(self, tell: Callable[[], None]) -> None:
        """Have `tell` send what is part of no response. What came before stays before: a new nick, for one."""
        response, self._response = self._response, None
        if response is not None and response.waiting:
            self._flush(response)
        tell()
        self._response = response

    async def drained(self) -> None:
        """Wait until the client has been sent all there is, what there is of a labelled response as well. What others
        do to it meanwhile is no part of that."""
        response = self.postpone()
        if response is not None:
            self._flush(response)
        await self.link.drained()
        self._response = response

    # -- the rest

    def _begin(self, label: str) -> None:
        """What is written from now on is one response, if that is a label."""
        if label and len(label.encode()) <= LONGEST_LABEL:
            self._response = Response(label)

    def _flush(self, response: Response) -> None:
        """Send what there is of it."""
        for line in response.so_far(self.server.name, f"r{next(_batches):x}"):
            self.link.write(self.link.frame(line))

    def _respond(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            for line in response.lines(self.server.name, f"r{next(_batches):x}"):
                self.write(line)
