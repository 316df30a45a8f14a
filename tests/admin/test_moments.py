"""Exports of one moment, and imports of older lines than those that are there."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import Any

from sqlalchemy import Connection

from chatproto.interfaces import Search
from chatproto.stores import reading, writing
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.entries import entries
from chatproto.stores.forms import checked
from chatproto.stores.searching import search
from chatproto.stores.taking import take
from tests.admin.commanding import Commanding, Ended, spoken
from tests.stores.databases import empty, postgresql

OLD = {"stream": "#x", "epoch": 1, "kind": 0, "target": "#x", "sender": "a", "text": "words"}


class MomentTests(Commanding):
    """`store export`, while others write."""

    def test_of_one_moment(self) -> None:
        """What others write meanwhile is not in it."""
        database = self.opened()
        self.fill(database)
        self.assert_of_one_moment(database)

    def test_of_one_moment_on_postgresql(self) -> None:
        """The same there."""
        database = self.opened(postgresql())
        self.addCleanup(lambda: directly(self.opened(postgresql()).write(empty)))
        directly(database.write(empty))
        self.fill(database)
        self.assert_of_one_moment(database)

    def assert_of_one_moment(self, database: DirectDatabase) -> None:
        """A line comes when the first entry was read."""

        def kinds(connection: Connection) -> Counter[str]:
            some = entries(connection)
            first, _ = next(some)
            directly(database.write(partial(writing.append, new=[spoken(1)])))
            return Counter([first, *(kind for kind, _ in some)])

        self.assertEqual(database.at_once(kinds)["line"], 5)
        self.assertEqual(
            Counter(kind for kind, _ in database.at_once(lambda connection: list(entries(connection))))["line"], 6
        )


class OlderTests(Commanding):
    """`store import` into a store that has newer lines."""

    def imported(self, url: str, *values: Any) -> Ended:
        """What comes of a file with these lines."""
        file = self.directory / "export.jsonl"
        file.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")
        return self.run_command("store", "import", str(file), options=("--store", url))

    def test_into_newer_ones(self) -> None:
        """Older lines than those that are there are found like others, by words, by time and as the newest; and the
        time of the last one is still known."""
        self.assert_in_order(self.url)
        self.assertIn("index of words: sound", self.done("store", "check"))

    def test_into_newer_ones_on_postgresql(self) -> None:
        """The same there; what is said afterwards comes behind."""
        url = postgresql()
        self.addCleanup(lambda: directly(self.opened(url).write(empty)))
        directly(self.opened(url).write(empty))
        self.assert_in_order(url)

    def assert_in_order(self, url: str) -> None:
        """New lines, then old ones from a file, then a newer one."""
        database = self.opened(url)
        directly(database.write(partial(writing.append, new=[spoken(number) for number in (7, 8, 9)])))
        old = [{"line": {**OLD, "time": float(each), "offset": each}} for each in (1, 2, 3, 8)]
        ended = self.imported(url, {"chatproto": "1", "export": 1}, *old, {"end": {"line": 4}})
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(database.at_once(reading.latest_time), 9.0)
        directly(database.write(partial(writing.append, new=[spoken(10)])))
        for sought, offsets in (
            (Search(["#x"], "words"), [10, 9, 8, 7, 3, 2, 1]),
            (Search(["#x"], ""), [10, 9, 8, 7, 3, 2, 1]),
            (Search(["#x"], "words", before=8.0), [7, 3, 2, 1]),
            (Search(["#x"], "words", after=2.0, before=8.0), [7, 3]),
            (Search(["#x"], "", after=3.0), [10, 9, 8, 7]),
        ):
            found = database.at_once(partial(search, sought=sought, count=10, skip=0))
            self.assertEqual([each.stamp.offset for each in found], offsets)

    def test_into_newer_ones_again(self) -> None:
        """So it is where an import was ended before that, and is given again: then none of them is new."""
        database = self.opened()
        directly(database.write(partial(writing.append, new=[spoken(number) for number in (7, 8, 9)])))
        line = {**OLD, "time": 1.0, "offset": 1}
        directly(database.write(partial(take, kind="line", some=[checked("line", line)])))
        self.assertEqual(database.at_once(reading.latest_time), 1.0)
        ended = self.imported(self.url, {"chatproto": "1", "export": 1}, {"line": line}, {"end": {"line": 1}})
        self.assertIn("of which were new: 0 lines\n", ended.errors)
        self.assertEqual(database.at_once(reading.latest_time), 9.0)

    def test_into_newer_ones_in_part(self) -> None:
        """So it is where the file ends too early."""
        database = self.opened()
        directly(database.write(partial(writing.append, new=[spoken(number) for number in (7, 8, 9)])))
        marker = {"reader": "ada", "buffer": "#x", "time": 1}
        lines = {"line": {**OLD, "time": 1.0, "offset": 1}}, {"marker": marker}
        self.assertIn("cut off", self.imported(self.url, {"chatproto": "1", "export": 1}, *lines).refusal)
        self.assertEqual(database.at_once(reading.latest_time), 9.0)
