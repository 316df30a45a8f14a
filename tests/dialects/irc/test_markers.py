"""How far people have read (MARKREAD)."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatproto.dialects.irc.markers import OWN_MARKERS, Own
from chatproto.errors import Unavailable
from chatproto.interfaces import IMarkerStore
from chatproto.rooms.user import Session
from chatproto.stores.markers import MemoryMarkers
from chatproto.testing import NOON
from tests.dialects.irc.network import Client, Network
from tests.dialects.irc.past import S, timestamp

CAP = "draft/read-marker"


def second_client(network: Network, first: Client, *caps: str) -> Client:
    """Another connection of the same person."""
    client = Client(network)
    client.talk.registration = None
    client.talk.set_caps(frozenset(caps))
    session: Session = client.talk.session
    session.user = first.talk.user
    session.user.sessions.append(session)
    network.rooms.people.sessions += 1
    return client


class MarkersCase(SynchronousTestCase):
    """ada is in #a, with the capability."""

    def setUp(self) -> None:
        """Let her in."""
        self.network = Network()
        self.ada = self.network.connect("ada", [CAP])
        self.network.room("#a", self.ada)

    def log_in(self, client: Client, account: str = "Ada") -> None:
        """Have an account, as if it were proven."""
        client.talk.user.looks(account=account)


class Verb(MarkersCase):
    """What is asked and set."""

    def test_set_and_get(self) -> None:
        """It is what was set last, under whatever case; before that it is not known."""
        self.assertEqual(self.ada.says("MARKREAD #a"), [f"{S} MARKREAD #a *"])
        line = f"{S} MARKREAD #a {timestamp(NOON - 9)}"
        self.assertEqual(self.ada.says(f"MARKREAD #A {timestamp(NOON - 9)}"), [line])
        self.assertEqual(self.ada.says("MARKREAD #A"), [line])

    def test_only_forward(self) -> None:
        """An earlier time, and the same, are answered with what is known."""
        self.ada.send(f"MARKREAD #a {timestamp(NOON - 5)}")
        for earlier in (NOON - 5, NOON - 6):
            self.assertEqual(
                self.ada.says(f"MARKREAD #a {timestamp(earlier)}"), [f"{S} MARKREAD #a {timestamp(NOON - 5)}"]
            )

    def test_not_ahead(self) -> None:
        """What is not said yet was not read."""
        self.assertEqual(self.ada.says(f"MARKREAD #a {timestamp(NOON + 99)}"), [f"{S} MARKREAD #a {timestamp(NOON)}"])

    def test_people(self) -> None:
        """People are marked by their accounts, whatever they are called; others by their names."""
        bob = self.network.connect("bob")
        self.log_in(bob, "robert")
        self.ada.send(f"MARKREAD Bob {timestamp(NOON)}")
        bob.send("NICK bert")
        self.ada.got()
        self.assertEqual(self.ada.says("MARKREAD bert"), [f"{S} MARKREAD bert {timestamp(NOON)}"])
        self.assertEqual(self.ada.says("MARKREAD bob"), [f"{S} MARKREAD bob *"])
        self.assertEqual(self.ada.says("MARKREAD robert"), [f"{S} MARKREAD robert {timestamp(NOON)}"])

    def test_elsewhere(self) -> None:
        """Rooms that one is not in can be marked, and one does not learn whether they are there."""
        self.network.room("#Secret", self.network.connect("bob"))
        for name in ("#secret", "#none"):
            self.assertEqual(
                self.ada.says(f"MARKREAD {name} {timestamp(NOON)}"), [f"{S} MARKREAD {name} {timestamp(NOON)}"]
            )

    def test_refused(self) -> None:
        """It is told what is wrong."""
        for line, answer in (
            ("MARKREAD", "NEED_MORE_PARAMS :Missing parameters"),
            ("MARKREAD #a *", "INVALID_PARAMS * :Invalid timestamp"),
            ("MARKREAD #a 2027-01-15T08:00:00.000Z", "INVALID_PARAMS 2027-01-15T08:00:00.000Z :Invalid timestamp"),
            ("MARKREAD :a b", "INVALID_PARAMS * :Invalid target"),
            (f"MARKREAD {'x' * 161}", f"INVALID_PARAMS {'x' * 160} :Invalid target"),
        ):
            self.assertEqual(self.ada.says(line), [f"{S} FAIL MARKREAD {answer}"])

    def test_without_the_capability(self) -> None:
        """Who asks is answered."""
        bob = self.network.connect("bob")
        self.assertEqual(bob.says("MARKREAD #a"), [f"{S} MARKREAD #a *"])


class Coming(MarkersCase):
    """What is told without being asked."""

    def test_on_coming_in(self) -> None:
        """Between JOIN and the end of the names, and to those who asked for it."""
        self.ada.send(f"MARKREAD #a {timestamp(NOON)}")
        self.ada.send("PART #a")
        for caps, lines in (((CAP,), 4), ((CAP, "no-implicit-names"), 2)):
            self.ada.send(f"CAP REQ :{' '.join(caps)}")
            found = self.ada.says("JOIN #a")
            self.assertEqual((found[1], len(found)), (f"{S} MARKREAD #a {timestamp(NOON)}", lines))
            self.ada.send("PART #a")
        self.assertEqual(self.ada.says("JOIN #b")[1], f"{S} MARKREAD #b *")
        bob = self.network.connect("bob")
        self.assertNotIn("MARKREAD", "".join(bob.says("JOIN #b")))

    def test_other_clients(self) -> None:
        """The other clients of the same person are told what is new, if they asked for it; other people are not."""
        again, old = second_client(self.network, self.ada, CAP), second_client(self.network, self.ada)
        bob = self.network.connect("bob", [CAP])
        self.network.room("#a", bob)
        line = f"{S} MARKREAD #a {timestamp(NOON - 1)}"
        self.assertEqual(self.ada.says(f"MARKREAD #a {timestamp(NOON - 1)}"), [line])
        self.assertEqual((again.got(), old.got(), bob.got()), ([line], [], []))
        self.ada.send(f"MARKREAD #a {timestamp(NOON - 1)}", f"MARKREAD #a {timestamp(NOON - 2)}")
        self.assertEqual((again.got(), old.got(), bob.got()), ([], [], []))


class Accounts(MarkersCase):
    """Whose they are."""

    def test_of_the_account(self) -> None:
        """They are there for whoever is logged in, and for nobody else."""
        self.log_in(self.ada)
        self.ada.send(f"MARKREAD #a {timestamp(NOON)}", "QUIT")
        for account, found in (("ada", timestamp(NOON)), ("bob", "*"), ("", "*")):
            client = self.network.connect(f"x{account}", [CAP])
            self.log_in(client, account)
            self.assertEqual(client.says("JOIN #a")[1], f"{S} MARKREAD #a {found}")

    def test_of_the_connection(self) -> None:
        """Those of a connection that is not logged in end with it."""
        self.ada.send(f"MARKREAD #a {timestamp(NOON)}", "QUIT")
        self.assertEqual(self.network.connect("ada", [CAP]).says("MARKREAD #a"), [f"{S} MARKREAD #a *"])

    def test_bound(self) -> None:
        """Of too many of these, those that were moved longest ago are forgotten."""
        own = Own()
        for number in range(OWN_MARKERS):
            own.move(str(number), 1.0)
        own.move("0", 2.0)
        own.move("new", 1.0)
        self.assertEqual((len(own), own.get("0"), own.get("1"), own.get("new")), (OWN_MARKERS, 2.0, None, 1.0))


class LateMarkers(MemoryMarkers):
    """Knows nothing until a test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: Deferred[None] = Deferred()

    def ready(self, reader: str) -> Deferred[None]:
        """Wait."""
        return self.waiting


class Waiting(MarkersCase):
    """A store that takes its time, or fails."""

    def setUp(self) -> None:
        """ada is logged in."""
        super().setUp()
        self.log_in(self.ada)
        self.store = self.network.server.markers = LateMarkers()
        self.store.move("ada", "#b", NOON - 1)

    def begins(self, line: str) -> Deferred[None]:
        """Send a line that waits."""
        answer = self.ada.talk.line_received(line.encode())
        assert answer is not None
        done = Deferred.fromCoroutine(answer)
        self.assertNoResult(done)
        self.assertEqual(self.ada.got(), [])
        return done

    def test_interface(self) -> None:
        """It is a store."""
        self.assertTrue(verifyObject(IMarkerStore, self.store))

    def test_coming_in(self) -> None:
        """Who comes into a room is told when it is known; who cannot be, is told that nothing is."""
        done = self.begins("JOIN #b")
        self.store.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(self.ada.got()[1], f"{S} MARKREAD #b {timestamp(NOON - 1)}")
        self.store.waiting = Deferred()
        done = self.begins("JOIN #c")
        self.store.waiting.errback(Unavailable())
        self.successResultOf(done)
        self.assertEqual(self.ada.got()[1], f"{S} MARKREAD #c *")

    def test_asking(self) -> None:
        """The same for who asks; that it fails is told."""
        done = self.begins("MARKREAD #b")
        self.store.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(self.ada.got(), [f"{S} MARKREAD #b {timestamp(NOON - 1)}"])
        self.store.waiting = Deferred()
        done = self.begins("MARKREAD #b")
        self.store.waiting.errback(Unavailable())
        self.successResultOf(done)
        self.assertEqual(
            self.ada.got(), [f"{S} FAIL MARKREAD INTERNAL_ERROR #b :The read timestamp is not to be had now"]
        )

    def test_gone_meanwhile(self) -> None:
        """If the connection ends nothing is sent or raised, and nobody comes in."""
        for line in ("JOIN #b", f"MARKREAD #b {timestamp(NOON)}"):
            done = self.begins(line)
            self.network.rooms.quit(self.ada.talk.session, "gone")
            self.store.waiting.callback(None)
            self.successResultOf(done)
            self.assertEqual((self.ada.got(), self.network.rooms.directory.get("#b")), ([], None))
            self.setUp()
