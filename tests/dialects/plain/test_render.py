"""Events as the lines that people read."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.plain.render import elsewhere, here, spoken, whispered, wires
from chatproto.dialects.plain.text import visible
from chatproto.errors import BadName
from chatproto.events import Event, Joined, Kind, Left, Quit, Renamed, Said, Stamp, TopicChanged, Whispered
from chatproto.rooms import names
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import NOON
from chatproto.transports.line import line_frame

STAMP = Stamp(1, 1, NOON)
CLOCK = datetime.fromtimestamp(NOON).strftime("%H:%M ")  # noqa: DTZ006  # The server's own time is what people see.

LINES = {
    "<ada> hello": Said("#lobby", "ada", "hello"),
    "* ada waves": Said("#lobby", "ada", "waves", Kind.ACTION),
    "ada (whispering): hello": Whispered("ada", "bob", "hello"),
    "ada (whispering): * waves": Whispered("ada", "bob", "waves", Kind.ACTION),
    "-- ada joined": Joined("#lobby", "ada"),
    "-- ada left": Left("#lobby", "ada", ""),
    "-- ada left (late)": Left("#lobby", "ada", "late"),
    "-- ada quit (goodbye)": Quit("ada", "goodbye"),
    "-- ada is now called eva": Renamed("ada", "eva"),
    "-- ada set the topic: tea": TopicChanged("#lobby", "ada", "tea"),
    "-- ada cleared the topic": TopicChanged("#lobby", "ada", ""),
}


def kinds_of(event: type[Event]) -> list[type[Event]]:
    """All kinds of events below `event`."""
    # dataclass(slots=True) makes each class twice; the first one is what it replaced.
    found = [each for each in event.__subclasses__() if "__slots__" in vars(each)]
    return found + [below for each in found for below in kinds_of(each)]


def example(kind: type[Event], text: str) -> Event:
    """An event of that kind with `text` in every place that takes one."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {
        each.name: Kind.PLAIN if hints[each.name] is Kind else text for each in dataclasses.fields(kind)
    }
    return kind(**values)


class Rendering(SynchronousTestCase):
    """One event, one line."""

    def test_every_event(self) -> None:
        """Everything that can happen has a line here and elsewhere, with whoever it is about in it."""
        kinds = kinds_of(Event)
        self.assertIn(Said, kinds)
        for kind in kinds:
            for render in (here, elsewhere):
                line = render(example(kind, "ada"), STAMP)
                self.assertTrue(line.startswith(CLOCK), line)
                self.assertIn("ada", line.removeprefix(CLOCK))

    def test_here(self) -> None:
        """In the current room a line is the time of day and what happened."""
        for line, event in LINES.items():
            self.assertEqual(here(event, STAMP), CLOCK + line)

    def test_elsewhere(self) -> None:
        """In another room its name stands before that; what belongs to no room looks as it does here."""
        for line, event in LINES.items():
            room = "#lobby " if hasattr(event, "room") else ""
            self.assertEqual(elsewhere(event, STAMP), CLOCK + room + line)

    def test_time_of_day(self) -> None:
        """The time is the server's own, to the minute, and changes with the stamp."""
        for seconds in (0.0, 59.9, 60.0, NOON + 1234.5):
            told = datetime.fromtimestamp(seconds).strftime("%H:%M")  # noqa: DTZ006
            self.assertEqual(here(Joined("#lobby", "ada"), Stamp(1, 1, seconds)), f"{told} -- ada joined")

    def test_spoken(self) -> None:
        """What is said and what is done look different."""
        self.assertEqual(spoken("ada", "hi", Kind.PLAIN), "<ada> hi")
        self.assertEqual(spoken("ada", "hi", Kind.ACTION), "* ada hi")
        self.assertEqual(whispered("ada", "hi", Kind.ACTION), "ada (whispering): * hi")

    def test_controls(self) -> None:
        """What other dialects or nodes put into an event is made safe here too."""
        for kind in kinds_of(Event):
            line = here(example(kind, "a\x1b[2Jd\r\na"), STAMP)
            self.assertEqual(visible(line), line)
            self.assertIn("ada", line)

    def test_wires(self) -> None:
        """Links that frame alike share their two wires, so that a line is encoded once for all of them."""
        first, second = wires(line_frame)
        self.assertIs(wires(line_frame)[0], first)
        self.assertIs(wires(line_frame)[1], second)
        said = Said("#lobby", "ada", "hi")
        self.assertEqual(first.encode(said, STAMP), f"{CLOCK}<ada> hi\r\n".encode())
        self.assertEqual(second.encode(said, STAMP), f"{CLOCK}#lobby <ada> hi\r\n".encode())


class Faking(SynchronousTestCase):
    """Nobody can make others see a line that the server or somebody else seems to have written."""

    @settings(deadline=None)
    @given(st.text() | st.from_regex(r"(\r?\n|\x1b\[1G|\u2028)?(\d\d:\d\d )?(-- |!! |<bob> |\* bob )\w*"))
    def test_text(self, text: str) -> None:
        """Whatever ada says or does is one line that begins with her name."""
        for kind, begins in ((Kind.PLAIN, "<ada> "), (Kind.ACTION, "* ada ")):
            said = Said("#lobby", "ada", text, kind)
            self.assertTrue(here(said, STAMP).startswith(CLOCK + begins))
            self.assertTrue(elsewhere(said, STAMP).startswith(f"{CLOCK}#lobby {begins}"))
            self.assertEqual(len(here(said, STAMP).splitlines()), 1)
            whisper = Whispered("ada", "bob", text, kind)
            self.assertTrue(here(whisper, STAMP).startswith(f"{CLOCK}ada (whispering): "))

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
