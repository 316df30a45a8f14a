"""LIST and NAMES."""

from __future__ import annotations

from chatproto.modes import UserMode
from tests.dialects.irc.network import Client
from tests.dialects.irc.test_rooms import END, RoomCase, S


class NamesTests(RoomCase):
    """NAMES. ada is the operator of #a, in which bob is as well; eve is outside."""

    def names(self, client: Client, line: str, *lines: str) -> None:
        """Fail unless that is the answer, without server and nick."""
        self.answers(client, line, *(f"{S} {each[:3]} {client.talk.nick} {each[4:]}" for each in lines))

    def test_one(self) -> None:
        """Who is in a room is told inside and outside, each by the highest status."""
        self.ada.send("MODE #a +vhv ada bob bob")
        for client in (self.bob, self.eve):
            self.names(client, "NAMES #A", "353 = #a :@ada %bob", f"366 #a {END}")

    def test_capabilities(self) -> None:
        """With multi-prefix all statuses are told, with userhost-in-names user and host."""
        self.ada.send("MODE #a +vhv ada bob bob")
        joe = self.network.connect("joe", ["multi-prefix"])
        self.names(joe, "NAMES #a", "353 = #a :@+ada %+bob", f"366 #a {END}")
        kim = self.network.connect("kim", ["userhost-in-names"])
        self.names(kim, "NAMES #a", "353 = #a :@ada!~ada@localhost %bob!~bob@localhost", f"366 #a {END}")

    def test_several(self) -> None:
        """Of several rooms each is answered once; one that is not there, or is no room, merely ends."""
        self.network.room("#b", self.eve)
        self.names(
            self.ada,
            "NAMES #b,#none,x,#a,#B",
            "353 = #b :@eve",
            f"366 #b {END}",
            f"366 #none {END}",
            f"366 x {END}",
            "353 = #a :@ada bob",
            f"366 #a {END}",
        )
        self.names(self.ada, "NAMES :", f"366 * {END}")
        self.names(self.ada, f"NAMES #{'x' * 400}", f"366 #{'x' * 159} {END}")

    def test_secret(self) -> None:
        """A secret room has another sign, and is as if it were not there for those outside."""
        self.ada.send("MODE #a +s")
        self.names(self.bob, "NAMES #a", "353 @ #a :@ada bob", f"366 #a {END}")
        self.names(self.eve, "NAMES #a", f"366 #a {END}")
        self.eve.talk.user.become(frozenset({UserMode.OPERATOR}))
        self.names(self.eve, "NAMES #a", "353 @ #a :@ada bob", f"366 #a {END}")

    def test_private(self) -> None:
        """A private room is hidden as well, and has a sign of its own; that of a secret one, if it is both."""
        self.ada.send("MODE #a +p")
        self.names(self.bob, "NAMES #a", "353 * #a :@ada bob", f"366 #a {END}")
        self.names(self.eve, "NAMES #a", f"366 #a {END}")
        self.ada.send("MODE #a +s")
        self.names(self.bob, "NAMES #a", "353 @ #a :@ada bob", f"366 #a {END}")

    def test_invisible(self) -> None:
        """Those who are invisible are seen from within only."""
        self.bob.send("MODE bob +i")
        self.names(self.ada, "NAMES #a", "353 = #a :@ada bob", f"366 #a {END}")
        self.names(self.eve, "NAMES #a", "353 = #a :@ada", f"366 #a {END}")

    def test_all(self) -> None:
        """Without a room it lists all that one may see, and ends once."""
        self.network.room("#b", self.eve)
        self.network.room("#s", self.eve)
        self.eve.send("MODE #s +s")
        self.names(self.ada, "NAMES", "353 = #a :@ada bob", "353 = #b :@eve", f"366 * {END}")

    def test_lines(self) -> None:
        """Names are packed into lines of 510 bytes at most, and none is lost."""
        people = [self.network.connect(f"{'ä' * 20}{number}") for number in range(100, 130)]
        self.network.room("#many", *people)
        lines = self.ada.says("NAMES #many")
        self.assertEqual(lines.pop(), f"{S} 366 ada #many {END}")
        self.assertLess(max(len(line.encode()) for line in lines), 511)
        self.assertEqual(len(lines), 3)
        found = [name for line in lines for name in line.partition(" :")[2].split()]
        self.assertEqual(found, ["@" * (client is people[0]) + client.talk.nick for client in people])


class ListTests(RoomCase):
    """LIST. Of #a, #b, #c the second has a topic, which is older than the third room."""

    def setUp(self) -> None:
        """Open the rooms, ten minutes after each other."""
        super().setUp()
        self.network.now += 600
        self.network.room("#b", self.eve)
        self.eve.send("TOPIC #b :of roses")
        self.network.now += 600
        self.network.room("#c", self.ada, self.bob, self.eve)

    def lists(self, line: str, *rooms: str, client: Client | None = None) -> None:
        """Fail unless these are the rooms that `line` lists."""
        lines = (client or self.ada).says(line)
        nick = (client or self.ada).talk.nick
        self.assertEqual(lines[0], f"{S} 321 {nick} Channel :Users  Name")
        self.assertEqual(lines[-1], f"{S} 323 {nick} :End of /LIST")
        self.assertEqual([each.split()[3] for each in lines[1:-1]], list(rooms))
        self.assertEqual({each.split()[1] for each in lines[1:-1]} - {"322"}, set())

    def test_all(self) -> None:
        """Each room with somebody in it is listed with how many they are, and its topic."""
        self.answers(
            self.ada,
            "LIST",
            f"{S} 321 ada Channel :Users  Name",
            f"{S} 322 ada #a 2 :",
            f"{S} 322 ada #b 1 :of roses",
            f"{S} 322 ada #c 3 :",
            f"{S} 323 ada :End of /LIST",
        )

    def test_named(self) -> None:
        """Rooms are listed by name, each once, in any case, in the order they are asked for."""
        self.lists("LIST #c,#A,#none,#c,x", "#c", "#a")
        self.lists("LIST #none")
        self.lists("LIST :", "#a", "#b", "#c")

    def test_masks(self) -> None:
        """Rooms are listed by masks, or because masks are not theirs."""
        self.lists("LIST *B", "#b")
        self.lists("LIST #?,*b", "#a", "#b", "#c")
        self.lists("LIST #c,*b", "#b", "#c")
        self.lists("LIST !*b", "#a", "#c")
        self.lists("LIST !#A,!#c", "#b")
        self.lists("LIST #*,!*b", "#a", "#c")

    def test_people(self) -> None:
        """Rooms are listed by how many are in them."""
        self.lists("LIST >1", "#a", "#c")
        self.lists("LIST >3")
        self.lists("LIST <3", "#a", "#b")
        self.lists("LIST <1")
        self.lists("LIST >1,<3", "#a")
        self.lists("LIST #c,#a >2", "#c")

    def test_times(self) -> None:
        """Rooms are listed by how many minutes ago they were opened, or their topic was set, if they have one."""
        self.network.now += 60
        self.lists("LIST C>10", "#a", "#b")
        self.lists("LIST C>11", "#a")
        self.lists("LIST C<11", "#c")
        self.lists("LIST C<12,C>2", "#b")
        self.lists("LIST T>10", "#b")
        self.lists("LIST T<12", "#b")
        self.lists("LIST T<11")
        self.lists("LIST T>11")

    def test_secret(self) -> None:
        """A secret room is listed for those in it, and for operators of the server."""
        self.ada.send("MODE #a +s")
        for line, rooms in (("LIST", ["#b", "#c"]), ("LIST #a", []), ("LIST #A*", [])):
            self.lists(line, *rooms, client=self.eve)
        self.lists("LIST #a", "#a", client=self.bob)
        self.eve.talk.user.become(frozenset({UserMode.OPERATOR}))
        self.lists("LIST #a", "#a", client=self.eve)

    def test_many(self) -> None:
        """A long list is sent bit by bit, as the client takes it, and many rooms are looked at in the same way."""
        for number in range(150):
            self.network.connect(f"x{number}").send(f"JOIN #x{number},#y{number}")
        for line, lines, drains in (("LIST", 305, 1), ("LIST *none", 2, 2), ("LIST >9", 2, 3), ("LIST #x1", 3, 3)):
            self.assertEqual(len(self.ada.says(line)), lines)
            self.assertEqual(self.ada.link.drains, drains)
