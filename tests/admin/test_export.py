"""`twistd chat store export` and `import`."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from chatproto.admin.export import LONGEST
from chatproto.stores.direct import DirectDatabase, directly
from chatproto.stores.entries import entries
from chatproto.stores.forms import DEEPEST, LATEST
from chatproto.stores.schema import lines
from chatproto.stores.taking import PORTION
from tests.admin.commanding import Commanding
from tests.stores.databases import empty, postgresql

OLDER = Path(__file__).parent.parent / "stores" / "files" / "0001.sqlite.gz"


def held(database: DirectDatabase) -> list[Any]:
    """All that it holds."""
    return database.at_once(lambda connection: list(entries(connection)))


def nested(levels: int, kind: type[list[Any] | dict[str, Any]]) -> Any:
    """So many lists in one another, or objects."""
    found: Any = kind()
    for _ in range(levels - 1):
        found = [found] if kind is list else {"a": found}
    return found


class ExportTests(Commanding):
    """`store export` and `store import`."""

    def setUp(self) -> None:
        """A store with something in it, and the name of a file."""
        super().setUp()
        self.fill(self.opened())
        self.before = held(self.opened())
        self.file = self.directory / "export.jsonl"
        self.other = ("--store", f"sqlite:///{self.directory}/other.sqlite")
        self.third = ("--store", f"sqlite:///{self.directory}/third.sqlite")

    def export(self) -> list[Any]:
        """Make the file, and tell what is in it."""
        self.done("store", "export", str(self.file))
        return [json.loads(line) for line in self.file.read_bytes().splitlines()]

    def write(self, *values: Any) -> None:
        """Make another file."""
        self.file.write_text("".join(f"{json.dumps(value)}\n" for value in values), encoding="utf-8")

    def imported(self, options: Sequence[str] = ()) -> str:
        """Take the file into another store, and what is told of it."""
        ended = self.run_command("store", "import", str(self.file), options=options or self.other)
        self.assertEqual(ended.status, 0, ended)
        return ended.errors

    def refusal(self, *arguments: str) -> str:
        """Why the file is not taken; the name is left out."""
        return self.refused("store", "import", str(self.file), options=self.other).removeprefix(f"{self.file}, ")

    def test_file(self) -> None:
        """It begins with what it is, ends with what it has, and has each entry in a line; what is dropped is not in
        it, and of what was taken back its place is. It is for its owner alone."""
        first, *found, last = self.export()
        self.assertEqual((first["export"], last), (1, {"end": {"account": 2, "record": 2, "marker": 1, "line": 5}}))
        self.assertEqual([next(iter(each.items())) for each in found], self.comparable(self.before))
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertNotIn("gone", self.file.read_text(encoding="utf-8"))
        self.assertNotIn('spam"}', self.file.read_text(encoding="utf-8"))
        self.assertIn("grün 🐴", self.file.read_text(encoding="utf-8"))

    @staticmethod
    def comparable(found: list[Any]) -> list[Any]:
        """As JSON has it."""
        return [tuple(each) for each in json.loads(json.dumps(found))]

    def test_to_another(self) -> None:
        """Another store has all of it then; again, nothing is new."""
        self.export()
        self.assertIn("of which were new: 2 accounts, 2 records, 1 marker, 5 lines\n", self.imported())
        self.assertEqual(held(self.opened(self.other[1])), self.before)
        self.assertIn("of which were new: 0 accounts, 0 records, 0 markers, 0 lines\n", self.imported())
        self.assertEqual(held(self.opened(self.other[1])), self.before)
        self.assertEqual(self.done("store", "check", options=self.other)[1:], self.done("store", "check")[1:])

    def test_postgresql(self) -> None:
        """From SQLite to PostgreSQL and back: all is as it was."""
        url = postgresql()
        database = self.opened(url)
        directly(database.write(empty))
        self.addCleanup(lambda: directly(self.opened(url).write(empty)))
        directly(database.close())
        self.export()
        options = ("--store", url)
        self.assertIn("of which were new: 2 accounts, 2 records, 1 marker, 5 lines\n", self.imported(options))
        self.assertIn("of which were new: 0 accounts, 0 records, 0 markers, 0 lines\n", self.imported(options))
        self.assertEqual(sorted(map(str, held(self.opened(url)))), sorted(map(str, self.before)))
        self.assertIn("lines: 5 in 2 streams, 3 of them said", self.done("store", "check", options=options))
        self.file.unlink()
        self.done("store", "export", str(self.file), options=options)
        self.imported()
        self.assertEqual(sorted(map(str, held(self.opened(self.other[1])))), sorted(map(str, self.before)))
        self.assertIn("index of words: sound", self.done("store", "check", options=self.other))

    def test_what_is_there(self) -> None:
        """An account, a record and a line that are there stay as they are, and a certificate with who has it; of two
        markers the later one stays."""
        self.done("accounts", "add", "ADA", typed=b"correct horse", options=self.other)
        ada = self.account("ada", self.other[1])
        later = [{"marker": {"reader": "ada", "buffer": "#garden", "time": time}} for time in (9999.0, 2000.0)]
        later.append({"marker": {"reader": "ada", "buffer": "", "time": 1.0}})  # For all that is said to her alone.
        taken = {"account": {"name": "Eve", "key": "eve", "created": 1, "seen": 1, "certificates": ["11" * 32]}}
        self.write({"chatproto": "1", "export": 1}, *later, taken, {"end": {"marker": 3, "account": 1}})
        self.assertIn("of which were new: 2 markers, 1 account", self.imported())
        self.export()
        self.assertIn("of which were new: 1 account, 2 records, 0 markers, 5 lines", self.imported())
        now = held(self.opened(self.other[1]))
        self.assertEqual(self.account("ada", self.other[1]), ada)
        self.assertEqual([entry["time"] for kind, entry in now if kind == "marker"], [1.0, 9999.0])
        self.assertEqual(
            {entry["key"]: len(entry["certificates"]) for kind, entry in now if kind == "account"},
            {"ada": 0, "bob": 1, "eve": 1},
        )

    def test_many(self) -> None:
        """More than is taken at once; what was said is found by its words."""
        line = {"stream": "#x", "time": 1.0, "epoch": 1, "kind": 0, "target": "#x", "sender": "a", "text": "words"}
        many = [{"line": {**line, "offset": offset}} for offset in range(PORTION + 1)]
        self.write({"chatproto": "1", "export": 1}, *many, {"end": {"line": PORTION + 1}})
        self.assertIn("of which were new: 5,001 lines", self.imported())
        database = self.opened(self.other[1])
        self.assertEqual(len(held(database)), PORTION + 1)
        self.assertIn("index of words: sound", self.done("store", "check", options=self.other))

        def found(connection: Connection) -> int:
            return len(connection.execute(text("SELECT rowid FROM words WHERE words MATCH 'words'")).all())

        self.assertEqual(database.at_once(found), PORTION + 1)

    def test_standard(self) -> None:
        """- is the standard output, or input."""
        exported = "\n".join([*self.done("store", "export", "-"), ""])
        self.done("store", "import", "-", typed=exported.encode(), options=self.other)
        self.assertEqual(held(self.opened(self.other[1])), self.before)

    def test_cut_off(self) -> None:
        """A file that was cut off, wherever, or that lacks a line, is found out."""
        self.export()
        whole = self.file.read_bytes().splitlines(keepends=True)
        for kept in (whole[:1], whole[:-1], [*whole[:-1], whole[-1][:-1]]):
            self.file.write_bytes(b"".join(kept))
            self.assertIn("the file ends too early: it was cut off.", self.refusal())
        self.file.write_bytes(b"".join([*whole[:3], *whole[4:]]))
        self.assertEqual(
            self.refusal(), f"line {len(whole) - 1}: it counts other entries than there are: some are missing."
        )

    def test_wrong(self) -> None:
        """What is no entry is refused with its line and what is wrong; the rest of the file is not taken."""
        line = {"stream": "#x", "time": 1, "epoch": 1, "offset": 1, "kind": 0}
        account = {"name": "a", "key": "a", "created": 1, "seen": 1}
        for entry, sentence in (
            ({"line": {**line, "time": "1"}}, "time of line must be a number from 0 to 253402300799"),
            ({"line": {**line, "time": True}}, "time of line must be a number from 0 to 253402300799"),
            ({"line": {**line, "time": 10**400}}, "time of line must be a number from 0 to 253402300799"),
            ({"line": {**line, "time": 253402300800}}, "time of line must be a number from 0 to 253402300799"),
            ({"line": {**line, "time": -1}}, "time of line must be a number from 0 to 253402300799"),
            ({"line": {**line, "epoch": 2**63}}, "epoch of line must be a whole number of 64 bits"),
            ({"line": {**line, "kind": 2**15}}, "kind of line must be a whole number from 0 to 32767"),
            ({"line": {**line, "kind": -1}}, "kind of line must be a whole number from 0 to 32767"),
            ({"line": {**line, "text": "a\0b"}}, "text of line must be a text that can be stored"),
            ({"line": {**line, "text": "\ud800"}}, "text of line must be a text that can be stored"),
            ({"line": {**line, "stream": ""}}, "stream of line must be a text that is not empty"),
            ({"line": {"stream": "#x"}}, "time of line must be a number from 0 to 253402300799"),
            ({"line": {**line, "rest": []}}, "rest of line must be an object of 100 levels at the most"),
            ({"line": {**line, "words": "x"}}, "line has no words"),
            ({"line": 1}, "line must be an object"),
            ({"account": {**account, "certificates": ["AB" * 32]}},
             "certificates of account must be a list of SHA-256 fingerprints, in lower case"),
            ({"account": {**account, "settings": {"a": 1}}}, "settings of account must be an object with texts in it"),
            ({"record": {"kind": "a", "key": "b"}}, "record of record must be an object of 100 levels at the most"),
            ({"user": {}}, "user is none of account, record, marker, line"),
            ({}, "an entry is an object with one field, its kind"),
            (7, "an entry is an object with one field, its kind"),
        ):  # fmt: skip
            self.write({"chatproto": "1", "export": 1}, entry, {"end": {"line": 1}})
            self.assertEqual(self.refusal(), f"line 2: {sentence}.")
        self.file.write_bytes(b"{\n")
        self.assertEqual(self.refusal(), "line 1: it is not JSON.")
        self.file.write_bytes(b"[" * 100_000 + b"\n")
        self.assertEqual(self.refusal(), "line 1: it is not JSON.")
        for number in ("NaN", "Infinity", "-Infinity", "1e400"):
            self.write({"chatproto": "1", "export": 1}, {"record": {"kind": "a", "key": "b", "record": {"at": "#"}}})
            self.file.write_text(self.file.read_text().replace('"#"', number))
            self.assertEqual(self.refusal(), "line 2: it is not JSON.")
        self.write({"name": "x"})
        self.assertEqual(self.refusal(), "line 1: it is no export of twistd chat store export.")
        self.write({"chatproto": "9", "export": 2})
        self.assertEqual(self.refusal(), "line 1: it is an export of another kind, which chatproto 9 wrote.")

    def test_deep(self) -> None:
        """A record, and the rest of a line, of as many levels as there may be are taken, lists and objects alike; one
        more is refused with a sentence, however many they are."""
        line = {"stream": "#x", "time": 1, "epoch": 1, "offset": 1, "kind": 0}
        for levels in (DEEPEST - 1, DEEPEST, DEEPEST + 1, 400):
            for within in (nested(levels - 1, list), nested(levels - 1, dict)):
                found = {"ok": 1, "in": within}
                for kind, entry in (
                    ("record", {"kind": "a", "key": f"{levels} {type(within)}", "record": found}),
                    ("line", {**line, "offset": levels, "stream": f"#{type(within).__name__}", "rest": found}),
                ):
                    self.write({"chatproto": "1", "export": 1}, {kind: entry}, {"end": {kind: 1}})
                    if levels <= DEEPEST:
                        self.assertIn(f"of which were new: 1 {kind}\n", self.imported())
                    else:
                        self.assertIn("must be an object of 100 levels at the most.", self.refusal())
        self.done("store", "export", str(self.file), options=self.other)
        self.assertIn("of which were new: 4 records, 4 lines\n", self.imported(self.third))

    def test_counts_nothing(self) -> None:
        """A last line that counts nothing, behind entries, is found out."""
        self.write({"chatproto": "1", "export": 1}, {"marker": {"reader": "a", "time": 1}}, {"end": {}})
        self.assertEqual(self.refusal(), "line 3: it counts other entries than there are: some are missing.")
        self.write({"chatproto": "1", "export": 1}, {"end": {}})
        self.assertIn("is imported into", self.imported())

    def test_longest_line(self) -> None:
        """A line that is longer than any that is written is not read into memory."""
        self.file.write_bytes(b" " * LONGEST + b"\n")
        self.assertEqual(self.refusal(), f"line 1: it is longer than {LONGEST} bytes.")
        self.file.write_bytes(b" " * (LONGEST - 1) + b"\n")
        self.assertEqual(self.refusal(), "line 1: it is not JSON.")

    def test_half_of_a_pair(self) -> None:
        """Half of a surrogate pair, and NUL, which PostgreSQL does not take, are replaced in a record, and kept in what
        is JSON to the program alone."""
        record = {"record": {"kind": "presence", "key": "eve", "record": {"away": ["\ud83d", "\0", 1]}}}
        line = {"line": {"stream": "#x", "time": 1, "epoch": 1, "offset": 1, "kind": 0, "rest": {"tags": ["\ud83d"]}}}
        self.write({"chatproto": "1", "export": 1}, record, line, {"end": {"record": 1, "line": 1}})
        self.imported()
        self.done("store", "export", str(self.file), options=self.other)
        found = [json.loads(each) for each in self.file.read_text(encoding="utf-8").splitlines()[1:-1]]
        record["record"]["record"] = {"away": ["?", "\ufffd", 1]}
        self.assertEqual(found, [record, line])

    def test_largest_numbers(self) -> None:
        """What the columns just hold is taken."""
        line = {"stream": "#x", "time": LATEST, "epoch": 2**63 - 1, "offset": -(2**63) + 1, "kind": 2**15 - 1}
        self.write({"chatproto": "1", "export": 1}, {"line": line}, {"end": {"line": 1}})
        self.imported()
        found = self.opened(self.other[1]).at_once(lambda connection: connection.execute(select(lines)).one())
        self.assertEqual((found.epoch, found.offset, found.kind), (2**63 - 1, -(2**63) + 1, 2**15 - 1))
        self.assertEqual(found.time, LATEST)

    def test_no_place(self) -> None:
        """Where no store can be made, that is what is told, and not that the file cannot be read."""
        self.export()
        options = ("--store", "sqlite:////proc/self/x.sqlite")
        self.assertEqual(
            self.refused("store", "import", str(self.file), options=options),
            "/proc/self/x.sqlite cannot be made: No such file or directory.",
        )

    def test_files(self) -> None:
        """A file that cannot be read or written is told so, and none is left half."""
        self.assertIn("cannot be read: No such file", self.refused("store", "import", str(self.directory / "nothing")))
        self.assertIn("cannot be written: No such file", self.refused("store", "export", str(self.directory / "no/x")))
        self.assertEqual(
            self.refused("store", "export", "/dev/null/x"), "/dev/null/x cannot be written: Not a directory."
        )
        self.assertEqual([each.name for each in self.directory.glob("*.part")], [])

    def test_full(self) -> None:
        """What is no file is written to as it is; if it is full that is told."""
        self.assertIn("cannot be written: No space left on device", self.refused("store", "export", "/dev/full"))
        self.done("store", "export", "/dev/null")
        self.assertTrue(Path("/dev/null").is_char_device())

    def test_in_use(self) -> None:
        """While a server runs on it, it is exported, and nothing is imported."""
        self.opened().claim()
        self.export()
        self.assertIn("is in use", self.refused("store", "import", str(self.file)))
