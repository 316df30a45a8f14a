"""What `IBackplane` promises."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyClass, verifyObject

from chatproto.backplanes.alone import Alone
from chatproto.events import Event, Said, Stamp, Who
from chatproto.interfaces import IBackplane
from chatproto.testing import NOON

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


def said(text: object) -> Said:
    """Something that happens."""
    return Said("#a", Who("ada"), str(text))


class BackplaneContract(_Case):
    """Mix this into a SynchronousTestCase that sets `kind` and makes backplanes."""

    kind: type[Any]

    def make(self) -> IBackplane:
        """A backplane that nobody has used."""
        raise NotImplementedError

    def settle(self) -> None:
        """Let everything happen that was published."""

    def setUp(self) -> None:
        """Listen to a new backplane."""
        self.heard: list[tuple[str, Event, Stamp, Hashable | None]] = []
        self.backplane = self.make()
        self.backplane.deliver = lambda *happened: self.heard.append(happened)

    def claim(self, token: str) -> bool:
        """Whether `token` was free."""

        async def free() -> bool:
            return await self.backplane.claim(token)

        answer = Deferred.fromCoroutine(free())
        self.settle()
        return bool(self.successResultOf(answer))

    def publish(self, *streams: str) -> list[Stamp]:
        """Let something happen in each of `streams`; the stamps it got."""
        self.heard.clear()
        for stream in streams:
            self.backplane.publish(stream, said(stream), None)
        self.settle()
        return [stamp for _, _, stamp, _ in self.heard]

    def test_interface(self) -> None:
        """The class and its instances have all that the interface asks for."""
        verifyClass(IBackplane, self.kind)
        verifyObject(IBackplane, self.backplane)

    def test_all_is_delivered_once_in_order(self) -> None:
        """Each event comes back once, with its stream and its origin, in the order of publishing."""
        origin = object()
        for number in range(5):
            self.backplane.publish("#a", said(number), origin)
        self.backplane.publish("", said("nowhere"), None)
        self.settle()
        self.assertEqual(
            [(stream, event, whose) for stream, event, _, whose in self.heard],
            [("#a", said(number), origin) for number in range(5)] + [("", said("nowhere"), None)],
        )

    def test_offsets_have_no_gaps(self) -> None:
        """Each stream is numbered from 1 on its own, however the streams are mixed."""
        stamps = self.publish("#a", "#b", "#a", "", "#a", "#b", "")
        self.assertEqual([stamp.offset for stamp in stamps], [1, 1, 2, 1, 3, 2, 2])

    def test_one_life_is_one_epoch(self) -> None:
        """The epoch of a stream stays while the stream does."""
        stamps = self.publish("#a", "#b", "#a", "#b")
        self.assertEqual(stamps[0].epoch, stamps[2].epoch)
        self.assertEqual(stamps[1].epoch, stamps[3].epoch)

    def test_drop_begins_another_epoch(self) -> None:
        """A stream that comes again after `drop` counts from 1 in another epoch; other streams go on."""
        first, other = self.publish("#a", "#b")
        self.backplane.drop("#a")
        again, next_other = self.publish("#a", "#b")
        self.assertNotEqual(again.epoch, first.epoch)
        self.assertEqual(again.offset, 1)
        self.assertEqual((next_other.epoch, next_other.offset), (other.epoch, 2))

    def test_drop_of_nothing(self) -> None:
        """Dropping a stream in which nothing happened does nothing."""
        self.backplane.drop("#never")
        self.assertEqual(self.publish("#never")[0].offset, 1)

    def test_time_never_goes_back(self) -> None:
        """Later stamps have no earlier time."""
        times = [stamp.time for stamp in self.publish("#a", "#b", "#a", "")]
        self.assertEqual(times, sorted(times))

    def test_claims(self) -> None:
        """A token is held by the first who claims it, until it is released."""
        self.assertIs(self.claim("ada"), True)
        self.assertIs(self.claim("ada"), False)
        self.assertIs(self.claim("bob"), True)
        self.backplane.release("ada")
        self.assertIs(self.claim("ada"), True)
        self.assertIs(self.claim("bob"), False)

    def test_refused_claim_leaves_the_holder_alone(self) -> None:
        """A claim that is refused does not take anything: one release frees the token for one."""
        self.claim("ada")
        self.claim("ada")
        self.backplane.release("ada")
        self.assertEqual([self.claim("ada"), self.claim("ada")], [True, False])


class AloneTests(BackplaneContract, SynchronousTestCase):
    """A server without peers."""

    kind = Alone

    def make(self) -> IBackplane:
        """A backplane at noon."""
        return Alone(lambda: NOON)
