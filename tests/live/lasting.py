"""People who talk as fast as their lines are stored, and what has become of these lines."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple
from unittest import TestCase

from tests.live.clients import Irc
from tests.live.harness import PATIENCE, Server, Socket

ROOM = "#load"
IRC_SPEAKERS, PLAIN_SPEAKERS = 10, 2
AT_ONCE = 4
"""Lines that each has under way."""

PAGE = 1000
"""Lines of history that the server gives at once."""

UNLIMITED = ("--lines-per-second", "1000000", "--burst", "1000000")

_SAID = re.compile(rf"^@\S*\bmsgid=([^ ;]+)\S* :[^ !]+!\S+ PRIVMSG {ROOM} :(.*)$")


class Line(NamedTuple):
    """What was said, and the id it got."""

    id: str
    text: str


def line_of(received: str) -> Line | None:
    """What was said in the room, if a line of IRC says so."""
    found = _SAID.match(received)
    return Line(*found.groups()) if found else None


class Speaker:
    """Someone on IRC who has something to say."""

    caps: tuple[str, ...] = ("echo-message", "message-tags", "server-time", "standard-replies")

    def __init__(self, port: int, name: str, topic: str) -> None:
        self.name = name
        self._texts = (f"{name} {topic}.{number}: what is said once is said" for number in itertools.count())
        self.said: list[str] = []
        """What was sent, in order."""
        self.echoed: list[str] = []
        """What came back."""
        self.warnings = 0
        self.ids: dict[str, str] = {}
        """Of all that was heard, by what was said; empty on plain lines."""
        self.client = self.enter(port)

    def enter(self, port: int) -> Socket:
        """Come into the room."""
        client = Irc(port)
        client.register(self.name, *self.caps)
        client.join(ROOM)
        return client

    def talk(self) -> None:
        """Say the next line for each that comes back, until the connection ends."""
        self.say(AT_ONCE)
        while (line := self.client.line()) is not None:
            self.take(line)

    def say(self, count: int) -> None:
        """Say so many lines; what cannot be sent any more is not said."""
        for text in itertools.islice(self._texts, count):
            self.said.append(text)
            with contextlib.suppress(OSError):
                self.client.say(self.spoken(text))

    def take(self, received: str) -> None:
        """An echo, or something else."""
        if self.is_warning(received):
            self.warnings += 1
        elif (text := self.heard(received)) is not None and text.startswith(f"{self.name} "):
            self.echoed.append(text)
            self.say(1)

    def spoken(self, text: str) -> str:
        """How it is said."""
        return f"PRIVMSG {ROOM} :{text}"

    def heard(self, received: str) -> str | None:
        """What was said, if that is what the line tells."""
        line = line_of(received)
        if line is None:
            return None
        self.ids[line.text] = line.id
        return line.text

    def is_warning(self, received: str) -> bool:
        """Whether it says that something is not stored."""
        return " WARN * NOT_STORED :" in received


class PlainSpeaker(Speaker):
    """Someone on plain lines."""

    def enter(self, port: int) -> Socket:
        """Come into the room, and want one's own lines back."""
        client = Socket(port)
        client.enter(self.name)
        client.say("/echo on", f"/join {ROOM}", "/topic")
        client.until(f"-- {ROOM} has no topic.")
        return client

    def spoken(self, text: str) -> str:
        """As it is."""
        return text

    def heard(self, received: str) -> str | None:
        """It has the speaker in front."""
        _, mark, text = received.partition(f"<{self.name}> ")
        return text if mark else None

    def is_warning(self, received: str) -> bool:
        """Said in words."""
        return received.startswith("!! That was said, but it is not stored")


class Listener(Speaker):
    """Someone who only listens: to all lines, in the room's order."""

    caps = ("message-tags", "server-time")

    def __init__(self, port: int, name: str, topic: str) -> None:
        super().__init__(port, name, topic)
        self.lines: list[Line] = []

    def talk(self) -> None:
        """Hear them, until the connection ends."""
        while (received := self.client.line()) is not None:
            if (line := line_of(received)) is not None:
                self.lines.append(line)


class Load:
    """All of them at once, each on a thread. `topic` is what all their lines have in common, and no others."""

    def __init__(self, server: Server, topic: str) -> None:
        self.listener = Listener(server.port, "listener", topic)
        self.speakers = [Speaker(server.port, f"irc{number}", topic) for number in range(IRC_SPEAKERS)]
        self.speakers += [PlainSpeaker(server.port, f"plain{number}", topic) for number in range(PLAIN_SPEAKERS)]
        everyone = [self.listener, *self.speakers]
        self._threads = ThreadPoolExecutor(len(everyone))
        self._talks: list[Future[None]] = [self._threads.submit(each.talk) for each in everyone]

    def echoed(self) -> int:
        """How many lines have come back by now."""
        return sum(len(each.echoed) for each in self.speakers)

    def wait_for(self, more: int) -> None:
        """Wait until so many more have."""
        wanted = self.echoed() + more
        deadline = time.monotonic() + PATIENCE
        while self.echoed() < wanted:
            if time.monotonic() > deadline:
                raise AssertionError(f"only {self.echoed()} of {wanted} lines were echoed")
            time.sleep(0.002)  # There is nothing to be told by.

    def end(self) -> None:
        """Wait until all connections have ended; what was under way to the people has then come."""
        try:
            for talk in self._talks:
                talk.result(PATIENCE)
        finally:
            for each in (self.listener, *self.speakers):
                each.client.close()
            self._threads.shutdown()


def history(server: Server, after: Line | None) -> list[Line]:
    """All that is kept of what was said in the room after that line."""
    reader = Irc(server.port)
    reader.register("reader", "batch", "message-tags", "server-time", "draft/chathistory")
    reader.join(ROOM)
    place = f"msgid={after.id}" if after else "timestamp=1970-01-01T00:00:00.000Z"
    found: list[Line] = []
    page = [Line("", "")] * PAGE
    while len(page) == PAGE:
        reader.say(f"CHATHISTORY AFTER {ROOM} {place} {PAGE}")
        reader.until_word("BATCH")
        page = [line for line in map(line_of, reader.until_word("BATCH")) if line is not None]
        found += page
        place = f"msgid={found[-1].id}" if found else ""
    reader.say("QUIT")
    reader.until_word("ERROR")
    reader.close()
    return found


def check(case: TestCase, load: Load, kept: list[Line]) -> None:
    """Of what was said in this time all is kept that was echoed, each once, in the order in which everybody saw it,
    and nothing is left out before something that is kept."""
    texts = [line.text for line in kept]
    both = min(len(kept), len(load.listener.lines))
    case.assertEqual(kept[:both], load.listener.lines[:both])
    case.assertEqual(len(texts), len(set(texts)))
    ids = {line.text: line.id for line in kept}
    for each in load.speakers:
        own = [text for text in texts if text.startswith(f"{each.name} ")]
        case.assertEqual(own, each.said[: len(own)])
        case.assertEqual(each.echoed, each.said[: len(each.echoed)])
        case.assertLessEqual(len(each.echoed), len(own), f"{each.name}: a line that was echoed is lost")
        for text in each.echoed:
            case.assertEqual(ids[text], each.ids.get(text, ids[text]))
        heard = [text for text in each.ids if text in ids]
        case.assertEqual(heard, [text for text in texts if text in each.ids])
