"""Messages of several lines, as clients send them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.events import Kind, Part
from chatproto.modes import Status
from tests.dialects.irc.network import Network

S = ":chatproto.local"
ADA = ":ada!~ada@localhost"
CAPS = ("message-tags", "echo-message", "batch", "labeled-response", "server-time", "draft/multiline")
TIME = "time=2027-01-15T08:00:00.000Z"
ID = "6651728988001-4"
"""Of what is said first in the room that the tests use."""


class BatchCase(SynchronousTestCase):
    """ada, bob and eve are in #a; ada and bob take messages of several lines."""

    caps: tuple[str, ...] = ("draft/multiline", "batch")

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network(IrcSettings(multiline_bytes=1000, multiline_lines=5))
        self.ada = self.network.connect("ada", self.caps)
        self.bob = self.network.connect("bob", CAPS)
        self.eve = self.network.connect("eve")
        self.network.room("#a", self.ada, self.bob, self.eve)

    def refused(self, *lines: str) -> list[str]:
        """What comes back for lines that reach nobody else, without the server's name and the words."""
        self.bob.got()
        answer = [line.removeprefix(f"{S} ").partition(" :")[0] for line in self.ada.says(*lines)]
        self.assertEqual(self.bob.got(), [])
        return answer


class Prefixes(BatchCase):
    """Messages for those who are at least something in the room."""

    def test_many_prefixes(self) -> None:
        """However many prefixes are typed, there is room for the text."""
        target, text = "@" * 400 + "#a", "x" * 90
        self.network.rooms.room("#a").members[self.bob.talk.user] = Status.OPERATOR
        self.ada.send(f"BATCH +1 draft/multiline {target}", f"@batch=1 PRIVMSG {target} {text}", "BATCH -1")
        self.assertEqual([line.partition(" ")[2] for line in self.bob.got()][1:-1], [f"{ADA} PRIVMSG @#a :{text}"])


class Delivery(BatchCase):
    """What reaches whom."""

    caps = CAPS

    def test_everyone_sees_it_in_their_own_way(self) -> None:
        """It is a batch for those who take one; others have its lines, without blank ones, and tags of a message with
        the first alone. The sender's echo has the label of the line that opened it."""
        tim = self.network.connect("tim", ["message-tags", "server-time", "batch"])
        self.network.room("#a", tim)
        answer = self.ada.says(
            "@label=xyz;+a=b BATCH +123 draft/multiline #a",
            "@batch=123 PRIVMSG #a hello",
            "@batch=123 PRIVMSG #a :",
            "@batch=123 privmsg #A :how is ",
            "@batch=123;draft/multiline-concat PRIVMSG #a :everyone?",
            "BATCH -123",
        )
        batch = "m6651728988001-5"
        first = f"{TIME};msgid=6651728988001-5;+a=b"
        lines = [
            f"{ADA} BATCH +{batch} draft/multiline #a",
            f"@batch={batch} {ADA} PRIVMSG #a :hello",
            f"@batch={batch} {ADA} PRIVMSG #a :",
            f"@batch={batch} {ADA} PRIVMSG #a :how is ",
            f"@batch={batch};draft/multiline-concat {ADA} PRIVMSG #a :everyone?",
            f"{ADA} BATCH -{batch}",
        ]
        self.assertEqual(answer, [f"@label=xyz;{first} {lines[0]}", *lines[1:]])
        self.assertEqual(self.bob.got(), [f"@{first} {lines[0]}", *lines[1:]])
        plain = [f"{ADA} PRIVMSG #a :{text}" for text in ("hello", "how is ", "everyone?")]
        self.assertEqual(tim.got(), [f"@{first} {plain[0]}", f"@{TIME} {plain[1]}", f"@{TIME} {plain[2]}"])
        self.assertEqual(self.eve.got(), plain)

    def test_it_is_one_text(self) -> None:
        """The rooms have it as one text, in which joined lines are one, and know its parts."""
        self.ada.send("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :", "@batch=1 PRIVMSG #a :a ")
        self.ada.send("@batch=1;draft/multiline-concat PRIVMSG #a b", "@batch=1 PRIVMSG #a c", "BATCH -1")
        ((said, _),) = self.successResultOf(_awaited(self.network.rooms.history.read("#a", 9)))
        self.assertEqual(said.text, "\na b\nc")
        self.assertEqual(said.kind, Kind.PLAIN)
        self.assertEqual(
            said.parts,
            (
                Part("", joined=False),
                Part("a ", joined=False),
                Part("b", joined=True),
                Part("c", joined=False),
            ),
        )

    def test_to_a_person(self) -> None:
        """People are told as rooms are; who is away is said in the same response."""
        self.network.rooms.set_away(self.bob.talk.session, "lunch")
        answer = self.ada.says("@label=x BATCH +1 draft/multiline bob", "@batch=1 NOTICE bob a", "BATCH -1")
        self.assertEqual(
            answer, [answer[0], f"@batch=m6651728988000-5 {ADA} NOTICE bob :a", f"{ADA} BATCH -m6651728988000-5"]
        )
        answer = self.ada.says("@label=x BATCH +1 draft/multiline bob", "@batch=1 PRIVMSG bob a", "BATCH -1")
        outer = answer[-1].removeprefix(f"{S} BATCH -")
        inner = "m6651728988000-6"
        self.assertEqual(
            answer,
            [
                f"@label=x {S} BATCH +{outer} labeled-response",
                f"@batch={outer};{TIME};msgid=6651728988000-6 {ADA} BATCH +{inner} draft/multiline bob",
                f"@batch={inner} {ADA} PRIVMSG bob :a",
                f"@batch={outer} {ADA} BATCH -{inner}",
                f"@batch={outer};{TIME} {S} 301 ada bob lunch",
                f"{S} BATCH -{outer}",
            ],
        )

    def test_to_some_of_a_room(self) -> None:
        """Prefixes of members work as for one line."""
        self.ada.send("BATCH +1 draft/multiline @#a", "@batch=1 PRIVMSG @#a a", "@batch=1 PRIVMSG @#a b", "BATCH -1")
        self.assertEqual(self.bob.got() + self.eve.got(), [])

    def test_a_line_that_would_not_fit(self) -> None:
        """Nothing is left out: what does not fit behind the source goes on in a joined line."""
        text = "x" * 490
        self.ada.send("BATCH +1 draft/multiline #a", f"@batch=1 PRIVMSG #a {text}", "@batch=1 PRIVMSG #a b", "BATCH -1")
        head = f"{ADA} PRIVMSG #a :"
        self.assertEqual(self.eve.got(), [f"{head}{'x' * 478}", f"{head}{'x' * 12}", f"{head}b"])
        _, first, second, third, _ = self.bob.got()
        self.assertEqual(first, f"@batch=m{ID} {head}{'x' * 478}")
        self.assertEqual(second, f"@batch=m{ID};draft/multiline-concat {head}{'x' * 12}")
        self.assertEqual(third, f"@batch=m{ID} {head}b")

    def test_as_much_as_is_allowed(self) -> None:
        """The most bytes and lines, with line breaks but not where lines are joined, are taken."""
        lines = ["@batch=1 PRIVMSG #a " + "x" * 300] * 3  # 902 bytes.
        last = "@batch=1;draft/multiline-concat PRIVMSG #a " + "x" * 90
        self.ada.send("BATCH +1 draft/multiline #a", *lines, last, "@batch=1 PRIVMSG #a xxxxxxx", "BATCH -1")
        self.assertEqual(len(self.eve.got()), 5)


class Labels(BatchCase):
    """Which response is whose."""

    caps = CAPS

    def test_nothing_until_it_is_closed(self) -> None:
        """The line that opens it is answered when it is closed, by its label; nothing else is."""
        self.assertEqual(self.ada.says("@label=x BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a a"), [])
        self.assertEqual(self.ada.says("@label=p PING x"), [f"@label=p;{TIME} {S} PONG chatproto.local x"])
        self.assertTrue(self.ada.says("BATCH -1")[0].startswith("@label=x;"))

    def test_a_label_of_the_end(self) -> None:
        """If it has one too, that is answered on its own."""
        self.ada.send("@label=x BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a a")
        answer = self.ada.says("@label=y BATCH -1")
        self.assertEqual(answer[0], f"@label=y {S} ACK")
        self.assertTrue(answer[1].startswith("@label=x;time="))
        self.assertEqual(len(answer), 4)
        self.ada.send("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a a")
        self.assertTrue(self.ada.says("@label=y BATCH -1")[0].startswith("@label=y;time="))

    def test_a_refusal(self) -> None:
        """It has the label of the line that opened the batch."""
        refusal = f"@label=x;{TIME} {S} FAIL BATCH MULTILINE_INVALID :Invalid multiline batch"
        lines = ("@label=x BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a", "@batch=1 PRIVMSG #a a", "BATCH -1")
        self.assertEqual(self.ada.says(*lines), [refusal])
        answer = self.ada.says("@label=y BATCH +1 draft/multiline #b", "@batch=1 PRIVMSG #b a", "BATCH -1")
        self.assertEqual(answer, [f"@label=y;{TIME} {S} 403 ada #b :No such channel"])

    def test_without_an_echo(self) -> None:
        """Who asked for no echo hears that it was taken."""
        tim = self.network.connect("tim", ["batch", "labeled-response", "draft/multiline"])
        answer = tim.says("@label=x BATCH +1 draft/multiline bob", "@batch=1 PRIVMSG bob a", "BATCH -1")
        self.assertEqual(answer, [f"@label=x {S} ACK"])


class Refusals(BatchCase):
    """What is no batch."""

    def test_in_whole_words(self) -> None:
        """A refusal is a FAIL of BATCH."""
        self.assertEqual(
            self.ada.says("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #b a"),
            [f"{S} FAIL BATCH MULTILINE_INVALID_TARGET #a #b :Invalid multiline target"],
        )

    def test_too_much(self) -> None:
        """One byte or one line more than is allowed is refused, and so is all that comes of it."""
        opened = "BATCH +1 draft/multiline #a"
        line = "@batch=1 PRIVMSG #a " + "x" * 332
        more = "@batch=1 PRIVMSG #a xx"  # 3 * 332 + 2 bytes, and 3 line breaks.
        self.assertEqual(self.refused(opened, *[line] * 3, more, "BATCH -1"), ["FAIL BATCH MULTILINE_MAX_BYTES 1000"])
        lines = ["@batch=1 PRIVMSG #a x"] * 8
        self.assertEqual(self.refused(opened, *lines, "BATCH -1"), ["FAIL BATCH MULTILINE_MAX_LINES 5"])

    def test_bytes_are_counted(self) -> None:
        """It is bytes that count, and not characters."""
        lines = ["@batch=1 PRIVMSG #a " + "é" * 200] * 3
        self.assertEqual(
            self.refused("BATCH +1 draft/multiline #a", *lines, "BATCH -1"), ["FAIL BATCH MULTILINE_MAX_BYTES 1000"]
        )

    def test_what_lines_may_be(self) -> None:
        """Lines are all messages or all notices, and have a text; a joined one is not blank, and CTCP is no part."""
        for line in (
            "@batch=1 NOTICE #a b",
            "@batch=1 PRIVMSG #a",
            "@batch=1 PRIVMSG",
            "@batch=1;draft/multiline-concat PRIVMSG #a :",
            "@batch=1 PRIVMSG #a :\x01ACTION waves\x01",
            "@batch=2 PRIVMSG #a b",
            "@batch PRIVMSG #a b",
            "@batch=1 TAGMSG #a",
            "@batch=1 JOIN #b",
            "PRIVMSG #a b",
            "BATCH -2",
            "BATCH 1",
            "BATCH :",
            "@batch=1 BATCH +2 draft/multiline #a",
            "BATCH +2 draft/multiline #a",
        ):
            answer = self.refused("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a a", line)
            self.assertEqual(answer, ["FAIL BATCH MULTILINE_INVALID"], line)
            self.ada.send("BATCH -1", "BATCH -1")

    def test_nothing_to_say(self) -> None:
        """Blank lines alone, or none at all, are no message."""
        blank = "@batch=1 PRIVMSG #a :"
        for lines in ([], [blank], [blank, blank]):
            self.assertEqual(
                self.refused("BATCH +1 draft/multiline #a", *lines, "BATCH -1"), ["FAIL BATCH MULTILINE_INVALID"]
            )

    def test_how_it_is_opened(self) -> None:
        """It needs a reference of letters, digits and dashes, a known type, and a target. What comes of one that was
        not opened is ignored, for it has been refused already."""
        rest = ("@batch=1 PRIVMSG #a a", "BATCH -1")
        self.assertEqual(self.refused("BATCH +1 x #a", *rest), ["FAIL BATCH UNKNOWN_TYPE 1 x"])
        self.assertEqual(self.refused("BATCH +1", *rest), ["FAIL BATCH UNKNOWN_TYPE 1 *"])
        self.assertEqual(self.refused("BATCH +1 draft/multiline", *rest), ["FAIL BATCH MULTILINE_INVALID"])
        self.assertEqual(self.refused("@batch=9 BATCH +1 draft/multiline #a", *rest), ["FAIL BATCH MULTILINE_INVALID"])
        self.assertEqual(self.refused("BATCH +1_ draft/multiline #a"), ["FAIL BATCH INVALID_REFTAG 1_"])
        self.assertEqual(self.refused("BATCH + draft/multiline #a"), ["FAIL BATCH INVALID_REFTAG *"])
        self.assertEqual(self.refused("BATCH"), ["461 ada BATCH"])

    def test_what_was_never_opened(self) -> None:
        """Of lines that belong to no batch one hears once; of the end of none each time."""
        self.assertEqual(self.refused(*["@batch=1 PRIVMSG #a a"] * 3), ["FAIL BATCH MULTILINE_INVALID"])
        self.assertEqual(self.refused("BATCH -1"), [])
        self.assertEqual(self.refused("BATCH -1", "BATCH -1"), ["FAIL BATCH MULTILINE_INVALID"] * 2)

    def test_after_a_refusal(self) -> None:
        """The next batch, and other messages, are taken."""
        self.assertEqual(self.refused("BATCH +1 x #a"), ["FAIL BATCH UNKNOWN_TYPE 1 x"])
        self.ada.send(
            "PRIVMSG #a x", "BATCH +2 draft/multiline #a", "@batch=2 PRIVMSG #a y", "BATCH -2", "PRIVMSG #a z"
        )
        self.assertEqual(self.eve.got(), [f"{ADA} PRIVMSG #a :{text}" for text in "xyz"])

    def test_a_line_that_was_not_taken(self) -> None:
        """A batch with a gap is refused: a line of it was too long, or no UTF-8."""
        opened = "BATCH +1 draft/multiline #a"
        rest = ("@batch=1 PRIVMSG #a b", "BATCH -1")
        long = "@batch=1 PRIVMSG #a " + "x" * 500
        self.assertEqual(self.refused(opened, long, *rest), ["417 ada", "FAIL BATCH MULTILINE_INVALID"])
        self.ada.send(opened, b"@batch=1 PRIVMSG #a \xff")
        self.assertEqual(self.refused(*rest), [])
        self.assertEqual(self.refused(long), ["417 ada"])

    def test_refused_by_the_room(self) -> None:
        """Who may not speak hears it when the batch is closed; for notices nobody hears anything."""
        tim = self.network.connect("tim", CAPS[:-2])
        lines = ("BATCH +1 draft/multiline #a", "@batch=1 {} #a a", "BATCH -1")
        self.assertEqual(
            tim.says(*(line.format("PRIVMSG") for line in lines)),
            [f"{S} 404 tim #a :You are not in #a. Use /join #a first."],
        )
        self.assertEqual(tim.says(*(line.format("NOTICE") for line in lines)), [])

    def test_it_is_forgotten(self) -> None:
        """A batch that is not finished when its client goes is said to nobody."""
        self.ada.send("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a a", "QUIT bye")
        self.assertEqual(self.eve.got(), [f"{ADA} QUIT :Quit: bye"])


async def _awaited(awaitable: object) -> object:
    return await awaitable  # type: ignore[misc]
