"""CAP: what one can ask for, and what becomes of it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.caps import CAPS
from chatproto.dialects.irc.settings import IrcSettings
from chatproto.interfaces import Peer
from tests.dialects.irc.network import Client, Network

S = ":chatproto.local"


class Talking(SynchronousTestCase):
    """Somebody who has not registered yet."""

    def setUp(self) -> None:
        """One server, one client."""
        self.network = Network()
        self.client = self.network.connect()

    def caps(self, client: Client | None = None) -> list[str]:
        """What the client has now."""
        (line,) = (client or self.client).says("CAP LIST")
        self.assertRegex(line, "CAP .* LIST :")
        return line.partition(" LIST :")[2].split(" ")


class Lists(Talking):
    """CAP LS and CAP LIST."""

    def offered(self, line: str, client: Client | None = None) -> list[str]:
        """What `line` is answered with, which is one line."""
        (answer,) = (client or self.client).says(line)
        start, _, names = answer.partition(" LS :")
        self.assertEqual(start, f"{S} CAP *")
        return names.split(" ")

    def test_old(self) -> None:
        """Without a version, or with one before 302, names come without values, drafts last, and the search not at all,
        for all of them do not fit."""
        expected = sorted(CAPS.keys() - {"soju.im/search"}, key=lambda name: (name.startswith("draft/"), name))
        for line in ("CAP LS", "CAP LS 301", "CAP LS x", "CAP LS :", "CAP LS ²", "CAP LS -302", "cap ls 00000301"):
            self.assertEqual(self.offered(line), expected)

    def test_modern(self) -> None:
        """From 302 on they have values, where there are any, and come in as many lines as it takes."""
        values = dict(self.network.server.capabilities(Peer("192.0.2.1", secure=False)))
        expected = [f"{name}={value}" if value else name for name, value in sorted(values.items())]
        for line in ("CAP LS 302", "CAP LS 307", "CAP LS 99999999999"):
            first, last = self.client.says(line)
            self.assertTrue(first.startswith(f"{S} CAP * LS * :"), first)
            self.assertTrue(last.startswith(f"{S} CAP * LS :"), last)
            self.assertEqual([name for each in (first, last) for name in each.partition(" :")[2].split(" ")], expected)
        self.assertIn("draft/multiline=max-bytes=16384,max-lines=100", expected)

    def test_older_question(self) -> None:
        """The answer is as old as the question, even if the client knows better."""
        self.client.send("CAP LS 302")
        self.assertNotIn("=", "".join(self.offered("CAP LS")))

    def test_too_many(self) -> None:
        """What does not fit goes into lines with an asterisk, for those who know 302; for others it is left out."""
        client = self.network.connect("a" * 30)
        self.network.server.capabilities = lambda peer: {f"{name}-{'x' * 30}": "" for name in CAPS}  # type: ignore[method-assign]
        whole = sorted(f"{name}-{'x' * 30}" for name in CAPS)
        lines = client.says("CAP LS 302")
        self.assertGreater(len(lines), 2)
        for line in lines[:-1]:
            self.assertTrue(line.startswith(f"{S} CAP {'a' * 30} LS * :"), line)
        self.assertTrue(lines[-1].startswith(f"{S} CAP {'a' * 30} LS :"))
        self.assertEqual([name for line in lines for name in line.partition(" :")[2].split(" ")], whole)
        self.assertLessEqual(max(map(len, lines)), 510)
        (line,) = client.says("CAP LS")
        self.assertLessEqual(len(line), 510)
        self.assertNotIn("draft/", line)

    def test_long_list(self) -> None:
        """What one has is shown whole; the asterisk is for those who know 302."""
        client = self.network.connect("a" * 30)
        client.talk.set_caps(frozenset(f"{name}-{'x' * 30}" for name in CAPS))
        old = client.says("CAP LIST")
        self.assertGreater(len(old), 2)
        self.assertEqual({line.partition(" :")[0] for line in old}, {f"{S} CAP {'a' * 30} LIST"})
        client.send("CAP LS 302")
        starts = [line.partition(" :")[0] for line in client.says("CAP LIST")]
        self.assertEqual(starts, [*[f"{S} CAP {'a' * 30} LIST *"] * (len(old) - 1), f"{S} CAP {'a' * 30} LIST"])

    def test_nothing(self) -> None:
        """Who has nothing has an empty list; what a version implies is not in it."""
        empty = [f"{S} CAP * LIST :"]
        self.assertEqual(self.client.says("CAP LIST"), empty)
        self.client.send("CAP LS 302")
        self.assertEqual(self.client.says("CAP LIST"), empty)

    def test_nick(self) -> None:
        """Who is registered is called by name."""
        self.assertEqual(self.network.connect("ada").says("CAP LIST"), [f"{S} CAP ada LIST :"])


class Requests(Talking):
    """CAP REQ."""

    def test_several(self) -> None:
        """Several are had, and given up, in one go."""
        self.assertEqual(
            self.client.says("CAP REQ :multi-prefix echo-message"), [f"{S} CAP * ACK :multi-prefix echo-message"]
        )
        self.assertEqual(self.caps(), ["echo-message", "multi-prefix"])
        self.assertEqual(self.client.says("CAP REQ :-multi-prefix batch"), [f"{S} CAP * ACK :-multi-prefix batch"])
        self.assertEqual(self.caps(), ["batch", "echo-message"])

    def test_again(self) -> None:
        """What one has already, or has not, may be asked for, or given up, once more."""
        for _ in range(2):
            self.assertEqual(self.client.says("CAP REQ batch"), [f"{S} CAP * ACK :batch"])
        for _ in range(2):
            self.assertEqual(self.client.says("CAP REQ -batch"), [f"{S} CAP * ACK :-batch"])
        self.assertEqual(self.caps(), [""])

    def test_last_counts(self) -> None:
        """They are taken from left to right."""
        self.client.send("CAP REQ :batch -batch echo-message")
        self.assertEqual(self.caps(), ["echo-message"])

    def test_unknown(self) -> None:
        """One that is unknown spoils all of them; the answer repeats what was asked for, and nothing has changed."""
        self.client.send("CAP REQ :batch")
        for asked in ("foo", "foo qux bar baz qux quux", "multi-prefix foo", "-foo", "-batch foo", "Batch", "batch=1",
                      "sts", "-sts", "-", "--batch", "foo batch ", " foo  bar"):  # fmt: skip
            self.assertEqual(self.client.says(f"CAP REQ :{asked}"), [f"{S} CAP * NAK :{asked}"])
        self.assertEqual(self.caps(), ["batch"])

    def test_spaces(self) -> None:
        """Spaces around them do not matter, and are repeated."""
        self.assertEqual(self.client.says("CAP REQ :batch "), [f"{S} CAP * ACK :batch "])
        self.assertEqual(
            self.client.says("CAP REQ : echo-message  setname"), [f"{S} CAP * ACK : echo-message  setname"]
        )
        self.assertEqual(self.caps(), ["batch", "echo-message", "setname"])

    def test_empty(self) -> None:
        """Who asks for nothing gets it."""
        self.assertEqual(self.client.says("CAP REQ :", "CAP REQ"), [f"{S} CAP * ACK :"] * 2)

    def test_words(self) -> None:
        """They may stand without a colon before them."""
        self.assertEqual(self.client.says("CAP REQ batch setname"), [f"{S} CAP * ACK :batch setname"])

    def test_long(self) -> None:
        """What is repeated may need two lines."""
        asked = " ".join(["multi-prefix"] * 37)
        for text, word in ((asked, "ACK"), (asked + " x", "NAK")):
            lines = self.client.says(f"CAP REQ :{text}")
            self.assertLessEqual(max(map(len, lines)), 510)
            self.assertEqual(" ".join(line.removeprefix(f"{S} CAP * {word} :") for line in lines), text)

    def test_long_word(self) -> None:
        """Of a word that does not fit into a line the beginning is repeated."""
        lines = self.client.says(f"CAP REQ :{'x' * 490} y")
        self.assertEqual(lines, [f"{S} CAP * NAK {text}" for text in (f":{'x' * 480}", ":y")])

    def test_notify(self) -> None:
        """cap-notify can be asked for, and given up, but not by who knows 302: there it always holds."""
        self.assertEqual(
            self.client.says("CAP REQ cap-notify", "CAP REQ -cap-notify"),
            [f"{S} CAP * ACK :cap-notify", f"{S} CAP * ACK :-cap-notify"],
        )
        self.client.send("CAP LS 302", "CAP LS")
        self.assertEqual(
            self.client.says("CAP REQ cap-notify", "CAP REQ :batch -cap-notify"),
            [f"{S} CAP * ACK :cap-notify", f"{S} CAP * NAK :batch -cap-notify"],
        )
        self.assertEqual(self.caps(), ["cap-notify"])

    def test_in_effect(self) -> None:
        """What one has is in effect from the next line on, until it is given up; the answer itself comes before."""
        time = "@time=2027-01-15T08:00:00.000Z "
        self.assertEqual(
            self.client.says("CAP REQ server-time", "CAP LIST", "CAP REQ -server-time", "CAP LIST"),
            [
                f"{S} CAP * ACK :server-time",
                f"{time}{S} CAP * LIST :server-time",
                f"{time}{S} CAP * ACK :-server-time",
                f"{S} CAP * LIST :",
            ],
        )

    def test_in_rooms(self) -> None:
        """It is so in rooms, too, where one is already."""
        ada, bob = self.network.connect("ada"), self.network.connect("bob")
        self.network.room("#a", ada, bob)
        bob.send("CAP REQ server-time")
        bob.got()
        ada.send("PRIVMSG #a :hi")
        self.assertEqual(bob.got(), ["@time=2027-01-15T08:00:00.000Z :ada!~ada@localhost PRIVMSG #a :hi"])


class Negotiation(Talking):
    """What CAP has to do with registration."""

    def in_(self, *lines: str) -> bool:
        """Whether the client is welcome after these."""
        return any(" 001 " in line for line in self.client.says(*lines))

    def test_suspends(self) -> None:
        """LS and REQ suspend registration, until END."""
        for begin in ("CAP LS", "CAP LS 302", "CAP REQ batch", "CAP REQ nonsense"):
            self.client = self.network.connect()
            self.assertFalse(self.in_(begin, "NICK ada", "USER u 0 * :r", "CAP LIST", "CAP LS"))
            self.assertTrue(self.in_("CAP END"))
            self.client.send("QUIT")

    def test_in_the_middle(self) -> None:
        """They may come between NICK and USER."""
        self.assertFalse(self.in_("NICK ada", "CAP LS", "USER u 0 * :r"))
        self.assertTrue(self.in_("CAP END"))

    def test_end_first(self) -> None:
        """END with nothing to end does nothing, nor does a second one."""
        self.assertEqual(self.client.says("CAP END"), [])
        self.assertEqual(self.client.says("CAP LS", "CAP END", "CAP END")[1:], [])
        self.assertTrue(self.in_("NICK ada", "USER u 0 * :r"))

    def test_begin_again(self) -> None:
        """After END it may begin anew."""
        self.assertFalse(self.in_("CAP LS", "CAP END", "CAP LS", "NICK ada", "USER u 0 * :r"))
        self.assertTrue(self.in_("CAP END"))

    def test_list_does_not(self) -> None:
        """LIST does not suspend."""
        self.assertTrue(self.in_("CAP LIST", "NICK ada", "USER u 0 * :r"))

    def test_after(self) -> None:
        """All works after registration as well, and END does nothing."""
        ada = self.network.connect("ada")
        self.assertEqual(ada.says("CAP END"), [])
        self.assertEqual(ada.says("CAP REQ batch"), [f"{S} CAP ada ACK :batch"])
        self.assertEqual(ada.says("CAP REQ :x batch"), [f"{S} CAP ada NAK :x batch"])
        self.assertRegex(" ".join(ada.says("CAP LS 302")), f"^{S} CAP ada LS .*setname")
        self.assertEqual(ada.says("PING x"), [f"{S} PONG chatproto.local x"])

    def test_subcommands(self) -> None:
        """Others than these are invalid; they may be written in any case."""
        for said, told in (("foo", "foo"), ("ACK", "ACK"), ("NAK", "NAK"), ("NEW", "NEW"), ("CLEAR", "CLEAR"),
                           (":", "*"), (":LS 302", "*"), ("f" * 400, "f" * 60)):  # fmt: skip
            self.assertEqual(self.client.says(f"CAP {said}"), [f"{S} 410 * {told} :Invalid CAP command"])
        self.assertEqual(self.client.says("CAP list"), [f"{S} CAP * LIST :"])
        self.assertEqual(self.client.says("CAP"), [f"{S} 461 * CAP :Not enough parameters"])
        self.assertEqual(self.network.connect("ada").says("CAP foo"), [f"{S} 410 ada foo :Invalid CAP command"])


class StrictTransportSecurity(Talking):
    """The sts capability."""

    def sts(self, *, secure: bool, version: str = " 302", seconds: int = 0) -> list[str]:
        """How it is offered."""
        network = Network(IrcSettings(sts_seconds=seconds))
        lines = network.connect(secure=secure).says(f"CAP LS{version}")
        return [cap for line in lines for cap in line.partition(" :")[2].split(" ") if cap.startswith("sts")]

    def test_none(self) -> None:
        """There is no policy but by the operator's choice."""
        self.assertEqual(self.sts(secure=False) + self.sts(secure=True), [])

    def test_values(self) -> None:
        """In cleartext one is told the port, by TLS for how long it is to be remembered."""
        self.assertEqual(self.sts(secure=False, seconds=100), ["sts=port=6697"])
        self.assertEqual(self.sts(secure=True, seconds=100), ["sts=duration=100"])

    def test_old(self) -> None:
        """Without a value it says nothing, so those who do not know values are not told."""
        self.assertEqual(self.sts(secure=True, version="", seconds=100), [])

    def test_no_port(self) -> None:
        """Where no port is known nobody is sent anywhere."""
        server = Network(IrcSettings(sts_seconds=100)).server
        server._sts_port = 0
        self.assertNotIn("sts", server.capabilities(Peer("192.0.2.1", secure=False)))
        self.assertEqual(server.capabilities(Peer("192.0.2.1", secure=True))["sts"], "duration=100")

    def test_not_asked_for(self) -> None:
        """It cannot be asked for."""
        client = Network(IrcSettings(sts_seconds=100)).connect()
        self.assertEqual(client.says("CAP REQ sts"), [f"{S} CAP * NAK :sts"])
