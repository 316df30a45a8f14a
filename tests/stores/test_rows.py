"""Events as rows, and back."""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto import events
from chatproto.events import Event, Joined, Kind, Part, Said, Tags, Who
from chatproto.modes import Change, Listing, Rule, Status
from chatproto.stores import rows

EVENTS = [
    kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
]

_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_who = st.builds(Who, _text, _text, _text, _text, st.booleans(), st.booleans())
_status = st.sampled_from(Status) | st.just(Status.OPERATOR | Status.VOICE)
_letters = st.sampled_from([*Rule, *Listing]) | _status
_FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: _text,
    bool: st.booleans(),
    Who: _who,
    Kind: st.sampled_from(Kind),
    Status: _status,
    Tags: st.lists(st.tuples(_text, _text), max_size=3).map(tuple),
    tuple[Part, ...]: st.lists(st.builds(Part, _text, st.booleans()), max_size=3).map(tuple),
    tuple[Change, ...]: st.lists(st.builds(Change, st.booleans(), _letters, _text), max_size=3).map(tuple),
    str | None: st.none() | _text,
}


def _any_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{each.name: _FIELDS[hints[each.name]] for each in dataclasses.fields(kind)})


class RowTests(SynchronousTestCase):
    """What is stored is what comes back."""

    @given(event=st.sampled_from(EVENTS).flatmap(_any_of))
    def test_any_event(self, event: Event) -> None:
        """Every kind of event, whatever it holds, comes back as it was."""
        row = rows.row(event)
        self.assertEqual(len(row), len(rows.COLUMNS))
        self.assertEqual(rows.event(row), event)

    def test_every_kind(self) -> None:
        """Each kind of event has a number of its own."""
        self.assertEqual(set(EVENTS), set(rows.KINDS))
        self.assertEqual(len(set(rows.KINDS.values())), len(EVENTS))

    def test_numbers_stay(self) -> None:
        """What is in a file today can be read with any later version: numbers of kinds do not change."""
        ada = Who("ada")
        numbers = [rows.row(Said("#a", ada, "hi", kind))[0] for kind in Kind]
        self.assertEqual(numbers, [0, 1, 2, 3, 4, 5])
        numbers = [rows.row(events.Whispered(ada, "bob", "hi", kind))[0] for kind in Kind]
        self.assertEqual(numbers, [10, 11, 12, 13, 14, 15])
        self.assertEqual(sorted(rows.KINDS.values()), [0, 10, *range(100, 121)])

    def test_what_most_lines_are(self) -> None:
        """A plain line is its columns, and no JSON."""
        row = rows.row(Said("#a", Who("ada", "al", "example.org", "Ada"), "hello"))
        self.assertEqual(row, (0, "#a", "ada", "al", "example.org", "Ada", "hello", None))

    def test_newer(self) -> None:
        """What a newer program wrote is no event here, and no error: a kind, a field, a letter or a status of modes."""
        row = rows.row(Joined("#a", Who("ada")))
        self.assertIsNone(rows.event((999, *row[1:])))
        self.assertIsNone(rows.event((rows.TAKEN_BACK, *row[1:])))
        changed = rows.row(events.ModesChanged("#a", Who("ada"), (Change(True, Rule.KEY, "k"),)))
        for letter in ("Rule Z", "Mood k", "", None):
            json = changed[-1].replace('"Rule k"', "null" if letter is None else f'"{letter}"')
            self.assertIsNone(rows.event((*changed[:-1], json)))
        self.assertEqual(rows.event((*row[:-1], '{"new":"field"}')), Joined("#a", Who("ada")))

    def test_what_no_database_holds(self) -> None:
        """NUL and halves of surrogate pairs are replaced in columns; the rest of the text stays."""
        said = rows.event(rows.row(Said("#a", Who("ada"), "a\0b\ud800c")))
        assert isinstance(said, Said)
        self.assertEqual(said.text, "a\ufffdb?c")
