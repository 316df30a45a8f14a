"""Clients that come to somebody who is here already, from a server whose stores take their time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred

from chatproto.events import Event, Stamp
from chatproto.rooms.limits import ALWAYS_ON, ON
from chatproto.stores.markers import MemoryMarkers
from tests.dialects.irc.network import Client
from tests.dialects.irc.signing_in import S, plain
from tests.dialects.irc.test_returning import ReturningTestCase


class LateMarkers(MemoryMarkers):
    """Markers that are at hand when a test says so."""

    def __init__(self, waiting: Deferred[None]) -> None:
        super().__init__()
        self.waiting = waiting

    def ready(self, reader: str) -> Deferred[None] | None:
        """See `IMarkerStore.ready`."""
        return self.waiting


class LateCase(ReturningTestCase):
    """Ada stays."""

    def setUp(self) -> None:
        """Nothing comes from a store before the test says so."""
        super().setUp()
        self.choose(ALWAYS_ON, ON)
        self.waiting: Deferred[None] = Deferred()

    def leaves(self) -> None:
        """Ada's client quits."""
        self.network.now += 1
        self.ada.send("QUIT")
        self.network.now += 1

    def says_bob(self, *texts: str, to: str = "#a") -> None:
        """One a second."""
        for text in texts:
            self.bob.send(f"PRIVMSG {to} :{text}")
            self.network.now += 1

    def begins(self, *caps: str, first: str = "") -> tuple[Client, Deferred[None]]:
        """A client of Ada's that waits for a store. It has sent that line before it came in."""
        client = self.client()
        client.send(f"CAP REQ :{' '.join(('sasl', *caps))}", "NICK ada", "USER u 0 * :r")
        client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}", first)
        answer = client.talk.line_received(b"CAP END")
        assert answer is not None
        done = Deferred.fromCoroutine(answer)
        self.assertNoResult(done)
        return client, done

    def go_on(self, done: Deferred[None]) -> None:
        """The store answers."""
        self.waiting.callback(None)
        self.successResultOf(done)


class Reading(LateCase):
    """What was missed takes its time."""

    def setUp(self) -> None:
        """Ada was away when bob said something."""
        super().setUp()
        self.leaves()
        self.says_bob("before")
        self.says_bob("psst", to="ada")
        read = self.network.rooms.history.read

        async def late(*asked: Any, **wanted: Any) -> Sequence[tuple[Event, Stamp]]:
            await self.waiting
            return await read(*asked, **wanted)

        self.network.rooms.history.read = late  # type: ignore[method-assign]

    def said(self, client: Client) -> list[str]:
        """The words that it was sent."""
        return [line.split()[-1] for line in client.got() if " PRIVMSG " in line]

    def test_once(self) -> None:
        """What is said meanwhile is seen as it happens, and not again."""
        client, done = self.begins()
        self.says_bob("while", "more")
        self.says_bob("hey", to="ada")
        self.go_on(done)
        self.assertEqual([word.removeprefix(":") for word in self.said(client)], ["while", "more", "hey", "before",
                                                                                  "psst"])  # fmt: skip

    def test_left(self) -> None:
        """Who is not in the room any more when the answer comes does not read it."""
        client, done = self.begins()
        other, _ = self.comes()
        other.send("PART #a")
        self.go_on(done)
        self.assertEqual(self.said(client), ["psst"])

    def test_gone(self) -> None:
        """Nor does who is not connected any more."""
        client, done = self.begins()
        client.send("QUIT")
        client.got()
        self.go_on(done)
        self.assertEqual(client.got(), [])


class Markers(LateCase):
    """How far one has read takes its time, and the rooms are shown with it."""

    CAPS = ("draft/read-marker", "draft/channel-rename")

    def setUp(self) -> None:
        """Only for clients that want to know."""
        super().setUp()
        self.network.server.markers = LateMarkers(self.waiting)

    def test_gone(self) -> None:
        """Who is not connected any more then is in no room, and is not told what was said."""
        for away in (False, True):
            self.setUp()
            if away:
                self.leaves()
                self.says_bob("missed")
            client, done = self.begins(self.CAPS[0])
            client.send("QUIT")
            client.got()
            self.go_on(done)
            self.assertEqual(client.got(), [])

    def test_renamed(self) -> None:
        """What happens to a room that a client was not shown yet it is not told; it sees the room as it is then."""
        for caps in (self.CAPS[:1], self.CAPS):
            self.setUp()
            client, done = self.begins(*caps)
            client.got()
            self.bob.send("RENAME #a #tea")
            self.assertEqual(client.got(), [])
            self.go_on(done)
            self.assertEqual([line for line in client.got() if " JOIN " in line], [":ada!~u@localhost JOIN #tea"])
            self.bob.send("RENAME #tea #b")
            self.assertTrue(any("RENAME #tea #b" in line or "PART #tea" in line for line in client.got()))

    def test_said(self) -> None:
        """Nor what is said there, to all or to those who have a voice."""
        self.bob.send("MODE #a +v ada")
        client, done = self.begins(self.CAPS[0])
        client.got()
        self.bob.send("PRIVMSG #a :hi", "PRIVMSG +#a :hey")
        self.assertEqual(client.got(), [])
        self.assertEqual([line.split()[-1] for line in self.ada.got()[-2:]], [":hi", ":hey"])
        self.go_on(done)

    def test_told_of(self) -> None:
        """Nor what is told of it: it is told that once it has seen its JOIN."""
        self.bob.send("CAP REQ :batch draft/metadata-2")
        client, done = self.begins(self.CAPS[0], "batch", "draft/metadata-2", first="METADATA * SUB url")
        client.got()
        self.bob.send("METADATA #a SET url tea")
        self.assertEqual(client.got(), [])
        self.go_on(done)
        first, *got = client.got()
        self.assertIn(" JOIN #a", first)
        told = [line.partition(" ")[2] for line in got if " METADATA " in line]
        self.assertEqual(told, [f"{S} METADATA #a url * tea"])

    def test_left(self) -> None:
        """Nor that the person leaves it, or is put out of it."""
        for way in ("PART #a", "KICK #a ada"):
            self.setUp()
            client, done = self.begins(self.CAPS[0])
            client.got()
            (self.ada if way.startswith("PART") else self.bob).send(way)
            self.go_on(done)
            self.assertEqual(client.got(), [])

    def test_joined(self) -> None:
        """A room that another client joins meanwhile is shown once, and nothing was missed there."""
        self.bob.send("JOIN #b")
        self.leaves()
        self.says_bob("missed")
        self.says_bob("never", to="#b")
        client, done = self.begins(self.CAPS[0])
        other, _ = self.comes()
        other.send("JOIN #b")
        self.assertIn(":ada!~u@localhost JOIN #b", client.got())
        self.go_on(done)
        got = client.got()
        self.assertEqual([line for line in got if " JOIN " in line], [":ada!~u@localhost JOIN #a"])
        self.assertEqual([line.split()[-1] for line in got if " PRIVMSG " in line], ["missed"])


class ManyRooms(LateCase):
    """So many rooms that they are shown bit by bit."""

    def test_left(self) -> None:
        """A room that the person leaves before it was shown is not shown."""
        for number in range(99):
            self.ada.send(f"JOIN #b{number}")
        self.ada.got()
        client = self.client()

        async def drained() -> None:
            self.ada.send("PART #b90")

        self.patch(client.link, "drained", drained)
        client.send("CAP REQ sasl", "NICK ada", "USER u 0 * :r")
        client.send("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('ada')}")
        got = client.says("CAP END")
        self.assertIn(":ada!~u@localhost PART #b90", self.ada.got())
        shown = [line.split()[-1] for line in got if " JOIN " in line]
        self.assertEqual(shown, ["#a", *(f"#b{number}" for number in range(99) if number != 90)])
        self.assertFalse([line for line in got if " PART " in line])
