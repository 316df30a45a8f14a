"""Who is at the other end."""

from __future__ import annotations

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress, ISSLTransport
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import alsoProvides

from chatproto.interfaces import Peer
from chatproto.transports.peer import NOWHERE, peer_of


class Peers(SynchronousTestCase):
    """What `peer_of` makes of a transport."""

    def test_addresses(self) -> None:
        """An address is text; a mapped one is IPv4; no zone, and nothing that a proxy made up, is in it."""
        for address, text, local in (
            (IPv4Address("TCP", "192.0.2.1", 1), "192.0.2.1", False),
            (IPv4Address("TCP", "127.0.0.2", 1), "127.0.0.2", True),
            (IPv6Address("TCP", "::ffff:192.0.2.1", 1), "192.0.2.1", False),
            (IPv6Address("TCP", "::ffff:127.0.0.1", 1), "127.0.0.1", True),
            (IPv6Address("TCP", "::1", 1), "::1", True),
            (IPv6Address("TCP", "2001:DB8::0:1", 1), "2001:db8::1", False),
            (IPv6Address("TCP", "fe80::1%eth0", 1), "fe80::1", False),
            (IPv4Address("TCP", "junk", 1), NOWHERE, False),
            (IPv4Address("TCP", "", 1), NOWHERE, False),
            (UNIXAddress("/run/chat.sock"), "", True),
            (UNIXAddress(None), "", True),
        ):
            self.check(address, text, local=local)

    def check(self, address: IAddress, text: str, *, local: bool) -> None:
        """That address is shown so."""
        peer = peer_of(StringTransport(peerAddress=address))
        self.assertEqual(peer, Peer(text, secure=False))
        self.assertIs(peer.local, local, address)

    def test_secure(self) -> None:
        """A transport over TLS says so."""
        transport = StringTransport(peerAddress=IPv4Address("TCP", "192.0.2.1", 1))
        alsoProvides(transport, ISSLTransport)
        self.assertEqual(peer_of(transport), Peer("192.0.2.1", secure=True))
