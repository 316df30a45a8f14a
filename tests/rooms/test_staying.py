"""Who stays in their rooms, over a restart: the rooms are as they were, and nobody comes into others."""

from __future__ import annotations

from typing import Any

from chatproto.account import Account
from chatproto.backplanes.alone import Alone
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms import logins, moderation, operators, registered, restarting
from chatproto.rooms.limits import ALWAYS_ON, NEVER, OFF, ON
from chatproto.rooms.presence_record import DISCONNECTED, PRESENCE
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import KIND
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from chatproto.testing import NOON
from tests.rooms.chat import user_of
from tests.rooms.kept_records import KeptRecords
from tests.rooms.test_presence import PresenceTestCase

CLOSED = [Change(True, Rule.KEY, "sesame"), Change(True, Rule.INVITE_ONLY, "")]


class StayingTestCase(PresenceTestCase):
    """The time goes on with each server."""

    def start(self, **limits: Any) -> None:
        """See `PresenceTestCase.start`."""
        self.now += 60
        super().start(**limits)

    def start_on(self, backplane: Alone, records: KeptRecords) -> None:
        """A server on that backplane, which finds these records."""
        self.service = RoomService(backplane, self.history, self.limits, lambda: self.now, records=records)
        self.service.owned.load([("ada", "Ada"), ("bob", "Bob")])
        self.problems = self.done(restarting.all_again(self.service))

    def here(self) -> dict[str, dict[str, Status]]:
        """All rooms but the default one, with who is in and as what."""
        return {
            room.name.shown: {user.name.shown: status for user, status in room.members.items()}
            for room in self.service.rooms()
            if room is not self.lobby
        }

    def close(self, session: Session, room: Room) -> None:
        """Let nobody else in."""
        self.assertEqual(moderation.change(self.service, session, room, CLOSED), [])

    def is_closed(self) -> None:
        """So is #a, after a restart."""
        self.start()
        self.assertLessEqual({Rule.KEY, Rule.INVITE_ONLY}, self.service.room("#a").rules.keys())


class Rooms(StayingTestCase):
    """They are kept while somebody is in who stays."""

    def test_taking_the_name(self) -> None:
        """Who takes the name of their account stays from then on, also in rooms that they were in already."""
        ada = self.client(name="tmp", choices={ALWAYS_ON: ON})
        self.close(ada, self.join(ada, "#a"))
        self.assertEqual(self.records.changed(), set())
        self.done(self.service.rename(ada, "Ada"))
        self.assertEqual(self.records.changed(), {(PRESENCE, "tmp"), (PRESENCE, "ada"), (KIND, "#a")})
        self.is_closed()
        self.done(self.service.rename(self.staying(), "tmp"))
        self.records.changed()
        self.assertEqual((self.records.all(PRESENCE), self.records.all(KIND)), ([], []))

    def test_logging_in(self) -> None:
        """So does who logs in to the account of their name."""
        ada = self.enter("Carl")
        self.close(ada, self.join(ada, "#a"))
        logins.admit(self.service, ada, Account("Carl", "carl", settings={ALWAYS_ON: ON}))
        self.assertLessEqual({(PRESENCE, "carl"), (KIND, "#a")}, self.records.changed())
        logins.log_out(self.service, ada)
        self.records.changed()
        self.assertEqual((self.records.all(PRESENCE), self.records.all(KIND)), ([], []))

    def test_another_client(self) -> None:
        """The choice of a client that comes back holds, if it is another one by then."""
        self.service.quit(self.staying(), "")
        self.client(choices={ALWAYS_ON: OFF})
        self.records.changed()
        self.assertEqual(self.records.all(PRESENCE), [])

    def test_not_registered_any_more(self) -> None:
        """A room that is released is kept as others are: its record follows what happens."""
        ada, bob = self.staying(), self.client("Bob")
        room = self.join(bob, "#a")
        registered.register(self.service, bob, room)
        self.join(ada, "#a")
        registered.unregister(self.service, bob, room)
        self.records.changed()
        self.close(bob, room)
        self.assertEqual(self.records.changed(), {(KIND, "#a")})
        self.is_closed()

    def test_last_one(self) -> None:
        """When nobody is in any more who stays the room has no record, though others are in, or it is the default
        one; whether they left, were put out, quit, or chose not to stay."""

        def leave(ada: Session, room: Room) -> None:
            self.service.leave(ada, room, "")

        def kick(ada: Session, room: Room) -> None:
            room.change(user_of(ada), Status.OPERATOR)
            moderation.kick(self.service, ada, room, user_of(ada), "")

        def kill(ada: Session, room: Room) -> None:
            user = user_of(ada)
            self.service.quit(ada, "")
            self.service.presences.remove(user, "")

        def choose(ada: Session, room: Room) -> None:
            user_of(ada).choices = {}
            self.service.presences.settle(user_of(ada))

        for end in (leave, kick, kill, choose):
            self.start()
            ada, bob = self.staying(), self.client("Bob")
            for name in ("#x", self.lobby.name.shown):
                self.join(bob, name)
                room = self.service.join(ada, name)
                self.records.changed()
                self.assertIn(room.name.key, [key for key, _ in self.records.all(KIND)])
            for room in list(user_of(ada).rooms.values()):
                if ada.user is not None:
                    end(ada, room)
            self.records.changed()
            self.assertEqual(self.records.all(KIND), [], end.__name__)
            self.service.quit(ada, "") if ada.user is not None else None

    def test_others(self) -> None:
        """A room that nobody stays in has no record, whatever happens there, and whoever is in another one."""
        self.join(self.staying(), "#b")
        bob = self.client("Bob")
        self.records.changed()
        room = self.join(bob, "#a")
        self.service.set_topic(bob, room, "tea")
        self.close(bob, room)
        self.service.leave(bob, room, "")
        self.assertEqual(self.records.changed(), set())

    def test_written_meanwhile(self) -> None:
        """Where names are waited for as the server starts, and what is there is written meanwhile, nothing is lost."""
        self.join(self.staying(), "#a")
        records = self.records.again()

        class Waiting(Alone):
            """Has other nodes to ask."""

            async def claim(self, token: str) -> bool:
                records.changed()
                return await super().claim(token)

        self.start_on(Waiting(lambda: self.now), records)
        records.changed()
        self.assertEqual([key for key, _ in records.all(KIND)], ["#a"])

    def test_name_taken(self) -> None:
        """Whose name is another one's by then is not there; those after them are."""
        self.staying()
        self.staying("Bob")

        class Taken(Alone):
            """Another node has the name."""

            async def claim(self, token: str) -> bool:
                return token != "ada"

        self.start_on(Taken(lambda: self.now), self.records.again())
        self.assertEqual(len(self.problems), 1)
        self.assertEqual([user.name.shown for user in self.service.people], ["Bob"])

    def test_renamed_away(self) -> None:
        """Nothing is left under the old name of a room."""
        ada = self.staying()
        room = self.join(ada, "#x")
        self.records.changed()
        moderation.rename(self.service, ada, room, "#y", "")
        self.records.changed()
        self.assertEqual([key for key, _ in self.records.all(KIND)], ["#y"])


class Others(StayingTestCase):
    """What is somebody else's by then."""

    def missed(self, name: str) -> Session:
        """Bob, in a server that could not have Ada here again, and that #a is gone from."""
        self.join(self.staying(), "#a")
        self.start(reserved_names=(name,))
        self.assertEqual(len(self.problems), 1)
        bob = self.client("Bob")
        self.service.leave(bob, self.join(bob, "#a"), "")
        self.assertEqual(self.here(), {})
        return bob

    def test_room_of_that_name(self) -> None:
        """They are not in a room that only has the name of theirs, registered or not."""
        bob = self.missed("ada")
        room = self.join(bob, "#a")
        registered.register(self.service, bob, room)
        self.start()
        self.assertEqual((self.problems, self.here()), ([], {"#a": {}}))
        self.assertIsNotNone(self.service.people.get("ada"))

    def test_staying_in_that_name(self) -> None:
        """Nor where another one stays in it."""
        bob = self.missed("ada")
        self.service.quit(bob, "")
        self.join(self.staying("Bob"), "#a")
        self.start()
        self.assertEqual(self.here(), {"#a": {"Bob": Status.OPERATOR}})

    def test_what_the_account_is(self) -> None:
        """In a registered room they are what their account is by then."""
        bob, ada = self.staying("Bob"), self.client()
        room = self.join(ada, "#a")
        registered.register(self.service, ada, room)
        self.join(bob, "#a")
        moderation.change(self.service, ada, room, [Change(True, Status.OPERATOR, "Bob")])
        self.start(reserved_names=("bob",))
        ada = self.client()
        room = self.service.join(ada, "#a")
        registered.set_rank(self.service, ada, room, "bob", Status.OPERATOR, add=False)
        registered.set_rank(self.service, ada, room, "bob", Status.VOICE, add=True)
        self.start()
        self.assertEqual(self.here(), {"#a": {"Bob": Status.VOICE}})

    def test_account_dropped(self) -> None:
        """Who has an account of that name next is not where the last one was."""
        self.join(self.missed("ada"), "#b")
        logins.forget(self.service, "ada")
        self.service.owned.add("ada", "Ada")
        self.start()
        self.assertIsNone(self.service.people.get("ada"))

    def test_account_dropped_and_broken(self) -> None:
        """A record of an account that is gone is gone too, whatever is in it."""
        self.records.keep(PRESENCE, "carl", lambda: {"name": 7})
        self.start()
        self.records.changed()
        self.assertEqual((self.problems, self.records.all(PRESENCE)), ([], []))

    def test_room_of_no_use(self) -> None:
        """A room whose record is of no use is not opened for who stayed there: it may have been closed."""
        ada, bob = self.staying(), self.staying("Bob")
        self.close(ada, room := self.join(ada, "#a"))
        room.add(user_of(bob))
        self.join(ada, "#b")
        self.records.changed()
        record = dict(self.records.all(KIND))["#a"]
        self.records.keep(KIND, "#a", lambda: {**record, "rules": {"?": ""}})
        self.start()
        self.assertEqual(self.here(), {"#b": {"Ada": Status.OPERATOR}})
        self.assertEqual(len(self.problems), 1)
        self.records.changed()
        self.assertIn("#a", dict(self.records.all(KIND)))

    def test_room_too_long(self) -> None:
        """Where a room cannot be had any more they are in the others, and so is everybody after them."""
        for session in (self.staying(), self.staying("Bob")):
            self.join(session, "#longest")
            self.join(session, "#b")
        self.start(room_name_length=6)
        self.assertEqual(len(self.problems), 1)
        self.assertEqual(self.here()["#b"].keys(), {"Ada", "Bob"})


class Records(StayingTestCase):
    """What they tell, and what is made of them."""

    def record(self) -> dict[str, Any]:
        """That of Ada."""
        self.records.changed()
        return {**dict(self.records.all(PRESENCE))["ada"]}

    def read(self, **changes: Any) -> None:
        """Start a server with her record, but for these."""
        found = {**self.record(), **changes}
        self.records.keep(PRESENCE, "ada", lambda: {key: value for key, value in found.items() if value != "gone"})
        self.start()

    def test_of_no_use(self) -> None:
        """One that has something missing, or of another kind than it should be, is told; nobody is half there, and
        nobody else is missing."""
        bad: dict[str, list[Any]] = {
            "name": ["gone", None, "", "Bob", 7],
            "account": ["gone", None, "", "Bob"],
            "username": ["gone", None, "a b"],
            "host": ["gone", None, "a b"],
            "realname": ["gone", None, "\ud800"],
            "away": ["gone", None],
            "choices": ["gone", None, [], "x", {ALWAYS_ON: 1}],
            "modes": ["gone", None, "?", 7],
            "signed_on": ["gone", None, "x", float("inf"), 10**400],
            "alone_since": ["gone", None, "x", True],
            "rooms": ["gone", None, "x", [], {"#a": 4}, {"#a": None}, {"#a": {"created": NOON}},
                      {"#a": {"created": "x", "status": ""}}, {"#a": {"created": NOON, "status": 4096}}],
        }  # fmt: skip
        self.join(self.staying("Bob"), "#b")
        self.staying()
        whole = self.record()
        for field, values in bad.items():
            for value in values:
                self.read(**{**whole, field: value})
                self.assertEqual(len(self.problems), 1, (field, value))
                self.assertIn("'ada' cannot be here as before", self.problems[0])
                self.assertEqual([user.name.shown for user in self.service.people], ["Bob"], (field, value))
                self.service.presences.expire()
                self.assertEqual(self.client().user, self.service.people.get("ada"))  # The name is not held.
        self.read(**whole)
        self.assertEqual(self.problems, [])

    def test_no_operator_of_the_server(self) -> None:
        """Whatever a record says, nobody is an operator of the server by it, or on TLS."""
        self.staying()
        self.read(modes="oZR")
        ada = self.service.people.find("ada")
        self.assertEqual((ada.modes, ada.who.operator), ({UserMode.REGISTERED_ONLY}, False))

    def test_times(self) -> None:
        """Since when they were alone is kept over a restart; who was connected until the end is alone since the start.
        Nobody is so since a time to come."""
        ada = self.staying()
        self.service.quit(ada, "")
        left = self.now
        self.start()
        self.assertEqual(self.service.people.find("ada").alone_since, left)
        self.assertEqual(self.staying().missed, left)
        self.start()
        self.assertEqual(self.service.people.find("ada").alone_since, self.now)
        for field in ("alone_since", "signed_on"):
            self.read(**{field: self.now + 1e9})
            self.assertEqual(getattr(self.service.people.find("ada"), field), self.now)

    def test_follows(self) -> None:
        """It follows what they are shown as, what they are, and whether they are connected."""
        ada = self.staying()
        root = self.client("Bob")
        self.service.people.become(user_of(root), frozenset({UserMode.OPERATOR}))
        self.records.changed()
        self.service.set_realname(ada, "Countess")
        self.assertEqual(self.record()["realname"], "Countess")
        modes = {UserMode.REGISTERED_ONLY, UserMode.OPERATOR, UserMode.SECURE}
        self.service.people.become(user_of(ada), frozenset(modes))
        self.assertEqual(self.record()["modes"], "R")
        operators.set_host(self.service, root, user_of(ada), "example.org")
        self.assertEqual(self.record()["host"], "example.org")
        self.service.set_away(ada, "lunch")
        self.assertEqual(self.record()["away"], "lunch")
        self.service.quit(ada, "")
        self.assertEqual(self.record()["alone_since"], self.now)
        self.staying()
        self.assertEqual(self.record()["alone_since"], 0)

    def test_left_and_back_while_away(self) -> None:
        """The same for who says nothing by it, being away for a reason of their own."""
        ada = self.staying()
        self.service.set_away(ada, "lunch")
        self.record()
        self.service.quit(ada, "")
        self.assertEqual(self.record()["alone_since"], self.now)
        self.staying()
        self.assertEqual(self.record()["alone_since"], 0)

    def test_in_and_out(self) -> None:
        """It follows where they are."""
        ada = self.staying()
        self.record()
        room = self.join(ada, "#a")
        self.assertEqual(self.record()["rooms"].keys(), {"#a"})
        self.service.leave(ada, room, "")
        self.assertEqual(self.record()["rooms"].keys(), set())

    def test_gone(self) -> None:
        """Who was put out while they were alone has none, and is remembered in no other way."""
        ada = self.staying()
        user = user_of(ada)
        self.service.quit(ada, "")
        self.records.changed()
        self.service.presences.remove(user, "")
        self.records.changed()
        self.assertEqual((self.records.all(PRESENCE), self.service.presences._staying), ([], set()))

    def test_not_any_more(self) -> None:
        """A record of no use goes when its owner comes who does not stay any more, or chooses what is usual."""
        self.records.keep(PRESENCE, "ada", lambda: {"name": 7})
        self.start()
        self.service.quit(self.client(), "")
        self.records.changed()
        self.assertEqual(len(self.records.all(PRESENCE)), 1)
        ada = self.client(choices={ALWAYS_ON: OFF})
        self.records.changed()
        self.assertEqual(self.records.all(PRESENCE), [])
        user_of(ada).choices = {}
        self.records.keep(PRESENCE, "ada", lambda: {"name": 7})
        self.records.changed()
        self.service.presences.settle(user_of(ada))
        self.records.changed()
        self.assertEqual(self.records.all(PRESENCE), [])

    def test_nobody_stays(self) -> None:
        """Where the server does not have people stay any more nobody is there again, and their records are gone."""
        self.join(self.staying(), "#a")
        self.start(always_on=NEVER)
        self.records.changed()
        self.assertEqual((len(self.service.people), self.records.all(PRESENCE), self.records.all(KIND)), (0, [], []))

    def test_where_they_are(self) -> None:
        """Rooms are told by when they were made, and what they are there by letters; bans in them stay theirs."""
        ada = self.staying()
        room = self.join(ada, "#A")
        moderation.change(self.service, ada, room, [Change(True, Listing.BAN, "eve!*@*")])
        self.assertEqual(self.record()["rooms"], {"#A": {"created": room.created, "status": "o"}})
        self.start()
        self.assertEqual(self.here(), {"#A": {"Ada": Status.OPERATOR}})
        self.assertEqual(self.service.people.find("ada").away, DISCONNECTED)
