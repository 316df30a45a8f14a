"""Seeking what was said (SEARCH)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred

from chatproto.dialects.irc.settings import IrcSettings
from chatproto.dialects.irc.verbs.search import DEEPEST, USUAL
from chatproto.errors import TooManySearches, Unavailable
from chatproto.interfaces import ANYBODY, Asker, Found, Search
from chatproto.rooms.searching import WORDS
from chatproto.stores.memory import MemoryHistory
from chatproto.testing import NOON
from tests.dialects.irc.past import CAPS, PastCase, S, bare, tags_of, texts, timestamp


def at(seconds: float) -> str:
    """A time as SEARCH has them."""
    return timestamp(seconds).partition("=")[2]


class Recording(MemoryHistory):
    """Remembers what is sought; answers when a test lets it."""

    def __init__(self) -> None:
        super().__init__(1000)
        self.sought: list[tuple[Search, int, int]] = []
        self.waiting: Deferred[None] | None = None
        self.askers: list[Asker] = []

    async def search(self, sought: Search, count: int, skip: int = 0, asker: Asker = ANYBODY) -> Sequence[Found]:
        """See `IHistoryStore.search`."""
        self.sought.append((sought, count, skip))
        self.askers.append(asker)
        if self.waiting is not None:
            await self.waiting
        return await super().search(sought, count, skip)


class Searching(PastCase):
    """ada and bob are in #a and logged in, ada is in #b as well, and something was said everywhere."""

    settings = IrcSettings(history_read=200)
    caps = (*CAPS, "soju.im/search", "labeled-response")

    def setUp(self) -> None:
        """Say it."""
        self.history = self.store = Recording()
        super().setUp()
        self.network.room("#b", self.ada)
        self.eve = self.network.connect("eve", CAPS)
        self.network.room("#c", self.eve)
        for client, account in ((self.ada, "ada"), (self.bob, "bob"), (self.eve, "eve")):
            self.log_in(client, account)
            self.network.rooms.owned.add(account, account)
        self.say("black tea", "green tea", "coffee")
        self.say("Tea!", target="#b", client=self.ada)
        self.say("tea here", target="#c", client=self.eve)
        self.say("tea, secretly", target="ada")
        self.say("tea behind her back", target="bob", client=self.eve)
        self.ada.got()

    def found(self, attributes: str) -> list[str]:
        """What is found."""
        return texts(self.played(self.ada, f"SEARCH {attributes}", "", "soju.im/search"))

    def refused(self, line: str) -> str:
        """What it is refused with."""
        (answer,) = self.ada.says(line)
        return bare(answer).removeprefix(f"{S} FAIL SEARCH ")


class What(Searching):
    """Which lines are found."""

    def test_everywhere(self) -> None:
        """In all rooms that one is in and in private talk of one's own, and nowhere else, in the order of time."""
        self.assertEqual(self.found("text=tea"), ["black tea", "green tea", "Tea!", "tea, secretly"])

    def test_lines(self) -> None:
        """They come as they were said, with their ids and times."""
        (line,) = self.played(self.ada, "SEARCH text=black", "", "soju.im/search")
        self.assertEqual(bare(line), ":bob!~bob@localhost PRIVMSG #a :black tea")
        self.assertEqual(tags_of(line)["time"], at(NOON + 1))
        self.assertIn("msgid", tags_of(line))

    def test_renamed(self) -> None:
        """A room's lines have the name that it has now."""
        self.ada.send("RENAME #a #z")
        (line,) = self.played(self.ada, "SEARCH in=#z;text=coffee", "", "soju.im/search")
        self.assertEqual(bare(line), ":bob!~bob@localhost PRIVMSG #z :coffee")

    def test_conditions(self) -> None:
        """Where, by whom, and when; a time itself is neither before nor after."""
        self.assertEqual(self.found("in=#B;text=tea"), ["Tea!"])
        self.assertEqual(self.found("in=bob;text=tea"), ["tea, secretly"])
        self.assertEqual(self.found("in=bob"), ["tea, secretly"])
        self.assertEqual(self.found("from=ADA"), ["Tea!"])
        self.assertEqual(self.found(f"text=tea;after={at(NOON + 1)};before={at(NOON + 4)}"), ["green tea"])

    def test_words(self) -> None:
        """All of them have to be there, and those in quotes together; attributes are escaped as tags are."""
        self.assertEqual(self.found(r"text=tea\sblack"), ["black tea"])
        self.assertEqual(self.found(r'text="tea\sblack"'), [])
        self.assertEqual(self.found(r'text="black\stea"'), ["black tea"])
        self.assertEqual(self.found(r"text=tea\:"), ["black tea", "green tea", "Tea!", "tea, secretly"])
        self.assertEqual(self.found(":text=tea black"), ["black tea"])

    def test_count(self) -> None:
        """As many as wanted, the best; then those after them. Without a number it is as many as usual."""
        self.assertEqual(self.found("text=tea;limit=2"), ["Tea!", "tea, secretly"])
        self.assertEqual(self.found("text=tea;limit=2;skip=2"), ["black tea", "green tea"])
        self.found("text=tea")
        self.found("text=tea;limit=200")
        self.found("text=tea;limit=201")
        self.found(f"text=tea;skip={DEEPEST + 1}")
        asked = [(count, skip) for _, count, skip in self.store.sought[2:]]
        self.assertEqual(asked, [(USUAL, 0), (200, 0), (200, 0), (USUAL, DEEPEST)])

    def test_unknown_attribute(self) -> None:
        """It means nothing."""
        self.assertEqual(self.found("text=coffee;colour=brown"), ["coffee"])

    def test_nothing_to_read(self) -> None:
        """Who is nowhere and not logged in finds nothing, and the store is not asked."""
        tim = self.network.connect("tim", CAPS)
        self.assertEqual(self.played(tim, "SEARCH text=tea", "", "soju.im/search"), [])
        self.assertEqual(self.store.sought, [])

    def test_without_batch(self) -> None:
        """Without batches the lines come alone."""
        old = self.network.connect("old")
        self.network.room("#a", old)
        self.assertEqual(old.says("SEARCH text=coffee"), [":bob!~bob@localhost PRIVMSG #a :coffee"])

    def test_label(self) -> None:
        """The batch is the labelled answer."""
        first, *_ = self.ada.says("@label=7 SEARCH text=tea")
        self.assertEqual(tags_of(first)["label"], "7")


class Refused(Searching):
    """What cannot be sought, or not now."""

    def test_bad(self) -> None:
        """It says which attribute is wrong."""
        for line, why in (
            ("SEARCH", "INVALID_PARAMS text :Say what is sought: words, who said it, or where."),
            ("SEARCH text=", "INVALID_PARAMS text :Say what is sought: words, who said it, or where."),
            ("SEARCH text=!?", "INVALID_PARAMS text :What is sought has letters or digits."),
            ("SEARCH text=a;limit=0", "INVALID_PARAMS limit :Invalid number"),
            ("SEARCH text=a;limit=-1", "INVALID_PARAMS limit :Invalid number"),
            ("SEARCH text=a;limit=x", "INVALID_PARAMS limit :Invalid number"),
            ("SEARCH text=a;skip=x", "INVALID_PARAMS skip :Invalid number"),
            ("SEARCH text=a;after=2026-11-01", "INVALID_PARAMS after :Invalid timestamp"),
            ("SEARCH text=a;before=", "INVALID_PARAMS before :Invalid timestamp"),
            ("SEARCH text=a;in=#c", "INVALID_PARAMS in :You are not in that room"),
            ("SEARCH text=a;in=#nowhere", "INVALID_PARAMS in :You are not in that room"),
        ):
            self.assertEqual(self.refused(line), why, line)
        self.assertEqual(self.store.sought, [])

    def test_many_words(self) -> None:
        """There is a bound to them."""
        for count in (WORDS - 1, WORDS):
            self.assertEqual(self.found("text=" + r"\s".join(["tea"] * count))[:1], ["black tea"])
        why = f"INVALID_PARAMS text :At most {WORDS} words can be sought together."
        self.assertEqual(self.refused("SEARCH text=" + r"\s".join(["tea"] * (WORDS + 1))), why)

    def ask(self, line: str) -> Deferred[None]:
        """Ask a store that takes its time."""
        self.store.waiting = Deferred()
        answer: Any = self.ada.talk.line_received(line.encode())
        done = Deferred.fromCoroutine(answer)
        self.assertNoResult(done)
        return done

    def test_unavailable(self) -> None:
        """That the store fails is told."""
        done = self.ask("SEARCH text=tea")
        assert self.store.waiting is not None
        self.store.waiting.errback(Unavailable())
        self.successResultOf(done)
        (answer,) = self.ada.got()
        self.assertEqual(bare(answer), f"{S} FAIL SEARCH INTERNAL_ERROR :Messages could not be retrieved")

    def test_too_many(self) -> None:
        """So is that too many search; the store knows where one is, and whether one still waits."""
        done = self.ask("SEARCH text=tea")
        (asker,) = self.store.askers
        self.assertEqual((asker.place, asker.waits()), ("localhost", True))
        assert self.store.waiting is not None
        self.store.waiting.errback(TooManySearches())
        self.successResultOf(done)
        (answer,) = self.ada.got()
        self.assertEqual(bare(answer), f"{S} FAIL SEARCH INTERNAL_ERROR :{TooManySearches()}")
        self.network.rooms.quit(self.ada.talk.session, "gone")
        self.assertFalse(asker.waits())

    def test_left_meanwhile(self) -> None:
        """What one may not read any more when the answer comes is left out."""
        done = self.ask("SEARCH text=tea")
        self.ada.talk.rooms.leave(self.ada.talk.session, self.network.rooms.room("#a"), "")
        self.ada.talk.user.looks(account="")
        self.ada.got()
        assert self.store.waiting is not None
        self.store.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(texts(self.batch(self.ada.got(), "soju.im/search")), ["Tea!"])

    def test_gone_meanwhile(self) -> None:
        """If the connection ends nothing is sent or raised."""
        done = self.ask("SEARCH text=tea")
        self.network.rooms.quit(self.ada.talk.session, "gone")
        self.ada.got()
        assert self.store.waiting is not None
        self.store.waiting.callback(None)
        self.successResultOf(done)
        self.assertEqual(self.ada.got(), [])
