"""The talk of people on bare terminals: how they come in, what they type, and what the others see of it."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatproto.backplanes.alone import Alone
from chatproto.config import ServerSettings, Settings
from chatproto.dialects.plain.arriving import NAMES_SHOWN
from chatproto.dialects.plain.conversation import PlainConversation
from chatproto.events import Ending, Kind, Quit, Said, Who
from chatproto.interfaces import IConversation
from chatproto.modes import UserMode
from chatproto.rooms import operators
from chatproto.rooms.limits import RESERVED, RoomLimits
from chatproto.rooms.service import RoomService
from chatproto.stores.memory import MemoryHistory
from chatproto.tap import make_factory
from chatproto.testing import NOON, MemoryNetwork, RecordingLink
from chatproto.transports.limits import LinkLimits

ASKED = "-- What is your name?"
HELLO = "-- Hello, {}. What you type is said to everyone in the room; /help lists the commands."


def small(**limits: int | str | tuple[str, ...]) -> MemoryNetwork:
    """A server with these limits of rooms, where nobody waits for the rate limit."""
    return MemoryNetwork(Settings(rooms=RoomLimits(**limits), connections=LinkLimits(burst=10_000)))  # type: ignore[arg-type]


class Naming(SynchronousTestCase):
    """First a name."""

    def test_greeting_first(self) -> None:
        """The server speaks first: its greeting, then a question."""
        self.assertEqual(MemoryNetwork().connect().seen(), ["-- Welcome to chat.", ASKED])

    def test_greeting_of_several_lines(self) -> None:
        """A greeting may have several lines, and none; what could confuse a terminal is left out of it too."""
        for greeting, lines in (("Hi\nBe \x1b[1mkind\n", ["-- Hi", "-- Be kind"]), ("", [])):
            network = MemoryNetwork(Settings(server=ServerSettings(greeting=greeting)))
            self.assertEqual(network.connect().seen(), [*lines, ASKED])

    def test_coming_in(self) -> None:
        """With a name one is greeted by it and is in the default room; nobody else is there yet."""
        ada = MemoryNetwork().connect()
        ada.seen()
        ada.say("ada")
        self.assertEqual(ada.seen(), [HELLO.format("ada"), "-- You are in #lobby with nobody else yet."])

    def test_spaces_around_a_name(self) -> None:
        """Spaces before and after a name are not part of it."""
        ada = MemoryNetwork().connect()
        ada.say("  ada \r")
        self.assertIn(HELLO.format("ada"), ada.seen())

    def test_taken(self) -> None:
        """A name that somebody has is refused, in any case, and asked for again; another one is then taken."""
        network = MemoryNetwork()
        network.enter("ada")
        late = network.connect()
        late.seen()
        late.say("ada")
        self.assertEqual(late.seen(), ["!! ada is taken. Choose another name.", ASKED])
        late.say("ADA")
        self.assertEqual(late.seen(), ["!! ADA is taken. Choose another name.", ASKED])
        late.say("bob")
        self.assertEqual(late.seen()[0], HELLO.format("bob"))

    def test_look_alike(self) -> None:
        """A name that cannot be told from another by eye is refused with that other's name."""
        network = MemoryNetwork()
        network.enter("paula")
        late = network.connect()
        late.seen()
        late.say("pau1a")
        self.assertEqual(late.seen(), ["!! pau1a is too much like paula, which is taken. Choose another name.", ASKED])

    def test_illegal(self) -> None:
        """A name that cannot be is refused with what is allowed, and asked for again."""
        person = MemoryNetwork().connect()
        person.seen()
        for name in ("two words", "a:b", "#ada", "<ada>"):
            person.say(name)
            refused, asked = person.seen()
            self.assertEqual(
                refused, f"!! '{name}' cannot be used: a name is letters, digits and any of -[\\]^_`{{|}}."
            )
            self.assertEqual(asked, ASKED)
        person.say("1st")
        self.assertEqual(person.seen(), ["!! '1st' cannot be used: a name cannot begin with a digit or a dash.", ASKED])

    def test_too_long(self) -> None:
        """A name of the longest length is taken; one character more is refused."""
        network = small(name_length=5)
        network.enter("abcde")
        late = network.connect()
        late.seen()
        late.say("abcdef")
        self.assertEqual(late.seen(), ["!! 'abcdef' cannot be used: a name has at most 5 characters.", ASKED])

    def test_reserved(self) -> None:
        """Reserved names, and what looks like them, are refused."""
        person = small().connect()
        for name in (*RESERVED, "SERVER", "r00t"):
            person.say(name)
            self.assertEqual(
                person.seen()[-2:],
                [f"!! {name!r} cannot be used: it is reserved, or looks like a name that is.", ASKED],
            )

    def test_empty(self) -> None:
        """Enter alone is asked again; nothing is said of it."""
        person = MemoryNetwork().connect()
        person.seen()
        person.say("", "   ")
        self.assertEqual(person.seen(), [ASKED, ASKED])

    def test_not_utf8(self) -> None:
        """A name that is not UTF-8 is refused with a sentence, and asked for again."""
        person = MemoryNetwork().connect()
        person.seen()
        person.send(b"jos\xe9\n")
        self.assertEqual(
            person.seen(),
            ["!! That line was not sent on: byte 4 is not UTF-8. Set your terminal to UTF-8.", ASKED],
        )

    def test_name_is_free_again(self) -> None:
        """A name can be taken as soon as its bearer is gone."""
        network = MemoryNetwork()
        network.enter("ada").hang_up()
        self.assertTrue(network.enter("ada").connected)
        self.assertEqual(len(network.rooms.room("#lobby").members), 1)

    def test_late_answer(self) -> None:
        """Where another node must be asked, later lines wait for the answer."""
        network = MemoryNetwork()
        backplane = SlowBackplane()
        rooms = RoomService(backplane, MemoryHistory(10), RoomLimits())
        network.factory = make_factory(network.settings, network.clock, rooms, network.connections)
        ada = network.connect()
        ada.seen()
        ada.say("ada", "/who")
        self.assertEqual(ada.seen(), [])
        backplane.answer.callback(None)
        network.settle()
        self.assertEqual(ada.heard()[-2:], ["-- 1 in #lobby:", "--   ada"])

    def test_gone_before_the_answer(self) -> None:
        """Whoever hangs up before the answer comes is not in the room, and the name is free."""
        link, backplane = RecordingLink(), SlowBackplane()
        rooms = RoomService(backplane, MemoryHistory(10), RoomLimits())
        talk = PlainConversation(link, rooms, "")
        waiting = answered(talk, b"ada")
        talk.ended(Ending.LOST)
        backplane.answer.callback(None)
        self.successResultOf(waiting)
        self.assertEqual(list(rooms.room("#lobby").members), [])
        self.assertTrue(self.successResultOf(Deferred.fromCoroutine(backplane.claim("ada"))))

    def test_gone_before_a_new_name(self) -> None:
        """Whoever hangs up before a new name is granted is told nothing, and neither name is held."""
        link, backplane = RecordingLink(), SlowBackplane()
        rooms = RoomService(backplane, MemoryHistory(10), RoomLimits())
        talk = PlainConversation(link, rooms, "")
        backplane.answer.callback(None)
        self.successResultOf(answered(talk, b"ada"))
        backplane.answer = Deferred()
        waiting = answered(talk, b"/nick eva")
        talk.ended(Ending.LOST)
        link.lines()
        backplane.answer.callback(None)
        self.successResultOf(waiting)
        self.assertEqual(link.lines(), [])
        for name in ("ada", "eva"):
            self.assertTrue(self.successResultOf(Deferred.fromCoroutine(backplane.claim(name))))


def answered(talk: PlainConversation, line: bytes) -> Deferred[None]:
    """Fires when a line that must be waited for is answered."""
    answer = talk.line_received(line)
    assert answer is not None
    return Deferred.fromCoroutine(answer)


class SlowBackplane(Alone):
    """Another node must be asked: a claim waits until `answer` has fired."""

    def __init__(self) -> None:
        super().__init__(lambda: NOON)
        self.answer: Deferred[None] = Deferred()

    async def claim(self, token: str) -> bool:
        """See `IBackplane.claim`."""
        await self.answer
        return await super().claim(token)


class ComingIn(SynchronousTestCase):
    """What one is shown of a room on coming into it."""

    def test_who_is_there(self) -> None:
        """One is told who is there, and they are told that one came."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        self.assertEqual(ada.heard(), ["-- bob joined"])
        cora = network.connect()
        cora.say("cora")
        self.assertEqual(cora.heard()[-1], "-- You are in #lobby with ada, bob.")
        self.assertEqual(bob.heard(), ["-- cora joined"])

    def test_many_people(self) -> None:
        """So many people are named; of more, their number."""
        network = MemoryNetwork()
        for number in range(NAMES_SHOWN):
            network.enter(f"p{chr(97 + number)}")
        person = network.connect()
        person.say("ada")
        self.assertTrue(person.heard()[-1].endswith(", ps, pt."))
        person = network.connect()
        person.say("bob")
        self.assertTrue(person.heard()[-1].endswith(", ps, pt and 1 more."))

    def test_topic(self) -> None:
        """One is told the room's topic."""
        network = MemoryNetwork()
        network.enter("ada").say("/topic tea and cake")
        bob = network.connect()
        bob.say("bob")
        self.assertEqual(bob.heard()[-1], "-- The topic is: tea and cake")

    def test_last_lines(self) -> None:
        """One is shown the last lines said there, with their time, and nothing older."""
        network = small(history_shown=2)
        network.enter("ada").say("one", "two", "/me waves")
        network.clock.advance(3600)
        bob = network.connect()
        bob.say("bob")
        seen = bob.seen()
        self.assertEqual(seen[-3], "-- Said here before:")
        self.assertEqual([line[5:] for line in seen[-2:]], [" <ada> two", " * ada waves"])
        network.enter("cora").say("late")
        self.assertNotEqual(bob.seen()[-1][:5], seen[-1][:5])

    def test_again(self) -> None:
        """Joining a room that one is in only makes it the current one."""
        network = MemoryNetwork()
        ada = network.enter("ada")
        ada.say("/join #garden", "/join #lobby")
        self.assertEqual(
            ada.heard(), ["-- You are in #garden with nobody else yet.", "-- You are now talking in #lobby."]
        )

    def test_default_room_full(self) -> None:
        """Whoever finds the default room full is told so, keeps the name, and can go elsewhere."""
        network = small(people_per_room=1)
        network.enter("ada")
        bob = network.connect()
        bob.seen()
        bob.say("bob", "hello?", "/join #garden")
        self.assertEqual(
            bob.seen(),
            [
                HELLO.format("bob"),
                "!! #lobby is full: it holds 1 people.",
                "!! You are in no room now. /rooms lists the rooms, /join #NAME goes into one.",
                "-- You are in #garden with nobody else yet.",
            ],
        )


class Typing(SynchronousTestCase):
    """What is typed is said to the current room."""

    def test_said(self) -> None:
        """Others see the time, the speaker and the line; the speaker, whose terminal shows it, does not."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        ada.say("hello  world ")
        self.assertRegex(bob.seen()[0], r"^\d\d:\d\d <ada> hello  world $")
        self.assertEqual(ada.seen(), [])

    def test_line_ends(self) -> None:
        """LF and CRLF both end a line; what comes in pieces is one line."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.send(b"one\r\ntwo\nth")
        ada.send(b"ree\r")
        ada.send(b"\n")
        self.assertEqual(bob.heard(), ["<ada> one", "<ada> two", "<ada> three"])

    def test_blank_lines(self) -> None:
        """Blank lines, and lines with nothing but control characters, are not said."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        ada.send(b"\n  \n\t\r\n\x1b[2J\n\xff\xf1\n\xe3\x80\x80\n")
        self.assertEqual((ada.heard(), bob.heard()), ([], []))

    def test_escape_sequences(self) -> None:
        """No control character that somebody types reaches another terminal."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.say("\x1b[2Jgotcha\x07\x1b]0;title\x07", "/topic \x1b[31mred", "/nick e\x1b[5mva", "/quit \x1b[Hbye")
        self.assertEqual(
            bob.heard(),
            ["<ada> gotcha", "-- ada set the topic: red", "-- ada is now called eva", "-- eva quit: bye"],
        )

    def test_refusals_are_safe(self) -> None:
        """What a refusal quotes of the line is safe on the sender's own terminal too."""
        ada = MemoryNetwork().connect()
        ada.send(b"\x1b[2J\x1b]0;x\x07!\n")
        self.assertNotIn("\x1b", "".join(ada.seen()))

    def test_telnet(self) -> None:
        """Telnet's commands are dropped from lines, even one that holds the line's end."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.send(b"\xff\xfd\x03\xff\xfb\x18he\xff\xfe\nllo\r\n")
        self.assertEqual(bob.heard(), ["<ada> hello"])

    def test_not_utf8(self) -> None:
        """A line that is not UTF-8 is refused with a sentence, and nobody else sees any of it."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        ada.send(b"na\xefve\n")
        self.assertEqual(
            ada.heard(), ["!! That line was not sent on: byte 3 is not UTF-8. Set your terminal to UTF-8."]
        )
        self.assertEqual(bob.heard(), [])

    def test_too_long(self) -> None:
        """A line longer than is taken is answered with a sentence, and the next one is said."""
        network = MemoryNetwork(Settings(connections=LinkLimits(line_length=64)))
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        ada.say("x" * 65, "y" * 64)
        self.assertEqual(
            ada.heard(), ["!! That line was not sent on: it has more than 64 bytes, the longest that is taken."]
        )
        self.assertEqual(bob.heard(), ["<ada> " + "y" * 64])

    def test_too_long_for_a_name(self) -> None:
        """Whoever sends one in the place of a name is told so, and closed: it is no person."""
        link = RecordingLink()
        PlainConversation(link, MemoryNetwork().rooms, "").line_too_long(64)
        told = "!! That line was not sent on: it has more than 64 bytes, the longest that is taken."
        self.assertEqual((link.lines(), link.closed), ([told], True))

    def test_message_length(self) -> None:
        """A message of the longest length is said; one character more is refused, however few bytes a line may have."""
        network = small(message_length=10)
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        ada.say("ä" * 10, "ä" * 11)
        self.assertEqual(bob.heard(), ["<ada> " + "ä" * 10])
        self.assertEqual(ada.heard(), ["!! That message has 11 characters; 10 are allowed."])


class SeveralRooms(SynchronousTestCase):
    """One may be in several rooms; what is typed goes to the current one."""

    def setUp(self) -> None:
        """Ada and Bob are in #lobby and #garden; Ada talks in #garden, Bob in #lobby."""
        self.network = MemoryNetwork()
        self.ada, self.bob = self.network.enter("ada"), self.network.enter("bob")
        self.ada.say("/join #garden")
        self.bob.say("/join #garden", "/join #lobby")
        self.ada.heard()
        self.bob.heard()

    def test_current_room(self) -> None:
        """Lines of the room that is not the current one show its name; each sees that its own way."""
        self.ada.say("roses")
        self.bob.say("coffee")
        self.assertEqual(self.bob.heard(), ["#garden <ada> roses"])
        self.assertEqual(self.ada.heard(), ["#lobby <bob> coffee"])

    def test_switching(self) -> None:
        """With the current room changes which lines show their room."""
        self.bob.say("/join #garden")
        self.ada.say("roses", "/join #lobby", "coffee")
        self.assertEqual(self.bob.heard(), ["-- You are now talking in #garden.", "<ada> roses", "#lobby <ada> coffee"])

    def test_what_happens_elsewhere(self) -> None:
        """Joins, leaves and topics of another room show its name."""
        cora = self.network.enter("cora")
        cora.say("/topic tea", "/me waves", "/part bye")
        self.assertEqual(
            self.ada.heard(),
            [
                "#lobby -- cora joined",
                "#lobby -- cora set the topic: tea",
                "#lobby * cora waves",
                "#lobby -- cora left (bye)",
            ],
        )

    def test_once(self) -> None:
        """Who shares several rooms with somebody is told once of a new name, and once of the end."""
        self.ada.say("/nick eva", "/quit")
        self.assertEqual(self.bob.heard(), ["-- ada is now called eva", "-- eva quit"])

    def test_leaving_the_current_room(self) -> None:
        """Out of the current room one talks in the room joined last of those that are left."""
        self.ada.say("/join #attic", "/part", "hello")
        self.assertEqual(self.ada.heard()[1:], ["-- You left #attic.", "-- You are now talking in #garden."])
        self.assertEqual(self.bob.heard(), ["#garden <ada> hello"])
        self.ada.say("/part", "hello")
        self.assertEqual(self.ada.heard(), ["-- You left #garden.", "-- You are now talking in #lobby."])
        self.assertEqual(self.bob.heard(), ["#garden -- ada left", "<ada> hello"])

    def test_leaving_another_room(self) -> None:
        """Leaving another room changes nothing in the current one."""
        self.ada.say("/part #lobby", "roses")
        self.assertEqual(self.ada.heard(), ["-- You left #lobby."])
        self.assertEqual(self.bob.heard(), ["-- ada left", "#garden <ada> roses"])

    def test_no_room_left(self) -> None:
        """In no room nothing is said to anybody, and one is told so."""
        self.ada.say("/part", "/part", "anybody?")
        self.assertEqual(
            self.ada.heard()[2:],
            [
                "-- You left #lobby.",
                "-- You are in no room now.",
                "!! You are in no room now. /rooms lists the rooms, /join #NAME goes into one.",
            ],
        )
        self.bob.heard()
        self.ada.say("/join #lobby", "back")
        self.assertEqual(self.bob.heard(), ["-- ada joined", "<ada> back"])

    def test_after_leaving(self) -> None:
        """Nothing of a room reaches those who left it."""
        self.ada.say("/part #lobby")
        self.ada.heard()
        self.bob.say("secret")
        self.assertEqual(self.ada.heard(), [])


class Departures(SynchronousTestCase):
    """What others see when somebody goes, and what the one who goes is told."""

    def test_quit(self) -> None:
        """Whoever quits is told goodbye and is gone; others see the reason."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        ada.say("/quit to bed")
        self.assertEqual(ada.heard(), ["-- Goodbye."])
        self.assertFalse(ada.connected)
        self.assertEqual(bob.heard(), ["-- ada quit: to bed"])

    def test_connection_lost(self) -> None:
        """Others are told that a connection was lost."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.hang_up()
        self.assertEqual(bob.heard(), ["-- ada quit (connection closed)"])

    def test_server_going_down(self) -> None:
        """Everyone is told once that the server goes down, and nobody hears it of everyone else."""
        network = MemoryNetwork()
        people = [network.enter(name) for name in ("ada", "bob", "cora")]
        for person in people:
            person.heard()
        network.rooms.closing = True
        network.connections.startService()
        gone = network.connections.stopService()
        network.settle()
        self.successResultOf(gone)
        for person in people:
            self.assertEqual(person.heard(), ["!! The server is going down. Goodbye."])
            self.assertFalse(person.connected)

    def test_every_ending(self) -> None:
        """However the transport ends a connection, the peer is told why if it can hear, and the others are."""
        last_words = {
            Ending.TOO_SLOW: ["!! You are cut off: you read too slowly, and what was waiting for you grew too large."],
            Ending.FLOOD: ["!! You are cut off: you sent far more than can be taken."],
            Ending.ENDLESS_LINE: ["!! You are cut off: that line has no end."],
            Ending.LATE: ["!! You are cut off: no name came in time."],
            Ending.SILENT: ["!! You are cut off: nothing came from you."],
            Ending.SHUTDOWN: ["!! The server is going down. Goodbye."],
            Ending.BUG: ["!! You are cut off: the server made an error. It is logged."],
            Ending.LOST: [],
            Ending.HTTP: [],
        }
        for ending in Ending:
            network = MemoryNetwork()
            bob = network.enter("bob")
            link = RecordingLink()
            talk = PlainConversation(link, network.rooms, "")
            self.assertTrue(verifyObject(IConversation, talk))
            self.successResultOf(answered(talk, b"ada"))
            network.settle()
            link.lines()
            bob.heard()
            talk.ended(ending)
            network.settle()
            self.assertEqual(link.lines(), last_words[ending])
            self.assertEqual(bob.heard(), [f"-- ada quit ({ending.value})"])

    def test_nameless(self) -> None:
        """Of somebody who never gave a name nobody hears anything."""
        network = MemoryNetwork()
        bob, stranger = network.enter("bob"), network.connect()
        stranger.hang_up()
        other = network.connect()
        other.seen()
        other.say("/quit")
        self.assertEqual(other.seen(), ["-- Goodbye."])
        self.assertFalse(other.connected)
        self.assertEqual(bob.heard(), [])

    def test_no_name_in_time(self) -> None:
        """Whoever gives no name in time is cut off with a sentence; a name ends that limit."""
        network = MemoryNetwork(Settings(connections=LinkLimits(login_seconds=5)))
        network.connections.startService()
        self.addCleanup(network.connections.stopService)
        stranger, ada = network.connect(), network.enter("ada")
        stranger.seen()
        network.clock.pump([1] * 8)
        self.assertEqual(stranger.seen(), ["!! You are cut off: no name came in time."])
        self.assertEqual((stranger.connected, ada.connected), (False, True))

    def test_probe(self) -> None:
        """Who is silent for long is asked, stays if a line comes, and is cut off if none does."""
        network = MemoryNetwork(Settings(connections=LinkLimits(idle_seconds=10, answer_seconds=5)))
        network.connections.startService()
        self.addCleanup(network.connections.stopService)
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        network.clock.pump([1] * 12)
        self.assertEqual(ada.heard(), ["-- Are you still there? Press Enter to stay."])
        ada.say("")
        network.clock.pump([1] * 6)
        self.assertEqual(ada.heard(), ["-- bob quit (no sign of life)"])
        self.assertEqual(
            bob.heard(),
            ["-- Are you still there? Press Enter to stay.", "!! You are cut off: nothing came from you."],
        )

    def test_last_room_forgotten(self) -> None:
        """A room that everyone left is gone with what was said there; the default room stays with both."""
        network = MemoryNetwork()
        ada = network.enter("ada")
        ada.say("kept", "/join #garden", "forgotten", "/quit")
        bob = network.connect()
        bob.say("bob", "/join #garden", "/rooms")
        heard = bob.heard()
        self.assertIn("<ada> kept", heard)
        self.assertNotIn("<ada> forgotten", heard)
        self.assertEqual(heard[-2:], ["-- #garden (1)", "-- #lobby (1)"])


class Events(SynchronousTestCase):
    """What a conversation shows of what happens elsewhere on the server."""

    def test_from_another_node(self) -> None:
        """Events that no session of this node began are shown to all, and what was said is kept."""
        network = MemoryNetwork()
        ada = network.enter("ada")
        network.rooms._backplane.publish("#lobby", Said("#lobby", Who("zoe"), "from afar"), None)
        network.rooms._backplane.publish("", Quit(Who("zoe"), "node lost"), None)
        network.settle()
        self.assertEqual(ada.heard(), ["<zoe> from afar"])
        ada.say("/history 1")
        self.assertEqual(ada.heard()[-1], "<zoe> from afar")


class OtherDialects(SynchronousTestCase):
    """What only people of other dialects do, as people on terminals see it."""

    def setUp(self) -> None:
        """Ada is on a terminal; Zoe is not."""
        self.network = MemoryNetwork()
        self.ada, self.zoe = self.network.enter("ada"), self.network.enter("zoe")
        self.ada.heard()
        self.room = self.network.rooms.room("#lobby")
        self.session = self.network.rooms.people.find("zoe").sessions[0]

    def say(self, text: str, kind: Kind = Kind.PLAIN) -> None:
        """Zoe says something in the room."""
        self.network.rooms.say(self.session, self.room, text, kind)
        self.network.settle()

    def test_kinds(self) -> None:
        """A notice is shown as one; what programs ask of each other is not shown, in the room or of its history."""
        self.say("hello")
        self.say("dinner", Kind.NOTICE)
        for kind in (Kind.CTCP, Kind.CTCP_REPLY, Kind.TAGS):
            self.say("VERSION", kind)
        lines = ["<zoe> hello", "zoe (notice): dinner"]
        self.assertEqual(self.ada.heard(), lines)
        self.ada.say("/history 20")
        self.assertEqual(self.ada.heard(), ["-- The last 2 lines in #lobby:", *lines])
        bob = self.network.connect()
        bob.say("bob")
        self.assertEqual(bob.heard()[-3:], ["-- Said here before:", *lines])

    def test_nothing_for_people(self) -> None:
        """Where nothing else was said, nothing was said."""
        self.say("VERSION", Kind.CTCP)
        bob = self.network.connect()
        bob.say("bob", "/history")
        self.assertEqual(bob.heard()[-2:], ["-- You are in #lobby with ada, zoe.", "-- Nothing was said in #lobby."])

    def test_several_lines(self) -> None:
        """A message of several lines is shown in as many, also of the history."""
        self.say("one\n-- two")
        self.assertEqual(self.ada.heard(), ["<zoe> one", "<zoe> -- two"])
        self.ada.say("/history 1")
        self.assertEqual(self.ada.heard(), ["-- The last line in #lobby:", "<zoe> one", "<zoe> -- two"])

    def test_what_is_not_shown(self) -> None:
        """Absences, and other real names and hosts, are not shown."""
        self.network.rooms.set_away(self.session, "lunch")
        self.network.rooms.set_realname(self.session, "Zoe")
        self.network.rooms.people.find("ada").become(frozenset({UserMode.OPERATOR}))
        user = self.network.rooms.people.find("zoe")
        operators.set_host(self.network.rooms, self.network.rooms.people.find("ada").sessions[0], user, "example.org")
        self.network.settle()
        self.assertEqual(self.ada.heard(), [])


class Terminals(SynchronousTestCase):
    """What terminals send that nobody typed as a line."""

    def test_interrupt_in_telnet(self) -> None:
        """Ctrl-C in telnet asks for a timing mark; it is answered, for telnet shows nothing until then."""
        ada = MemoryNetwork().enter("ada")
        ada.send(b"\xff\xf4\xff\xfd\x06/topic\n")
        self.assertEqual(ada.transport.value(), b"\xff\xfc\x06-- #lobby has no topic.\r\n")

    def test_nothing_to_be_seen(self) -> None:
        """A line in which there is nothing to be seen is a blank line: nobody is shown it."""
        network = MemoryNetwork()
        ada, bob = network.enter("ada"), network.enter("bob")
        ada.heard()
        bob.say("\u200b", " \u2060\ufeff ", "\x1b[2J", "x\u200b")
        self.assertEqual(ada.heard(), ["<bob> x\u200b"])
