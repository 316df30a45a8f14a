"""The poll loop, with pairs of sockets."""

from __future__ import annotations

import select
import socket
from functools import partial
from time import monotonic_ns as clock

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load.loop import LOOK, MILLISECOND, READ, SECOND, WRITE, Loop, Stopped


class Notes:
    """Writes down what a loop calls."""

    def __init__(self, case: LoopTests, busy: int = 0) -> None:
        self.ours, self.theirs = socket.socketpair()
        case.addCleanup(self.ours.close)
        case.addCleanup(self.theirs.close)
        self.read_at: list[int] = []
        self.written_at: list[int] = []
        self.busy = busy
        """Nanoseconds that a read takes."""

    def read(self, now: int) -> None:
        """Take a byte."""
        self.ours.recv(1)
        self.read_at.append(now)
        while clock() < now + self.busy:
            pass

    def write(self, now: int) -> None:
        """There is room."""
        self.written_at.append(now)


class LoopTests(SynchronousTestCase):
    """What is ready is called, and what is due."""

    def setUp(self) -> None:
        """A loop."""
        self.loop = Loop()
        self.addCleanup(self.loop.close)

    def test_ready(self) -> None:
        """Each is called for what it asked for, as long as it lasts, and no more when it is removed."""
        for prompt in (False, True):
            self._ready(Notes(self), prompt=prompt)

    def _ready(self, one: Notes, *, prompt: bool) -> None:
        self.loop.add(one.ours.fileno(), one, READ, prompt=prompt)
        one.theirs.send(b"ab")
        self.assertTrue(self.loop.run(lambda: len(one.read_at) == 2, clock() + SECOND))
        self.assertEqual([], one.written_at)
        self.loop.change(one.ours.fileno(), one, READ | WRITE, prompt=prompt)
        self.assertTrue(self.loop.run(lambda: bool(one.written_at), clock() + SECOND))
        self.loop.remove(one.ours.fileno(), prompt=prompt)
        one.theirs.send(b"c")
        self.assertFalse(self.loop.run(lambda: False, clock() + 5 * MILLISECOND))
        self.assertEqual(2, len(one.read_at))

    def test_alarms(self) -> None:
        """What is due is called in the order of its time, not before, and no more than a few milliseconds after it."""
        called: list[tuple[int, int]] = []

        def note(due: int, at: int) -> None:
            called.append((due, at))

        now = clock()
        for after in (9, 3, 6):
            due = now + after * MILLISECOND
            self.loop.at(due, partial(note, due))
        self.assertTrue(self.loop.run(lambda: len(called) == 3, now + SECOND))
        self.assertEqual(sorted(called), called)
        self.assertTrue(all(at >= due for due, at in called), called)
        self.assertLess(min(at - due for due, at in called), 20 * MILLISECOND)

    def test_waited(self) -> None:
        """What it waits is counted, but for what a wait lasts too long, and what those do whom it calls."""
        begin = clock()
        self.loop.run(lambda: False, begin + 20 * MILLISECOND)
        waited = self.loop.waited
        self.assertTrue(10 * MILLISECOND < waited <= 20 * MILLISECOND, waited)
        one = Notes(self, busy=20 * MILLISECOND)
        self.loop.add(one.ours.fileno(), one, READ)
        one.theirs.send(b"x")
        self.loop.run(lambda: bool(one.read_at), clock() + SECOND)
        self.assertLess(self.loop.waited - waited, 10 * MILLISECOND)
        waited = self.loop.waited
        self.patch(self.loop, "_wait", lambda patience: select.select([], [], [], 0.03)[0])
        self.loop.run(lambda: False, clock() + 5 * MILLISECOND)
        self.assertLessEqual(self.loop.waited - waited, 5 * MILLISECOND)

    def test_until(self) -> None:
        """It ends at its time, and what was done before is told at once."""
        begin = clock()
        self.assertFalse(self.loop.run(lambda: False, begin + 5 * MILLISECOND))
        self.assertGreaterEqual(clock(), begin + 5 * MILLISECOND)
        self.assertTrue(self.loop.run(lambda: True, begin))

    def test_stopped(self) -> None:
        """Asked to stop, it does so at the end of a turn, once all that was ready is served."""
        notes = [Notes(self) for _ in range(3)]
        for one in notes:
            self.loop.add(one.ours.fileno(), one, READ)
            one.theirs.send(b"x")
        self.loop.at(0, lambda now: setattr(self.loop, "stopped", True))
        self.assertRaises(Stopped, self.loop.run, lambda: False, clock() + SECOND)
        self.assertEqual([1, 1, 1], [len(one.read_at) for one in notes])

    def test_prompt(self) -> None:
        """Those who are to be served promptly are, while many others keep the loop busy for a long turn."""
        slow = [Notes(self, busy=2 * LOOK) for _ in range(20)]
        for one in slow:
            self.loop.add(one.ours.fileno(), one, READ)
            one.theirs.send(b"x")
        prompt = Notes(self)
        self.loop.add(prompt.ours.fileno(), prompt, READ, prompt=True)
        self.loop.at(clock() + 5 * LOOK, lambda now: prompt.theirs.sendall(b"y"))
        self.assertTrue(self.loop.run(lambda: all(one.read_at for one in slow), clock() + SECOND))
        self.assertEqual(1, len(prompt.read_at))
        after = [one for one in slow if one.read_at[0] > prompt.read_at[0]]
        self.assertGreater(len(after), 2, "the prompt one had to wait for all others")

    def test_alarm_in_a_long_turn(self) -> None:
        """An alarm does not wait for a long turn to end either."""
        slow = [Notes(self, busy=2 * MILLISECOND) for _ in range(20)]
        for one in slow:
            self.loop.add(one.ours.fileno(), one, READ)
            one.theirs.send(b"x")
        rang: list[int] = []
        self.loop.at(clock() + 5 * MILLISECOND, rang.append)
        self.loop.run(lambda: all(one.read_at for one in slow), clock() + SECOND)
        self.assertGreater(sum(one.read_at[0] > rang[0] for one in slow), 2)

    def test_now(self) -> None:
        """What is read after an alarm is read at a time after it: what an alarm has said cannot come before it."""
        slow = [Notes(self, busy=2 * MILLISECOND) for _ in range(5)]
        for one in slow:
            self.loop.add(one.ours.fileno(), one, READ)
            one.theirs.send(b"x")
        prompt = Notes(self)
        self.loop.add(prompt.ours.fileno(), prompt, READ, prompt=True)
        began: list[int] = []
        ended: list[int] = []

        def ring(now: int) -> None:
            began.append(now)
            prompt.theirs.sendall(b"y")
            while clock() < now + 2 * MILLISECOND:
                pass
            ended.append(clock())

        self.loop.at(clock() + 3 * MILLISECOND, ring)
        self.loop.run(lambda: all(one.read_at for one in [*slow, prompt]), clock() + SECOND)
        self.assertGreater(prompt.read_at[0], ended[0])
        self.assertEqual([], [one.read_at[0] for one in slow if began[0] <= one.read_at[0] < ended[0]])
