"""People by several connections, and by none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twisted.internet.task import Clock

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.errors import NameTaken, TooManyClients, Unwanted
from chatproto.events import AwayChanged, Joined, Kind, Left, Quit, Said, Whispered
from chatproto.interfaces import Peer
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms import logins, moderation, operators, restarting
from chatproto.rooms.limits import ALWAYS_ON, DAY, DM_HISTORY, MULTICLIENT, NEVER, OFF, ON, RoomLimits
from chatproto.rooms.presence import DISCONNECTED, PRESENCE
from chatproto.rooms.reading import between
from chatproto.rooms.room_record import KIND
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.stores.memory_accounts import MemoryAccounts
from chatproto.testing import NOON
from tests.accounts.quick import CHEAP, quick
from tests.rooms.chat import FROM, ChatTestCase, connection, link_of, owner_of, user_of
from tests.rooms.kept_records import KeptRecords


class PresenceTestCase(ChatTestCase):
    """Ada and Bob have accounts."""

    def setUp(self) -> None:
        """A server that remembers what people are."""
        super().setUp()
        self.records = KeptRecords()
        self.start()

    def start(self, **limits: Any) -> None:
        """A server, that finds what the one before it kept."""
        self.records = self.records.again()
        self.backplane = Alone(lambda: self.now)
        self.limits = RoomLimits(**limits)
        self.service = RoomService(self.backplane, self.history, self.limits, lambda: self.now, records=self.records)
        self.service.owned.load([("ada", "Ada"), ("bob", "Bob")])
        self.lobby = self.service.room(self.limits.default_room)
        self.problems = self.done(restarting.all_again(self.service))

    def client(self, account: str = "Ada", name: str = "", choices: Mapping[str, str] | None = None) -> Session:
        """Somebody who logs in, and then comes in under the account's name or another one."""
        session = connection()
        logins.admit(self.service, session, Account(account, account.lower(), settings=choices or {}))
        self.done(self.service.enter(session, name or account, *FROM))
        return session

    def staying(self, account: str = "Ada") -> Session:
        """The same for somebody who has chosen to stay."""
        return self.client(account, choices={ALWAYS_ON: ON})


class Several(PresenceTestCase):
    """One person by several connections."""

    def test_one_person(self) -> None:
        """Who is logged in to the same account and asks for the same name, in any case, is the same person."""
        first = self.client()
        second = self.client(name="ADA")
        self.assertIs(first.user, second.user)
        self.assertEqual((len(self.service.people), self.service.people.sessions), (1, 2))
        self.assertEqual(user_of(first).name.shown, "Ada")

    def test_another_name(self) -> None:
        """Under another name it is somebody else."""
        self.assertIsNot(self.client().user, self.client(name="ada2").user)

    def test_another_account(self) -> None:
        """Who is logged in to another account, or to none, is not let in under the name."""
        self.client(name="eve")
        self.refused(NameTaken, self.service.enter(connection(), "eve", *FROM))
        other = connection()
        logins.admit(self.service, other, Account("Bob", "bob"))
        self.refused(NameTaken, self.service.enter(other, "eve", *FROM))

    def test_no_account(self) -> None:
        """People without an account share nothing."""
        self.enter("eve")
        self.refused(NameTaken, self.service.enter(connection(), "eve", *FROM))

    def test_not_wanted(self) -> None:
        """Who chose so, or where it is usual and they chose nothing, is one connection; nobody is more where that is
        not done."""
        for usual, choices in ((ON, {MULTICLIENT: OFF}), (OFF, {}), (NEVER, {MULTICLIENT: ON})):
            self.start(multiclient=usual)
            first = self.client(choices=choices)
            second = connection()
            logins.admit(self.service, second, Account("Ada", "ada", settings=choices))
            self.refused(NameTaken, self.service.enter(second, "ada", *FROM))
            self.assertIsNone(second.user)
            self.service.quit(first, "")
        self.start(multiclient=OFF)
        choices = {MULTICLIENT: ON}
        self.assertIs(self.client(choices=choices).user, self.client(choices=choices).user)

    def test_most(self) -> None:
        """A person has so many connections, and not one more; when one of them ends, another may come."""
        for most in (1, 2):
            self.start(clients_per_person=most)
            clients = [self.client() for _ in range(most)]
            more = connection()
            logins.admit(self.service, more, Account("Ada", "ada"))
            self.refused(TooManyClients, self.service.enter(more, "ada", *FROM))
            self.service.quit(clients[0], "")
            self.client()

    def test_who_comes_back(self) -> None:
        """Their choices are those that their account has now. The record says that they are connected: those who were
        when the server was killed have missed what was said since it starts again, others since they went."""
        ada = self.staying()
        self.service.set_away(ada, "lunch")
        self.service.quit(ada, "")
        self.now += 1
        self.start()
        self.assertEqual(self.service.people.find("ada").alone_since, NOON)
        ada = self.client(choices={ALWAYS_ON: ON, DM_HISTORY: OFF})
        self.assertEqual(user_of(ada).choices, {ALWAYS_ON: ON, DM_HISTORY: OFF})
        self.now += 1
        self.start()
        self.assertEqual(self.service.people.find("ada").alone_since, NOON + 2)

    def test_not_secure(self) -> None:
        """Who comes by one connection without TLS is not on TLS any more."""
        first = connection()
        link_of(first).peer = Peer("192.0.2.1", secure=True)
        logins.admit(self.service, first, Account("Ada", "ada"))
        self.done(self.service.enter(first, "ada", *FROM))
        self.assertEqual(user_of(first).modes, {UserMode.SECURE})
        self.client()
        self.assertEqual(user_of(first).modes, frozenset())

    def test_what_others_say(self) -> None:
        """Each connection sees its rooms from when it is shown them, and what it says the others see."""
        first, bob = self.client(), self.client("Bob")
        room = self.join(first, "#a")
        self.join(bob, "#a")
        second = self.client()
        self.service.say(bob, room, "one")
        self.assertEqual(link_of(second).lines(), [])
        self.assertIs(self.service.join(second, "#a"), room)
        link_of(first).lines()
        self.service.say(second, room, "two")
        two = Said("#a", user_of(first).who, "two")
        self.sees(first, two)
        self.told(second, two)

    def test_coming_and_going(self) -> None:
        """Into a room they go together, and out of it; the other connections are told one by one."""
        first, second, bob = self.client(), self.client(), self.client("Bob")
        who = user_of(first).who
        self.join(bob, "#a")
        room = self.service.join(first, "#a")
        joined = Joined("#a", who, "Ada")
        for session in (first, second):
            self.told(session, joined)
        self.sees(second, joined)
        self.sees(bob, joined)
        self.assertIn(room, second.views)
        self.service.leave(second, room, "")
        left = Left("#a", who, "")
        self.told(first, left)
        self.sees(bob, left)
        self.assertFalse(first.views)

    def test_whispers(self) -> None:
        """What one connection whispers to somebody the others are told; to themselves it is shown."""
        first, second, bob = self.client(), self.client(), self.client("Bob")
        whispered = Whispered(user_of(first).who, "Bob", "psst")
        self.service.whisper(first, user_of(bob), "psst")
        self.told(second, whispered)
        self.sees(bob, whispered)
        link_of(second).lines()
        self.service.whisper(first, user_of(first), "note")
        self.told(second)
        self.sees(second, Whispered(user_of(first).who, "Ada", "note"))

    def test_end(self) -> None:
        """One that ends is told to nobody; with the last one they are gone."""
        first, second, bob = self.client(), self.client(), self.client("Bob")
        for session in (first, bob):
            self.join(session, "#a")
        self.service.join(second, "#a")
        who = user_of(first).who
        self.service.quit(first, "one")
        self.sees(bob)
        self.assertEqual((len(self.service.people), self.service.people.sessions), (2, 2))
        self.service.quit(second, "two")
        self.sees(bob, Quit(who, "two"))

    def test_secure(self) -> None:
        """They are on TLS while all of their connections are."""
        first = self.client()
        self.assertNotIn(UserMode.SECURE, user_of(first).modes)
        second = connection()
        link_of(second).peer = Peer("192.0.2.1", secure=True)
        logins.admit(self.service, second, Account("Ada", "ada"))
        self.done(self.service.enter(second, "ada", *FROM))
        self.assertNotIn(UserMode.SECURE, user_of(first).modes)
        self.service.quit(first, "")
        self.assertIn(UserMode.SECURE, user_of(second).modes)

    def test_another_login(self) -> None:
        """Who shares a person with others cannot log in to another account; alone they can."""
        first, second = self.client(), self.client()
        with self.assertRaises(logins.Shared):
            logins.admit(self.service, second, Account("Bob", "bob"))
        self.assertEqual(user_of(first).who.account, "Ada")
        self.assertTrue(logins.admit(self.service, second, Account("Ada", "ada")))
        self.service.quit(first, "")
        self.assertTrue(logins.admit(self.service, second, Account("Bob", "bob")))
        self.assertEqual(user_of(second).who.account, "Bob")

    def test_logging_out(self) -> None:
        """One person is not logged in by half: who shares it cannot log out, and so no connection that proved nothing
        is logged in by what another one proves later."""
        first, second = self.client(), self.client()
        with self.assertRaises(logins.Shared):
            logins.log_out(self.service, second)
        self.service.quit(first, "")
        logins.log_out(self.service, second)
        self.assertEqual(user_of(second).who.account, "")

    def test_account_gone(self) -> None:
        """Without the account they share nothing: only the first connection stays."""
        first, second = self.client(), self.client()
        who = user_of(first).who
        logins.forget(self.service, "ada")
        self.assertEqual(owner_of(first).cuts, [])
        self.assertEqual(owner_of(second).cuts, [(replace(who, account=""), logins.ACCOUNT_GONE)])
        with self.assertRaises(logins.Shared):
            logins.admit(self.service, first, Account("Bob", "bob"))

    def test_nobody_looks(self) -> None:
        """A connection that nobody looks at brings nobody back; where only such ones are left, they are away."""
        first = self.client()
        second = self.client()
        second.unattended = True
        self.assertEqual(user_of(first).away, "")
        self.service.quit(first, "")
        self.assertEqual(user_of(second).away, DISCONNECTED)
        third = connection()
        third.unattended = True
        logins.admit(self.service, third, Account("Ada", "ada"))
        self.done(self.service.enter(third, "ada", *FROM))
        self.assertEqual(user_of(second).away, DISCONNECTED)
        self.assertEqual(user_of(self.client()).away, "")


class Staying(PresenceTestCase):
    """One person by no connection."""

    def left(self) -> Session:
        """Somebody who sees that Ada has gone away from #a."""
        bob, ada = self.client("Bob"), self.staying()
        self.join(ada, "#a")
        self.join(bob, "#a")
        self.service.quit(ada, "Quit: bye")
        return bob

    def test_stays(self) -> None:
        """Who chose so stays in their rooms, and is away."""
        bob = self.left()
        ada = self.service.people.find("ada")
        self.sees(bob, AwayChanged(ada.who, DISCONNECTED))
        self.assertEqual((ada.sessions, list(ada.rooms)), ([], ["#a"]))
        self.assertEqual(self.service.people.sessions, 1)

    def test_back(self) -> None:
        """They are back with the next connection, and it knows since when they were alone."""
        bob = self.left()
        self.now += 60
        again = self.staying()
        self.sees(bob, AwayChanged(user_of(again).who, DISCONNECTED), AwayChanged(user_of(again).who, ""))
        self.assertEqual((again.missed, self.staying().missed), (NOON, 0.0))

    def test_whispered_to(self) -> None:
        """What would not be kept for who is not connected is not taken, where one of the two wants none of it to be
        kept; who has no account is not asked. What says nothing is lost without a word."""
        bob = self.left()
        ada = self.service.people.find("ada")
        eve = self.enter("eve")
        self.service.whisper(eve, ada, "kept")
        found = self.done(self.history.read(between("ada", "~eve"), 10))
        self.assertEqual([event.text for event, _ in found if isinstance(event, Whispered)], ["kept"])
        self.service.whisper(bob, ada, "kept")
        user_of(bob).choices = {DM_HISTORY: OFF}
        with self.assertRaises(Unwanted):
            self.service.whisper(bob, ada, "psst")
        self.service.whisper(bob, ada, "", Kind.TAGS)
        found = self.done(self.history.read(between("ada", "bob"), 10))
        self.assertEqual([event.text for event, _ in found if isinstance(event, Whispered)], ["kept"])
        self.staying()
        self.service.whisper(eve, ada, "psst")

    def test_what_did_not_arrive(self) -> None:
        """Where a connection may have been dead for a while, they were alone since its last line, or since it came."""
        ada = self.staying()
        self.now += 100
        self.service.quit(ada, "silent", unseen=True)
        ada = self.staying()
        self.assertEqual(ada.missed, NOON)
        ada.heard = NOON + 107
        self.now += 100
        self.service.quit(ada, "silent", unseen=True)
        self.assertEqual(self.staying().missed, NOON + 107)

    def test_known_once(self) -> None:
        """What one connection missed is not told to it again when it becomes another's."""
        other = self.client(name="eve", choices={ALWAYS_ON: ON})
        self.service.quit(self.staying(), "")
        again = self.staying()
        self.assertEqual(again.missed, NOON)
        self.done(self.service.rename(other, "ada"))
        self.assertEqual(other.missed, 0.0)
        self.service.quit(again, "")
        self.assertEqual(other.missed, 0.0)

    def test_no_operator(self) -> None:
        """Who stays is no operator of the server any more: that was proved by another password."""
        ada = self.staying()
        self.service.people.become(user_of(ada), user_of(ada).modes | {UserMode.OPERATOR})
        self.service.quit(ada, "")
        self.assertFalse(self.service.people.find("ada").operator)

    def test_choices_hold(self) -> None:
        """What one connection chose holds for one that logged in before it."""
        store = MemoryAccounts()
        accounts = quick(Clock(), CHEAP, store)
        self.done(accounts.make("ada", "Ada", "correct horse"))
        self.service.accounts = accounts
        ada, other = self.client(), self.client(name="eve")
        self.done(logins.choose(self.service, ada, ALWAYS_ON, ON))
        self.service.quit(ada, "")
        self.done(self.service.rename(other, "ada"))
        self.assertTrue(self.service.presences.stays(user_of(other)))

    def test_away_for_a_reason(self) -> None:
        """Who was away already stays it, for their own reason."""
        ada = self.staying()
        self.service.set_away(ada, "lunch")
        self.service.quit(ada, "")
        self.assertEqual(user_of(self.staying()).away, "lunch")

    def test_one_connection_back(self) -> None:
        """Even who wants to be one connection only is who stayed."""
        choices = {ALWAYS_ON: ON, MULTICLIENT: OFF}
        first = self.client(choices=choices)
        user = first.user
        self.service.quit(first, "")
        self.assertIs(self.client(choices=choices).user, user)

    def test_who_does_not(self) -> None:
        """Who chose nothing, or has another name than that of the account, is gone; so is everybody where it is not
        done."""
        for session in (self.client(), self.client(name="eve", choices={ALWAYS_ON: ON})):
            self.service.quit(session, "")
        self.assertEqual(len(self.service.people), 0)
        self.start(always_on=NEVER)
        self.service.quit(self.staying(), "")
        self.assertEqual(len(self.service.people), 0)

    def test_usual(self) -> None:
        """Where it is usual, they stay who chose nothing, and not those who chose not to."""
        self.start(always_on=ON)
        self.service.quit(self.client(), "")
        self.service.quit(self.client("Bob", choices={ALWAYS_ON: OFF}), "")
        self.assertEqual([user.name.shown for user in self.service.people], ["Ada"])

    def test_no_account_any_more(self) -> None:
        """Who stays is gone with their account."""
        bob = self.left()
        link_of(bob).lines()
        logins.forget(self.service, "ada")
        self.assertIsNone(self.service.people.get("ada"))
        self.assertIn("Quit(", link_of(bob).lines()[-1])

    def test_killed(self) -> None:
        """An operator of the server ends it; and brings nobody anywhere who is not connected."""
        bob = self.left()
        user_of(bob).become(frozenset({UserMode.OPERATOR}))
        ada = self.service.people.find("ada")
        with self.assertRaises(Unwanted):
            operators.bring(self.service, bob, ada, "#b")
        operators.kill(self.service, bob, ada, "spam")
        self.assertIsNone(self.service.people.get("ada"))

    def test_expiry(self) -> None:
        """After the days that the setting says they are gone, and not before; 0 is never. Who is connected stays."""
        for days, after, gone in ((2, 2 * DAY, False), (2, 2 * DAY + 1, True), (0, 1000 * DAY, False)):
            self.start(always_on_days=days)
            self.now = NOON
            for session in (self.staying(), self.staying("Bob")):
                self.service.quit(session, "") if session.account == "Ada" else None
            self.now += after
            self.service.presences.expire()
            self.assertEqual(self.service.people.get("ada") is None, gone, (days, after))
            self.assertIsNotNone(self.service.people.get("bob"))
            for user in list(self.service.people):
                user.sessions.clear()
                self.service.end(user, "")


class Lasting(PresenceTestCase):
    """Over a restart."""

    def restarted(self) -> list[str]:
        """The names of who is there in a server that is started now."""
        self.start()
        return [user.name.shown for user in self.service.people]

    def test_there_again(self) -> None:
        """Who stays is there again: in their rooms, as what they were there, and with what they said of themselves;
        without what only a connection has."""
        ada, bob = self.staying(), self.staying("Bob")
        room = self.join(ada, "#A")
        self.join(bob, "#a")
        moderation.change(self.service, ada, room, [Change(True, Status.VOICE, "bob")])
        self.service.set_realname(ada, "Countess")
        self.service.people.become(user_of(ada), frozenset({UserMode.BOT, UserMode.OPERATOR, UserMode.SECURE}))
        self.service.set_away(ada, "lunch")
        self.assertEqual(self.restarted(), ["Ada", "Bob"])
        self.assertEqual(self.problems, [])
        found, other = self.service.people.find("ada"), self.service.people.find("bob")
        room = self.service.room("#a")
        self.assertEqual(room.name.shown, "#A")
        self.assertEqual(room.members, {found: Status.OPERATOR, other: Status.VOICE})
        self.assertEqual((found.realname, found.away, other.away), ("Countess", "lunch", DISCONNECTED))
        self.assertEqual(found.modes, {UserMode.BOT})
        self.assertEqual((found.who.account, found.who.username, found.who.bot), ("Ada", "user", True))
        self.assertEqual(self.staying().missed, NOON)

    def test_names_are_theirs(self) -> None:
        """Nobody else gets the name meanwhile."""
        self.staying("Bob")
        self.restarted()
        eve = connection()
        self.service.owned.discard("bob")
        self.refused(NameTaken, self.service.enter(eve, "bob", *FROM))

    def test_who_is_not(self) -> None:
        """Who left, or does not stay any more, or renamed themselves, or has no account any more is not there."""
        self.client()
        self.assertEqual(self.restarted(), [])
        ada = self.staying()
        self.done(self.service.rename(ada, "lady"))
        self.assertEqual(self.restarted(), [])
        ada = self.staying()
        user_of(ada).choices = {}
        self.service.presences.settle(user_of(ada))
        self.assertEqual(self.restarted(), [])
        ada = self.staying()
        logins.log_out(self.service, ada)
        self.assertEqual(self.restarted(), [])
        ada = self.staying()
        logins.forget(self.service, "ada")
        self.assertEqual(self.restarted(), [])

    def test_left_room(self) -> None:
        """They are not in rooms that they left, or were put out of, and in renamed ones under the new name."""
        ada, bob = self.staying(), self.staying("Bob")
        for name in ("#left", "#kicked", "#old"):
            self.join(ada, name)
        self.join(bob, "#kicked")
        self.service.leave(ada, self.service.room("#left"), "")
        moderation.kick(self.service, ada, self.service.room("#kicked"), user_of(bob), "")
        moderation.rename(self.service, ada, self.service.room("#old"), "#new", "")
        self.restarted()
        self.assertEqual(list(self.service.people.find("ada").rooms), ["#kicked", "#new"])
        self.assertEqual(list(self.service.people.find("bob").rooms), [])

    def test_rooms_are_the_same(self) -> None:
        """The rooms that somebody stays in are as they were, with their rules, also those that were set before, and
        with their past; not those that only others were in."""
        bob = self.client("Bob")
        room, other = self.join(bob, "#a"), self.join(bob, "#b")
        moderation.change(self.service, bob, room, [Change(True, Rule.KEY, "sesame")])
        for each in (room, other):
            self.service.set_topic(bob, each, "tea")
        ada = self.staying()
        self.service.join(ada, "#a", "sesame")
        moderation.change(self.service, bob, room, [Change(True, Listing.BAN, "eve!*@*")])
        self.assertNotEqual(room.stream, "#a")
        self.assertEqual(self.restarted(), ["Ada"])
        again = self.service.room("#a")
        self.assertEqual((again.topic, again.rules, again.stream), ("tea", room.rules, room.stream))
        self.assertEqual(again.lists, room.lists)
        self.assertEqual([each.name.shown for each in self.service.rooms()], ["#lobby", "#a"])
        self.service.leave(self.staying(), again, "")
        self.restarted()
        self.assertEqual(self.records.all(KIND), [])

    def test_chosen_later(self) -> None:
        """It holds as well for who chooses to stay when they are in there already; and for a room that is renamed."""
        ada = self.client()
        room = self.join(ada, "#a")
        self.service.set_topic(ada, room, "tea")
        user_of(ada).choices = {ALWAYS_ON: ON}
        self.service.presences.settle(user_of(ada))
        moderation.rename(self.service, ada, room, "#b", "")
        self.restarted()
        self.assertEqual(self.service.room("#b").topic, "tea")
        self.assertEqual([key for key, _ in self.records.all(KIND)], ["#b"])

    def test_who_is_not_to_be_had(self) -> None:
        """A room in which nobody is again is gone."""
        self.join(self.staying(), "#a")
        self.records.keep(PRESENCE, "ada", lambda: None)
        self.restarted()
        self.assertEqual([each.name.shown for each in self.service.rooms()], ["#lobby"])

    def test_of_no_use(self) -> None:
        """A record that cannot be read is told, and keeps nobody else from being there."""
        self.staying()
        self.records.keep(PRESENCE, "bob", lambda: {"name": 7})
        self.start()
        self.assertEqual(len(self.problems), 1)
        self.assertEqual([user.name.shown for user in self.service.people], ["Ada"])

    def test_looks_alike(self) -> None:
        """They are not put into a room that only looks like theirs."""
        self.join(self.staying(), "#room")
        self.start(default_room="#rооm")
        self.assertEqual(len(self.problems), 1)
        self.assertEqual(dict(self.service.people.find("ada").rooms), {})
