"""What `ICrowd` promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatproto.interfaces import ICrowd, ILink
from chatproto.testing import MemoryTransport, RecordingConversation, RecordingLink
from chatproto.transports.connections import Connections
from chatproto.transports.limits import LinkLimits
from chatproto.transports.line_factory import LineFactory

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


class CrowdContract(_Case):
    """Mix this into a SynchronousTestCase that makes links."""

    def link(self) -> ILink:
        """A new link, open."""
        raise NotImplementedError

    def sent(self, link: ILink) -> bytes:
        """All that the peer of `link` was sent, once the reactor's turn is over."""
        raise NotImplementedError

    def setUp(self) -> None:
        """A crowd of three, and a link that is not in it."""
        self.links = [self.link() for _ in range(3)]
        self.other = self.link()
        self.crowd = self.links[0].crowd()
        for link in self.links:
            self.crowd.add(link)

    def check(self, *sent: bytes) -> None:
        """That is what those in it were sent."""
        self.assertEqual([self.sent(link) for link in self.links], list(sent))

    def test_interface(self) -> None:
        """It has all that the interface asks for."""
        verifyObject(ICrowd, self.crowd)

    def test_links(self) -> None:
        """It is known who is in it, and that can be counted with as a set."""
        links = self.crowd.links
        self.assertEqual(links, set(self.links))
        self.crowd.discard(self.links[1])
        self.crowd.add(self.other)
        self.assertEqual(links, {self.links[0], self.links[2], self.other})
        self.assertEqual(links - {self.other}, {self.links[0], self.links[2]})
        self.assertEqual({self.other, self.links[1]} & links, {self.other})

    def test_written_in_order(self) -> None:
        """All in it get whole frames in the order in which they were written, and nobody else gets any."""
        frames = [b"line %d\r\n" % number for number in range(100)]
        for frame in frames:
            self.crowd.write(frame)
        self.check(*[b"".join(frames)] * 3)
        self.assertEqual(self.sent(self.other), b"")

    def test_in_several_turns(self) -> None:
        """The same if the turn ends in between."""
        for number in range(3):
            self.crowd.write(b"%d" % number)
            self.check(*[b"012"[: number + 1]] * 3)

    def test_skip(self) -> None:
        """Who is skipped does not get it, and all that came before and comes after."""
        self.crowd.write(b"1")
        self.crowd.write(b"2", skip=self.links[0])
        self.crowd.write(b"3", self.links[0])
        self.crowd.write(b"4", skip=self.links[1])
        self.crowd.write(b"5")
        self.check(b"145", b"1235", b"12345")

    def test_skip_somebody_else(self) -> None:
        """To skip who is not in it changes nothing."""
        self.crowd.write(b"1", skip=self.other)
        self.crowd.write(b"2", skip=None)
        self.check(b"12", b"12", b"12")
        self.assertEqual(self.sent(self.other), b"")

    def test_with_what_is_written_to_one(self) -> None:
        """It is in its place between what is written to all."""
        self.links[0].write(b"1")
        self.crowd.write(b"2")
        self.links[1].write(b"3")
        self.crowd.write(b"4", skip=self.links[1])
        self.links[1].write(b"5")
        self.check(b"124", b"235", b"24")

    def test_several(self) -> None:
        """Who is in several crowds gets all in order."""
        second = self.links[0].crowd()
        for link in (self.other, *self.links[:2]):
            second.add(link)
        for number in range(9):
            (second if number % 2 else self.crowd).write(b"%d" % number, self.links[1] if number > 6 else None)
        self.check(b"012345678", b"0123456", b"02468")
        self.assertEqual(self.sent(self.other), b"1357")

    def test_add(self) -> None:
        """Who comes gets what is written from then on."""
        self.crowd.write(b"1")
        self.crowd.add(self.other)
        self.crowd.write(b"2")
        self.assertEqual(self.sent(self.other), b"2")
        self.check(b"12", b"12", b"12")

    def test_discard(self) -> None:
        """Who goes gets what was written before, and no more."""
        self.crowd.write(b"1")
        self.crowd.discard(self.links[0])
        self.crowd.write(b"2")
        self.links[0].write(b"3")
        self.check(b"13", b"12", b"12")

    def test_discard_who_is_not_there(self) -> None:
        """That does nothing, at any time."""
        self.crowd.discard(self.other)
        self.crowd.write(b"1")
        self.crowd.discard(self.other)
        self.crowd.discard(self.links[0])
        self.crowd.discard(self.links[0])
        self.crowd.write(b"2")
        self.check(b"1", b"12", b"12")

    def test_come_again(self) -> None:
        """Who was away for a while lacks what was written meanwhile."""
        self.crowd.write(b"1")
        self.crowd.discard(self.links[0])
        self.crowd.write(b"2")
        self.crowd.add(self.links[0])
        self.crowd.write(b"3")
        self.check(b"13", b"123", b"123")

    def test_nobody(self) -> None:
        """To write to nobody does nothing, and it can be joined thereafter."""
        for link in self.links:
            self.crowd.discard(link)
        self.crowd.write(b"1")
        self.assertFalse(self.crowd.links)
        self.crowd.add(self.links[1])
        self.crowd.write(b"2")
        self.check(b"", b"2", b"")

    def test_who_is_closed(self) -> None:
        """Gets what was written before; the others get all."""
        self.crowd.write(b"1")
        self.links[0].close()
        self.crowd.write(b"2")
        self.check(b"1", b"12", b"12")
        self.crowd.discard(self.links[0])
        self.crowd.write(b"3", skip=self.links[0])
        self.check(b"1", b"123", b"123")

    def test_many(self) -> None:
        """It is the same with very many of them."""
        many = [self.link() for _ in range(300)]
        for link in many:
            self.crowd.add(link)
        self.crowd.write(b"1")
        self.crowd.write(b"2", skip=many[150])
        many[200].write(b"3")
        for number, link in enumerate(many):
            self.assertEqual(self.sent(link), {150: b"1", 200: b"123"}.get(number, b"12"))


class SimpleCrowdTests(CrowdContract, SynchronousTestCase):
    """The fake that is given to whoever tests rooms or a dialect."""

    def link(self) -> RecordingLink:
        """A link to nowhere."""
        return RecordingLink()

    def sent(self, link: Any) -> bytes:
        """What it remembers."""
        return b"".join(link.written)


class CrowdTests(CrowdContract, SynchronousTestCase):
    """Lines on stream transports."""

    def setUp(self) -> None:
        """A server of links."""
        self.clock = Clock()
        self.transports: list[MemoryTransport] = []
        limits = LinkLimits()
        self.factory = LineFactory(
            self.clock, limits, Connections(self.clock, limits.closing_seconds), RecordingConversation
        )
        super().setUp()

    def link(self) -> ILink:
        """A link over a TCP connection in memory."""
        link = self.factory.buildProtocol(None)
        self.transports.append(MemoryTransport(self.clock, "192.0.2.1"))
        self.transports[-1].connect(link)
        return link

    def sent(self, link: Any) -> bytes:
        """What the transport was given by the end of the turn."""
        self.clock.advance(0)
        data: bytes = link.transport.value()
        return data

    def test_write_never_calls_back(self) -> None:
        """However much is written, nothing is sent and no conversation hears of it before `write` has returned."""
        for _ in range(100):
            self.crowd.write(b"x" * 100_000)
            self.assertEqual([transport.value() for transport in self.transports], [b""] * 4)
