"""Events as the lines that people read."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.plain.render import elsewhere, here, to_one, wires
from chatproto.dialects.plain.text import visible
from chatproto.errors import BadName
from chatproto.events import (
    AccountChanged,
    AccountGone,
    Announced,
    Appeared,
    AwayChanged,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Kind,
    Left,
    MetadataChanged,
    ModesChanged,
    Part,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    RoomRenamed,
    Said,
    Stamp,
    TopicChanged,
    Vanished,
    Warned,
    Whispered,
    Who,
)
from chatproto.modes import Change, Rule, Status
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import NOON
from chatproto.transports.line import line_frame

STAMP = Stamp(1, 1, NOON)
CLOCK = datetime.fromtimestamp(NOON).strftime("%H:%M ")  # noqa: DTZ006  # The server's own time is what people see.

ADA = Who("ada")
LINES: dict[str, Event] = {
    "<ada> hello": Said("#lobby", ADA, "hello"),
    "* ada waves": Said("#lobby", ADA, "waves", Kind.ACTION),
    "ada (notice): hello": Said("#lobby", ADA, "hello", Kind.NOTICE),
    "ada (to operators): hello": Said("#lobby", ADA, "hello", to=Status.OPERATOR),
    "ada (to voices): * waves": Said("#lobby", ADA, "waves", Kind.ACTION, to=Status.VOICE),
    "ada (to half-operators, notice): hello": Said("#lobby", ADA, "hello", Kind.NOTICE, to=Status.HALFOP),
    "<ada as dragon> hello": Said("#lobby", ADA, "hello", speaker="dragon"),
    "* ada as dragon waves": Said("#lobby", ADA, "waves", Kind.ACTION, speaker="dragon"),
    "ada (whispering): hello": Whispered(ADA, "bob", "hello"),
    "ada (whispering): * waves": Whispered(ADA, "bob", "waves", Kind.ACTION),
    "ada (whispering, notice): hello": Whispered(ADA, "bob", "hello", Kind.NOTICE),
    "ada as dragon (whispering): hello": Whispered(ADA, "bob", "hello", speaker="dragon"),
    "-- ada joined": Joined("#lobby", ADA, "Ada", "lunch"),
    "-- ada left": Left("#lobby", ADA, ""),
    "-- ada left (late)": Left("#lobby", ADA, "late"),
    "-- ada put bob out": Kicked("#lobby", ADA, "bob", ""),
    "-- ada put bob out (noise)": Kicked("#lobby", ADA, "bob", "noise"),
    "-- ada invited bob": Invited("#lobby", ADA, "bob"),
    "-- ada quit": Quit(ADA, "Quit"),
    "-- ada quit: connection closed": Quit(ADA, "Quit: connection closed"),
    "-- ada quit: (connection closed)": Quit(ADA, "Quit: (connection closed)"),
    "-- ada quit (connection closed)": Quit(ADA, "connection closed"),
    "-- ada quit (Killed (root (spam)))": Quit(ADA, "Killed (root (spam))"),
    "-- ada is now called eva": Renamed(ADA, "eva"),
    "-- ada set the topic: tea": TopicChanged("#lobby", ADA, "tea"),
    "-- ada cleared the topic": TopicChanged("#lobby", ADA, ""),
    "-- ada tells everyone: we are closing": Announced(ADA, "we are closing"),
    "-- ada made bob an operator": ModesChanged("#lobby", ADA, (Change(True, Status.OPERATOR, "bob"),)),
}
NOT_SHOWN: list[Event] = [
    Warned("the disk is full"),
    *(Said("#lobby", ADA, "VERSION", kind) for kind in (Kind.CTCP, Kind.CTCP_REPLY, Kind.TAGS)),
    *(Whispered(ADA, "bob", "VERSION", kind) for kind in (Kind.CTCP, Kind.CTCP_REPLY, Kind.TAGS)),
    Redacted("#lobby", ADA, "1-1", "typo"),
    RoomRenamed("#lobby", ADA, "#hall", ""),
    AwayChanged(ADA, "lunch"),
    RealnameChanged(ADA, "Ada"),
    AccountChanged(ADA),
    AccountGone("ada"),
    HostChanged(ADA, "user", "example.org", "Ada"),
    Returned("#lobby", ADA, "Ada", "lunch", Status.VOICE),
    Appeared(ADA),
    Vanished("ada"),
    MetadataChanged(ADA, "ada", "url", "x"),
]


def kinds_of(event: type[Event]) -> set[type[Event]]:
    """All kinds of events below `event`."""
    # dataclass(slots=True) makes each class twice; the first one is what it replaced.
    found = {each for each in event.__subclasses__() if "__slots__" in vars(each)}
    return found.union(*(kinds_of(each) for each in found))


def texts_of(event: Event, text: str) -> Event:
    """The event with `text` in place of everything that people write as they like."""
    free = {"text", "reason", "topic", "speaker"} & {each.name for each in dataclasses.fields(event)}
    return dataclasses.replace(event, **dict.fromkeys(free, text))


class Rendering(SynchronousTestCase):
    """One event, its lines."""

    def test_every_event(self) -> None:
        """Of everything that can happen it is known whether it is shown."""
        self.assertEqual({type(event) for event in (*LINES.values(), *NOT_SHOWN)}, kinds_of(Event))

    def test_here(self) -> None:
        """In the current room a line is the time of day and what happened."""
        for line, event in LINES.items():
            self.assertEqual(here(event, STAMP), [CLOCK + line])

    def test_quit_without_a_reason(self) -> None:
        """Where a person could have given a reason, and did not, nothing stands for it."""
        self.assertEqual(here(Quit(ADA, "Quit: "), STAMP), [f"{CLOCK}-- ada quit"])

    def test_elsewhere(self) -> None:
        """In another room its name stands before that; what belongs to no room looks as it does here."""
        for line, event in LINES.items():
            room = "#lobby " if hasattr(event, "room") else ""
            self.assertEqual(elsewhere(event, STAMP), [CLOCK + room + line])

    def test_not_shown(self) -> None:
        """What is nothing for people is not shown in rooms."""
        for event in NOT_SHOWN:
            self.assertEqual((here(event, STAMP), elsewhere(event, STAMP)), ([], []), event)

    def test_to_one(self) -> None:
        """Who is concerned is told in other words; where it is about another room than the current one, of which."""
        for event, line in (
            (Kicked("#lobby", ADA, "bob", "noise"), "-- ada put you out (noise)"),
            (Kicked("#lobby", ADA, "bob", ""), "-- ada put you out"),
            (RoomRenamed("#lobby", ADA, "#hall", "new walls"), "-- ada renamed the room to #hall (new walls)"),
            (RoomRenamed("#lobby", ADA, "#hall", ""), "-- ada renamed the room to #hall"),
        ):
            self.assertEqual(to_one(event, STAMP, current=True), [CLOCK + line])
            self.assertEqual(to_one(event, STAMP, current=False), [f"{CLOCK}#lobby {line}"])
        invited = [f"{CLOCK}-- ada invites you into #lobby: /join #lobby"]
        for current in (True, False):
            self.assertEqual(to_one(Invited("#lobby", ADA, "bob"), STAMP, current=current), invited)

    def test_several_lines(self) -> None:
        """Each line of a message that has several has the time and the name before it."""
        said = Said("#lobby", ADA, "one\ntwo", parts=(Part("one", False), Part("two", False)))
        self.assertEqual(here(said, STAMP), [f"{CLOCK}<ada> one", f"{CLOCK}<ada> two"])
        self.assertEqual(elsewhere(said, STAMP), [f"{CLOCK}#lobby <ada> one", f"{CLOCK}#lobby <ada> two"])
        self.assertEqual(
            here(Whispered(ADA, "bob", "one\n-- two"), STAMP),
            [f"{CLOCK}ada (whispering): one", f"{CLOCK}ada (whispering): -- two"],
        )

    def test_several_changes(self) -> None:
        """Each of several changes has a line."""
        changes = (Change(True, Status.VOICE, "bob"), Change(False, Rule.KEY, "x"))
        self.assertEqual(
            here(ModesChanged("#lobby", ADA, changes), STAMP),
            [f"{CLOCK}-- ada gave bob a voice", f"{CLOCK}-- ada took the key away"],
        )

    def test_formatting(self) -> None:
        """The codes of IRC clients for colours and the like are left out, with the digits that belong to them."""
        text = "\x02bold\x02 \x0304,12red\x03 \x04ff0000hex\x0f 3"
        self.assertEqual(here(Said("#lobby", ADA, text), STAMP), [f"{CLOCK}<ada> bold red hex 3"])
        self.assertEqual(
            elsewhere(TopicChanged("#lobby", ADA, text), STAMP), [f"{CLOCK}#lobby -- ada set the topic: bold red hex 3"]
        )
        left = Kicked("#lobby", ADA, "bob", "\x1dbye")
        self.assertEqual(to_one(left, STAMP, current=True), [f"{CLOCK}-- ada put you out (bye)"])

    def test_time_of_day(self) -> None:
        """The time is the server's own, to the minute, and changes with the stamp."""
        for seconds in (0.0, 59.9, 60.0, NOON + 1234.5):
            told = datetime.fromtimestamp(seconds).strftime("%H:%M")  # noqa: DTZ006
            self.assertEqual(here(Joined("#lobby", ADA), Stamp(1, 1, seconds)), [f"{told} -- ada joined"])

    def test_controls(self) -> None:
        """What other dialects or nodes put into an event is made safe here too: no control character, no line's end."""
        for event in LINES.values():
            for line in here(texts_of(event, "a\x1b[2Jd\r\u2028\x00a"), STAMP):
                self.assertEqual(visible(line), line)
                self.assertNotRegex(line, "[\\x00-\\x1f\\u2028]")

    def test_wires(self) -> None:
        """Links that frame alike share their two wires, so that a line is encoded once for all of them."""
        first, second = wires(line_frame)
        self.assertIs(wires(line_frame)[0], first)
        self.assertIs(wires(line_frame)[1], second)
        said = Said("#lobby", ADA, "hi")
        self.assertEqual(first.encode(said, STAMP), f"{CLOCK}<ada> hi\r\n".encode())
        self.assertEqual(second.encode(said, STAMP), f"{CLOCK}#lobby <ada> hi\r\n".encode())


class Faking(SynchronousTestCase):
    """Nobody can make others see a line that the server or somebody else seems to have written."""

    @settings(deadline=None)
    @given(st.text() | st.from_regex(r"(\r?\n|\x1b\[1G|\u2028)?(\d\d:\d\d )?(-- |!! |<bob> |\* bob )\w*"))
    def test_text(self, text: str) -> None:
        """Each line of whatever ada says or does begins with her name."""
        begins = {Kind.PLAIN: "<ada> ", Kind.ACTION: "* ada ", Kind.NOTICE: "ada (notice): "}
        for kind, begin in begins.items():
            said, whisper = Said("#lobby", ADA, text, kind), Whispered(ADA, "bob", text, kind)
            for line in here(said, STAMP):
                self.assertTrue(line.startswith(CLOCK + begin))
            for line in elsewhere(said, STAMP):
                self.assertTrue(line.startswith(f"{CLOCK}#lobby {begin}"))
            for line in here(whisper, STAMP):
                self.assertTrue(line.startswith(f"{CLOCK}ada (whispering"))
            for event in (said, whisper):
                self.assertEqual(len(here(event, STAMP)), text.count("\n") + 1)
                self.assertTrue(all(len(line.splitlines()) == 1 for line in here(event, STAMP)))

    @settings(deadline=None)
    @given(st.text() | st.sampled_from(["bob", "bob> x", "> ", "\r\n<bob"]))
    def test_speakers(self, speaker: str) -> None:
        """Whoever speaks as another is shown with their own name first."""
        begins = {Kind.PLAIN: "<ada", Kind.ACTION: "* ada", Kind.NOTICE: "ada"}
        for kind, begin in begins.items():
            (line,) = here(Said("#lobby", ADA, "hi", kind, speaker=speaker), STAMP)
            self.assertTrue(line.startswith(f"{CLOCK}{begin}{' as ' if speaker else ''}"), line)

    @settings(deadline=None)
    @given(st.text(min_size=1, max_size=8) | st.text("<>*-!# ab:()_\u00a0\u3000\u2028", min_size=1, max_size=8))
    def test_names(self, text: str) -> None:
        """No name that can be had begins like a line of the server, or ends before its own end."""
        try:
            name = names.person(text, RoomLimits()).shown
        except BadName:
            return
        self.assertNotIn(name[0], "-*!<#0123456789")
        self.assertEqual([c for c in name if c in "<>()*:" or c.isspace()], [])
        self.assertEqual(visible(name), name)
