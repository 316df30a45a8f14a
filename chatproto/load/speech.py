"""How the dialects are spoken: what a client says to come in, to speak and to go, and what it must understand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

PING, REGISTERED, JOINED, REFUSED, ENDED, GONE, PONG, STATS, STATS_END = (
    "ping", "registered", "joined", "refused", "ended", "gone", "pong", "stats", "stats_end",
)  # fmt: skip
"""What the server may say that matters. With each comes a text: what to answer, which room, its words, who is gone."""

News = tuple[str, bytes]


class Speech:
    """One dialect: templates in which `{}` stands for a name, a room or a text, and what to look for in what comes.

    Most members of a room are told the same, one after the other: what was read last is looked at again first.
    """

    def __init__(self, words: Words, wanted: re.Pattern[bytes]) -> None:
        self.probed = words.probed
        self._words = words
        self._find = wanted.finditer
        self._last: tuple[bytes, list[News]] = (b"", [])

    def come(self, name: bytes) -> bytes:
        """What makes one known to the server."""
        return self._words.come.replace(b"{}", name)

    def join(self, room: bytes) -> bytes:
        """What brings one into a room."""
        return self._words.join.replace(b"{}", room)

    def before(self, room: bytes) -> bytes:
        """What stands before each line that is said there."""
        return self._words.before.replace(b"{}", room)

    def leave(self) -> bytes:
        """What one says to go."""
        return self._words.leave

    def answer(self, text: bytes) -> bytes:
        """What is said when the server asks whether one is there."""
        return self._words.answer.replace(b"{}", text)

    def news(self, data: bytes) -> list[News]:
        """What matters of some whole lines; all else is passed over."""
        last, news = self._last
        if data != last:
            news = [_news(match) for match in self._find(b"\n" + data)]
            self._last = (data, news)
        return news


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in a dialect."""

    come: bytes
    join: bytes
    before: bytes
    leave: bytes
    answer: bytes
    probed: bool
    """It has a PING to measure round trips by."""


_SAID_IN_IRC = Words(
    come=b"NICK {}\r\nUSER load 0 * :load\r\n",
    join=b"JOIN {}\r\n",
    before=b"PRIVMSG {} :",
    leave=b"QUIT :done\r\n",
    answer=b"PONG {}\r\n",
    probed=True,
)
"""RFC 2812, section 3, as https://modern.ircdocs.horse has it."""

_SAID_PLAINLY = Words(
    come=b"{}\n", join=b"/join {}\n/part #lobby\n", before=b"", leave=b"/quit\n", answer=b"\n", probed=False
)
"""Our own lines for people, see docs/dialects.md. Who comes in is in the default room, and leaves it for another."""

# Each begins with the end of the line before: so the search goes from line to line, not from byte to byte.
_IRC = re.compile(
    rb"\n(?:"
    rb":(?:(?P<gone>[^ !\r\n]++)[^ \r\n]*+ QUIT\b"
    rb"|[^ \r\n]++ (?:"
    rb"(?:376|422) (?P<registered>[^ \r\n]*)"
    rb"|366 [^ \r\n]+ (?P<joined>[^ \r\n]+)"
    rb"|(?P<refused>(?:263|4\d\d|5\d\d|KICK|KILL) [^\r\n]*)"
    rb"|249 [^ \r\n]+ (?P<stats>[^\r\n]*)"
    rb"|219 (?P<stats_end>)"
    rb"|PONG [^\r\n]*?(?P<pong>\d+)(?=\r?\n)"
    rb"|PING (?P<ping1>[^\r\n]*)))"
    rb"|PING (?P<ping>[^\r\n]*)"
    rb"|ERROR (?P<ended>[^\r\n]*))"
)

_PLAIN = re.compile(
    rb"\n(?:"
    rb"-- (?P<registered>Hello, )"
    rb"|-- You are in (?P<joined>#[^ \r\n]+) with "
    rb"|-- (?P<ping>Are you still there\?)"
    rb"|!! (?P<refused>[^\r\n]*)"
    rb"|\d\d:\d\d (?:#[^ ]+ )?-- (?P<gone>[^ \r\n]+) quit)"
)


def _news(match: re.Match[bytes]) -> News:
    kind = match.lastgroup
    assert kind is not None  # Each way through a pattern has a group.
    return kind.rstrip("1"), match[kind]


SPEECHES: dict[str, Callable[[], Speech]] = {
    "irc": lambda: Speech(_SAID_IN_IRC, _IRC),
    "plain": lambda: Speech(_SAID_PLAINLY, _PLAIN),
}
"""A new one for each run, by the name of the dialect."""
