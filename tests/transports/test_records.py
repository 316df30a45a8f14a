"""TLS without I/O, in the fast way and in the public one: both do the same."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.records import RECORD, SMALL, Broken, DirectRecords, Ended, Records, _fastest, records_of
from tests.transports.tls_peer import VERSIONS, Peer, broken, connected, in_pieces, server_side


def decrypted(records: Records) -> bytes:
    """All that can be read."""
    return b"".join(iter(records.decrypt, b""))


class Both(SynchronousTestCase):
    """What holds for either kind. Here: the public one."""

    kind: type[Records] = Records

    def test_to_and_fro(self) -> None:
        """What one side says the other one hears, in both versions of TLS; nothing more is read than was sent."""
        for version in VERSIONS:
            peer, records = connected(self.kind, version)
            self.assertEqual(records.decrypt(), b"")
            records.feed(peer.say(b"one"))
            records.feed(peer.say(b"two"))
            self.assertEqual([records.decrypt() for _ in range(3)], [b"one", b"two", b""])
            peer.take(records.encrypt(b"three"))
            self.assertEqual(peer.heard, b"three")
            self.assertEqual(records.to_send(), b"")

    def test_any_length(self) -> None:
        """However much is said at once, and whatever the buffers hold: all of it arrives."""
        for length in (1, SMALL, RECORD - 1, RECORD, RECORD + 1, 65_536, 8 * RECORD - 500, 8 * RECORD, 1_000_000):
            peer, records = connected(self.kind)
            said = bytes(number % 251 for number in range(length))
            for _ in range(2):
                peer.heard.clear()
                peer.take(records.encrypt(said))
                self.assertEqual(peer.heard, said)
                records.feed(peer.say(said))
                self.assertEqual(decrypted(records), said)

    def test_handshake_byte_by_byte(self) -> None:
        """A handshake may come in any pieces, and what is said right behind it is kept."""
        for version in VERSIONS:
            peer, records = Peer(version), server_side(self.kind)
            received, done = b"", False
            while not done:
                sent = peer.shake_hands(received)
                if version == SSL.TLS1_3_VERSION and received:
                    sent += peer.say(b"at once")
                for piece in in_pieces(sent, [1]):
                    records.feed(piece)
                    done = done or records.shake_hands()
                received = records.to_send()
            self.assertEqual(decrypted(records), b"at once" if version == SSL.TLS1_3_VERSION else b"")

    def test_handshake_with_rubbish(self) -> None:
        """It breaks, with a reason, and with an alert if it looked like TLS."""
        for rubbish, alert in (
            (b"\x16\x03\x01\x00\x05hello", b"\x15"),
            (b"\x16\x03\x01\xff\xff" * 100, b"\x15"),
            (b"hello, is this IRC?\r\n", b""),
        ):
            records = server_side(self.kind)
            records.feed(rubbish)
            with self.assertRaises(Broken) as raised:
                records.shake_hands()
            self.assertTrue(str(raised.exception))
            self.assertEqual(records.to_send()[:1], alert)
            self.assertEqual(records.close(), b"")

    def test_record_that_was_changed(self) -> None:
        """It breaks what comes after what was right, and the peer is told by an alert."""
        for version in VERSIONS:
            peer, records = connected(self.kind, version)
            records.feed(peer.say(b"right"))
            records.feed(broken(peer.say(b"wrong")))
            self.assertEqual(records.decrypt(), b"right")
            with self.assertRaises(Broken) as raised:
                records.decrypt()
            self.assertIn("bad record mac", str(raised.exception))
            with self.assertRaises(SSL.Error):
                peer.take(records.to_send())

    def test_encrypting_what_is_broken(self) -> None:
        """It says so."""
        peer, records = connected(self.kind)
        records.feed(broken(peer.say(b"wrong")))
        self.assertRaises(Broken, records.decrypt)
        self.assertRaises(Broken, records.encrypt, b"hello")

    def test_one_that_breaks_and_others(self) -> None:
        """OpenSSL's list of errors is one for all: an error on one connection stays there."""
        peer, good = connected(self.kind)
        bad_peer, bad = connected(self.kind)
        bad.feed(broken(bad_peer.say(b"wrong")))
        self.assertRaises(Broken, bad.decrypt)
        for _ in range(2):
            self.assertRaises(Broken, bad.encrypt, b"hello")
            self.assertEqual(bad.close(), b"")
            sent = peer.say(b"hello")
            good.feed(sent[:10])
            self.assertEqual(good.decrypt(), b"")
            peer.take(good.encrypt(b"hello"))
            good.feed(sent[10:])
            self.assertEqual(good.decrypt(), b"hello")

    def test_closing(self) -> None:
        """The peer sees the end after what was said. What was not said to the end of a handshake has no end either."""
        peer, records = connected(self.kind)
        peer.take(records.encrypt(b"bye") + records.close())
        self.assertEqual((bytes(peer.heard), peer.ended), (b"bye", True))
        self.assertEqual(server_side(self.kind).close(), b"")

    def test_half_closed(self) -> None:
        """After the peer's end there can be said more."""
        peer, records = connected(self.kind)
        records.feed(peer.end())
        self.assertRaises(Ended, records.decrypt)
        peer.take(records.encrypt(b"still here"))
        peer.take(records.close())
        self.assertEqual((bytes(peer.heard), peer.ended), (b"still here", True))

    def test_no_other_handshake(self) -> None:
        """A peer of TLS 1.2 that wants to shake hands again is refused that."""
        peer, records = connected(self.kind, SSL.TLS1_2_VERSION)
        peer.connection.renegotiate()
        with self.assertRaises(SSL.WantReadError):
            peer.connection.do_handshake()
        records.feed(peer.sent())
        self.assertEqual(records.decrypt(), b"")
        with self.assertRaises(SSL.Error) as raised:
            peer.shake_hands(records.to_send())
        self.assertIn("no renegotiation", str(raised.exception))


class Chunking(SynchronousTestCase):
    """Bytes that arrive as they like."""

    @settings(deadline=None, max_examples=60)
    @given(
        said=st.lists(st.binary(min_size=1, max_size=4000), min_size=1, max_size=6),
        sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=8),
        version=st.sampled_from(VERSIONS),
        kind=st.sampled_from([Records, DirectRecords]),
    )
    def test_any_chunking(self, said: list[bytes], sizes: list[int], version: int, kind: type[Records]) -> None:
        """Records arrive as they were, wherever their bytes are cut, with answers in between; and so does the end."""
        peer, records = connected(kind, version)
        sent = b"".join(map(peer.say, said))
        heard = b""
        for piece in in_pieces(sent, sizes):
            records.feed(piece)
            heard += decrypted(records)
            peer.take(records.encrypt(piece))
        self.assertEqual(heard, b"".join(said))
        self.assertEqual(peer.heard, sent)
        end = peer.end()
        records.feed(end[:-1])
        self.assertEqual(records.decrypt(), b"")
        records.feed(end[-1:])
        self.assertRaises(Ended, records.decrypt)


class Direct(Both):
    """The same, with OpenSSL called directly, and what it does beside."""

    kind = DirectRecords

    def buffers(self, records: Records) -> tuple[Any, Any]:
        """Those of OpenSSL."""
        inside: Any = records.connection
        return inside._into_ssl, inside._from_ssl

    def test_it_is_used(self) -> None:
        """With this pyOpenSSL."""
        self.assertIs(records_of, DirectRecords)

    def test_elsewhere(self) -> None:
        """Where pyOpenSSL is not as expected, its public methods are used: whether the functions are missing, or the
        connection is made of something else."""
        script = (
            "from OpenSSL import SSL, _util; _util.lib = object();"
            "from chatproto.transports import records; assert records.records_of is records.Records"
        )
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
        for error in (AttributeError, TypeError):

            def not_there(self: DirectRecords, connection: SSL.Connection, error: Any = error) -> None:
                raise error

            self.patch(DirectRecords, "__init__", not_there)
            self.assertIs(_fastest(), Records)

    def test_buffers_stay_small(self) -> None:
        """OpenSSL's buffers are replaced after more than what may stay, sent or received, at n-1, n and n+1, and after
        the handshake; not while something is in them."""
        peer, records = connected(DirectRecords)
        overhead = len(records.encrypt(b"x")) - 1
        for length, replaced in ((SMALL - 1, False), (SMALL, False), (SMALL + 1, True)):
            peer, records = connected(DirectRecords)
            before = self.buffers(records)
            records.encrypt(b"x" * (length - overhead))
            self.assertEqual(self.buffers(records) != before, replaced)
            before = self.buffers(records)
            sent = peer.say(b"x" * (length - overhead))
            self.assertEqual(len(sent), length)
            records.feed(sent)
            records.encrypt(b"")
            self.assertEqual(self.buffers(records), before)
            self.assertEqual(len(decrypted(records)), length - overhead)
            records.to_send()
            self.assertEqual(self.buffers(records) != before, replaced)

    def test_replaced_once(self) -> None:
        """A connection on which little is said keeps its buffers."""
        peer, records = connected(DirectRecords)
        before = self.buffers(records)
        for _ in range(3):
            records.feed(peer.say(b"hello"))
            decrypted(records)
            records.encrypt(b"hello")
        self.assertEqual(self.buffers(records), before)
