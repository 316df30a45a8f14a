"""What `ILink` promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatproto.interfaces import IConversation, ILink, Peer
from chatproto.testing import MemoryTransport, RecordingConversation, RecordingLink
from chatproto.transports.connections import Connections
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line_factory import LineFactory

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


class LinkContract(_Case):
    """Mix this into a SynchronousTestCase that makes links. Classes are not verified: `write` may be an instance's."""

    link: ILink
    conversation: RecordingConversation
    """Who is told of what comes in."""

    def connect(self) -> None:
        """Set `link` and `conversation`, with the link open."""
        raise NotImplementedError

    def sent(self) -> bytes:
        """All that the peer of the link was sent, once the reactor's turn is over."""
        raise NotImplementedError

    def receive(self, data: bytes) -> None:
        """Let the peer send `data`."""

    def setUp(self) -> None:
        """Open a link."""
        self.connect()

    def test_interface(self) -> None:
        """A link that is open has all that the interface asks for."""
        verifyObject(ILink, self.link)

    def test_peer(self) -> None:
        """It is known who is at the other end, and the same after the link is closed."""
        self.assertEqual(self.link.peer, Peer("192.0.2.1", secure=False))
        self.assertFalse(self.link.peer.local)
        self.link.close()
        self.assertEqual(self.link.peer.address, "192.0.2.1")

    def test_frames_hold_a_line(self) -> None:
        """A frame has the text in UTF-8 and says where the line ends, so that frames can be joined."""
        for text in ("hello", "", "hé ☃ 𝄞", " spaces "):
            framed = self.link.frame(text)
            self.assertIsInstance(framed, bytes)
            self.assertIn(text.encode(), framed)
            self.assertGreater(len(framed), len(text.encode()))

    def test_written_in_order(self) -> None:
        """Frames arrive whole and in the order they were written."""
        frames = [self.link.frame(f"line {number}") for number in range(100)]
        for frame in frames:
            self.link.write(frame)
        self.assertEqual(self.sent(), b"".join(frames))

    def test_close_sends_what_is_queued(self) -> None:
        """What was written before `close` arrives; what is written after it does not."""
        self.link.write(self.link.frame("before"))
        self.link.close()
        self.link.write(self.link.frame("after"))
        self.assertEqual(self.sent(), self.link.frame("before"))

    def test_close_twice(self) -> None:
        """Closing what is closed does nothing."""
        self.link.write(self.link.frame("before"))
        self.link.close()
        self.link.close()
        self.assertEqual(self.sent(), self.link.frame("before"))

    def test_close_tells_the_conversation_nothing(self) -> None:
        """After `close` no line is delivered, and `ended` is not called."""
        self.receive(b"one\n")
        told = list(self.conversation.told)
        self.link.close()
        self.receive(b"two\n")
        self.sent()
        self.assertEqual(self.conversation.told, told)

    def test_write_never_calls_back(self) -> None:
        """However much is written, the conversation hears nothing of it before `write` has returned."""
        told = list(self.conversation.told)
        for _ in range(100):
            self.link.write(self.link.frame("x" * 10_000))
            self.assertEqual(self.conversation.told, told)

    def test_drained(self) -> None:
        """Whoever waits until all is sent waits no longer than that, also on a link that is closed."""
        self.link.write(self.link.frame("hello"))
        waiting = [Deferred.fromCoroutine(self.wait())]
        self.link.close()
        waiting.append(Deferred.fromCoroutine(self.wait()))
        self.assertEqual(self.sent(), self.link.frame("hello"))
        self.sent()  # Another turn of the reactor.
        for each in waiting:
            self.successResultOf(each)

    async def wait(self) -> None:
        """Until all is sent."""
        await self.link.drained()

    def test_settle(self) -> None:
        """`settle` may be called at any time and more than once, and changes nothing that the peer can see."""
        self.link.settle()
        self.link.settle()
        self.link.write(self.link.frame("hello"))
        self.link.close()
        self.link.settle()
        self.assertEqual(self.sent(), self.link.frame("hello"))


class RecordingLinkTests(LinkContract, SynchronousTestCase):
    """The fake that is given to whoever tests a dialect."""

    def connect(self) -> None:
        """A link to nowhere."""
        self.fake = RecordingLink()
        self.link = self.fake
        self.conversation = RecordingConversation(self.fake)

    def sent(self) -> bytes:
        """What it remembers."""
        return b"".join(self.fake.written)


class LineLinkTests(LinkContract, SynchronousTestCase):
    """Lines on a stream transport."""

    def connect(self) -> None:
        """A link over a TCP connection in memory."""
        self.clock = Clock()
        limits = LinkLimits(send_queue=100_000)
        connections = Connections(self.clock, limits.closing_seconds)
        factory = LineFactory(self.clock, limits, connections, self.converse)
        self.transport = MemoryTransport(self.clock, "192.0.2.1")
        self.line_link = factory.buildProtocol(None)
        self.link = self.line_link
        self.transport.connect(self.line_link)

    def converse(self, link: ILink) -> IConversation:
        """Remember who is told."""
        self.conversation = RecordingConversation(link)
        return self.conversation

    def sent(self) -> bytes:
        """What the transport was given by the end of the turn."""
        self.clock.advance(0)
        data: bytes = self.transport.value()
        return data

    def receive(self, data: bytes) -> None:
        """As a reactor would."""
        self.line_link.dataReceived(data)

    def test_delivers(self) -> None:
        """Lines reach the conversation while the link is open: without that, silence after `close` means nothing."""
        self.receive(b"one\n")
        self.assertEqual(self.conversation.told, ["opened", b"one"])
