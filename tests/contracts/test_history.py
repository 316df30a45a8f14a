"""Which stores keep what `IHistoryStore` promises: see `history.py`, beside this."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Joined, Said, Stamp, Who
from chatproto.interfaces import IHistoryStore
from chatproto.stores.history import SqlHistory
from chatproto.stores.memory import MemoryHistory
from tests.contracts.history import HistoryStoreContract
from tests.contracts.people import HistoryOfPeopleContract
from tests.stores.databases import empty, opened, postgresql, sqlite
from tests.stores.loop import Loop


class MemoryHistoryTests(HistoryStoreContract, HistoryOfPeopleContract, SynchronousTestCase):
    """History in memory."""

    kind = MemoryHistory

    def make(self) -> IHistoryStore:
        """A store with the bound that the contract needs."""
        return MemoryHistory(20)


_streams = st.sampled_from(["#a", "#b", "#c"])
_marks = st.none() | st.floats(0.0, 20.0) | st.builds(Stamp, st.just(1), st.integers(1, 30), st.just(0.0))
HAPPENED = st.tuples(
    st.sampled_from(["say"] * 6 + ["join", "join", "redact", "drop", "rename"]),
    _streams,
    st.sampled_from([0.0, 0.0, 0.5, 1.0]),
    st.integers(1, 30),
)
"""What happens, where, how much later, and to which line."""
ASKED = st.fixed_dictionaries(
    {"count": st.integers(0, 12), "after": _marks, "before": _marks, "newest": st.booleans(), "every": st.booleans()}
)


class SqlHistoryContract(HistoryStoreContract, HistoryOfPeopleContract):
    """History in a database; for one kind of them each."""

    kind = SqlHistory

    def url(self) -> str:
        """Where the database is."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with an empty store in a database that was open before."""
        self.loop = Loop()
        self.database = opened(self, self.url(), self.loop)
        super().setUp()

    def make(self) -> IHistoryStore:
        """An empty store."""
        self.loop.result(self.database.write(empty))
        return SqlHistory(self.database, self.loop)

    def done(self, answer: Awaitable[Any]) -> Any:
        """What the store answers, after as long as that takes."""
        return self.loop.result(answer)

    def erase(self, account: str, since: float = 0.0) -> int:
        """What becomes of it. Between its portions time passes."""
        stored = self.store.stored()
        if stored is not None:
            self.loop.result(stored)
        erased: int = self.loop.result(self.store.erase(account, since), in_time=True)
        return erased

    @settings(
        deadline=None, max_examples=50, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow]
    )
    @given(happened=st.lists(HAPPENED, max_size=30), asked=st.lists(ASKED, min_size=1, max_size=5))
    def test_as_memory(self, happened: list[tuple[Any, ...]], asked: list[dict[str, Any]]) -> None:
        """Whatever happens, and whatever is asked: a database answers as memory does."""
        self.store, memory = self.make(), MemoryHistory(1000)
        time = 0.0
        for offset, (what, stream, later, other) in enumerate(happened, 1):
            time += later
            for store in (self.store, memory):
                if what == "say":
                    store.append(stream, Said(stream, Who("ada"), str(offset)), Stamp(1, offset, time))
                elif what == "join":
                    store.append(stream, Joined(stream, Who("ada")), Stamp(1, offset, time))
                elif what == "redact":
                    store.redact(stream, Stamp(1, other, 0.0).id)
                elif what == "drop":
                    store.drop(stream)
                elif stream != "#c":  # A stream is renamed only to what is none.
                    store.drop("#c")
                    store.rename(stream, "#c")
        for question in asked:
            for stream in ("#a", "#b", "#c"):
                answers = [list(self.done(store.read(stream, **question))) for store in (self.store, memory)]
                self.assertEqual(*answers)
        answers = [list(self.done(store.active(["#a", "#b", "#c"], 0.5, time, 2))) for store in (self.store, memory)]
        self.assertEqual(*(sorted(moment for _, moment in answer) for answer in answers))


class SqliteHistoryTests(SqlHistoryContract, SynchronousTestCase):
    """History in a SQLite file."""

    def url(self) -> str:
        """A file of this test."""
        return sqlite(self)


class PostgresqlHistoryTests(SqlHistoryContract, SynchronousTestCase):
    """History in a PostgreSQL database."""

    def url(self) -> str:
        """That of all tests."""
        return postgresql()
