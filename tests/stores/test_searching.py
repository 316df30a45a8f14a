"""What was said is found by its words."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Joined, Said, Stamp, Who
from chatproto.interfaces import Search
from chatproto.stores.history import SqlHistory
from chatproto.stores.soundness import word_index
from tests.stores.databases import opened, postgresql, sqlite
from tests.stores.loop import Loop

SAID = (
    ("#tea", "ada", "The kettle boils."),
    ("#tea", "bob", "Which kettle, the red kettle or the kettle that sings?"),
    ("#tea", "Ada", "the red one; kettles sing"),
    ("#cake", "bob", "cake needs no kettle"),
    ("#cake", "eve", 's1 s2 stream: is no word of mine, "quoted" AND so on'),
    ("#tea", "eve", "tea"),
)


class _Searches:
    def __init__(self, case: SynchronousTestCase, url: str) -> None:
        self.case = case
        self.loop = Loop()
        self.history = SqlHistory(opened(case, url, self.loop), self.loop)
        for number, (stream, name, said) in enumerate(SAID):
            self.history.append(stream, Said(stream, Who(name), said), Stamp(1, number + 1, 100.0 + number))
        self.history.append("#tea", Joined("#tea", Who("kettle")), Stamp(1, 99, 200.0))

    def found(self, words: str = "", *, count: int = 10, skip: int = 0, **more: Any) -> list[int]:
        """Which of the lines are found, the best first."""
        sought = Search(**{"streams": ["#tea", "#cake", "#never"], "words": words, **more})
        result = self.loop.result(self.history.search(sought, count, skip))
        for stream, event, stamp in result:
            self.case.assertEqual((stream, event.who.name, event.text), SAID[stamp.offset - 1])
        return [stamp.offset - 1 for _, _, stamp in result]


class _Searching(SynchronousTestCase):
    url: Any = staticmethod(sqlite)

    def setUp(self) -> None:
        """A few lines in two rooms."""
        self.searches = _Searches(self, self.url(self))
        self.found = self.searches.found

    def test_words(self) -> None:
        """All words have to be there, in any order and in any case."""
        self.assertEqual(set(self.found("kettle")), {0, 1, 3})
        self.assertEqual(self.found("KETTLE red"), [1])
        self.assertEqual(self.found("kettle cake tea"), [])

    def test_ranked(self) -> None:
        """What fits best comes first."""
        self.assertEqual(self.found("kettle", streams=["#tea"])[0], 1)

    def test_quoted(self) -> None:
        """Words in quotes stand next to each other; a quote that does not end is none."""
        self.assertEqual(set(self.found("the red")), {1, 2})
        self.assertEqual(self.found('"red one"'), [2])
        self.assertEqual(self.found('"one red"'), [])
        self.assertEqual(self.found('"red one'), [2])

    def test_only_in_these_streams(self) -> None:
        """Nothing of other streams is found."""
        self.assertEqual(self.found("kettle", streams=["#cake"]), [3])
        self.assertEqual(self.found("kettle", streams=["#never"]), [])
        self.assertEqual(self.found("kettle", streams=[]), [])

    def test_no_language(self) -> None:
        """What means something to the database is only a word here."""
        self.assertEqual(self.found("s1"), [4])
        self.assertEqual(self.found("AND quoted"), [4])
        for words in (
            "stream:s1",
            "kettle NOT red",
            "NEAR(kettle",
            "ket*)",
            "'; --",
            "a:b | c & !d",
            "\\",
            "%s ? :x",
        ):
            self.assertTrue(set(self.found(words)) <= {4}, words)

    def test_nothing_to_seek(self) -> None:
        """What has no letter and no digit in it finds nothing."""
        for words in ("!", '"', '""', "* ( )", '" "'):
            self.assertEqual(self.found(words), [], words)

    def test_sender(self) -> None:
        """Only what somebody said; without words, the newest first."""
        self.assertEqual(self.found(sender="ada"), [2, 0])
        self.assertEqual(self.found("kettle", sender="bob", streams=["#cake"]), [3])
        self.assertEqual(self.found(sender="kettle"), [])

    def test_between(self) -> None:
        """Only what was said between two times, which do not belong to it."""
        self.assertEqual(self.found(after=102.0, before=105.0), [4, 3])
        self.assertEqual(self.found("kettle", after=101.0), [3])

    def test_pages(self) -> None:
        """One page follows the other."""
        everything = self.found()
        self.assertEqual(everything, [5, 4, 3, 2, 1, 0])
        for count in (0, 1, 4, 6, 7):
            self.assertEqual(self.found(count=count), everything[:count])
            self.assertEqual(self.found(count=count, skip=2), everything[2 : 2 + count])

    def test_taken_back_and_dropped(self) -> None:
        """What was taken back or dropped is not found, what was renamed is found there."""
        history = self.searches.history
        history.redact("#tea", Stamp(1, 1, 0.0).id)
        self.assertEqual(set(self.found("kettle", streams=["#tea"])), {1})
        history.drop("#cake")
        self.assertEqual(set(self.found("kettle")), {1})
        history.rename("#tea", "#hot")
        self.assertEqual(self.found("kettle"), [])
        history.rename("#hot", "#tea")
        self.assertEqual(self.found("kettle"), [1])

    def test_moved(self) -> None:
        """What is moved to another stream is found there, and what stays here; whichever is more."""
        for since, here, there in ((101.0, {1}, {2, 3, 6}), (102.5, {1, 2, 3}, {6})):
            self.setUp()
            history = self.searches.history
            history.rename("#tea", "#hot", since)
            for stream, expected in (("#tea", here), ("#hot", there)):
                found: set[int] = set()
                for word in ("kettle", "red", "tea"):
                    result = self.searches.loop.result(history.search(Search([stream], word), 10))
                    found |= {stamp.offset for _, _, stamp in result}
                self.assertEqual(found, expected, (since, stream))
            self.assertEqual(self.wrong_words(), [])

    def wrong_words(self) -> list[str]:
        """What is wrong with the index of words."""
        database = self.searches.history._database
        wrong: list[str] = []
        if database.dialect == "sqlite":
            wrong = self.searches.loop.result(database.write(word_index))
        return wrong


class SqliteSearchTests(_Searching):
    """In a SQLite file."""

    def test_diacritics(self) -> None:
        """Letters are found with their marks and without."""
        self.searches.history.append("#tea", Said("#tea", Who("ada"), "café"), Stamp(1, 50, 300.0))
        result = self.searches.loop.result(self.searches.history.search(Search(["#tea"], "cafe"), 5))
        self.assertEqual([found.event.text for found in result], ["café"])


class PostgresqlSearchTests(_Searching):
    """In PostgreSQL."""

    url = staticmethod(lambda _: postgresql())


del _Searching
