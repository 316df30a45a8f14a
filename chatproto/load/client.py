"""One person that this program plays: comes, joins a room, listens, and speaks when told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from time import monotonic_ns as clock

from chatproto.load.loop import Loop
from chatproto.load.marks import Ear, Mark, Marking, Tally
from chatproto.load.speech import ENDED, GONE, JOINED, PING, REFUSED, REGISTERED, Speech
from chatproto.load.stream import Route, Stream

PORTS_PER_SOURCE = 20_000
"""Connections that come from one address of the loopback network; then the next address is taken."""

MOST_SOURCES = 254
"""Addresses of 127.0.0.0/24 that connections come from."""

WORDS = 200
"""Characters of a server's words that are kept."""

KINDS_OF_WORDS = 20
"""Different refusals that are remembered."""


class State(IntEnum):
    """How far somebody has come."""

    CONNECTING = 0
    REGISTERING = 1
    REGISTERED = 2
    JOINING = 3
    IN_ROOM = 4
    LEAVING = 5
    ENDED = 6


class Scene:
    """What all clients of one run share, and what the server did to any of them."""

    def __init__(self, loop: Loop, route: Route, speech: Speech, marking: Marking, letters: str) -> None:
        self.loop, self.route, self.speech, self.marking = loop, route, speech, marking
        self.letters = letters
        """What all names and rooms of this run begin with."""
        self.sent = 0
        """Lines that were said."""
        self.awaited = 0
        """Deliveries that these make, if nothing is lost."""
        self.withheld = 0
        """Lines that were due and not said, for the server did not take what the speaker had said before."""
        self.opened = 0
        """Connections that came about."""
        self.heard = 0
        """Times that somebody heard something beside what is said."""
        self.cut = 0
        self.words: Counter[str] = Counter()
        """Refusals and farewells of the server, and how often they came."""
        self.last_words = ""

    def room(self, number: int) -> bytes:
        """The name of a room."""
        return f"#{self.letters}{number}".encode()

    def source(self, number: int) -> str:
        """The address that a client comes from; empty where it does not matter."""
        if number < PORTS_PER_SOURCE or not self.route.many_sources:
            return ""
        return f"127.0.0.{1 + number // PORTS_PER_SOURCE % MOST_SOURCES}"

    def note(self, words: bytes | str) -> None:
        """What the server said that it need not have said."""
        if not words:
            return
        text = (words.decode(errors="replace") if isinstance(words, bytes) else words).strip()[:WORDS]
        self.last_words = text
        if text in self.words or len(self.words) < KINDS_OF_WORDS:
            self.words[text] += 1


@dataclass(frozen=True, slots=True)
class Manner:
    """How clients of one kind come and are served."""

    goal: State = State.IN_ROOM
    """How far they come by themselves."""
    received: int = 0
    """Bytes that the kernel may keep for each to read; 0 leaves it to the kernel."""
    prompt: bool = False
    """They are served before others."""


USUAL = Manner()


class Client:
    """Connects at once. `on_change(client, now)` is called whenever `state` has changed. Raises `OSError` if it cannot
    even begin to connect."""

    __slots__ = (
        "_before", "_goal", "_on_change", "_told", "_unclear", "asked", "audience", "began", "ear", "number", "on_gone",
        "on_marks", "reads", "room", "said", "scene", "state", "stream",
    )  # fmt: skip

    def __init__(
        self,
        scene: Scene,
        number: int,
        room: bytes,
        tally: Tally,
        on_change: Callable[[Client, int], None],
        manner: Manner = USUAL,
    ) -> None:
        self.scene, self.number, self.room = scene, number, room
        self.state = State.CONNECTING
        self.began = clock()
        """When it began to connect."""
        self.asked = 0
        """When it asked to come into the room."""
        self.reads = True
        """What it hears is to be checked; not so of those who do not read."""
        self.said = 0
        self.audience = 0
        """How many others hear what this one says."""
        self.ear = Ear(tally)
        self.on_marks: Callable[[list[Mark], int], None] | None = None
        """Is told of the lines that this one hears."""
        self.on_gone: Callable[[bytes, int], None] | None = None
        """Is told of the names of those who quit, as seen by this one."""
        self._goal, self._on_change = manner.goal, on_change
        self._told = False
        """The server has said why it ends the connection."""
        self._unclear = b""
        """What it said last that this dialect has no words for, before it let this one in."""
        self._before = scene.speech.before(room)
        self.stream = Stream(
            scene.loop, scene.route, self, scene.source(number), received=manner.received, prompt=manner.prompt
        )

    @property
    def name(self) -> bytes:
        """As the server knows it: at most nine characters, which any IRC server takes (RFC 2812, 1.2.1), and digits
        that look like nothing else."""
        return f"{self.scene.letters}{self.number}".encode()

    def join(self, now: int) -> None:
        """Go into the room."""
        self._goal, self.asked = State.IN_ROOM, now
        self._change(State.JOINING, now)
        self.stream.send(self.scene.speech.join(self.room), now)

    def say(self, due: int, now: int) -> bool:
        """Say a line that was due at some time; tells whether the server took what came before it. Those who are
        gone say nothing."""
        scene, stream = self.scene, self.stream
        if not stream.open:
            return False
        if stream.full:
            scene.withheld += 1
            return False
        number = self.said
        self.said = number + 1
        scene.sent += 1
        scene.awaited += self.audience
        stream.send(self._before + scene.marking.text(self.number, number, due), now)
        return True

    def leave(self, now: int) -> None:
        """Say good-bye; the server closes."""
        self._change(State.LEAVING, now)
        self.stream.send(self.scene.speech.leave(), now)

    def opened(self, now: int) -> None:
        """For the stream."""
        self.scene.opened += 1
        self._change(State.REGISTERING, now)
        self.stream.send(self.scene.speech.come(self.name), now)

    def heard(self, data: bytes, now: int) -> None:
        """For the stream. What has no mark is looked at closely, what has one only checked."""
        marks, others = self.scene.marking.read(data)
        if marks:
            self.ear.hear(marks, now)
            if self.on_marks is not None:
                self.on_marks(marks, now)
        if others:
            self.scene.heard += 1
            news = self.scene.speech.news(data)
            for kind, text in news:
                self._hear(kind, text, now)
            self._unclear = data if self.state is State.REGISTERING and not news else b""

    def closed(self, why: str, now: int) -> None:
        """For the stream."""
        if self.state is not State.LEAVING:
            self.scene.cut += 1
            if not self._told:
                words = self._unclear.strip().rpartition(b"\n")[2].decode(errors="replace")
                self.scene.note(f"{words} ({why})" if words and why else why)
        self._change(State.ENDED, now)

    def _hear(self, kind: str, text: bytes, now: int) -> None:
        if kind == PING:
            self.stream.send(self.scene.speech.answer(text), now)
        elif kind == REGISTERED and self.state is State.REGISTERING:
            self._change(State.REGISTERED, now)
            if self._goal is State.IN_ROOM:
                self.join(now)
        elif kind == JOINED and self.state is State.JOINING and text == self.room:
            self._change(State.IN_ROOM, now)
        elif kind == GONE and self.on_gone is not None:
            self.on_gone(text, now)
        elif kind in (REFUSED, ENDED) and self.state < State.LEAVING:
            self.scene.note(text)
            self._told = kind == ENDED
            if kind == REFUSED and self.state < State.IN_ROOM:  # It will not come any further.
                self.stream.close()
                self.closed("", now)

    def _change(self, state: State, now: int) -> None:
        self.state = state
        self._on_change(self, now)
