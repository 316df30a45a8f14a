"""Everyone who is here, by name."""

from __future__ import annotations

from chatproto.errors import NoSuchPerson
from chatproto.events import Appeared, AwayChanged, RealnameChanged, Vanished
from chatproto.rooms.limits import RoomLimits
from chatproto.rooms.people import People
from tests.rooms.chat import ChatTestCase, connection, link_of, owner_of, user_of


class FindTests(ChatTestCase):
    """Looking for people."""

    def test_find(self) -> None:
        """A name in any case finds who has it; of nobody that is said, or told by None."""
        ada = user_of(self.enter("Ada"))
        people = self.service.people
        self.assertIs(people.find("aDA"), ada)
        self.assertIs(people.get("ADA"), ada)
        self.assertIsNone(people.get("bob"))
        self.assertIsNone(people.get(""))
        with self.assertRaises(NoSuchPerson):
            people.find("bob")

    def test_all(self) -> None:
        """All people can be counted and gone through; as many as were here at once are remembered."""
        ada, bob = self.enter("ada"), self.enter("bob")
        people = self.service.people
        self.assertEqual((len(people), list(people)), (2, [user_of(ada), user_of(bob)]))
        self.service.quit(ada, "")
        self.assertEqual((len(people), list(people), people.most), (1, [user_of(bob)], 2))


class DepartedTests(ChatTestCase):
    """Who was here."""

    limits = RoomLimits(departed_kept=3)

    def departed(self, *names: str, most: int = 0) -> list[tuple[str, float]]:
        """Who had one of the names, and when they left it, counted from now."""
        return [(each.who.name, each.at - self.now) for each in self.service.people.departed(*names, most=most)]

    def leaves(self, name: str) -> None:
        """Somebody comes and goes, and a minute passes."""
        self.service.quit(self.enter(name), "")
        self.now += 60

    def test_latest_first(self) -> None:
        """Who had each of some names, in any case, the latest first; no more of each than are asked for."""
        for name in ("ada", "bob", "Ada"):
            self.leaves(name)
        self.assertEqual(self.departed("ADA"), [("Ada", -60), ("ada", -180)])
        self.assertEqual(self.departed("ada", "bob", "ADA"), [("Ada", -60), ("ada", -180), ("bob", -120)])
        self.assertEqual(self.departed("bob", "ada", most=1), [("bob", -120), ("Ada", -60)])
        self.assertEqual((self.departed("eve"), self.departed()), ([], []))

    def test_bounded(self) -> None:
        """Of more than are kept the oldest is forgotten."""
        for name in ("ada", "bob", "eve", "dan"):
            self.leaves(name)
        self.assertEqual(self.departed("ada", "bob", "eve", "dan"), [("bob", -180), ("eve", -120), ("dan", -60)])

    def test_renamed(self) -> None:
        """Who takes another name had the old one, and is not gone under the new one."""
        ada = self.enter("ada")
        self.done(self.service.rename(ada, "amy"))
        self.assertEqual(self.departed("ada", "amy"), [("ada", 0)])

    def test_none_kept(self) -> None:
        """Where none are kept, none are."""
        people = People(self.backplane, RoomLimits(departed_kept=0))
        user = user_of(self.enter("ada"))
        people.add(user)
        people.remove(user, 0)
        self.assertEqual(people.departed("ada"), [])


class WatchTests(ChatTestCase):
    """Waiting for people."""

    def test_told(self) -> None:
        """Who watches a name is told when somebody of that name comes and goes, in any case."""
        ada = self.enter("ada")
        self.service.people.watch(ada, "BOB")
        bob = self.enter("Bob")
        who = user_of(bob).who
        self.service.quit(bob, "")
        self.assertEqual(owner_of(ada).told, [Appeared(who), Vanished("Bob")])

    def test_renamed(self) -> None:
        """Of another name both are told; of the same name in another case nothing."""
        ada, bob = self.enter("ada"), self.enter("bob")
        for name in ("bob", "rob"):
            self.service.people.watch(ada, name)
        self.done(self.service.rename(bob, "Bob"))
        self.assertEqual(owner_of(ada).told, [])
        self.done(self.service.rename(bob, "rob"))
        self.assertEqual(owner_of(ada).told, [Vanished("Bob"), Appeared(user_of(bob).who)])

    def test_once(self) -> None:
        """To watch again changes nothing; the first spelling is kept."""
        ada = self.enter("ada")
        for name in ("bob", "BOB"):
            self.service.people.watch(ada, name)
        self.assertEqual((ada.watched, self.service.people.watchers("bob")), ({"bob": "bob"}, (ada,)))

    def test_unwatch(self) -> None:
        """Who does not watch any more is not told; others are."""
        ada, eve = self.enter("ada"), self.enter("eve")
        for session in (ada, eve):
            self.service.people.watch(session, "bob")
        self.service.people.unwatch(ada, "BOB")
        self.service.people.unwatch(ada, "bob")
        self.enter("bob")
        self.assertEqual((owner_of(ada).told, len(owner_of(eve).told)), ([], 1))
        self.assertEqual(ada.watched, {})

    def test_unwatch_all(self) -> None:
        """Then nobody is watched."""
        ada = self.enter("ada")
        for name in ("bob", "eve"):
            self.service.people.watch(ada, name)
        self.service.people.unwatch_all(ada)
        people = self.service.people
        self.assertEqual((ada.watched, people.watchers("bob"), people.watchers("eve")), ({}, (), ()))

    def test_gone(self) -> None:
        """A connection that is over watches nobody, even if nobody ever came in by it."""
        ada, nobody = self.enter("ada"), connection()
        for session in (ada, nobody):
            self.service.people.watch(session, "bob")
            self.service.quit(session, "")
        self.assertEqual(self.service.people.watchers("bob"), ())

    def test_follows(self) -> None:
        """What happens to somebody is shown to who watches and follows them, once, and not to others."""
        ada, eve, dan = self.enter("ada"), self.enter("eve"), self.enter("dan", "#garden")
        bob = self.enter("bob", "#garden")
        for session in (ada, eve, dan):
            self.service.people.watch(session, "bob")
        ada.follows = dan.follows = True
        self.service.set_away(bob, "lunch")
        self.service.set_realname(bob, "Robert")
        who = user_of(bob).who
        events = [repr(AwayChanged(who, "lunch")), repr(RealnameChanged(who, "Robert"))]
        shown = [link_of(each).lines() for each in (ada, eve, dan)]
        self.assertEqual(shown, [events, [], events])
