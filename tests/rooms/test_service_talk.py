"""The chat: what is said in rooms and to one person, and a person with two connections."""

from __future__ import annotations

from chatproto.errors import (
    NoSuchPerson,
    NoSuchRoom,
    NotInRoom,
    TooLong,
)
from chatproto.events import Event, Joined, Kind, Left, Part, Quit, Renamed, Said, Stamp, Whispered, Who
from chatproto.wire import Wire
from tests.rooms.chat import WIRE, ChatTestCase, frame, link_of, user_of


class SayTests(ChatTestCase):
    """What is said in rooms."""

    def test_to_everyone_in_the_room(self) -> None:
        """A line reaches every other member once, in the order in which lines were said, and nobody else."""
        ada, bob, eve = (self.enter(name, "#a", "#b") for name in ("ada", "bob", "eve"))
        joe = self.enter("joe", "#b")
        room = self.service.room("#a")
        self.service.say(ada, room, "one")
        self.service.say(bob, room, "two", Kind.ACTION)
        self.service.say(ada, room, "three")
        one, three = Said("#a", Who("ada"), "one"), Said("#a", Who("ada"), "three")
        two = Said("#a", Who("bob"), "two", Kind.ACTION)
        self.sees(ada, two)
        self.sees(bob, one, three)
        self.sees(eve, one, two, three)
        self.sees(joe)

    def test_echo(self) -> None:
        """Who asked for its own lines gets each of them, once, in the room's order."""
        ada, bob = self.enter("ada", "#a", echoes=(Said,)), self.enter("bob", "#a")
        room = self.service.room("#a")
        self.service.say(ada, room, "one")
        self.service.say(bob, room, "two")
        self.service.say(ada, room, "three")
        self.sees(ada, Said("#a", Who("ada"), "one"), Said("#a", Who("bob"), "two"), Said("#a", Who("ada"), "three"))

    def test_history(self) -> None:
        """What was said is kept, with the stamp under which it was delivered; what only happened is not."""
        seen: list[tuple[Event, Stamp]] = []
        wire = Wire(lambda event, stamp: seen.append((event, stamp)) or [], frame)  # type: ignore[func-returns-value]
        ada = self.enter("ada", "#a")
        self.enter("bob", "#a", wire=wire)
        room = self.service.room("#a")
        self.service.say(ada, room, "one")
        self.service.set_topic(ada, room, "roses")
        self.service.say(ada, room, "two")
        kept = list(self.done(self.history.read("#a", 10)))
        self.assertEqual(kept, [(event, stamp) for event, stamp in seen if isinstance(event, Said)])
        self.assertEqual(self.said(room), ["one", "two"])

    def test_stored_before_the_next_is_said(self) -> None:
        """A line that is shown is a line that is stored, also where nobody is shown it."""
        ada = self.enter("ada", "#a")
        self.service.say(ada, self.service.room("#a"), "alone")
        self.assertEqual(self.said(self.service.room("#a")), ["alone"])

    def test_parts(self) -> None:
        """How long a text of several parts may be is not for the room to say; it is shown with its parts."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        parts = (Part("x" * 2000, False), Part("y", True))
        text = "x" * 2000 + "y"
        room = self.service.room("#a")
        for given in (parts, ()):
            if given:
                self.service.say(ada, room, text, parts=given)
                self.service.whisper(ada, user_of(bob), text, parts=given)
            else:
                self.assertRaises(TooLong, self.service.say, ada, room, text)
                self.assertRaises(TooLong, self.service.whisper, ada, user_of(bob), text)
        self.sees(bob, Said("#a", Who("ada"), text, parts=parts), Whispered(Who("ada"), "bob", text, parts=parts))

    def test_tags(self) -> None:
        """A message of nothing but tags is shown, and not kept, but for a reaction, for those who read every event. The
        tags of another message are kept with it."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        room = self.service.room("#a")
        tags = (("+typing", "active"),)
        self.service.say(ada, room, "", Kind.TAGS, tags=tags)
        self.sees(bob, Said("#a", Who("ada"), "", Kind.TAGS, tags))
        self.assertEqual(self.said(room), [])
        self.service.say(ada, room, "hi", tags=tags)
        self.service.say(ada, room, "", Kind.TAGS, tags=(*tags, ("+draft/react", "x")))
        said = Said("#a", Who("ada"), "hi", tags=tags)
        reaction = Said("#a", Who("ada"), "", Kind.TAGS, (*tags, ("+draft/react", "x")))
        self.assertEqual([each for each, _ in self.done(self.history.read("#a", 9))], [said])
        every = self.done(self.history.read("#a", 9, every=True))
        self.assertEqual([each for each, _ in every if isinstance(each, Said)], [said, reaction])

    def test_as_another(self) -> None:
        """Who speaks as another is known all the same."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.service.say(ada, self.service.room("#a"), "roar", speaker="dragon")
        self.sees(bob, Said("#a", Who("ada"), "roar", speaker="dragon"))

    def test_not_there(self) -> None:
        """Only members speak; a refused line is neither shown nor kept."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#b")
        room = self.service.room("#a")
        with self.assertRaises(NotInRoom) as caught:
            self.service.say(bob, room, "hello")
        self.assertEqual(caught.exception.room, "#a")
        self.sees(ada)
        self.assertEqual(self.said(room), [])

    def test_a_room_that_is_gone(self) -> None:
        """Nobody speaks in a room that was dropped, though another of its name may be open."""
        ada = self.enter("ada", "#a")
        gone = self.service.room("#a")
        self.service.leave(ada, gone, "")
        self.join(ada, "#a")
        self.assertRaises(NotInRoom, self.service.say, ada, gone, "hello")
        self.assertRaises(NotInRoom, self.service.leave, ada, gone, "")
        self.assertRaises(NotInRoom, self.service.view, ada, gone, WIRE)

    def test_late_for_a_room_that_is_gone(self) -> None:
        """What a backplane delivers for a room that was dropped meanwhile is shown to nobody and not kept."""
        ada = self.enter("ada", "#a")
        self.service.deliver("#gone", Said("#gone", Who("bob"), "hello"), Stamp(1, 1, self.now), None)
        self.sees(ada)
        self.assertEqual(list(self.done(self.history.read("#gone", 10))), [])

    def test_late_for_who_is_gone(self) -> None:
        """What comes back when who did it has gone is shown to the others, and to its owner."""
        ada, bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.service.quit(ada, "bye")
        self.sees(bob, Quit(Who("ada"), "bye"))
        said = Said("#a", Who("ada"), "one last thing")
        self.service.deliver("#a", said, Stamp(1, 9, self.now), ada)
        self.sees(bob, said)
        self.told(ada, said)
        self.sees(ada)

    def test_what_was_rendered_to_nothing(self) -> None:
        """A dialect that shows nothing is written nothing, in rooms and outside of them."""
        silent = self.enter("ada", "#a", wire=Wire(lambda _, __: [], frame))
        bob = self.enter("bob", "#a")
        self.service.say(bob, self.service.room("#a"), "hello")
        self.service.whisper(bob, user_of(silent), "hello")
        self.done(self.service.rename(bob, "ben"))
        self.service.quit(bob, "")
        self.assertEqual(link_of(silent).written, [])


class WhisperTests(ChatTestCase):
    """What is said to one person."""

    def test_to_one_alone(self) -> None:
        """A whisper reaches whom it is for, and nobody who shares a room; it is kept nowhere."""
        ada, bob, eve = (self.enter(name, "#a") for name in ("ada", "bob", "eve"))
        self.service.whisper(ada, user_of(bob), "psst", Kind.ACTION)
        self.sees(bob, Whispered(Who("ada"), "bob", "psst", Kind.ACTION))
        self.sees(ada)
        self.sees(eve)
        self.assertEqual(self.said(self.service.room("#a")), [])

    def test_without_a_common_room(self) -> None:
        """People need share no room to whisper."""
        ada, bob = self.enter("ada"), self.enter("Bob", "#b")
        self.service.whisper(ada, self.service.people.find("bOB"), "psst")
        self.sees(bob, Whispered(Who("ada"), "Bob", "psst"))

    def test_to_oneself(self) -> None:
        """What one whispers to oneself is shown, as a whisper of anybody is, and told to the owner as one's doing."""
        ada = self.enter("ada")
        second = self.attach(ada)
        self.service.whisper(ada, user_of(ada), "psst")
        whisper = Whispered(Who("ada"), "ada", "psst")
        for session in (ada, second):
            self.sees(session, whisper)
        self.told(ada, whisper)
        self.told(second)

    def test_nobody(self) -> None:
        """Whom nobody knows cannot be found; the sentence is short however long the name."""
        with self.assertRaises(NoSuchPerson) as caught:
            self.service.people.find("x" * 4000)
        self.assertLess(len(str(caught.exception)), 200)
        with self.assertRaises(NoSuchRoom) as lost:
            self.service.room("#" + "x" * 4000)
        self.assertLess(len(str(lost.exception)), 200)

    def test_to_who_has_gone(self) -> None:
        """A whisper to someone who has gone meanwhile reaches nobody."""
        ada, bob = self.enter("ada"), self.enter("bob")
        gone = user_of(bob)
        self.service.quit(bob, "")
        self.service.whisper(ada, gone, "psst")
        self.sees(bob)


class TwoConnectionsTests(ChatTestCase):
    """One person, attached by two connections."""

    def setUp(self) -> None:
        """Ada twice and Bob once, in one room."""
        super().setUp()
        self.ada, self.bob = self.enter("ada", "#a"), self.enter("bob", "#a")
        self.second = self.attach(self.ada)
        self.room = self.service.room("#a")

    def test_both_see_what_happens(self) -> None:
        """What happens is delivered to both connections, once each."""
        self.service.say(self.bob, self.room, "hello")
        self.service.whisper(self.bob, user_of(self.ada), "psst")
        self.done(self.service.rename(self.bob, "ben"))
        for session in (self.ada, self.second):
            self.sees(
                session,
                Said("#a", Who("bob"), "hello"),
                Whispered(Who("bob"), "ada", "psst"),
                Renamed(Who("bob"), "ben"),
            )

    def test_one_sees_what_the_other_does(self) -> None:
        """What one connection does, the other sees: its lines, joins, names and departures."""
        self.service.say(self.ada, self.room, "hello")
        other = self.service.join(self.ada, "#b")
        self.service.leave(self.ada, other, "tea")
        self.done(self.service.rename(self.ada, "ann"))
        self.service.whisper(self.ada, user_of(self.ada), "psst")
        self.sees(self.ada, Whispered(Who("ann"), "ann", "psst"))
        self.sees(
            self.second,
            *(Said("#a", Who("ada"), "hello"), Joined("#b", Who("ada"), "ada"), Left("#b", Who("ada"), "tea")),
            *(Renamed(Who("ada"), "ann"), Whispered(Who("ann"), "ann", "psst")),
        )
        self.sees(self.bob, Said("#a", Who("ada"), "hello"), Renamed(Who("ada"), "ann"))

    def test_one_ends(self) -> None:
        """When one connection ends, the person stays, nobody is told, and the other goes on."""
        self.service.quit(self.ada, "bye")
        self.sees(self.bob)
        self.sees(self.second)
        self.assertEqual(list(self.room.members), [user_of(self.second), user_of(self.bob)])
        self.service.say(self.bob, self.room, "still there?")
        self.sees(self.second, Said("#a", Who("bob"), "still there?"))
        self.sees(self.ada)

    def test_the_last_ends(self) -> None:
        """When the last connection ends, the person is gone, with that connection's reason."""
        self.service.quit(self.ada, "bye")
        self.service.quit(self.second, "good night")
        self.sees(self.bob, Quit(Who("ada"), "good night"))
        self.assertEqual(list(self.room.members), [user_of(self.bob)])
        self.enter("ada")

    def test_one_leaves_a_room(self) -> None:
        """Membership is the person's: when one connection leaves a room, neither sees it any more."""
        self.service.leave(self.ada, self.room, "")
        self.sees(self.second, Left("#a", Who("ada"), ""))
        self.service.say(self.bob, self.room, "hello")
        self.sees(self.second)
        self.assertRaises(NotInRoom, self.service.say, self.second, self.room, "hello")
