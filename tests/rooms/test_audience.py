"""Who is shown what, and by which way."""

from __future__ import annotations

from dataclasses import replace

from chatproto.events import (
    AccountChanged,
    Announced,
    Appeared,
    AwayChanged,
    Event,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    Left,
    MetadataChanged,
    Quit,
    RealnameChanged,
    Redacted,
    Renamed,
    Returned,
    RoomRenamed,
    Said,
    Vanished,
    Whispered,
    Who,
)
from chatproto.modes import Rule, Status, UserMode
from chatproto.rooms import moderation, operators
from chatproto.rooms.attendance import NOWHERE
from chatproto.rooms.user import Session
from tests.rooms.chat import ChatTestCase, owner_of, user_of

ADA, BOB, CORA, DAN = (Who(name) for name in ("ada", "bob", "cora", "dan"))


class AudienceTestCase(ChatTestCase):
    """Ada has opened #a, where Bob has half an operator's rights, Cora a voice, and Dan nothing; Eve is elsewhere."""

    def setUp(self) -> None:
        """All have come and seen nothing yet."""
        super().setUp()
        self.ada, self.bob, self.cora, self.dan = (self.enter(name, "#a") for name in ("ada", "bob", "cora", "dan"))
        self.eve = self.enter("eve", "#b")
        self.room = self.service.room("#a")
        self.room.members[user_of(self.bob)] = Status.HALFOP
        self.room.members[user_of(self.cora)] = Status.VOICE
        self.everyone = {"ada": self.ada, "bob": self.bob, "cora": self.cora, "dan": self.dan, "eve": self.eve}

    def seen_by(self, names: str, *events: Event) -> None:
        """Fail unless just the people of these names were shown these events, each once, by their wires."""
        for name, session in self.everyone.items():
            self.sees(session, *(events if name in names.split() else ()))

    def owners(self, names: str, *events: Event) -> None:
        """Fail unless just the owners of these people's connections were told these events, each once."""
        for name, session in self.everyone.items():
            self.told(session, *(events if name in names.split() else ()))

    def sees_whatever(self, session: Session) -> None:
        """Look away from all that was shown."""
        owner_of(session).told.clear()
        session.link.written.clear()  # type: ignore[attr-defined]

    def publish(self, event: Event, by: Session | None = None, room: str = NOWHERE) -> None:
        """Let something happen."""
        self.service.publish(room, event, by)


class InRoomTests(AudienceTestCase):
    """What happens in a room."""

    def test_everyone(self) -> None:
        """Its members see it; the owner of who did it is told."""
        self.service.say(self.ada, self.room, "hello")
        said = Said("#a", ADA, "hello")
        self.seen_by("bob cora dan", said)
        self.owners("ada", said)

    def test_some(self) -> None:
        """What is said to those who are at least something is shown to them alone, and kept nowhere."""
        for status, names in (
            *((Status.VOICE, "ada bob cora"), (Status.HALFOP, "ada bob"), (Status.OPERATOR, "ada")),
            (Status.FOUNDER, ""),
        ):
            self.service.say(self.dan, self.room, "psst", to=status)
            said = Said("#a", DAN, "psst", to=status)
            self.seen_by(names, said)
            self.owners("dan", said)
        self.assertEqual(self.said(self.room), [])

    def test_some_of_them_oneself(self) -> None:
        """Who says it is not shown it, though it is for such people."""
        self.service.say(self.bob, self.room, "psst", to=Status.HALFOP)
        self.seen_by("ada", Said("#a", BOB, "psst", to=Status.HALFOP))

    def test_op_moderated(self) -> None:
        """Where what those say who have no voice is for operators, it is shown to them alone, and kept nowhere."""
        self.room.rules[Rule.OP_MODERATED] = ""
        self.service.say(self.dan, self.room, "please")
        self.seen_by("ada bob", Said("#a", DAN, "please", heard=Status.HALFOP))
        self.assertEqual(self.said(self.room), [])
        self.service.say(self.cora, self.room, "yes")
        self.seen_by("ada bob dan", Said("#a", CORA, "yes"))
        self.assertEqual(self.said(self.room), ["yes"])

    def test_invited(self) -> None:
        """Operators see whom somebody invited; the owners of both are told."""
        moderation.invite(self.service, self.ada, self.room, user_of(self.eve))
        invited = Invited("#a", ADA, "eve")
        self.seen_by("bob", invited)
        self.owners("ada eve", invited)

    def test_invited_who_is_gone(self) -> None:
        """Where nobody of that name is here any more, only operators see it."""
        self.publish(Invited("#a", ADA, "zoe"), self.ada, "#a")
        self.seen_by("bob", Invited("#a", ADA, "zoe"))
        self.owners("ada", Invited("#a", ADA, "zoe"))

    def test_kicked(self) -> None:
        """Who is put out is told by way of each of its owners, and not shown it besides; the others see it."""
        second = self.attach(self.dan)
        moderation.kick(self.service, self.ada, self.room, user_of(self.dan), "noise")
        kicked = Kicked("#a", ADA, "dan", "noise")
        self.seen_by("bob cora", kicked)
        self.owners("ada dan", kicked)
        self.sees(second)
        self.told(second, kicked)

    def test_kicked_oneself(self) -> None:
        """Who puts herself out is told once, by each of her owners."""
        second = self.attach(self.ada)
        moderation.kick(self.service, self.ada, self.room, user_of(self.ada), "")
        kicked = Kicked("#a", ADA, "ada", "")
        self.seen_by("bob cora dan", kicked)
        self.owners("ada", kicked)
        self.told(second, kicked)

    def test_renamed(self) -> None:
        """The owners of all members are told that the room has another name."""
        moderation.rename(self.service, self.ada, self.room, "#park", "trees")
        renamed = RoomRenamed("#a", ADA, "#park", "trees")
        self.owners("ada bob cora dan", renamed)
        self.assertIs(self.service.room("#park"), self.room)

    def test_left(self) -> None:
        """That somebody left is told by the owners of their connections if there are more; of only one it is shown like
        the rest, if another did it."""
        left = Left("#a", DAN, "")
        self.publish(left, None, "#a")
        self.seen_by("ada bob cora dan", left)
        self.owners("")
        second = self.attach(self.dan)
        self.publish(left, None, "#a")
        self.seen_by("ada bob cora dan", left)
        self.owners("dan", left)
        self.told(second, left)

    def test_of_another_node(self) -> None:
        """What nobody here did is shown to all."""
        self.publish(Said("#a", Who("zoe"), "hi"), None, "#a")
        self.seen_by("ada bob cora dan", Said("#a", Who("zoe"), "hi"))
        self.owners("")


class AuditoriumTests(AudienceTestCase):
    """A room where members without a voice do not see each other."""

    def setUp(self) -> None:
        """There is one more of them."""
        super().setUp()
        self.fay = self.everyone["fay"] = self.enter("fay", "#a")
        self.room.rules[Rule.AUDITORIUM] = ""

    def test_coming_and_going(self) -> None:
        """Only those with a voice see who comes, leaves, or is put out, who has none."""
        self.service.join(self.eve, "#a")
        self.seen_by("ada bob cora", Joined("#a", Who("eve"), "eve"))
        self.service.leave(self.eve, self.room, "")
        self.seen_by("ada bob cora", Left("#a", Who("eve"), ""))
        moderation.kick(self.service, self.ada, self.room, user_of(self.dan), "")
        self.seen_by("bob cora", Kicked("#a", ADA, "dan", ""))
        owner_of(self.eve).told.clear()
        self.owners("ada dan", Kicked("#a", ADA, "dan", ""))

    def test_operators(self) -> None:
        """Everyone sees those with a voice come and go."""
        self.service.leave(self.cora, self.room, "")
        self.seen_by("ada bob dan fay", Left("#a", CORA, ""))

    def test_what_happens_to_people(self) -> None:
        """New names, absences and ends of those who are not seen are shown to those who see them, and to themselves."""
        second = self.attach(self.dan)
        self.service.set_away(self.dan, "lunch")
        self.seen_by("ada bob cora", AwayChanged(DAN, "lunch"))
        self.sees(second, AwayChanged(DAN, "lunch"))
        self.done(self.service.rename(self.dan, "dora"))
        self.seen_by("ada bob cora", Renamed(DAN, "dora"))
        self.service.quit(second, "")
        self.service.quit(self.dan, "bye")
        self.seen_by("ada bob cora", Quit(Who("dora"), "bye"))

    def test_another_room(self) -> None:
        """Who shares another room sees it there."""
        self.service.join(self.fay, "#b")
        self.service.join(self.dan, "#b")
        for session in self.everyone.values():
            self.sees_whatever(session)
        self.service.quit(self.dan, "bye")
        self.seen_by("ada bob cora eve fay", Quit(DAN, "bye"))


class ElsewhereTests(AudienceTestCase):
    """What belongs to no room."""

    def test_near(self) -> None:
        """What happens to a person is shown to who shares a room with it, and to its other connections; its owner is
        told."""
        second = self.attach(self.dan)
        for event in (AwayChanged(DAN, "lunch"), RealnameChanged(DAN, "Dan"), AccountChanged(DAN)):
            self.publish(event, self.dan)
            self.seen_by("ada bob cora", event)
            self.owners("dan", event)
            self.sees(second, event)
            self.told(second)

    def test_near_nobody(self) -> None:
        """Who is in no room is shown what others did to it, and nobody else is."""
        self.service.leave(self.eve, self.service.room("#b"), "")
        self.seen_by("")
        event = HostChanged(Who("eve"), "user", "example.org", "eve", near=False)
        self.publish(event)
        self.seen_by("eve", event)

    def test_another_host(self) -> None:
        """Who shares rooms is shown that, and then that the person is back in each of these; the person itself, and who
        only watches it, that it happened far away. Its owner is told too."""
        self.service.join(self.ada, "#b")
        self.service.join(self.dan, "#b")
        fay = self.everyone["fay"] = self.enter("fay")
        for session in (fay, self.ada):
            self.service.people.watch(session, "dan")
            session.follows = True
        for session in self.everyone.values():
            self.sees_whatever(session)
        second = self.attach(self.dan)
        event = HostChanged(DAN, "user", "example.org", "dan")
        far = replace(event, near=False)
        now = replace(DAN, username="user", host="example.org")
        back = [Returned(name, now, "dan", "", Status.NONE) for name in ("#a", "#b")]
        self.publish(event, self.dan)
        self.sees(self.ada, event, *back)
        self.sees(self.eve, event, back[1])
        self.sees(fay, far)
        self.seen_by("bob cora", event, back[0])
        self.owners("dan", event)
        self.sees(second, far)

    def test_another_host_in_an_auditorium(self) -> None:
        """Those who do not see the person there are shown nothing."""
        self.room.rules[Rule.AUDITORIUM] = ""
        self.room.members[user_of(self.cora)] = Status.NONE
        event = HostChanged(DAN, "user", "example.org", "dan")
        self.publish(event, self.dan)
        now = replace(DAN, username="user", host="example.org")
        self.seen_by("ada bob", event, Returned("#a", now, "dan", "", Status.NONE))

    def test_of_nobody(self) -> None:
        """What is said of people who are not here is shown to nobody."""
        for event in (Quit(Who("zoe"), "lost"), Whispered(ADA, "zoe", "psst"), Redacted("zoe", ADA, "1-1", "")):
            self.publish(event)
        self.publish(MetadataChanged(ADA, "zoe", "url", "x"))
        self.seen_by("")
        self.owners("")

    def test_followed(self) -> None:
        """Who watches a name, and asked for it, is shown what happens to that person, once; not what only rooms see."""
        for session in (self.eve, self.bob):
            self.service.people.watch(session, "DAN")
        events = (AwayChanged(DAN, "x"), RealnameChanged(DAN, "Dan"), AccountChanged(DAN))
        for event in events:
            self.publish(event, self.dan)
            self.seen_by("ada bob cora", event)
        self.eve.follows = self.bob.follows = True
        for event in events:
            self.publish(event, self.dan)
            self.seen_by("ada bob cora eve", event)
        self.publish(Quit(DAN, "bye"))
        self.seen_by("ada bob cora dan", Quit(DAN, "bye"))

    def test_followed_by_oneself(self) -> None:
        """Who watches its own name is not shown what it did itself."""
        self.service.people.watch(self.dan, "dan")
        self.dan.follows = True
        self.service.set_away(self.dan, "lunch")
        self.seen_by("ada bob cora", AwayChanged(DAN, "lunch"))

    def test_watched(self) -> None:
        """The owners of those who watch a name are told who comes and who goes under it; nobody else is."""
        self.service.people.watch(self.ada, "Zoe")
        zoe = self.enter("zoe")
        self.owners("ada", Appeared(Who("zoe")))
        self.done(self.service.rename(zoe, "ZOE"))
        self.owners("")
        self.done(self.service.rename(zoe, "zara"))
        self.owners("ada", Vanished("ZOE"))
        self.done(self.service.rename(zoe, "zoe"))
        self.owners("ada", Appeared(Who("zoe")))
        self.service.quit(zoe, "bye")
        self.owners("ada", Vanished("zoe"))
        self.service.people.unwatch(self.ada, "zoe")
        self.enter("zoe")
        self.owners("")
        self.seen_by("")

    def test_watching_ends(self) -> None:
        """A connection that is over watches nobody."""
        self.service.people.watch(self.eve, "zoe")
        self.service.quit(self.eve, "bye")
        self.enter("zoe")
        self.told(self.eve)

    def test_whispered(self) -> None:
        """A whisper is shown to each connection of whom it is for, and the owners of those of its speaker are told."""
        second, other = self.attach(self.dan), self.attach(self.ada)
        self.service.whisper(self.ada, user_of(self.dan), "psst")
        whisper = Whispered(ADA, "dan", "psst")
        self.seen_by("dan", whisper)
        self.owners("ada", whisper)
        self.sees(second, whisper)
        self.told(other, whisper)

    def test_whispered_to_oneself(self) -> None:
        """A whisper to oneself is shown, as any, and its owner is told."""
        self.service.whisper(self.ada, user_of(self.ada), "note")
        self.seen_by("ada", Whispered(ADA, "ada", "note"))
        self.owners("ada", Whispered(ADA, "ada", "note"))

    def test_redacted(self) -> None:
        """A whisper that is taken back is shown to whom it was for, and told like it was."""
        other = self.attach(self.ada)
        event = Redacted("dan", ADA, "1-1", "typo")
        self.publish(event, self.ada)
        self.told(other, event)
        self.seen_by("dan", event)
        self.owners("ada", event)

    def test_announced(self) -> None:
        """What operators of the server tell everyone is shown to those who want to hear it, wherever they are."""
        for session in (self.ada, self.eve):
            user_of(session).become(frozenset({UserMode.WALLOPS}))
        user_of(self.ada).become(frozenset({UserMode.WALLOPS, UserMode.OPERATOR}))
        operators.announce(self.service, self.ada, "hear")
        self.seen_by("ada eve", Announced(Who("ada", operator=True), "hear"))
        self.owners("")

    def test_metadata(self) -> None:
        """What is known of a person the owners of those are told who share a room with it, or watch it, each once."""
        self.join(self.cora, "#b")
        self.join(self.dan, "#b")
        self.service.people.watch(self.eve, "dan")
        event = MetadataChanged(DAN, "dan", "url", "x")
        self.publish(event, self.dan)
        self.owners("ada bob cora eve dan", event)
        self.room.rules[Rule.AUDITORIUM] = ""
        fay = self.everyone["fay"] = self.enter("fay", "#a")
        self.assertIn(user_of(fay), self.room.members)
        self.service.leave(self.dan, self.service.room("#b"), "")
        for session in self.everyone.values():
            owner_of(session).told.clear()
        self.service.people.unwatch(self.eve, "dan")
        self.publish(event, self.dan)
        self.owners("ada bob cora dan", event)
