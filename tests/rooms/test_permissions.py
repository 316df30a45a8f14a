"""Who may do what."""

from __future__ import annotations

from chatproto.errors import (
    AtItsLimit,
    Banned,
    ChatError,
    InviteOnly,
    MayNotSpeak,
    NeedsAccount,
    NotInRoom,
    NotOperator,
    NotServerOperator,
    Outranked,
    OutsideMayNotSpeak,
    RoomFull,
    TooLong,
    TooManyRooms,
    Unwanted,
    WrongKey,
)
from chatproto.events import Kind
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms import permissions
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.room import Entry
from chatproto.rooms.user import User
from tests.rooms.chat import ChatTestCase, user_of

STATUSES = (Status.NONE, Status.VOICE, Status.HALFOP, Status.OPERATOR, Status.PROTECTED, Status.FOUNDER)


class PermissionCase(ChatTestCase):
    """ada is the operator of #a, in which bob is as well; eve is outside."""

    limits = RoomLimits(rooms_per_person=2, people_per_room=4)

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        self.ada, self.bob = user_of(self.enter("ada", "#a")), user_of(self.enter("bob", "#a"))
        self.eve = user_of(self.enter("eve"))
        self.room = self.service.room("#a")
        self.room.rules.clear()

    def rules(self, letters: str, value: str = "") -> None:
        """Have these rules, and no others, in #a."""
        self.room.rules = {Rule(letter): value for letter in letters}

    def mask(self, listing: Listing, *masks: str) -> None:
        """Have these masks on that list of #a."""
        self.room.lists[listing] = dict.fromkeys(masks, Entry("ada!u@h", 0.0))

    def run_the_server(self, user: User) -> None:
        """Make them an operator of the server."""
        user.become(frozenset({UserMode.OPERATOR}))


class JoinTests(PermissionCase):
    """Coming in."""

    def refused(self, kind: type[ChatError], key: str = "") -> None:  # type: ignore[override]
        """Fail unless eve may not come in for that reason, but may if she is invited or runs the server."""
        self.assertIs(type(self.assertRaises(kind, self.join_with, key)), kind)
        self.eve.invitations = (self.room,)
        self.join_with(key)
        self.eve.invitations = ()
        self.run_the_server(self.eve)
        self.join_with(key)
        self.eve.become(frozenset())

    def join_with(self, key: str = "") -> None:
        """Ask whether eve may come in."""
        permissions.may_join(self.eve, self.room, key, self.limits)

    def test_rules(self) -> None:
        """Each rule that keeps people out does, and an invitation and running the server are above all of them."""
        self.join_with()
        for letters, value, kind in (
            ("R", "", NeedsAccount),
            ("i", "", InviteOnly),
            ("k", "key", WrongKey),
            ("l", "2", AtItsLimit),
        ):
            self.rules(letters, value)
            self.refused(kind)
        self.rules("k", "key")
        self.refused(WrongKey, "KEY")
        self.join_with("key")
        self.rules("l", "3")
        self.join_with()
        self.rules("R")
        self.eve.looks(account="eve")
        self.join_with()

    def test_bans(self) -> None:
        """Who is banned stays out, but for exceptions; a mute is no ban."""
        self.mask(Listing.BAN, "x!*@*", "EVE!*@*")
        self.refused(Banned)
        self.mask(Listing.EXCEPTION, "*!*@localhost")
        self.join_with()
        self.room.lists.clear()
        self.mask(Listing.BAN, "m:eve!*@*", "m:a:*")
        self.join_with()

    def test_invited(self) -> None:
        """Whose mask is on that list needs no invitation; that of another does not help."""
        self.rules("i")
        self.mask(Listing.INVITED, "bob!*@*")
        self.refused(InviteOnly)
        self.mask(Listing.INVITED, "e?e!*@*")
        self.join_with()

    def test_limits(self) -> None:
        """Nobody is in too many rooms, and no room holds too many, whoever they are."""
        self.run_the_server(self.eve)
        for name in ("c", "d"):
            self.enter(name, "#a")
        self.assertRaises(RoomFull, self.join_with)
        for name in ("#x", "#y"):
            self.service.join(self.eve.sessions[0], name)
        for room in (self.room, None):
            self.assertRaises(TooManyRooms, permissions.may_join, self.eve, room, "", self.limits)


class SpeakTests(PermissionCase):
    """Being heard."""

    def speak(self, user: User, text: str = "hi", kind: Kind = Kind.PLAIN) -> Status:
        """Ask who hears it."""
        return permissions.may_speak(user, self.room, text, kind)

    def test_outside(self) -> None:
        """From outside one is heard where the room allows it."""
        self.assertEqual(self.speak(self.eve), Status.NONE)
        self.rules("n")
        self.assertRaises(OutsideMayNotSpeak, self.speak, self.eve)
        self.assertRaises(NotInRoom, self.speak, self.eve)
        self.assertEqual(self.speak(self.bob), Status.NONE)

    def test_for_everybody(self) -> None:
        """What a room does not take it takes from nobody."""
        self.rules("C")
        for user in (self.ada, self.bob):
            for kind in (Kind.CTCP, Kind.CTCP_REPLY):
                self.assertRaises(MayNotSpeak, self.speak, user, kind=kind)
            for kind in (Kind.PLAIN, Kind.ACTION, Kind.NOTICE, Kind.TAGS):
                self.assertEqual(self.speak(user, kind=kind), Status.NONE)
        self.rules("c")
        for text in ("\x034red", "\x04ff0000red"):
            self.assertRaises(MayNotSpeak, self.speak, self.ada, text)
        self.assertEqual(self.speak(self.ada, "\x02bold"), Status.NONE)

    def test_without_a_voice(self) -> None:
        """Those with a voice, and those above, are heard where others are not; so is who runs the server."""
        for prepare in (
            lambda: self.rules("m"),
            lambda: self.rules("mU"),
            lambda: self.rules("M"),
            lambda: self.mask(Listing.BAN, "bob!*@*"),
            lambda: self.mask(Listing.BAN, "m:bob!*@*"),
        ):
            self.room.rules, self.room.lists = {}, {}
            prepare()
            self.room.members[self.bob] = Status.NONE
            self.assertRaises(MayNotSpeak, self.speak, self.bob)
            for status in STATUSES[1:]:
                self.room.members[self.bob] = status
                self.assertEqual(self.speak(self.bob), Status.NONE)
            self.room.members[self.bob] = Status.NONE
            self.run_the_server(self.bob)
            self.assertEqual(self.speak(self.bob), Status.NONE)
            self.bob.become(frozenset())

    def test_accounts(self) -> None:
        """In a room for people with an account one needs it to speak."""
        self.rules("M")
        self.bob.looks(account="bob")
        self.assertEqual(self.speak(self.bob), Status.NONE)

    def test_exceptions(self) -> None:
        """An exception undoes bans and mutes; one for mutes undoes mutes only."""
        self.mask(Listing.BAN, "m:bob!*@*")
        self.mask(Listing.EXCEPTION, "m:*!*@localhost")
        self.assertEqual(self.speak(self.bob), Status.NONE)
        self.mask(Listing.BAN, "bob!*@*")
        self.assertRaises(MayNotSpeak, self.speak, self.bob)
        self.mask(Listing.EXCEPTION, "*!*@localhost")
        self.assertEqual(self.speak(self.bob), Status.NONE)

    def test_op_moderated(self) -> None:
        """Without a voice one is heard by operators there."""
        self.rules("U")
        self.assertEqual(self.speak(self.bob), Status.HALFOP)
        self.assertEqual(self.speak(self.eve), Status.HALFOP)
        self.assertEqual(self.speak(self.ada), Status.NONE)

    def test_privately(self) -> None:
        """People need not take everything from everybody."""
        tell = permissions.may_tell
        self.bob.become(frozenset({UserMode.REGISTERED_ONLY}))
        self.assertRaises(NeedsAccount, tell, self.eve, self.bob, Kind.PLAIN)
        tell(self.bob, self.bob, Kind.PLAIN)
        self.bob.accept(self.eve)
        tell(self.eve, self.bob, Kind.PLAIN)
        self.bob.refuse(self.eve)
        self.assertRaises(NeedsAccount, tell, self.eve, self.bob, Kind.PLAIN)
        self.eve.looks(account="eve")
        tell(self.eve, self.bob, Kind.PLAIN)
        self.bob.become(frozenset({UserMode.NO_CTCP}))
        for kind in (Kind.CTCP, Kind.CTCP_REPLY):
            self.assertRaises(Unwanted, tell, self.eve, self.bob, kind)
        tell(self.eve, self.bob, Kind.ACTION)
        self.run_the_server(self.eve)
        tell(self.eve, self.bob, Kind.CTCP)


class OperatorTests(PermissionCase):
    """What is for operators."""

    def allowed(self, change: Change, target: User | None = None) -> list[Status]:
        """As what in #a bob may make that change."""
        found = []
        for status in STATUSES:
            self.room.members[self.bob] = status
            try:
                permissions.may_change(self.bob, self.room, change, target)
            except NotOperator:
                continue
            found.append(status)
        return found

    def test_changes(self) -> None:
        """Rules are for operators, masks and voices for half-operators too, higher things for founders."""
        everyone = list(STATUSES)
        for what, least in (
            (Rule.KEY, Status.OPERATOR),
            (Rule.MODERATED, Status.OPERATOR),
            (Listing.BAN, Status.HALFOP),
            (Status.VOICE, Status.HALFOP),
            (Status.HALFOP, Status.OPERATOR),
            (Status.OPERATOR, Status.OPERATOR),
            (Status.PROTECTED, Status.FOUNDER),
            (Status.FOUNDER, Status.FOUNDER),
        ):
            may = [status for status in STATUSES if status >= least]
            for add in (True, False):
                self.assertEqual(self.allowed(Change(add, what), self.ada), may, what)
            itself = everyone if isinstance(what, Status) else may
            self.assertEqual(self.allowed(Change(False, what), self.bob), itself)
            self.assertEqual(self.allowed(Change(True, what), self.bob), may)

    def test_outside(self) -> None:
        """From outside nobody changes or reads anything, but who runs the server."""
        change = Change(True, Rule.MODERATED)
        self.assertRaises(NotOperator, permissions.may_change, self.eve, self.room, change, None)
        self.assertRaises(NotOperator, permissions.may_read, self.eve, self.room, Listing.EXCEPTION)
        self.assertRaises(NotInRoom, permissions.must_be_operator, self.eve, self.room)
        self.run_the_server(self.eve)
        permissions.may_change(self.eve, self.room, change, None)
        permissions.may_read(self.eve, self.room, Listing.EXCEPTION)
        permissions.must_be_operator(self.eve, self.room)

    def test_read(self) -> None:
        """Everyone reads who is banned, the other lists only operators."""
        permissions.may_read(self.eve, self.room, Listing.BAN)
        for listing in (Listing.EXCEPTION, Listing.INVITED):
            self.assertRaises(NotOperator, permissions.may_read, self.bob, self.room, listing)
            permissions.may_read(self.ada, self.room, listing)

    def test_kick(self) -> None:
        """Operators put out operators of their rank and below, by the highest thing each is; of those who are
        half-operators, or protected, only those below."""
        may = permissions.may_kick
        for mine, theirs in (
            (Status.HALFOP, Status.VOICE),
            (Status.OPERATOR, Status.OPERATOR | Status.VOICE),
            (Status.PROTECTED, Status.OPERATOR),
            (Status.FOUNDER, Status.FOUNDER),
        ):
            self.room.members.update({self.ada: mine, self.bob: theirs})
            may(self.ada, self.bob, self.room)
        for mine, theirs in (
            (Status.HALFOP, Status.OPERATOR),
            (Status.HALFOP, Status.HALFOP | Status.VOICE),
            (Status.PROTECTED, Status.PROTECTED | Status.OPERATOR),
            (Status.OPERATOR, Status.FOUNDER),
        ):
            self.room.members.update({self.ada: mine, self.bob: theirs})
            self.assertRaises(Outranked, may, self.ada, self.bob, self.room)
        self.room.members[self.ada] = Status.HALFOP
        may(self.ada, self.ada, self.room)
        self.room.members[self.ada] = Status.VOICE
        self.assertRaises(NotOperator, may, self.ada, self.bob, self.room)

    def test_topic(self) -> None:
        """Any member sets the topic, or only operators; from outside only who runs the server."""
        may = permissions.may_set_topic
        may(self.bob, self.room)
        self.assertRaises(NotInRoom, may, self.eve, self.room)
        self.rules("t")
        self.assertRaises(NotOperator, may, self.bob, self.room)
        self.room.members[self.bob] = Status.HALFOP
        may(self.bob, self.room)
        self.run_the_server(self.eve)
        may(self.eve, self.room)

    def test_of_the_server(self) -> None:
        """Only operators of the server run it."""
        self.assertRaises(NotServerOperator, permissions.must_run_the_server, self.ada)
        self.run_the_server(self.ada)
        permissions.must_run_the_server(self.ada)

    def test_accounts(self) -> None:
        """A mask of an account is for who is logged in to it, in any case, and for nobody who is not."""
        for mask, account, found in (
            ("a:Eve", "eve", True),
            ("a:ev*", "EVE", True),
            ("a:eve", "evelyn", False),
            ("a:*", "", False),
        ):
            self.eve.looks(account=account)
            self.assertIs(permissions.is_for(mask, self.eve), found, mask)

    def test_fits(self) -> None:
        """A text has at most so many characters."""
        permissions.fits("topic", "äöü", 3)
        self.assertRaises(TooLong, permissions.fits, "topic", "äöüx", 3)
