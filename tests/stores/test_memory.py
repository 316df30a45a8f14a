"""History in memory: its bound. What every store must do is in `tests/contracts/test_history.py`."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Said, Stamp, Who
from chatproto.interfaces import Search
from chatproto.stores import memory
from chatproto.stores.memory import TALKS, MemoryHistory


def texts(case: SynchronousTestCase, store: MemoryHistory, stream: str = "#a", count: int = 1000) -> list[str]:
    """What the store has of the stream."""
    found = case.successResultOf(Deferred.fromCoroutine(store.read(stream, count)))
    return [said.text for said, _ in found if isinstance(said, Said)]


def fill(store: MemoryHistory, count: int, stream: str = "#a") -> None:
    """Say 1, 2, … in the stream."""
    for offset in range(1, count + 1):
        store.append(stream, Said(stream, Who("ada"), str(offset)), Stamp(1, offset, 0.0))


class KeptTests(SynchronousTestCase):
    """At most `kept` lines of each stream."""

    def test_up_to_the_bound(self) -> None:
        """One line less than the bound, and as many, are all kept."""
        for count in (4, 5):
            store = MemoryHistory(5)
            fill(store, count)
            self.assertEqual(texts(self, store), [str(number) for number in range(1, count + 1)])

    def test_beyond_the_bound(self) -> None:
        """With each line more, the oldest is dropped."""
        store = MemoryHistory(5)
        fill(store, 6)
        self.assertEqual(texts(self, store), ["2", "3", "4", "5", "6"])

    def test_each_stream_has_its_own(self) -> None:
        """What is said in one room does not push out what was said in another."""
        store = MemoryHistory(5)
        fill(store, 5, "#a")
        fill(store, 50, "#b")
        self.assertEqual(texts(self, store, "#a"), ["1", "2", "3", "4", "5"])

    def test_redacted_and_renamed(self) -> None:
        """The bound stays when a line is taken back and when the stream is renamed."""
        store = MemoryHistory(5)
        fill(store, 5)
        store.redact("#a", Stamp(1, 2, 0.0).id)
        store.rename("#a", "#b")
        for offset in (6, 7):
            store.append("#b", Said("#b", Who("ada"), str(offset)), Stamp(1, offset, 0.0))
        self.assertEqual(texts(self, store, "#b"), ["3", "4", "5", "6", "7"])

    def test_taking_back_keeps_nothing_of_the_stream(self) -> None:
        """Streams that were never there are not there afterwards either."""
        store = MemoryHistory(5)
        store.redact("#never", "1-1")
        self.assertEqual(store._streams, {})

    def test_private_streams(self) -> None:
        """n-1 and n of them are kept; of n+1 that is dropped which was used longest ago. Rooms do not count."""
        for count in (TALKS - 1, TALKS, TALKS + 1):
            store = MemoryHistory(5)
            for stream in ("#a", *(f"ada {number}" for number in range(count - 1)), "ada 0", "ada bob"):
                fill(store, 1, stream)
            self.assertEqual(len(store._streams), 1 + min(count, TALKS))
            kept = [bool(texts(self, store, stream)) for stream in ("#a", "ada 0", "ada 1", "ada 2", "ada bob")]
            self.assertEqual(kept, [True, True, count <= TALKS, True, True])

    def test_nothing_kept(self) -> None:
        """A bound of 0 keeps nothing."""
        store = MemoryHistory(0)
        fill(store, 3)
        self.assertEqual(texts(self, store), [])


class Counted(Stamp):
    """Counts how often an id is made of a stamp."""

    made = 0

    @property
    def id(self) -> str:
        """Make it."""
        type(self).made += 1
        return super().id


class CostTests(SynchronousTestCase):
    """The reactor waits for all that memory does: that is bounded."""

    def found(self, store: MemoryHistory, words: str, count: int = 100, skip: int = 0, **more: Any) -> list[float]:
        """When what is found was said."""
        search = store.search(Search(["#a", "#b"], words, **more), count, skip)
        return [line.stamp.time for line in self.successResultOf(Deferred.fromCoroutine(search))]

    def test_looked_at(self) -> None:
        """As many lines of all streams are looked at as the bound says, the newest of those in time."""
        self.patch(memory, "LOOKED_AT", 5)
        for others in (3, 4, 5):
            store = MemoryHistory(100)
            store.append("#a", Said("#a", Who("ada"), "tea"), Stamp(1, 1, 1.0))
            for offset in range(2, others + 2):
                stream = "#a" if offset % 2 else "#b"
                store.append(stream, Said(stream, Who("ada"), "milk"), Stamp(1, offset, float(offset)))
            self.assertEqual(self.found(store, "tea"), [1.0] if others < 5 else [])
            self.assertEqual(self.found(store, "tea", before=4.0), [1.0])

    def test_characters(self) -> None:
        """When the lines that are looked at have as many characters as the bound says, it ends."""
        for length, found in ((4, [1.0]), (5, []), (6, [])):
            self.patch(memory, "CHARACTERS", 10)
            store = MemoryHistory(100)
            for offset, text in enumerate(("tea", "x" * length, "x" * 5), 1):
                store.append("#a", Said("#a", Who("ada"), text), Stamp(1, offset, float(offset)))
            self.assertEqual(self.found(store, "tea"), found)

    def test_no_more_than_needed(self) -> None:
        """The newest are looked at first, and no more of them than are to be found."""
        looked_at = []

        def folded(text: str) -> str:
            looked_at.append(text)
            return text

        self.patch(memory, "folded", folded)
        store = MemoryHistory(100)
        for offset in range(1, 101):
            store.append("#a", Said("#a", Who("ada"), f"line {offset}"), Stamp(1, offset, float(offset)))
        self.assertEqual(self.found(store, "line", count=2, skip=1), [99.0, 98.0])
        self.assertEqual(looked_at, ["line 100", "line 99", "line 98"])

    def test_words_in_others(self) -> None:
        """Words are whole ones, also where letters have marks."""
        store = MemoryHistory(100)
        for offset, text in enumerate(("théâtre", "the\u0301", "Thé!", "tea", "steam"), 1):
            store.append("#a", Said("#a", Who("ada"), text), Stamp(1, offset, float(offset)))
        self.assertEqual(self.found(store, "the"), [3.0, 2.0])
        self.assertEqual(self.found(store, "TÉA"), [4.0])

    def test_erased(self) -> None:
        """All of somebody's lines are gone over once, and no id is made for any."""
        store, ada = MemoryHistory(100), Who("ada", account="ada")
        for offset in range(1, 51):
            store.append("#a", Said("#a", ada, str(offset)), Counted(1, offset, float(offset)))
        erased = self.successResultOf(Deferred.fromCoroutine(store.erase("ada", 11.0)))
        self.assertEqual((erased, Counted.made), (40, 0))
        self.assertEqual(texts(self, store), list(map(str, range(1, 11))))
