"""Registered rooms: whose they are, and what accounts are in them."""

from __future__ import annotations

from chatproto.account import Account
from chatproto.errors import (
    BadValue,
    Banned,
    ChatError,
    InviteOnly,
    ListFull,
    NoSuchAccount,
    NoSuchRoom,
    NotInRoom,
    NotOperator,
    NotThere,
)
from chatproto.events import Joined, ModesChanged
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms import logins, moderation, registered
from chatproto.rooms.limits import ALWAYS_ON, ON
from chatproto.rooms.logins import NotLoggedIn
from chatproto.rooms.recorded import THE_SERVER, RanksFull
from chatproto.rooms.registered import (
    AlreadyRegistered,
    NotFounder,
    NotOffered,
    NotRegistered,
    TooManyRegistered,
)
from chatproto.rooms.room import Room
from chatproto.rooms.room_record import KIND
from chatproto.rooms.user import Session
from tests.rooms.chat import owner_of, user_of
from tests.rooms.registering import RegisteredTestCase

OP, VOICE, FOUNDER = Status.OPERATOR, Status.VOICE, Status.FOUNDER


def made(room: Room, name: str, *statuses: Status) -> ModesChanged:
    """The server makes somebody that."""
    return ModesChanged(room.name.shown, THE_SERVER, tuple(Change(True, each, name) for each in statuses))


class Registering(RegisteredTestCase):
    """Making a room one's own, and giving it up."""

    def test_register(self) -> None:
        """Its operator becomes its founder, and everybody sees it."""
        room = self.service.join(self.ada, "#x")
        self.service.join(self.bob, "#x")
        self.seen(self.ada, self.bob)
        registered.register(self.service, self.ada, room)
        self.assertEqual((self.kept(room).founder, self.kept(room).at), ("ada", self.now))
        self.assertEqual(self.status(self.ada, room), FOUNDER | OP)
        self.sees(self.bob, made(room, "Ada", FOUNDER))
        self.sees(self.ada, made(room, "Ada", FOUNDER))

    def test_who_may(self) -> None:
        """An operator who is logged in; and each room once."""
        room = self.service.join(self.carl, "#x")
        self.service.join(self.bob, "#x")
        self.assertRaises(NotLoggedIn, registered.register, self.service, self.carl, room)
        self.assertRaises(NotOperator, registered.register, self.service, self.bob, room)
        self.assertIsNone(room.registration)
        self.mode(self.carl, room, OP, "Bob")
        registered.register(self.service, self.bob, room)
        with self.assertRaisesRegex(AlreadyRegistered, "^#x is registered already, by Bob.$"):
            registered.register(self.service, self.bob, room)

    def test_most(self) -> None:
        """An account has as many as the setting says; an operator of the server more."""
        self.start(rooms_registered=2)
        self.room("#1")
        self.room("#2")
        third = self.service.join(self.ada, "#3")
        self.assertRaises(TooManyRegistered, registered.register, self.service, self.ada, third)
        registered.unregister(self.service, self.ada, self.service.room("#1"))
        registered.register(self.service, self.ada, third)
        fourth = self.service.join(self.ada, "#4")
        self.service.people.become(user_of(self.ada), frozenset({UserMode.OPERATOR}))
        registered.register(self.service, self.ada, fourth)
        self.assertEqual(len(registered.of(self.service, "ada")), 3)

    def test_members(self) -> None:
        """What they are who are logged in, they are from then on: no more than are kept, and the highest first."""
        self.start([("ada", "Ada"), ("bob", "Bob"), ("dan", "Dan")], ranks_kept=2)
        room = self.service.join(self.ada, "#x")
        for each in (self.come("Dan"), self.bob, self.carl):
            self.service.join(each, "#x")
        for name, status in (("Dan", VOICE), ("Bob", Status.HALFOP), ("Bob", VOICE), ("carl", VOICE)):
            self.mode(self.ada, room, status, name)
        registered.register(self.service, self.ada, room)
        self.assertEqual(self.kept(room).ranks, {"ada": OP, "bob": Status.HALFOP | VOICE})

    def test_unregister(self) -> None:
        """Only the founder can; then it is a room like others, and is gone when nobody is in it."""
        room = self.room("#x", self.bob)
        self.mode(self.ada, room, OP, "Bob")
        self.assertRaises(NotFounder, registered.unregister, self.service, self.bob, room)
        registered.unregister(self.service, self.ada, room)
        self.assertRaises(NotRegistered, registered.unregister, self.service, self.ada, room)
        self.service.leave(self.bob, room, "")
        self.assertIs(self.service.room("#x"), room)
        self.service.leave(self.ada, room, "")
        self.assertRaises(NoSuchRoom, self.service.room, "#x")

    def test_unregister_empty(self) -> None:
        """Where nobody is in it, it is gone at once."""
        room = self.room()
        self.service.leave(self.ada, room, "")
        registered.unregister(self.service, self.ada, room)
        self.assertRaises(NoSuchRoom, self.service.room, "#x")

    def test_operator_of_the_server(self) -> None:
        """Is as good as its founder."""
        room = self.room()
        self.service.people.become(user_of(self.carl), frozenset({UserMode.OPERATOR}))
        registered.unregister(self.service, self.carl, room)
        self.assertIsNone(room.registration)


class Staying(RegisteredTestCase):
    """It is there when nobody is in it."""

    def test_empty(self) -> None:
        """With all that it has; who comes next is no operator of it, but its founder is founder."""
        room = self.room()
        self.service.set_topic(self.ada, room, "tea")
        self.service.leave(self.ada, room, "")
        self.assertEqual((list(self.service.rooms()), self.service.directory.used), ([self.lobby, room], 1))
        self.assertIs(self.service.join(self.carl, "#X"), room)
        self.assertEqual((self.status(self.carl, room), room.topic), (Status.NONE, "tea"))
        self.seen(self.carl)
        self.service.join(self.ada, "#x")
        self.assertEqual(self.status(self.ada, room), FOUNDER | OP)
        who = user_of(self.ada).who
        self.sees(self.carl, Joined("#x", who, "Ada"), made(room, "Ada", FOUNDER, OP))

    def test_quit_and_kick(self) -> None:
        """Whichever way they left."""
        for name, go in (
            ("#q", lambda room: self.service.quit(self.ada, "")),
            ("#k", lambda room: moderation.kick(self.service, self.ada, room, user_of(self.ada), "")),
        ):
            self.start()
            go(self.room(name))
            self.assertEqual(self.service.room(name).members, {})

    def test_looks_like(self) -> None:
        """Nobody opens one that looks like it."""
        self.service.leave(self.ada, self.room("#modern"), "")
        with self.assertRaisesRegex(ChatError, "^#rnodern looks the same as the room #modern."):
            self.service.join(self.bob, "#rnodern")

    def test_kept_out_by_nothing(self) -> None:
        """Half-operators of a registered room come in whatever its rules say, others do not."""
        room = self.room("#x", self.bob)
        moderation.change(self.service, self.ada, room, [Change(add=True, what=Rule.INVITE_ONLY)])
        moderation.change(self.service, self.ada, room, [Change(add=True, what=Listing.BAN, value="*!*@*")])
        self.mode(self.ada, room, VOICE, "Bob")
        for each in (self.ada, self.bob):
            self.service.leave(each, room, "")
        self.assertRaises(Banned, self.service.join, self.bob, "#x")
        self.service.join(self.ada, "#x")
        moderation.change(self.service, self.ada, room, [Change(add=False, what=Listing.BAN, value="*!*@*")])
        self.assertRaises(InviteOnly, self.service.join, self.bob, "#x")
        registered.set_rank(self.service, self.ada, room, "bob", Status.HALFOP, add=True)
        self.service.join(self.bob, "#x")

    def test_rename(self) -> None:
        """Only its founder gives it another name."""
        room = self.room("#x", self.bob)
        self.mode(self.ada, room, OP, "Bob")
        with self.assertRaisesRegex(BadValue, "^#x is registered: only its founder can rename it.$"):
            moderation.rename(self.service, self.bob, room, "#y", "")
        self.start()
        room = self.service.join(self.ada, "#x")
        moderation.rename(self.service, self.ada, room, "#y", "")
        self.start()
        self.assertEqual([each.name.shown for each in self.service.rooms()], ["#lobby", "#y"])

    def test_unused(self) -> None:
        """Where the setting says so, what nobody was in for longer is registered no more; who looks in helps."""
        day = 86_400.0
        for absent, gone in ((2 * day - 1, False), (2 * day, False), (2 * day + 1, True)):
            self.start(unused_days=2)
            self.now += 10 * day
            room = self.room()
            self.now += 5 * day
            self.assertEqual(registered.expire(self.service), [])  # Somebody is in it.
            self.service.leave(self.ada, room, "")
            self.now += absent
            self.assertEqual(registered.expire(self.service), [room] if gone else [])
            self.assertEqual(room.registration is None, gone)
            if not gone:
                registered.unregister(self.service, self.ada, room)

    def test_unused_never(self) -> None:
        """Usually they stay for ever."""
        self.service.leave(self.ada, self.room(), "")
        self.now += 1e9
        self.assertEqual(registered.expire(self.service), [])


class Ranks(RegisteredTestCase):
    """What people are made, their accounts are."""

    def test_kept(self) -> None:
        """Who is logged in is it again when they come again, under whatever name, until it is taken from them."""
        room = self.room("#x", self.bob)
        self.mode(self.ada, room, VOICE, "Bob")
        self.mode(self.ada, room, OP, "Bob")
        self.service.leave(self.bob, room, "")
        self.done(self.service.rename(self.bob, "bert"))
        self.seen(self.ada)
        self.service.join(self.bob, "#x")
        who = user_of(self.bob).who
        self.sees(self.ada, Joined("#x", who, "Bob"), made(room, "bert", OP, VOICE))
        self.mode(self.ada, room, OP, "bert", add=False)
        self.service.leave(self.bob, room, "")
        self.service.join(self.bob, "#x")
        self.assertEqual(self.status(self.bob, room), VOICE)

    def test_no_account(self) -> None:
        """Who has none is it as long as they are in."""
        room = self.room("#x", self.carl)
        self.mode(self.ada, room, OP, "carl")
        self.assertEqual(self.kept(room).ranks, {"ada": OP})
        self.service.leave(self.carl, room, "")
        self.service.join(self.carl, "#x")
        self.assertEqual(self.status(self.carl, room), Status.NONE)

    def test_other_rooms(self) -> None:
        """Rooms that are not registered keep nothing."""
        room = self.service.join(self.carl, "#y")
        self.service.join(self.bob, "#y")
        self.mode(self.carl, room, OP, "Bob")
        self.service.leave(self.bob, room, "")
        self.service.join(self.bob, "#y")
        self.assertEqual(self.status(self.bob, room), Status.NONE)

    def test_founder(self) -> None:
        """The founder is founder whenever they come in, whatever they gave up."""
        room = self.room()
        self.mode(self.ada, room, OP, "Ada", add=False)
        self.mode(self.ada, room, FOUNDER, "Ada", add=False)
        self.assertEqual(self.status(self.ada, room), Status.NONE)
        self.service.leave(self.ada, room, "")
        self.service.join(self.ada, "#x")
        self.assertEqual(self.status(self.ada, room), FOUNDER)

    def test_logging_in(self) -> None:
        """Who logs in while inside is what the account is from then on, and is it no more on logging out."""
        room = self.room("#x", self.bob)
        self.mode(self.ada, room, VOICE, "Bob")
        self.seen(self.bob)
        logins.log_out(self.service, self.bob)
        self.sees(self.bob, ModesChanged("#x", THE_SERVER, (Change(False, VOICE, "Bob"),)))
        self.assertEqual(self.kept(room).ranks, {"ada": OP, "bob": VOICE})
        self.assertEqual(self.status(self.bob, room), Status.NONE)
        self.seen(self.ada, self.bob)
        logins.admit(self.service, self.bob, Account("Bob", "bob"))
        self.assertEqual(self.status(self.bob, room), VOICE)
        self.assertEqual([type(event).__name__ for event in owner_of(self.bob).told], ["AccountChanged"])
        self.sees(self.bob, made(room, "Bob", VOICE))

    def test_most(self) -> None:
        """As many accounts as the setting says; then nobody else is made anything, but those who have no account."""
        self.start([("ada", "Ada"), ("bob", "Bob"), ("dan", "Dan")], ranks_kept=2)
        room = self.room("#x", self.bob, self.carl, dan := self.come("Dan"))
        self.mode(self.ada, room, VOICE, "Bob")
        (refused,) = moderation.change(self.service, self.ada, room, [Change(add=True, what=VOICE, value="Dan")])
        self.assertIsInstance(refused, ListFull)
        self.assertEqual((self.status(dan, room), set(self.kept(room).ranks)), (Status.NONE, {"ada", "bob"}))
        self.assertRaises(ListFull, registered.set_rank, self.service, self.ada, room, "dan", VOICE, add=True)
        self.mode(self.ada, room, OP, "Bob")
        self.mode(self.ada, room, VOICE, "carl")
        self.mode(self.ada, room, OP, "Bob", add=False)
        self.mode(self.ada, room, VOICE, "Bob", add=False)
        self.mode(self.ada, room, VOICE, "Dan")

    def test_most_in_one_line(self) -> None:
        """Of several whom one line makes something, no more accounts are kept than may be."""
        self.start(ranks_kept=2)
        room = self.room("#x", self.bob, come := self.come("Carla", account="Carla"))
        changes = [Change(True, VOICE, name) for name in ("Bob", "Carla")]
        refused = moderation.change(self.service, self.ada, room, changes)
        self.assertEqual([type(each) for each in refused], [RanksFull])
        self.assertEqual(self.kept(room).ranks, {"ada": OP, "bob": VOICE})
        self.assertEqual(self.status(come, room), Status.NONE)


class FromAfar(RegisteredTestCase):
    """What accounts are made while they are not there."""

    def rank(self, room: Room, by: Session, account: str, status: Status, *, add: bool = True) -> bool:
        """Whether something has changed."""
        return registered.set_rank(self.service, by, room, account, status, add=add)

    def test_absent(self) -> None:
        """They are it when they come."""
        room = self.room()
        self.assertTrue(self.rank(room, self.ada, "BOB", OP))
        self.assertFalse(self.rank(room, self.ada, "bob", OP))
        self.service.join(self.bob, "#x")
        self.assertEqual(self.status(self.bob, room), OP)
        self.assertRaises(NoSuchAccount, self.rank, room, self.ada, "eve", OP)

    def test_present(self) -> None:
        """They are it at once, and no more when it is taken from them; the founder stays one."""
        room = self.room("#x", self.bob)
        self.rank(room, self.ada, "Bob", OP | VOICE)
        self.assertEqual(self.status(self.bob, room), OP | VOICE)
        self.assertTrue(self.rank(room, self.ada, "Bob", OP, add=False))
        self.assertEqual(self.status(self.bob, room), VOICE)
        self.rank(room, self.ada, "Ada", FOUNDER | OP)
        self.rank(room, self.ada, "Ada", FOUNDER | OP, add=False)
        self.assertEqual(self.status(self.ada, room), FOUNDER)

    def test_who_may(self) -> None:
        """Who stands above that in the room, or would: from outside, too."""
        room = self.room("#x", self.bob)
        self.assertRaises(NotOperator, self.rank, room, self.bob, "bob", VOICE)
        self.assertRaises(NotOperator, registered.must_know, user_of(self.bob), room)
        self.rank(room, self.ada, "bob", Status.HALFOP)
        self.assertEqual(len(list(registered.must_know(user_of(self.bob), room))), 2)
        self.rank(room, self.ada, "bob", Status.HALFOP, add=False)
        self.rank(room, self.ada, "bob", OP)
        self.service.leave(self.bob, room, "")
        self.assertTrue(self.rank(room, self.bob, "bob", VOICE))
        self.assertRaises(NotOperator, self.rank, room, self.bob, "bob", VOICE | Status.PROTECTED)
        self.assertEqual(
            list(registered.must_know(user_of(self.bob), room)), [("ada", FOUNDER | OP), ("bob", OP | VOICE)]
        )
        other = self.service.join(self.carl, "#y")
        self.assertRaises(NotRegistered, self.rank, other, self.carl, "bob", VOICE)

    def test_take_up(self) -> None:
        """Who gave up what they are takes it up again; who is nothing cannot."""
        room = self.room("#x", self.bob)
        self.assertFalse(registered.take_up(self.service, self.ada, room))
        self.mode(self.ada, room, FOUNDER, "Ada", add=False)
        self.assertTrue(registered.take_up(self.service, self.ada, room))
        self.assertEqual(self.status(self.ada, room), FOUNDER | OP)
        self.assertRaises(NotOperator, registered.take_up, self.service, self.bob, room)
        self.assertRaises(NotInRoom, registered.take_up, self.service, self.carl, room)

    def test_members(self) -> None:
        """An operator outside makes members something."""
        room = self.room("#x", self.bob, self.carl)
        self.service.leave(self.ada, room, "")
        for target in (self.bob, self.carl):
            user = user_of(target)
            self.assertTrue(registered.set_status(self.service, self.ada, room, user, OP, add=True))
            self.assertFalse(registered.set_status(self.service, self.ada, room, user, OP, add=True))
            self.assertEqual(self.status(target, room), OP)
        self.assertEqual(self.kept(room).ranks, {"ada": OP, "bob": OP})
        self.assertTrue(registered.set_status(self.service, self.ada, room, user_of(self.bob), OP, add=False))
        self.assertEqual(self.kept(room).ranks, {"ada": OP})
        self.assertRaises(
            NotThere, registered.set_status, self.service, self.ada, room, user_of(self.ada), OP, add=True
        )
        self.assertRaises(
            NotOperator, registered.set_status, self.service, self.bob, room, user_of(self.carl), OP, add=True
        )


class Passing(RegisteredTestCase):
    """A room gets another founder."""

    def test_offered(self) -> None:
        """It is whose it was until they accept it; who it was is an operator then."""
        room = self.room("#x", self.bob)
        self.assertRaises(NotOffered, registered.accept, self.service, self.bob, room)
        self.assertFalse(registered.offer(self.service, self.ada, room, "BOB"))
        self.assertEqual((self.kept(room).founder, self.kept(room).heir), ("ada", "bob"))
        registered.accept(self.service, self.bob, room)
        self.assertEqual((self.kept(room).founder, self.kept(room).heir), ("bob", ""))
        self.assertEqual((self.status(self.ada, room), self.status(self.bob, room)), (OP, FOUNDER))
        self.assertEqual(self.kept(room).ranks, {"ada": OP})
        self.assertRaises(NotFounder, registered.offer, self.service, self.ada, room, "ada")

    def test_logged_out(self) -> None:
        """Who offered it and logged out is not its founder for ever, nor is somebody what was taken from their
        account meanwhile."""
        room = self.room("#x", self.bob, self.carl)
        registered.offer(self.service, self.ada, room, "bob")
        logins.log_out(self.service, self.ada)
        self.assertEqual(self.status(self.ada, room), Status.NONE)
        registered.accept(self.service, self.bob, room)
        logins.admit(self.service, self.ada, Account("Ada", "ada"))
        self.assertEqual(self.status(self.ada, room), OP)
        logins.log_out(self.service, self.ada)
        registered.set_rank(self.service, self.bob, room, "ada", OP, add=False)
        logins.admit(self.service, self.ada, Account("Ada", "ada"))
        self.assertEqual(self.status(self.ada, room), Status.NONE)

    def test_what_is_left(self) -> None:
        """Who it was is an operator, and nothing above it, whatever they were and gave up."""
        room = self.room()
        self.mode(self.ada, room, OP, "Ada", add=False)
        registered.set_rank(self.service, self.ada, room, "ada", FOUNDER, add=True)
        registered.offer(self.service, self.ada, room, "bob")
        registered.accept(self.service, self.bob, room)
        self.assertEqual((self.kept(room).ranks, self.status(self.ada, room)), ({"ada": OP}, OP))

    def test_taken_back(self) -> None:
        """An offer to oneself is none."""
        room = self.room()
        registered.offer(self.service, self.ada, room, "bob")
        registered.offer(self.service, self.ada, room, "ada")
        self.assertRaises(NotOffered, registered.accept, self.service, self.bob, room)

    def test_refused(self) -> None:
        """To no account nothing is given, and to nobody who has as many as they may."""
        self.start(rooms_registered=1)
        room = self.room()
        registered.register(self.service, self.bob, self.service.join(self.bob, "#y"))
        self.assertRaises(NoSuchAccount, registered.offer, self.service, self.ada, room, "eve")
        registered.offer(self.service, self.ada, room, "bob")
        self.assertRaises(TooManyRegistered, registered.accept, self.service, self.bob, room)
        self.assertRaises(NotLoggedIn, registered.accept, self.service, self.carl, room)

    def test_found(self) -> None:
        """Who has something to do with a room that is not shown knows of it."""
        room = self.room()
        moderation.change(self.service, self.ada, room, [Change(add=True, what=Rule.SECRET)])
        for _ in range(2):
            self.assertIs(registered.find(self.service, user_of(self.ada), "#x"), room)
            self.assertRaises(NoSuchRoom, registered.find, self.service, user_of(self.bob), "#x")
            self.assertRaises(NoSuchRoom, registered.find, self.service, user_of(self.carl), "#x")
            if user_of(self.ada) in room.members:
                self.service.leave(self.ada, room, "")
        registered.offer(self.service, self.ada, room, "bob")
        self.assertIs(registered.find(self.service, user_of(self.bob), "#x"), room)


class AccountsThatGo(RegisteredTestCase):
    """An account is forgotten."""

    def test_founder(self) -> None:
        """Its rooms are registered no more: who is in goes on talking there."""
        room, empty = self.room("#x", self.bob), self.room("#y")
        self.service.leave(self.ada, empty, "")
        logins.forget(self.service, "ada")
        self.assertIsNone(room.registration)
        self.assertEqual(list(self.service.rooms()), [self.lobby, room])
        self.start()
        self.assertEqual(list(self.service.rooms()), [self.lobby])

    def test_others(self) -> None:
        """It is nothing in other rooms: the next account of its name is somebody else's."""
        room = self.room("#x", self.bob)
        self.mode(self.ada, room, OP, "Bob")
        registered.offer(self.service, self.ada, room, "bob")
        logins.forget(self.service, "bob")
        self.assertEqual((self.kept(room).ranks, self.kept(room).heir), ({"ada": OP}, ""))
        self.assertEqual(self.status(self.bob, room), Status.NONE)

    def test_masks(self) -> None:
        """Nobody is let in, or kept out, for having that name next; masks that others are meant by too stay."""
        room = self.room()
        masks = ("a:Bob", "m:a:BOB", "a:bo?", "a:bobby", "bob!*@*")
        changes = [Change(True, Listing.INVITED, mask) for mask in masks] + [Change(True, Listing.BAN, "a:bob")]
        self.assertEqual(moderation.change(self.service, self.ada, room, changes), [])
        self.seen(self.ada)
        self.records.changed()
        logins.forget(self.service, "bob")
        self.assertEqual({listing: list(entries) for listing, entries in room.lists.items()}, {
            Listing.INVITED: ["a:bo?", "a:bobby", "bob!*@*"],
        })  # fmt: skip
        gone = (Change(False, Listing.INVITED, "a:Bob"), Change(False, Listing.INVITED, "m:a:BOB"))
        self.sees(
            self.ada,
            ModesChanged("#x", THE_SERVER, gone),
            ModesChanged("#x", THE_SERVER, (Change(False, Listing.BAN, "a:bob"),)),
        )
        self.assertIn((KIND, "#x"), self.records.changed())

    def test_elsewhere_and_somebody_stays(self) -> None:
        """A room whose founder it was is there for those who stay in it."""
        self.room("#x", self.bob)
        bob = user_of(self.bob)
        bob.choices = {ALWAYS_ON: ON}
        self.service.presences.changed(bob)
        self.start([("bob", "Bob")])
        room = self.service.room("#x")
        self.assertEqual((room.registration, [user.name.shown for user in room.members]), (None, ["Bob"]))

    def test_elsewhere(self) -> None:
        """The same when it was forgotten while the server did not run."""
        room = self.room("#x", self.bob)
        self.mode(self.ada, room, OP, "Bob")
        self.room("#y")
        registered.register(self.service, self.bob, self.service.join(self.bob, "#z"))
        self.start([("ada", "Ada")])
        self.assertEqual([each.name.shown for each in self.service.rooms()], ["#lobby", "#x", "#y"])
        self.assertEqual(self.kept(self.service.room("#x")).ranks, {"ada": OP})
        self.start()
        self.assertEqual(len(list(self.service.rooms())), 3)
