"""Places in a history, and what is none."""

from __future__ import annotations

from math import inf, nextafter

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.look import server_time
from chatproto.dialects.irc.selecting import BadTime, UnknownType, selector
from chatproto.events import Stamp
from chatproto.testing import NOON
from tests.dialects.irc.past import PastCase, S, bare, tags_of, timestamp


class Selectors(SynchronousTestCase):
    """Places as clients name them."""

    def test_times(self) -> None:
        """A time is all that is shown as that millisecond."""
        after, before = selector("timestamp=2027-01-15T08:00:00.123Z")
        assert isinstance(after, float)
        assert isinstance(before, float)
        self.assertTrue(NOON + 0.122_999 < before < NOON + 0.123)
        self.assertTrue(NOON + 0.123_999 < after < NOON + 0.124)

    @settings(deadline=None)
    @given(
        st.one_of(
            st.floats(1e9, 4e9),
            st.tuples(st.integers(10**12, 4 * 10**12), st.sampled_from([-0.51, -0.5, -0.499, 0, 999.49, 999.5])).map(
                lambda each: (each[0] * 1000 + each[1]) / 1_000_000
            ),
        )
    )
    def test_any_time(self, moment: float) -> None:
        """What is shown as a time is neither before nor after it, and all else is."""
        after, before = selector(f"timestamp={server_time(moment)}")
        assert isinstance(after, float)
        assert isinstance(before, float)
        self.assertTrue(before <= moment <= after, (before, moment, after))
        shown = [server_time(each) for each in (nextafter(before, 0.0), before, after, nextafter(after, inf))]
        self.assertEqual([each == server_time(moment) for each in shown], [False, True, True, False])

    def test_what_is_no_time(self) -> None:
        """Only what server-time sends is a time."""
        for text in (
            "", "*", "2027-01-15T08:00:00Z", "2027-01-15 08:00:00.123Z", "2027-13-15T08:00:00.123Z", "1800000000",
            "2027-01-15T08:00:00.123", "2027-01-15T25:00:00.123Z", "2027-01-15T08:00:60.123Z",
            "2027-01-15T08:00:00.1234Z", "2027-01-15T08:00:00.12Z",
            "0000-01-01T00:00:00.000Z", "2027-01-15T08:00:00.12٣Z",
        ):  # fmt: skip
            self.assertRaises(BadTime, selector, f"timestamp={text}")

    def test_far_away(self) -> None:
        """There are times long ago and far ahead."""
        self.assertEqual(selector("timestamp=0001-01-01T00:00:00.000Z").before, -62_135_596_800.000_000_5)
        self.assertEqual(selector("timestamp=9999-12-31T23:59:59.999Z").before, 253_402_300_799.998_999_5)

    def test_ids(self) -> None:
        """An id is that of a stamp."""
        stamp = Stamp.parse("a-b")
        self.assertEqual(selector("msgid=a-b"), (stamp, stamp))

    def test_types(self) -> None:
        """There are no others."""
        for text in ("id=1", "TIMESTAMP=x", "", "x"):
            self.assertRaises(UnknownType, selector, text)


class Millisecond(PastCase):
    """Lines that are shown with one time."""

    def test_shown_with_one_time(self) -> None:
        """None of them is before or after it, for a client cannot tell them apart by that."""
        for part in (0.1229, 0.123, 0.1234, 0.123_999, 0.124):
            self.network.now = NOON + part
            self.bob.send(f"PRIVMSG #a :{part}")
        times = [tags_of(line)["time"][-4:] for line in self.ada.got()]
        self.assertEqual(times, ["122Z", "123Z", "123Z", "123Z", "124Z"])
        at = timestamp(NOON + 0.123)
        self.assertEqual(len(self.played(self.ada, f"CHATHISTORY BEFORE #a {at} 9")), 1)
        self.assertEqual(len(self.played(self.ada, f"CHATHISTORY AFTER #a {at} 9")), 1)
        self.assertEqual(len(self.played(self.ada, f"CHATHISTORY LATEST #a {at} 9")), 1)
        self.assertEqual(len(self.played(self.ada, f"CHATHISTORY AROUND #a {at} 9")), 5)


class Refused(PastCase):
    """What is no request."""

    def test_parameters(self) -> None:
        """It is told what is wrong."""
        for line, code, rest in (
            ("WHENEVER #a * 5", "INVALID_PARAMS", "WHENEVER :Unknown command"),
            ("LATEST", "INVALID_PARAMS", "LATEST :Insufficient parameters"),
            ("LATEST #a *", "INVALID_PARAMS", "LATEST :Insufficient parameters"),
            ("BETWEEN #a * 5", "INVALID_PARAMS", "BETWEEN :Insufficient parameters"),
            ("LATEST #a * 5 6", "INVALID_PARAMS", "LATEST :Too many parameters"),
            ("LATEST #a * -1", "INVALID_PARAMS", "LATEST -1 :Invalid limit"),
            ("LATEST #a * ٣", "INVALID_PARAMS", "LATEST ٣ :Invalid limit"),
            ("BEFORE #a * 5", "INVALID_PARAMS", "BEFORE * :Invalid message reference"),
            ("BEFORE #a yesterday 5", "INVALID_PARAMS", "BEFORE yesterday :Invalid message reference"),
            ("BEFORE #a timestamp=noon 5", "INVALID_PARAMS", "BEFORE timestamp=noon :Invalid timestamp"),
            ("AROUND #a id=5 5", "INVALID_MSGREFTYPE", "AROUND #a :Messages are found by timestamp= and msgid= only"),
        ):
            self.assertEqual(bare(self.ada.says(f"CHATHISTORY {line}")[0]), f"{S} FAIL CHATHISTORY {code} {rest}")
        self.assertEqual(bare(self.ada.says("CHATHISTORY")[0]), f"{S} 461 ada CHATHISTORY :Not enough parameters")

    def test_ids_that_are_none(self) -> None:
        """Nothing is found by an id that nothing has, whatever it looks like."""
        self.say("hi")
        for each in ("", "x", "0-0", "-1--1", "1-" + "f" * 99, "1-2-3", "+1-1", "ä-1"):
            for verb in ("BEFORE", "AFTER", "AROUND", "LATEST"):
                self.assertEqual(self.played(self.ada, f"CHATHISTORY {verb} #a msgid={each} 5"), [])
