"""What is queued for one socket: joined and sent once per turn of the reactor, counted, and cut when it is too much.

The order that a socket sees is the order of the `write` calls.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chatproto.transports.held import Held
from chatproto.transports.readiness import STREAM_SOCKETS
from chatproto.transports.turn import Turn, tick

CHUNK = 65_536
"""Bytes that are handed to the transport in one piece; what waits beyond it stays here, where it is counted."""


class ToMembers(Protocol):
    """A crowd, as a member's outbox sees it."""

    def take(self, link: Any) -> list[tuple[int, bytes]]:
        """What was queued for `link` and it does not have yet, with its numbers; it has it now."""


@implementer(IPushProducer)
class Outbox:
    """The send queue of one connection.

    A stream socket of the reactor's own is written to directly while nothing of ours waits in Twisted's buffer: that
    saves two epoll_ctl calls and a turn per send. Anything else (TLS, third-party transports) gets `write` until it
    says that it is full. In either case at most about two `CHUNK` are out of our hands and not counted.
    """

    __slots__ = (
        "_awaited", "_backlog", "_busy", "_crowds", "_deaf", "_direct", "_drained", "_frames", "_full", "_held",
        "_limit", "_link", "_lost", "_on_overflow", "_transport", "_turn", "put", "ready", "size",
    )  # fmt: skip

    def __init__(self, transport: Any, turn: Turn, limit: int, on_overflow: Callable[[], None]) -> None:
        self._transport = transport
        self._turn = turn
        self._limit = limit
        self._on_overflow = on_overflow
        self._frames: list[tuple[int, bytes]] = []
        """What was queued for it alone in this turn, with its numbers."""
        self._crowds: tuple[ToMembers, ...] = ()
        self._link: object = None
        """The member of these crowds that it belongs to."""
        self._deaf = False
        """Nothing is taken from them any more."""
        self._backlog: list[bytes] | None = None
        """What is left of the turns before this one, in whole frames."""
        self.size = 0
        """Bytes that wait here, but for what was said in this turn to its crowds."""
        self._full = False
        """The transport takes nothing now."""
        self._held: Held | None = None
        """What is not to be sent yet; it stands behind the backlog."""
        self._lost = False
        self._drained: Callable[[], None] | None = None
        self._awaited: list[Deferred[None]] | None = None
        """What is to be told of the same at the end of a turn; any number, and also if the connection is lost."""
        self._busy = False
        """There is more to look at than what was queued in this turn."""
        self.ready = False
        """It is in one crowd and no other, and nothing else waits or is to be seen to: that crowd may `put` what it has
        for it, up to a chunk."""
        self._direct = direct = type(transport) in STREAM_SOCKETS
        self.put: Callable[[bytes], int] = transport.socket.send if direct else self._hand_on
        # A pull producer is asked for more whenever the buffer has run empty, a push producer when it was full before.
        transport.registerProducer(self, not direct)

    # -- what is queued

    def write(self, data: bytes) -> None:
        """Queue whole frames. If more than the limit wait at the end of the turn that the transport does not take,
        `on_overflow` is called."""
        if not self._frames:
            self.ready = False
            self._turn.add(self)
        self._frames.append((tick(), data))
        self.size += len(data)

    def enter(self, crowd: ToMembers, link: object) -> None:
        """What is queued for `crowd` from now on is for `link`, whose outbox this is."""
        self._crowds = (*self._crowds, crowd)
        self._link = link
        self._rest()

    def leave(self, crowd: ToMembers) -> None:
        """The inverse. What has been queued for it is sent."""
        self.collect()
        self._crowds = tuple(each for each in self._crowds if each is not crowd)
        self._link = self._link if self._crowds else None
        self._rest()

    def collect(self) -> None:
        """Let what was queued for its crowds so far be queued for it alone."""
        mine = bool(self._frames)
        self._gather()
        if self._frames and not mine:
            self.ready = False
            self._turn.add(self)

    def _rest(self) -> None:
        self.ready = len(self._crowds) == 1 and not (self._frames or self._busy)

    def _gather(self) -> None:
        """Have in `_frames` all that was queued in this turn, in order."""
        if self._crowds and not self._deaf:
            for crowd in self._crowds:
                frames = crowd.take(self._link)
                self._frames += frames
                self.size += sum([len(data) for _, data in frames])
            self._frames.sort()

    def deafen(self) -> None:
        """Take nothing from the crowds from now on."""
        self.collect()
        self._deaf = self._busy = True
        self.ready = False

    # -- what is sent

    @property
    def lone(self) -> bool:
        """It is in one crowd and no other, and nothing was queued for it alone in this turn: that crowd may `queue`."""
        return len(self._crowds) == 1 and not self._frames and not self._deaf

    def queue(self, waiting: list[bytes], size: int) -> None:
        """Queue what is joined already, in pieces of a chunk at the most, so many bytes, and send what can be. Only
        for who is `lone`."""
        self._wait(waiting)
        self.size += size
        self._flush_all()

    def flush(self) -> None:
        """Send what was queued, as far as the transport takes it. Called when a turn is over."""
        self._gather()
        frames = self._frames
        if self._busy:
            self._flush_all()
            return
        data = frames[0][1] if len(frames) == 1 else b"".join([data for _, data in frames])
        if len(data) > CHUNK:
            self._flush_all()
            return
        frames.clear()
        self.size = 0
        self._rest()
        if data:
            self.send(data)

    def send(self, data: bytes) -> None:
        """Send that, where nothing waits: no more than a chunk."""
        try:
            sent = self.put(data)
        except OSError:  # It would block; or the socket is broken: Twisted meets the same error, and tells.
            sent = 0
        if sent < len(data):
            self.put_rest(data[sent:])

    async def hold(self, until: Awaitable[bool], otherwise: Callable[[], None]) -> None:
        """Send nothing that is queued in this turn, or later, until that has resolved. `otherwise` is called if that is
        not to True, or half of the limit waits before: then it is sent all the same."""
        self._held = self._held or Held()
        self._busy, self.ready = True, False
        try:
            await self._held.until(until, otherwise)
        finally:
            self._turn.add(self)

    def clear(self) -> None:
        """Throw away what waits. What was handed to the transport ends with a whole frame."""
        self._gather()
        self._frames.clear()
        self._backlog = self._held = None
        self.size = 0

    def when_drained(self, then: Callable[[], None]) -> None:
        """Call `then` once, as soon as nothing waits here; at once if that is so."""
        self._drained = then
        self.collect()  # The bound is looked at when the turn is over.
        self._pump()

    def drained(self) -> Deferred[None]:
        """Resolves at the end of a turn, as soon as nothing waits here or the connection is lost. Never from `write`,
        which could be in the middle of a broadcast."""
        awaited: Deferred[None] = Deferred()
        self._awaited = [*(self._awaited or ()), awaited]
        self._busy = True
        self.ready = False
        self._turn.add(self)
        return awaited

    def hand_over(self, on_overflow: Callable[[], None]) -> None:
        """Another link has it from now on, with what is queued, and is told of an overflow in the place of the first.
        What waits for its draining does so in vain."""
        self._on_overflow = on_overflow
        self._drained = None
        self._deaf = False

    def release(self) -> None:
        """Be the transport's producer no more: until then it would not close."""
        self._transport.unregisterProducer()

    # -- what the transport calls

    def resumeProducing(self) -> None:
        """The transport has room again."""
        self._full = False
        if not self._direct:
            # Where the peer has ended TLS while we were paused, Twisted waits for ever for us to write or unregister:
            # then it closes now, and `stopProducing` is called.
            self._transport.unregisterProducer()
            self._transport.registerProducer(self, streaming=True)
        self.collect()
        self._pump()
        if self._awaited:
            self._turn.add(self)

    def pauseProducing(self) -> None:
        """The transport is full. Twisted says so on every write while it is."""
        self._full = self._busy = True
        self.ready = False

    def stopProducing(self) -> None:
        """The connection is lost."""
        self.clear()
        self._full = self._lost = self._deaf = self._busy = True
        self.ready = False
        self.put = len  # Nothing goes anywhere any more; and what refers to itself waits for the garbage collector.
        if self._awaited:
            self._turn.add(self)

    # -- the rest

    def _flush_all(self) -> None:
        """The same where there is more to look at than one turn's frames."""
        self._pump()
        if self._held and self.size > self._limit // 2:  # That is ours to end; and the peer has half to read it.
            self._held.give_up()
            self._pump()
        if self.size > self._limit:
            self._on_overflow()
        if self._awaited and (self._lost or not (self._backlog or self._full or self._held)):
            awaited, self._awaited = self._awaited, None
            for each in awaited:
                each.callback(None)

    def _pump(self) -> None:
        """Send what waits in pieces, until the transport is full."""
        self._gather()
        if self._frames:
            self._wait([data for _, data in self._frames])
            self._frames.clear()
        if self._held:
            self._backlog = [*(self._backlog or ()), *self._held.freed()]
        while self._backlog and not self._full:
            self.send(self._next_chunk(self._backlog))
        drained = not (self._backlog or self._full or self._held)
        self._busy = not drained or self._deaf or bool(self._awaited)
        self._rest()
        if self._drained is not None and drained:
            then, self._drained = self._drained, None
            then()

    def _wait(self, frames: list[bytes]) -> None:
        """Put them behind what waits."""
        if self._held:
            self._held.add(frames)
        else:
            self._backlog = self._backlog or []
            self._backlog += frames

    def _next_chunk(self, backlog: list[bytes]) -> bytes:
        """All that waits, or as much as goes into a chunk; at least a frame."""
        count, length = 1, len(backlog[0])
        while count < len(backlog) and length + len(backlog[count]) <= CHUNK:
            length += len(backlog[count])
            count += 1
        data = b"".join(backlog[:count])
        del backlog[:count]
        self.size -= length
        return data

    def put_rest(self, data: bytes) -> None:
        """`put` has not taken this: Twisted sends it when it can, and asks for more then."""
        self.pauseProducing()
        self._transport.write(data)

    def _hand_on(self, data: bytes) -> int:
        self._transport.write(data)
        return len(data)
