"""Answers of any length, and batches."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc import answers, sights
from chatproto.dialects.irc import numerics as n
from chatproto.dialects.irc.answers import LINES_AT_ONCE, long_answer, paced, packed
from chatproto.dialects.irc.batch import Batch
from chatproto.dialects.irc.message import Message
from chatproto.dialects.irc.table import VERBS, Answer
from chatproto.events import Ending
from chatproto.rooms import names
from tests.dialects.irc.network import Client, Network

SERVER = "chatproto.local"
END = f":{SERVER} 315 bob #a :End of WHO list"


class LongAnswerTests(SynchronousTestCase):
    """An answer to a client that takes its time."""

    def setUp(self) -> None:
        """Each time that the link is asked whether all was sent it is so only when a test says so."""
        self.network = Network()
        self.drains: list[Deferred[None]] = []

    def connect(self, *caps: str) -> Client:
        """Ada, and her slow link."""
        ada = self.network.connect("ada", caps)
        self.patch(ada.link, "drained", self.drained)
        return ada

    def drained(self) -> Deferred[None]:
        """Not yet."""
        self.drains.append(Deferred())
        return self.drains[-1]

    def run_answer(self, answer: Coroutine[Any, Any, None]) -> Deferred[None]:
        """As a transport does."""
        return Deferred.fromCoroutine(answer)

    def test_waits(self) -> None:
        """No more is written than may be at once until that is sent."""
        ada = self.connect()
        done = self.run_answer(long_answer(ada.talk, ((n.RPL_INFO, (str(each),)) for each in range(401))))
        self.assertEqual(len(ada.got()), LINES_AT_ONCE)
        self.drains.pop().callback(None)
        self.assertEqual(len(ada.got()), LINES_AT_ONCE)
        self.assertNoResult(done)
        self.drains.pop().callback(None)
        self.assertEqual(ada.got(), [f":{SERVER} 371 ada 400"])
        self.successResultOf(done)
        self.assertEqual(self.drains, [])

    def test_short(self) -> None:
        """What is short waits for nothing."""
        ada = self.connect()
        self.successResultOf(self.run_answer(long_answer(ada.talk, [(n.RPL_INFO, ("one",))])))
        self.assertEqual(ada.got(), [f":{SERVER} 371 ada one"])

    def test_ends_with_the_connection(self) -> None:
        """When the connection is gone, so is the rest of the answer."""
        ada = self.connect()
        steps = iter(range(1000))
        done = self.run_answer(paced(ada.talk, (None for _ in steps)))
        ada.talk.ended(Ending.LOST)
        self.drains.pop().callback(None)
        self.successResultOf(done)
        self.assertEqual(next(steps), LINES_AT_ONCE)

    def test_labelled(self) -> None:
        """A labelled answer is one batch, of which no more is kept than is written at once."""

        def steps(client: Client) -> Iterator[None]:
            for number in range(201):
                client.talk.numeric(n.RPL_INFO, str(number))
                yield

        ada = self.connect("labeled-response", "batch")

        def long(talk: object, message: Message) -> Answer:
            return paced(ada.talk, steps(ada))

        self.addCleanup(VERBS.__setitem__, "INFO", VERBS["INFO"])
        VERBS["INFO"] = VERBS["INFO"]._replace(run=long)
        answer = ada.talk.line_received(b"@label=L INFO")
        assert answer is not None
        done = self.run_answer(answer)
        begin, *lines = ada.got()
        name = begin.split(" ")[3].removeprefix("+")
        self.assertEqual(begin, f"@label=L :{SERVER} BATCH +{name} labeled-response")
        self.assertEqual(lines, [f"@batch={name} :{SERVER} 371 ada {each}" for each in range(200)])
        self.drains.pop().callback(None)
        self.assertEqual(ada.got(), [f"@batch={name} :{SERVER} 371 ada 200", f":{SERVER} BATCH -{name}"])
        self.successResultOf(done)

    def test_what_happens_meanwhile(self) -> None:
        """What others do to the client while it waits is no part of the labelled answer, and is told at once."""
        bob = self.network.connect("bob")
        bob.send("OPER root secret", "JOIN #a")
        ada = self.connect("labeled-response", "batch")
        for number in range(LINES_AT_ONCE):
            self.network.rooms.directory.open(names.room(f"#r{number}", self.network.limits)).add(bob.talk.user)
        answer = ada.talk.line_received(b"@label=L LIST")
        assert answer is not None
        done = self.run_answer(answer)
        ada.got()
        bob.send("SAJOIN ada #a")
        self.assertEqual(
            ada.got(),
            [
                ":ada!~ada@localhost JOIN #a",
                f":{SERVER} 353 ada = #a :@bob ada",
                f":{SERVER} 366 ada #a :End of /NAMES list",
            ],
        )
        self.drains.pop().callback(None)
        self.successResultOf(done)
        self.assertTrue(all(line.startswith("@batch=") for line in ada.got()[:-1]))


class PutOutTests(SynchronousTestCase):
    """Somebody who is put out of a room while an answer about it waits."""

    def setUp(self) -> None:
        """Answers wait after every line. Ada has opened a room; bob and eve, whom others do not see, are in there."""
        self.patch(answers, "LINES_AT_ONCE", 1)
        self.network = Network()
        self.ada, self.bob, self.eve = (
            self.network.connect(nick, ["draft/metadata-2"]) for nick in ("ada", "bob", "eve")
        )
        self.network.room("#a", self.ada, self.bob, self.eve)
        self.ada.send("METADATA * SET k :ada", "MODE #a +s")
        self.eve.send("METADATA * SET k :eve", "MODE eve +i")

    def told(self, line: str, *meanwhile: str, steps: int = 1) -> list[str]:
        """What bob is answered, but for what ada does, if she does it after so many steps of the answer."""
        left = [meanwhile, *[()] * (steps - 1)]

        async def drained() -> None:
            self.ada.send(*(left.pop() if left else ()))

        self.bob.got()
        self.patch(self.bob.link, "drained", drained)
        self.bob.send(line)
        return [each for each in self.bob.got() if not each.startswith(":ada!")]

    def test_who(self) -> None:
        """WHO ends there."""
        lines = [f":{SERVER} 354 bob ada", END]
        self.assertEqual(self.told("WHO #a %n", "KICK #a bob"), lines)

    def test_shown_room(self) -> None:
        """So it does where outsiders see less, though they see the room."""
        lines = [f":{SERVER} 354 bob ada", END]
        self.assertEqual(self.told("WHO #a %n", "MODE #a -s", "KICK #a bob"), lines)

    def test_others(self) -> None:
        """Who stays is told all, and so is an outsider of a room that all may see; until it is hidden."""
        names = [f":{SERVER} 354 bob {name}" for name in ("ada", "bob", "eve")]
        self.assertEqual(self.told("WHO #a %n", "TOPIC #a :tea"), [*names, END])
        self.eve.send("MODE eve -i")
        self.bob.send("PART #a")
        self.ada.send("MODE #a -s")
        self.assertEqual(self.told("WHO #a %n", "TOPIC #a :tea"), [names[0], names[2], END])
        self.assertEqual(self.told("WHO #a %n", "MODE #a +s"), [names[0], END])

    def test_names(self) -> None:
        """So does NAMES."""
        self.patch(sights, "_lines", lambda *_, **__: ["ada", "bob", "eve"])
        lines = [f":{SERVER} 353 bob @ #a :ada", f":{SERVER} 366 bob #a :End of /NAMES list"]
        self.assertEqual(self.told("NAMES #a", "KICK #a bob"), lines)

    def test_metadata(self) -> None:
        """So does METADATA."""
        ada, eve = (f":{SERVER} METADATA {name} k * {name}" for name in ("ada", "eve"))
        self.bob.send("METADATA * SUB k")
        self.assertEqual(self.told("METADATA #a SYNC", "PING x"), [ada, eve])
        self.assertEqual(self.told("METADATA #a SYNC", "KICK #a bob", steps=3), [ada])

    def test_metadata_of_all(self) -> None:
        """A room that one has left meanwhile is none of one's rooms."""
        self.network.room("#b", self.ada, self.bob, self.eve)
        self.ada.send("MODE #b +s", "METADATA #b SET k room")
        sub, *told = (f":{SERVER} {line}" for line in ("770 bob k", "METADATA ada k * ada", "METADATA eve k * eve"))
        self.assertEqual(self.told("METADATA * SUB k", "KICK #b bob", steps=3), [sub, *told])


class PackedTests(SynchronousTestCase):
    """Words in lines."""

    def setUp(self) -> None:
        """Somebody to tell them."""
        self.talk = Network().connect("ada").talk

    def test_nothing(self) -> None:
        """Without words there is no line."""
        self.assertEqual(packed(self.talk, [], " "), [])

    def test_full(self) -> None:
        """A line is filled to its last byte, and not beyond."""
        room = 510 - len(f":{SERVER} 319 ada bob :")
        for first in ("x", "é"):
            fits = [first, "y" * (room - 1 - len(first.encode()))]
            self.assertEqual(packed(self.talk, fits, " ", "bob"), [" ".join(fits)])
            self.assertEqual(packed(self.talk, [first, fits[1] + "y"], " ", "bob"), [first, fits[1] + "y"])

    def test_one_long_word(self) -> None:
        """A word that is too long is a line of its own."""
        self.assertEqual(packed(self.talk, ["a", "x" * 600, "b"], ","), ["a", "x" * 600, "b"])


class BatchTests(SynchronousTestCase):
    """Batches."""

    def test_tagged(self) -> None:
        """All lines of it have its name, beside the time for those who want it."""
        ada = Network().connect("ada", ["batch", "server-time"])
        with Batch(ada.talk, "metadata", "bob") as batch:
            batch.send("METADATA", "bob", "key", "*", "some value")
            ada.talk.send("PING", "x")
            batch.numeric(n.RPL_KEYNOTSET, "bob", "key")
            batch.fail("METADATA", "KEY_INVALID", ":", text="No key")
        lines = [line.replace("time=2027-01-15T08:00:00.000Z", "t") for line in ada.got()]
        name = lines[0].split(" ")[3].removeprefix("+")
        self.assertEqual(lines, [
            f"@t :{SERVER} BATCH +{name} metadata bob",
            f"@batch={name};t :{SERVER} METADATA bob key * :some value",
            f"@t :{SERVER} PING x",
            f"@batch={name};t :{SERVER} 766 ada bob key :key not set",
            f"@batch={name};t :{SERVER} FAIL METADATA KEY_INVALID * :No key",
            f"@t :{SERVER} BATCH -{name}",
        ])  # fmt: skip

    def test_without_the_capability(self) -> None:
        """Who knows no batches is sent the lines alone."""
        ada = Network().connect("ada")
        with Batch(ada.talk, "metadata", "bob") as batch:
            batch.numeric(n.RPL_KEYNOTSET, "bob", "key")
        self.assertEqual(ada.got(), [f":{SERVER} 766 ada bob key :key not set"])

    def test_names_differ(self) -> None:
        """No two batches have one name."""
        ada = Network().connect("ada", ["batch"])
        for _ in range(3):
            with Batch(ada.talk, "metadata", "bob"):
                pass
        begins = [line.split(" ")[2] for line in ada.got()[::2]]
        self.assertEqual(len(set(begins)), 3)
