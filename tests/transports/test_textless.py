"""Peers of TLS that send what is no text: how much of it is borne, and what it costs the others."""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.error import ConnectionLost
from twisted.trial.unittest import SynchronousTestCase

from chatproto.transports.records import RECORD, Broken, Records
from chatproto.transports.textless import FORGIVEN, MOST_TEXTLESS, PER_RECORD, SLICE, Textless
from tests.transports.test_tls_connection import KINDS, Line
from tests.transports.tls_peer import Raw

NEW_KEY = 27
"""Bytes of a record that brings one."""
EMPTY = 22
"""Bytes of a record beside its text."""


def connected(kind: type = KINDS[-1]) -> tuple[Line, Raw]:
    """A connection, and a peer that makes its records itself; hands are shaken."""
    raw = Raw()
    line = Line(kind)
    line.peer = raw
    return line.shake_hands(), raw


class Counting(SynchronousTestCase):
    """What counts."""

    def assert_over(self, textless: Textless, length: int, now: float = 0.0) -> None:
        """So much more is too much, and one less is not."""
        textless.add(length - 1, now)
        with self.assertRaises(Broken):
            textless.add(1, now)

    def test_bound(self) -> None:
        """It is n that may come, at once or one after the other."""
        for length in (MOST_TEXTLESS - 1, MOST_TEXTLESS):
            Textless().add(length, 0.0)
        with self.assertRaises(Broken):
            Textless().add(MOST_TEXTLESS + 1, 0.0)
        self.assert_over(Textless(), MOST_TEXTLESS + 1)

    def test_time(self) -> None:
        """It forgives so much in a second, and never what has not come yet."""
        textless = Textless()
        textless.add(MOST_TEXTLESS, 100.0)
        self.assert_over(textless, FORGIVEN // 2 + 1, 100.5)
        textless = Textless()
        textless.add(1, 0.0)
        self.assert_over(textless, MOST_TEXTLESS + 1, 1000.0)

    def test_clock_that_is_set_back(self) -> None:
        """That is no time at all."""
        textless = Textless()
        textless.add(MOST_TEXTLESS, 100.0)
        textless.add(0, 50.0)
        self.assert_over(textless, FORGIVEN + 1, 51.0)

    def test_text(self) -> None:
        """What turned out to be text does not count, and pays for nothing that comes after it."""
        textless = Textless()
        textless.add(1000, 0.0)
        textless.add(-5000, 0.0)
        self.assertEqual(textless.owed, 0)
        self.assert_over(textless, MOST_TEXTLESS + 1)


class Noting(Records):
    """Notes how much is decrypted."""

    def __init__(self, connection: SSL.Connection) -> None:
        super().__init__(connection)
        self.fed: list[int] = []

    def feed(self, data: bytes) -> None:
        """Note it."""
        self.fed.append(len(data))
        super().feed(data)


class NewKeys(SynchronousTestCase):
    """What comes in."""

    def test_some(self) -> None:
        """A peer may have new keys as often as anybody needs; what is said with them is heard, and so are we."""
        for kind in KINDS:
            line, raw = connected(kind)
            for number in range(50):
                line.tls.dataReceived(raw.new_key() + raw.new_key() + raw.say(b"%d " % number))
            self.assertEqual(line.inner.heard, b"".join(b"%d " % number for number in range(50)))
            self.assertEqual(line.tls._textless.owed, 0)
            line.tls.write(b"hello")
            self.assertEqual(line.hear(), b"hello")

    def test_bound(self) -> None:
        """Of those without text between them n bytes are borne, and n+1 are not, however they are cut."""
        count, rest = divmod(MOST_TEXTLESS, NEW_KEY)
        for more, over in ((-1, False), (0, False), (1, True)):
            for size in (NEW_KEY, 1000, 2 * MOST_TEXTLESS):
                line, raw = connected()
                sent = b"".join(raw.new_key() for _ in range(count - 1)) + raw.new_key(rest + more)
                self.assertEqual(len(sent), MOST_TEXTLESS + more)
                for start in range(0, len(sent), size):
                    line.tls.dataReceived(sent[start : start + size])
                self.assertEqual(line.net.disconnecting, over)
                line.clock.advance(0)
                self.assertEqual(line.inner.told, ["ready", ConnectionLost] if over else ["ready"])

    def test_in_one_read(self) -> None:
        """Of a long read no more is decrypted than it takes to know."""
        line, raw = connected()
        noting = Noting(line.records.connection)
        line.tls._records = noting
        line.tls.dataReceived(b"".join(raw.new_key() for _ in range(2 * MOST_TEXTLESS // NEW_KEY)))
        self.assertTrue(line.net.disconnecting)
        self.assertLessEqual(max(noting.fed), SLICE)
        self.assertLessEqual(sum(noting.fed), MOST_TEXTLESS + SLICE)

    def test_little_text_between(self) -> None:
        """It pays for little more than its own record."""
        line, raw = connected()
        while not line.net.disconnecting:
            self.assertLess(len(line.inner.heard), 100)
            line.tls.dataReceived(b"".join(raw.new_key() for _ in range(40)) + raw.say(b"x"))

    def test_as_time_goes_by(self) -> None:
        """Fewer than are forgiven may come for ever."""
        line, raw = connected()
        for _ in range(100):
            line.tls.dataReceived(b"".join(raw.new_key() for _ in range(FORGIVEN // 10 // NEW_KEY)))
            line.clock.advance(0.1)
        self.assertFalse(line.net.disconnecting)


class Text(SynchronousTestCase):
    """Who has something to say."""

    def test_byte_by_byte(self) -> None:
        """The shortest of records are text, and so is what is padded a little."""
        line, raw = connected()
        for _ in range(1000):
            line.tls.dataReceived(raw.say(b"x", PER_RECORD - EMPTY))
        self.assertEqual(len(line.inner.heard), 1000)
        self.assertEqual(line.tls._textless.owed, 0)

    def test_padding(self) -> None:
        """Records of full length with one byte of text may come now and then."""
        line, raw = connected()
        for _ in range(10):
            line.tls.dataReceived(raw.say(b"x", RECORD - 1))
            line.clock.advance(1)
        self.assertEqual(len(line.inner.heard), 10)

    def test_long_records(self) -> None:
        """Records of full length count for nothing once they are whole, however slowly they come."""
        line, raw = connected()
        for _ in range(10):
            record = raw.say(b"x" * RECORD)
            for start in range(0, len(record), 1400):
                line.tls.dataReceived(record[start : start + 1400])
            self.assertEqual(line.tls._textless.owed, 0)
        self.assertEqual(len(line.inner.heard), 10 * RECORD)

    def test_paused(self) -> None:
        """What waits while nothing is wanted is not counted before it is known what it is."""
        line, raw = connected()
        line.tls.pauseProducing()
        said = b"".join(raw.say(b"x" * 100) for _ in range(1000))
        line.tls.dataReceived(said)
        self.assertFalse(line.net.disconnecting)
        line.tls.resumeProducing()
        line.clock.advance(0)
        self.assertEqual(len(line.inner.heard), 100_000)
        line.tls.pauseProducing()
        line.tls.dataReceived(b"".join(raw.new_key() for _ in range(MOST_TEXTLESS // NEW_KEY + 1)))
        line.clock.advance(0)
        self.assertFalse(line.net.disconnecting)
        line.tls.resumeProducing()
        line.clock.advance(0)
        self.assertTrue(line.net.disconnecting)
