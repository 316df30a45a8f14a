"""Who is at the other end."""

from __future__ import annotations

from typing import Any

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
        """A transport over TLS says so, and what certificate the peer has shown, if it is not over yet."""
        for shown, fingerprint in ((lambda: None, ""), (_over, ""), (_Certificate, "0aff")):
            transport: Any = StringTransport(peerAddress=IPv4Address("TCP", "192.0.2.1", 1))
            transport.getPeerCertificate = shown
            alsoProvides(transport, ISSLTransport)
            self.assertEqual(peer_of(transport), Peer("192.0.2.1", True, fingerprint))


class _Certificate:
    """One whose digest is short."""

    def digest(self, name: str) -> bytes:
        """As pyOpenSSL tells it."""
        assert name == "sha256"
        return b"0A:FF"


def _over() -> None:
    """What Twisted's TLS comes to once it has no connection."""
    raise AttributeError
