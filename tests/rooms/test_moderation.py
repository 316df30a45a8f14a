"""What operators do, of rooms and of the server."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from chatproto.errors import (
    AlreadyThere,
    BadKey,
    BadName,
    BadValue,
    ChatError,
    ListFull,
    NoSuchMessage,
    NoSuchPerson,
    NotInRoom,
    NotOperator,
    NotServerOperator,
    NotThere,
    Outranked,
    RoomLooksLike,
    TooLong,
    WrongKey,
)
from chatproto.events import (
    Announced,
    HostChanged,
    Invited,
    Joined,
    Kicked,
    ModesChanged,
    Redacted,
    Returned,
    RoomRenamed,
    Said,
    Stamp,
    Whispered,
)
from chatproto.modes import Change, Listing, Rule, Status, UserMode
from chatproto.rooms import moderation, operators
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.moderation import MOST_MOVED
from chatproto.rooms.room import Entry
from chatproto.rooms.user import Session
from chatproto.testing import NOON
from tests.rooms.chat import ChatTestCase, link_of, owner_of, user_of

ADD, REMOVE = True, False


class ModerationCase(ChatTestCase):
    """ada is the operator of #a, in which bob is as well; eve is outside."""

    limits = RoomLimits(list_entries=2, key_length=5, message_length=10)

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        self.ada, self.bob, self.eve = self.enter("ada", "#a"), self.enter("bob", "#a"), self.enter("eve")
        self.room = self.service.room("#a")
        self.clear()

    def clear(self) -> None:
        """Forget what anybody was shown."""
        for session in (self.ada, self.bob, self.eve):
            link_of(session).written.clear()
            owner_of(session).told.clear()

    def change(self, session: Session, *changes: Change) -> list[ChatError]:
        """Change #a."""
        return moderation.change(self.service, session, self.room, changes)

    def rank(self, session: Session, status: Status) -> None:
        """Have them be that in #a."""
        self.room.members[user_of(session)] = status

    def run_the_server(self, session: Session) -> None:
        """Make them an operator of the server."""
        user_of(session).become(frozenset({UserMode.OPERATOR}))


class KickTests(ModerationCase):
    """Putting people out."""

    def kick(self, session: Session, target: Session, reason: str = "") -> None:
        """Put `target` out of #a."""
        moderation.kick(self.service, session, self.room, user_of(target), reason)

    def test_out(self) -> None:
        """All are shown it, the victim by its owner, who is no member then."""
        kim = self.enter("kim", "#a")
        self.kick(self.ada, self.bob, "enough")
        event = Kicked("#a", user_of(self.ada).who, "bob", "enough")
        self.told(self.bob, event)
        self.told(self.ada, event)
        self.sees(kim, event)
        self.assertNotIn(user_of(self.bob), self.room.members)
        self.assertNotIn(self.room, self.bob.views)

    def test_refused(self) -> None:
        """One must be in the room, its operator or half-operator, and above the other, who must be in it too."""
        self.assertRaises(NotInRoom, self.kick, self.eve, self.bob)
        self.assertRaises(NotOperator, self.kick, self.bob, self.ada)
        self.assertRaises(NotThere, self.kick, self.ada, self.eve)
        self.rank(self.bob, Status.VOICE)
        self.assertRaises(NotOperator, self.kick, self.bob, self.eve)
        self.assertRaises(TooLong, self.kick, self.ada, self.bob, "x" * 11)
        self.rank(self.bob, Status.HALFOP)
        self.assertRaises(Outranked, self.kick, self.bob, self.ada)
        self.rank(self.ada, Status.HALFOP | Status.VOICE)
        self.assertRaises(Outranked, self.kick, self.bob, self.ada)
        self.rank(self.ada, Status.VOICE)
        self.kick(self.bob, self.ada)
        self.assertEqual(list(self.room.members), [user_of(self.bob)])

    def test_operator_of_the_server(self) -> None:
        """Who runs the server kicks from outside."""
        self.run_the_server(self.eve)
        self.kick(self.eve, self.ada)
        self.assertNotIn(user_of(self.ada), self.room.members)

    def test_last(self) -> None:
        """Who kicks themselves as the last one closes the room."""
        self.kick(self.ada, self.bob)
        self.kick(self.ada, self.ada)
        self.assertNotIn(self.room, self.service.rooms())


class InviteTests(ModerationCase):
    """Invitations."""

    def invite(self, session: Session, target: Session) -> None:
        """Invite `target` into #a."""
        moderation.invite(self.service, session, self.room, user_of(target))

    def test_told(self) -> None:
        """Who is invited is told by its owner, operators are shown it, others are not."""
        kim = self.enter("kim", "#a")
        self.rank(kim, Status.HALFOP)
        self.clear()
        self.invite(self.ada, self.eve)
        event = Invited("#a", user_of(self.ada).who, "eve")
        self.told(self.ada, event)
        self.told(self.eve, event)
        self.sees(kim, event)
        self.sees(self.bob)
        self.sees(self.eve)

    def test_refused(self) -> None:
        """Members invite others; into a room for invited people only its operators do."""
        self.assertRaises(NotInRoom, self.invite, self.eve, self.bob)
        self.assertRaises(AlreadyThere, self.invite, self.ada, self.bob)
        self.room.rules[Rule.INVITE_ONLY] = ""
        self.assertRaises(NotOperator, self.invite, self.bob, self.eve)
        self.rank(self.bob, Status.HALFOP)
        self.invite(self.bob, self.eve)

    def test_bounded(self) -> None:
        """Only the latest invitations are kept; an invitation again is one."""
        rooms = [self.enter(f"x{number}", f"#x{number}") for number in range(moderation.INVITATIONS)]
        self.invite(self.ada, self.eve)
        self.invite(self.ada, self.eve)
        for number, session in enumerate(rooms):
            self.assertIn(self.room, user_of(self.eve).invitations)
            moderation.invite(self.service, session, self.service.room(f"#x{number}"), user_of(self.eve))
        self.assertNotIn(self.room, user_of(self.eve).invitations)
        self.assertEqual(len(user_of(self.eve).invitations), moderation.INVITATIONS)

    def test_taken_back(self) -> None:
        """An invitation can be taken back, by who could give it."""
        self.invite(self.ada, self.eve)
        self.assertRaises(NotInRoom, moderation.uninvite, self.service, self.eve, self.room, user_of(self.eve))
        self.assertIs(moderation.uninvite(self.service, self.bob, self.room, user_of(self.eve)), True)
        self.assertIs(moderation.uninvite(self.service, self.bob, self.room, user_of(self.eve)), False)
        self.assertEqual(user_of(self.eve).invitations, ())


class RenameTests(ModerationCase):
    """Other names for rooms."""

    def rename(self, session: Session, text: str) -> None:
        """Give #a another name."""
        moderation.rename(self.service, session, self.room, text, "why")

    def test_all_stays(self) -> None:
        """Members, rules, lines, views and invitations stay, and each member is told by its owner."""
        self.service.say(self.bob, self.room, "hi")
        moderation.invite(self.service, self.ada, self.room, user_of(self.eve))
        self.clear()
        self.rename(self.ada, "#b")
        event = RoomRenamed("#a", user_of(self.ada).who, "#b", "why")
        self.told(self.ada, event)
        self.told(self.bob, event)
        self.assertIs(self.service.room("#B"), self.room)
        self.assertEqual(self.said(self.room), ["hi"])
        self.assertEqual(list(user_of(self.bob).rooms), ["#b"])
        self.assertIn(self.room, user_of(self.eve).invitations)
        self.clear()
        self.service.say(self.ada, self.room, "there")
        self.sees(self.bob, Said("#b", user_of(self.ada).who, "there"))
        self.assertEqual(self.said(self.room), ["hi", "there"])
        self.assertIsNot(self.service.join(self.eve, "#a"), self.room)

    def test_members_see_the_new_name(self) -> None:
        """When they are told, the room is where it will be."""
        found = []
        owner_of(self.bob).own = lambda event, stamp: found.append(self.service.room("#b").name.shown)  # type: ignore[method-assign]
        self.rename(self.ada, "#b")
        self.assertEqual(found, ["#b"])

    def test_case(self) -> None:
        """A name that differs in case only is another one, and nothing is lost by it."""
        self.service.say(self.bob, self.room, "hi")
        before = self.room.latest
        assert before is not None
        self.rename(self.ada, "#A")
        after = self.room.latest
        assert after is not None
        self.assertEqual((after.epoch, after.offset), (before.epoch, before.offset + 1))
        self.assertEqual((self.service.room("#a").name.shown, self.said(self.room)), ("#A", ["hi"]))
        self.assertRaises(BadValue, self.rename, self.ada, "#A")

    def test_rename_of_many(self) -> None:
        """A room keeps its name if it has more members than may be told of it all: at n-1, n, n+1."""
        for count, taken in ((MOST_MOVED - 1, True), (MOST_MOVED, True), (MOST_MOVED + 1, False)):
            for number in range(len(self.room.members), count):
                self.room.add(user_of(self.enter(f"p{number}")))
            self.assertEqual(len(self.room.members), count)
            if taken:
                self.rename(self.ada, f"#b{count}")
            else:
                self.assertRaises(BadValue, self.rename, self.ada, f"#b{count}")

    def test_refused(self) -> None:
        """Only an operator may; the name must be one, and be no other room's, nor look like it."""
        self.enter("x", "#evil")
        self.assertRaises(NotOperator, self.rename, self.bob, "#b")
        self.assertRaises(NotOperator, self.rename, self.eve, "#b")
        self.assertRaises(BadName, self.rename, self.ada, "b")
        self.assertRaises(RoomLooksLike, self.rename, self.ada, "#EVIL")
        self.assertRaises(RoomLooksLike, self.rename, self.ada, "#еvil")

    def test_same_name_that_looks_like_another(self) -> None:
        """Not even the same name in another case may look like that of another room."""
        self.rename(self.ada, "#ivan")
        self.enter("x", "#lvan")
        self.assertRaises(RoomLooksLike, self.rename, self.ada, "#Ivan")

    def test_default_room(self) -> None:
        """The default room keeps its name."""
        self.service.join(self.ada, "#lobby")
        self.lobby.members[user_of(self.ada)] = Status.OPERATOR
        self.assertRaises(BadValue, moderation.rename, self.service, self.ada, self.lobby, "#b", "")


class RedactTests(ModerationCase):
    """Lines that are taken back."""

    def redact(self, session: Session, message: str, *, own: bool = False) -> Coroutine[Any, Any, None]:
        """Take a line of #a back."""
        return moderation.redact(self.service, session, self.room, message, "oops", own=own)

    def say(self) -> str:
        """Have bob say something, and return its id."""
        self.service.say(self.bob, self.room, "hi")
        assert self.room.latest is not None
        self.clear()
        return self.room.latest.id

    def test_own_and_others(self) -> None:
        """One takes back what one said, and an operator what anybody said."""
        for session, other, own in ((self.bob, self.ada, True), (self.ada, self.bob, False)):
            message = self.say()
            self.done(self.redact(session, message, own=own))
            self.sees(other, Redacted("#a", user_of(session).who, message, "oops"))
            self.assertEqual(self.said(self.room), [])

    def test_account(self) -> None:
        """Who is logged in is known by the account, whatever the name is; who is not, is not known by the name."""
        kim = self.enter("kim", "#a")
        message = self.say()
        self.service.quit(self.bob, "")
        bob = self.enter("bob", "#a")
        self.refused(NotOperator, self.redact(bob, message))
        user_of(bob).looks(account="Bob")
        self.service.say(bob, self.room, "hello")
        assert self.room.latest is not None
        message = self.room.latest.id
        self.refused(NotOperator, self.redact(kim, message))
        user_of(kim).looks(account="Bob")
        self.done(self.redact(kim, message))
        self.assertEqual(self.said(self.room), ["hi"])

    def test_put_out_meanwhile(self) -> None:
        """Who is put out while the history is asked takes nothing back any more."""
        message = self.say()
        find = self.service.history.find

        async def slow(stream: str, wanted: str) -> tuple[Said | Whispered, Stamp] | None:
            moderation.kick(self.service, self.ada, self.room, user_of(self.bob), "")
            return await find(stream, wanted)

        self.service.history.find = slow  # type: ignore[assignment, method-assign]
        self.refused(NotInRoom, moderation.redact(self.service, self.bob, self.room, message, "", own=True))
        self.assertEqual(self.said(self.room), ["hi"])

    def test_refused(self) -> None:
        """It must be there, and be one's own; one must be in the room."""
        message = self.say()
        kim = self.enter("kim", "#a")
        self.refused(NotInRoom, moderation.redact(self.service, self.eve, self.room, message, ""))
        self.refused(NotInRoom, moderation.redact(self.service, self.eve, self.room, message, "", own=True))
        self.rank(kim, Status.VOICE)
        self.refused(NotOperator, moderation.redact(self.service, kim, self.room, message, ""))
        self.refused(NoSuchMessage, moderation.redact(self.service, self.ada, self.room, "1-99", ""))
        self.assertEqual(self.said(self.room), ["hi"])


class ChangeTests(ModerationCase):
    """What holds in a room."""

    def test_one_event(self) -> None:
        """What happens is one event, without what changed nothing, and what is refused is returned."""
        refused = self.change(
            self.ada,
            Change(ADD, Rule.INVITE_ONLY),
            Change(ADD, Rule.NO_OUTSIDE),
            Change(ADD, Status.VOICE, "BOB"),
            Change(ADD, Status.VOICE, "nobody"),
            Change(REMOVE, Status.VOICE, "ada"),
            Change(ADD, Rule.LIMIT, "09"),
            Change(REMOVE, Rule.KEY),
        )
        self.assertEqual([type(error) for error in refused], [NoSuchPerson])
        changes = (Change(ADD, Rule.INVITE_ONLY), Change(ADD, Status.VOICE, "bob"), Change(ADD, Rule.LIMIT, "9"))
        event = ModesChanged("#a", user_of(self.ada).who, changes)
        self.told(self.ada, event)
        self.sees(self.bob, event)
        self.assertEqual(self.change(self.ada, Change(ADD, Rule.INVITE_ONLY)), [])
        self.sees(self.bob)

    def test_masks(self) -> None:
        """A mask is kept in its normal form with who set it and when, once in whatever case, and no more than fit."""
        self.change(self.ada, Change(ADD, Listing.BAN, "Eve"))
        self.sees(self.bob, ModesChanged("#a", user_of(self.ada).who, (Change(ADD, Listing.BAN, "Eve!*@*"),)))
        self.now += 1
        self.assertEqual(self.change(self.ada, Change(ADD, Listing.BAN, "EVE!*@*")), [])
        entry = Entry(user_of(self.ada).who.mask, NOON)
        self.assertEqual(self.room.lists, {Listing.BAN: {"Eve!*@*": entry}})
        self.change(self.ada, Change(ADD, Listing.BAN, "x"), Change(ADD, Listing.INVITED, "y"))
        full, bad = self.change(self.ada, Change(ADD, Listing.BAN, "z"), Change(ADD, Listing.EXCEPTION, "a b"))
        self.assertIsInstance(full, ListFull)
        self.assertIsInstance(bad, BadValue)
        self.clear()
        self.change(self.ada, *(Change(REMOVE, Listing.BAN, mask) for mask in ("eve", "X", "none")))
        gone = tuple(Change(REMOVE, Listing.BAN, mask) for mask in ("Eve!*@*", "x!*@*"))
        self.told(self.ada, ModesChanged("#a", user_of(self.ada).who, gone))
        self.assertEqual(list(self.room.lists), [Listing.INVITED])

    def test_values(self) -> None:
        """A key is short and fits into any dialect; a limit is a number from 1."""
        for key in ("", "a b", "a,b", ":a", "\x03a", "sixsix"):
            (error,) = self.change(self.ada, Change(ADD, Rule.KEY, key))
            self.assertIsInstance(error, BadKey)
        for limit in ("", "0", "-1", "x", "²", "1234567890"):
            (error,) = self.change(self.ada, Change(ADD, Rule.LIMIT, limit))
            self.assertIsInstance(error, BadValue)
        self.assertEqual(self.change(self.ada, Change(ADD, Rule.KEY, "fünf5")), [])
        self.change(self.ada, Change(REMOVE, Rule.KEY, "other"), Change(ADD, Rule.LIMIT, "123456789"))
        self.assertEqual(self.room.rules[Rule.LIMIT], "123456789")
        self.assertNotIn(Rule.KEY, self.room.rules)

    def test_forward(self) -> None:
        """One sends people only to another room that is there and that one operates too."""
        self.enter("x", "#x")
        self.service.join(self.ada, "#b")
        for name, kind in (("#none", BadValue), ("#A", BadValue), ("#x", NotOperator)):
            (error,) = self.change(self.ada, Change(ADD, Rule.FORWARD, name))
            self.assertIs(type(error), kind)
        self.assertEqual(self.change(self.ada, Change(ADD, Rule.FORWARD, "#B")), [])
        self.assertEqual(self.room.rules[Rule.FORWARD], "#b")

    def test_rank_before_target(self) -> None:
        """Who may not change anything does not learn who is there."""
        for change in (Change(ADD, Rule.MODERATED), Change(ADD, Listing.BAN, "x")):
            (error,) = self.change(self.bob, change)
            self.assertIsInstance(error, NotOperator)
        for name in ("nobody", "eve", "ada"):
            (error,) = self.change(self.bob, Change(ADD, Status.OPERATOR, name))
            self.assertIsInstance(error, NotOperator)
        (error,) = self.change(self.ada, Change(ADD, Status.OPERATOR, "eve"))
        self.assertIsInstance(error, NotThere)


class ServerTests(ModerationCase):
    """What operators of the server do; nobody else does it."""

    def test_others_do_not(self) -> None:
        """They are refused."""
        user = user_of(self.bob)
        self.assertRaises(NotServerOperator, operators.kill, self.service, self.ada, user, "")
        self.assertRaises(NotServerOperator, operators.announce, self.service, self.ada, "")
        self.assertRaises(NotServerOperator, operators.set_host, self.service, self.ada, user, "x.y")
        self.assertRaises(NotServerOperator, operators.bring, self.service, self.ada, user, "#b")

    def test_kill(self) -> None:
        """Every connection of that person is ended by its owner."""
        self.run_the_server(self.eve)
        second = self.attach(self.bob)
        operators.kill(self.service, self.eve, user_of(self.bob), "spam")
        for session in (self.bob, second):
            self.assertEqual(owner_of(session).cuts, [(user_of(self.eve).who, "spam")])

    def test_announce(self) -> None:
        """Those who want to hear it do."""
        self.run_the_server(self.eve)
        user_of(self.bob).become(frozenset({UserMode.WALLOPS}))
        operators.announce(self.service, self.eve, "tea")
        self.sees(self.bob, Announced(user_of(self.eve).who, "tea"))
        self.sees(self.ada)

    def test_set_host(self) -> None:
        """Others see the change and the new host from then on."""
        self.run_the_server(self.eve)
        user = user_of(self.bob)
        old = user.who
        operators.set_host(self.service, self.eve, user, "x.y")
        back = Returned("#a", user.who, user.realname, "", Status.NONE)
        self.sees(self.ada, HostChanged(old, old.username, "x.y", user.realname), back)
        self.assertEqual(user.who.host, "x.y")
        operators.set_host(self.service, self.eve, user, "x.y")
        self.sees(self.ada)

    def test_bring(self) -> None:
        """Somebody goes into a room whatever its rules say; and nothing is left over if they are there already."""
        self.run_the_server(self.ada)
        self.service.join(self.ada, "#b")
        self.service.room("#b").rules[Rule.KEY] = "key"
        self.clear()
        self.assertRaises(WrongKey, self.service.join, self.bob, "#b")
        operators.bring(self.service, self.ada, user_of(self.bob), "#B")
        user = user_of(self.bob)
        self.told(self.bob, Joined("#b", user.who, user.realname))
        operators.bring(self.service, self.ada, user, "#b")
        self.assertEqual(user.invitations, ())
        self.assertRaises(BadName, operators.bring, self.service, self.ada, user, "b")

    def test_bring_refused(self) -> None:
        """Who cannot be brought there is not let in later either; an invitation that they had stays."""
        self.run_the_server(self.ada)
        user = user_of(self.bob)
        self.service.join(self.ada, "#lvan")
        self.assertRaises(RoomLooksLike, operators.bring, self.service, self.ada, user, "#Ivan")
        self.assertEqual(user.invitations, ())
        moderation.invite(self.service, self.ada, self.service.room("#lvan"), user)
        self.assertRaises(RoomLooksLike, operators.bring, self.service, self.ada, user, "#Ivan")
        self.assertEqual(list(user.invitations), [self.service.room("#lvan")])
