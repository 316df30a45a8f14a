"""IRC clients and people on terminals who share one server, and what must hold whatever they do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from twisted.internet.task import Clock

from chatproto.dialects.irc.letters import STATUS_BY_PREFIX
from chatproto.dialects.irc.message import LINE_LENGTH
from chatproto.dialects.irc.response import Response
from chatproto.dialects.irc.table import VERBS
from chatproto.dialects.plain.conversation import PlainConversation
from chatproto.events import Ending
from chatproto.modes import Rule, Status
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.names import key_of
from chatproto.rooms.room import Room
from chatproto.testing import RecordingLink
from tests.accounts.quick import quick
from tests.dialects.irc.network import Client, Network, finish
from tests.fuzz.irc_sight import LISTS, Received, Sight, View, received

LIMITS = RoomLimits(rooms_per_person=5, list_entries=3, people_per_room=5, message_length=600, history_kept=5)

_NAME = r"[^ <>*():#]+"
_PLAIN = re.compile(
    rf"(?:-- |!! |\d\d:\d\d (?:#\S+ )?(?:<{_NAME}(?: as \S+)?> |\* {_NAME}(?: as \S+)? "
    rf"|{_NAME}(?: as \S+)? \([a-z, -]+\): |-- )).*"
)
"""The forms of docs/dialects.md."""
_TELNET = re.compile(rb"\xff[\xfb-\xfe].", re.DOTALL)


class Irc:
    """An IRC client that holds each line to what clients can count on."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.client = Client(town.network)
        self.talk = self.client.talk
        self.sight = Sight()
        self.gone = False
        self.caps: frozenset[str] = frozenset()
        """What it had before or after the line that it sent last."""
        self.labels: dict[str, int] = {}
        """How many responses came to each label."""

    def send(self, line: str) -> None:
        """Send a line; the placeholders in it are replaced."""
        data = line.encode("utf-8", "surrogateescape")
        if b"$L" in data:
            label = f"l{len(self.labels)}"
            data = data.replace(b"$L", label.encode())
            if "labeled-response" in self.talk.caps and not self._ignored(data):
                self.labels[label] = 0
        before = self.talk.caps
        self.client.send(data.replace(b"$ID", self.town.latest.encode()))
        self.caps = self.talk.caps | before

    def _ignored(self, data: bytes) -> bool:
        """Whether it is empty, or longer than a line can be: nobody looks for a label then."""
        rest = data.partition(b" ")[2]
        return not rest.strip() or len(rest) > LINE_LENGTH

    def hang_up(self) -> None:
        """Lose the connection."""
        if not self.client.closed:
            self.talk.ended(Ending.LOST)
            self.client.link.close()

    def look(self) -> None:
        """Read what came."""
        self.sight.fresh.clear()
        batches: list[str] = []
        history: set[str] = set()
        """Batches of what happened earlier, and those in them."""
        for text in self.client.got():
            line = received(text)
            self._check_batch(line, batches)
            if "label" in line.tags:
                self.labels[line.tags["label"]] += 1
            if "msgid" in line.tags:
                self.town.latest = line.tags["msgid"]
            self._check_caps(line)
            earlier = line.tags.get("batch") in history
            if line.verb == "BATCH" and (earlier or line.params[1:2] == ["chathistory"]):
                history.add(line.params[0][1:])
            if not earlier:
                self.sight.see(line)
                self._check_hidden(line)
        assert not batches, f"batches stay open: {batches}"
        for key in self.sight.fresh & self.sight.rooms.keys():
            self._complete(self.sight.rooms[key], self.town.network.rooms.room(key))
        self.gone = self.client.closed

    def _check_batch(self, line: Received, batches: list[str]) -> None:
        if "batch" in line.tags:
            assert line.tags["batch"] in batches, f"{line} is of no open batch"
        if line.verb == "BATCH":
            name = line.params[0][1:]
            if line.params[0][0] == "+":
                assert name not in batches
                batches.append(name)
            else:
                batches.remove(name)

    def _check_caps(self, line: Received) -> None:
        caps = self.caps
        for key in line.tags:
            needed = _TAGS.get(key, {"message-tags"})
            assert needed & caps, f"{line} has the tag {key}, for which nobody asked: {sorted(caps)}"
        needed = _VERBS.get(line.verb, set())
        assert not needed or needed & caps, f"{line}, for which nobody asked"

    def _check_hidden(self, line: Received) -> None:
        """No secret room is told of, and what is for those of some rank is seen by nobody else."""
        user, rooms = self.talk.session.user, self.town.network.rooms
        place = _ROOM_IN.get(line.verb)
        if user is None or place is None or line.nick == user.who.name:
            return
        for name in line.params[place].split(" "):
            prefix, sign, rest = name.partition("#")
            room = rooms.directory.get(key_of(sign + rest))
            if room is not None and line.verb.isdigit():
                assert rooms.visible(room, user), f"{line} tells of a secret room"
            elif room is not None and prefix:
                assert room.members[user] >= STATUS_BY_PREFIX[prefix], f"{line} is not for that member"

    def _complete(self, view: View, room: Room) -> None:
        """What is told to who asks, and is tested elsewhere."""
        view.modes = {rule.value: value for rule, value in room.rules.items()}
        view.masks = {(listing.value, mask) for listing, masks in room.lists.items() for mask in masks}
        view.partial = view.partial or Rule.AUDITORIUM in room.rules
        if not view.named:
            view.members = {user.name.key: status for user, status in room.members.items()}

    # -- what must hold

    def check(self) -> None:
        """What it was told is how it is."""
        waiting = [label for label, count in self.labels.items() if count != 1]
        assert not waiting or self._batch_open(waiting), f"responses: {[(each, self.labels[each]) for each in waiting]}"
        user = self.talk.session.user
        if self.gone or user is None:
            assert self.sight.nick == "*" or self.gone
            return
        sight = self.sight
        assert sight.nick == user.who.name == user.name.shown, (sight.nick, user.who.name)
        assert sight.modes == {mode.value for mode in user.modes}, (sight.modes, user.modes)
        assert sight.rooms.keys() == user.rooms.keys(), (list(sight.rooms), list(user.rooms))
        for key, view in sight.rooms.items():
            self._check_view(view, user.rooms[key])

    def _batch_open(self, waiting: list[str]) -> bool:
        """Only of a message of several lines the response comes later."""
        open_ones = [each for each in self.talk.state.values() if isinstance(getattr(each, "response", 0), Response)]
        return len(waiting) == len(open_ones) == 1 and self.labels[waiting[0]] == 0

    def _check_view(self, view: View, room: Room) -> None:
        members = {user.name.key: status for user, status in room.members.items()}
        if not view.partial:
            assert view.members.keys() == members.keys(), (room.name, list(view.members), list(members))
            if "multi-prefix" in self.talk.caps and self.town.exact:
                assert view.members == members, (view.members, members)
        assert view.modes == {rule.value: value for rule, value in room.rules.items()}, (view.modes, room.rules)
        masks = {(listing.value, mask) for listing, masks in room.lists.items() for mask in masks}
        assert view.masks == masks, (view.masks, masks)
        assert room.topic.startswith(view.topic), (room.topic, view.topic)
        assert bool(room.topic) == bool(view.topic), (room.topic, view.topic)


_TAGS = {
    "time": {"server-time"}, "label": {"labeled-response"}, "batch": {"batch", "labeled-response"},
    "account": {"account-tag"}, "draft/oper": {"draft/oper-tag"},
    "draft/relaymsg": {"draft/relaymsg", "message-tags"}, "draft/multiline-concat": {"draft/multiline"},
}  # fmt: skip
"""The capabilities, one of which a tag needs; any other needs message-tags."""
_VERBS = {
    "TAGMSG": {"message-tags"}, "AWAY": {"away-notify"}, "ACCOUNT": {"account-notify"},
    "BATCH": {"batch", "labeled-response"}, "REDACT": {"draft/message-redaction"}, "ACK": {"labeled-response"},
    "RENAME": {"draft/channel-rename"}, "METADATA": {"draft/metadata-2"},
}  # fmt: skip
"""The same for verbs."""
_ROOM_IN = {"322": 1, "353": 2, "352": 1, "319": 2, "PRIVMSG": 0, "NOTICE": 0, "TAGMSG": 0}
"""Which parameter has the name of a room that the client must be allowed to know of, or rooms."""


class Terminal:
    """A person on a terminal."""

    def __init__(self, town: Town) -> None:
        self.link = RecordingLink()
        network = town.network
        self.talk = PlainConversation(self.link, network.rooms, "Hello.", network._check_operator)
        self.talk.opened()
        self.gone = False

    def send(self, line: str) -> None:
        """Type a line."""
        answer = self.talk.line_received(line.encode("utf-8", "surrogateescape"))
        if answer is not None:
            finish(answer)

    def hang_up(self) -> None:
        """Lose the connection."""
        if not self.link.closed:
            self.talk.ended(Ending.LOST)
            self.link.close()

    def look(self) -> None:
        """Read what came."""
        data = _TELNET.sub(b"", b"".join(self.link.written))
        self.link.written.clear()
        for line in data.decode().split("\r\n")[:-1]:
            assert _PLAIN.fullmatch(line), f"not as promised: {line!r}"
        self.gone = self.link.closed

    def check(self) -> None:
        """Its current room is one of its rooms."""
        user = self.talk.session.user
        if user is not None:
            assert self.talk.current is None or self.talk.current in user.rooms.values()
            assert self.talk.current is not None or not user.rooms


class Town:
    """Everybody, on one server."""

    exact = True

    def __init__(self) -> None:
        self.network = Network(limits=LIMITS, accounts=quick(Clock()))
        self.people: dict[int, Irc | Terminal] = {}
        self.latest = "1-1"
        """The id of the message that somebody saw last."""

    def irc(self, place: int, nick: str, caps: Iterable[str]) -> None:
        """An IRC client comes, where nobody is."""
        if place not in self.people:
            one = self.people[place] = Irc(self)
            wanted = " ".join(sorted(caps))
            for line in (f"CAP REQ :{wanted}", f"NICK {nick}", f"USER {nick} 0 * :Real", "CAP END", "JOIN #a,#b"):
                one.send(line)
                self.settle()

    def terminal(self, place: int, name: str) -> None:
        """A person comes, where nobody is."""
        if place not in self.people:
            one = self.people[place] = Terminal(self)
            for line in (name, "/join #a"):
                one.send(line)
                self.settle()

    def settle(self) -> None:
        """Everybody reads; then everything must hold."""
        for one in self.people.values():
            one.look()
        for one in self.people.values():
            one.check()
        self.people = {place: one for place, one in self.people.items() if not one.gone}
        self._check_counts()

    def _check_counts(self) -> None:
        rooms = self.network.rooms
        users = [one.talk.session.user for one in self.people.values() if one.talk.session.user is not None]
        assert set(users) == set(rooms.people)
        assert len(users) == len(rooms.people) == rooms.people.sessions
        assert +rooms.people.modes == Counter(mode for user in users for mode in user.modes)
        assert rooms.directory.used == len([room for room in rooms.rooms() if room.members])
        assert self.network.server.commands.keys() <= VERBS.keys()
        for room in rooms.rooms():
            assert set(room.members) == {user for user in users if room in user.rooms.values()}
            assert len(room.members) <= LIMITS.people_per_room
            assert all(len(masks) <= LIMITS.list_entries for masks in room.lists.values())
        assert all(key_of(user.name.shown) == user.name.key for user in users)
        assert all(status >= Status.NONE for room in rooms.rooms() for status in room.members.values())

    def empty(self) -> None:
        """Everybody goes; nothing of them may be left."""
        for one in self.people.values():
            one.hang_up()
        self.settle()
        rooms = self.network.rooms
        people, directory, backplane = rooms.people, rooms.directory, rooms._backplane
        default = directory.default
        assert list(directory) == [default]
        assert not default.members
        assert not default._crowds
        assert directory._by_skeleton == {default.name.skeleton: default}
        assert not people._users
        assert not people._holders
        assert not people._watchers
        assert not +people.modes
        assert not backplane._claimed  # type: ignore[attr-defined]
        assert backplane._streams.keys() <= {"", default.name.key}  # type: ignore[attr-defined]
        streams = rooms.history._streams.keys()  # type: ignore[attr-defined]
        assert {each for each in streams if " " not in each} <= {default.name.key}  # What accounts said stays.
        assert len(LISTS) == 3
