"""What others see of where somebody comes from."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.rooms.hosts import LOCAL, Cloak


class CloakTests(SynchronousTestCase):
    """`Cloak.of`."""

    def setUp(self) -> None:
        """A cloak with a secret."""
        self.cloak = Cloak(b"secret")

    def test_hides(self) -> None:
        """The address is not in it: it is letters and digits of one length, with `.ip` behind them."""
        for address in ("192.0.2.1", "10.0.0.1", "2001:db8::1"):
            self.assertRegex(self.cloak.of(address), r"\A[a-z2-7]{16}\.ip\Z")

    def test_stays(self) -> None:
        """The same address is always shown as the same host, and another one as another."""
        self.assertEqual(self.cloak.of("192.0.2.1"), Cloak(b"secret").of("192.0.2.1"))
        self.assertEqual(len({self.cloak.of(f"192.0.2.{last}") for last in range(256)}), 256)

    def test_secret(self) -> None:
        """With another secret it is another host."""
        self.assertNotEqual(self.cloak.of("192.0.2.1"), Cloak(b"other").of("192.0.2.1"))

    def test_one_site(self) -> None:
        """All of an IPv6 network of 64 bits is one host, however it is written; the next network is another."""
        sites = {self.cloak.of(text) for text in ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", "2001:DB8:0:0::2")}
        self.assertEqual(len(sites), 1)
        self.assertNotIn(self.cloak.of("2001:db8:0:1::1"), sites)

    def test_local(self) -> None:
        """Who comes from this machine, or from no address, is from here."""
        for address in ("127.0.0.1", "127.1.2.3", "::1", "", "nonsense"):
            self.assertEqual(self.cloak.of(address), LOCAL)
