"""The in-memory network that tests, ours and other people's, are made of."""

from __future__ import annotations

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import AccumulatingProtocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatproto.config import Settings
from chatproto.events import Ending
from chatproto.interfaces import IConversation, ILink
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import NOON, MemoryNetwork, MemoryTransport, RecordingConversation, RecordingLink
from chatproto.transports.limits import LinkLimits


class Network(SynchronousTestCase):
    """A whole server without sockets."""

    def test_as_its_docstring_says(self) -> None:
        """People enter, speak and hear each other."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.say("hello")
        self.assertEqual(bob.heard(), ["<ada> hello"])

    def test_seen_and_heard(self) -> None:
        """What was seen has the time of day, what was heard has not; both are there once."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.say("one")
        self.assertRegex(bob.seen()[0], r"^\d\d:\d\d <ada> one$")
        self.assertEqual(bob.seen(), [])
        ada.say("two")
        self.assertEqual(bob.heard(), ["<ada> two"])
        self.assertEqual(bob.heard(), [])

    def test_settings(self) -> None:
        """It has the settings that it is given."""
        network = MemoryNetwork(Settings(rooms=RoomLimits(default_room="#hall")))
        ada = network.connect()
        ada.say("ada")
        self.assertIn("#hall", ada.heard()[-1])

    def test_clock(self) -> None:
        """Time stands still until it is told to pass."""
        network = MemoryNetwork(Settings(connections=LinkLimits(burst=1, lines_per_second=1)))
        self.assertEqual(network.clock.seconds(), NOON)
        ada = network.enter("ada")
        bob = network.enter("bob")
        ada.say("one")
        self.assertEqual(bob.heard(), [])
        network.clock.advance(1.001)
        self.assertEqual(bob.heard(), ["<ada> one"])

    def test_hanging_up(self) -> None:
        """Who hangs up is not connected any more, and the server knows."""
        network = MemoryNetwork()
        ada = network.enter("ada")
        self.assertTrue(ada.connected)
        self.assertEqual(len(network.connections), 1)
        ada.hang_up()
        self.assertFalse(ada.connected)
        self.assertEqual(len(network.connections), 0)

    def test_let_go(self) -> None:
        """Nor is who was let go by the server."""
        network = MemoryNetwork()
        ada = network.enter("ada")
        ada.say("/quit")
        self.assertFalse(ada.connected)
        self.assertEqual(len(network.connections), 0)

    def test_addresses(self) -> None:
        """People come from the address they say."""
        network = MemoryNetwork(Settings(connections=LinkLimits(per_address=1)))
        first, second, other = network.connect(), network.connect(), network.connect("192.0.2.2")
        self.assertEqual([each.connected for each in (first, second, other)], [True, False, True])


class Transports(SynchronousTestCase):
    """A connection to nowhere."""

    def test_closing(self) -> None:
        """Closing tells the protocol a moment later, once, with the reason."""
        for method, why in (("loseConnection", ConnectionDone), ("abortConnection", ConnectionAborted)):
            clock, protocol = Clock(), AccumulatingProtocol()
            transport = MemoryTransport(clock, "192.0.2.1")
            transport.connect(protocol)
            getattr(transport, method)()
            getattr(transport, method)()
            self.assertFalse(transport.open)
            self.assertFalse(protocol.closed)
            clock.advance(0)
            self.assertTrue(protocol.closed)
            assert protocol.closedReason is not None
            self.assertIsInstance(protocol.closedReason.value, why)
            self.assertEqual(clock.getDelayedCalls(), [])

    def test_without_protocol(self) -> None:
        """A transport that nobody uses can be lost."""
        transport = MemoryTransport(Clock(), "192.0.2.1")
        transport.lost(ConnectionDone())
        self.assertFalse(transport.open)


class Recording(SynchronousTestCase):
    """Fakes that remember."""

    def test_link(self) -> None:
        """A link remembers lines, settling and closing; once closed it takes nothing more."""
        link = RecordingLink()
        self.assertTrue(verifyObject(ILink, link))
        self.assertEqual((link.settled, link.closed), (False, False))
        link.write(link.frame("one") + link.frame("two"))
        link.settle()
        link.close()
        link.write(link.frame("three"))
        self.assertEqual(link.lines(), ["one", "two"])
        self.assertEqual(link.lines(), [])
        self.assertEqual((link.settled, link.closed), (True, True))

    def test_conversation(self) -> None:
        """A conversation remembers everything it was told, in order."""
        talk = RecordingConversation(RecordingLink())
        self.assertTrue(verifyObject(IConversation, talk))
        talk.opened()
        self.assertIsNone(talk.line_received(b"hello"))
        talk.line_too_long(64)
        talk.probe()
        talk.ended(Ending.LOST)
        self.assertEqual(talk.told, ["opened", b"hello", ("too long", 64), "probe", Ending.LOST])
