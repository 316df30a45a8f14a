"""What a labelled line is answered with."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatproto.dialects.irc.response import Response
from tests.dialects.irc.network import Network

S = ":chatproto.local"
CAPS = ("batch", "labeled-response")


def answer(*lines: str, label: str = "l") -> list[str]:
    """The whole answer of these lines."""
    response = Response(label)
    for line in lines:
        response.add(line)
    return response.lines("s", "b")


class Answers(SynchronousTestCase):
    """One logical message, with the label on it."""

    def test_nothing(self) -> None:
        """No line is answered by ACK."""
        self.assertEqual(answer(), ["@label=l :s ACK"])

    def test_one_line(self) -> None:
        """One line has the label, among its other tags."""
        self.assertEqual(answer(":s A"), ["@label=l :s A"])
        self.assertEqual(answer("@time=1 :s A"), ["@label=l;time=1 :s A"])

    def test_several(self) -> None:
        """Several are a batch."""
        self.assertEqual(
            answer(":s A", "@time=1 :s B"),
            ["@label=l :s BATCH +b labeled-response", "@batch=b :s A", "@batch=b;time=1 :s B", ":s BATCH -b"],
        )

    def test_one_batch(self) -> None:
        """What is one batch is labelled itself."""
        lines = ("@time=1 :s BATCH +x t", "@batch=x :s A", ":s BATCH -x")
        self.assertEqual(answer(*lines), [f"@label=l;{lines[0][1:]}", *lines[1:]])
        self.assertEqual(answer("BATCH +x t", "BATCH -x"), ["@label=l BATCH +x t", "BATCH -x"])

    def test_a_batch_among_others(self) -> None:
        """Batches in it are nested: their begin and end belong to it, and their lines to themselves."""
        self.assertEqual(
            answer(":s BATCH +x t", "@batch=x :s A", ":s BATCH -x", ":s BATCH +y t", ":s BATCH -y"),
            [
                "@label=l :s BATCH +b labeled-response",
                "@batch=b :s BATCH +x t",
                "@batch=x :s A",
                "@batch=b :s BATCH -x",
                "@batch=b :s BATCH +y t",
                "@batch=b :s BATCH -y",
                ":s BATCH -b",
            ],
        )

    def test_tags_that_look_alike(self) -> None:
        """A client's own tag, or a text, that speaks of a batch puts nothing into one."""
        lines = ("@+batch=x;+a=batch=y :s A", ":s A :@batch=z")
        self.assertEqual(answer(*lines)[1:3], ["@batch=b;+batch=x;+a=batch=y :s A", "@batch=b :s A :@batch=z"])

    def test_a_long_one(self) -> None:
        """What is sent before all is known is a batch, even of one line."""
        response = Response("l")
        response.add(":s A")
        self.assertEqual(response.so_far("s", "b"), ["@label=l :s BATCH +b labeled-response", "@batch=b :s A"])
        response.add(":s B")
        self.assertEqual(response.so_far("s", "c"), ["@batch=b :s B"])
        self.assertEqual(response.lines("s", "d"), [":s BATCH -b"])

    def test_labels_are_written_as_tags_are(self) -> None:
        """Nothing in a label can be another tag or another line."""
        self.assertEqual(answer(label="a;b c\\\r\n"), [r"@label=a\:b\sc\\\r\n :s ACK"])


class Labels(SynchronousTestCase):
    """Which lines are labelled."""

    def setUp(self) -> None:
        """ada has asked for it, bob has not."""
        self.network = Network()
        self.ada, self.bob = self.network.connect("ada", CAPS), self.network.connect("bob")

    def test_only_where_it_was_asked_for(self) -> None:
        """Others are answered as ever."""
        self.assertEqual(self.ada.says("@label=a PING x"), [f"@label=a {S} PONG chatproto.local x"])
        self.assertEqual(self.bob.says("@label=a PING x"), [f"{S} PONG chatproto.local x"])
        self.assertEqual(self.ada.says("PING x"), [f"{S} PONG chatproto.local x"])

    def test_nothing_to_say(self) -> None:
        """What needs no answer is acknowledged."""
        self.assertEqual(self.ada.says("@label=a PONG x"), [f"@label=a {S} ACK"])
        self.assertEqual(self.bob.says("@label=a PONG x"), [])

    def test_errors(self) -> None:
        """They are answers."""
        self.assertEqual(self.ada.says("@label=a NOSUCH"), [f"@label=a {S} 421 ada NOSUCH :Unknown command"])
        self.assertEqual(self.ada.says("@label=a PRIVMSG tim x"), [f"@label=a {S} 401 ada tim :No such nick/channel"])

    def test_at_most_64_bytes(self) -> None:
        """A longer label is none, and so is an empty one; bytes count."""
        pong = f"{S} PONG chatproto.local x"
        self.assertEqual(self.ada.says(f"@label={'a' * 64} PING x"), [f"@label={'a' * 64} {pong}"])
        self.assertEqual(self.ada.says(f"@label={'a' * 65} PING x"), [pong])
        self.assertEqual(self.ada.says(f"@label={'é' * 32} PING x"), [f"@label={'é' * 32} {pong}"])
        self.assertEqual(self.ada.says(f"@label={'é' * 33} PING x"), [pong])
        self.assertEqual(self.ada.says("@label= PING x", "@label PING x"), [pong, pong])

    def test_escapes(self) -> None:
        """A label comes back as it was."""
        self.assertEqual(self.ada.says(r"@label=a\:b\s PING x"), [rf"@label=a\:b\s {S} PONG chatproto.local x"])

    def test_what_comes_behind(self) -> None:
        """What the client is told beside its response, and because of it, comes after what was in it before."""
        self.ada.says("MONITOR + eve,ada")
        mask = "!~ada@localhost"
        begin, *lines, end = self.ada.says("@label=a NICK eve")
        name = begin.rpartition(" +")[2].split()[0]
        self.assertEqual(begin, f"@label=a {S} BATCH +{name} labeled-response")
        self.assertEqual(lines, [f"@batch={name} :ada{mask} NICK eve", f"{S} 731 eve ada", f"{S} 730 eve eve{mask}"])
        self.assertEqual(end, f"{S} BATCH -{name}")

    def test_others_see_none(self) -> None:
        """What others see of it has no label."""
        tim = self.network.connect("tim", [*CAPS, "message-tags"])
        self.ada.send("@label=a PRIVMSG tim x")
        (line,) = tim.got()
        self.assertNotIn("label", line)
