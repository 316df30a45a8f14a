"""Each way in which a server may fail its members is noticed, told, and changes the exit status."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatproto.load import run
from chatproto.load.verdict import WRONG, status
from tests.load.fakes import Deliver, FakeServer, Peer, honest
from tests.load.runs import RunCase, lying


class LyingTests(RunCase):
    """Each way in which a server may fail its members is noticed, told, and changes the exit status."""

    def told(self, words: str, wrong: tuple[int, int, int, int], deliver: Deliver) -> None:
        """A run against this one ends with these counts and a verdict that has these words."""
        found = self.play(deliver=deliver)
        self.assertEqual(wrong, self.wrong(found))
        self.assertEqual(WRONG, status(found))
        self.assertTrue(any(words in verdict for verdict in found.verdicts), found.verdicts)

    def test_lost(self) -> None:
        """A line that two of three members do not get."""
        self.told("2 lines were lost", (2, 0, 0, 0), lying(3, lambda s, speaker, others, line: others[0].send(line)))

    def test_lost_at_the_end(self) -> None:
        """Everything from some line on."""

        def deaf(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            if speaker.said < 5:
                honest(server, speaker, others, line)

        found = self.play(deliver=deaf)
        self.assertEqual(3 * (self.run_.scene.sent - 5), found.lost)
        self.assertEqual((0, WRONG), (found.underway, status(found)))

    def test_doubled(self) -> None:
        """A line that everybody gets twice."""

        def twice(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            honest(server, speaker, others, line)

        self.told("3 lines were doubled", (0, 3, 0, 0), lying(3, twice))

    def test_order(self) -> None:
        """A line that is brought after the next one."""
        kept: list[bytes] = []

        def late(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            if speaker.said == 3:
                kept.append(line)
                return
            honest(server, speaker, others, line)
            if speaker.said == 4:
                honest(server, speaker, others, kept[0])

        self.told("3 lines were out of order", (0, 0, 3, 0), late)

    def test_cut_off(self) -> None:
        """A line that comes without its end is lost."""
        self.told(
            "3 lines were lost", (3, 0, 0, 0), lying(3, lambda s, p, others, line: honest(s, p, others, line[:-9]))
        )

    def test_shortened(self) -> None:
        """A line that lacks something from its middle is lost, too."""
        self.told(
            "3 lines were lost",
            (3, 0, 0, 0),
            lying(3, lambda s, p, others, line: honest(s, p, others, line.replace(b"xx", b"x", 1))),
        )

    def test_astray(self) -> None:
        """A line that is brought to the speaker, or into another room, is told."""

        def echo(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, [*others, speaker], line)

        self.told("1 lines were brought to somebody whom they were not for", (0, 1, 0, 0), lying(3, echo))

    def test_cut(self) -> None:
        """Somebody who is cut is counted, with the server's last words; what they did not get is not lost."""

        def cut(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            others.pop().take_leave(b"ERROR :Excess Flood")
            honest(server, speaker, others, line)

        self.told('":Excess Flood" (1×)', (0, 0, 0, 1), lying(3, cut))

    def test_cut_silently(self) -> None:
        """Of one who is cut without a word no other words are told, such as those of people who joined."""

        def cut(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            others.pop().close()
            honest(server, speaker, others, line)

        self.told('"the server closed the connection" (1×)', (0, 0, 0, 1), lying(3, cut))

    def test_cut_speaker(self) -> None:
        """Lines of a speaker who was cut are not withheld: nobody is there to say them."""

        def cut(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            honest(server, speaker, others, line)
            speaker.take_leave(b"ERROR :Excess Flood")

        found = self.play(deliver=lying(3, cut), seconds=1.0)
        self.assertEqual((0, 0, 0, 1), self.wrong(found))
        self.assertEqual(0, self.run_.scene.withheld)
        self.assertTrue(4 <= self.run_.scene.sent < 100, "the end is heard a while after it, and long before the run's")
        self.assertFalse(any("not said" in verdict for verdict in found.verdicts), found.verdicts)

    def test_limited(self) -> None:
        """A server that takes lines slowly has lost nothing: what still comes is on its way."""
        self.patch(run, "DRAIN", 0.3)
        queue: list[Callable[[], None]] = []

        def slowly(server: FakeServer, speaker: Peer, others: list[Peer], line: bytes) -> None:
            queue.append(partial(honest, server, speaker, others, line))
            if speaker.said == 0:
                drip(self.clock())

        def drip(now: int) -> None:
            if queue:
                queue.pop(0)()
            self.loop.at(now + 50_000_000, drip)

        found = self.play(deliver=slowly, rate=200.0)
        self.assertEqual((0, 0, 0, 0), self.wrong(found))
        self.assertGreater(found.underway, 10)
        self.assertTrue(any("still on their way" in verdict for verdict in found.verdicts), found.verdicts)

    def test_refused(self) -> None:
        """Lines that the server refuses are lost, and its words are told."""

        def refuse(peer: Peer, line: bytes) -> bytes | None:
            if not line.startswith(b"PRIVMSG"):
                return None
            said.append(line)
            return b":fake 404 x #y :Slow down" if len(said) == 4 else None

        said: list[bytes] = []

        found = self.play(refuse=refuse)
        self.assertEqual((3, 0, 0, 0), self.wrong(found))
        self.assertTrue(any("404 x #y :Slow down" in verdict for verdict in found.verdicts), found.verdicts)
