"""What `IHistoryStore` promises."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.events import Event, Joined, Kind, Left, Renamed, Said, Stamp, Whispered, Who
from chatproto.interfaces import IHistoryStore, Search

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


Kept = tuple[Event, Stamp]


def line(offset: int, stream: str = "#a") -> Kept:
    """The line that stands at `offset`."""
    return Said(stream, Who("ada"), f"line {offset}"), Stamp(3, offset, 100.0 + offset)


class HistoryStoreContract(_Case):
    """Mix this into a SynchronousTestCase that sets `kind` and makes stores that keep 20 lines of a stream at least."""

    kind: type[Any]

    def make(self) -> IHistoryStore:
        """An empty store."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin with an empty store."""
        self.store = self.make()

    def fill(self, count: int, stream: str = "#a") -> None:
        """Say `count` lines in `stream`."""
        for offset in range(1, count + 1):
            self.store.append(stream, *line(offset, stream))

    def latest(self, count: int, before: Stamp | None = None, stream: str = "#a") -> list[Kept]:
        """What the store has."""
        return list(self.done(self.store.read(stream, count, before=before)))

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IHistoryStore, self.kind)
        verifyObject(IHistoryStore, self.store)

    def test_unknown_stream(self) -> None:
        """A stream in which nothing was said has no lines."""
        self.assertEqual(self.latest(10), [])

    def test_oldest_first(self) -> None:
        """Lines come with their stamps, in the order they were said."""
        self.fill(3)
        self.assertEqual(self.latest(10), [line(1), line(2), line(3)])

    def test_count(self) -> None:
        """Of more lines than are asked for, the last come; of fewer, all."""
        self.fill(5)
        for count in (0, 1, 4, 5, 6):
            self.assertEqual(self.latest(count), [line(offset) for offset in range(1, 6)][5 - min(count, 5) :])

    def test_before(self) -> None:
        """Only lines with a lower offset than `before` come, and of those the last."""
        self.fill(5)
        self.assertEqual(self.latest(2, line(4)[1]), [line(2), line(3)])
        self.assertEqual(self.latest(10, line(2)[1]), [line(1)])
        self.assertEqual(self.latest(10, line(1)[1]), [])
        self.assertEqual(self.latest(1, line(6)[1]), [line(5)])

    def test_streams_are_apart(self) -> None:
        """A line is kept in its own stream only."""
        self.fill(2, "#a")
        self.fill(3, "#b")
        self.assertEqual(self.latest(10, stream="#a"), [line(1, "#a"), line(2, "#a")])
        self.assertEqual(len(self.latest(10, stream="#b")), 3)

    def found(self, message: str, stream: str = "#a") -> Event | None:
        """What the store has under that id."""
        found: Kept | None = self.done(self.store.find(stream, message))
        if found is None:
            return None
        self.assertEqual(found[1].id, message)
        self.assertGreater(found[1].time, 0.0)
        return found[0]

    def test_find(self) -> None:
        """A line is found by its id, in its own stream only."""
        self.fill(3, "#a")
        self.fill(4, "#b")
        for offset in (1, 3):
            self.assertEqual(self.found(line(offset)[1].id), line(offset)[0])
        self.assertEqual(self.found(line(4)[1].id, "#b"), line(4, "#b")[0])
        self.assertIsNone(self.found(line(4)[1].id, "#a"))
        self.assertIsNone(self.found(""))
        self.assertIsNone(self.found(line(1)[1].id, "#never"))

    def test_redact(self) -> None:
        """A line that is taken back is neither found nor shown; the others are where they were, and more can come."""
        self.fill(4, "#a")
        self.fill(4, "#b")
        self.store.redact("#a", line(2)[1].id)
        self.assertIsNone(self.found(line(2)[1].id))
        self.assertEqual(self.latest(10), [line(1), line(3), line(4)])
        self.assertEqual(self.latest(10, line(3)[1]), [line(1)])
        self.assertEqual(len(self.latest(10, stream="#b")), 4)
        self.store.append("#a", *line(5))
        self.assertEqual(self.latest(2), [line(4), line(5)])

    def test_redact_nothing(self) -> None:
        """Taking back what is not kept changes nothing."""
        self.fill(2)
        self.store.redact("#a", line(3)[1].id)
        self.store.redact("#never", line(1)[1].id)
        self.assertEqual(self.latest(10), [line(1), line(2)])
        self.assertEqual(self.latest(10, stream="#never"), [])

    def test_rename(self) -> None:
        """The lines of a stream are there under its new name only; the old one can begin anew."""
        self.fill(3)
        self.store.rename("#a", "#b")
        self.assertEqual(self.latest(10), [])
        self.assertIsNone(self.found(line(1)[1].id))
        self.assertEqual(self.latest(10, stream="#b"), [line(1), line(2), line(3)])
        self.store.append("#a", *line(7))
        self.store.append("#b", *line(4))
        self.assertEqual((self.latest(10), len(self.latest(10, stream="#b"))), ([line(7)], 4))

    def test_rename_since(self) -> None:
        """What happened before that time stays where it is, and the rest is not there any more; wherever there is
        more."""
        for number, since in enumerate((0.0, 102.0, 104.0, 109.0)):
            old, new = f"#old{number}", f"#new{number}"
            entries = [line(offset) for offset in range(1, 6)]
            for entry in entries:
                self.store.append(old, *entry)
            self.store.redact(old, entries[3][1].id)
            del entries[3]
            self.store.rename(old, new, since)
            for stream, expected in (
                (old, [entry for entry in entries if entry[1].time < since]),
                (new, [entry for entry in entries if entry[1].time >= since]),
            ):
                self.assertEqual(self.latest(10, stream=stream), expected, (since, stream))
            for stream in (old, new):
                self.store.append(stream, *line(7))
                self.assertEqual(self.latest(1, stream=stream), [line(7)])

    def test_rename_of_nothing(self) -> None:
        """A stream that nothing was said in can be renamed, and has nothing."""
        self.store.rename("#a", "#b")
        self.assertEqual((self.latest(10), self.latest(10, stream="#b")), ([], []))

    def test_drop(self) -> None:
        """A dropped stream has no lines, and begins anew; others keep theirs."""
        self.fill(3, "#a")
        self.fill(3, "#b")
        self.store.drop("#a")
        self.assertEqual(self.latest(10), [])
        self.assertEqual(len(self.latest(10, stream="#b")), 3)
        self.store.append("#a", *line(1))
        self.assertEqual(self.latest(10), [line(1)])

    def test_forget(self) -> None:
        """What that account and others said to each other is gone, and nothing else; it can begin anew."""
        streams = ("ada bob", "ada zoe", "kim ada", "bob zoe", "adam bob", "#ada")
        for stream in streams:
            self.fill(2, stream)
        for account in ("ada", "nobody"):
            self.store.forget(account)
        self.assertEqual([len(self.latest(9, stream=stream)) for stream in streams], [0, 0, 0, 2, 2, 2])
        self.assertEqual(list(self.done(self.store.talks("ada"))), [])
        self.store.append("ada bob", *line(1))
        self.assertEqual(self.latest(9, stream="ada bob"), [line(1)])

    def test_drop_of_nothing(self) -> None:
        """Dropping a stream that nothing was said in does nothing."""
        self.store.drop("#a")
        self.assertEqual(self.latest(10), [])

    def read(self, count: int = 100, **wanted: Any) -> list[Kept]:
        """What the store has of `#a`."""
        return list(self.done(self.store.read("#a", count, **wanted)))

    def done(self, answer: Awaitable[Any]) -> Any:
        """What the store answers."""

        async def wait() -> Any:
            return await answer

        return self.successResultOf(Deferred.fromCoroutine(wait()))

    def test_between(self) -> None:
        """Only what stands between the marks comes: the newest of it, or the oldest."""
        self.fill(9)
        after, before = line(2)[1], line(8)[1]
        for marks in (
            {"after": after, "before": before},
            {"after": after.time, "before": before.time},
            {"after": Stamp.parse(after.id), "before": Stamp.parse(before.id)},
        ):
            self.assertEqual(self.read(**marks), [line(offset) for offset in range(3, 8)])
            self.assertEqual(self.read(2, **marks), [line(6), line(7)])
            self.assertEqual(self.read(2, newest=False, **marks), [line(3), line(4)])
        self.assertEqual(self.read(2, after=after, newest=False), [line(3), line(4)])
        self.assertEqual(self.read(after=before, before=after), [])
        self.assertEqual(self.read(after=line(4)[1], before=line(5)[1]), [])

    def test_marks_that_are_not_kept(self) -> None:
        """A stamp with its time is a place all the same; one that is parsed of an id is none."""
        for offset in (1, 2, 4, 5):
            self.store.append("#a", *line(offset))
        self.assertEqual(self.read(before=line(3)[1]), [line(1), line(2)])
        self.assertEqual(self.read(after=line(3)[1]), [line(4), line(5)])
        self.assertEqual(self.read(before=Stamp.parse(line(3)[1].id)), [])
        self.assertEqual(self.read(after=Stamp.parse(line(3)[1].id)), [])

    def test_taken_back_and_still_a_place(self) -> None:
        """One can read on from a line that was taken back."""
        self.fill(5)
        self.store.redact("#a", line(3)[1].id)
        self.assertEqual(self.read(before=Stamp.parse(line(3)[1].id)), [line(1), line(2)])
        self.assertEqual(self.read(after=Stamp.parse(line(3)[1].id)), [line(4), line(5)])
        self.assertEqual(self.read(3, every=True), [line(2), line(4), line(5)])

    def test_at_the_same_time(self) -> None:
        """Lines of one moment stand in the order of their offsets; a time is a place before and behind none of them."""
        stamps = [Stamp(3, offset, 200.0) for offset in range(1, 6)]
        said = [Said("#a", Who("ada"), str(stamp.offset)) for stamp in stamps]
        for each, stamp in zip(said, stamps, strict=True):
            self.store.append("#a", each, stamp)
        self.assertEqual([event for event, _ in self.read(after=stamps[1])], said[2:])
        self.assertEqual([event for event, _ in self.read(before=stamps[3])], said[:3])
        self.assertEqual((self.read(after=200.0), self.read(before=200.0)), ([], []))

    def test_every_event(self) -> None:
        """What happened besides talk comes only if it is asked for, in its place."""
        ada = Who("ada", account="Ada")
        other: list[Kept] = [
            (Joined("#a", ada, "Ada L."), Stamp(3, 1, 101.0)),
            (Renamed(ada, "eve"), Stamp(1, 7, 102.5)),
            (Left("#a", ada, "bye"), Stamp(3, 4, 104.0)),
        ]
        kept = sorted([*other, line(2), line(3)], key=lambda each: each[1].time)
        for each in kept:
            self.store.append("#a", *each)
        self.assertEqual(self.read(), [line(2), line(3)])
        self.assertEqual(self.read(every=True), kept)
        self.assertEqual(self.read(2, every=True), kept[-2:])
        self.assertEqual(self.read(after=Stamp.parse(other[1][1].id), every=True), [line(3), other[2]])

    def test_tags_alone(self) -> None:
        """Tags without a text come only with every event, can be found and taken back, and are no talk."""
        tags = (("+draft/react", "x"),)
        reaction: Kept = (Said("#a", Who("ada"), "", Kind.TAGS, tags), Stamp(3, 3, 103.0))
        whispered: Kept = (Whispered(Who("ada"), "bob", "", Kind.TAGS, tags), Stamp(3, 4, 104.0))
        self.fill(2)
        for each in (reaction, whispered):
            self.store.append("#a", *each)
        self.assertEqual(self.read(), [line(1), line(2)])
        self.assertEqual(self.read(1), [line(2)])
        self.assertEqual(self.read(every=True), [line(1), line(2), reaction, whispered])
        self.assertEqual(self.done(self.store.active(["#a"], 0.0, 1e6, 9)), [("#a", 102.0)])
        found = self.done(self.store.search(Search(("#a",)), 9))
        self.assertEqual([each.event for each in found], [line(2)[0], line(1)[0]])
        self.assertEqual(self.found(reaction[1].id), reaction[0])
        self.store.redact("#a", reaction[1].id)
        self.assertEqual(self.read(every=True), [line(1), line(2), whispered])

    def test_whispers(self) -> None:
        """What two say to each other is a stream, too."""
        whispered = Whispered(Who("ada", account="ada"), "bob", "hi", Kind.NOTICE, (("+x", "y"),))
        self.store.append("ada bob", whispered, Stamp(1, 1, 5.0))
        self.assertEqual(self.done(self.store.read("ada bob", 5)), [(whispered, Stamp(1, 1, 5.0))])
        self.assertEqual(self.found("1-1", "ada bob"), whispered)

    def test_active(self) -> None:
        """Which streams something was said in, and when last, in that order; other events do not count."""
        self.fill(4, "#a")
        self.fill(2, "#b")
        self.fill(3, "#c")
        self.store.append("#d", Joined("#d", Who("ada")), Stamp(3, 1, 102.0))
        names = ["#never", "#a", "#b", "#c", "#d"]
        self.assertEqual(
            self.done(self.store.active(names, 0.0, 1e6, 9)), [("#b", 102.0), ("#c", 103.0), ("#a", 104.0)]
        )
        self.assertEqual(self.done(self.store.active(names, 0.0, 1e6, 2)), [("#c", 103.0), ("#a", 104.0)])
        self.assertEqual(
            self.done(self.store.active(names, 0.0, 103.0, 9)), [("#a", 102.0), ("#b", 102.0), ("#c", 102.0)]
        )
        self.assertEqual(self.done(self.store.active(names, 102.0, 1e6, 9)), [("#c", 103.0), ("#a", 104.0)])
        self.assertEqual(self.done(self.store.active([], 0.0, 1e6, 9)), [])

    def test_stored(self) -> None:
        """What was appended is stored, at once or soon."""
        self.fill(3)
        stored = self.store.stored()
        self.assertTrue(stored is None or self.done(stored))
        self.assertIsNone(self.store.stored())

    def test_numbers_beyond_all_bounds(self) -> None:
        """An id may have any numbers: what cannot be kept is not there."""
        self.fill(2)
        for far in (Stamp(2**63, 1, 0.0), Stamp(1, 2**200, 0.0), Stamp(2**200, 2**200, 0.0)):
            self.assertIsNone(self.found(far.id))
            self.assertEqual((self.read(before=far), self.read(after=far)), ([], []))
            self.store.redact("#a", far.id)
        self.assertEqual(self.latest(10), [line(1), line(2)])

    def test_ids_that_are_none(self) -> None:
        """What is no id at all is not there, and can be taken back without effect."""
        self.fill(2)
        for message in ("", "-", "3", "3-", "3-1-1", "+3-1", "3 -1", "0x3-1", "\0", "3-01", "é"):
            self.assertIsNone(self.found(message), message)
            self.store.redact("#a", message)
        self.assertEqual(self.latest(10), [line(1), line(2)])

    def test_only_lines_are_taken_back(self) -> None:
        """What else happened stays."""
        joined: Kept = (Joined("#a", Who("ada")), Stamp(3, 1, 101.0))
        self.store.append("#a", *joined)
        self.store.redact("#a", joined[1].id)
        self.assertEqual(self.read(every=True), [joined])

    def test_result_stays_as_it_is(self) -> None:
        """What was handed out does not change with what is said later."""
        self.fill(2)
        found = self.latest(10)
        self.store.append("#a", *line(3))
        self.assertEqual(len(found), 2)

    # Each implementation runs this test by itself: that they differ is the point.
    @settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
    @given(said=st.integers(0, 20), count=st.integers(0, 25), before=st.none() | st.integers(1, 25))
    def test_any_question(self, said: int, count: int, before: int | None) -> None:
        """Any count before any offset gives the end of what came before it."""
        self.store = self.make()
        self.fill(said)
        older = [line(offset) for offset in range(1, said + 1) if before is None or offset < before]
        found = self.latest(count, None if before is None else line(before)[1])
        self.assertEqual(found, older[max(0, len(older) - count) :])
