"""The commands of those who run a room or the server, and what everyone sees of it."""

from __future__ import annotations

from typing import cast

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.backplanes.alone import Alone
from chatproto.dialects.plain.conversation import PlainConversation
from chatproto.dialects.plain.words import RULES
from chatproto.events import Ending
from chatproto.interfaces import Peer
from chatproto.modes import Listing, Rule, Status, UserMode
from chatproto.rooms import moderation, operators
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.operators import MOST_TRIES
from chatproto.rooms.service import RoomService
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON, MemoryNetwork, Person, RecordingLink

NOT_OPERATOR = "!! Only operators of #garden may do that."


class Garden(SynchronousTestCase):
    """Ada has opened #garden and runs it; Bob is in it; both talk there, and are in #lobby too."""

    def setUp(self) -> None:
        """Both have read what is on their screens."""
        self.network = MemoryNetwork()
        self.ada, self.bob = self.network.enter("ada"), self.network.enter("bob")
        for person in (self.ada, self.bob):
            person.say("/join #garden")
        self.garden = self.network.rooms.room("#garden")
        self.forget()

    def forget(self) -> None:
        """Both look away."""
        self.ada.heard()
        self.bob.heard()

    def status(self, name: str) -> Status:
        """What somebody is in the garden."""
        return self.garden.members[self.network.rooms.people.find(name)]

    def both_see(self, *lines: str) -> None:
        """Fail unless both were shown these lines alone."""
        self.assertEqual((self.ada.heard(), self.bob.heard()), (list(lines), list(lines)))

    def answers(self, person: Person, line: str, *answers: str) -> None:
        """Somebody types `line` and sees these answers; the other sees nothing."""
        person.say(line)
        self.assertEqual(person.heard(), list(answers), line)
        other = self.bob if person is self.ada else self.ada
        self.assertEqual(other.heard(), [], line)


class Kick(Garden):
    """`/kick NAME [WHY]`."""

    def test_kicked(self) -> None:
        """Who is put out is told so, and talks in another room from then on; the others see it, with the reason."""
        cora = self.network.enter("cora")
        cora.say("/join #garden")
        cora.heard()
        self.forget()
        self.ada.say("/kick BOB too  loud")
        self.assertEqual(self.ada.heard(), ["-- ada put bob out (too  loud)"])
        self.assertEqual(cora.heard(), ["-- ada put bob out (too  loud)"])
        self.assertEqual(self.bob.heard(), ["-- ada put you out (too  loud)", "-- You are now talking in #lobby."])
        self.bob.say("what?")
        self.assertEqual((self.ada.heard(), cora.heard()), (["#lobby <bob> what?"], ["#lobby <bob> what?"]))
        self.ada.say("roses")
        self.assertEqual(self.bob.heard(), [])

    def test_from_another_room(self) -> None:
        """Who talks elsewhere is told which room it was, and goes on talking there."""
        self.bob.say("/join #lobby")
        self.forget()
        self.ada.say("/kick bob")
        self.assertEqual(self.bob.heard(), ["#garden -- ada put you out"])
        self.bob.say("hm")
        self.assertEqual(self.ada.heard(), ["-- ada put bob out", "#lobby <bob> hm"])

    def test_from_the_only_room(self) -> None:
        """Who was in no other room is in none then, and says nothing to anybody."""
        self.bob.say("/part #lobby")
        self.forget()
        self.ada.say("/kick bob")
        self.assertEqual(self.bob.heard(), ["-- ada put you out", "-- You are in no room now."])
        self.bob.say("hm")
        self.assertEqual(self.bob.heard()[0][:25], "!! You are in no room now")
        self.bob.say("/join #garden")
        self.assertEqual(self.bob.heard(), ["-- You are in #garden with ada."])

    def test_oneself(self) -> None:
        """An operator may put herself out: she is told once."""
        self.ada.say("/kick ada")
        self.assertEqual(self.ada.heard(), ["-- ada put you out", "-- You are now talking in #lobby."])
        self.assertEqual(self.bob.heard(), ["-- ada put ada out"])

    def test_the_last_one(self) -> None:
        """A room whose last member puts himself out is gone."""
        self.bob.say("/join #den", "/kick bob")
        self.assertEqual(self.bob.heard()[1:], ["-- bob put you out", "-- You are now talking in #garden."])
        self.answers(self.bob, "/who #den", "!! There is no room #den.")

    def test_refused(self) -> None:
        """Only operators may; nobody is put out who is not there, or not known."""
        self.network.enter("cora")
        self.forget()
        self.answers(self.bob, "/kick ada", NOT_OPERATOR)
        self.answers(self.ada, "/kick cora", "!! cora is not in #garden.")
        self.answers(self.ada, "/kick dan", "!! Nobody here is called dan.")
        self.answers(self.ada, "/kick", "!! Use it like this: /kick NAME [WHY]  (put somebody out of the current room)")
        self.assertEqual(len(self.garden.members), 2)


class Bans(Garden):
    """`/ban`, `/unban` and `/bans`."""

    def test_ban(self) -> None:
        """A ban is shown to everyone as it is kept; it lasts until it is taken back."""
        self.ada.say("/ban eve")
        self.both_see("-- ada banned eve!*@*")
        eve = self.network.enter("eve")
        self.forget()
        eve.say("/join #garden")
        self.assertEqual(eve.heard(), ["!! You are banned from #garden."])
        self.ada.say("/unban EVE!*@*")
        self.both_see("-- ada unbanned eve!*@*")
        eve.say("/join #garden")
        self.assertEqual(eve.heard(), ["-- You are in #garden with ada, bob."])

    def test_members_are_silenced(self) -> None:
        """Who is in the room already, and is banned, says nothing more there."""
        self.ada.say("/ban bob!*@*")
        self.forget()
        self.answers(self.bob, "hm", "!! You are banned from speaking in #garden.")

    def test_list(self) -> None:
        """The bans are listed with who made them, for every member."""
        self.answers(self.bob, "/bans", "-- Nobody is banned from #garden.")
        self.ada.say("/ban eve", "/ban *.example.org")
        self.forget()
        self.answers(
            self.bob,
            "/bans",
            *("-- The bans of #garden:", "--   eve!*@* by ada", "--   *!*@*.example.org by ada"),
        )

    def test_nothing_new(self) -> None:
        """What is so already is said, and shown to nobody else."""
        self.ada.say("/ban eve")
        self.forget()
        self.answers(self.ada, "/ban EVE", "-- EVE is banned already.")
        self.answers(self.ada, "/unban dan", "-- dan is not banned.")

    def test_refused(self) -> None:
        """Only operators may, and a mask must be one."""
        self.answers(self.bob, "/ban ada", NOT_OPERATOR)
        self.answers(self.bob, "/unban ada", NOT_OPERATOR)
        self.answers(
            self.ada,
            "/ban two words",
            "!! 'two words' cannot be used as a mask: there is a space in it, for which ? can stand.",
        )
        for verb in ("ban", "unban"):
            self.ada.say(f"/{verb}")
            self.assertEqual(self.ada.heard()[0][:31], f"!! Use it like this: /{verb} MASK  "[:31])
        self.assertNotIn(Listing.BAN, self.garden.lists)


class Statuses(Garden):
    """`/op`, `/deop`, `/voice` and `/unvoice`."""

    def test_op(self) -> None:
        """A member is made an operator, and not one any longer; both see it."""
        self.ada.say("/op BOB")
        self.both_see("-- ada made bob an operator")
        self.assertEqual(self.status("bob"), Status.OPERATOR)
        self.bob.say("/deop ada")
        self.both_see("-- bob took the rights of an operator from ada")
        self.assertEqual(self.status("ada"), Status.NONE)

    def test_voice(self) -> None:
        """With a voice one speaks in a moderated room."""
        self.ada.say("/room moderated on")
        self.both_see("-- ada made the room moderated")
        self.answers(self.bob, "hm", "!! #garden is moderated: only those with a voice may speak.")
        self.ada.say("/voice bob")
        self.both_see("-- ada gave bob a voice")
        self.bob.say("ah")
        self.assertEqual(self.ada.heard(), ["<bob> ah"])
        self.ada.say("/unvoice bob")
        self.both_see("-- ada took the voice from bob")
        self.answers(self.bob, "hm", "!! #garden is moderated: only those with a voice may speak.")

    def test_refused(self) -> None:
        """Only operators may, and of members only; what somebody is already is said."""
        self.network.enter("cora")
        self.forget()
        for verb in ("op", "deop", "voice", "unvoice"):
            self.answers(self.bob, f"/{verb} ada", NOT_OPERATOR)
            self.answers(self.ada, f"/{verb} cora", "!! cora is not in #garden.")
            self.answers(self.ada, f"/{verb} dan", "!! Nobody here is called dan.")
            self.ada.say(f"/{verb}")
            self.assertTrue(self.ada.heard()[0].startswith(f"!! Use it like this: /{verb} NAME  ("))
        self.answers(self.ada, "/op ADA", "-- ada is an operator already.")
        self.answers(self.ada, "/unvoice BOB", "-- bob has no voice.")
        self.assertEqual((self.status("ada"), self.status("bob")), (Status.OPERATOR, Status.NONE))

    def test_elsewhere(self) -> None:
        """A change of a room that is not the current one shows its name, to who made it by another way too."""
        self.bob.say("/join #lobby")
        self.forget()
        self.ada.say("/op bob")
        self.assertEqual(self.bob.heard(), ["#garden -- ada made bob an operator"])


class Rules(Garden):
    """`/room [RULE on|off|VALUE]`."""

    def test_shown(self) -> None:
        """The rules that hold are shown with what they mean, and the words for the others."""
        self.answers(
            self.bob,
            "/room",
            "-- You are no operator in #garden. Its rules:",
            "--   members-only: only members speak",
            "--   topic-locked: only operators set the topic",
            "-- It could have: invite-only, key, limit, accounts-only, forward, private, secret, moderated, "
            "accounts-speak, op-moderated, colourless, no-ctcp, auditorium, roleplay.",
            "-- /room rules explains all of them, /room RULE one.",
        )
        self.ada.say("/room limit 20", "/room key sesame")
        self.forget()
        self.ada.say("/room")
        self.assertEqual(
            self.ada.heard()[:3],
            [
                "-- You are an operator in #garden. Its rules:",
                "--   key sesame: who comes in must know it: /join #ROOM KEY",
                "--   limit 20: so many people come in at the most",
            ],
        )

    def test_on_and_off(self) -> None:
        """A rule is set and taken away, in any case of the words; both see it."""
        self.ada.say("/room Invite-Only ON")
        self.both_see("-- ada made the room invite-only")
        self.assertIn(Rule.INVITE_ONLY, self.garden.rules)
        self.ada.say("/room invite-only off")
        self.both_see("-- ada made the room no longer invite-only")
        self.assertNotIn(Rule.INVITE_ONLY, self.garden.rules)
        self.answers(self.ada, "/room invite-only off", "-- The rule invite-only is off already.")
        self.ada.say("/room roleplay on", "/room roleplay off")
        self.both_see("-- ada set the rule roleplay", "-- ada lifted the rule roleplay")

    def test_explained(self) -> None:
        """A rule alone is explained, with its value or whether it is on, to every member; nothing changes."""
        self.answers(self.bob, "/room MODERATED", "-- moderated is off: only those with a voice speak")
        self.answers(self.bob, "/room topic-locked", "-- topic-locked is on: only operators set the topic")
        self.ada.say("/room limit 20")
        self.forget()
        self.answers(self.bob, "/room limit", "-- limit is 20: so many people come in at the most")
        self.assertEqual(self.garden.rules.keys(), {Rule.NO_OUTSIDE, Rule.TOPIC_LOCKED, Rule.LIMIT})

    def test_all(self) -> None:
        """All rules can be had at once, with what they mean and whether they hold, one below the other."""
        self.ada.say("/room limit 20")
        self.forget()
        self.bob.say("/room rules")
        heading, *rules = self.bob.heard()
        self.assertEqual(heading, "-- The rules that #garden has or could have:")
        self.assertEqual(len(rules), len(Rule))
        self.assertIn("--   limit           20   so many people come in at the most", rules)
        self.assertIn("--   members-only    on   only members speak", rules)
        self.assertIn("--   op-moderated    off  what those say who have no voice is shown to operators alone", rules)

    def test_values(self) -> None:
        """A rule with a value has it until it is taken away."""
        self.ada.say("/room limit 3")
        self.both_see("-- ada set a limit of 3 people")
        self.assertEqual(self.garden.rules[Rule.LIMIT], "3")
        self.ada.say("/room limit off")
        self.both_see("-- ada took the limit away")
        self.answers(self.ada, "/room limit off", "-- The rule limit is off already.")
        for limit in ("0", "1000000000", "many"):
            self.answers(self.ada, f"/room limit {limit}", "!! A limit is a whole number from 1 to 999999999.")
        for word, meaning in (
            ("key", "who comes in must know it: /join #ROOM KEY"),
            ("limit", "so many people come in at the most"),
            ("forward", "who may not come in is sent to that room"),
        ):
            self.answers(self.ada, f"/room {word} ON", f"!! The rule {word} takes a value, not on: {meaning}.")
        self.assertEqual(self.garden.rules.keys(), {Rule.NO_OUTSIDE, Rule.TOPIC_LOCKED})

    def test_key(self) -> None:
        """Who comes into a room with a key must know it."""
        self.ada.say("/room key sesame")
        self.both_see("-- ada set the key sesame")
        cora = self.network.enter("cora")
        cora.say("/join #garden", "/join #garden guess", "/join #garden sesame")
        needs = "!! #garden needs its key: /join #garden KEY."
        self.assertEqual(cora.heard(), [needs, needs, "-- You are in #garden with ada, bob."])

    def test_forward(self) -> None:
        """Who may not come in is sent to another room, if there is such a rule, and may come into that."""
        self.ada.say("/join #den", "/join #garden")
        self.forget()
        self.ada.say("/room invite-only on", "/room forward #den")
        self.assertEqual(self.bob.heard()[1:], ["-- ada sends to #den who may not come in"])
        cora = self.network.enter("cora")
        cora.say("/join #garden")
        invited = "!! #garden is for invited people only."
        self.assertEqual(cora.heard(), [invited, "-- You are in #den with ada."])
        cora.say("/part #den")
        cora.heard()
        den = self.network.rooms.room("#den")
        den.rules |= {Rule.INVITE_ONLY: "", Rule.FORWARD: "#garden"}
        cora.say("/join #garden")
        self.assertEqual(cora.heard(), [invited, "!! #den is for invited people only."])
        self.ada.say("/room forward off")
        cora.say("/join #garden")
        self.assertEqual(cora.heard(), [invited])

    def test_forward_refused(self) -> None:
        """People are sent only to another room, which there is, by who runs both."""
        for where in ("#garden", "#nowhere"):
            why = "!! forward needs the name of another room that exists."
            self.answers(self.ada, f"/room forward {where}", why)
        self.answers(self.ada, "/room forward #lobby", "!! You have to be an operator of both rooms.")
        self.assertNotIn(Rule.FORWARD, self.garden.rules)

    def test_secret(self) -> None:
        """Who is not in a secret room finds it in no list."""
        self.ada.say("/room secret on")
        self.both_see("-- ada made the room secret")
        cora = self.network.enter("cora")
        cora.say("/rooms", "/rooms garden")
        self.assertEqual(cora.heard(), ["-- #lobby (3)", "-- No room has garden in its name."])
        self.forget()
        self.answers(self.bob, "/rooms garden", "-- #garden (2)")

    def test_refused(self) -> None:
        """Only operators change rules; a rule must be one, and be set to something."""
        self.answers(self.bob, "/room moderated on", NOT_OPERATOR)
        there_are = ", ".join(word for word, _ in RULES.values())
        for line in ("/room quiet", "/room quiet on"):
            self.answers(self.ada, line, f"!! There is no rule quiet. The rules are {there_are}.")
        usage = "/room [RULE [on|off|VALUE]]  (show the rules of the current room, explain one, or change it)"
        self.answers(self.ada, "/room moderated maybe", f"!! Use it like this: {usage}")
        self.assertEqual(self.garden.rules, {Rule.NO_OUTSIDE: "", Rule.TOPIC_LOCKED: ""})

    def test_topic(self) -> None:
        """In a room that somebody opened only its operators set the topic, unless they let everyone."""
        self.answers(self.bob, "/topic tea", NOT_OPERATOR)
        self.ada.say("/room topic-locked off")
        self.forget()
        self.bob.say("/topic tea")
        self.assertEqual(self.ada.heard(), ["-- bob set the topic: tea"])


class Invite(Garden):
    """`/invite NAME [#ROOM]`."""

    def test_invited(self) -> None:
        """Who is invited is told how to come, and comes into a room for invited people, once; operators see it."""
        cora = self.network.enter("cora")
        self.ada.say("/room invite-only on", "/op bob")
        self.forget()
        cora.say("/join #garden")
        self.assertEqual(cora.heard(), ["!! #garden is for invited people only."])
        self.ada.say("/invite CORA")
        self.assertEqual(self.ada.heard(), ["-- You invited cora into #garden."])
        self.assertEqual(self.bob.heard(), ["-- ada invited cora"])
        self.assertEqual(cora.heard(), ["-- ada invites you into #garden: /join #garden"])
        cora.say("/join #garden", "/part #garden", "/join #garden")
        self.assertEqual(
            cora.heard(),
            [
                "-- You are in #garden with ada, bob.",
                *("-- You left #garden.", "-- You are now talking in #lobby."),
                "!! #garden is for invited people only.",
            ],
        )

    def test_another_room(self) -> None:
        """A room that is not the current one can be named, with or without its sign."""
        cora = self.network.enter("cora")
        for person in (self.ada, self.bob):
            person.say("/join #lobby")
        self.forget()
        for where in ("#garden", "GARDEN"):
            self.bob.say(f"/invite cora {where}")
            self.assertEqual(self.bob.heard(), ["-- You invited cora into #garden."])
            self.assertEqual(self.ada.heard(), ["#garden -- bob invited cora"])
            self.assertEqual(cora.heard(), ["-- bob invites you into #garden: /join #garden"])

    def test_refused(self) -> None:
        """Nobody is invited who is there, nor into a room that one is not in; a room for invited people is left to its
        operators."""
        cora = self.network.enter("cora")
        self.ada.say("/join #den")
        self.forget()
        self.answers(self.bob, "/invite ada", "!! ada is in #garden already.")
        self.answers(self.bob, "/invite cora #den", "!! You are not in #den. Use /join #den first.")
        self.answers(self.bob, "/invite dan", "!! Nobody here is called dan.")
        self.ada.say("/join #garden", "/room invite-only on")
        self.forget()
        self.answers(self.bob, "/invite cora", NOT_OPERATOR)
        self.assertEqual(cora.heard(), [])


class Renames(Garden):
    """A room gets another name, as other dialects can do it."""

    def test_renamed(self) -> None:
        """Every member is told, and goes on talking there under its new name."""
        self.bob.say("/join #lobby")
        self.forget()
        session = self.network.rooms.people.find("ada").sessions[0]
        moderation.rename(self.network.rooms, session, self.garden, "#park", "it grew")
        self.network.settle()
        self.assertEqual(self.ada.heard(), ["-- ada renamed the room to #park (it grew)"])
        self.assertEqual(self.bob.heard(), ["#garden -- ada renamed the room to #park (it grew)"])
        self.ada.say("trees", "/topic")
        self.assertEqual(self.bob.heard(), ["#park <ada> trees"])
        self.assertEqual(self.ada.heard(), ["-- #park has no topic."])


class ServerOperators(SynchronousTestCase):
    """`/oper NAME PASSWORD`, `/deoper` and `/kill NAME WHY`."""

    def setUp(self) -> None:
        """Ada and Bob, on a server where Root's password is `secret`."""
        self.answer: Deferred[None] | None = None
        self.rooms = RoomService(Alone(lambda: NOON), MemoryHistory(10), RoomLimits(), lambda: NOON)
        self.ada, self.bob = self.enter("ada"), self.enter("bob")
        self.heard(self.ada)

    def enter(self, name: str) -> PlainConversation:
        """Somebody who is in #lobby."""
        talk = PlainConversation(RecordingLink(), self.rooms, "", self.check)
        self.types(talk, name)
        self.heard(talk)
        return talk

    async def check(self, name: str, password: str, peer: Peer) -> bool:
        """Whether that is an operator."""
        if self.answer is not None:
            await self.answer
        return (name, password) == ("Root", "secret word")

    def types(self, talk: PlainConversation, line: str) -> None:
        """Type a line."""
        answer = talk.line_received(line.encode())
        if answer is not None:
            self.successResultOf(Deferred.fromCoroutine(answer))

    def heard(self, talk: PlainConversation) -> list[str]:
        """What was shown since one looked last, without the time of day."""
        assert isinstance(talk.link, RecordingLink)
        return [line[6:] if line[:2].isdigit() else line for line in talk.link.lines()]

    def test_brought(self) -> None:
        """Who is taken into a room by such an operator is told so, and talks there if they were in none."""
        self.types(self.ada, "/oper Root secret word")
        self.types(self.ada, "/join #den")
        for room in ("#den", "#park"):
            self.types(self.bob, "/part")
            self.heard(self.bob)
            operators.bring(self.rooms, self.ada.session, self.rooms.people.find("bob"), room)
        self.assertEqual(self.heard(self.bob), ["-- You are in #park with nobody else yet."])
        self.types(self.bob, "hello")
        operators.bring(self.rooms, self.ada.session, self.rooms.people.find("bob"), "#den")
        self.assertEqual(self.heard(self.bob), ["-- You are in #den with ada."])
        assert self.bob.current is not None
        self.assertEqual(self.bob.current.name.shown, "#park")

    def test_become(self) -> None:
        """With name and password one is an operator of the server: every room is theirs."""
        self.types(self.bob, "/join #den")
        self.types(self.ada, "/oper Root secret word")
        self.assertEqual(self.heard(self.ada), ["-- You are an operator of the server now."])
        user = self.rooms.people.find("ada")
        self.assertEqual((user.operator, user.who.operator, user.title), (True, True, "Root"))
        self.assertIn(UserMode.WALLOPS, user.modes)
        self.types(self.ada, "/join #den")
        self.heard(self.ada)
        self.types(self.ada, "/kick bob")
        self.assertEqual(self.heard(self.ada), ["-- ada put bob out"])

    def test_refused(self) -> None:
        """With anything else one is none; where nobody can be one, no password is right."""
        for line in ("/oper Root guess", "/oper root secret word"):
            self.types(self.ada, line)
            self.assertEqual(self.heard(self.ada), ["!! That name and that password do not belong together."])
        self.types(self.ada, "/oper Root")
        usage = "!! Use it like this: /oper NAME PASSWORD  (become an operator of the server)"
        self.assertEqual(self.heard(self.ada), [usage])
        self.ada.check_operator = None
        self.types(self.ada, "/oper Root secret word")
        self.assertEqual(self.heard(self.ada), ["!! That name and that password do not belong together."])
        self.assertFalse(self.rooms.people.find("ada").operator)

    def test_tries(self) -> None:
        """After some wrong passwords the connection ends, and one is told why."""
        wrong = "!! That name and that password do not belong together."
        for _ in range(MOST_TRIES - 1):
            self.types(self.ada, "/oper Root guess")
            self.assertEqual(self.heard(self.ada), [wrong])
        self.heard(self.bob)
        self.types(self.ada, "/oper Root guess")
        self.assertEqual(self.heard(self.ada), [f"{wrong} You are cut off: that was too often."])
        self.assertTrue(cast("RecordingLink", self.ada.link).closed)
        self.assertEqual(self.heard(self.bob), ["-- ada quit (Too many wrong passwords)"])

    def test_gone_meanwhile(self) -> None:
        """Whoever hangs up while the password is checked is told nothing."""
        self.answer = Deferred()
        answer = self.ada.line_received(b"/oper Root secret word")
        assert answer is not None
        done = Deferred.fromCoroutine(answer)
        self.assertNoResult(done)
        user = self.rooms.people.find("ada")
        self.ada.ended(Ending.LOST)
        self.heard(self.ada)
        self.answer.callback(None)
        self.successResultOf(done)
        self.assertEqual((self.heard(self.ada), user.operator), ([], False))

    def test_no_longer(self) -> None:
        """An operator of the server can give that up, and what comes with it; nobody else has it to give up."""
        self.types(self.ada, "/deoper")
        self.assertEqual(self.heard(self.ada), ["!! Only operators of the server may do that."])
        self.types(self.ada, "/oper Root secret word")
        self.heard(self.ada)
        self.types(self.ada, "/deoper")
        self.assertEqual(self.heard(self.ada), ["-- You are no operator of the server now."])
        user = self.rooms.people.find("ada")
        self.assertEqual((user.operator, user.who.operator), (False, False))
        self.assertIn(UserMode.WALLOPS, user.modes)
        self.types(self.ada, "/kill bob why")
        self.assertEqual(self.heard(self.ada), ["!! Only operators of the server may do that."])

    def test_kill(self) -> None:
        """An operator of the server ends somebody's connection: they are told why, and so are the others."""
        cora = self.enter("cora")
        self.types(self.ada, "/oper Root secret word")
        self.heard(self.ada)
        self.heard(cora)
        self.types(self.ada, "/kill BOB spam and more")
        self.assertEqual(self.heard(self.bob)[-1], "!! You are cut off by ada: spam and more")
        assert isinstance(self.bob.link, RecordingLink)
        self.assertTrue(self.bob.link.closed)
        self.assertEqual(self.heard(cora), ["-- bob quit (Killed (ada (spam and more)))"])
        told = ["-- bob quit (Killed (ada (spam and more)))", "-- You cut bob off."]
        self.assertEqual(self.heard(self.ada), told)
        self.assertIsNone(self.rooms.people.get("bob"))

    def test_kill_refused(self) -> None:
        """Nobody else may, and a reason is needed."""
        self.types(self.bob, "/kill ada why")
        self.assertEqual(self.heard(self.bob), ["!! Only operators of the server may do that."])
        self.types(self.bob, "/kill ada")
        usage = "!! Use it like this: /kill NAME WHY  (end all connections of somebody)"
        self.assertEqual(self.heard(self.bob), [usage])
        self.assertEqual(len(self.rooms.people), 2)

    def test_announced(self) -> None:
        """What an operator of the server tells everyone is shown to people on terminals."""
        self.types(self.ada, "/oper Root secret word")
        self.heard(self.ada)
        operators.announce(self.rooms, self.ada.session, "we are closing")
        for talk in (self.ada, self.bob):
            self.assertEqual(self.heard(talk), ["-- ada tells everyone: we are closing"])
        user = self.rooms.people.find("bob")
        user.modes -= {UserMode.WALLOPS}
        operators.announce(self.rooms, self.ada.session, "again")
        self.assertEqual(self.heard(self.bob), [])


class Warnings(Garden):
    """What the server tells those who run it."""

    def test_told(self) -> None:
        """Each of them, and nobody else."""
        bob = self.network.rooms.people.find("bob")
        self.network.rooms.people.become(bob, bob.modes | {UserMode.OPERATOR})
        operators.tell(self.network.rooms, "the disk is full")
        self.network.settle()
        self.assertEqual((self.ada.heard(), self.bob.heard()), ([], ["-- the disk is full"]))
