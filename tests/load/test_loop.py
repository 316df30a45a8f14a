"""The poll loop, with pairs of sockets."""

from __future__ import annotations

import socket
from functools import partial
from math import ceil
from time import monotonic_ns as clock
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.load import loop
from chatproto.load.loop import LOOK, MILLISECOND, READ, SECOND, WRITE, Loop, Stopped
from tests.load.clocks import Steady

PATIENCE = 30 * SECOND
"""How long to wait for what takes milliseconds."""


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


class Polled:
    """A selector whose wait takes as long on such a clock as poll would make it: whole milliseconds, rounded up."""

    def __init__(self, selector: Any, clock: Steady) -> None:
        self._selector, self._clock = selector, clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)

    def select(self, seconds: float) -> Any:
        """What is ready now, or nothing, so much later."""
        ready = self._selector.select(0)
        if not ready:
            self._clock.starve(ceil(seconds * 1000) * MILLISECOND)
        return ready


class LoopTests(SynchronousTestCase):
    """What is ready is called, and what is due."""

    def setUp(self) -> None:
        """A loop."""
        self.loop = Loop()
        self.addCleanup(self.loop.close)

    def steady(self) -> Steady:
        """Have time pass only while the loop waits, as long as it asks its selectors to."""
        steady = Steady()
        self.patch(loop, "clock", steady)
        self.patch(self.loop, "_selector", Polled(self.loop._selector, steady))
        pause = SimpleNamespace(select=lambda r, w, x, seconds: steady.starve(int(seconds * SECOND)))
        self.patch(loop, "select", pause)
        return steady

    def test_ready(self) -> None:
        """Each is called for what it asked for, as long as it lasts, and no more when it is removed."""
        for prompt in (False, True):
            self._ready(Notes(self), prompt=prompt)

    def _ready(self, one: Notes, *, prompt: bool) -> None:
        self.loop.add(one.ours.fileno(), one, READ, prompt=prompt)
        one.theirs.send(b"ab")
        self.assertTrue(self.loop.run(lambda: len(one.read_at) == 2, clock() + PATIENCE))
        self.assertEqual([], one.written_at)
        self.loop.change(one.ours.fileno(), one, READ | WRITE, prompt=prompt)
        self.assertTrue(self.loop.run(lambda: bool(one.written_at), clock() + PATIENCE))
        self.loop.remove(one.ours.fileno(), prompt=prompt)
        one.theirs.send(b"c")
        self.assertFalse(self.loop.run(lambda: False, clock() + 5 * MILLISECOND))
        self.assertEqual(2, len(one.read_at))

    def test_alarms(self) -> None:
        """What is due is called in the order of its time, and not before."""
        called = self._called(clock())
        self.assertEqual(sorted(called), called)
        self.assertTrue(all(at >= due for due, at in called), called)

    def test_alarms_in_time(self) -> None:
        """Nor is it called more than a millisecond after its time, as far as that is the loop's to decide."""
        called = self._called(self.steady()())
        self.assertTrue(all(due <= at < due + MILLISECOND for due, at in called), called)

    def _called(self, now: int) -> list[tuple[int, int]]:
        """When three alarms were due, and when they rang."""
        called: list[tuple[int, int]] = []

        def note(due: int, at: int) -> None:
            called.append((due, at))

        for after in (9, 3, 6):
            due = now + after * MILLISECOND
            self.loop.at(due, partial(note, due))
        self.assertTrue(self.loop.run(lambda: len(called) == 3, now + PATIENCE))
        return called

    def test_waited(self) -> None:
        """What it waits is counted, but for what a wait lasts too long, and what those do whom it calls."""
        steady = self.steady()
        self.loop.run(lambda: False, steady() + 20 * MILLISECOND)
        waited = self.loop.waited
        self.assertTrue(15 * MILLISECOND < waited <= 20 * MILLISECOND, waited)
        one = Notes(self)

        def read(now: int) -> None:
            one.read(now)
            steady.spend(20 * MILLISECOND)

        self.loop.add(one.ours.fileno(), SimpleNamespace(read=read, write=one.write), READ)
        one.theirs.send(b"x")
        self.loop.run(lambda: bool(one.read_at), steady() + PATIENCE)
        self.assertLess(self.loop.waited - waited, 5 * MILLISECOND)
        waited = self.loop.waited

        def oversleep(patience: int) -> list[Any]:
            steady.starve(30 * MILLISECOND)
            return []

        self.patch(self.loop, "_wait", oversleep)
        self.loop.run(lambda: False, steady() + 5 * MILLISECOND)
        self.assertTrue(4 * MILLISECOND < self.loop.waited - waited <= 5 * MILLISECOND)

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
        self.assertRaises(Stopped, self.loop.run, lambda: False, clock() + PATIENCE)
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
        self.assertTrue(self.loop.run(lambda: all(one.read_at for one in slow), clock() + PATIENCE))
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
        self.loop.run(lambda: all(one.read_at for one in slow), clock() + PATIENCE)
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
        self.loop.run(lambda: all(one.read_at for one in [*slow, prompt]), clock() + PATIENCE)
        self.assertGreater(prompt.read_at[0], ended[0])
        self.assertEqual([], [one.read_at[0] for one in slow if began[0] <= one.read_at[0] < ended[0]])
