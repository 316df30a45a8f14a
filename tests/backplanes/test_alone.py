"""A server without peers. What every backplane must do is in `tests/contracts/test_backplane.py`."""

from __future__ import annotations

from collections.abc import Hashable

from twisted.trial.unittest import SynchronousTestCase

from chatproto.backplanes.alone import Alone
from chatproto.events import Event, Said, Stamp, Who

HELLO = Said("#a", Who("ada"), "hello")


class AloneTests(SynchronousTestCase):
    """What `Alone` promises beyond `IBackplane`: all happens at once."""

    def setUp(self) -> None:
        """Listen to a backplane whose clock the test sets."""
        self.now = 1000.0
        self.stamps: list[Stamp] = []
        self.alone = Alone(lambda: self.now)
        self.alone.deliver = self._deliver

    def _deliver(self, stream: str, event: Event, stamp: Stamp, origin: Hashable | None) -> None:
        del stream, event, origin
        self.stamps.append(stamp)

    def publish(self, stream: str = "#a") -> Stamp:
        """The stamp that the next event in `stream` gets."""
        self.alone.publish(stream, HELLO, None)
        return self.stamps[-1]

    def test_delivered_before_publish_returns(self) -> None:
        """What is published has happened."""
        for count in range(1, 4):
            self.alone.publish("#a", HELLO, None)
            self.assertEqual(len(self.stamps), count)

    def test_time_is_now(self) -> None:
        """An event has the time at which it was published."""
        self.assertEqual(self.publish().time, 1000.0)
        self.now = 1001.5
        self.assertEqual(self.publish().time, 1001.5)

    def test_time_never_goes_back(self) -> None:
        """Stamps stand still while the clock is behind what was given out, in whichever stream."""
        self.publish("#a")
        self.now = 400.0
        self.assertEqual(self.publish("#b").time, 1000.0)
        self.alone.drop("#a")
        self.assertEqual(self.publish("#a").time, 1000.0)
        self.now = 1000.25
        self.assertEqual(self.publish("#a").time, 1000.25)

    def test_epochs_are_never_given_twice(self) -> None:
        """However often streams are dropped and come again, each life has an epoch of its own, even at one time."""
        epochs = []
        for _ in range(100):
            epochs += [self.publish("#a").epoch, self.publish("#b").epoch]
            self.alone.drop("#a")
            self.alone.drop("#b")
        self.assertEqual(len(set(epochs)), 200)

    def test_epochs_of_a_later_server_are_others(self) -> None:
        """A server that is started again a millisecond later begins other epochs."""
        first = self.publish().epoch
        self.now += 0.001
        later = Alone(lambda: self.now)
        later.deliver = self._deliver
        later.publish("#a", HELLO, None)
        self.assertGreater(self.stamps[-1].epoch, first)
