"""What an IRC client knows from the lines that it was sent, and whether those lines are what a client can count on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from chatproto.dialects.irc.letters import CHANNEL_MODES, STATUS_BY_LETTER, STATUS_BY_PREFIX
from chatproto.modes import Status
from chatproto.rooms.names import key_of

_LINE = re.compile(
    r"(?:@(?P<tags>[^ \r\n\0]+) )?(?::(?P<source>[^ \r\n\0]+) )?(?P<verb>[A-Z]+|\d{3})"
    r"(?P<middles>(?: [^ :\r\n\0][^ \r\n\0]*)*)(?: :(?P<last>[^\r\n\0]*))?"
)
_TAG = re.compile(r"\+?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+(?:=[^; ]*)?")
_OF_ROOMS = frozenset({"JOIN", "PART", "KICK", "TOPIC", "MODE", "PRIVMSG", "NOTICE", "TAGMSG", "REDACT", "RENAME"})
"""What only members of a room are shown."""
LISTS, KEYED, VALUED, FLAGS = CHANNEL_MODES.split(",")


class Received(NamedTuple):
    """A line from the server, taken apart."""

    tags: dict[str, str]
    source: str
    nick: str
    verb: str
    params: list[str]


def received(line: str) -> Received:
    """Take it apart, and hold it to the grammar and the lengths of IRC, strictly."""
    match = _LINE.fullmatch(line)
    assert match is not None, f"no line of IRC: {line!r}"
    tags = match["tags"] or ""
    rest = line[len(tags) + 2 :] if tags else line
    assert len(rest.encode()) <= 510, f"{len(rest.encode())} bytes: {line!r}"
    assert len(tags.encode()) <= 8189, f"too many tags: {line!r}"
    found: dict[str, str] = {}
    for tag in tags.split(";") if tags else ():
        key, _, value = tag.partition("=")
        assert tag.startswith("+") or _TAG.fullmatch(tag), f"no tag: {tag!r} in {line!r}"
        assert key not in found, f"{key} comes twice: {line!r}"
        found[key] = value
    params = [*match["middles"].split(), *([match["last"]] if match["last"] is not None else [])]
    assert len(params) <= 15, f"too many parameters: {line!r}"
    source = match["source"] or ""
    return Received(found, source, source.partition("!")[0], match["verb"], params)


@dataclass
class View:
    """A room as a client knows it."""

    members: dict[str, Status] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    masks: set[tuple[str, str]] = field(default_factory=set)
    topic: str = ""
    named: bool = False
    """Who is in there was told."""
    partial: bool = False
    """It has been an auditorium, in which not all members are seen."""

    def change(self, letters: str, values: list[str]) -> None:
        """Take a MODE."""
        rest = iter(values)
        sign = ""
        for letter in letters:
            if letter in "+-":
                sign = letter
            elif letter in STATUS_BY_LETTER:
                status, key = STATUS_BY_LETTER[letter], key_of(next(rest))
                if key in self.members:
                    had = self.members[key]
                    self.members[key] = had | status if sign == "+" else had & ~status
                else:
                    assert self.partial, f"a mode for {key}, who is not there"
            elif letter in LISTS:
                (self.masks.add if sign == "+" else self.masks.remove)((letter, next(rest)))
            elif sign == "+":
                self.modes[letter] = next(rest) if letter in KEYED + VALUED else ""
            else:
                if letter in KEYED:
                    assert next(rest) == self.modes[letter]
                del self.modes[letter]
        assert next(rest, None) is None, (letters, values)
        self.partial = self.partial or "u" in self.modes


class Sight:
    """All that one client knows: its nick, its modes, its rooms and who is in them."""

    def __init__(self) -> None:
        self.nick = "*"
        self.modes: set[str] = set()
        self.rooms: dict[str, View] = {}
        self.fresh: set[str] = set()
        """Rooms that it came into with the lines it was sent last."""

    def see(self, line: Received) -> None:
        """Take one line."""
        take = getattr(self, f"_{line.verb.lower()}", None)
        if line.verb.isdigit():
            if line.verb == "001":
                self.nick = line.params[0]
            assert line.params[0] == self.nick, f"{line} is not to {self.nick}"
        elif line.verb in _OF_ROOMS and line.params[0].lstrip("~&@%+").startswith("#"):
            room = key_of(line.params[0].lstrip("~&@%+"))
            mine = self._mine(line.nick) or f"!{self.nick}@" in line.source or line.nick == "chatproto.local"
            assert mine or room in self.rooms, f"{line}, and {self.nick} is not there"
        if take is not None:
            take(line)

    def _mine(self, nick: str) -> bool:
        return key_of(nick) == key_of(self.nick)

    def _join(self, line: Received) -> None:
        key = key_of(line.params[0])
        if self._mine(line.nick):
            assert key not in self.rooms
            self.rooms[key] = View()
            self.fresh.add(key)
        view = self.rooms[key]
        nick = key_of(line.nick)
        assert nick not in view.members or view.partial or key in self.fresh, f"{line.nick} is in {key} already"
        view.members.setdefault(nick, Status.NONE)

    def _gone(self, room: str, nick: str) -> None:
        if self._mine(nick):
            del self.rooms[key_of(room)]
            return
        view = self.rooms[key_of(room)]
        assert view.members.pop(key_of(nick), None) is not None or view.partial, f"{nick} was not in {room}"

    def _part(self, line: Received) -> None:
        self._gone(line.params[0], line.nick)

    def _kick(self, line: Received) -> None:
        if self._mine(line.params[1]) or key_of(line.params[0]) in self.rooms:
            self._gone(line.params[0], line.params[1])

    def _quit(self, line: Received) -> None:
        seen = [view.members.pop(key_of(line.nick), None) is not None or view.partial for view in self.rooms.values()]
        assert any(seen), line

    def _nick(self, line: Received) -> None:
        if self._mine(line.nick):
            self.nick = line.params[0]
        for view in self.rooms.values():
            had = view.members.pop(key_of(line.nick), None)
            if had is not None:
                view.members[key_of(line.params[0])] = had

    def _rename(self, line: Received) -> None:
        old, new = map(key_of, line.params[:2])
        if old in self.rooms:
            self.rooms[new] = self.rooms.pop(old)

    def _mode(self, line: Received) -> None:
        target, letters, *values = line.params
        if target.startswith("#"):
            if key_of(target) in self.rooms:
                self.rooms[key_of(target)].change(letters, values)
            return
        assert self._mine(target)
        sign = ""
        for letter in letters:
            if letter in "+-":
                sign = letter
            else:
                (self.modes.add if sign == "+" else self.modes.remove)(letter)

    def _221(self, line: Received) -> None:
        self.modes = set(line.params[1][1:])

    def _topic(self, line: Received) -> None:
        if key_of(line.params[0]) in self.rooms:
            self.rooms[key_of(line.params[0])].topic = line.params[1]

    def _332(self, line: Received) -> None:
        if key_of(line.params[1]) in self.rooms:
            self.rooms[key_of(line.params[1])].topic = line.params[2]

    def _353(self, line: Received) -> None:
        key = key_of(line.params[2])
        if key in self.fresh and not self.rooms[key].named:
            for word in line.params[3].split(" "):
                nick = word.lstrip("~&@%+")
                status = Status.NONE
                for prefix in word[: len(word) - len(nick)]:
                    status |= STATUS_BY_PREFIX[prefix]
                self.rooms[key].members[key_of(nick.partition("!")[0])] = status

    def _366(self, line: Received) -> None:
        if key_of(line.params[1]) in self.fresh:
            self.rooms[key_of(line.params[1])].named = True
