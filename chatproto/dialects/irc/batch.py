"""Lines that belong together, for clients that know batches (IRCv3's batch)."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Self

from chatproto.dialects.irc.look import server_time
from chatproto.dialects.irc.message import join
from chatproto.dialects.irc.numerics import Numeric
from chatproto.dialects.irc.response import batched

if TYPE_CHECKING:
    from chatproto.dialects.irc.conversation import IrcConversation

_names = count(1)


class Batch:
    """A batch of one client, open for as long as its `with` statement. Without the capability its lines are sent as
    they are. What else the client is sent meanwhile is no part of it."""

    def __init__(self, talk: IrcConversation, kind: str, *params: str) -> None:
        self._talk = talk
        self._begin = (kind, *params)
        self._name = f"s{next(_names):x}" if "batch" in talk.caps else ""

    def __enter__(self) -> Self:
        """Begin it."""
        if self._name:
            self._talk.send("BATCH", f"+{self._name}", *self._begin)
        return self

    def __exit__(self, *error: object) -> None:
        """End it."""
        if self._name:
            self._talk.send("BATCH", f"-{self._name}")

    def send(self, verb: str, *params: str) -> None:
        """A line of it, from the server."""
        talk = self._talk
        tags = {"batch": self._name} if self._name else {}
        if "server-time" in talk.caps:
            tags["time"] = server_time(talk.rooms.now())
        talk.write(join(verb, params, talk.server.name, tags))

    def add(self, line: str) -> None:
        """A line as it was made for everyone."""
        self._talk.write(batched(line, self._name) if self._name else line)

    def numeric(self, numeric: Numeric, *params: str) -> None:
        """A numbered reply in it, as `IrcConversation.numeric` sends them."""
        self.send(numeric.code, self._talk.nick, *params, *([numeric.text] if numeric.text else []))

    def fail(self, verb: str, code: str, *context: str, text: str) -> None:
        """A FAIL in it, as `IrcConversation.fail` sends them."""
        self.send("FAIL", verb, code, *self._talk.failure(verb, code, context, text))
