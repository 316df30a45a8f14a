"""What `IConversation` promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.config import Settings
from chatproto.dialects.irc.conversation import IrcConversation
from chatproto.dialects.plain import PlainConversation
from chatproto.events import Ending
from chatproto.interfaces import IConversation
from chatproto.tap import make_rooms
from chatproto.testing import NOON, RecordingConversation, RecordingLink
from tests.dialects.irc.network import Network

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object

LINES = [b"", b" ", b"ada", b"hello", b"\xff\xfe", b"\x00", b"/help", b"/", b"//", b"NICK ada", b"x" * 4096]


class ConversationContract(_Case):
    """Mix this into a SynchronousTestCase that sets `kind` and makes conversations."""

    kind: type[Any]
    introduction: tuple[bytes, ...] = ()
    """The lines by which a peer says who it is."""

    def make(self, link: RecordingLink) -> IConversation:
        """A conversation with someone who is alone on the server."""
        raise NotImplementedError

    def setUp(self) -> None:
        """Begin a conversation that is not open yet."""
        self.begin()

    def begin(self) -> None:
        """Begin another."""
        self.link = RecordingLink()
        self.conversation = self.make(self.link)

    def send(self, line: bytes) -> None:
        """Deliver a line as a transport does, and see that what is written are whole frames."""
        answer = self.conversation.line_received(line)
        if answer is not None:
            self.assertIsNone(self.successResultOf(Deferred.fromCoroutine(answer)))
        self.frames()

    def frames(self) -> int:
        """How many frames were written since one looked last; fail if any is not one whole line."""
        for data in self.link.written:
            self.assertEqual(data, self.link.frame(data.decode().removesuffix("\r\n")))
            self.assertEqual(data.count(b"\n"), 1)
        return len(self.link.lines())

    def at_any_stage(self, check: Callable[[], None]) -> None:
        """Check something before the first line, and when the peer has said who it is."""
        for lines in ((), self.introduction):
            self.begin()
            self.conversation.opened()
            for line in lines:
                self.send(line)
            self.frames()
            check()

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IConversation, self.kind)
        verifyObject(IConversation, self.conversation)

    def test_silent_until_opened(self) -> None:
        """Nothing is written before the link is up."""
        self.assertEqual(self.link.written, [])

    def test_opened(self) -> None:
        """When the link is up, the conversation may speak, and does not close."""
        self.conversation.opened()
        self.frames()
        self.assertFalse(self.link.closed)

    def test_any_of_these_lines(self) -> None:
        """No line makes the conversation fail, write half a line, or hang up unasked."""

        def check() -> None:
            for line in LINES:
                self.send(line)
            self.assertFalse(self.link.closed)

        self.at_any_stage(check)

    # Each implementation runs this test by itself: that they differ is the point.
    @settings(
        deadline=None, max_examples=50, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow]
    )
    @given(lines=st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"")), max_size=6))
    def test_any_line(self, lines: list[bytes]) -> None:
        """Whatever bytes come as lines, the conversation neither fails nor writes half a line."""

        def check() -> None:
            for line in lines:
                if not self.link.closed:
                    self.send(line)

        self.at_any_stage(check)

    def test_line_too_long(self) -> None:
        """The peer is told of a line that was thrown away; that is no reason to fail."""

        def check() -> None:
            self.frames()
            self.conversation.line_too_long(4096)
            self.assertNotEqual(self.frames(), [])

        self.at_any_stage(check)

    def test_probe(self) -> None:
        """A peer that is asked for a sign of life stays connected."""

        def check() -> None:
            self.conversation.probe()
            self.frames()
            self.assertFalse(self.link.closed)

        self.at_any_stage(check)

    def test_ended(self) -> None:
        """However a connection ends, one last line is written at the most, and closing is left to the transport."""
        for ending in Ending:

            def check(ending: Ending = ending) -> None:
                self.conversation.ended(ending)
                self.assertLessEqual(self.frames(), 1)
                self.assertFalse(self.link.closed)

            self.at_any_stage(check)

    def test_ended_before_it_opened(self) -> None:
        """A server that goes down may end a connection that was never opened."""
        self.conversation.ended(Ending.SHUTDOWN)
        self.assertLessEqual(self.frames(), 1)


class PlainConversationTests(ConversationContract, SynchronousTestCase):
    """People on bare terminals."""

    kind = PlainConversation
    introduction = (b"ada",)

    def make(self, link: RecordingLink) -> IConversation:
        """A conversation on a server of its own."""
        settings = Settings()
        self.rooms = make_rooms(settings, lambda: NOON)
        return PlainConversation(link, self.rooms, settings.server.greeting)

    def test_the_person_is_gone_afterwards(self) -> None:
        """However a connection ends, the person's name is free at once."""
        for ending in Ending:
            self.begin()
            self.conversation.opened()
            self.send(b"ada")
            self.assertEqual(self.rooms.people.find("ada").name.shown, "ada")
            self.conversation.ended(ending)
            first, self.link = self.link, RecordingLink()
            again = PlainConversation(self.link, self.rooms, "")
            self.assertIsNot(first, again.link)
            self.successResultOf(Deferred.fromCoroutine(self.answer(again)))
            self.assertEqual(self.rooms.people.find("ada").name.shown, "ada")

    @staticmethod
    async def answer(conversation: IConversation) -> None:
        """Give the name `ada`."""
        answer = conversation.line_received(b"ada")
        assert answer is not None
        await answer


class IrcConversationTests(ConversationContract, SynchronousTestCase):
    """IRC clients."""

    kind = IrcConversation
    introduction = (b"NICK ada", b"USER ada 0 * :Ada")

    def make(self, link: RecordingLink) -> IConversation:
        """A conversation on a server of its own."""
        self.network = Network()
        return IrcConversation(link, self.network.server)

    def test_the_person_is_gone_afterwards(self) -> None:
        """However a connection ends, the person's name is free at once."""
        for ending in Ending:
            self.begin()
            self.conversation.opened()
            for line in self.introduction:
                self.send(line)
            self.assertEqual(self.network.rooms.people.find("ada").name.shown, "ada")
            self.conversation.ended(ending)
            self.assertIsNone(self.network.rooms.people.get("ada"))
            self.network.connect("ada")


class RecordingConversationTests(ConversationContract, SynchronousTestCase):
    """The fake that is given to whoever tests a transport."""

    kind = RecordingConversation

    def make(self, link: RecordingLink) -> IConversation:
        """A conversation that only listens."""
        return RecordingConversation(link)

    def test_remembers(self) -> None:
        """All that the transport told is there, in order."""
        conversation = RecordingConversation(self.link)
        conversation.opened()
        conversation.line_received(b"one")
        conversation.line_too_long(10)
        conversation.probe()
        conversation.ended(Ending.LOST)
        self.assertEqual(conversation.told, ["opened", b"one", ("too long", 10), "probe", Ending.LOST])
