"""Taking back what was said."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.sent import REMEMBERED, Sent
from chatproto.errors import Unavailable
from chatproto.events import Stamp
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"
CAPS = ("message-tags", "echo-message", "draft/message-redaction")


def id_of(line: str) -> str:
    """The id that a line has."""
    return line.partition("msgid=")[2].partition(" ")[0].partition(";")[0]


class RedactionCase(SynchronousTestCase):
    """ada is the operator of #a, in which bob and eve are as well; eve is not told what is taken back."""

    def setUp(self) -> None:
        """Let them in."""
        self.network = Network()
        self.ada, self.bob = self.network.connect("ada", CAPS), self.network.connect("bob", CAPS)
        self.eve = self.network.connect("eve", CAPS[:2])
        self.network.room("#a", self.ada, self.bob, self.eve)

    def said(self, client: Client, line: str) -> str:
        """The id of something that everyone has seen."""
        (echo,) = client.says(line)
        for each in self.network.clients:
            each.got()
        return id_of(echo)

    def kept(self) -> list[str]:
        """What #a remembers."""
        latest = self.successResultOf(_awaited(self.network.rooms.history.read("#a", 10)))
        return [said.text for said, _ in latest]

    def untagged(self, client: Client) -> list[str]:
        """What was sent to a client, without the tags."""
        return [line[line.index(" ") + 1 :] if line.startswith("@") else line for line in client.got()]


class InRooms(RedactionCase):
    """Messages in rooms."""

    def test_one_s_own(self) -> None:
        """It is gone, and all members who asked for that are told, the sender too."""
        said = self.said(self.bob, "PRIVMSG #a hi")
        self.bob.send(f"REDACT #A {said} :my mistake")
        line = f":bob!~bob@localhost REDACT #a {said} :my mistake"
        self.assertEqual(self.untagged(self.bob), [line])
        self.assertEqual(self.untagged(self.ada), [line])
        self.assertEqual(self.eve.got(), [])
        self.assertEqual(self.kept(), [])

    def test_somebody_else_s(self) -> None:
        """Operators of the room may, others may not; a reason need not be given."""
        said = self.said(self.bob, "PRIVMSG #a hi")
        text = ":You are not authorised to delete this message"
        self.assertEqual(self.eve.says(f"REDACT #a {said}"), [f"{S} FAIL REDACT REDACT_FORBIDDEN #a {said} {text}"])
        self.assertEqual(self.kept(), ["hi"])
        self.ada.send(f"REDACT #a {said}")
        self.assertEqual(self.untagged(self.bob), [f":ada!~ada@localhost REDACT #a {said}"])
        self.assertEqual(self.kept(), [])

    def test_under_another_name(self) -> None:
        """What one said before one took another name is one's own still, and so are tags alone."""
        said = self.said(self.bob, "PRIVMSG #a hi")
        tags = self.said(self.bob, "@+draft/react=x TAGMSG #a")
        self.bob.send("NICK robert", f"REDACT #a {said}", f"REDACT #a {tags}")
        self.assertEqual(
            self.untagged(self.ada)[1:], [f":robert!~bob@localhost REDACT #a {each}" for each in (said, tags)]
        )
        self.assertEqual(self.kept(), [])

    def test_unknown(self) -> None:
        """An id that nothing has, or has any more, is refused, for operators too."""
        said = self.said(self.bob, "PRIVMSG #a hi")
        self.bob.send(f"REDACT #a {said}")
        self.ada.got()
        for client in (self.ada, self.bob):
            for each in ("nothing", said):
                text = ":This message does not exist or is too old"
                self.assertEqual(client.says(f"REDACT #a {each}"), [f"{S} FAIL REDACT UNKNOWN_MSGID #a {each} {text}"])

    def test_somewhere_else(self) -> None:
        """There is nothing to be taken back in rooms that are not there, or that one is not in, and nothing of another
        room in this one."""
        said = self.said(self.bob, "PRIVMSG #a hi")
        text = ":You cannot delete messages from #b"
        self.assertEqual(self.bob.says(f"REDACT #b {said}"), [f"{S} FAIL REDACT INVALID_TARGET #b {said[:0]}{text}"])
        self.network.room("#b", self.ada)
        self.assertEqual(self.bob.says(f"REDACT #b {said}"), [f"{S} FAIL REDACT INVALID_TARGET #b {text}"])
        answer = self.ada.says(f"REDACT #b {said}")
        self.assertEqual(
            answer, [f"{S} FAIL REDACT UNKNOWN_MSGID #b {said} :This message does not exist or is too old"]
        )

    def test_not_to_be_looked_up(self) -> None:
        """Where the store fails, it may be tried again; that is told as all that is refused."""

        async def fail(*_: object) -> None:
            raise Unavailable

        self.network.rooms.history.find = fail  # type: ignore[assignment, method-assign]
        for target in ("#a", "bob"):
            self.network.rooms.people.find("bob").looks(account="bob")
            self.ada.talk.user.looks(account="ada")
            self.ada.got()
            refusal = f"FAIL REDACT TEMPORARILY_UNAVAILABLE {target} a-1 :{Unavailable()}"
            self.assertEqual(self.ada.says(f"REDACT {target} a-1"), [f"{S} {refusal}"])

    def test_too_few_parameters(self) -> None:
        """It takes a target and an id."""
        self.assertEqual(self.ada.says("REDACT #a"), [f"{S} 461 ada REDACT :Not enough parameters"])


class ToPeople(RedactionCase):
    """Messages to one person."""

    def test_one_s_own(self) -> None:
        """Who was told it is told, and so is the sender; then it is not there any more."""
        said = self.said(self.bob, "PRIVMSG ada hi")
        self.bob.send(f"REDACT ADA {said} :no")
        line = f":bob!~bob@localhost REDACT ada {said} no"
        self.assertEqual(self.untagged(self.ada), [line])
        self.assertEqual(self.untagged(self.bob), [line])
        self.assertEqual(self.eve.got(), [])
        unknown = f"{S} FAIL REDACT UNKNOWN_MSGID ada {said} :This message does not exist or is too old"
        self.assertEqual(self.bob.says(f"REDACT ada {said}"), [unknown])

    def test_to_oneself(self) -> None:
        """One is told once."""
        said = id_of(self.bob.says("PRIVMSG bob hi")[1])
        self.assertEqual(len(self.bob.says(f"REDACT bob {said}")), 1)

    def test_somebody_else_s(self) -> None:
        """Only who said it can take it back, and only from the one it was said to."""
        said = self.said(self.bob, "PRIVMSG ada hi")
        text = ":This message does not exist or is too old"
        for client, name in ((self.ada, "bob"), (self.ada, "ada"), (self.bob, "eve")):
            answer = client.says(f"REDACT {name} {said}")
            self.assertEqual(answer, [f"{S} FAIL REDACT UNKNOWN_MSGID {name} {said} {text}"])

    def test_nobody(self) -> None:
        """Nobody of that name is here."""
        self.assertEqual(
            self.bob.says("REDACT :no-one x", "REDACT tim x"),
            [
                f"{S} 461 bob REDACT :Not enough parameters",
                f"{S} FAIL REDACT INVALID_TARGET tim :You cannot delete messages from tim",
            ],
        )


class Remembering(SynchronousTestCase):
    """What a connection said lately."""

    def test_the_last_ones(self) -> None:
        """Only so many are remembered."""
        sent = Sent()
        for offset in range(1, REMEMBERED + 2):
            sent.add(Stamp(1, offset, 0.0), "bob")
        self.assertFalse(sent.has("1-1", "bob"))
        self.assertTrue(sent.has("1-2", "BOB"))
        self.assertFalse(sent.has("1-2", "ada"))
        sent.forget("1-2")
        self.assertFalse(sent.has("1-2", "bob"))
        self.assertTrue(sent.has("1-3", "bob"))


async def _awaited(awaitable: object) -> object:
    return await awaitable  # type: ignore[misc]
