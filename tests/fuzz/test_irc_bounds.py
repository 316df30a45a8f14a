"""What clients of IRC can fill has bounds, on the whole server: from its transports to its rooms."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.response import LONGEST_LABEL
from chatproto.dialects.irc.table import VERBS
from chatproto.events import Who
from chatproto.rooms.names import Name
from chatproto.rooms.user import User
from chatproto.testing import Person
from chatproto.transports.first_bytes import IRC, PLAIN
from tests.fuzz.test_irc import Town

CLOSING = "ERROR :Closing Link: ({})"
PEOPLE = 20_000


class Bounds(SynchronousTestCase):
    """Clients on a port that takes IRC and plain lines."""

    def setUp(self) -> None:
        """A server."""
        self.town = Town((PLAIN, IRC))
        self.limits = self.town.settings.connections
        self.town.connections.startService()

    hosts = 0

    def connect(self, *lines: str) -> Person:
        """A client that has sent these lines."""
        self.hosts += 1
        client = self.town.connect(f"192.0.{self.hosts // 100}.1")
        client.say(*lines)
        return client

    def enter(self, nick: str, caps: str = "batch") -> Person:
        """One that is registered, and has read its welcome."""
        client = self.connect(f"CAP REQ :{caps}", f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END")
        assert client.seen()[-1].split()[1] == "422"
        return client

    def pass_time(self, seconds: float) -> None:
        """Let time pass, a second at a time."""
        for _ in range(round(seconds)):
            self.town.clock.advance(1)
            self.town.settle()

    def test_no_name_in_time(self) -> None:
        """Who has not registered in time is told so and cut, whatever it sends meanwhile; who has, is not."""
        ada = self.enter("ada")
        silent, talking = self.connect("CAP LS 302"), self.connect("NICK eve2")
        for _ in range(3):
            self.pass_time(self.limits.login_seconds / 3)
            talking.say("CAP LS", "PING x")
        self.pass_time(5)
        for client in (silent, talking):
            self.assertEqual(client.seen()[-1], CLOSING.format("no name given in time"))
            self.assertFalse(client.connected)
        self.assertTrue(ada.connected)

    def test_no_sign_of_life(self) -> None:
        """A client that is silent for long is asked, and cut if it says nothing; the others see why."""
        ada = self.enter("ada")
        ada.say("JOIN #a")
        ada.seen()
        self.town.eve.seen()
        self.pass_time(self.limits.idle_seconds / 2)
        self.town.eve.say("x")
        self.pass_time(self.limits.idle_seconds / 2 + 3)
        self.assertEqual(ada.seen()[-1], "PING chatproto.local")
        self.pass_time(self.limits.answer_seconds + 3)
        self.assertEqual(ada.seen(), [CLOSING.format("no sign of life")])
        self.assertFalse(ada.connected)
        self.assertEqual(self.town.eve.heard()[-1], "-- ada quit (no sign of life)")

    def test_sign_of_life(self) -> None:
        """A PONG is one."""
        ada = self.enter("ada")
        self.pass_time(self.limits.idle_seconds + 3)
        self.assertEqual(ada.seen(), ["PING chatproto.local"])
        ada.say("PONG chatproto.local")
        self.pass_time(self.limits.answer_seconds + 3)
        self.assertTrue(ada.connected)

    def test_slow_reader(self) -> None:
        """Who does not read is cut when its queue is full, and nobody waits for it."""
        ada, bob = self.enter("ada"), self.enter("bob")
        for client in (ada, bob):
            client.say("JOIN #b")
        ada.protocol.transport.producer.pauseProducing()
        line = f"PRIVMSG #b :{'x' * 400}"
        for _ in range(self.limits.send_queue // 400 + 1):
            bob.say(line)
        self.assertEqual(bob.seen()[-1].split(maxsplit=1)[1], "QUIT :too slow: the send queue was full")
        self.pass_time(self.limits.closing_seconds + 2)
        self.assertFalse(ada.connected)
        self.assertTrue(bob.connected)

    def test_half_registered(self) -> None:
        """A thousand that never register hold nothing but their connection, and nothing when they are gone."""
        crowd = [self.connect("CAP REQ :batch draft/metadata-2", f"NICK half{each}") for each in range(1000)]
        ada = self.enter("ada")
        ada.say("LUSERS")
        self.assertIn(":chatproto.local 253 ada 1000 :unregistered connections", ada.seen())
        self.assertEqual(len(self.town.rooms.people), 2)
        for client in crowd:
            client.hang_up()
        ada.say("LUSERS", "NICK half7")
        self.assertIn(":chatproto.local 253 ada 0 :unregistered connections", ada.seen())
        self.assertEqual(len(self.town.connections), 2)

    def test_flood_of_requests(self) -> None:
        """Asking for capabilities again and again keeps nothing but what they are now."""
        ada = self.enter("ada")
        talk = self.talk("ada")
        for _ in range(500):
            ada.say("CAP REQ :batch echo-message", "CAP REQ :-echo-message", "CAP LS 302", "CAP REQ nothing")
            ada.seen()
        self.assertEqual(talk.caps, {"batch"})
        self.assertEqual(len(talk.state), 1)

    def talk(self, nick: str) -> Any:
        """The conversation of somebody."""
        user = self.town.rooms.people.find(nick)
        return user.sessions[0].owner

    def test_rooms_come_and_go(self) -> None:
        """Of rooms that were opened and left nothing stays."""
        ada = self.enter("ada")
        gone = []
        for each in range(300):
            ada.say(f"JOIN #r{each}x", f"TOPIC #r{each}x :t", f"MODE #r{each}x +b x", f"PRIVMSG #r{each}x :hello")
            gone.append(weakref.ref(self.town.rooms.room(f"#r{each}x")))
            ada.say(f"METADATA #r{each}x SET color :red", f"PART #r{each}x")
            ada.seen()
        gc.collect()
        self.assertEqual([each for each in gone if each() is not None], [])
        self.assertEqual([room.name.shown for room in self.town.rooms.rooms()], ["#lobby", "#a"])

    def test_people_come_and_go(self) -> None:
        """Of people who are gone nothing stays but their names, for WHOWAS."""
        ada = self.enter("ada")
        gone = []
        for each in range(100):
            client = self.enter(f"p{each}x", "batch draft/metadata-2")
            client.say(
                "JOIN #a", "MONITOR + ada,bob", "METADATA * SET color :red", "METADATA * SUB color", "INVITE ada #a"
            )
            gone.append(weakref.ref(self.talk(f"p{each}x").link))
            client.say("QUIT :bye")
            del client
        ada.seen()
        self.town.eve.seen()
        self.pass_time(self.limits.closing_seconds + 2)
        gc.collect()
        self.assertEqual([each for each in gone if each() is not None], [])
        self.assertEqual(len(self.town.rooms.people), 2)

    def test_known_verbs_are_counted(self) -> None:
        """Verbs that do not exist are not."""
        ada = self.enter("ada")
        ada.say(*(f"X{each}" for each in range(100)), "PING x", "ping y")
        ada.seen()
        ada.say("STATS m")
        counted = {line.split()[3] for line in ada.seen() if " 212 " in line}
        self.assertLess({"PING", "NICK", "STATS"}, counted | {"STATS"})
        self.assertLessEqual(counted, VERBS.keys())

    def test_labels(self) -> None:
        """A label of 64 bytes is one, and a longer one is not."""
        ada = self.enter("ada", "batch labeled-response")
        for length in (LONGEST_LABEL - 1, LONGEST_LABEL):
            ada.say(f"@label={'x' * length} PONG x")
            self.assertEqual(ada.seen(), [f"@label={'x' * length} :chatproto.local ACK"])
        ada.say(f"@label={'x' * (LONGEST_LABEL + 1)} PONG x")
        self.assertEqual(ada.seen(), [])

    def slow(self, client: Person) -> None:
        """Have its connection take no more than one piece in each turn."""
        transport: Any = client.transport
        take, clock = transport.write, self.town.clock

        def write(data: bytes) -> None:
            take(data)
            transport.producer.pauseProducing()
            clock.callLater(0, transport.producer.resumeProducing)

        self.patch(transport, "write", write)

    def test_very_many_names(self) -> None:
        """Going into a room of 20,000 people, more of whose names than a queue can hold, cuts nobody."""
        ada = self.enter("ada", "userhost-in-names batch labeled-response")
        self.slow(ada)
        room = self.town.rooms.room("#lobby")
        for each in range(PEOPLE - len(room.members) - 1):
            nick = f"{each:x<30}"
            room.members[User(Name(nick, nick, nick), Who(nick, "~" + "u" * 17, "h" * 20), nick, 0.0)] = room.members[
                self.town.rooms.people.find("eve")
            ]
        for verb in ("JOIN", "NAMES"):
            ada.send(f"@label=x {verb} #lobby\r\n".encode())
            while any(call.getTime() <= self.town.clock.seconds() for call in self.town.clock.getDelayedCalls()):
                self.town.settle()
            self.assertTrue(ada.connected)
            lines = ada.seen()
            self.assertGreater(sum(map(len, lines)), self.limits.send_queue)
            names = [name for line in lines if " 353 " in line for name in line.rpartition(":")[2].split()]
            self.assertEqual(len(names), PEOPLE)
            self.assertEqual(len(set(names)), PEOPLE)
            self.assertEqual(lines[0].split()[0], "@label=x")
            self.assertIn(" 366 ada #lobby ", lines[-2])
            self.assertIn(" BATCH -", lines[-1])
