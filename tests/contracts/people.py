"""What `IHistoryStore` promises of what people said: with whom, in which words, and by whom."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from twisted.trial.unittest import SynchronousTestCase

from chatproto.events import Event, Joined, Said, Stamp, Whispered, Who
from chatproto.interfaces import IHistoryStore, Search

if TYPE_CHECKING:
    _Case = SynchronousTestCase
else:
    _Case = object


class HistoryOfPeopleContract(_Case):
    """Mix this into a case that has `store`, an empty one, and `done`."""

    store: IHistoryStore
    offset = 0

    def done(self, answer: Awaitable[Any]) -> Any:
        """What the store answers."""
        raise NotImplementedError

    def erase(self, account: str, since: float = 0.0) -> int:
        """What becomes of it, when all is stored that was said."""
        erased: int = self.done(self.store.erase(account, since))
        return erased

    def append(self, stream: str, event: Event) -> Stamp:
        """It happens in the next second."""
        self.offset += 1
        stamp = Stamp(1, self.offset, 100.0 + self.offset)
        self.store.append(stream, event, stamp)
        return stamp

    def say(self, stream: str, text: str, name: str = "ada", account: str = "") -> Stamp:
        """Somebody says something in a room."""
        return self.append(stream, Said(stream, Who(name, account=account), text))

    def whisper(self, one: str, other: str) -> Stamp:
        """Two accounts talk."""
        return self.append(" ".join(sorted((one, other))), Whispered(Who(one, account=one), other, "hi"))

    def talks(self, account: str) -> list[str]:
        """With whom that account has talk."""
        return list(self.done(self.store.talks(account)))

    def sought(self, words: str = "", *streams: str, count: int = 10, skip: int = 0, **more: Any) -> list[str]:
        """What is found of them."""
        wanted = Search(streams or ("#a", "#b"), words, **more)
        return [line.event.text for line in self.done(self.store.search(wanted, count, skip))]

    def said(self, account: str, since: float = 0.0, count: int = 2) -> list[str]:
        """All that the account said, page by page."""
        texts, behind = list[str](), 0
        while True:
            page, behind = self.done(self.store.of_account(account, since, count, behind))
            self.assertLessEqual(len(page), count)
            texts += [line.event.text for line in page]
            if not behind:
                return texts

    # -- with whom

    def test_talks(self) -> None:
        """Each of the two is told of the other; who spoke last comes last."""
        self.assertEqual(self.talks("bob"), [])
        for one, other in (("bob", "ada"), ("eve", "bob"), ("bob", "tim"), ("bob", "ada"), ("eve", "tim")):
            self.whisper(one, other)
        self.assertEqual(
            [self.talks(each) for each in ("bob", "ada", "tim")], [["eve", "tim", "ada"], ["bob"], ["bob", "eve"]]
        )
        self.assertEqual([self.talks(each) for each in ("bo", "", "ada bob", "#a")], [[]] * 4)

    def test_talks_with_oneself(self) -> None:
        """Who talks to themselves is told so once."""
        self.whisper("bob", "bob")
        self.assertEqual(self.talks("bob"), ["bob"])

    def test_rooms_are_no_people(self) -> None:
        """A room that was set apart is nobody's talk."""
        self.say("#a 1234", "hi")
        self.say("#a", "hi")
        self.assertEqual([self.talks(each) for each in ("#a", "1234")], [[], []])

    def test_talks_that_are_gone(self) -> None:
        """What was dropped or taken back is no talk."""
        self.whisper("bob", "ada")
        self.store.redact("bob eve", self.whisper("bob", "eve").id)
        self.whisper("bob", "tim")
        self.store.drop("bob tim")
        self.assertEqual(self.talks("bob"), ["ada"])

    # -- in which words

    def test_words(self) -> None:
        """All words have to be there, and those in quotes next to each other; case and other words do not matter."""
        for text in ("The red kettle", "a kettle, RED!", "kettles are red", "tea"):
            self.say("#a", text)
        self.assertEqual(set(self.sought("red kettle")), {"The red kettle", "a kettle, RED!"})
        self.assertEqual(self.sought('"red kettle"'), ["The red kettle"])
        self.assertEqual(set(self.sought("RED")), {"The red kettle", "a kettle, RED!", "kettles are red"})
        self.assertEqual(self.sought("red coffee"), [])
        self.assertEqual(self.sought("!"), [])

    def test_what_else_is_sought(self) -> None:
        """Only in these streams, by that person, between the times; without words the newest come first."""
        for stream, text, name in (("#a", "1", "ada"), ("#b", "2", "bob"), ("#c", "3", "ada"), ("#b", "4", "Ada")):
            self.say(stream, text, name)
        self.assertEqual(self.sought(), ["4", "2", "1"])
        self.assertEqual(self.sought("", "#a", "#c"), ["3", "1"])
        self.assertEqual(self.sought(sender="ada"), ["4", "1"])
        self.assertEqual(self.sought(after=101.0, before=104.0), ["2"])
        self.assertEqual(self.sought("4", after=103.0), ["4"])
        self.assertEqual(self.sought("4", after=104.0), [])
        self.assertEqual(self.sought("", "#never"), [])

    def test_pages(self) -> None:
        """One page follows the other, also of what fits alike."""
        for number in range(6):
            self.say("#a", f"x{number} same")
        everything = self.sought("same")
        self.assertEqual(everything, [f"x{number} same" for number in range(5, -1, -1)])
        for count, skip in ((2, 0), (2, 2), (2, 5), (2, 6), (0, 0), (9, 1)):
            self.assertEqual(self.sought("same", count=count, skip=skip), everything[skip : skip + count])

    def test_lines_are_whole(self) -> None:
        """What is found comes with its stream and its stamp."""
        stamp = self.say("#b", "kettle")
        self.append("#b", Joined("#b", Who("kettle")))
        (found,) = self.done(self.store.search(Search(["#a", "#b"], "kettle"), 5))
        self.assertEqual(tuple(found), ("#b", Said("#b", Who("ada"), "kettle"), stamp))

    # -- by whom

    def test_of_account(self) -> None:
        """All that was said by the account, in rooms and to people, from a time on, oldest first; nothing else."""
        self.say("#a", "before", account="Ada")
        since = self.say("#a", "1", account="Ada").time
        self.say("#a", "no account", name="Ada")
        self.append("ada bob", Whispered(Who("x", account="Ada"), "bob", "2"))
        self.append("#a", Joined("#a", Who("ada", account="Ada")))
        self.say("#b 77", "3", name="other", account="Ada")
        self.say("#b", "another", account="ada")
        for count in (1, 2, 3, 4, 100):
            self.assertEqual(self.said("Ada", since, count), ["1", "2", "3"])
        self.assertEqual(self.said("Ada"), ["before", "1", "2", "3"])
        self.assertEqual((self.said("nobody"), self.said("Ada", since + 100)), ([], []))

    def test_erase(self) -> None:
        """All of it is gone, and found by no word; its lines are places still, and those of others stay."""
        self.say("#a", "kettle before", account="Ada")
        since = self.say("#a", "kettle 1", account="Ada").time
        self.say("#a", "kettle 2", name="bob", account="bob")
        self.append("ada bob", Whispered(Who("ada", account="Ada"), "bob", "kettle 3"))
        joined = self.append("#a", Joined("#a", Who("ada", account="Ada")))
        self.assertEqual(self.erase("Ada", since), 2)
        self.assertEqual(set(self.sought("kettle", "#a", "ada bob")), {"kettle before", "kettle 2"})
        self.assertEqual((self.said("Ada"), self.talks("ada")), (["kettle before"], []))
        behind = self.done(self.store.read("#a", 9, after=Stamp(1, 2, 0.0), every=True))
        self.assertEqual([stamp.offset for _, stamp in behind], [3, joined.offset])
        self.assertEqual((self.erase("Ada", since), self.erase("nobody")), (0, 0))
        self.assertIsNone(self.done(self.store.find("#a", "1-2")))

    def test_erase_much(self) -> None:
        """However much it is, all of it goes, and what is said afterwards stays."""
        for number in range(19):
            for stream in ("#a", "#b", "#c"):
                self.say(stream, f"same {number}", account="Ada")
        self.assertEqual(self.erase("Ada"), 57)
        self.say("#a", "same again", account="Ada")
        self.assertEqual((self.said("Ada"), self.sought("same", "#a", "#b", "#c")), (["same again"],) * 2)
