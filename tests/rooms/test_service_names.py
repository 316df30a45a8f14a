"""The chat: coming in under a name and changing it, also where the answer takes its time."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from chatproto.errors import (
    BadName,
    ChatError,
    NameTaken,
    NoSuchPerson,
)
from chatproto.events import Quit, Renamed, Who
from chatproto.rooms.names import key_of
from chatproto.rooms.service import RoomService
from chatproto.rooms.user import Session
from tests.rooms.chat import FROM, ChatTestCase, SlowBackplane, connection, user_of


class EnterTests(ChatTestCase):
    """Coming in."""

    def test_enter(self) -> None:
        """Who comes in has a name, is in no room, and is seen by nobody yet."""
        ada = self.enter("ada", "#lobby")
        bob = self.enter("Bob")
        self.assertEqual((user_of(bob).name.shown, user_of(bob).rooms, user_of(bob).sessions), ("Bob", {}, [bob]))
        self.assertIs(self.service.people.find("bOB"), user_of(bob))
        self.sees(ada)
        self.sees(bob)

    def test_bad_name(self) -> None:
        """Who asks for a name that nobody may have is not in, and may ask again."""
        session = connection()
        for text in ("", "a b", "1ada", "root", "x" * 31):
            self.refused(BadName, self.service.enter(session, text, *FROM))
            self.assertIsNone(session.user)
        self.assertEqual(self.done(self.service.enter(session, "ada", *FROM)).name.shown, "ada")

    def test_name_taken(self) -> None:
        """A name that is the same as another's, or looks like it, is refused, whichever came first."""
        for first, second in (
            *(("ada", "ada"), ("ada", "ADA"), ("Ivan", "ivan"), ("ivan", "Ivan"), ("Ivan", "lvan"), ("lvan", "Ivan")),
            *(("paypal", "раураl"), ("раураl", "paypal"), ("modern", "rnodern"), ("В", "b"), ("b", "В"), ("в", "В")),
        ):
            holder = self.enter(first)
            session = connection()
            error = self.refused(NameTaken, self.service.enter(session, second, *FROM))
            assert isinstance(error, NameTaken)
            same = key_of(first) == key_of(second)
            self.assertEqual((error.name, error.holder), (second, None if same else first))
            self.assertIsNone(session.user)
            self.assertIs(self.service.people.find(first), user_of(holder))
            self.service.quit(holder, "")

    def test_refused_name_takes_nothing(self) -> None:
        """A claim that is refused leaves no part of the name held."""
        holder = self.enter("lvan")
        self.refused(NameTaken, self.service.enter(connection(), "Ivan", *FROM))
        self.enter("ivan")
        self.service.quit(holder, "")
        self.enter("lvan")

    def test_name_is_free_afterwards(self) -> None:
        """The name of who has gone is free, in any case."""
        for name in ("Ivan", "ivan", "lvan", "IVAN"):
            self.service.quit(self.enter(name), "")


class RenameTests(ChatTestCase):
    """Taking another name."""

    def test_rename(self) -> None:
        """Who is renamed stays where it was, is found under the new name only, and frees the old one."""
        ada = self.enter("ada", "#garden")
        self.done(self.service.rename(ada, "Eve"))
        self.assertIs(self.service.people.find("eve"), user_of(ada))
        self.assertRaises(NoSuchPerson, self.service.people.find, "ada")
        self.assertEqual(list(user_of(ada).rooms), ["#garden"])
        self.enter("ada")
        self.refused(NameTaken, self.service.enter(connection(), "EVE", *FROM))

    def test_the_same_name(self) -> None:
        """Taking the name that one has changes nothing, and is announced to nobody."""
        ada, bob = self.enter("ada", "#garden"), self.enter("bob", "#garden")
        self.done(self.service.rename(ada, "ada"))
        self.assertIs(self.service.people.find("ada"), user_of(ada))
        self.sees(bob)

    def test_another_case(self) -> None:
        """One may take one's own name in another case, and what looks like it."""
        ivan, bob = self.enter("ivan", "#garden"), self.enter("bob", "#garden")
        for old, new in (("ivan", "Ivan"), ("Ivan", "lvan"), ("lvan", "IVAN"), ("IVAN", "ivan")):
            self.done(self.service.rename(ivan, new))
            self.assertEqual(user_of(ivan).name.shown, new)
            self.assertIs(self.service.people.find(new.swapcase()), user_of(ivan))
            self.sees(bob, Renamed(Who(old), new))
        self.service.quit(ivan, "")
        for name in ("Ivan", "bOb"):
            if name == "bOb":
                self.service.quit(bob, "")
            self.enter(name)

    def test_parts_of_the_old_name_are_free(self) -> None:
        """What the new name does not hold of the old one, others can have; what it does hold, they cannot."""
        ivan = self.enter("Ivan")
        self.done(self.service.rename(ivan, "ivan"))
        self.refused(NameTaken, self.service.enter(connection(), "Ivan", *FROM))
        self.enter("lvan")
        self.refused(NameTaken, self.service.rename(ivan, "IVAN"))
        self.assertEqual(user_of(ivan).name.shown, "ivan")

    def test_refused(self) -> None:
        """A refused name changes nothing and is told to nobody."""
        ada, bob = self.enter("ada", "#garden"), self.enter("bob", "#garden")
        for kind, name in ((NameTaken, "BOB"), (NameTaken, "b0b"), (BadName, "a b"), (BadName, "root")):
            self.refused(kind, self.service.rename(ada, name))
        self.assertEqual(user_of(ada).name.shown, "ada")
        self.assertIs(self.service.people.find("ada"), user_of(ada))
        self.assertIs(self.service.people.find("bob"), user_of(bob))
        self.sees(ada)
        self.sees(bob)

    def test_taken(self) -> None:
        """Whose name it looks like is told by the name that is held now; of the same name nothing more is told."""
        ivan, ada = self.enter("Ivan"), self.enter("ada")
        for held, look_alike in (("Ivan", "lvan"), ("modern", "rnodern")):
            self.done(self.service.rename(ivan, held))
            for wanted, holder in ((held, None), (held.upper(), None), (look_alike, held)):
                error = self.refused(NameTaken, self.service.rename(ada, wanted))
                assert isinstance(error, NameTaken)
                self.assertEqual((error.name, error.holder), (wanted, holder))
        self.assertEqual(
            self.service.people._holders,
            {"ada": user_of(ada), **dict.fromkeys(user_of(ivan).name.tokens, user_of(ivan))},
        )
        self.service.quit(ivan, "")
        self.done(self.service.rename(ada, "rnodern"))
        self.assertEqual(self.service.people._holders, {token: user_of(ada) for token in user_of(ada).name.tokens})
        self.service.quit(ada, "")
        self.assertEqual(self.service.people._holders, {})

    def test_who_is_told(self) -> None:
        """Everyone who shares a room is told once, however many rooms are shared; nobody else is."""
        ada = self.enter("ada", "#a", "#b", "#c")
        bob = self.enter("bob", "#a", "#b", "#c")
        eve = self.enter("eve", "#c")
        joe = self.enter("joe", "#d")
        self.done(self.service.rename(ada, "ann"))
        for session in (bob, eve):
            self.sees(session, Renamed(Who("ada"), "ann"))
        for session in (ada, joe):
            self.sees(session)

    def test_echo(self) -> None:
        """Who asked to see its own renaming does, once, in rooms or in none."""
        ada = self.enter("ada", echoes=(Renamed,))
        self.done(self.service.rename(ada, "ann"))
        self.sees(ada, Renamed(Who("ada"), "ann"))
        self.join(ada, "#a")
        self.join(ada, "#b")
        self.done(self.service.rename(ada, "amy"))
        self.sees(ada, Renamed(Who("ann"), "amy"))


class SlowClaimTests(ChatTestCase):
    """Another node may take its time to say whether a name is free."""

    def setUp(self) -> None:
        """A chat whose backplane answers when it is told to."""
        super().setUp()
        self.slow = SlowBackplane()
        self.service = RoomService(self.slow, self.history, self.limits)

    def begin(self, session: Session, name: str) -> Deferred[Any]:
        """Ask to come in, or for another name; nothing is answered yet."""
        ask = self.service.rename(session, name) if session.user else self.service.enter(session, name, *FROM)
        answer: Deferred[Any] = Deferred.fromCoroutine(ask)
        self.assertNoResult(answer)
        return answer

    def came_in(self, name: str) -> Session:
        """Someone who has come in."""
        session = connection()
        answer = self.begin(session, name)
        self.slow.answer()
        self.successResultOf(answer)
        return session

    def test_not_in_until_answered(self) -> None:
        """Nobody has the name until it is granted."""
        session = connection()
        answer = self.begin(session, "Ivan")
        self.assertIsNone(session.user)
        self.assertRaises(NoSuchPerson, self.service.people.find, "Ivan")
        self.slow.answer()
        self.assertIs(self.successResultOf(answer), session.user)
        self.assertEqual(self.slow.held, {"ivan", "lvan"})

    def test_gone_while_coming_in(self) -> None:
        """If the connection ends meanwhile, nobody has come in and the name is free again."""
        session = connection()
        answer = self.begin(session, "Ivan")
        self.service.quit(session, "bye")
        self.slow.answer()
        self.failureResultOf(answer, ChatError)
        self.assertEqual(self.slow.held, set())
        self.assertIsNone(session.user)
        self.assertRaises(NoSuchPerson, self.service.people.find, "Ivan")

    def test_gone_while_refused(self) -> None:
        """If the connection ends and the name is refused, its holder keeps it."""
        self.came_in("ivan")
        session = connection()
        answer = self.begin(session, "Ivan")
        self.service.quit(session, "bye")
        self.slow.answer()
        self.failureResultOf(answer, NameTaken)
        self.assertEqual(self.slow.held, {"ivan"})

    def test_half_a_claim_is_given_back(self) -> None:
        """A name of which one token is free and the other is not leaves nothing held."""
        self.came_in("lvan")
        answer = self.begin(connection(), "Ivan")
        self.slow.answer()
        self.failureResultOf(answer, NameTaken)
        self.assertEqual(self.slow.held, {"lvan"})

    def test_two_ask_for_one_name(self) -> None:
        """Of two who ask for one name at one time, the first has it, and the second is told so."""
        first, second = connection(), connection()
        answers = [self.begin(first, "ada"), self.begin(second, "Ada")]
        self.slow.answer()
        self.successResultOf(answers[0])
        error = self.failureResultOf(answers[1], NameTaken).value
        self.assertEqual(str(error), "Ada is taken. Choose another name.")
        self.assertIs(self.service.people.find("ada"), first.user)

    def test_taken_elsewhere(self) -> None:
        """A name that somebody has on another node is taken, by nobody whom one could name."""
        self.slow.held.add("ada")
        answer = self.begin(connection(), "ada")
        self.slow.answer()
        error = self.failureResultOf(answer, NameTaken).value
        self.assertIsNone(error.holder)

    def test_gone_while_renamed(self) -> None:
        """If the connection ends meanwhile, both names are free and nobody is told of a renaming."""
        ada, bob = self.came_in("ada"), self.came_in("bob")
        for session in (ada, bob):
            self.join(session, "#garden")
        answer = self.begin(ada, "Ivan")
        self.service.quit(ada, "bye")
        self.slow.answer()
        self.successResultOf(answer)
        self.assertEqual(self.slow.held, {"bob"})
        self.sees(bob, Quit(Who("ada"), "bye"))

    def test_one_connection_gone_while_renamed(self) -> None:
        """If the person has another connection, it keeps its old name."""
        ada = self.came_in("ada")
        second = self.attach(ada)
        answer = self.begin(ada, "Ivan")
        self.service.quit(ada, "bye")
        self.slow.answer()
        self.successResultOf(answer)
        self.assertEqual((self.slow.held, user_of(second).name.shown), ({"ada"}, "ada"))
        self.assertIs(self.service.people.find("ada"), user_of(second))

    def test_two_connections_rename_one_person(self) -> None:
        """If two connections of one person ask for names at one time, it gets the one that is granted first."""
        ada = self.came_in("ada")
        second = self.attach(ada)
        answers = [self.begin(ada, "ann"), self.begin(second, "amy")]
        self.slow.answer()
        for answer in answers:
            self.successResultOf(answer)
        self.assertEqual((self.slow.held, user_of(ada).name.shown), ({"ann"}, "ann"))
        self.service.quit(ada, "")
        self.service.quit(second, "")
        self.assertEqual(self.slow.held, set())

    def test_old_name_is_held_until_answered(self) -> None:
        """While a new name is asked for, nobody can have the old one."""
        ada = self.came_in("ada")
        renaming = self.begin(ada, "ann")
        other = self.begin(connection(), "ada")
        self.slow.waiting.reverse()
        self.slow.answer()
        self.failureResultOf(other, NameTaken)
        self.successResultOf(renaming)
        self.assertEqual(self.slow.held, {"ann"})
