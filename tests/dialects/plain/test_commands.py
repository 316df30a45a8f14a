"""The commands of people on bare terminals: what each does, and what it says to whoever uses it wrong."""

from __future__ import annotations

import time
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.config import Settings
from chatproto.dialects.plain.commands import NAMES_IN_A_LINE, ORDER, PEOPLE_SHOWN, ROOMS_SHOWN
from chatproto.dialects.plain.past import HISTORY_BYTES
from chatproto.dialects.plain.render import wires
from chatproto.dialects.plain.table import COMMANDS, LONGEST_GUESSED, OTHER_WORDS, Command, meant_by
from chatproto.events import Event, Stamp, Who
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.user import Session
from chatproto.testing import MemoryNetwork, Person, RecordingLink
from chatproto.transports.limits import LinkLimits

DIALECTS = Path(__file__).resolve().parents[3] / "docs" / "dialects.md"

NOWHERE = "!! You are in no room now. /rooms lists the rooms, /join #NAME goes into one."


class Silent:
    """The owner of a connection that nobody looks at."""

    def own(self, event: Event, stamp: Stamp) -> None:
        """Not shown."""

    def hear(self, event: Event, stamp: Stamp) -> None:
        """Nor is this."""

    def cut(self, who: Who, reason: str) -> None:
        """Nor is this."""


class Commands(SynchronousTestCase):
    """Ada and Bob are in #lobby of a server with small limits; nobody waits for the rate limit."""

    limits = RoomLimits(history_kept=5, history_shown=2, message_length=20, topic_length=10, rooms_per_person=2)

    def setUp(self) -> None:
        """Both have read what is on their screens."""
        self.network = MemoryNetwork(
            Settings(rooms=self.limits, connections=LinkLimits(burst=100_000, line_length=9000))
        )
        self.ada, self.bob = self.network.enter("ada"), self.network.enter("bob")
        self.ada.heard()

    def answers(self, line: str, *answers: str) -> None:
        """Ada types `line` and sees these answers."""
        self.ada.say(line)
        self.assertEqual(self.ada.heard(), list(answers), line)

    def leave_all_rooms(self) -> None:
        """Ada is in no room."""
        self.ada.say("/part")
        self.ada.heard()
        self.bob.heard()

    def crowd(self, room: str, start: int, stop: int) -> None:
        """Let these numbers of people, who see nothing, into `room` and nowhere else."""
        for number in range(start, stop):
            link = RecordingLink()
            session = Session(link, wires(link.frame)[0], Silent())
            name = "".join("abcdefghkp"[int(digit)] for digit in f"{number:04}")  # None looks like another.
            self.successResultOf(Deferred.fromCoroutine(self.network.rooms.enter(session, name, "~crowd", "localhost")))
            self.network.rooms.join(session, room)
        self.network.settle()


class Slashes(Commands):
    """What is a command, and what is said."""

    def test_unknown(self) -> None:
        """An unknown command gets one sentence that says where to look, and nobody else sees it."""
        for line, verb in (("/dance", "dance"), ("/dance now", "dance"), ("/", ""), ("/ me waves", ""), ("/#", "#")):
            self.answers(
                line, f"!! There is no command /{verb}. /help lists those there are; // says a line that begins with /."
            )
        self.assertEqual(self.bob.heard(), [])

    def test_meant(self) -> None:
        """A command of other chats, or one spelt wrong, gets the one that may be meant, and is not carried out."""
        words = {"list": "rooms", "NAMES": "who", "mode": "room", "notice": "msg", "joni": "join", "invit": "invite"}
        for word, meant in words.items():
            self.answers(f"/{word} bob", f"!! There is no command /{word}; did you mean /{meant}?")
            for line in (f"/help {word}", f"/help /{word}"):
                answer = f"!! There is no command {line[6:]}; did you mean /{meant}?"
                self.answers(line, answer)
        self.assertEqual(self.bob.heard(), [])

    def test_other_words(self) -> None:
        """What a command is called elsewhere is no command here, and leads to one."""
        self.assertEqual(OTHER_WORDS.keys() & COMMANDS.keys(), set())
        self.assertLess({typed.split()[0] for typed in OTHER_WORDS.values()}, COMMANDS.keys())

    def test_rules(self) -> None:
        """Who looks for rules finds the command that explains them all."""
        for line in ("/rules", "/help rules", "/help /rules"):
            word = line.removeprefix("/help ")
            self.answers(line, f"!! There is no command {word}; did you mean /room rules?")
        self.ada.say("/join #x")
        self.ada.heard()
        self.ada.say("/room rules")
        self.assertEqual(self.ada.heard()[0], "-- The rules that #x has or could have:")

    def test_how_long_a_word_is_looked_at(self) -> None:
        """What a word may mean is looked for in short ones only."""
        alike = Command(lambda talk, rest: None, f"/{'x' * LONGEST_GUESSED}", "", "", nameless=False)
        self.addCleanup(COMMANDS.pop, alike.word[1:])
        COMMANDS[alike.word[1:]] = alike
        self.assertEqual(meant_by("x" * (LONGEST_GUESSED - 1)), alike.word)
        self.assertEqual(meant_by("x" * LONGEST_GUESSED), alike.word)
        self.assertIsNone(meant_by("x" * (LONGEST_GUESSED + 1)))

    def test_long_words(self) -> None:
        """A sentence quotes no more than the beginning of a long word."""
        self.ada.say(f"/{'x' * 1000}", f"/help {'y' * 1000}")
        for line in self.ada.heard():
            self.assertLess(len(line), 200)
            self.assertIn("There is no command", line)

    def test_case(self) -> None:
        """A command is known in any case."""
        self.answers("/WHO", "-- 2 in #lobby:", "--   ada, bob")

    def test_tab(self) -> None:
        """A tab separates as a space does."""
        self.answers("/msg\tbob\thi", "-- To bob (whispering): hi")

    def test_double_slash(self) -> None:
        """Of two slashes at the beginning one is said; a slash anywhere else is text."""
        self.ada.say("//me too", "//", "///", "a /quit b", " /quit")
        self.assertEqual(self.bob.heard(), ["<ada> /me too", "<ada> /", "<ada> //", "<ada> a /quit b", "<ada>  /quit"])

    def test_without_a_name(self) -> None:
        """Before the name is given only these few work; others ask for the name first."""
        stranger = self.network.connect()
        stranger.seen()
        for verb, command in COMMANDS.items():
            if not command.nameless:
                stranger.say(f"/{verb} x")
                self.assertEqual(
                    stranger.seen(), ["!! First tell your name: type it and press Enter.", "-- What is your name?"]
                )
        stranger.say("/help quit", "/nonsense")
        self.assertEqual(stranger.seen()[0], "-- /quit [WHY]: leave the server.")
        stranger.say("/quit")
        self.assertEqual(stranger.seen(), ["-- Goodbye."])
        self.assertEqual(
            {verb for verb, command in COMMANDS.items() if command.nameless},
            {"help", "login", "logout", "nick", "quit"},
        )

    def test_nick_for_a_name(self) -> None:
        """/nick gives the name too: one comes in as by the bare name; one that cannot be had is refused and asked for
        again."""
        stranger = self.network.connect()
        stranger.seen()
        for line, refusal in (
            ("/nick", "Use it like this: /nick NAME  (take another name)"),
            ("/nick bob", "bob is taken. Choose another name."),
        ):
            stranger.say(line)
            self.assertEqual(stranger.seen(), [f"!! {refusal}", "-- What is your name?"])
        stranger.say("/nick zoe")
        self.assertEqual(stranger.seen()[0].partition(" What ")[0], "-- Hello, zoe.")
        self.assertEqual(self.bob.heard(), ["-- zoe joined"])
        stranger.say("/nick Zoe")
        self.assertEqual(stranger.seen(), ["-- You are now called Zoe."])

    def test_wrong_use(self) -> None:
        """A command used wrong gets its right form in one sentence, and nobody else sees anything."""
        wrong = ["/nick", "/join", "/join #a b c", "/msg", "/msg bob", "/me", "/me  ", "/echo", "/echo maybe"]
        for line in wrong:
            command = COMMANDS[line[1:].split()[0]]
            self.answers(line, f"!! Use it like this: {command.form}  ({command.summary})")
        self.assertEqual(self.bob.heard(), [])

    def test_in_no_room(self) -> None:
        """What needs a current room says so to those who are in none."""
        self.leave_all_rooms()
        for line in ("hello", "/part", "/who", "/topic", "/topic tea", "/me waves", "/history", "/history 3"):
            self.answers(line, NOWHERE)
        self.assertEqual(self.bob.heard(), [])


class Help(Commands):
    """`/help`, and the page that says the same."""

    def test_all(self) -> None:
        """Every command is listed with its right form and what it does, one a line, and so is the double slash; those
        of operators by name. All of it fits on a screen."""
        self.ada.say("/help")
        heard = self.ada.heard()
        everybodys = [COMMANDS[verb] for verb in ORDER]
        self.assertEqual({each.word for each in everybodys}, {each.word for each in COMMANDS.values() if not each.of})
        self.assertEqual(
            " ".join(each.word for each in everybodys),
            "/msg /me /history /search /echo /join /part /rooms /who /topic /invite"
            " /nick /whois /away /back /oper /help /quit",
        )
        self.assertEqual(heard[:-5], [f"-- {command.form:<20} {command.summary}" for command in everybodys])
        self.assertEqual(
            heard[-5:],
            [
                "-- //TEXT               say a line that begins with a slash",
                "-- For your account: /register /login /logout /password /keep /unkeep /heir /mine /settings",
                "-- For operators of a room: /room /kick /ban /unban /bans /op /deop /voice /unvoice",
                "-- For operators of the server: /deoper /kill /account",
                "-- /help COMMAND explains one.",
            ],
        )
        self.assertTrue(all(len(line) < 100 for line in heard))
        self.assertLess(len(heard), 24)

    def test_the_issue(self) -> None:
        """There is a command for everything that people need."""
        needed = {"help", "nick", "join", "part", "rooms", "who", "topic", "msg", "me", "history", "quit"}
        self.assertEqual(needed - COMMANDS.keys(), set())

    def test_one(self) -> None:
        """One command is explained, with or without its slash, in any case."""
        for line in ("/help msg", "/help /msg", "/help MSG"):
            self.answers(line, "-- /msg NAME TEXT: whisper to one person.")

    def test_unknown(self) -> None:
        """An unknown command cannot be explained."""
        self.answers("/help dance", "!! There is no command dance. /help lists those there are.")

    def test_rule(self) -> None:
        """A rule of rooms is explained, too."""
        means = "only those with a voice speak. /help room tells how it is set."
        self.answers("/help Moderated", f"-- moderated, a rule of rooms: {means}")

    def test_documented(self) -> None:
        """docs/dialects.md has every command, in its right form."""
        page = DIALECTS.read_text(encoding="utf-8")
        for command in COMMANDS.values():
            self.assertIn(f"`{command.form}`", page.replace("\\|", "|"))


class Nick(Commands):
    """`/nick NAME`."""

    def test_renamed(self) -> None:
        """One is told the new name, the others who took it, and lines show it from then on."""
        self.answers("/nick eva", "-- You are now called eva.")
        self.ada.say("hi")
        self.assertEqual(self.bob.heard(), ["-- ada is now called eva", "<eva> hi"])

    def test_case(self) -> None:
        """One's own name can be had in another case."""
        self.answers("/nick Ada", "-- You are now called Ada.")
        self.assertEqual(self.bob.heard(), ["-- ada is now called Ada"])

    def test_refused(self) -> None:
        """A name that is taken, illegal or reserved is refused, the old one stays, and nobody is told."""
        self.answers("/nick bob", "!! bob is taken. Choose another name.")
        self.answers(
            "/nick two words", "!! 'two words' cannot be used: a name is letters, digits and any of -[\\]^_`{|}."
        )
        self.answers("/nick server", "!! 'server' cannot be used: it is reserved, or looks like a name that is.")
        self.ada.say("hi")
        self.assertEqual(self.bob.heard(), ["<ada> hi"])

    def test_old_name_is_free(self) -> None:
        """Somebody else can take the name that was left."""
        self.ada.say("/nick eva")
        self.bob.say("/nick ada")
        self.assertEqual(self.ada.heard()[-1], "-- bob is now called ada")

    def test_in_no_room(self) -> None:
        """It needs no room."""
        self.leave_all_rooms()
        self.answers("/nick eva", "-- You are now called eva.")


class JoinAndPart(Commands):
    """`/join #ROOM` and `/part [#ROOM] [WHY]`."""

    def test_join(self) -> None:
        """A room is opened by the first who joins it; the # may be left out; case does not matter."""
        self.answers("/join garden", "-- You are in #garden with nobody else yet.")
        self.bob.say("/join #GARDEN")
        self.assertEqual(self.bob.heard(), ["-- You are in #garden with ada."])
        self.assertEqual(self.ada.heard(), ["-- bob joined"])

    def test_join_refused(self) -> None:
        """A name no room can have, one that looks like a room's, and one room too many are refused."""
        refused = "cannot be used: the name of a room is letters, digits and any of"
        self.ada.say("/join #a:b")
        self.assertIn(f"!! '#a:b' {refused}", self.ada.heard()[0])
        self.answers(
            "/join #l0bby", "!! #l0bby looks the same as the room #lobby. Join #lobby, or choose another name."
        )
        self.ada.say("/join #two")
        self.ada.heard()
        self.answers("/join #three", "!! You are in 2 rooms, the most that is allowed. Leave one first.")

    def test_part(self) -> None:
        """One leaves the current room, with a reason or without."""
        self.answers("/part to bed", "-- You left #lobby.", "-- You are in no room now.")
        self.assertEqual(self.bob.heard(), ["-- ada left (to bed)"])

    def test_part_another(self) -> None:
        """One leaves the room that is named, with a reason or without."""
        self.bob.say("/join #garden")
        self.ada.say("/join #garden")
        self.ada.heard()
        self.bob.heard()
        self.answers("/part #lobby  tea ", "-- You left #lobby.")
        self.assertEqual(self.bob.heard(), ["#lobby -- ada left (tea)"])

    def test_part_refused(self) -> None:
        """A room that is not there, one that one is not in, and too long a reason are refused; one stays."""
        self.answers("/part #nowhere", "!! There is no room #nowhere.")
        self.bob.say("/join #garden")
        self.ada.heard()
        self.answers("/part #garden", "!! You are not in #garden. Use /join #garden first.")
        self.answers("/part " + "x" * 21, "!! That reason has 21 characters; 20 are allowed.")
        self.answers("/part " + "x" * 20, "-- You left #lobby.", "-- You are in no room now.")


class Rooms(Commands):
    """`/rooms [WORD]`."""

    def open(self, count: int) -> list[Person]:
        """Open this many rooms, with one person in each."""
        people = [self.network.enter(f"p{chr(0x4E00 + number)}") for number in range(count)]
        for number, person in enumerate(people):
            person.say(f"/join #room{number:03}", "/part #lobby")
        self.ada.heard()
        return people

    def test_list(self) -> None:
        """Rooms are listed with the number of people and the topic, the largest first, then by name."""
        self.bob.say("/join #garden", "/topic roses")
        self.ada.say("/join #attic")
        self.ada.heard()
        self.answers("/rooms", "-- #lobby (2)", "-- #attic (1)", "-- #garden (1): roses")

    def test_word(self) -> None:
        """With a word only rooms with it in their name are listed, in any case and script."""
        self.bob.say("/join #Straße")
        self.ada.heard()
        self.answers("/rooms STRAẞE", "-- #Straße (1)")
        self.answers("/rooms lob", "-- #lobby (2)")
        self.answers("/rooms nothing", "-- No room has nothing in its name.")

    def test_many(self) -> None:
        """So many rooms are listed; of more, their number and how to find them."""
        self.open(ROOMS_SHOWN - 1)
        self.ada.say("/rooms")
        self.assertEqual(len(self.ada.heard()), ROOMS_SHOWN)
        self.network.enter("eva").say("/join #zoo")
        self.ada.heard()
        self.ada.say("/rooms")
        heard = self.ada.heard()
        self.assertEqual(len(heard), ROOMS_SHOWN + 1)
        self.assertEqual(heard[0], "-- #lobby (3)")
        self.assertEqual(heard[-1], "-- And 1 more; /rooms WORD finds those with WORD in their name.")

    def test_order(self) -> None:
        """Of more rooms than are listed the largest are, in order of size and then of name, however they came."""
        sizes = {f"#{'zyxw'[number % 4]}{number:03}": 1 + number % 3 for number in range(ROOMS_SHOWN + 5)}
        self.crowd("#lobby", 9000, 9004)
        for number, (room, size) in enumerate(sizes.items()):
            self.crowd(room, 10 * number, 10 * number + size)
        self.ada.heard()
        ordered = sorted(sizes, key=lambda room: (-sizes[room], room))[: ROOMS_SHOWN - 1]
        self.answers(
            "/rooms",
            "-- #lobby (6)",
            *(f"-- {room} ({sizes[room]})" for room in ordered),
            "-- And 6 more; /rooms WORD finds those with WORD in their name.",
        )

    def test_in_no_room(self) -> None:
        """It needs no room."""
        self.leave_all_rooms()
        self.answers("/rooms", "-- #lobby (1)")


class InARoom(Commands):
    """`/who [#ROOM]`."""

    def test_here(self) -> None:
        """The people of the current room are listed by name."""
        self.network.enter("Zoe")
        self.ada.heard()
        self.answers("/who", "-- 3 in #lobby:", "--   ada, bob, Zoe")

    def test_statuses(self) -> None:
        """Behind a name stands the highest that somebody is there, in a word."""
        self.ada.say("/join #garden")
        for name in ("bob", "cora", "dan", "eve", "fay"):
            person = self.bob if name == "bob" else self.network.enter(name)
            person.say("/join #garden")
        room = self.network.rooms.room("#garden")
        statuses = [*Status]
        for name, status in zip(("bob", "cora", "dan", "eve"), statuses, strict=False):
            room.members[self.network.rooms.people.find(name)] = status | Status.VOICE
        room.members[self.network.rooms.people.find("ada")] = Status.FOUNDER | Status.OPERATOR
        self.ada.heard()
        people = "ada (founder), bob (voice), cora (half-operator), dan (operator), eve (protected member), fay"
        self.answers("/who", "-- 6 in #garden:", f"--   {people}")

    def test_hidden(self) -> None:
        """People of a secret room, in an auditorium, and those who are invisible, are seen by whom they may be."""
        self.bob.say("/join #garden", "/room secret on")
        room = self.network.rooms.room("#garden")
        self.ada.heard()
        self.answers("/who #garden", "!! There is no room #garden.")
        del room.rules[Rule.SECRET]
        cora = self.network.enter("cora")
        cora.say("/join #garden", "/part #lobby")
        self.ada.heard()
        self.network.rooms.people.find("cora").modes = frozenset({UserMode.INVISIBLE})
        self.answers("/who #garden", "-- 1 in #garden:", "--   bob (operator)")
        self.ada.say("/join #garden")
        self.ada.heard()
        self.answers("/who", "-- 3 in #garden:", "--   ada, bob (operator), cora")
        room.rules[Rule.AUDITORIUM] = ""
        self.answers("/who", "-- 2 in #garden:", "--   ada, bob (operator)")

    def test_another(self) -> None:
        """Any room's people can be seen, and its # left out."""
        self.bob.say("/join #garden")
        for line in ("/who #garden", "/who garden", "/who #GARDEN"):
            self.answers(line, "-- 1 in #garden:", "--   bob (operator)")

    def test_no_room(self) -> None:
        """A room that is not there has nobody in it."""
        self.answers("/who #nowhere", "!! There is no room #nowhere.")

    def test_many(self) -> None:
        """So many names stand in a line, and all are told."""
        for count, lines in ((NAMES_IN_A_LINE, 1), (NAMES_IN_A_LINE + 1, 2)):
            while len(self.network.rooms.room("#lobby").members) < count:
                self.network.enter(f"p{chr(0x4E00 + len(self.network.rooms.room('#lobby').members))}")
            self.ada.heard()
            self.ada.say("/who")
            head, *rest = self.ada.heard()
            self.assertEqual(head, f"-- {count} in #lobby:")
            self.assertEqual(len(rest), lines)
            self.assertEqual(sum(line.count(",") + 1 for line in rest), count)

    def test_too_many(self) -> None:
        """So many people are listed, the first by name; of the others, their number."""
        start = 0
        for count in (PEOPLE_SHOWN - 1, PEOPLE_SHOWN, PEOPLE_SHOWN + 1):
            self.crowd("#garden", start, count)
            start = count
            self.ada.say("/who garden")
            head, *rest = self.ada.heard()
            self.assertEqual(head, f"-- {count} in #garden:")
            if count > PEOPLE_SHOWN:
                self.assertEqual(rest.pop(), "-- And 1 more.")
            people = [user.name.shown for user in self.network.rooms.room("#garden").members]
            listed = [name for line in rest for name in line.removeprefix("--   ").split(", ")]
            self.assertEqual(listed, ["aaaa (operator)", *sorted(people)[1:PEOPLE_SHOWN]])


class Topic(Commands):
    """`/topic [TEXT]`."""

    def test_topic(self) -> None:
        """A topic is set, shown and cleared; others see both."""
        self.answers("/topic", "-- #lobby has no topic.")
        self.answers("/topic tea", "-- The topic of #lobby is: tea")
        self.bob.say("/topic")
        self.assertEqual(self.bob.heard(), ["-- ada set the topic: tea", "-- The topic of #lobby is: tea"])
        self.answers("/topic -", "-- #lobby has no topic.")
        self.assertEqual(self.bob.heard(), ["-- ada cleared the topic"])

    def test_length(self) -> None:
        """A topic of the greatest length is taken; one character more is refused, and the topic stays."""
        self.answers("/topic " + "ä" * 10, "-- The topic of #lobby is: " + "ä" * 10)
        self.answers("/topic " + "b" * 11, "!! That topic has 11 characters; 10 are allowed.")
        self.answers("/topic", "-- The topic of #lobby is: " + "ä" * 10)


class Msg(Commands):
    """`/msg NAME TEXT`."""

    def test_whisper(self) -> None:
        """A whisper is seen by the two alone, in any case of the name, in one room or none."""
        cora = self.network.enter("cora")
        self.leave_all_rooms()
        cora.heard()
        self.answers("/msg BOB  the  key ", "-- To bob (whispering): the  key")
        self.assertEqual(self.bob.heard(), ["ada (whispering): the  key"])
        self.assertEqual(cora.heard(), [])

    def test_not_kept(self) -> None:
        """No history has a whisper."""
        self.ada.say("/msg bob secret")
        self.bob.heard()
        self.bob.say("/history 5")
        self.assertEqual(self.bob.heard(), ["-- Nothing was said in #lobby."])

    def test_nobody(self) -> None:
        """Who is not there cannot be told anything; neither can a room."""
        self.answers("/msg eva hi", "!! Nobody here is called eva.")
        self.answers("/msg #lobby hi", "!! Nobody here is called #lobby.")

    def test_oneself(self) -> None:
        """Who whispers to oneself is shown the whisper, once."""
        self.answers("/msg ada note", "ada (whispering): note")

    def test_away(self) -> None:
        """The whisper reaches somebody who is away, and who whispers is told why they may not answer."""
        self.bob.say("/away lunch")
        self.answers("/msg bob hi", "-- To bob (whispering): hi", "-- bob is away: lunch")
        self.bob.say("/back")
        self.answers("/msg bob hi", "-- To bob (whispering): hi")
        self.assertEqual(self.bob.heard()[-1], "ada (whispering): hi")

    def test_not_taken(self) -> None:
        """Who takes whispers only of people with an account gets none of others, and that is said."""
        self.network.rooms.people.find("bob").modes = frozenset({UserMode.REGISTERED_ONLY})
        self.answers("/msg bob hi", "!! bob takes only people who are logged in.")
        self.assertEqual(self.bob.heard(), [])

    def test_length(self) -> None:
        """A whisper of the greatest length is sent; one character more is refused."""
        self.answers("/msg bob " + "x" * 20, "-- To bob (whispering): " + "x" * 20)
        self.answers("/msg bob " + "x" * 21, "!! That message has 21 characters; 20 are allowed.")
        self.assertEqual(self.bob.heard(), ["ada (whispering): " + "x" * 20])


class Me(Commands):
    """`/me TEXT`."""

    def test_action(self) -> None:
        """Others see what one does."""
        self.answers("/me waves")
        self.assertEqual(self.bob.heard(), ["* ada waves"])

    def test_length(self) -> None:
        """It is no longer than a message may be."""
        self.answers("/me " + "x" * 21, "!! That message has 21 characters; 20 are allowed.")
        self.assertEqual(self.bob.heard(), [])


class History(Commands):
    """`/history [N] [HH:MM]`, where two lines are shown unasked and five are kept."""

    def test_nothing(self) -> None:
        """Of a room where nothing was said there is nothing to show."""
        self.answers("/history", "-- Nothing was said in #lobby.")

    def test_some(self) -> None:
        """The last lines are shown, oldest first, one's own and others'."""
        self.ada.say("one")
        self.bob.say("two")
        self.ada.say("/me waves")
        self.ada.heard()
        self.answers("/history", "-- The last 2 lines in #lobby:", "<bob> two", "* ada waves")
        self.answers("/history 1", "-- The last line in #lobby:", "* ada waves")
        self.answers("/history 4", "-- The last 3 lines in #lobby:", "<ada> one", "<bob> two", "* ada waves")

    def test_all_that_is_kept(self) -> None:
        """As many lines as are kept can be asked for; what is older is gone."""
        self.ada.say(*(f"line {number}" for number in range(6)))
        kept = [f"<ada> line {number}" for number in range(1, 6)]
        self.answers("/history 5", "-- The last 5 lines in #lobby:", *kept)

    def test_refused(self) -> None:
        """Anything that is no number from 1 to what is kept gets a sentence with the right form."""
        for wrong in ("0", "6", "-1", "1.5", "1 2", "²", "٣", "9" * 5000, "#lobby x", "bob 6"):
            self.answers(f"/history {wrong}", "!! /history takes a whole number from 1 to 5, as in /history 20.")

    def test_before_a_time(self) -> None:
        """Only what was said before that time of day is shown, of it the last lines."""
        self.ada.say("one", "two", "three")
        self.network.clock.advance(60)
        self.ada.say("four")
        self.ada.heard()
        now = time.strftime("%H:%M", time.localtime(self.network.clock.seconds()))
        self.answers(f"/history {now}", f"-- The last 2 lines in #lobby before {now}:", "<ada> two", "<ada> three")
        self.answers(f"/history 1 {now}", f"-- The last line in #lobby before {now}:", "<ada> three")
        later = time.strftime("%H:%M", time.localtime(self.network.clock.seconds() + 60))
        self.answers(f"/history {later}", f"-- Nothing was said in #lobby before {later}.")  # That was yesterday.

    def test_no_time_of_day(self) -> None:
        """It says which times there are; what stands before one has to be a number."""
        self.answers(
            "/history 5 24:00", "!! /history takes a time of day from 00:00 to 23:59, as in /history 20 09:30."
        )
        for wrong in ("12:00 5", "6 12:00", "#lobby x 12:00"):
            self.answers(f"/history {wrong}", "!! /history takes a whole number from 1 to 5, as in /history 20.")

    def test_its_room(self) -> None:
        """Only what was said in the current room is shown."""
        self.ada.say("coffee", "/join #garden", "roses")
        self.ada.heard()
        self.answers("/history", "-- The last line in #garden:", "<ada> roses")


class MuchHistory(Commands):
    """History that has more bytes than are shown at once. Each line is shown in 4096 bytes."""

    count = HISTORY_BYTES // 4096
    limits = RoomLimits(history_kept=200, history_shown=200, message_length=5000)

    def fill(self, lines: int, first: int = 4096) -> list[str]:
        """Let Bob say this many lines, the first in so many bytes; what Ada is shown of them."""
        texts = [
            f"{number:03}".ljust((4096 if number else first) - len("12:00 <bob> \r\n"), "x") for number in range(lines)
        ]
        self.bob.say(*texts)
        self.ada.heard()
        return [f"<bob> {text}" for text in texts]

    def come(self) -> list[str]:
        """What somebody is shown on coming in, after the first two lines."""
        person = self.network.connect()
        person.say("eva")
        return person.heard()[4:]

    def test_all_that_fits(self) -> None:
        """As many lines as fit are shown, to the last byte."""
        lines = self.fill(self.count)
        self.answers("/history 200", f"-- The last {self.count} lines in #lobby:", *lines)
        self.assertEqual(self.come(), ["-- Said here before:", *lines])

    def test_one_byte_more(self) -> None:
        """With one byte more the oldest line is left out, and that is said."""
        lines = self.fill(self.count, first=4097)[1:]
        note = f"-- Only the last {self.count - 1} of these lines are shown."
        self.answers("/history 200", f"-- The last {self.count} lines in #lobby:", note, *lines)
        self.assertEqual(self.come(), ["-- Said here before:", note, *lines])

    def test_one_line_more(self) -> None:
        """So it is with one line more."""
        lines = self.fill(self.count + 1)[1:]
        note = f"-- Only the last {self.count} of these lines are shown."
        self.answers("/history 200", f"-- The last {self.count + 1} lines in #lobby:", note, *lines)
        self.answers(f"/history {self.count}", f"-- The last {self.count} lines in #lobby:", *lines)
        self.assertEqual(self.come(), ["-- Said here before:", note, *lines])

    def test_bytes_on_the_wire(self) -> None:
        """What counts is bytes and not characters."""
        self.bob.say(*(["ä" * 2041] * (self.count + 1)))
        self.ada.heard()
        self.ada.say("/history 200")
        self.assertEqual(self.ada.heard()[1], f"-- Only the last {self.count} of these lines are shown.")


class Echo(Commands):
    """`/echo on|off`."""

    def test_case(self) -> None:
        """Its word is known in any case, as commands are."""
        self.answers("/echo ON", "-- Your own lines are shown to you.")
        self.answers("/echo Off", "-- Your own lines are not shown to you.")

    def test_echo(self) -> None:
        """One's own lines come back while it is on, in the room's order; what one is told otherwise is not doubled."""
        self.answers("/echo on", "-- Your own lines are shown to you.")
        self.ada.send(b"one\n/me waves\n/topic tea\n/msg bob hi\n")
        self.assertEqual(
            self.ada.heard(),
            ["<ada> one", "* ada waves", "-- The topic of #lobby is: tea", "-- To bob (whispering): hi"],
        )
        self.answers("/echo off", "-- Your own lines are not shown to you.")
        self.answers("two")
        self.assertEqual(self.bob.heard()[-1], "<ada> two")

    def test_order(self) -> None:
        """With it on, two people see one order."""
        self.ada.say("/echo on")
        self.bob.say("/echo on")
        self.ada.heard()
        self.bob.heard()
        self.ada.say("one")
        self.bob.say("two")
        self.ada.say("three")
        lines = ["<ada> one", "<bob> two", "<ada> three"]
        self.assertEqual((self.ada.heard(), self.bob.heard()), (lines, lines))


class Quit(Commands):
    """`/quit [WHY]`."""

    def test_reason(self) -> None:
        """Others see why, if it was said, and that it was a person who said it; too long a reason is cut, for nobody is
        kept from going."""
        for number, (line, why) in enumerate(
            (
                ("/quit", ""),
                ("/quit to bed", ": to bed"),
                ("/quit (connection closed)", ": (connection closed)"),
                ("/quit " + "x" * 21, ": " + "x" * 20),
            )
        ):
            name = f"p{chr(97 + number)}"
            person = self.network.enter(name)
            self.bob.heard()
            person.say(line)
            self.assertEqual(person.heard(), ["-- Goodbye."])
            self.assertFalse(person.connected)
            self.assertEqual(self.bob.heard(), [f"-- {name} quit{why}"])

    def test_nothing_after_it(self) -> None:
        """What was typed after it is not said."""
        self.ada.send(b"/quit\nhello\n")
        self.assertEqual(self.bob.heard(), ["-- ada quit"])


class NothingKept(Commands):
    """A server that keeps no history."""

    limits = RoomLimits(history_kept=0)

    def test_history(self) -> None:
        """There is nothing to be shown, and that is said."""
        self.bob.say("hello")
        self.ada.heard()
        for line in ("/history", "/history 1"):
            self.answers(line, "!! Nothing that is said here is kept.")


class NothingShown(Commands):
    """A server that keeps history and shows none unasked."""

    limits = RoomLimits(history_kept=5, history_shown=0)

    def test_history(self) -> None:
        """Whoever asks for it is shown what is kept."""
        self.bob.say("hello")
        self.ada.heard()
        self.answers("/history", "-- The last line in #lobby:", "<bob> hello")


class PartByWord(Commands):
    """`/part` with a word that may be a room or a reason."""

    def test_room_without_its_sign(self) -> None:
        """The name of a room that one is in needs no #, as with `/join`, if it stands alone."""
        self.ada.say("/join garden")
        self.ada.heard()
        self.answers("/part LOBBY", "-- You left #lobby.")
        self.assertEqual(self.bob.heard(), ["-- ada left"])

    def test_reason(self) -> None:
        """Several words are a reason for leaving the current room, and so is one that is no room of one's own."""
        self.ada.say("/join garden")
        self.ada.heard()
        self.answers("/part lobby is too loud", "-- You left #garden.", "-- You are now talking in #lobby.")
        self.answers("/part garden work", "-- You left #lobby.", "-- You are in no room now.")
        self.assertEqual(self.bob.heard(), ["-- ada left (garden work)"])


class LooksLikeTheServer(Commands):
    """A name that looks like what the server's own lines begin with."""

    def test_no_line_begins_with_a_name(self) -> None:
        """Whatever somebody does who is called so, every line of it begins with the time of day."""
        mimic = self.network.enter("\u01c3\u01c3")
        mimic.say("/msg ada x", "x", "/me x", "/topic x", "/join #x", "/part #lobby", "/join #lobby", "/nick eva")
        mimic.say("/nick \u01c3\u01c3", "/quit")
        lines = self.ada.seen()
        self.assertEqual(len(lines), 10)
        for line in lines:
            self.assertRegex(line, r"^\d\d:\d\d ")
        self.assertRegex(lines[1], r"^\d\d:\d\d \u01c3\u01c3 \(whispering\): x$")
