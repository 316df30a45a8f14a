"""`/search`, `/mine` and `/settings`."""

from __future__ import annotations

import time
from collections.abc import Sequence

from twisted.internet.defer import Deferred

from chatproto.config import Settings
from chatproto.dialects.plain.past import LISTED_AT_ONCE
from chatproto.dialects.plain.searching import PAGES
from chatproto.errors import Unavailable
from chatproto.interfaces import ANYBODY, Asker, Found, Search
from chatproto.rooms import choices, logins
from chatproto.rooms.limits import RoomLimits
from chatproto.testing import MemoryNetwork, Person
from chatproto.transports.limits import LinkLimits
from tests.dialects.plain.test_accounts import HERE, PASSWORD, AccountsTestCase

SHOWN = 3


class OwnTestCase(AccountsTestCase):
    """Ada and bob are logged in and in #lobby; a minute passes before each line. Three lines are a page."""

    def setUp(self) -> None:
        """Let them in."""
        super().setUp()
        self.done(self.accounts.make("bob", "bob", PASSWORD))
        settings = Settings(
            rooms=RoomLimits(search_shown=SHOWN, history_kept=500),
            connections=LinkLimits(burst=100_000, line_length=60_000, endless_line=70_000, input_waiting=500_000),
        )
        self.network = MemoryNetwork(settings, self.accounts)
        self.done(logins.load(self.network.rooms))
        self.ada, self.bob = self.come("ada"), self.come("bob")
        self.ada.heard()

    def come(self, name: str) -> Person:
        """Somebody who has logged in and come in."""
        person = self.network.connect(HERE)
        person.say(f"/login {name} {PASSWORD}")
        person.heard()
        return person

    def say(self, person: Person, *lines: str) -> None:
        """Type lines."""
        for line in lines:
            self.network.clock.advance(60)
            person.say(line)

    def time(self, minutes: int = 0) -> str:
        """When that was, so many minutes ago."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.network.clock.seconds() - 60 * minutes))

    def texts(self, line: str) -> list[str]:
        """What it answers, without the time in front."""
        return [each[20:] if each.startswith("-- 20") else each for each in self.says(self.ada, line)]


class Searching(OwnTestCase):
    """`/search`."""

    def setUp(self) -> None:
        """Something was said in three rooms, and in private."""
        super().setUp()
        self.say(self.bob, "black tea", "coffee", "/msg ada tea, secretly", "/join #b", "tea in b", "/join #lobby")
        self.say(self.ada, "/me drinks tea")

    def test_found(self) -> None:
        """When, where and what, the newest of those that fit alike first; rooms one is not in are not sought."""
        self.assertEqual(
            self.says(self.ada, "/search tea"),
            [
                f"-- {self.time()} #lobby * Ada drinks tea",
                f"-- {self.time(4)} with bob <bob> tea, secretly",
                f"-- {self.time(6)} #lobby <bob> black tea",
            ],
        )
        self.assertEqual(len(self.says(self.bob, "/search tea in:b")), 1)

    def test_conditions(self) -> None:
        """By whom, where, and when, in any case of letters; without a word the newest are found."""
        self.assertEqual(self.texts("/search from:BOB tea IN:#lobby"), ["#lobby <bob> black tea"])
        self.assertEqual(self.texts("/search in:lobby coffee"), ["#lobby <bob> coffee"])
        self.assertEqual(self.texts("/search in:bob"), ["with bob <bob> tea, secretly"])
        self.assertEqual(self.texts("/search from:ada"), ["#lobby * Ada drinks tea"])
        clock, date = self.time(5)[11:], self.time(5).replace(" ", "T")
        for before in (clock, date):
            self.assertEqual(self.texts(f"/search in:#lobby from:bob before:{before}"), ["#lobby <bob> black tea"])
        self.assertEqual(self.texts(f"/search tea after:{date}")[-1], "with bob <bob> tea, secretly")
        self.assertEqual(self.texts("/search tea after:2099-01-01"), ["-- Nothing was found."])

    def test_words(self) -> None:
        """All of them, in any order; those in quotes together. What is no condition is a word."""
        self.assertEqual(self.texts("/search tea black"), ["#lobby <bob> black tea"])
        self.assertEqual(self.texts('/search "tea black"'), ["-- Nothing was found."])
        self.assertEqual(self.texts('/search "black tea'), ["#lobby <bob> black tea"])
        self.assertEqual(self.texts("/search to:bob"), ["-- Nothing was found."])

    def test_pages(self) -> None:
        """Of more than a page it says what to type for the next."""
        self.assertEqual(len(self.says(self.ada, "/search tea")), SHOWN)
        self.say(self.ada, 'tea "and milk"')
        self.assertEqual(self.texts("/search tea")[-1], "-- There is more: /search tea page:2")
        self.assertEqual(self.texts("/search tea page:2"), ["#lobby <bob> black tea"])
        self.assertEqual(self.texts("/search tea page:3"), ["-- Nothing more was found."])
        self.say(self.ada, "tea", "tea")
        self.assertEqual(
            self.texts("/search from:Ada  tea Page:1")[-1], "-- There is more: /search from:Ada tea page:2"
        )

    def test_bad(self) -> None:
        """What cannot be sought gets a clear answer."""
        day = "takes a day or a time, as 2026-11-01, 2026-11-01T09:30 or 09:30, not"
        for line, why in (
            ("/search", "Use it like this: /search WORDS"),
            ("/search !?", "What is sought has letters or digits."),
            ("/search page:2", "Say what is sought: words, who said it, or where."),
            ("/search tea from:", "Write what from: means right behind it, as in from:ada."),
            ("/search tea page:0", f"page: takes a whole number from 1 to {PAGES}."),
            (f"/search tea page:{PAGES + 1}", f"page: takes a whole number from 1 to {PAGES}."),
            ("/search tea before:yesterday", f"before: {day} yesterday."),
            ("/search tea after:2026-02-30", f"after: {day} 2026-02-30."),
            ("/search tea in:#b", "You are not in #b."),
            ("/search " + "tea " * 21, "At most 20 words can be sought together."),
        ):
            (told,) = self.says(self.ada, line)
            self.assertTrue(told.startswith(f"!! {why}"), told)
        self.assertEqual(self.texts(f"/search tea page:{PAGES}"), ["-- Nothing more was found."])

    def test_colours(self) -> None:
        """Only the text is shown of them."""
        self.say(self.ada, "\x02bold\x02 word")
        self.assertEqual(self.texts("/search bold"), ["#lobby <Ada> bold word"])

    def test_slow_and_failing(self) -> None:
        """Others go on while a store takes its time; that it fails is told."""
        waiting: Deferred[None] = Deferred()

        async def search(sought: Search, count: int, skip: int = 0, asker: Asker = ANYBODY) -> Sequence[Found]:
            await waiting
            return ()

        self.network.rooms.history.search = search  # type: ignore[method-assign]
        self.assertEqual(self.says(self.ada, "/search tea"), [])
        self.assertEqual(self.says(self.bob, "/msg ada hello"), ["-- To Ada (whispering): hello"])
        self.assertEqual(self.ada.heard(), ["bob (whispering): hello"])
        waiting.errback(Unavailable())
        self.network.settle()
        self.assertEqual(self.ada.heard(), [f"!! {Unavailable()}"])

    def test_gone_meanwhile(self) -> None:
        """If the connection ends while the store is asked, nothing is raised."""
        waiting: Deferred[None] = Deferred()

        async def search(sought: Search, count: int, skip: int = 0, asker: Asker = ANYBODY) -> Sequence[Found]:
            await waiting
            return ()

        self.network.rooms.history.search = search  # type: ignore[method-assign]
        self.ada.say("/search tea")
        self.ada.hang_up()
        waiting.callback(None)
        self.network.settle()
        self.assertEqual(self.flushLoggedErrors(), [])


class Mine(OwnTestCase):
    """`/mine`."""

    def test_listed(self) -> None:
        """What one said while logged in, where and when, oldest first, and nothing of others."""
        self.say(self.ada, "one", "/msg bob psst")
        self.say(self.bob, "not mine")
        first, *rest = self.says(self.ada, "/mine")
        self.assertEqual(first, "-- Your account is Ada, since 2027-01-15. With it you said:")
        expected = [f"-- {self.time(2)} #lobby <Ada> one", f"-- {self.time(1)} with bob <Ada> psst", "-- That is all."]
        self.assertEqual(rest, expected)

    def test_pages(self) -> None:
        """Fifty at once, and what to type for the next."""
        self.say(self.ada, *map(str, range(101)))
        line, found = "/mine", []
        for _ in range(3):
            *told, last = self.texts(line)
            found += [each for each in told if each.startswith("#lobby")]
            line = last.removeprefix("-- There is more: ")
        self.assertEqual(found, [f"#lobby <Ada> {number}" for number in range(101)])
        self.assertEqual(line, "-- That is all.")

    def test_paced(self) -> None:
        """Of very long ones the next are not queued before the first are sent."""
        self.network.rooms.limits = RoomLimits(message_length=60_000)
        self.say(self.ada, *["x" * (LISTED_AT_ONCE // 2)] * 50)
        drained = 0
        link = self.network.rooms.people.find("ada").sessions[0].link

        async def count() -> None:
            nonlocal drained
            drained += 1

        link.drained = count  # type: ignore[method-assign]
        self.assertGreater(len("".join(self.says(self.ada, "/mine"))), 25 * LISTED_AT_ONCE - 1)
        self.assertEqual(drained, 25)

    def test_erased(self) -> None:
        """All of it, once one has typed the account's name; what others said stays."""
        self.say(self.ada, "one", "/msg bob psst")
        self.say(self.bob, "stays")
        for line in ("/mine erase", "/mine erase bob"):
            why = "!! Nobody can bring back what you said. To erase all of it: /mine erase Ada"
            self.assertEqual(self.says(self.ada, line), [why])
        self.assertEqual(len(self.texts("/mine")), 4)
        told = ["-- This may take a while.", "-- What you said is erased: 2 messages."]
        self.assertEqual(self.says(self.ada, "/mine ERASE ada"), told)
        self.assertEqual(self.says(self.ada, "/history"), ["-- The last line in #lobby:", "<bob> stays"])

    def test_misused(self) -> None:
        """What is no place gets the right form; who is not logged in has nothing."""
        for line in ("/mine x", "/mine 1 2", "/mine ²", f"/mine {'9' * 19}"):
            self.assertIn("!! Use it like this: /mine ", self.says(self.ada, line)[0])
        eve = self.network.enter("eve")
        for line in ("/mine", "/mine erase eve", "/settings", "/settings dm-history off"):
            self.assertEqual(self.says(eve, line), ["!! You are not logged in."])


class Choosing(OwnTestCase):
    """`/settings`."""

    def test_all(self) -> None:
        """All are listed with what they mean, or one; and chosen."""
        told = self.says(self.ada, "/settings")
        self.assertEqual([each.split(":")[0] for each in told], [f"-- {name}" for name in choices.CHOICES])
        self.assertEqual(self.says(self.ada, "/settings dm-history OFF"), ["-- dm-history: off"])
        means = choices.CHOICES["dm-history"]
        self.assertEqual(self.says(self.ada, "/settings DM-history"), [f"-- dm-history: off. On means: {means}."])
        self.assertIn("There is no choice colour", self.says(self.ada, "/settings colour")[0])
        self.assertIn("can be on, off, or default", self.says(self.ada, "/settings dm-history maybe")[0])
        self.say(self.ada, "/msg bob psst")
        self.assertEqual(self.says(self.ada, "/history bob"), ["-- Nothing was said between bob and you."])

    def test_without_accounts(self) -> None:
        """Who is not logged in reads no private talk back, and is told so; who is reads what was said with them."""
        eve = self.network.enter("eve")
        why = "!! Only who is logged in can read back what was whispered: /login NAME PASSWORD"
        self.assertEqual(self.says(eve, "/history ada"), [why])
        self.assertEqual(self.says(self.ada, "/history eve"), ["-- Nothing was said between eve and you."])
        self.say(eve, "/msg ada psst")
        self.ada.heard()
        self.assertEqual(len(self.says(self.ada, "/history eve")), 2)
