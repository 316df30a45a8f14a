"""How much of a file that is imported is taken at a time."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.admin import export
from chatproto.admin.export import _Reading


def marker(reader: str = "a") -> dict[str, Any]:
    """An entry, of as many bytes each as the name is long."""
    return {"marker": {"reader": reader, "time": 1}}


RECORD = {"record": {"kind": "a", "key": "b", "record": {}}}
SIZE = len(json.dumps(marker())) + 1


class PortionTests(SynchronousTestCase):
    """Entries of one kind, one after the other."""

    def portions(self, *entries: dict[str, Any]) -> list[tuple[str, int]]:
        """How many of which kind are taken together."""
        count: dict[str, int] = {}
        for kind in (kind for entry in entries for kind in entry):
            count[kind] = count.get(kind, 0) + 1
        file = [{"chatproto": "1", "export": 1}, *entries, {"end": count}]
        reading = _Reading(BytesIO(b"".join(json.dumps(each).encode() + b"\n" for each in file)), "file")
        return [(kind, len(some)) for kind, some in reading.portions()]

    def test_kinds(self) -> None:
        """Each kind is by itself, however often it comes."""
        self.assertEqual(self.portions(), [])
        self.assertEqual(
            self.portions(RECORD, marker(), marker(), RECORD), [("record", 1), ("marker", 2), ("record", 1)]
        )

    def test_number(self) -> None:
        """Not more than so many."""
        self.patch(export, "PORTION", 3)
        for number, parts in ((2, [2]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])):
            self.assertEqual(self.portions(*[marker()] * number), [("marker", part) for part in parts])

    def test_bytes(self) -> None:
        """No further one behind so many bytes, and one that is longer by itself."""
        for together, parts in ((3 * SIZE - 1, [3, 3, 1]), (3 * SIZE, [4, 3]), (1, [1] * 7)):
            self.patch(export, "TOGETHER", together)
            self.assertEqual(self.portions(*[marker()] * 7), [("marker", part) for part in parts])
        self.patch(export, "TOGETHER", 3 * SIZE)
        self.assertEqual(self.portions(marker("a" * SIZE * 3), marker(), marker()), [("marker", 1), ("marker", 2)])
