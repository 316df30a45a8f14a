"""Any bytes in any chunks, from a client of IRC: the same effect, and nothing raised."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.dialects.irc.conversation import IrcConversation
from chatproto.dialects.irc.server import IrcServer, Surroundings
from chatproto.rooms.hosts import Cloak
from chatproto.stores.markers import MemoryMarkers
from chatproto.tap import make_factory
from chatproto.testing import MemoryNetwork, Person
from chatproto.transports.first_bytes import IRC, PLAIN
from chatproto.transports.limits import LinkLimits
from tests.fuzz.irc_words import Typist
from tests.fuzz.test_framing import CUTS, TELLING, chunks

FREE = Settings(connections=LinkLimits(burst=1_000_000, lines_per_turn=1_000_000))

REGISTERED = (
    b"CAP REQ :batch labeled-response message-tags echo-message server-time\r\nNICK ada\r\nUSER a 0 * :A\r\n"
    b"CAP END\r\nJOIN #a\r\n"
)
LATE = b"@+a=" + b"x" * 60 + b"   :somebody NICK ada\nUSER a 0 * :a\n"
"""What is told to be IRC by its last bytes."""
LINES = st.integers(0, 1_000_000).map(lambda seed: Typist(seed).irc().encode("utf-8", "surrogateescape") + b"\n")
DATA = st.tuples(
    st.sampled_from([b"", b"\r\n", REGISTERED, REGISTERED, REGISTERED, b"NICK ada\n", b"nick x\n", LATE, LATE]),
    st.lists(st.one_of(LINES, LINES, LINES, TELLING), max_size=12).map(b"".join),
).map(b"".join)
_NUMBERED = re.compile(rb"(batch=|BATCH [+-])[rs][0-9a-f]+")
"""Batches are numbered through the whole process."""


class Town(MemoryNetwork):
    """A server that takes both dialects on one port, with somebody on a terminal who sees what happens."""

    def __init__(self, takes: tuple[str, ...]) -> None:
        super().__init__(FREE)
        surroundings = Surroundings(_never, _never, lambda: len(self.connections), list, MemoryMarkers())
        self.rooms.cloak = Cloak(b"the same for all")
        irc = IrcServer(self.rooms, self.settings.irc, surroundings)
        self.eve = self.enter("eve")
        self.eve.say("/join #a", "/echo on")
        self.factory = make_factory(
            self.settings, self.clock, self.rooms, self.connections, takes, lambda link: IrcConversation(link, irc)
        )

    def outcome(self, pieces: list[bytes], *, at_once: bool) -> tuple[object, ...]:
        """What becomes of somebody who sends these: what each one sees, and how the connection is left."""
        noisy = self.connect()
        for piece in pieces:
            noisy.protocol.dataReceived(piece)
            if not at_once:
                self.settle()
        self._settle_all()
        return (*map(_seen, (noisy, self.eve)), noisy.connected, [user.who for user in self.rooms.people])

    def _settle_all(self) -> None:
        while any(call.getTime() <= self.clock.seconds() for call in self.clock.getDelayedCalls()):
            self.settle()


async def _never(*args: object) -> bool:
    return False


def _seen(person: Person) -> bytes:
    return _NUMBERED.sub(rb"\1", person.transport.value())


class AnyBytes(SynchronousTestCase):
    """Bytes to the server's transports, as they come."""

    def check(self, takes: tuple[str, ...], data: bytes, cuts: list[int]) -> None:
        """All ways to cut `data` have one outcome, and nothing is logged."""
        whole = Town(takes).outcome([data] if data else [], at_once=True)
        for at_once in (True, False):
            self.assertEqual(Town(takes).outcome(chunks(data, cuts), at_once=at_once), whole)
        self.assertEqual(self.flushLoggedErrors(), [])

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(DATA, CUTS)
    def test_irc_alone(self, data: bytes, cuts: list[int]) -> None:
        """On a port for IRC."""
        self.check((IRC,), data, cuts)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(DATA, CUTS)
    def test_one_port(self, data: bytes, cuts: list[int]) -> None:
        """On a port that looks at the first bytes."""
        self.check((PLAIN, IRC), data, cuts)
