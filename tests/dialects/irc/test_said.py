"""What was said as IRC's lines, for connections of different capabilities."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.said import room_for
from chatproto.events import Kind, Part, Said, Whispered, Who
from chatproto.modes import Status
from tests.dialects.irc.shown import ADA, A, lines


class Messages(SynchronousTestCase):
    """What is said."""

    def test_kinds(self) -> None:
        """Each kind has its verb, and CTCP its wrapping."""
        for kind, line in (
            (Kind.PLAIN, "PRIVMSG #a :hi"),
            (Kind.ACTION, "PRIVMSG #a :\x01ACTION hi\x01"),
            (Kind.CTCP, "PRIVMSG #a :\x01hi\x01"),
            (Kind.NOTICE, "NOTICE #a :hi"),
            (Kind.CTCP_REPLY, "NOTICE #a :\x01hi\x01"),
        ):
            self.assertEqual(lines(Said("#a", ADA, "hi", kind)), [f"{A} {line}"])
            self.assertEqual(lines(Whispered(ADA, "#a", "hi", kind)), [f"{A} {line}"])

    def test_tags_alone(self) -> None:
        """They are shown to those who take tags."""
        event = Said("#a", ADA, "", Kind.TAGS, (("+a", "b"),))
        self.assertEqual(lines(event, "server-time", "batch", "draft/multiline"), [])
        self.assertEqual(lines(event, "message-tags"), [f"@msgid=a-b;+a=b {A} TAGMSG #a"])

    def test_whom_it_is_for(self) -> None:
        """The prefix of those it is for stands before the room; of whom it is kept from nothing is seen."""
        self.assertEqual(lines(Said("#a", ADA, "hi", to=Status.VOICE)), [f"{A} PRIVMSG +#a :hi"])
        self.assertEqual(lines(Said("#a", ADA, "hi", heard=Status.HALFOP)), [f"{A} PRIVMSG #a :hi"])

    def test_nothing_can_become_a_line(self) -> None:
        """What would end a line is left out, and a line break in a text begins another message."""
        self.assertEqual(lines(Said("#a", ADA, "a\rb\0c")), [f"{A} PRIVMSG #a :abc"])
        self.assertEqual(lines(Said("#a", ADA, "a\n\r\nb")), [f"{A} PRIVMSG #a :a", f"{A} PRIVMSG #a :b"])
        self.assertEqual(lines(Said("#a", ADA, "\n")), [f"{A} PRIVMSG #a :"])

    def test_long_texts(self) -> None:
        """They come in several lines, whose tags are those of the first but for what names the message."""
        text = "x" * 475 + "é" + "y" * 10
        found = lines(Said("#a", ADA, text, tags=(("+a", "b"),)), "message-tags", "server-time")
        time = "time=2027-01-15T08:00:00.250Z"
        self.assertEqual(
            found, [f"@{time};msgid=a-b;+a=b {A} PRIVMSG #a :{text[:475]}", f"@{time} {A} PRIVMSG #a :{text[475:]}"]
        )

    def test_long_actions(self) -> None:
        """Each line of them is one."""
        found = lines(Said("#a", ADA, "x" * 500, Kind.ACTION), "batch", "draft/multiline")
        room = room_for(Kind.ACTION, ADA.mask, "#a")
        self.assertEqual(found, [f"{A} PRIVMSG #a :\x01ACTION {'x' * count}\x01" for count in (room, 500 - room)])
        self.assertEqual(len(found[0]), 510)

    def test_long_texts_as_one(self) -> None:
        """Who takes messages of several lines has it as one."""
        found = lines(Said("#a", ADA, "x" * 500 + "\ny"), "batch", "draft/multiline")
        self.assertEqual(
            found,
            [
                f"{A} BATCH +ma-b draft/multiline #a",
                f"@batch=ma-b {A} PRIVMSG #a :{'x' * 476}",
                f"@batch=ma-b;draft/multiline-concat {A} PRIVMSG #a :{'x' * 24}",
                f"@batch=ma-b {A} PRIVMSG #a :y",
                f"{A} BATCH -ma-b",
            ],
        )

    def test_both_capabilities_are_needed(self) -> None:
        """Without the one for batches there are none."""
        event = Said("#a", ADA, "a\nb", parts=(Part("a", joined=False), Part("b", joined=False)))
        for caps in (["batch"], ["draft/multiline"]):
            self.assertEqual(lines(event, *caps), [f"{A} PRIVMSG #a :a", f"{A} PRIVMSG #a :b"])

    def test_one_part_alone(self) -> None:
        """What was sent as a batch is shown as one."""
        event = Whispered(ADA, "bob", "a", parts=(Part("a", joined=False),))
        self.assertEqual(
            lines(event, "batch", "draft/multiline"),
            [f"{A} BATCH +ma-b draft/multiline bob", f"@batch=ma-b {A} PRIVMSG bob :a", f"{A} BATCH -ma-b"],
        )
        self.assertEqual(lines(event), [f"{A} PRIVMSG bob :a"])

    @given(st.text(max_size=2000), st.sampled_from([Kind.PLAIN, Kind.ACTION, Kind.NOTICE]))
    def test_no_line_is_too_long(self, text: str, kind: Kind) -> None:
        """Whatever is said, its lines have 510 bytes at the most, and nothing of it is lost but what ends lines."""
        head, end = {
            Kind.PLAIN: (f"{A} PRIVMSG #a :", ""),
            Kind.ACTION: (f"{A} PRIVMSG #a :\x01ACTION ", "\x01"),
            Kind.NOTICE: (f"{A} NOTICE #a :", ""),
        }[kind]
        found = lines(Said("#a", ADA, text, kind))
        self.assertTrue(all(len(line.encode()) <= 510 for line in found))
        self.assertTrue(all(line.startswith(head) and line.endswith(end) for line in found))
        wanted = text.translate(dict.fromkeys(map(ord, "\r\n\0")))
        self.assertEqual("".join(line[len(head) : len(line) - len(end)] for line in found), wanted)

    def test_long_names(self) -> None:
        """Names may be allowed to be so long that nothing fits behind them: some of the text is shown even so."""
        name = "𐌰" * 64
        who = Who(name, "~" + "u" * 17, "h" * 63)
        found = lines(Said(f"#{name}", who, "x" * 50, Kind.ACTION))
        head = f":{who.mask} PRIVMSG #{name} :\x01ACTION "
        self.assertEqual(found, [f"{head}{'x' * 40}\x01", f"{head}{'x' * 10}\x01"])
        self.assertEqual(room_for(Kind.ACTION, who.mask, f"#{name}"), 40)
