"""A room in which more is said than can be sent at once: who says it waits, and nobody else does."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.interfaces import ILink
from chatproto.transports.crowd import AT_ONCE, Crowd
from chatproto.transports.limits import LinkLimits
from chatproto.transports.turn import SENDING_SECONDS, Turn
from tests.transports import Echo, Site
from tests.transports.test_outbox import Pieces
from tests.transports.test_turn import Costly, Member, Turning

MOST = 1000
MEMBERS = 5 * AT_ONCE


class Bound(SynchronousTestCase):
    """What may wait in a crowd."""

    def setUp(self) -> None:
        """A crowd of one."""
        self.clock = Turning()
        self.turn = Turn(self.clock)
        self.crowd = Crowd(self.turn, MOST)
        self.crowd.add(Member(self.turn, Pieces()))

    def test_bytes(self) -> None:
        """n-1 and n bytes may; n+1 are too many until they are sent."""
        for size, crowded in ((MOST - 1, None), (MOST, None), (MOST + 1, self.crowd)):
            self.turn.crowded = None
            self.crowd.write(b"x" * 10)
            self.crowd.write(b"x" * (size - 10))
            self.assertIs(self.turn.crowded, crowded)
            self.clock.turns()
        self.turn.crowded = None
        self.crowd.write(b"x")
        self.assertIsNone(self.turn.crowded)

    def test_caught_up(self) -> None:
        """Each who waits is called once, when a round is over."""
        called: list[int] = []
        self.crowd.write(b"x" * (MOST + 1))
        for number in range(2):
            self.crowd.when_caught_up(lambda number=number: called.append(number))  # type: ignore[misc]
        self.assertEqual(called, [])
        self.clock.turns()
        self.crowd.write(b"x")
        self.clock.turns()
        self.assertEqual(called, [0, 1])


class Flooding(SynchronousTestCase):
    """A flood in a crowd that takes several turns."""

    def setUp(self) -> None:
        """Each `send` takes so long that a round takes five turns. All read what they are sent, and at once."""
        self.clock = Turning()
        self.site = Site(self.clock, LinkLimits(lines_per_turn=1000, burst=10_000), self.talk)
        self.turn = self.site.factory.turn
        self.crowd = Crowd(self.turn, MOST)
        self.members = [
            Member(self.turn, Costly(self.clock, SENDING_SECONDS / AT_ONCE * 1.01), 2 * MOST) for _ in range(MEMBERS)
        ]
        for member in self.members:
            self.crowd.add(member)
        self.said: list[bytes] = []

    def talk(self, link: ILink) -> Echo:
        """What it hears it says in the crowd, but for what begins with a question mark."""

        class Speaking(Echo):
            def line_received(talk, line: bytes) -> None:  # noqa: N805
                super().line_received(line)
                if not line.startswith(b"?"):
                    self.said.append(line)
                    self.crowd.write(line + b"\n")

        return Speaking(link)

    def test_speakers_wait(self) -> None:
        """So that no more waits than may, and a line of each; nothing is lost, and nobody who reads is cut."""
        links = [self.site.connect()[0] for _ in range(4)]
        for turn in range(20):
            for number, link in enumerate(links):
                link.dataReceived(b"".join(b"%d %2d %2d %s\n" % (number, turn, n, b"." * 90) for n in range(20)))
            self.clock.turn()
            self.assertLessEqual(sum(len(data) for _, data in self.crowd._frames), MOST + len(links) * 100)
        self.clock.turns(10_000)
        self.assertEqual(len(self.said), 4 * 20 * 20)
        for number in range(4):
            mine = [line for line in self.said if line[:1] == b"%d" % number]
            self.assertEqual(mine, sorted(mine))
        said = b"".join(line + b"\n" for line in self.said)
        for member in self.members:
            self.assertEqual((member.sent, member.overflows), (said, 0))

    def test_others_do_not(self) -> None:
        """Who says nothing there is answered in the next turn."""
        loud, quiet = (self.site.connect()[0] for _ in range(2))
        loud.dataReceived(b"".join(b"%03d %s\n" % (n, b"." * 95) for n in range(100)))
        for turn in range(3):
            quiet.dataReceived(b"?%d\n" % turn)
            self.assertEqual(self.site.conversations[1].told[-1], b"?%d" % turn)
            self.clock.turn()
        self.assertEqual(len(self.said), 11)

    def test_one_that_leaves_meanwhile(self) -> None:
        """Its lines are not said any more, and nothing else happens."""
        loud, _ = self.site.connect()
        loud.dataReceived(b"".join(b"%03d %s\n" % (n, b"." * 95) for n in range(100)))
        loud.abort()
        self.clock.turns()
        self.assertEqual(len(self.said), 11)
