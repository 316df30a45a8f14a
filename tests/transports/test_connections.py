"""All connections of a server: how they are let go when it ends."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Ending
from chatproto.transports.connections import SWEEP_SECONDS, Connections
from chatproto.transports.limits import LinkLimits
from tests.transports import Site


class Checked:
    """A connection that remembers what it was asked to do, and is closed when the test says so."""

    def __init__(self, connections: Connections) -> None:
        self.done: list[object] = []
        connections.add(self)

    def check(self, now: float) -> None:
        """Remember it."""
        self.done.append(now)

    def end(self, ending: Ending) -> None:
        """Remember it."""
        self.done.append(ending)

    def abort(self) -> None:
        """Remember it."""
        self.done.append("abort")


class Sweeping(SynchronousTestCase):
    """The look at all time-limits."""

    def test_everyone_is_checked(self) -> None:
        """From the start to the stop of the service, once per sweep, with the time it is."""
        clock = Clock()
        connections = Connections(clock, 5.0)
        first, second = Checked(connections), Checked(connections)
        clock.advance(10)
        self.assertEqual(first.done, [])
        connections.startService()
        clock.pump([SWEEP_SECONDS] * 2)
        connections.remove(second)
        clock.pump([SWEEP_SECONDS])
        self.assertEqual(first.done, [11.0, 12.0, 13.0])
        self.assertEqual(second.done, [11.0, 12.0])
        connections.remove(first)
        self.successResultOf(connections.stopService())
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_one_that_goes_while_it_is_checked(self) -> None:
        """A check may close its connection, or another one."""
        clock = Clock()
        connections = Connections(clock, 5.0)

        class Leaving(Checked):
            def check(self, now: float) -> None:
                super().check(now)
                connections.remove(self)

        leaving, staying = Leaving(connections), Checked(connections)
        connections.startService()
        clock.pump([SWEEP_SECONDS] * 2)
        self.assertEqual((len(leaving.done), len(staying.done), len(connections)), (1, 2, 1))

    def test_check_that_fails(self) -> None:
        """An error that reaches the sweep ends it: that is logged, and the service can be stopped all the same."""
        clock = Clock()
        connections = Connections(clock, 5.0)

        class Faulty(Checked):
            def check(self, now: float) -> None:
                raise RuntimeError("a bug in a check")

        faulty = Faulty(connections)
        connections.startService()
        clock.advance(SWEEP_SECONDS)
        self.assertEqual([failure.type for failure in self.flushLoggedErrors()], [RuntimeError])
        self.assertEqual(clock.getDelayedCalls(), [])
        connections.remove(faulty)
        self.successResultOf(connections.stopService())


class Stopping(SynchronousTestCase):
    """The end of the server."""

    def site(self) -> Site:
        """A site that runs."""
        site = Site(limits=LinkLimits(closing_seconds=5.0))
        site.connections.startService()
        return site

    def over(self, site: Site, stopped: Deferred[None]) -> None:
        """It has stopped and left nothing behind."""
        self.successResultOf(stopped)
        self.assertEqual(len(site.connections), 0)
        self.assertEqual(site.clock.getDelayedCalls(), [])

    def test_nobody(self) -> None:
        """Without connections it is over at once."""
        site = self.site()
        self.over(site, site.connections.stopService())

    def test_people_who_read(self) -> None:
        """Everybody is told, what is queued is sent, and it is over without waiting."""
        site = self.site()
        links = [site.connect() for _ in range(3)]
        links[0][0].write(b"queued\r\n")
        stopped = site.connections.stopService()
        self.assertNoResult(stopped)
        site.clock.advance(0)
        self.over(site, stopped)
        for conversation in site.conversations:
            self.assertEqual(conversation.told, ["opened", Ending.SHUTDOWN])
        self.assertEqual(links[0][1].value(), b"queued\r\nserver going down\r\n")
        self.assertEqual(links[2][1].value(), b"server going down\r\n")

    def test_everybody_goes_at_once(self) -> None:
        """Connections that close while they are told leave nothing to wait for."""
        clock = Clock()
        connections = Connections(clock, 5.0)

        class Quick(Checked):
            def end(self, ending: Ending) -> None:
                super().end(ending)
                connections.remove(self)

        people = [Quick(connections) for _ in range(3)]
        self.successResultOf(connections.stopService())
        self.assertEqual([person.done for person in people], [[Ending.SHUTDOWN]] * 3)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_one_that_cannot_be_closed(self) -> None:
        """A connection that stays even when it is aborted does not keep the server up; how many stayed is logged."""
        clock = Clock()
        connections = Connections(clock, 5.0)
        stubborn = Checked(connections)
        logged: list[LogEvent] = []
        observer: Any = logged.append
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        stopped = connections.stopService()
        clock.advance(5.0)
        self.assertEqual(stubborn.done, [Ending.SHUTDOWN, "abort"])
        self.assertNoResult(stopped)
        clock.advance(SWEEP_SECONDS)
        self.successResultOf(stopped)
        self.assertEqual([event["count"] for event in logged if "count" in event], [1])
        connections.remove(stubborn)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_one_who_never_reads(self) -> None:
        """It is waited for as long as is allowed, and then aborted; it holds up nobody else."""
        site = self.site()
        _, reader = site.connect()
        _, stalled = site.connect()
        stalled.producer.pauseProducing()
        stopped = site.connections.stopService()
        site.clock.advance(4.9)
        self.assertNoResult(stopped)
        self.assertFalse(reader.open)
        self.assertTrue(stalled.open)
        self.assertEqual(len(site.connections), 1)
        site.clock.advance(0.1)
        site.clock.advance(0)
        self.over(site, stopped)
        self.assertEqual(stalled.value(), b"")

    def test_one_who_reads_in_time(self) -> None:
        """Once the last one has taken what was queued, it is over."""
        site = self.site()
        _, slow = site.connect()
        slow.producer.pauseProducing()
        stopped = site.connections.stopService()
        site.clock.advance(2)
        self.assertNoResult(stopped)
        slow.producer.resumeProducing()
        site.clock.advance(0)
        self.over(site, stopped)
        self.assertEqual(slow.value(), b"server going down\r\n")

    def test_connection_that_comes_too_late(self) -> None:
        """Whoever comes while the server stops is told so and let go, and is waited for like the others."""
        site = self.site()
        _, stalled = site.connect()
        stalled.producer.pauseProducing()
        stopped = site.connections.stopService()
        _, late = site.connect()
        site.clock.advance(0)
        self.assertEqual(site.conversations[1].told, [Ending.SHUTDOWN])
        self.assertEqual(late.value(), b"server going down\r\n")
        self.assertFalse(late.open)
        self.assertNoResult(stopped)
        site.clock.advance(5)
        site.clock.advance(0)
        self.over(site, stopped)

    def test_without_a_start(self) -> None:
        """A server that never started can be stopped."""
        self.successResultOf(Connections(Clock(), 5.0).stopService())

    def test_again(self) -> None:
        """A server that was stopped can be started again, and lets people in."""
        site = self.site()
        self.successResultOf(site.connections.stopService())
        site.connections.startService()
        site.connect()
        self.assertEqual(site.conversations[0].told, ["opened"])
        stopped = site.connections.stopService()
        site.clock.advance(0)
        self.over(site, stopped)
